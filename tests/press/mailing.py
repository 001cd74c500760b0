"""What tests of mail share: certificates, a key, a mail server in a process of its own, a channel to it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from presscheck.press.channels.dkim import DkimSigner
from presscheck.press.channels.smtp import Smtp
from presscheck.press.channels.smtp_client import MailServer
from presscheck.press.channels.smtp_hand_over import Manners

SEAL = b"s" * 32


def pem_of(key: Any) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def rsa_pem() -> bytes:
    return pem_of(rsa.generate_private_key(65537, 2048))


@cache
def ed25519_pem() -> bytes:
    return pem_of(ed25519.Ed25519PrivateKey.generate())


@dataclass(frozen=True)
class Papers:
    """A certificate for localhost and 127.0.0.1, and who signed it."""

    authority: Path
    certificate: Path
    key: Path


def make_papers(folder: Path, *, name: str = "localhost") -> Papers:
    """A fresh authority and a server's certificate that it signed."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    signing, serving = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    begun = x509.CertificateBuilder().issuer_name(who).not_valid_before(now - timedelta(days=1))
    begun = begun.not_valid_after(now + timedelta(days=1))
    authority = (
        begun.subject_name(who)
        .public_key(signing.public_key())
        .serial_number(1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(signing, SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    server = (
        begun.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(serving.public_key())
        .serial_number(2)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(signing, SHA256())
    )
    papers = Papers(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    papers.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    papers.certificate.write_bytes(server.public_bytes(Encoding.PEM))
    papers.key.write_bytes(pem_of(serving))
    return papers


@dataclass(frozen=True)
class Running:
    """A mail server that runs, and what it took."""

    port: int
    tls: str
    papers: Papers
    log: Path
    kept: Path

    def say(self, *answers: dict[str, Any]) -> None:
        """Let the server give these answers from now on (see smtp_server.py); none: it takes everything again."""
        path = self.log.with_name("answers.json")
        # A new file each time: by it the server sees that it counts anew.
        path.with_suffix(".new").write_text(json.dumps(answers))
        path.with_suffix(".new").replace(path)

    def taken(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def addresses(self) -> list[str]:
        return sorted(to for each in self.taken() for to in each["to"])

    def forget(self) -> None:
        """Begin the log anew, for the next test; the server appends to whatever there is."""
        self.log.write_bytes(b"")

    def server(self, **more: Any) -> MailServer:
        values: dict[str, Any] = {
            "host": "localhost",
            "port": self.port,
            "tls": self.tls,
            "ca_file": self.papers.authority,
            "timeout": 5.0,
            **more,
        }
        return MailServer(**values)


@contextmanager
def mail_server(
    folder: Path, *misbehave: str, tls: str = "starttls", papers: Papers | None = None, **options: Any
) -> Iterator[Running]:
    """The server of smtp_server.py as a process; ended at the end of the block."""
    papers = papers or make_papers(folder / "papers")
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    log = folder / "taken.jsonl"
    command = [sys.executable, str(Path(__file__).with_name("smtp_server.py")), "--tls", tls, "--log", str(log)]
    command += ["--certificate", str(papers.certificate), "--key", str(papers.key), "--keep", str(kept)]
    command += ["--answers", str(folder / "answers.json")]
    for kind in misbehave:
        command += ["--misbehave", kind]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Running(int(process.stdout.readline()), tls, papers, log, kept)
    finally:
        process.terminate()
        process.communicate(timeout=20)


class Serving(Protocol):
    """Any mail server that a channel may be made for."""

    def server(self, **more: Any) -> MailServer: ...


def channel(running: Serving, folder: Path, *, server: MailServer | None = None, **more: Any) -> Smtp:
    """A channel to that server, with a key of its own and little patience."""
    signer = DkimSigner.of(SecretStr(ed25519_pem().decode()), domain="brand.example", selector="press1")
    values: dict[str, Any] = {
        "manners": Manners(connections=4, attempts=3, first_wait=0.05),
        "signer": signer,
        **more,
    }
    return Smtp(server or running.server(), folder, SEAL, **values)

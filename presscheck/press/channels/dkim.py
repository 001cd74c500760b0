"""DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, the same bytes for the same message.

    signer = DkimSigner.of(pem, domain="brand.example", selector="press1")
    signed = signer.sign(message)           a DKIM-Signature line before the message

Written on `cryptography`, because dkimpy's RSA in Python takes 25 times as long and keeps the
other connections waiting; dkimpy verifies what is made here in the tests.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from presscheck.errors import SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey = RSAPrivateKey | Ed25519PrivateKey

SIGNED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
"""The headers that are signed where they are there."""

# Named once more than they occur, so that nobody can add a second one to a signed message (RFC 6376, 5.4.2).
_ONLY_ONCE = ("from", "to", "subject", "date", "message-id", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
_SPACES = re.compile(rb"[ \t]+")
_FOLDED = re.compile(rb"\r\n(?=[ \t])")
_WEAKEST_RSA = 1024


def aligned(signing: str, sender: str) -> bool:
    """Whether a signature of domain `signing` speaks for mail from `sender` (DMARC's relaxed alignment).

    The same domain, or one below the other. Gmail and Yahoo ask it of whoever sends in bulk.
    """
    one, other = signing.lower().rstrip("."), sender.lower().rstrip(".")
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


@dataclass(frozen=True)
class DkimSigner:
    """A domain's signature."""

    domain: str
    selector: str
    algorithm: str
    _key: "PrivateKey" = field(repr=False)

    @classmethod
    def of(cls, pem: SecretStr, *, domain: str, selector: str) -> "DkimSigner":
        """A signer with the private key of `pem`; SettingsError for a key that is none or too weak."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem.get_secret_value().encode("utf-8"), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # Nothing of the text is repeated: it may be a key after all.
            raise SettingsError("secret dkim: not a private key in PEM without a password; make one anew") from None
        if isinstance(key, RSAPrivateKey):
            if key.key_size < _WEAKEST_RSA:
                raise SettingsError(f"secret dkim: {key.key_size} bits are too few; receivers want 2048")
            return cls(domain, selector, "rsa-sha256", key)
        if isinstance(key, Ed25519PrivateKey):
            return cls(domain, selector, "ed25519-sha256", key)
        raise SettingsError("secret dkim: neither an RSA nor an Ed25519 key, and DKIM knows no other")

    def sign(self, message: bytes) -> bytes:
        """The message with its signature before it."""
        head, _, body = message.partition(b"\r\n\r\n")
        headers = _headers(head)
        names = [name for name, _ in headers if name in SIGNED]
        listed = [*names, *_ONLY_ONCE]
        hashed = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
        folded = ":\r\n ".join(":".join(listed[at : at + 5]) for at in range(0, len(listed), 5))
        unsigned = (
            f"DKIM-Signature: v=1; a={self.algorithm}; c=relaxed/relaxed;\r\n d={self.domain}; s={self.selector};\r\n"
            f" h={folded};\r\n bh={hashed};\r\n b="
        ).encode("ascii")
        # Where a name occurs more than once, the lowest is named first (RFC 6376, 5.4.2).
        below = list(reversed(headers))
        chosen: list[bytes] = []
        for name in listed:
            at = next((at for at, (found, _) in enumerate(below) if found == name), None)
            if at is not None:
                found, value = below.pop(at)
                chosen.append(found.encode() + b":" + value + b"\r\n")
        own = _relaxed_value(unsigned.partition(b":")[2])
        signature = base64.b64encode(self._sign(b"".join(chosen) + b"dkim-signature:" + own)).decode()
        lines = "\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return unsigned + lines.encode("ascii") + b"\r\n" + message

    def record(self) -> str:
        """The public key as it is published at `<selector>._domainkey.<domain>`, TXT."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = self._key.public_key()
        if isinstance(self._key, RSAPrivateKey):
            kind, raw = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind, raw = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"

    def _sign(self, told: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(told, PKCS1v15(), SHA256())
        # RFC 8463: Ed25519 signs the hash, not the text.
        return self._key.sign(hashlib.sha256(told).digest())


def _headers(head: bytes) -> list[tuple[str, bytes]]:
    """Names in lower case and values in relaxed form, in order."""
    found: list[tuple[str, bytes]] = []
    for line in _FOLDED.sub(b"", head).split(b"\r\n"):
        name, _, value = line.partition(b":")
        found.append((name.strip().lower().decode("ascii", "replace"), _relaxed_value(value)))
    return found


def _relaxed_value(value: bytes) -> bytes:
    return _SPACES.sub(b" ", _FOLDED.sub(b"", value)).strip(b" \t\r\n")


def _relaxed_body(body: bytes) -> bytes:
    lines = [_SPACES.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)

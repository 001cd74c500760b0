"""A real mail server for tests: it writes down what it takes, on the disk before it says so.

    python tests/press/smtp_server.py --tls starttls --certificate C --key K --log FILE [--port 0]
        [--keep FOLDER] [--user U --password P] [--latency MS] [--misbehave KIND[=WHOM]]... [--answers FILE]
        [--size BYTES] [--rate MESSAGES/SECONDS]

Prints its port. What a misbehaviour is for: `smtp_server.py --help`. FILE is read before each answer, and may change
while the server runs: a JSON list of {"at": "greet|mail|rcpt|data|dot|drop", "say": "450 4.7.1 no",
"to": "x@example.com", "times": 1}; without `to` it is for everybody, without `times` (for each recipient) for ever.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import ssl
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

KINDS = {
    "put-off": "451 for this recipient, always",
    "put-off-once": "451 for this recipient the first time",
    "refuse": "550 for this recipient",
    "refuse-sender": "550 at MAIL FROM",
    "drop-in-data": "close in the middle of this recipient's message",
    "drop-after-dot": "take this recipient's message and close without a word",
    "lose-after-dot": "close after the dot and take nothing",
    "hang-after-dot": "take the message and never answer",
    "end-after": "421 after so many messages on a connection",
    "no-tls": "offer no STARTTLS",
    "inject": "send more than the answer to STARTTLS",
    "endless": "greet without an end",
    "silent": "accept and say nothing",
}


class Taken:
    """The log: one JSON line a message, on the disk before the server says 250."""

    def __init__(self, log: Path, keep: Path | None) -> None:
        self.file = log.open("ab")
        self.keep = keep

    def take(self, envelope: Envelope) -> None:
        content = bytes(envelope.content or b"")
        found = re.search(rb"^Message-ID: *(<[^>\r\n]*>)", content, re.MULTILINE | re.IGNORECASE)
        line = {
            "at": datetime.now(UTC).isoformat(),
            "status": "taken",
            "message_id": found[1].decode() if found else "",
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        if self.keep is not None:
            (self.keep / f"{hashlib.sha256(line['message_id'].encode()).hexdigest()[:16]}.eml").write_bytes(content)


class Handler:
    """Takes everything, except as it is told to misbehave."""

    def __init__(self, taken: Taken, misbehave: dict[str, str], latency: float) -> None:
        self.taken = taken
        self.misbehave = misbehave
        self.latency = latency
        self.seen: Counter[str] = Counter()
        self.answers: Path | None = None
        self.said: Counter[tuple[str, str, str]] = Counter()
        self.told = (0, 0)
        self.rate = (0, 1.0)
        self.begun: list[float] = []

    def is_for(self, kind: str, address: str) -> bool:
        wanted = self.misbehave.get(kind)
        return wanted is not None and wanted in ("", address)

    def answer(self, at: str, address: str = "") -> str | None:
        """What the file of answers says here, if anything; what is not said so often any more is passed over."""
        if self.answers is None or not self.answers.exists():
            return None
        stat = self.answers.stat()
        written = (stat.st_ino, stat.st_mtime_ns)
        if written != self.told:
            self.told, self.said = written, Counter()
        for each in json.loads(self.answers.read_text()):
            place = (at, address, each["say"])
            often = not each.get("times") or self.said[place] < each["times"]
            if each["at"] == at and each.get("to", address) == address and often:
                self.said[place] += 1
                return str(each["say"]).format(address=address)
        return None

    def too_fast(self) -> bool:
        """As Postfix's anvil counts: so many in each window, and nothing more until it is over."""
        most, seconds = self.rate
        now = time.monotonic()
        self.begun = [each for each in self.begun if each // seconds == now // seconds]
        if most and len(self.begun) >= most:
            return True
        self.begun.append(now)
        return False

    async def handle_MAIL(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        await asyncio.sleep(self.latency)
        if "end-after" in self.misbehave and getattr(session, "messages", 0) >= int(self.misbehave["end-after"]):
            server.transport.write(b"421 4.7.0 enough for one connection\r\n")
            server.transport.close()
            return "421 4.7.0 enough for one connection"
        if said := self.answer("mail"):
            return said
        if self.too_fast():
            return "450 4.7.1 Error: too much mail from 127.0.0.1"
        if "refuse-sender" in self.misbehave:
            return f"550 5.7.1 {address} may not send here"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        await asyncio.sleep(self.latency)
        self.seen[address] += 1
        if said := self.answer("rcpt", address):
            return said
        if self.is_for("refuse", address):
            return f"550 5.1.1 <{address}>: Recipient address rejected: no such user, see https://mail.example/?u={address}"
        if self.is_for("put-off", address) or (self.is_for("put-off-once", address) and self.seen[address] == 1):
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.latency)
        to = envelope.rcpt_tos[0]
        if said := self.answer("dot", to):
            return said
        if self.answer("drop", to) is not None:
            self.taken.take(envelope)
            server.transport.abort()
            return "451 gone"
        if self.is_for("lose-after-dot", to):
            server.transport.abort()
            return "451 lost"
        self.taken.take(envelope)
        session.messages = getattr(session, "messages", 0) + 1  # type: ignore[attr-defined]
        if self.is_for("drop-after-dot", to):
            server.transport.abort()
        if self.is_for("hang-after-dot", to):
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"


class Server(SMTP):
    """aiosmtpd's server, with misbehaviours that no handler can have."""

    def __init__(self, handler: Handler, **options: Any) -> None:
        super().__init__(handler, hostname="localhost", ident="test", **options)
        self.handler = handler

    def connection_made(self, transport: Any) -> None:
        if "endless" in self.handler.misbehave:
            transport.write(b"220-and so on\r\n" * 100_000)
        if said := self.handler.answer("greet"):
            transport.write(f"{said}\r\n".encode())
            self.transport = transport
            transport.close()
            return
        if "silent" in self.handler.misbehave or "endless" in self.handler.misbehave:
            self.transport = transport
            return
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        to = self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else ""
        if to and (said := self.handler.answer("data", to)):
            await self.push(said)
            return
        if to and self.handler.is_for("drop-in-data", to):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if "inject" in self.handler.misbehave:
            self.transport.write(b"220 go on\r\n250 injected before TLS\r\n")
            return
        await super().smtp_STARTTLS(arg)


async def serve(given: argparse.Namespace) -> None:
    misbehave = {each.partition("=")[0]: each.partition("=")[2] for each in given.misbehave}
    unknown = set(misbehave) - set(KINDS)
    if unknown:
        sys.exit(f"no such misbehaviour: {unknown}")
    handler = Handler(Taken(given.log, given.keep), misbehave, given.latency / 1000)
    handler.answers = given.answers
    if given.rate:
        most, _, seconds = given.rate.partition("/")
        handler.rate = (int(most), float(seconds))
    context = None
    if given.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate, given.key)

    def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = (data.login.decode(), data.password.decode()) == (given.user, given.password)
        return AuthResult(success=right, handled=False)

    def make() -> Server:
        over_starttls = given.tls == "starttls" and "no-tls" not in misbehave
        return Server(
            handler,
            tls_context=context if over_starttls else None,
            require_starttls=over_starttls,
            authenticator=sign_in if given.user else None,
            auth_required=bool(given.user),
            auth_require_tls=given.tls == "starttls",
            data_size_limit=given.size,
        )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        make, "127.0.0.1", given.port, ssl=context if given.tls == "implicit" else None, backlog=200
    )
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


def main() -> None:
    told = "; ".join(f"{name}: {what}" for name, what in KINDS.items())
    arguments = argparse.ArgumentParser(description=__doc__, epilog=told)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--tls", choices=["starttls", "implicit", "none"], default="starttls")
    arguments.add_argument("--certificate", type=Path)
    arguments.add_argument("--key", type=Path)
    arguments.add_argument("--log", type=Path, required=True)
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("--user", default="")
    arguments.add_argument("--password", default="")
    arguments.add_argument("--latency", type=float, default=0, help="milliseconds before each answer")
    arguments.add_argument("--answers", type=Path)
    arguments.add_argument("--size", type=int, default=33_554_432, help="the largest message, announced as SIZE")
    arguments.add_argument("--rate", default="", help="MESSAGES/SECONDS")
    arguments.add_argument("--misbehave", action="append", default=[])
    asyncio.run(serve(arguments.parse_args()))


if __name__ == "__main__":
    main()

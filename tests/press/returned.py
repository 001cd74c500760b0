"""Mails that come back, written as real servers write them: a DSN (RFC 3464), a feedback report (RFC 5965)."""

from pathlib import Path

from presscheck.addresses import address_hash
from presscheck.recipients.leaving import Leaving
from presscheck.unsubscribe_links import LEAVE_HERE
from tests.desk.scene import Scene


class Answers:
    """What comes back of one delivery, with the proofs that the press put into its messages."""

    def __init__(self, scene: Scene, delivery: str) -> None:
        signer = scene.ledgers.press.signer
        assert signer is not None
        self.delivery = delivery
        self.leaving = Leaving(signer, LEAVE_HERE)

    def tag(self, number: int) -> str:
        return self.leaving.return_tag(self.delivery, number)

    def token(self, number: int) -> str:
        return self.leaving.token(self.delivery, address_hash(f"person{number}@example.com"))

    def bounce(self, number: int, status: str = "5.1.1", action: str = "failed") -> bytes:
        """A bounce to the return address, that gives nothing of the message back."""
        return dsn(to=f"bounce+{self.tag(number)}@brand.example", status=status, action=action)

    def returned(self, number: int, status: str = "5.1.1") -> bytes:
        """A bounce without a tag, that gives the message's headers back."""
        return dsn(to="postmaster@brand.example", status=status, original=original(self.token(number)))

    def complaint(self, number: int, kind: str = "abuse") -> bytes:
        return arf(original(self.token(number)), kind=kind)


def original(token: str) -> str:
    return (
        "From: Brand <news@brand.example>\r\nTo: somebody@example.com\r\nSubject: A jacket\r\n"
        f"List-Unsubscribe: <https://brand.example/unsubscribe/{token}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )


def dsn(*, to: str, status: str, action: str = "failed", original: str = "Subject: none\r\n") -> bytes:
    return (
        f"Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.example.com\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="A1B2.3/mx.example.com"\r\n\r\n'
        "This is a MIME-encapsulated message.\r\n\r\n"
        "--A1B2.3/mx.example.com\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\r\n"
        "--A1B2.3/mx.example.com\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.com\r\nArrival-Date: Mon, 2 Mar 2026 09:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; somebody@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\r\n\r\n"
        f"--A1B2.3/mx.example.com\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n"
        "--A1B2.3/mx.example.com--\r\n"
    ).encode()


def arf(original: str, *, kind: str = "abuse") -> bytes:
    return (
        "From: feedback@isp.example\r\nTo: fbl@brand.example\r\nSubject: FW: A jacket\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=part\r\n\r\n"
        "--part\r\nContent-Type: text/plain\r\n\r\nThis is an e-mail abuse report.\r\n\r\n"
        "--part\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: SomeISP/1.0\r\nVersion: 1\r\n\r\n"
        f"--part\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\nHello,\r\n\r\n--part--\r\n"
    ).encode()


def maildir(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def arrive(folder: Path, name: str, raw: bytes) -> None:
    """As a delivery agent does it: written beside, then named."""
    (folder / "tmp" / name).write_bytes(raw)
    (folder / "tmp" / name).rename(folder / "new" / name)

"""How fast mail goes out: our pool, one connection of ours, and plain smtplib on one connection, in one run.

    python benchmarks/smtp.py [--messages 1000] [--connections 8] [--latency 5] [--tls starttls]

The server is the one of the tests, a process of its own on loopback that brings each message to the
disk before it takes it; `--latency` is what it waits before each of MAIL, RCPT and the final answer, in
milliseconds, as a server on the network would. Ours signs with DKIM (RSA, 2048 bits) and keeps its
journal on the disk; smtplib does neither.
"""

import argparse
import smtplib
import ssl
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydantic import SecretStr

from presscheck.digests import digest_of
from presscheck.press.channels import Message, Sent
from presscheck.press.channels.dkim import DkimSigner
from presscheck.press.channels.smtp import return_address
from presscheck.press.channels.smtp_hand_over import Manners
from tests.desk.scene import BRIEF, draft
from tests.press.mailing import Running, channel, mail_server, rsa_pem

DELIVERY = "D-0123456789ab"


def letters(name: str, count: int) -> list[Message]:
    """E-mails as the shipped renderer makes them, some 3 KB each."""
    made: list[Message] = []
    body = draft(0).body.replace("\n", "\r\n")
    for number in range(count):
        key, to = digest_of([name, number]), f"{name}{number}@example.com"
        head = (
            f"To: {to}\r\nMessage-ID: <{key}@brand.example>\r\nFrom: Brand <{BRIEF.sender.address}>\r\n"
            "Subject: A jacket\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain\r\n\r\n"
        )
        made.append(Message(key, to, (head + (body + "\r\n") * 12).encode()))
    return made


def ours(running: Running, folder: Path, batch: list[Message], connections: int) -> None:
    signer = DkimSigner.of(SecretStr(rsa_pem().decode()), domain="brand.example", selector="press1")
    smtp = channel(running, folder, signer=signer, manners=Manners(connections=connections, attempts=1))
    for at in range(0, len(batch), 500):
        part = batch[at : at + 500]
        smtp.prepare(DELIVERY, [one.key for one in part])
        answers = smtp.send(DELIVERY, part)
        assert all(isinstance(answer, Sent) for answer in answers)
    smtp.hang_up()


def plain(running: Running, batch: list[Message]) -> None:
    context = ssl.create_default_context(cafile=str(running.papers.authority))
    if running.tls == "implicit":
        client: smtplib.SMTP = smtplib.SMTP_SSL("localhost", running.port, context=context)
    else:
        client = smtplib.SMTP("localhost", running.port)
        if running.tls == "starttls":
            client.starttls(context=context)
    with client:
        for one in batch:
            client.sendmail(return_address(one, "brand.example"), [one.address], one.content)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--messages", type=int, default=1000)
    arguments.add_argument("--connections", type=int, default=8)
    arguments.add_argument("--latency", type=float, default=5)
    arguments.add_argument("--tls", choices=["starttls", "implicit", "none"], default="starttls")
    given = arguments.parse_args()
    rsa_pem()
    with tempfile.TemporaryDirectory(prefix="presscheck-bench-") as name:
        folder = Path(name)
        with mail_server(folder, tls=given.tls, latency=given.latency) as running:
            ways: dict[str, Callable[[list[Message]], None]] = {
                "plain smtplib, 1 connection": lambda batch: plain(running, batch),
                "ours, 1 connection": lambda batch: ours(running, folder / "one", batch, 1),
                f"ours, {given.connections} connections": lambda batch: ours(
                    running, folder / "pool", batch, given.connections
                ),
            }
            rates: dict[str, float] = {}
            for at, (what, send) in enumerate(ways.items()):
                batch = letters(f"w{at}n", given.messages)
                start = time.perf_counter()
                send(batch)
                rates[what] = given.messages / (time.perf_counter() - start)
            taken = running.addresses()
    assert len(taken) == len(set(taken)) == 3 * given.messages, "a message was lost or sent twice"
    first, one, pool = rates.values()
    for what, rate in rates.items():
        print(f"{what:32} {rate:8,.0f} messages a second")
    print(
        f"{given.messages:,} messages each, {given.tls}, {given.latency:g} ms: pool to one connection "
        f"{pool / one:.1f}, pool to plain smtplib {pool / first:.1f}, one connection to plain smtplib {one / first:.2f}"
    )


if __name__ == "__main__":
    main()

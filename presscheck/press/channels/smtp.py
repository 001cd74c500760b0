"""Mail by SMTP over several connections: encrypted, signed, patient with 4xx, and never twice.

    smtp = open_smtp(settings)       presscheck.press.channels.smtp_opening

Before a hand-over `prepare` writes a journal, whose id the press signs into the ledger; afterwards
`recall` says of each message whether it was sent, certainly not sent, or unknown. Each message has a
return address of its own, so that a bounce names it.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from presscheck.errors import ChannelError
from presscheck.models import Outgoing
from presscheck.press.channels import Answered, Fate, Message, Recalled, Report
from presscheck.press.channels.dkim import DkimSigner, aligned
from presscheck.press.channels.smtp_client import MailServer
from presscheck.press.channels.smtp_hand_over import HandOver, Lines, Manners
from presscheck.press.channels.smtp_journal import Journal, fate_in, forget
from presscheck.press.channels.smtp_line import Envelope, Line
from presscheck.press.channels.smtp_queue import Queue, Rates

_MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f]{64})@([A-Za-z0-9.\-]{1,253})>\r$", re.MULTILINE)


def return_address(message: Message, domain: str) -> str:
    """Where a message's bounces go: `bounce+TAG@domain`; only the press can make a tag that it believes."""
    return f"bounce+{message.return_tag or message.key[:32]}@{domain}"


class Smtp:
    """A way out through one mail server. `seal` guards the journals and never leaves this process."""

    def __init__(
        self,
        server: MailServer,
        folder: Path,
        seal: bytes,
        *,
        manners: Manners | None = None,
        signer: DkimSigner | None = None,
        signed_by_server: str = "",
        bounce_domain: str = "",
    ) -> None:
        self.server = server
        self.folder = folder
        self.manners = manners or Manners()
        self._seal = seal
        self._signer = signer
        self._signing_domain = signer.domain if signer else signed_by_server
        self._bounce_domain = bounce_domain
        self._stopping: Callable[[], bool] = lambda: False
        self._rates = Rates(self.manners.rates)
        self._lines = Lines(server)
        self._journals: dict[str, Journal] = {}
        self._lost: Counter[str] = Counter()

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Begin no message once this says true, also in the middle of a batch; the journal knows how far it came."""
        self._stopping = stopping

    def preflight(self, manifest: Outgoing) -> tuple[str, ...]:
        """What keeps this manifest from going out here, each a sentence; nothing where it may."""
        fault = self._unsigned(manifest.sender.address.rpartition("@")[2])
        return () if fault is None else (fault,)

    def prepare(self, delivery: str, keys: Sequence[str]) -> str:
        """Write a journal of what is about to be handed over; its id, which the ledger has to keep."""
        self._end(delivery)
        journal = self._journals[delivery] = Journal.make(self.folder, delivery, keys, self._seal)
        return journal.id

    def recall(self, delivery: str, keys: Sequence[str], journals: Sequence[str]) -> dict[str, Fate]:
        """What became of messages, by all the journals that the ledger names for them."""
        told = [fate_in(self.folder, delivery, id, keys, self._seal) for id in journals]
        return {key: _fate_of([each[key] for each in told]) for key in keys}

    def outcome(self, delivery: str, key: str) -> Fate:
        """Without the journals' ids nothing is known: a mail server cannot be asked."""
        return "unknown"

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Answered]:
        """Hand a batch over. ChannelError where the server is no help, NotNow where it refuses what is about us.

        What was begun stands in the journal then.
        """
        journal = self._journals.get(delivery)
        if journal is None or not all(journal.fresh(message.key) for message in batch):
            raise ChannelError(f"{delivery}: a message to be sent is not fresh in the journal; nothing was sent")
        queue = Queue([(message, self._envelope(message)) for message in batch], self._rates, self._stopping)
        try:
            return HandOver(
                queue, journal, self._lines, self.manners, self._signed, self._lost, stopping=self._stopping
            ).run()
        finally:
            self._end(delivery)
            if delivery.startswith("T-"):
                # Nobody asks after a test, what the ledger says of it is all that is known; and no batch follows.
                forget(self.folder, delivery)
                self.hang_up()

    def close(self, report: Report) -> str:
        """The delivery is over: its journals have served, and nobody needs the connections."""
        self._end(report.delivery)
        forget(self.folder, report.delivery)
        self._lost.clear()
        self.hang_up()
        return ""

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Nothing: what a mail server took is on its way to other people's machines."""
        return Recalled((), tuple(keys), "e-mail cannot be taken back")

    def greet(self, *, seconds: float) -> str:
        """Connect, encrypt, sign in and take leave: how that went. ChannelError where it does not; nothing is sent."""
        with Line.open(replace(self.server, timeout=min(seconds, self.server.timeout))) as line:
            return f"{self.server.place} answers, {line.secured_by}" + (", signed in" if self.server.user else "")

    def hang_up(self) -> None:
        """Close the connections that are open and idle."""
        self._lines.close()

    def _envelope(self, message: Message) -> Envelope:
        """The message as it goes out; ChannelError for one that is not ours or not aligned."""
        head = message.content.partition(b"\r\n\r\n")[0]
        found = _MESSAGE_ID.search(head + b"\r\n")
        if found is None or found[1].decode() != message.key:
            raise ChannelError("a message to be sent lacks the Message-ID of its key; nothing was sent")
        domain = found[2].decode()
        if self._signer is not None and (fault := self._unsigned(domain)):
            raise ChannelError(f"{fault} Nothing was sent.")
        return Envelope(return_address(message, self._bounce_domain or domain), message.address, message.content)

    def _signed(self, content: bytes) -> bytes:
        return content if self._signer is None else self._signer.sign(content)

    def _unsigned(self, sender: str) -> str | None:
        if not self._signing_domain:
            return "DKIM is not configured: set [mail] dkim_domain and dkim_selector, and the secret dkim."
        if aligned(self._signing_domain, sender):
            return None
        return (
            f"DKIM signs as {self._signing_domain} and the sender is at {sender}: receivers would not take the one for "
            "the other (DMARC). Set [mail] dkim_domain to the sender's domain, or send from an address of that one."
        )

    def _end(self, delivery: str) -> None:
        journal = self._journals.pop(delivery, None)
        if journal is not None:
            journal.close()


def _fate_of(told: list[Fate]) -> Fate:
    """Taken once is taken; not sent only where every journal says so."""
    if "sent" in told:
        return "sent"
    return "not-sent" if told and all(each == "not-sent" for each in told) else "unknown"

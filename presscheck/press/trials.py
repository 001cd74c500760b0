"""Test sends: the press mails one draft to one enrolled address, or to a seed group, and says so in the chain.

    trials = Trials(ledger, desk, channels, home, leave=..., seeds=...)
    trials.look()                 carries out what was ordered, at most once each

`test:begun` stands in the chain before anything is handed over, with digests of the addresses; an order that was begun
and not ended when the press starts was interrupted, and is never tried again. Its links to leave carry a token that
nobody signed, its return address a tag that nobody made: what comes back of it suppresses nobody and counts nowhere.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from presscheck.addresses import sendable_address
from presscheck.assets.copy.letters import Letter
from presscheck.assets.pictures.files import pictures_folder
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.desk import Desk
from presscheck.desk.trials import OWN, Content, Trial, trial_content, trials_to_do
from presscheck.digests import digest_of
from presscheck.errors import ChannelError, LedgerForged, LedgerGone, NotAsSigned, PictureChanged
from presscheck.ledger import ChainMark, EventKind, Ledger, Reader, Writer
from presscheck.models import Refused
from presscheck.people.rights import email_digest, person_email
from presscheck.press.channels import Answered, Channel, Failed, Journaling, Message, PutOff, Sent, Stoppable
from presscheck.press.records import missing_head
from presscheck.unsubscribe_links import INERT_TOKEN, WayToLeave

_log = logging.getLogger(__name__)


class Trials:
    """Carries out the orders for tests, one after the other."""

    def __init__(
        self,
        ledger: Ledger,
        desk: Desk,
        channels: Mapping[str, Channel],
        home: Path,
        *,
        leave: WayToLeave,
        seeds: Mapping[str, Sequence[str]],
        alone: Callable[[Reader], None] = lambda tx: None,
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._channels = channels
        self._pictures = pictures_folder(home)
        self._leave = leave
        self._seeds = seeds
        self._alone = alone
        self._mark = ChainMark()
        self._after = 0

    def look(self) -> int:
        """Carry out what was ordered; how many orders that were."""
        with self._ledger.read() as tx:
            orders = trials_to_do(tx, after=self._after)
            if not orders:
                return 0
            # A long ledger is followed here, where nobody has to wait.
            mark, fault = tx.follow(self._mark)
            self._mark = mark if fault is None else self._mark
        for order in orders:
            self._carry_out(order)
            self._after = order.seq
        return len(orders)

    def _carry_out(self, order: Trial) -> None:
        with self._ledger.write() as tx:
            self._alone(tx)
            made = self._made(tx, order)
            if isinstance(made, Refused):
                return self._end(tx, order, EventKind.TEST_REFUSED, code=made.code)
            channel, messages = made
            to = [email_digest(message.address) for message in messages]
            tx.append(EventKind.TEST_BEGUN, order.id, {**_body(order), "to": to}, run=order.run)
        sent, code = self._send(channel, order, messages)
        with self._ledger.write() as tx:
            kind = EventKind.TEST_SENT if sent else EventKind.TEST_REFUSED
            self._end(tx, order, kind, code=code, taken=sent, to=to)
        _log.info("test %s: %d of %d taken%s", order.id, sent, len(to), f" ({code})" if code else "")

    def _made(self, tx: Writer, order: Trial) -> tuple[Channel, list[Message]] | Refused:
        """The messages, and the way they go; why there are none."""
        if tx.events(EventKind.TEST_BEGUN, subject=order.id):
            return _refused("unknown")
        mark, fault = tx.follow(self._mark)
        if fault is not None or missing_head(tx) is not None:
            return _refused("ledger-unsound")
        self._mark = mark
        try:
            content = trial_content(tx, self._desk.policies, order)
        except (LedgerForged, LedgerGone):
            # One question that was tampered with keeps nothing else from going out.
            return _refused("forged")
        if isinstance(content, Refused):
            return content
        channel = self._channels.get(content.via)
        if channel is None:
            return _refused("no-such-way-out")
        own = person_email(tx, order.person)
        addresses = self._seeds.get(order.to, ()) if order.to != OWN else () if own is None else (own,)
        if not addresses or not all(map(sendable_address, addresses)):
            return _refused("no-address")
        try:
            letter = self._letter(content, tx)
            return channel, [_message(order, letter, address) for address in addresses]
        except PictureChanged:
            return _refused("picture-changed")
        except (NotAsSigned, ValueError):
            return _refused("not-as-signed")

    def _letter(self, content: Content, tx: Reader) -> Letter:
        situation, image = content.situation, content.copy.image
        shown = None if image is None else ShownPicture.read(self._pictures, situation.pictures[image])
        return Letter.of(
            content.copy,
            situation.brief,
            sender=content.sender,
            at=tx.now,
            product=situation.product,
            leave=self._leave,
            shown=shown,
        )

    def _send(self, channel: Channel, order: Trial, messages: list[Message]) -> tuple[int, str]:
        """How many the channel took, one after the other, and why not the others; nothing of it is tried again."""
        sent, code = 0, ""
        if isinstance(channel, Stoppable):
            # What stops a delivery is no business of a test, which is short.
            channel.stop_when(lambda: False)
        for message in messages:
            try:
                if isinstance(channel, Journaling):
                    channel.prepare(order.id, [message.key])
                answers = channel.send(order.id, [message])
            except ChannelError as error:
                # The words are the channel's own about itself: no address stands in them.
                _log.warning("test %s was not sent: %s", order.id, error)
                return sent, "way-out"
            sent += sum(isinstance(answer, Sent) for answer in answers)
            code = next((_code(answer) for answer in answers if not isinstance(answer, Sent)), code)
        return sent, code

    def _end(self, tx: Writer, order: Trial, kind: EventKind, **more: object) -> None:
        tx.append(
            kind, order.id, {**_body(order), **{name: value for name, value in more.items() if value}}, run=order.run
        )


def _body(order: Trial) -> dict[str, object]:
    return {
        "requested": order.seq,
        "review": order.review,
        "draft": order.code,
        "asset": order.asset,
        "person": order.person,
    }


def _message(order: Trial, letter: Letter, address: str) -> Message:
    key = digest_of(["presscheck-test", order.id, address])
    return Message(key, address, letter.to(address, key=key, token=INERT_TOKEN))


def _code(answer: Answered) -> str:
    return "put-off" if isinstance(answer, PutOff) else "refused" if isinstance(answer, Failed) else "unknown"


def _refused(code: str) -> Refused:
    return Refused(code=code, reason=code)

"""Messages that a server put off: a queue of their own, that outlives the batch and the press.

    put_off = PutOff()
    put_off.follow(tx, delivery)             # whom it holds, by signed events; rows only say when
    begin_round(tx, ...); ...; end_round(tx, ...)

A batch's event names who was put off in it (`put_off_at`). A round of further tries is signed before it begins
(`retry:begun`, with its journal) and when it is over (`retry:ended`, with what became of whom). There is never more
than one open: whoever comes after a kill closes it first, by the channel's word, and what that cannot say is unknown
and never sent again. A row that says "put-off" of a message that was sent is therefore not believed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from presscheck.digests import merkle_root
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import messages_at, messages_due, set_messages
from presscheck.press.channels import Channel, Fate, Journaling
from presscheck.press.records import Request

ENDS = ("sent", "failed", "given_up", "suppressed", "unknown")
"""What can become of a message in a round; given up counts as failed."""


@dataclass
class PutOffs:
    """Who is put off, and since when."""

    since: dict[int, datetime] = field(default_factory=dict[int, datetime])
    seen: int = 0
    """The last event that was looked at: a long delivery has thousands of batches."""

    def follow(self, tx: Reader, delivery: str) -> None:
        """Read on from what was seen."""
        kinds = (EventKind.BATCH_SENT, EventKind.RETRY_ENDED, EventKind.DELIVERY_REOPENED)
        for event in tx.events(*kinds, subject=delivery, after=self.seen):
            self.seen = event.seq
            at = datetime.fromisoformat(event.at)
            data = event.data
            self.since |= dict.fromkeys(map(int, data.get("put_off_at", ())), at)
            for end in ENDS:
                for position in data.get(f"{end}_at", ()):
                    self.since.pop(int(position), None)

    def due(self, tx: Reader, delivery: str, now: datetime, most: int) -> "Round":
        """Whose time has come; the rows say when, and never who."""
        positions, later = messages_due(tx, delivery, "put-off", now, limit=most)
        stray = next((position for position in positions if position not in self.since), None)
        moment = None if later is None else _moment(later)
        if stray is None and moment is None and (later is not None or self.since):
            # A moment that is none, or nobody in the queue of whom some never ended: somebody wrote into their rows.
            stray = min(self.since, default=0)
        return Round(positions, moment, stray)


@dataclass(frozen=True)
class Round:
    """Messages to be tried again, when the next one is due, and the position of a row that is not the press's own."""

    positions: Sequence[int]
    next_try: datetime | None = None
    stray: int | None = None


def begin_round(tx: Writer, request: Request, handed: Mapping[int, str], journal: str) -> None:
    """Sign that these positions, with these keys, are about to be tried again."""
    positions = sorted(handed)
    body = {"positions": positions, "journal": journal, "root": _root([handed[at] for at in positions])}
    set_messages(tx, request.delivery, positions, state="sending")
    tx.append(EventKind.RETRY_BEGUN, request.delivery, body, run=request.run)


def end_round(tx: Writer, request: Request, ended: Mapping[str, Collection[int]]) -> None:
    """Sign what became of whom; who is not named stays put off. `ended` is by the names of ENDS."""
    body = {f"{end}_at": sorted(ended.get(end, ())) for end in ENDS if ended.get(end)}
    tx.append(EventKind.RETRY_ENDED, request.delivery, body, run=request.run)


def close_round(tx: Writer, request: Request, channel: Channel | None) -> None:
    """Close a round that a kill or an error left open, by what the channel says. ChannelError where it must be asked
    and does not answer."""
    begun = _open_round(tx, request.delivery)
    if begun is None:
        return
    fates = _fates(tx, request.delivery, begun, channel)
    by_fate = {fate: [at for at, found in fates.items() if found == fate] for fate in ("sent", "not-sent", "unknown")}
    set_messages(tx, request.delivery, by_fate["sent"], state="sent")
    # They were due, and they still are.
    set_messages(tx, request.delivery, by_fate["not-sent"], state="put-off", next_try=tx.now)
    detail = "nobody can say whether it was taken when it was tried again"
    set_messages(tx, request.delivery, by_fate["unknown"], state="unknown", detail=detail)
    end_round(tx, request, {"sent": by_fate["sent"], "unknown": by_fate["unknown"]})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def _open_round(tx: Reader, delivery: str) -> Event | None:
    begun = tx.newest(EventKind.RETRY_BEGUN, subject=delivery)
    ended = tx.newest(EventKind.RETRY_ENDED, subject=delivery)
    return None if begun is None or (ended is not None and ended.seq > begun.seq) else begun


def _fates(tx: Reader, delivery: str, begun: Event, channel: Channel | None) -> dict[int, Fate]:
    positions: list[int] = [int(at) for at in begun.data["positions"]]
    keys = {int(row.position): str(row.key) for row in messages_at(tx, delivery, positions)}
    unknown: dict[int, Fate] = dict.fromkeys(positions, "unknown")
    if channel is None or sorted(keys) != positions or _root([keys[at] for at in positions]) != begun.data["root"]:
        # Without a channel, or with rows that carry other keys, nobody can say.
        return unknown
    if isinstance(channel, Journaling):
        told = channel.recall(delivery, list(keys.values()), [str(begun.data["journal"])])
        return {at: told.get(key, "unknown") for at, key in keys.items()}
    return {at: channel.outcome(delivery, key) for at, key in keys.items()}


def _root(keys: Sequence[str]) -> str:
    return merkle_root(key.encode() for key in keys)

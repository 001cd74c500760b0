"""What came back of messages: bounces and complaints, counted by the press's signed events.

One event for a delivery and a reading holds counts and a digest; the rows beside it keep a message
from being counted twice, and hold pseudonyms, never addresses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

from sqlalchemy import insert, select

from presscheck.digests import digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

__all__ = ["FeedbackCounts", "FeedbackKind", "add_feedback", "feedback_counts", "feedback_fault", "unsubscribed_from"]

FeedbackKind = Literal["hard", "soft", "complaint"]

_KINDS = (EventKind.MESSAGE_BOUNCED, EventKind.MESSAGE_COMPLAINED)


@dataclass(frozen=True)
class FeedbackCounts:
    """How many messages of a delivery came back, and how."""

    hard: int = 0
    soft: int = 0
    complaint: int = 0


def add_feedback(
    tx: Writer, delivery: str, kind: FeedbackKind, hashes: Iterable[str], *, run: str = ""
) -> frozenset[str]:
    """Record what came back to these addresses of one delivery; those that were not known before come back."""
    wanted = sorted(set(hashes))
    table = tables.feedback
    known: set[str] = set()
    for start in range(0, len(wanted), 5_000):
        query = select(table.c.address_hash).where(
            table.c.delivery == delivery,
            table.c.kind == kind,
            table.c.address_hash.in_(wanted[start : start + 5_000]),
        )
        known.update(tx.execute(query).scalars())
    fresh = [one for one in wanted if one not in known]
    if fresh:
        event_kind = EventKind.MESSAGE_COMPLAINED if kind == "complaint" else EventKind.MESSAGE_BOUNCED
        body = {"kind": kind, "count": len(fresh), "addresses": digest_of(fresh)}
        event = tx.append(event_kind, delivery, body, run=run)
        rows = [{"delivery": delivery, "address_hash": one, "kind": kind, "event": event.seq} for one in fresh]
        tx.execute(insert(table), rows)
    return frozenset(fresh)


def feedback_counts(tx: Reader, delivery: str) -> FeedbackCounts:
    """What the press signed, added up."""
    counts: dict[str, int] = {"hard": 0, "soft": 0, "complaint": 0}
    for event in tx.events(*_KINDS, subject=delivery):
        data = event.data
        counts[str(data["kind"])] += int(data["count"])
    return FeedbackCounts(**counts)


def unsubscribed_from(tx: Reader, delivery: str, *, run: str) -> int:
    """How many asked, by a link of this delivery, never to be written to again."""
    return sum(
        int(event.data["count"])
        for event in tx.events(EventKind.ADDRESS_SUPPRESSED, run=run)
        if (event.data.get("delivery"), event.data.get("reason")) == (delivery, "unsubscribed")
    )


def feedback_fault(tx: Reader) -> str | None:
    """The first place where the rows are not what was signed: one was taken out, altered or put in."""
    table = tables.feedback
    query = select(table.c.event, table.c.address_hash, table.c.delivery, table.c.kind).order_by(
        table.c.event, table.c.address_hash
    )
    stored = {event: list(rows) for event, rows in groupby(tx.execute(query), key=itemgetter(0))}
    for signed in tx.events(*_KINDS):
        rows = stored.pop(signed.seq, [])
        same = digest_of([row.address_hash for row in rows]) == signed.data.get("addresses")
        if not same or any((row.delivery, row.kind) != _named(signed) for row in rows):
            return f"feedback of event {signed.seq}: not the messages that were recorded"
    return f"feedback of event {min(stored)}: no such event was signed" if stored else None


def _named(event: Event) -> tuple[str, object]:
    return event.subject, event.data.get("kind")

"""What somebody answered, and what has become of it since: sent, held, waiting, recalled.

    done, earlier = answered_by(tx, person)       # newest first
    answered_by(tx, person, before=earlier)       # the next page; `earlier` is None where there is none

Only events that the door signed are read, and what became of a delivery is told by the press's own event where it has
ended; the counts of one that is under way come from its row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from presscheck.cleaning import clean_line, shorten
from presscheck.desk.endings import ending_of
from presscheck.desk.records import title_of
from presscheck.desk.stops import Stop, stops_over
from presscheck.documents.sentences import counted
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import delivery_id, find_delivery
from presscheck.ledger.deliveries import ending_of as delivery_ended
from presscheck.ledger.reviews import answers_of, decision_of, find_review
from presscheck.models import Review

_SAID = {
    EventKind.APPROVAL_GIVEN: "You approved",
    EventKind.DECISION_APPROVED: "You approved",
    EventKind.DECISION_WRITTEN: "You handed in a text",
    EventKind.DECISION_REJECTED: "You rejected",
    EventKind.DECISION_CHANGES: "You requested changes",
}


_UNDER_WAY = {
    "requested": "Handed to the press",
    "sending": "Being sent",
    "waiting": "Waits for its way out",
    "paused": "Paused",
}


@dataclass(frozen=True)
class Answered:
    """One answer of one person."""

    review: Review
    title: str
    said: str
    """What they answered: `You approved`."""
    at: datetime
    ended: str
    """How the question ended, in sentences; empty while others are still needed."""
    became: str
    """What the press made of it, in a sentence; empty where nothing goes out by it."""
    stops: tuple[Stop, ...]
    """What was paused, recalled or brought back of it."""


def answered_by(
    tx: Reader, person: str, *, most: int = 50, before: int | None = None
) -> tuple[list[Answered], int | None]:
    """A page of a person's answers, newest first, of each question the last, and before which event the next begins."""
    events = answers_of(tx, person, kinds=tuple(_SAID), most=most, before=before)
    return list(_answered(tx, events)), events[-1].seq if len(events) == most else None


def _answered(tx: Reader, events: list[Event]) -> Iterator[Answered]:
    told: set[str] = set()
    for event in events:
        review = find_review(tx, event.subject)
        if review is None or review.id in told:
            continue
        # Whose yes was the last one has given it and decided by it: that is one answer.
        told.add(review.id)
        decision = decision_of(tx, review.id)
        yield Answered(
            review=review,
            title=title_of(tx, review),
            said=_SAID[EventKind(event.kind)],
            at=datetime.fromisoformat(event.at),
            ended="" if decision is None else ending_of(tx, decision).told,
            became=became_of(tx, review),
            stops=stops_over(tx, review),
        )


def became_of(tx: Reader, review: Review) -> str:
    """What the press made of what was approved there, in a sentence; empty where nothing goes out by it."""
    row = find_delivery(tx, delivery_id(review.question.run, review.id))
    if row is None:
        return ""
    ended = delivery_ended(tx, row.id)
    if ended is None:
        # The row is the press's own word of a moment ago; that it ended is believed by the signed event alone.
        return f"{_UNDER_WAY.get(row.state, 'With the press')}, {_sent(row.sent)} so far."
    sent = _sent(ended.data.get("sent"))
    if ended.kind == EventKind.DELIVERY_HELD:
        return f"Held after {sent}: {shorten(clean_line(row.reason or ''), 300)}"
    return f"Delivered: {sent}."


def _sent(count: object) -> str:
    return f"{counted(count if isinstance(count, int) else 0, 'message')} sent"

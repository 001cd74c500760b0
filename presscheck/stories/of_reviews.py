"""The whole story of one review: asked, opened again, answered, edited, paused, delivered, recalled; in sentences.

    told = tell_review(tx, review, name_of)       # Happenings, oldest first
    asked_in_run(tx, review)                      # the questions of its run, each with how it ended: earlier and later

Who looked at it and when is on record for the figures, which name nobody, and is not told here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from presscheck.desk.endings import ending_of
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.deliveries import delivery_id
from presscheck.ledger.pausing import scopes_of
from presscheck.ledger.reviews import decision_of, reviews_of_run
from presscheck.ledger.versions import is_revert_of
from presscheck.models import Review
from presscheck.stories.histories import Happening, Names, happening

_PAUSING = (EventKind.CAMPAIGN_PAUSED, EventKind.CAMPAIGN_UNPAUSED)
_SINGLE = (EventKind.BATCH_BEGUN, EventKind.BATCH_SENT, EventKind.PERMIT_SPENT, EventKind.RETRY_BEGUN)
"""What happens once a batch: a million messages are ten thousand batches, and their sum is told at the end."""


@dataclass(frozen=True)
class Asked:
    """One question of a run, as a line beside the others."""

    review: Review
    ended: str
    """How it ended, a sentence; empty while it is open."""
    delivery: str
    """The delivery that was asked for by it; empty where none was."""


def tell_review(tx: Reader, review: Review, name_of: Names) -> list[Happening]:
    """All that happened to a review, oldest first."""
    events = {event.seq: event for event in _about(tx, review)}
    return [happening(tx, events[seq], name_of) for seq in sorted(events)]


def asked_in_run(tx: Reader, review: Review) -> list[Asked]:
    """Every question of the run that can be believed, in the order in which they were asked."""
    found: list[Asked] = []
    for one in reviews_of_run(tx, review.question.run):
        decision, delivery = decision_of(tx, one.id), delivery_id(one.question.run, one.id)
        requested = tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)
        found.append(
            Asked(one, "" if decision is None else ending_of(tx, decision).told, delivery if requested else "")
        )
    return sorted(found, key=lambda asked: asked.review.opened_at)


def _about(tx: Reader, review: Review) -> Iterator[Event]:
    run, digests = review.question.run, {proposal.asset for proposal in review.question.proposals}
    own = tx.events(subject=review.id)
    yield from (event for event in own if event.kind != EventKind.REVIEW_SEEN)
    asked_at = next((event.seq for event in own if event.kind == EventKind.REVIEW_OPENED), 0)
    yield from _checks(tx, review)
    edits = tx.events(EventKind.ASSET_EDITED, run=run)
    yield from (event for event in edits if event.data.get("parent") in digests and event.seq > asked_at)
    reverts = tx.events(EventKind.ASSET_REVERTED, after=asked_at)
    yield from (event for event in reverts if is_revert_of(event, digests))
    delivery = delivery_id(run, review.id)
    yield from (event for event in tx.events(subject=delivery) if event.kind not in _SINGLE)
    yield from _ended(tx.events(EventKind.CAMPAIGN_ENDED, subject=run))
    for scope in scopes_of(tx, delivery, run, review.question.campaign):
        yield from tx.events(*_PAUSING, subject=scope, after=asked_at)


def _checks(tx: Reader, review: Review) -> Iterable[Event]:
    subject = f"{review.question.run}/{review.question.round}"
    return tx.events(EventKind.ASSETS_CHECKED, subject=subject, run=review.question.run)


def _ended(events: list[Event]) -> list[Event]:
    # A run that goes again ends again; the last word of it is the one that holds.
    return events[-1:]

"""The column beside a proof: what waits for its reader, in the inbox's order, as far as a line can say without judging.

    queue = queue_of(desk, person, here=review_id)      # before a view of the ledger is opened: it takes its own

A line is where a question stands in the index and what was signed of it; whoever opens it gets the proof.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from presscheck.assets.reading import read_signable
from presscheck.desk import Desk
from presscheck.desk.records import title_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.held import held_of
from presscheck.ledger.reviews import find_review
from presscheck.recipients.audiences import audience_words

_MOST = 10


@dataclass(frozen=True)
class Queued:
    """One question that waits."""

    review: str
    title: str
    tier: str
    goes_to: str
    """Whom it reaches; empty where nothing goes out by it."""
    deadline: datetime
    first: str
    """The first words of what it asks about, by which several runs of one brief are told apart."""


@dataclass(frozen=True)
class Queue:
    """The first of those that wait."""

    lines: tuple[Queued, ...]
    total: int


def queue_of(desk: Desk, person: str, *, here: str) -> Queue | None:
    """What waits for this person; None where nothing does but the question that they have open."""
    with desk.ledger.read() as tx:
        held = held_of(tx, person)
    waiting = desk.open_questions.waiting(person, answered=held)
    if {one.review for one in waiting} <= {here}:
        return None
    with desk.ledger.read() as tx:
        lines = tuple(line for one in waiting[:_MOST] for line in _lines(tx, one.review, one.tier, one.deadline))
    return Queue(lines, len(waiting))


def _lines(tx: Reader, review_id: str, tier: str, deadline: datetime) -> Iterator[Queued]:
    try:
        review = find_review(tx, review_id)
        if review is None:
            return
        question = review.question
        first = read_signable(get_asset(tx, question.proposals[0].asset)).label({})
    except (LedgerForged, LedgerGone, ValidationError):
        # One that is not believed hides no other; the inbox says what is wrong with it.
        return
    goes_to = audience_words(question.channel, question.audience_rows) if question.channel else ""
    yield Queued(review_id, title_of(tx, review), tier, goes_to, deadline, first)

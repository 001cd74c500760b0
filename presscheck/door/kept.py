"""What a page tells of the answers that can still be taken back, and of those that did not count in the end."""

from dataclasses import dataclass

from presscheck.desk.holding import seconds_left
from presscheck.desk.records import find, title_of
from presscheck.ledger import Reader
from presscheck.ledger.held import HeldAnswer, answers_kept
from presscheck.models import Refused

_SAID = {
    "approved": "Approved",
    "rejected": "Rejected",
    "changes-requested": "Changes requested",
    "written": "Handed in",
}


@dataclass(frozen=True)
class KeptLine:
    """What is told of one answer that is held, or was refused when its time was over."""

    review: str
    title: str
    said: str
    """`Approved`."""
    left: int
    """Seconds in which it can be taken back."""
    refused: str
    """Why it did not count; empty where it is held."""


def kept_lines(tx: Reader, person: str, *, but: str = "") -> list[KeptLine]:
    """A line for each answer of this person that was refused, but of the question `but`, and for each that is held."""
    kept = answers_kept(tx, person)
    refused = [one for one in kept if one.state == "refused" and one.review != but]
    return [_line(tx, one) for one in (*refused, *(one for one in kept if one.state == "held"))]


def _line(tx: Reader, held: HeldAnswer) -> KeptLine:
    review = find(tx, held.review)
    return KeptLine(
        review=held.review,
        title=held.review if isinstance(review, Refused) else title_of(tx, review),
        said=_SAID.get(held.given.said, "Answered"),
        left=seconds_left(held, tx.now) if held.state == "held" else 0,
        refused=(held.reason or "its reason was erased") if held.state == "refused" else "",
    )

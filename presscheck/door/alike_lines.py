"""Alike questions beside the one that is answered: what differs, and which of those that were ticked are alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from presscheck.desk.alike import MOST, alike_to, not_alike
from presscheck.desk.beside import cell_of
from presscheck.desk.records import find
from presscheck.door.doorway import Doorway
from presscheck.ledger import Reader
from presscheck.models import Refused, Review
from presscheck.recipients.audiences import audience_words


@dataclass(frozen=True)
class AlikeLine:
    """One alike question, and in what it is another one."""

    review: str
    form: str
    """The key of its own form, with its own fingerprint: another answer is refused as stale."""
    goes_to: str
    cell: str
    audience: str
    opened_at: datetime


@dataclass(frozen=True)
class Also:
    """One question that somebody has ticked."""

    review: str
    form: str
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Its codes of the choices, by those of the question that is answered."""
    refused: str = ""
    """Why it was not answered; empty where it was."""


def alike_lines(tx: Reader, door: Doorway, review: Review, among: Sequence[str], person: str) -> tuple[AlikeLine, ...]:
    """A line for each question among those that the index found alike."""
    return tuple(_line(tx, door, one) for one in alike_to(tx, review, among, person=person))


def _line(tx: Reader, door: Doorway, review: Review) -> AlikeLine:
    question = review.question
    return AlikeLine(
        review=review.id,
        form=door.desk.form_key(tx, review),
        goes_to=audience_words(question.channel, question.audience_rows),
        cell=cell_of(tx, question),
        audience=question.audience or "",
        opened_at=review.opened_at,
    )


def sort_out(door: Doorway, review_id: str, person: str, ticked: Mapping[str, str]) -> list[Also]:
    """Those that were ticked, before anything is answered; what is not alike is refused, and that it was tried kept."""
    with door.ledger.read() as tx:
        review = find(tx, review_id)
        if isinstance(review, Refused):
            return []
        found = [_looked_at(tx, door, review, one, form, person) for one, form in [*ticked.items()][:MOST]]
    for other, also in found:
        if also.refused and other is not None:
            door.desk.turn_away(other, person=person, code="not-alike")
    return [also for _, also in found]


def _looked_at(
    tx: Reader, door: Doorway, review: Review, other_id: str, form: str, person: str
) -> tuple[Review | None, Also]:
    other = find(tx, other_id)
    if isinstance(other, Refused):
        return None, Also(other_id[:20], form, refused=other.reason)
    refused = not_alike(tx, door.desk.policies, review, other, wanted=door.desk.is_wanted(tx, other, person))
    theirs = {proposal.asset: proposal.code for proposal in other.question.proposals}
    codes = {one.code: theirs[one.asset] for one in review.question.proposals if one.asset in theirs}
    return other, Also(other.id, form, codes, "" if refused is None else refused.reason)

"""What a signed rule let out without a person, lot by lot, and how much of it anybody has looked at since.

    lots = lots_let_out(tx, since=tx.now - timedelta(days=90))     # the newest first
    lots[0].unseen                                                # reviews that nobody who decides has opened

A lot is a campaign, a channel and what wrote its texts: people sample within one, and judge the rest by it. A look
counts where somebody who may decide opened the proof; by whom is not told.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from presscheck.digests import digest_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset, read_ahead
from presscheck.ledger.chain import Event
from presscheck.ledger.reviews import find_review
from presscheck.models import Review
from presscheck.people.rights import DECIDING, rights_of

_MOST = 2_000
"""So many draws are read, the newest; whoever wants all of them reads the chain."""


@dataclass(frozen=True)
class LetOut:
    """One question that a rule answered."""

    review: Review
    at: datetime
    looks: int
    """How many people who may decide have opened it."""


@dataclass(frozen=True)
class Lot:
    """Alike questions: one campaign, channel and writer."""

    campaign: str
    channel: str
    made_by: str
    let_out: tuple[LetOut, ...]
    """Newest first."""
    drawn: int
    """How many of the lot were drawn for a person to answer."""

    @property
    def name(self) -> str:
        """What an address calls it."""
        return digest_of([self.campaign, self.channel, self.made_by])[:16]

    @property
    def unseen(self) -> tuple[LetOut, ...]:
        """What nobody has looked at."""
        return tuple(one for one in self.let_out if not one.looks)

    @property
    def reached(self) -> int:
        """How many messages the rule let out, where there are recipients."""
        return sum(one.review.question.audience_rows for one in self.let_out)


def lots_let_out(tx: Reader, *, since: datetime) -> list[Lot]:
    """The lots of which a rule let something out since then; those that nobody looked at at all come first."""
    drawn = tx.events_between(EventKind.SPOT_DRAWN, since, datetime.max.replace(tzinfo=UTC))[-_MOST:]
    found: dict[tuple[str, str, str], list[LetOut]] = defaultdict(list)
    asked: dict[tuple[str, str, str], int] = defaultdict(int)
    reviews = [(event, review) for event in reversed(drawn) if (review := _review(tx, event.subject)) is not None]
    read_ahead(tx, [review.question.proposals[0].asset for _, review in reviews if review.question.proposals])
    counts = _may_decide(tx)
    for event, review in reviews:
        lot = (review.question.campaign, review.question.channel or "", _made_by(tx, review))
        if event.data.get("person_looks", True):
            asked[lot] += 1
        else:
            found[lot].append(LetOut(review, datetime.fromisoformat(event.at), _looks(tx, review, counts)))
    lots = [Lot(*lot, tuple(let_out), asked[lot]) for lot, let_out in found.items()]
    return sorted(lots, key=lambda lot: len(lot.unseen) < len(lot.let_out))


def _review(tx: Reader, review_id: str) -> Review | None:
    try:
        return find_review(tx, review_id)
    except LedgerForged:
        # `history --verify` names it; what cannot be believed is not shown as something that a rule let out.
        return None


def _made_by(tx: Reader, review: Review) -> str:
    try:
        author = get_asset(tx, review.question.proposals[0].asset).author
    except (IndexError, LedgerForged, LedgerGone):
        return "something that cannot be read any more"
    parts = (author.provider, author.model, author.prompt_id, author.prompt_version)
    return " ".join(part for part in parts if part) or "a person"


def _looks(tx: Reader, review: Review, counts: Callable[[str], bool]) -> int:
    seen: list[Event] = tx.events(EventKind.REVIEW_SEEN, subject=review.id)
    return len({person for event in seen if counts(person := str(event.data["person"]))})


def _may_decide(tx: Reader) -> Callable[[str], bool]:
    @cache
    def may(person: str) -> bool:
        rights = rights_of(tx, person)
        return rights is not None and rights.active and not set(rights.roles).isdisjoint(DECIDING)

    return may

"""What waits: open reviews, a page at a time, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

from pydantic import ValidationError

from presscheck.assets.signable import how_many
from presscheck.cleaning import clean_line
from presscheck.desk import Desk
from presscheck.desk.beside import cell_of
from presscheck.desk.forms import asked_about
from presscheck.desk.open_questions import Filter, risk_order
from presscheck.desk.records import choices_of, deadline_of
from presscheck.desk.situation import current_policies, read_brief, read_situation
from presscheck.desk.stops import Stop, stops_over
from presscheck.desk.voices import hear
from presscheck.digests import fingerprint
from presscheck.documents.sentences import counted
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader, timestamp
from presscheck.ledger.held import held_of
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Refused, Review, RiskTier
from presscheck.people.rights import person_name
from presscheck.recipients.audiences import audience_words

if TYPE_CHECKING:
    from policies import PolicySet

PAGE = 50
"""Lines on a page."""
_MOST = 200
_TIERS: tuple[RiskTier, ...] = get_args(RiskTier)


@dataclass(frozen=True)
class Waiting:
    """One open review as the inbox shows it."""

    review: Review
    title: str
    tier: str
    why: str
    deadline: datetime
    names: tuple[str, ...]
    """Who may answer."""
    mine: bool
    """Whether the person asking may."""
    trouble: str
    """Why nobody can answer it now; empty if somebody can."""
    stops: tuple[Stop, ...]
    """What was paused, recalled or brought back of it."""
    about: str
    """What it asks about, such as `e-mail to 4,724 people in US` or `a budget`."""
    cell: str
    """Which cell of an audience that was split, such as `pilot, 2 of 22`; empty for one that is whole."""
    choices: str
    """How many there are to choose from, such as `4 drafts`."""

    @property
    def goes_to(self) -> str:
        """Whom it reaches: so many people, or everybody."""
        return audience_words(self.review.question.channel, self.review.question.audience_rows)

    def as_json(self, door_url: str) -> dict[str, Any]:
        """For the API, with addresses that can be opened."""
        question = self.review.question
        return {
            "id": self.review.id,
            "title": self.title,
            "campaign": question.campaign,
            "gate": question.gate,
            "round": question.round,
            "run": question.run,
            "fingerprint": fingerprint(question.digest),
            "form_key": self.review.form_key,
            "risk": self.tier,
            "why": self.why,
            "kinds": list(question.kinds),
            "about": self.about,
            "cell": self.cell,
            "channel": question.channel,
            "choices": len(question.proposals),
            "blocked": sum(question.blocked.values()),
            "audience_rows": question.audience_rows,
            "goes_to": self.goes_to,
            "opened_at": timestamp(self.review.opened_at),
            "expires_at": timestamp(self.deadline),
            "who_may": list(self.names),
            "mine": self.mine,
            "trouble": self.trouble,
            "stops": [stop.model_dump(include={"kind", "words", "means"}) for stop in self.stops],
            "run_url": door_url + run_page(question.run),
            "proof_url": f"{door_url}/proof/{self.review.id}",
        }


@dataclass(frozen=True)
class Inbox:
    """One page of what waits."""

    lines: tuple[Waiting, ...]
    broken: tuple[str, ...]
    """What is wrong with those that cannot be believed."""
    page: int
    pages: int
    total: int
    """How many questions wait, of those asked for."""
    mine: int
    """How many of them wait for the person."""
    left: int
    """How many were not looked at yet, so that places and counts may change."""
    only: Filter

    def as_json(self, door_url: str) -> dict[str, Any]:
        """For the API."""
        return {
            "reviews": [line.as_json(door_url) for line in self.lines],
            "broken": list(self.broken),
            "page": self.page,
            "pages": self.pages,
            "total": self.total,
            "mine": self.mine,
            "left": self.left,
        }

    def query(self, page: int) -> str:
        """The query of another page of the same."""
        mine = "1" if self.only.mine else None
        asked = {"page": str(page), "tier": self.only.tier, "gate": self.only.gate, "mine": mine}
        return urlencode({name: value for name, value in asked.items() if value is not None})


def inbox(desk: Desk, *, person: str, page: int = 1, size: int = PAGE, only: Filter | None = None) -> Inbox:
    """A page of open reviews: those for this person first, each by risk and deadline. What a line tells is read
    anew."""
    only = only or Filter()
    with desk.ledger.read() as tx:
        # Whoever has answered is not asked again while they may take it back.
        held = held_of(tx, person)
    found = desk.open_questions.page(person, number=page, size=size, only=only, answered=held)
    lines: list[Waiting] = []
    broken = list(found.broken)
    policies = current_policies(desk.policies)
    with desk.ledger.read() as tx:
        for review_id, asked in found.asked.items():
            try:
                review = find_review(tx, review_id)
                if review is not None and decision_event(tx, review_id) is None:
                    mine = person in asked and review_id not in held
                    lines.append(_line(tx, review, policies, asked, mine=mine))
            except (LedgerForged, LedgerGone, ValidationError) as error:
                # One forged row must not hide every other review; `presscheck history --verify` says more.
                broken.append(f"{review_id}: {clean_line(str(error))[:300]}")
                desk.open_questions.look_again(review_id)
    lines.sort(key=lambda line: (not line.mine, risk_order(line.tier), line.deadline))
    return Inbox(
        lines=tuple(lines),
        broken=tuple(broken),
        page=found.number,
        pages=found.pages,
        total=found.total,
        mine=found.mine,
        left=found.left,
        only=only,
    )


def asked_for(query: Mapping[str, str]) -> tuple[int, int, Filter]:
    """Page, size and filter from an address; what makes no sense there is as if it were not there."""
    tier: RiskTier | None = next((known for known in _TIERS if known == query.get("tier")), None)
    gate = query.get("gate") or None
    mine = query.get("mine", "") in ("1", "true")
    page, size = _number(query.get("page"), 1, 1_000_000), _number(query.get("limit"), PAGE, _MOST)
    return page, size, Filter(tier=tier, gate=gate, mine=mine)


def _number(given: str | None, otherwise: int, most: int) -> int:
    if not given or len(given) > 9 or not (given.isascii() and given.isdigit()) or int(given) == 0:
        return otherwise
    return min(int(given), most)


def run_page(run: str) -> str:
    """The run's page in Prefect's UI, where Resume is."""
    return f"/v2/runs/flow-run/{run}"


def _line(
    tx: Reader, review: Review, policies: "PolicySet | Refused", asked: tuple[str, ...], *, mine: bool
) -> Waiting:
    question = review.question
    brief = read_brief(tx, question)
    title = question.campaign if isinstance(brief, Refused) else clean_line(brief[0].title)
    # Of texts the question says enough; what else there is says itself what it is called.
    options = {} if question.kinds == ("copy",) else choices_of(tx, review)
    line = partial(
        Waiting,
        review,
        title,
        stops=stops_over(tx, review),
        about=asked_about(question, options, () if isinstance(brief, Refused) else brief[0].markets),
        cell=cell_of(tx, question),
        # One of each kind is what it is about, and nothing to count.
        choices=(how_many(options.values()) if len(options) > len(question.kinds) else "")
        if options
        else counted(len(question.proposals), "draft"),
    )
    situation = policies if isinstance(policies, Refused) else read_situation(tx, review, lambda: policies)
    if isinstance(situation, Refused):
        return line("", "", review.expires_at, (), mine=False, trouble=situation.reason)
    return line(
        situation.row.tier,
        situation.row.why,
        deadline_of(review, hear(tx, situation)),
        tuple(person_name(tx, one) for one in asked),
        mine=mine,
        trouble="",
    )

"""What waits: every open review in a line, and for whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from presscheck.cleaning import clean_line
from presscheck.desk import Desk
from presscheck.desk.situation import read_brief, read_situation
from presscheck.digests import fingerprint
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader, timestamp
from presscheck.ledger.reviews import decision_event, find_review, undecided_review_ids
from presscheck.models import Refused, Review
from presscheck.ways_out import audience_words

__all__ = ["Waiting", "run_page", "waiting"]


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
            "run_url": door_url + run_page(question.run),
            "proof_url": f"{door_url}/proof/{self.review.id}",
        }


def waiting(tx: Reader, desk: Desk, *, person: str) -> tuple[list[Waiting], list[str]]:
    """Open reviews, the most urgent first, and what is wrong with those that cannot be believed."""
    found: list[Waiting] = []
    broken: list[str] = []
    for review_id in undecided_review_ids(tx):
        try:
            review = find_review(tx, review_id)
            if review is not None and decision_event(tx, review_id) is None:
                found.append(_line(tx, desk, review, person))
        except (LedgerForged, LedgerGone, ValidationError) as error:
            # One forged row must not hide every other review; `presscheck history --verify` says more.
            broken.append(f"{review_id}: {clean_line(str(error))[:300]}")
    return sorted(found, key=lambda line: (not line.mine, line.deadline)), broken


def run_page(run: str) -> str:
    """The run's page in Prefect's UI, where Resume is."""
    return f"/v2/runs/flow-run/{run}"


def _line(tx: Reader, desk: Desk, review: Review, person: str) -> Waiting:
    brief = read_brief(tx, review.question)
    title = review.question.campaign if isinstance(brief, Refused) else clean_line(brief[0].title)
    situation = read_situation(tx, review, desk.policies)
    if isinstance(situation, Refused):
        return Waiting(review, title, "", "", review.expires_at, (), mine=False, trouble=situation.reason)
    who = desk.who_may(tx, review)
    return Waiting(
        review,
        title,
        situation.row.tier,
        situation.row.why,
        desk.deadline(tx, review),
        () if isinstance(who, Refused) else who.names,
        mine=not isinstance(who, Refused) and person in who.people and desk.why_not(tx, review, person) is None,
        trouble=who.reason if isinstance(who, Refused) else "",
    )

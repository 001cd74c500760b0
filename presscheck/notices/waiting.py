"""Which reviews wait, and how far each has come: read once, judged by the desk's own functions."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.desk import Desk
from presscheck.desk.duties import who_may
from presscheck.desk.records import deadline_of
from presscheck.desk.situation import current_policies, read_situation
from presscheck.desk.voices import hear
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader
from presscheck.ledger.reviews import decision_event, find_review, undecided_review_ids
from presscheck.models import Refused, Review, RiskTier
from presscheck.people.absence import is_absent
from presscheck.people.rights import everybody

if TYPE_CHECKING:
    from policies import PolicySet, Standing
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """An open review at one moment."""

    review: Review
    now: datetime
    standing: "Standing | Refused"
    """Refused where nobody may answer, with the reason."""
    asked: tuple[str, ...]
    """Ids of everybody whose yes would bring it further."""
    next_in_line: tuple[str, ...]
    """Of these, whoever holds the role that it was escalated to."""
    deadline: datetime
    tier: RiskTier | None = None
    brief_title: str = ""

    @property
    def began_at(self) -> datetime:
        """When the present stage began."""
        return self.review.opened_at if isinstance(self.standing, Refused) else self.standing.began_at

    @property
    def asked_roles(self) -> tuple[str, ...]:
        """Every role that an open seat of the stage takes, and the next in line once it is their turn."""
        if isinstance(self.standing, Refused) or self.standing.stage is None:
            return ()
        later = self.standing.stage.escalate if self.standing.escalated else None
        roles = [role for seat in self.standing.missing for role in seat.roles]
        return (*roles, *(() if later is None else (later.to,)))


def waiting(tx: Reader, desk: Desk, *, run: str = "") -> Iterator[Waiting]:
    """Every open review, or those of one run; one that cannot be believed is passed over and logged."""
    ids = undecided_review_ids(tx)
    policies = current_policies(desk.policies) if ids else None
    for review_id in ids:
        try:
            review = find_review(tx, review_id)
            if review is None or (run and review.question.run != run) or policies is None:
                continue
            if decision_event(tx, review_id) is None:
                yield _look(tx, desk, review, policies)
        except (LedgerForged, LedgerGone, ValidationError) as error:
            # One forged row must not keep the others from being told of; history --verify names it.
            _log.warning("review %s is passed over: %s", review_id, type(error).__name__)


def _look(tx: Reader, desk: Desk, review: Review, policies: "PolicySet | Refused") -> Waiting:
    situation = policies if isinstance(policies, Refused) else read_situation(tx, review, lambda: policies)
    if isinstance(situation, Refused):
        return Waiting(review, tx.now, situation, (), (), deadline_of(review, situation))
    heard = hear(tx, situation)
    standing = heard.standing
    asked = who_may(tx, situation, heard).people
    line: tuple[str, ...] = ()
    if standing.escalated and standing.stage is not None and standing.stage.escalate is not None:
        to = standing.stage.escalate.to
        holders = {rights.person for rights in everybody(tx) if rights.may(to, ()) and not is_absent(tx, rights.person)}
        line = tuple(person for person in asked if person in holders)
    return Waiting(
        review, tx.now, standing, asked, line, deadline_of(review, heard), situation.row.tier, situation.brief.title
    )

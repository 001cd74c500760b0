"""What the door does without anybody asking: it follows changed policies, and draws for spot-checks.

upkeep = Upkeep(desk)
upkeep.follow_policies()        # each second; cheap where nothing has changed
upkeep.draw_new()
"""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from presscheck.desk.changing import note_changes
from presscheck.desk.records import REOPENING, REOPENING_TEXT, make_ending
from presscheck.desk.reopening import adopt
from presscheck.desk.situation import Situation, current_policies, read_situation
from presscheck.desk.spot_check import RuleSigned, draw, revoke_rule, sign_rule
from presscheck.desk.voices import moment
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.campaigns import is_origin_known
from presscheck.ledger.reviews import decision_event, find_review, record_decision, undecided_review_ids
from presscheck.models import DecisionKind, Digest, Refused, Review
from presscheck.people.sessions import FRESH

if TYPE_CHECKING:
    from presscheck.desk.desk import Desk

_log = logging.getLogger(__name__)


class Upkeep:
    """The standing duties of one door's desk, and the signatures under the rules that it draws by."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._ledger = desk.ledger
        self._policies = desk.policies
        self._adopted = ""
        self._drawn_to = 0

    def follow_policies(self) -> int:
        """Put changes on record, take down models that are new in force, end what waits under others; how many ended.

        Their gates ask again at once, under the policies as they are now.
        """
        note_changes(self._ledger, self._policies, look=True)
        policies = current_policies(self._policies)
        if isinstance(policies, Refused) or policies.digest == self._adopted:
            return 0
        with self._ledger.write() as tx:
            adopt(tx, policies)
        with self._ledger.read() as tx:
            waiting = [review_id for review_id in undecided_review_ids(tx) if self._is_out_of_date(tx, review_id)]
        for review_id in waiting:
            with self._ledger.write() as tx:
                review = find_review(tx, review_id)
                # Somebody may have answered since: only what is still undecided ends here.
                if review is not None and decision_event(tx, review_id) is None:
                    ending = make_ending(tx, review, DecisionKind.REOPENED, REOPENING, REOPENING_TEXT, None, None)
                    record_decision(tx, ending, run=review.question.run)
        self._adopted = policies.digest
        return len(waiting)

    def draw_new(self, *, of_known_origin: bool = False) -> int:
        """Draw for what was asked since the last time, where a signed rule says so; how many went out by the rule.

        With `of_known_origin`, a run waits until the door has taken down where it comes from.
        """
        with self._ledger.read() as tx:
            opened = tx.events(EventKind.REVIEW_OPENED, after=self._drawn_to)
            policies = current_policies(self._policies) if opened else None
            rules = () if policies is None or isinstance(policies, Refused) else policies.approvals
            signed = any(
                one.automatic is not None and tx.events(EventKind.RULE_SIGNED, subject=one.id) for one in rules
            )
            waiting = [event for event in opened if signed and decision_event(tx, event.subject) is None]
            later = [event.seq for event in waiting if of_known_origin and not is_origin_known(tx, event.run)]
        drawn = sum(self._draw(event.subject) for event in waiting if event.seq not in later)
        # What was drawn for once is not drawn for again.
        self._drawn_to = min(later) - 1 if later else opened[-1].seq if opened else self._drawn_to
        return drawn

    def sign_rule(
        self, rule: str, *, person: str, proved_at: datetime | None, shown: Digest | None = None
    ) -> RuleSigned | Refused:
        """Put one's name under a rule by which things go out without a person; it takes a fresh proof.

        `shown` is the version that the person has read, where they have read one: another is not signed.
        """
        policies = current_policies(self._policies)
        if isinstance(policies, Refused):
            return policies
        with self._ledger.write() as tx:
            if proved_at is None or moment(tx) - proved_at > FRESH:
                return Refused(code="step-up", reason="Prove anew who you are at /step-up, and sign again.")
            found = next((policy for policy in policies.approvals if policy.id == rule), None)
            if shown is not None and found is not None and found.version != shown:
                reason = f"{rule} has changed since you read it. Read what it says now, and sign that."
                return Refused(code="changed", reason=reason)
            return sign_rule(tx, policies, rule, person=person)

    def revoke_rule(self, rule: str, *, person: str) -> Refused | None:
        """Take the signature under a rule back; from now on every single one is asked about."""
        policies = current_policies(self._policies)
        if isinstance(policies, Refused):
            return policies
        with self._ledger.write() as tx:
            return revoke_rule(tx, policies, rule, person=person)

    def _draw(self, review_id: str) -> bool:
        with self._ledger.write() as tx:
            situation = self._situation(tx, review_id)
            return situation is not None and not isinstance(situation, Refused) and draw(tx, situation) is not None

    def _is_out_of_date(self, tx: Reader, review_id: str) -> bool:
        situation = self._situation(tx, review_id)
        return isinstance(situation, Refused) and situation.code == "policies-changed"

    def _situation(self, tx: Reader, review_id: str) -> Situation | Refused | None:
        review: Review | None
        try:
            review = find_review(tx, review_id)
        except (LedgerForged, ValidationError) as error:
            # One forged row must not keep the others waiting; `presscheck history --verify` names it.
            _log.warning("review %s is passed over: %s", review_id, error)
            return None
        return None if review is None else read_situation(tx, review, self._policies)

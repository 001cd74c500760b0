"""The desk: applications become decisions, decisions become the right to publish.

    desk = Desk(ledger, policies)
    answer = desk.apply(review_id, person=person, raw=form)       # Decision, or Refused with its reason
    with ledger.read() as tx:
        outcome = desk.outcome(tx, review_id)                     # what the flow goes on with

The door's desk writes; the worker's and the press's read. Nothing here knows Prefect, and what
Prefect stored is never looked at. Each judgement and its record are one transaction, so of many
answers at once exactly one is accepted and the others are told which.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from presscheck.desk.answers import Answer, judge
from presscheck.desk.duties import WhoMay, bar, who_may
from presscheck.desk.forms import Form, make_form
from presscheck.desk.publishing import Basis, authorise
from presscheck.desk.situation import (
    PolicySource,
    Situation,
    current_policies,
    read_brief,
    read_copy,
    read_situation,
)
from presscheck.digests import digest_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Ledger, Reader, Writer, timestamp
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import (
    application_of,
    decision_event,
    decision_of,
    find_review,
    record_application,
    record_decision,
    undecided_review_ids,
)
from presscheck.models import (
    Asset,
    Copy,
    Decision,
    DecisionKind,
    Manifest,
    Outcome,
    OutcomeStatus,
    Refused,
    Review,
    Submission,
)
from presscheck.people.rights import person_name, rights_of

if TYPE_CHECKING:
    from policies import PolicySet

__all__ = ["Desk"]

_log = logging.getLogger(__name__)

# What ends a review without a person's answer is a rule of this program; its text is its version.
_EXPIRY = "presscheck.expiry"
_EXPIRY_TEXT = "A review that nobody answered until its deadline ends as expired, which counts as refused."
_WITHDRAWAL = "presscheck.withdrawal"
_WITHDRAWAL_TEXT = "An engineer or an administrator may withdraw a review by cancelling its run."
_MAY_WITHDRAW = ("engineer", "administrator")
_DONE = {
    DecisionKind.APPROVED: "approved this",
    DecisionKind.REJECTED: "rejected this",
    DecisionKind.CHANGES: "requested changes",
    DecisionKind.WITHDRAWN: "withdrew this",
}


class Desk:
    """The judge over one ledger. `policies` is asked anew for every judgement."""

    def __init__(self, ledger: Ledger, policies: PolicySource) -> None:
        self.ledger = ledger
        self.policies = policies

    # ------------------------------------------------------------ asking

    def form(self, tx: Reader, review: Review, *, refusal: str = "") -> Form:
        """The review's form. LedgerForged or LedgerGone if one of its choices is not what was proposed."""
        situation = read_situation(tx, review, self.policies)
        return make_form(review, _copies(tx, review), situation, title=_title(tx, review), refusal=refusal)

    def who_may(self, tx: Reader, review: Review) -> WhoMay | Refused:
        """Who may answer now; Refused where nobody may, because no policy says who."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else who_may(tx, situation)

    def why_not(self, tx: Reader, review: Review, person: str) -> Refused | None:
        """Why this person may not answer; None for one who may."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else bar(tx, situation, person)

    def deadline(self, tx: Reader, review: Review) -> datetime:
        """Until when it may be answered: the review's own time, or the policy's where that is earlier."""
        return _deadline(review, read_situation(tx, review, self.policies))

    def name_of(self, tx: Reader, person: str) -> str:
        """A person's name where it is known, else the id."""
        return person_name(tx, person)

    def outcome(self, tx: Reader, review_id: str) -> Outcome:
        """The review's answer by its signed event; LedgerGone for a review that nobody opened."""
        review = find_review(tx, review_id)
        if review is None:
            raise LedgerGone(f"review {review_id}: not in the ledger; the run that asks it has to open it")
        decision = decision_of(tx, review_id)
        if decision is None:
            return Outcome(status=OutcomeStatus.OPEN, review=review_id)
        if (decision.review, decision.question) != (review_id, review.question.digest):
            raise LedgerForged(f"review {review_id}: its decision answers another question")
        submission = None if decision.application is None else application_of(tx, decision.application)
        return Outcome(
            status=OutcomeStatus(decision.kind.value),
            review=review_id,
            decision=decision,
            person_name=person_name(tx, decision.person) if decision.person else "",
            note="" if submission is None else submission.note,
        )

    # ------------------------------------------------------------ answering

    def apply(self, review_id: str, *, person: str, raw: Mapping[str, Any]) -> Decision | Refused:
        """Judge what `person`, who is signed in, submitted; the decision or the refusal is recorded."""
        with self.ledger.write() as tx:
            review = _find(tx, review_id, person)
            if isinstance(review, Refused):
                return review
            judged = self._judge(tx, review, person, raw)
            if isinstance(judged, Refused):
                tx.append(
                    EventKind.APPLICATION_REFUSED,
                    review_id,
                    {"person": person, "code": judged.code},
                    run=review.question.run,
                )
            return judged

    def withdraw(self, review_id: str, *, person: str) -> Decision | Refused:
        """End a review because its run is cancelled; an engineer or an administrator may."""
        with self.ledger.write() as tx:
            review = _find(tx, review_id, person)
            if isinstance(review, Refused):
                return review
            rights = rights_of(tx, person)
            role = next((role for role in _MAY_WITHDRAW if rights is not None and role in rights.roles), None)
            if role is None:
                body = {"person": person, "code": "no-right"}
                tx.append(EventKind.APPLICATION_REFUSED, review_id, body, run=review.question.run)
                return Refused(code="no-right", reason="Only an engineer or an administrator may withdraw a review.")
            if decided := _already(tx, review_id):
                return decided
            ending = _ending(tx, review, DecisionKind.WITHDRAWN, _WITHDRAWAL, _WITHDRAWAL_TEXT, person, role)
            record_decision(tx, ending, run=review.question.run)
            return ending

    def expire_due(self) -> int:
        """End every review whose time is over; how many it were. Cheap enough to ask each second."""
        with self.ledger.read() as tx:
            waiting = undecided_review_ids(tx)
            # The files are looked at once, however many reviews wait.
            policies = current_policies(self.policies) if waiting else None
            due = [review_id for review_id in waiting if self._is_due(tx, review_id, policies)]
        ended = 0
        for review_id in due:
            with self.ledger.write() as tx:
                # Somebody may have answered since: only what is still undecided ends here.
                review = find_review(tx, review_id)
                if review is not None and decision_event(tx, review_id) is None:
                    _expire(tx, review)
                    ended += 1
        return ended

    # ------------------------------------------------------------ publishing

    def authorise(
        self, tx: Reader, manifest: Manifest, review_id: str, *, audience: Path, as_of: datetime
    ) -> Basis | Refused:
        """The basis on which a manifest may go out at `as_of`, or why it may not; see `publishing`."""
        return authorise(tx, self.policies, manifest, review_id, audience=audience, as_of=as_of)

    # ------------------------------------------------------------ within

    def _judge(self, tx: Writer, review: Review, person: str, raw: Mapping[str, Any]) -> Decision | Refused:
        rights = rights_of(tx, person)
        if rights is None or not rights.active:
            return Refused(code="not-active", reason="This account is not active; an administrator can tell you why.")
        if decided := _already(tx, review.id):
            return decided
        situation = read_situation(tx, review, self.policies)
        if tx.now >= _deadline(review, situation):
            _expire(tx, review)
            return Refused(code="expired", reason="The time to answer is over; this counts as refused. Start it again.")
        if isinstance(situation, Refused):
            return situation
        if barred := bar(tx, situation, person):
            return barred
        try:
            form = make_form(review, _copies(tx, review), situation, title=situation.brief.title)
        except (LedgerForged, LedgerGone) as error:
            return Refused(code="forged", reason=f"A choice is not the text that was proposed: {error}.")
        submission = form.parse(raw)
        if isinstance(submission, Refused):
            return submission
        answer = judge(situation, _picked(tx, review, submission), submission, person=person, as_of=tx.now.date())
        if isinstance(answer, Refused):
            record_application(tx, review.id, person, submission, accepted=False, reason=answer.reason)
            return answer
        return _decide(tx, situation, submission, answer, person)

    def _is_due(self, tx: Reader, review_id: str, policies: "PolicySet | Refused | None") -> bool:
        try:
            review = find_review(tx, review_id)
        except (LedgerForged, ValidationError) as error:
            # A forged row must not keep the other reviews from expiring; history --verify names it.
            _log.warning("review %s is passed over: %s", review_id, error)
            return False
        if review is None or policies is None:
            return False
        situation = policies if isinstance(policies, Refused) else read_situation(tx, review, lambda: policies)
        return tx.now >= _deadline(review, situation)


def _find(tx: Writer, review_id: str, person: str) -> Review | Refused:
    """The review that somebody wants to end; a forged one is recorded and not touched."""
    try:
        review = find_review(tx, review_id)
    except (LedgerForged, ValidationError) as error:
        tx.append(EventKind.APPLICATION_REFUSED, review_id, {"person": person, "code": "forged"})
        return Refused(code="forged", reason=f"The review cannot be believed: {error}. Nothing was decided.")
    return review or Refused(code="no-review", reason=f"There is no review {review_id[:20]}.")


def _decide(tx: Writer, situation: Situation, submission: Submission, answer: Answer, person: str) -> Decision:
    review = situation.review
    for asset in answer.edited:
        put_asset(tx, asset, run=situation.question.run)
    decision = Decision(
        review=review.id,
        question=situation.question.digest,
        kind=answer.kind,
        person=person,
        role=situation.rule.role,
        rule=situation.rule.id,
        rule_version=situation.rule.version,
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(tx.now),
        manifest=answer.manifest,
        own_edits=bool(answer.edited),
        reason=submission.reason,
        application=record_application(tx, review.id, person, submission, accepted=True),
    )
    record_decision(tx, decision, run=situation.question.run)
    return decision


def _already(tx: Reader, review_id: str) -> Refused | None:
    event = decision_event(tx, review_id)
    if event is None:
        return None
    decision = Decision.model_validate(event.data)
    when = datetime.fromisoformat(event.at).strftime("%d %b %Y at %H:%M:%S UTC")
    if decision.person is None:
        return Refused(code="already-decided", reason=f"The time to answer this was over on {when}.")
    name = person_name(tx, decision.person)
    return Refused(
        code="already-decided", reason=f"{name} {_DONE[decision.kind]} on {when}; this answer changes nothing."
    )


def _expire(tx: Writer, review: Review) -> None:
    ending = _ending(tx, review, DecisionKind.EXPIRED, _EXPIRY, _EXPIRY_TEXT, None, None)
    record_decision(tx, ending, run=review.question.run)


def _ending(
    tx: Reader, review: Review, kind: DecisionKind, rule: str, text: str, person: str | None, role: str | None
) -> Decision:
    return Decision(
        review=review.id,
        question=review.question.digest,
        kind=kind,
        person=person,
        role=role,
        rule=rule,
        rule_version=digest_of(text),
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(tx.now),
    )


def _deadline(review: Review, situation: Situation | Refused) -> datetime:
    return review.expires_at if isinstance(situation, Refused) else situation.deadline


def _copies(tx: Reader, review: Review) -> dict[str, Copy]:
    copies: dict[str, Copy] = {}
    for proposal in review.question.proposals:
        read = read_copy(tx, proposal.asset, review.question)
        if isinstance(read, Refused):
            raise LedgerForged(f"{proposal.code}: {read.reason}")
        copies[proposal.code] = read[1]
    return copies


def _picked(tx: Reader, review: Review, submission: Submission) -> dict[str, Asset]:
    """The assets of the picks; `_copies` has just read every one of them in this transaction."""
    by_code = {proposal.code: proposal.asset for proposal in review.question.proposals}
    found: dict[str, Asset] = {}
    for code in submission.picks:
        read = read_copy(tx, by_code[code], review.question)
        if isinstance(read, Refused):
            raise LedgerForged(f"{code}: {read.reason}")
        found[code] = read[0]
    return found


def _title(tx: Reader, review: Review) -> str:
    read = read_brief(tx, review.question)
    return review.question.campaign if isinstance(read, Refused) else read[0].title

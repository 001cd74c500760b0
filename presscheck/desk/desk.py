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
from presscheck.desk.authorship import lacks_writer
from presscheck.desk.duties import WhoMay, bar, who_may
from presscheck.desk.forms import Form
from presscheck.desk.picturing import file_fault
from presscheck.desk.publishing import Basis, authorise
from presscheck.desk.records import (
    WITHDRAWAL,
    WITHDRAWAL_TEXT,
    already_decided,
    copies_of,
    deadline_of,
    decide,
    expire,
    find,
    make_ending,
    picked_from,
    title_of,
)
from presscheck.desk.reverting import revert_asset, shown_with, since_asked
from presscheck.desk.situation import (
    PolicySource,
    Situation,
    current_policies,
    read_situation,
)
from presscheck.desk.writing import form_for, hand_in
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Ledger, Reader, Writer
from presscheck.ledger.lines import Version
from presscheck.ledger.reviews import (
    decision_event,
    decision_of,
    find_review,
    like_asked,
    record_application,
    record_decision,
    submission_of,
    undecided_review_ids,
)
from presscheck.models import (
    Asset,
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

_MAY_WITHDRAW = ("engineer", "administrator")


class Desk:
    """The judge over one ledger. `policies` is asked anew for every judgement.

    `pictures` is the folder that pictures lie in; without one, nothing with a picture is approved or goes out.
    """

    def __init__(self, ledger: Ledger, policies: PolicySource, pictures: Path | None = None) -> None:
        self.ledger = ledger
        self.policies = policies
        self.pictures = pictures

    # ------------------------------------------------------------ asking

    def form(self, tx: Reader, review: Review, *, refusal: str = "") -> Form:
        """The review's form. LedgerForged or LedgerGone if one of its choices is not what was proposed."""
        situation = read_situation(tx, review, self.policies)
        return form_for(review, copies_of(tx, review), situation, title=title_of(tx, review), refusal=refusal)

    def who_may(self, tx: Reader, review: Review) -> WhoMay | Refused:
        """Who may answer now; Refused where nobody may, because no policy says who."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else who_may(tx, situation)

    def why_not(self, tx: Reader, review: Review, person: str) -> Refused | None:
        """Why this person may not answer; None for one who may."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else _asked_twice(tx, review) or bar(tx, situation, person)

    def deadline(self, tx: Reader, review: Review) -> datetime:
        """Until when it may be answered: the review's own time, or the policy's where that is earlier."""
        return deadline_of(review, read_situation(tx, review, self.policies))

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
        submission = submission_of(tx, decision)
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
            review = find(tx, review_id, person)
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

    def turn_away(self, subject: str, *, person: str, code: str, run: str = "") -> None:
        """Record that `person` submitted something that cannot even be read as a form."""
        with self.ledger.write() as tx:
            tx.append(EventKind.APPLICATION_REFUSED, subject, {"person": person, "code": code}, run=run)

    def withdraw(self, review_id: str, *, person: str) -> Decision | Refused:
        """End a review because its run is cancelled; an engineer or an administrator may."""
        with self.ledger.write() as tx:
            review = find(tx, review_id, person)
            if isinstance(review, Refused):
                return review
            rights = rights_of(tx, person)
            role = next((role for role in _MAY_WITHDRAW if rights is not None and role in rights.roles), None)
            if role is None:
                body = {"person": person, "code": "no-right"}
                tx.append(EventKind.APPLICATION_REFUSED, review_id, body, run=review.question.run)
                return Refused(code="no-right", reason="Only an engineer or an administrator may withdraw a review.")
            if decided := already_decided(tx, review_id):
                return decided
            ending = make_ending(tx, review, DecisionKind.WITHDRAWN, WITHDRAWAL, WITHDRAWAL_TEXT, person, role)
            record_decision(tx, ending, run=review.question.run)
            return ending

    def revert(self, digest: str, number: int, *, person: str, reason: str) -> Version | Refused:
        """Make an older version of an asset's line the current one; see `reverting`."""
        with self.ledger.write() as tx:
            return revert_asset(tx, digest, number, person=person, reason=reason)

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
                    expire(tx, review)
                    ended += 1
        return ended

    # ------------------------------------------------------------ publishing

    def authorise(
        self, tx: Reader, manifest: Manifest, review_id: str, *, audience: Path | None, as_of: datetime
    ) -> Basis | Refused:
        """The basis on which a manifest may go out at `as_of`, or why it may not; see `publishing`."""
        return authorise(tx, self.policies, manifest, review_id, audience=audience, as_of=as_of, pictures=self.pictures)

    # ------------------------------------------------------------ within

    def _judge(self, tx: Writer, review: Review, person: str, raw: Mapping[str, Any]) -> Decision | Refused:
        rights = rights_of(tx, person)
        if rights is None or not rights.active:
            return Refused(code="not-active", reason="This account is not active; an administrator can tell you why.")
        if decided := already_decided(tx, review.id):
            return decided
        situation = read_situation(tx, review, self.policies)
        if tx.now >= deadline_of(review, situation):
            expire(tx, review)
            return Refused(code="expired", reason="The time to answer is over; this counts as refused. Start it again.")
        if isinstance(situation, Refused):
            return situation
        if twin := _asked_twice(tx, review):
            return twin
        if barred := bar(tx, situation, person):
            return barred
        try:
            form = form_for(review, copies_of(tx, review), situation, title=situation.brief.title)
        except (LedgerForged, LedgerGone) as error:
            return Refused(code="forged", reason=f"A choice is not the text that was proposed: {error}.")
        submission = form.parse(raw)
        if isinstance(submission, Refused):
            return submission
        if review.question.asks == "writing":
            everything = submission.model_copy(update={"picks": tuple(form.choices)})
            handed = hand_in(
                situation, picked_from(tx, review, everything), submission, person=person, as_of=tx.now.date()
            )
            return self._recorded(tx, situation, submission, handed, person)
        proposed = [proposal.asset for proposal in review.question.proposals]
        machine = lacks_writer(tx, situation.brief, review.question, proposed)
        # A machine's text under advisor can be sent back or rejected; only a yes needs a person behind it.
        if machine is not None and submission.decision == "approve":
            return machine
        picked = picked_from(tx, review, submission)
        if submission.decision == "approve" and (stale := self._stale(tx, situation, picked)):
            return stale
        answer = judge(situation, picked, submission, person=person, as_of=tx.now.date())
        return self._recorded(tx, situation, submission, answer, person)

    def _recorded(
        self, tx: Writer, situation: Situation, submission: Submission, answer: Answer | Refused, person: str
    ) -> Decision | Refused:
        if isinstance(answer, Refused):
            record_application(tx, situation.review.id, person, submission, accepted=False, reason=answer.reason)
            return answer
        return decide(tx, situation, submission, answer, person)

    def _stale(self, tx: Reader, situation: Situation, picked: Mapping[str, Asset]) -> Refused | None:
        """Whether a pick, or the picture that goes with it, is no longer what was asked about."""
        copies = [asset.copy_text for asset in picked.values()]
        images = [copy.image for copy in copies if copy.image is not None]
        digests = {*(asset.digest for asset in picked.values()), *images}
        return since_asked(tx, situation.review, digests) or file_fault(
            self.pictures, shown_with(copies, situation.pictures)
        )

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
        return tx.now >= deadline_of(review, situation)


def _asked_twice(tx: Reader, review: Review) -> Refused | None:
    twin = like_asked(tx, review)
    if twin is None:
        return None
    return Refused(
        code="asked-twice",
        reason=f"The run asks another question, {twin[:20]}, that could be taken for this one, so nobody can say "
        "which of them was read. An engineer should look at the run; start the campaign again.",
    )

"""What the desk reads and writes around one judgement: the choices, the deadline, the decision's record."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from presscheck.assets.signable import Signable
from presscheck.desk.answers import Answer
from presscheck.desk.endings import ending_of
from presscheck.desk.situation import Situation, read_brief, read_choice
from presscheck.desk.voices import Heard, moment
from presscheck.digests import digest_of
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader, Writer, timestamp
from presscheck.ledger.assets import put_asset
from presscheck.ledger.reviews import (
    decision_event,
    find_review,
    record_application,
    record_decision,
    submission_digest,
)
from presscheck.models import Approval, Decision, DecisionKind, Refused, Review, Submission

# What ends a review without a person's answer is a rule of this program; its text is its version.
_EXPIRY = "presscheck.expiry"
_EXPIRY_TEXT = "A review that nobody answered until its deadline ends as expired, which counts as refused."
REOPENING = "presscheck.policies-changed"
REOPENING_TEXT = "A question whose policies change while it waits ends, and its gate asks again under those of now."
WITHDRAWAL = "presscheck.withdrawal"
WITHDRAWAL_TEXT = "An engineer or an administrator may withdraw a review by cancelling its run."


def find(tx: Reader, review_id: str) -> Review | Refused:
    """The review that somebody wants to end; a forged one is not touched."""
    try:
        review = find_review(tx, review_id)
    except (LedgerForged, ValidationError) as error:
        return Refused(code="forged", reason=f"The review cannot be believed: {error}. Nothing was decided.")
    return review or Refused(code="no-review", reason=f"There is no review {review_id[:20]}.")


@dataclass(frozen=True)
class Signer:
    """Who answers: in whose name, by which role, when they last proved who they are, and when they answered."""

    person: str
    role: str
    acts_for: str = ""
    proved_at: datetime | None = None
    given_at: datetime | None = None
    """Where that is not now, because the answer was held."""


def approve_in_part(
    tx: Writer, situation: Situation, heard: Heard, submission: Submission, answer: Answer, signer: Signer
) -> Approval:
    """Sign one yes of several; the review stays open."""
    review, manifest, stage = situation.review, answer.manifest, heard.standing.stage
    if manifest is None or stage is None:
        raise ValueError(f"review {review.id}: only a yes to a manifest, in a stage, is one of several")
    _keep_new(tx, situation, answer)
    approval = Approval(
        review=review.id,
        question=situation.question.digest,
        manifest=manifest,
        stage=stage.stage,
        person=signer.person,
        role=signer.role,
        acts_for=signer.acts_for or None,
        rule=situation.rule.id,
        rule_version=situation.rule.version,
        tier=situation.row.tier,
        tier_row=situation.row.row,
        asked_at=timestamp(heard.standing.began_at),
        answered_at=timestamp(signer.given_at or moment(tx)),
        proved_at=None if signer.proved_at is None else timestamp(signer.proved_at),
        own_edits=bool(answer.edited),
        application=record_application(tx, review.id, signer.person, submission, accepted=True),
        submission=submission_digest(submission),
    )
    tx.append(EventKind.APPROVAL_GIVEN, review.id, approval.model_dump(mode="json"), run=situation.question.run)
    return approval


def _keep_new(tx: Writer, situation: Situation, answer: Answer) -> None:
    for asset in (*answer.edited, *(() if answer.written is None else (answer.written,))):
        put_asset(tx, asset, run=situation.question.run)


def decide(
    tx: Writer, situation: Situation, heard: Heard, submission: Submission, answer: Answer, signer: Signer
) -> Decision:
    """Keep the edited texts and the application, and sign the decision."""
    review, stage = situation.review, heard.standing.stage
    _keep_new(tx, situation, answer)
    decision = Decision(
        review=review.id,
        question=situation.question.digest,
        kind=answer.kind,
        person=signer.person,
        role=signer.role,
        rule=situation.rule.id,
        rule_version=situation.rule.version,
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(signer.given_at or moment(tx)),
        stage="" if stage is None else stage.stage,
        acts_for=signer.acts_for or None,
        tier=situation.row.tier,
        tier_row=situation.row.row,
        approvals=tuple(one.seq for one in heard.given) if answer.kind is DecisionKind.APPROVED else (),
        proved_at=None if signer.proved_at is None else timestamp(signer.proved_at),
        manifest=answer.manifest,
        written=None if answer.written is None else answer.written.digest,
        drew_on=answer.drew_on,
        own_edits=bool(answer.edited),
        reason=submission.reason,
        application=record_application(tx, review.id, signer.person, submission, accepted=True),
        submission=submission_digest(submission),
    )
    record_decision(tx, decision, run=situation.question.run)
    return decision


def already_decided(tx: Reader, review_id: str) -> Refused | None:
    """Who ended this review, how and when; None while it is open."""
    event = decision_event(tx, review_id)
    if event is None:
        return None
    when = datetime.fromisoformat(event.at).strftime("%d %b %Y at %H:%M:%S UTC")
    ending = ending_of(tx, Decision.model_validate(event.data))
    more = f" {ending.more}" if ending.more else ""
    reason = f"This is over: {ending.clause}, {when}. Another answer changes nothing.{more}"
    return Refused(code="already-decided", reason=reason)


def expire(tx: Writer, review: Review) -> None:
    """End a review that nobody answered in time."""
    ending = make_ending(tx, review, DecisionKind.EXPIRED, _EXPIRY, _EXPIRY_TEXT, None, None)
    record_decision(tx, ending, run=review.question.run)


def make_ending(
    tx: Reader, review: Review, kind: DecisionKind, rule: str, text: str, person: str | None, role: str | None
) -> Decision:
    """A decision that ends a review without anybody approving anything."""
    return Decision(
        review=review.id,
        question=review.question.digest,
        kind=kind,
        person=person,
        role=role,
        rule=rule,
        rule_version=digest_of(text),
        asked_at=timestamp(review.opened_at),
        answered_at=timestamp(moment(tx)),
    )


def deadline_of(review: Review, heard: Heard | Refused) -> datetime:
    """Until when a review may be answered: the earlier of its own time and its stage's."""
    return review.expires_at if isinstance(heard, Refused) else min(review.expires_at, heard.standing.deadline)


def choices_of(tx: Reader, review: Review) -> dict[str, Signable]:
    """Every choice by its code. LedgerForged if one is not what was proposed."""
    found: dict[str, Signable] = {}
    for proposal in review.question.proposals:
        read = read_choice(tx, proposal.asset, review.question)
        if isinstance(read, Refused):
            raise LedgerForged(f"{proposal.code}: {read.reason}")
        found[proposal.code] = read
    return found


def title_of(tx: Reader, review: Review) -> str:
    """What people call the campaign; the flow's name where its brief cannot be believed."""
    read = read_brief(tx, review.question)
    return review.question.campaign if isinstance(read, Refused) else read[0].title

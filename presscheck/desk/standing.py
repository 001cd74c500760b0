"""Whether a yes still stands: derived from signed events, and from nothing that was reported.

    found = still_stands(tx, policies, manifest, review_id, as_of=tx.now)      # StandingYes, or Refused with its reason

Each answer is worked out anew: the decision, its signer's choices, the decider's rights, the policies, the guardrails
and the dates as they are at that moment. What goes out rests on it (`desk.publishing`), and so does every step that
takes what was approved (`desk.passed`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydantic import ValidationError

from presscheck.assets.signable import Signable
from presscheck.desk.answers import blocking, graver_than_said, out_of_date
from presscheck.desk.authorship import lacks_writer
from presscheck.desk.duties import Approver, nobody_for_the_whole
from presscheck.desk.gaps import began_before_gap
from presscheck.desk.glass import still_broken
from presscheck.desk.makers import makers_of
from presscheck.desk.proving import lacks_proof
from presscheck.desk.reverting import brought_back
from presscheck.desk.situation import PolicySource, Situation, read_choice, read_situation
from presscheck.desk.spot_check import drawn_fault
from presscheck.desk.voices import Heard, hear, hear_decision, moment
from presscheck.digests import canonical
from presscheck.documents.sentences import capital, listed
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Decision, Frozen, Manifest, Refused, Review
from presscheck.people.rights import person_name, rights_of


@dataclass(frozen=True)
class StandingYes:
    """A yes that stands: to what it was given, and what it rests on."""

    review: Review
    event: Event
    decision: Decision
    situation: Situation
    rests: "Rests"
    signed: tuple[Signable, ...]
    """What the manifest names, in its order: what goes out, and then what was agreed."""


def still_stands(
    tx: Reader, source: PolicySource, manifest: Manifest, review_id: str, *, as_of: datetime
) -> StandingYes | Refused:
    """The yes to exactly this manifest, if everything that it took still holds; else why it does not."""
    approved = _approved(tx, manifest, review_id)
    if isinstance(approved, Refused):
        return approved
    review, event, decision = approved
    situation = read_situation(tx, review, source)
    if isinstance(situation, Refused):
        return situation
    rests = _rests_on(tx, situation, event, decision)
    if isinstance(rests, Refused):
        return rests
    day = as_of.astimezone(UTC).date()
    if stale := out_of_date(situation, day):
        return stale
    signed = _signed(tx, manifest, situation, rests.editors, day)
    if isinstance(signed, Refused):
        return signed
    if risk := graver_than_said(situation, signed, day) or _newer_than_said(tx, situation):
        return risk
    images = {image for one in signed for image in one.images}
    if reverted := brought_back(tx, {*manifest.signed, *images}, event.seq):
        return reverted
    return StandingYes(review, event, decision, situation, rests, signed)


class Rests(Frozen):
    """What a decision rests on beside itself, and who may have edited what it lets out."""

    rights: int
    events: tuple[int, ...]
    editors: frozenset[str]
    person: str = ""
    """Who signed the rule, where a rule let it out and nobody decided."""
    role: str = ""
    approvers: tuple[Approver, ...] = ()
    """Whoever the yes is of; none where a rule or broken glass let it out."""


def _rests_on(tx: Reader, situation: Situation, event: Event, decision: Decision) -> Rests | Refused:
    """Whether everybody whom the policies demand stands behind a decision now, or two people who broke the glass."""
    if decision.glass is not None:
        broken = still_broken(tx, situation, event, decision)
        if isinstance(broken, Refused):
            return broken
        editors = frozenset(one.person for one in hear(tx, situation).given)
        return Rests(rights=broken.rights, events=broken.events, editors=editors)
    rule = situation.rule
    if decision.draw is not None:
        signed = drawn_fault(tx, situation, event, decision)
        if isinstance(signed, Refused):
            return signed
        return Rests(
            rights=signed.seq, events=(decision.draw,), editors=frozenset(), person=signed.person, role=signed.role
        )
    if (decision.rule, decision.rule_version) != (rule.id, rule.version):
        return Refused(code="policies-changed", reason=f"The decision was taken under {decision.rule}, now {rule.id}.")
    rights = rights_of(tx, decision.person or "")
    heard = hear_decision(tx, situation, event, decision, as_of=moment(tx))
    if rights is None or not heard.complete:
        return Refused(code="rights-gone", reason=_who_fell(tx, situation, heard))
    if unproved := _unproved(situation, decision):
        return unproved
    # A seat may be kept by one role, and what the whole takes have been held by another that is gone.
    approvers = tuple((one.person, one.acts_for, one.seq) for one in heard.given)
    if beyond := nobody_for_the_whole(tx, situation, approvers):
        return beyond
    return Rests(
        rights=rights.basis,
        events=tuple(one.seq for one in heard.given if one.seq != event.seq),
        editors=frozenset(one.person for one in heard.given),
        approvers=approvers,
    )


def _who_fell(tx: Reader, situation: Situation, heard: Heard) -> str:
    """Why an approval that was complete is not complete any more."""
    names = list(dict.fromkeys(person_name(tx, one.person) for one in heard.fallen))
    stage = "" if heard.standing.stage is None else f" (stage {heard.standing.stage.stage})"
    if not names:
        return f"Not everybody whom {situation.rule.id} demands has approved this{stage}; ask again in a new run."
    return (
        f"Whoever approved this may not any more: the right of {listed(names)} was taken away, even if it was given "
        f"back since, and {situation.rule.id} demands it{stage}. Ask again in a new run."
    )


def _unproved(situation: Situation, decision: Decision) -> Refused | None:
    """Whether the tier wants a fresh proof of who decided, and the decision carries none."""
    if not lacks_proof(situation, decision.proved_at, decision.answered_at):
        return None
    return Refused(
        code="not-proved",
        reason=f"This is of tier {situation.row.tier}, and whoever decided had not proved anew who they are. "
        "Ask again in a new run.",
    )


def _newer_than_said(tx: Reader, situation: Situation) -> Refused | None:
    """Whether the question claims, wrongly, that its model and prompt were approved before."""
    if situation.question.first_use:
        return None
    opened = tx.events(EventKind.REVIEW_OPENED, subject=situation.review.id)
    proposed = [proposal.asset for proposal in situation.question.proposals]
    if opened and makers_of(tx.ledger).all_known(tx, proposed, before=opened[0].seq):
        return None
    return Refused(
        code="broken-question",
        reason="The question says that somebody has approved this model with this prompt before, and nobody has.",
    )


def _approved(tx: Reader, manifest: Manifest, review_id: str) -> tuple[Review, Event, Decision] | Refused:
    try:
        review = find_review(tx, review_id)
    except (LedgerForged, ValidationError) as error:
        return Refused(code="forged", reason=f"The review cannot be believed: {error}.")
    if review is None:
        return Refused(code="no-review", reason=f"There is no review {review_id}; nobody was asked.")
    event = decision_event(tx, review_id)
    if event is None:
        return Refused(code="no-decision", reason=f"Review {review_id} has no decision that the door signed.")
    decision = Decision.model_validate(event.data)
    if decision.manifest is None:
        return Refused(code="not-approved", reason=f"Review {review_id} ended as {decision.kind}, not as approved.")
    question = review.question
    same = (decision.review, decision.question, event.run) == (review.id, question.digest, question.run)
    if not same:
        return Refused(code="other-question", reason=f"The decision of {review_id} answers another question.")
    approved = decision.manifest
    asked = question.manifest(approved.assets, approved.agreed)
    if not _bytes(approved) == _bytes(manifest) == _bytes(asked):
        differs = sorted(name for name, value in manifest if value != getattr(approved, name)) or ["what was asked"]
        return Refused(
            code="other-manifest",
            reason=f"What is to go out is not what was approved; it differs in {', '.join(differs)}.",
        )
    if tx.events(EventKind.RUN_CANCELLED, run=question.run) or tx.events(EventKind.RUN_CANCELLED, subject=question.run):
        return Refused(code="cancelled", reason="The run was cancelled after it was approved.")
    if barred := began_before_gap(tx, question.run):
        return barred
    return review, event, decision


def _signed(
    tx: Reader, manifest: Manifest, situation: Situation, editors: frozenset[str], day: date
) -> tuple[Signable, ...] | Refused:
    proposed = {proposal.asset for proposal in situation.question.proposals}
    # What goes out too: an approver's own edit would be a text that nobody but the approver answers for.
    if machine := lacks_writer(tx, situation.brief, situation.question, proposed.union(manifest.signed)):
        return machine
    found: list[Signable] = []
    for digest in manifest.signed:
        if digest not in proposed and not _edited_from(tx, digest, proposed, manifest.run, editors):
            why = f"{digest[:12]} was neither proposed nor edited by an approver."
            return Refused(code="not-asked", reason=why)
        one = read_choice(tx, digest, situation.question)
        if isinstance(one, Refused):
            return one
        if one.goes_out != (digest in manifest.assets):
            return Refused(code="other-manifest", reason=f"{digest[:12]} is {one.noun}, and was approved as another.")
        if said := blocking(one, situation, day):
            return Refused(
                code="guardrail", reason=f"{capital(one.noun)} {digest[:12]} may not go out: {' '.join(said)}"
            )
        found.append(one)
    if sum(one.spends or 0 for one in found) > situation.spends:
        return Refused(code="other-manifest", reason="It spends more than what people were asked for.")
    if any(one.reach > situation.about for one in found):
        return Refused(code="other-manifest", reason="It is for more people than what was asked for.")
    return tuple(found)


def _edited_from(tx: Reader, digest: str, proposed: set[str], run: str, editors: frozenset[str]) -> bool:
    """Whether the door signed that one of the approvers made this text from one of the choices."""
    return any(
        event.data.get("parent") in proposed and event.data.get("author", {}).get("person") in editors
        for event in tx.events(EventKind.ASSET_EDITED, subject=digest, run=run)
    )


def _bytes(manifest: Manifest) -> bytes:
    return canonical(manifest.model_dump(mode="json"))

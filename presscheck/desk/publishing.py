"""Whether a manifest may go out now: derived from signed events, and from nothing that was reported.

The press asks before it issues a permit and again before every batch. Each answer is worked out
anew: the decision, its signer's choices, the decider's rights, the policies, the guardrails, the
dates and the audience file as they are at that moment.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import ValidationError

from presscheck.audiences import recipient_count, recipient_markets, verify_audience
from presscheck.desk.answers import blocking, out_of_date
from presscheck.desk.authorship import lacks_writer
from presscheck.desk.duties import bar, has_right
from presscheck.desk.picturing import file_fault
from presscheck.desk.reverting import brought_back, shown_with
from presscheck.desk.situation import PolicySource, Situation, read_copy, read_situation
from presscheck.digests import canonical
from presscheck.errors import AudienceChanged, LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Brief, Copy, Decision, Digest, Frozen, Manifest, Picture, Product, Refused, Review
from presscheck.people.rights import rights_of, rights_since

__all__ = ["Basis", "authorise"]


class Basis(Frozen):
    """Why something may go out: the decision, who took it, by which right and which rule."""

    review: str
    decision: int
    """The decision event's sequence number."""
    rights: int
    """The sequence number of the event that gives the decider the right."""
    person: str
    role: str
    rule: str
    rule_version: Digest
    manifest: Digest
    brief: Brief
    product: Product | None
    copies: tuple[Copy, ...]
    """The words of the manifest's assets, in its order, as their digests say."""
    pictures: tuple[Picture | None, ...] = ()
    """The picture that goes with each of them."""

    def named(self) -> dict[str, str | int]:
        """What a permit names; digests and pseudonyms only."""
        return self.model_dump(include={"review", "decision", "rights", "person", "role", "rule", "rule_version"})


def authorise(
    tx: Reader,
    source: PolicySource,
    manifest: Manifest,
    review_id: str,
    *,
    audience: Path | None,
    as_of: datetime,
    pictures: Path | None = None,
) -> Basis | Refused:
    """The basis on which `manifest` may go out at `as_of`, or the reason why it may not.

    `audience` is the frozen file that would be sent to, and None for a channel that publishes to everybody;
    `pictures` is the folder that pictures lie in.
    """
    approved = _approved(tx, manifest, review_id)
    if isinstance(approved, Refused):
        return approved
    review, event, decision = approved
    situation = read_situation(tx, review, source)
    if isinstance(situation, Refused):
        return situation
    person = decision.person or ""
    rule = situation.rule
    if (decision.rule, decision.rule_version) != (rule.id, rule.version):
        return Refused(code="policies-changed", reason=f"The decision was taken under {decision.rule}, now {rule.id}.")
    rights = rights_of(tx, person)
    barred = bar(tx, situation, person)
    if barred is not None or rights is None:
        why = barred.reason if barred is not None else "the account is gone."
        return Refused(code="rights-gone", reason=f"Whoever approved this may not any more: {why}")
    if not all(has_right(situation, then) for then in rights_since(tx, person, event.seq)):
        # An account that was taken away, and given back, must not give back what was approved with it before.
        why = "The right of whoever approved this was taken away meanwhile, and given back; ask again in a new run."
        return Refused(code="rights-gone", reason=why)
    day = as_of.astimezone(UTC).date()
    if stale := out_of_date(situation, day):
        return stale
    copies = _copies(tx, manifest, situation, person, day)
    if isinstance(copies, Refused):
        return copies
    if changed := _audience_changed(manifest, audience, situation.brief):
        return changed
    images = [copy.image for copy in copies if copy.image is not None]
    if reverted := brought_back(tx, {*manifest.assets, *images}, event.seq):
        return reverted
    if swapped := file_fault(pictures, shown_with(copies, situation.pictures)):
        return swapped
    return Basis(
        review=review.id,
        decision=event.seq,
        rights=rights.basis,
        person=person,
        role=rule.roles[0],
        rule=rule.id,
        rule_version=rule.version,
        manifest=manifest.digest,
        brief=situation.brief,
        product=situation.product,
        copies=copies,
        pictures=tuple(None if copy.image is None else situation.pictures[copy.image] for copy in copies),
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
    asked = question.manifest(manifest.assets)
    if not _bytes(decision.manifest) == _bytes(manifest) == _bytes(asked):
        differs = sorted(name for name, value in manifest if value != getattr(decision.manifest, name)) or [
            "what was asked"
        ]
        return Refused(
            code="other-manifest",
            reason=f"What is to go out is not what was approved; it differs in {', '.join(differs)}.",
        )
    if tx.events(EventKind.RUN_CANCELLED, run=question.run) or tx.events(EventKind.RUN_CANCELLED, subject=question.run):
        return Refused(code="cancelled", reason="The run was cancelled after it was approved.")
    return review, event, decision


def _copies(tx: Reader, manifest: Manifest, situation: Situation, person: str, day: date) -> tuple[Copy, ...] | Refused:
    proposed = {proposal.asset for proposal in situation.question.proposals}
    # What goes out too: an approver's own edit would be a text that nobody but the approver answers for.
    if machine := lacks_writer(tx, situation.brief, situation.question, proposed.union(manifest.assets)):
        return machine
    copies: list[Copy] = []
    for digest in manifest.assets:
        if digest not in proposed and not _edited_from(tx, digest, proposed, manifest.run, person):
            why = f"Text {digest[:12]} was neither proposed nor edited by the decider."
            return Refused(code="not-asked", reason=why)
        read = read_copy(tx, digest, situation.question)
        if isinstance(read, Refused):
            return read
        if said := blocking(read[1], situation, day):
            return Refused(code="guardrail", reason=f"Text {digest[:12]} may not go out: {' '.join(said)}")
        copies.append(read[1])
    return tuple(copies)


def _edited_from(tx: Reader, digest: str, proposed: set[str], run: str, person: str) -> bool:
    """Whether the door signed that the decider made this text from one of the choices."""
    return any(
        event.data.get("parent") in proposed and event.data.get("author", {}).get("person") == person
        for event in tx.events(EventKind.ASSET_EDITED, subject=digest, run=run)
    )


def _audience_changed(manifest: Manifest, audience: Path | None, brief: Brief) -> Refused | None:
    if manifest.audience is None or audience is None:
        if manifest.audience is None and audience is None:
            return None
        # Approved for everybody and sent to a list, or the other way about: neither was asked.
        what = "goes to everybody" if manifest.audience is None else "goes to an audience"
        return Refused(
            code="audience-changed",
            reason=f"What was approved {what}, and what is to be sent does not; ask again in a new run.",
        )
    try:
        verify_audience(audience, manifest.audience)
        rows = recipient_count(audience)
        beyond = sorted(recipient_markets(audience) - set(brief.markets))
    except AudienceChanged as error:
        return Refused(code="audience-changed", reason=f"{error}.")
    if rows != manifest.audience_rows:
        return Refused(
            code="audience-changed",
            reason=f"The audience has {rows:,} rows and {manifest.audience_rows:,} were approved.",
        )
    if beyond:
        # Rights go by the brief's markets: whoever approved may have no say in these.
        return Refused(
            code="audience-beyond-brief",
            reason=f"The audience holds recipients in {', '.join(beyond[:5])}, and the brief is for "
            f"{', '.join(brief.markets)} only. Screen the segment again, and ask again.",
        )
    return None


def _bytes(manifest: Manifest) -> bytes:
    return canonical(manifest.model_dump(mode="json"))

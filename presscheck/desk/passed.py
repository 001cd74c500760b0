"""Gates that must have been passed: what was agreed in a run, and may be built upon as long as its yes stands.

    yes = agreed_in(tx, policies, digest, run=run, as_of=tx.now)                  # StandingYes, or Refused
    shut = lacks_gate(tx, policies, yes, manifest, before="delivery", as_of=tx.now)

A delivery names by digest what it rests on. Each of these yeses is worked out anew before every batch; and where the
campaign's policy demands a gate, one of them, or a yes to the very texts that go out, has to be its answer.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from presscheck.desk.duties import anybody_may
from presscheck.desk.situation import PolicySource, Situation
from presscheck.desk.standing import StandingYes, still_stands
from presscheck.documents.sentences import listed
from presscheck.errors import LedgerError, LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.pausing import order_over, scopes_of
from presscheck.ledger.splits import sources_of
from presscheck.models import Brief, Decision, Digest, Manifest, Refused, Review

if TYPE_CHECKING:
    from policies.engine.campaigns import Need

Before = Literal["delivery", "spending", "publishing"]


def agreed_before(tx: Reader, run: str, *, brief: Digest, seq: int | None = None) -> tuple[Digest, ...]:
    """What was agreed in a run for a brief so far, or before event `seq`, each digest once, oldest first.

    It is what the run's next question about this brief rests on. What was agreed for the same brief on another channel,
    or in another language, counts as well.
    """
    given = [one.manifest for one in _decisions(tx, run, before=seq) if one.manifest]
    found = [digest for one in given if go_together(tx, one.brief, brief) for digest in one.agreed]
    return tuple(dict.fromkeys(found))


def go_together(tx: Reader, one: Digest, other: Digest) -> bool:
    """Whether two briefs are one but for channel and language: the same author, markets, offer and all the rest."""
    if one == other:
        return True
    try:
        briefs = [get_asset(tx, digest).content["brief"] for digest in (one, other)]
        plain = [Brief.model_validate(brief).model_dump(exclude={"channel", "language"}) for brief in briefs]
    except (LedgerError, ValidationError, KeyError):
        return False
    return plain[0] == plain[1]


def review_that_agreed(tx: Reader, digest: Digest, *, run: str) -> str:
    """The id of the review that said the last yes of this run to an asset, whether it still stands; empty without."""
    given = [one for one in _decisions(tx, run) if one.manifest is not None and digest in one.manifest.signed]
    return given[-1].review if given else ""


def agreed_in(tx: Reader, source: PolicySource, digest: Digest, *, run: str, as_of: datetime) -> StandingYes | Refused:
    """The last yes of this run to an asset, if it stands."""
    return _stands(tx, source, _last_yeses(tx, run), digest, as_of)


def lacks_gate(
    tx: Reader,
    source: PolicySource,
    yes: StandingYes,
    manifest: Manifest,
    *,
    before: Before,
    as_of: datetime,
) -> Refused | None:
    """Which gate a delivery lacks, or which yes that it rests on has fallen; None where it may go out."""
    try:
        return _lacks(tx, source, yes, manifest, before, as_of)
    except LedgerForged as error:
        reason = f"Nobody can say what it rests on: {error}. Start the run again."
        return Refused(code="forged", reason=reason)


def _lacks(
    tx: Reader, source: PolicySource, yes: StandingYes, manifest: Manifest, before: Before, as_of: datetime
) -> Refused | None:
    passed = _rests(tx, source, manifest, yes.review, as_of)
    if isinstance(passed, Refused):
        return passed
    # A segment that was signed together with the texts is for the same people as well.
    if other := _other_people(tx, passed, manifest) or _other_people(tx, [yes], manifest):
        return other
    needs = needs_of(tx, yes.situation, before)
    people = _people_of(tx, manifest)
    if any(not _is_met(need, passed, people) for need in needs):
        passed += _yeses_to(tx, source, manifest, as_of)
    return missing(needs, passed, people=people)


def may_be_used(
    tx: Reader, source: PolicySource, digests: Sequence[Digest], *, run: str, before: Before, as_of: datetime
) -> Refused | None:
    """Why a step of a run may not spend or publish what was approved in it; None where it may."""
    given: list[StandingYes] = []
    passed: list[StandingYes] = []
    for digest in digests:
        yes = agreed_in(tx, source, digest, run=run, as_of=as_of)
        if isinstance(yes, Refused):
            return yes
        rests = _rests(tx, source, _manifest_of(yes), yes.review, as_of)
        if isinstance(rests, Refused):
            return rests
        if yes.decision.glass is not None:
            return Refused(code="no-glass", reason="Glass was broken for one delivery by the press, and for no step.")
        manifest = _manifest_of(yes)
        if manifest.channel is not None and (other := _other_people(tx, [*rests, yes], manifest)):
            return other
        given.append(yes)
        passed += [yes, *rests]
    flows = {yes.review.question.campaign for yes in given}
    if order := order_over(tx, "", scopes_of(tx, "", run, *flows)):
        # Without a name: a run keeps what it says with Prefect, where nobody can erase it.
        return Refused(code="paused", reason=f"it is paused ({order.reason}); press Retry when that is lifted.")
    # Of what was signed together only what the step is given is money: a plan beside a budget is none.
    if before == "spending" and not any(
        one.spends for yes in given for one in yes.signed if one.asset.digest in digests
    ):
        return Refused(
            code="spends-nothing", reason="What was approved for it says nothing of money; ask for a budget."
        )
    if before == "publishing" and not any(_may_publish(tx, yes) for yes in given):
        return Refused(
            code="publishes-nothing",
            reason="Nobody of those who approved what was given for it may publish: ask about the texts that go out, "
            "or ask somebody who may publish to approve it (policies/rights).",
        )
    for yes in given:
        if shut := missing(needs_of(tx, yes.situation, before), passed, people=_people_of(tx, _manifest_of(yes))):
            return shut
    return None


def needs_of(tx: Reader, situation: Situation, before: Before) -> "Sequence[Need]":
    """The gates that policies demand of a campaign, by each name that anybody signed for its run.

    A run that claims another name thereby needs the gates of both.
    """
    question = situation.question
    opened = tx.events(EventKind.CAMPAIGN_OPENED, EventKind.RUN_STARTED, EventKind.RUN_FOUND, subject=question.run)
    names = [question.campaign, *(str(event.data.get("campaign", "")) for event in opened)]
    needs = (need for name in dict.fromkeys(filter(None, names)) for need in situation.policies.needs_of(name))
    return [need for need in needs if need.before == before]


def missing(
    needs: "Sequence[Need]", passed: Collection[StandingYes], *, people: Collection[Digest] = ()
) -> Refused | None:
    """The first gate that none of these yeses has passed; a segment counts for `people`, those that something is for.

    Without any it counts for everybody.
    """
    for need in needs:
        if not _is_met(need, passed, people):
            return Refused(
                code="gate-missing",
                reason=f"The campaign's policy wants {need.said()} of this very run before its {need.before}, and "
                f"none stands. {need.why}",
            )
    return None


def _is_met(need: "Need", passed: Collection[StandingYes], people: Collection[Digest]) -> bool:
    return any(
        yes.review.question.gate == need.gate
        and set(need.kinds)
        <= {one.asset.kind for one in yes.signed if not people or one.audience is None or one.audience in people}
        for yes in passed
    )


def _people_of(tx: Reader, manifest: Manifest) -> frozenset[Digest]:
    """The audience that something goes to, and those that it was split from; none for everybody.

    That a cell holds nobody else is looked at where its file is (`presscheck.desk.apart`).
    """
    return frozenset() if manifest.audience is None else sources_of(tx, manifest.run, manifest.audience)


def _rests(
    tx: Reader, source: PolicySource, manifest: Manifest, review: Review, as_of: datetime
) -> list[StandingYes] | Refused:
    """The yeses that a manifest rests on: all that was agreed in its run before it was asked, each standing."""
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    before = agreed_before(tx, manifest.run, brief=manifest.brief, seq=opened[0].seq) if opened else ()
    if left_out := set(before) - set(manifest.rests_on):
        named = listed(sorted(digest[:12] for digest in left_out))
        return Refused(
            code="broken-question",
            reason=f"The question leaves out {named}, which was agreed in this run before; start the run again.",
        )
    found: dict[str, StandingYes] = {}
    last = _last_yeses(tx, manifest.run)
    for digest in manifest.rests_on:
        if digest in last and last[digest].review in found:
            continue
        yes = _stands(tx, source, last, digest, as_of)
        if isinstance(yes, Refused):
            return Refused(code="gate-gone", reason=f"It rests on {digest[:12]}, and that does not hold: {yes.reason}")
        if not go_together(tx, yes.review.question.brief, manifest.brief):
            # Who is asked, and by whom nothing may be approved, goes by the brief.
            why = f"It rests on {digest[:12]}, which was agreed for another brief; start the run again with one brief."
            return Refused(code="gate-gone", reason=why)
        found[yes.review.id] = yes
    return list(found.values())


def _last_yeses(tx: Reader, run: str) -> dict[Digest, Decision]:
    """The last yes of a run to each asset, whether or not it stands."""
    return {digest: one for one in _decisions(tx, run) if one.manifest for digest in one.manifest.signed}


def _stands(
    tx: Reader, source: PolicySource, last: Mapping[Digest, Decision], digest: Digest, as_of: datetime
) -> StandingYes | Refused:
    decision = last.get(digest)
    if decision is None or decision.manifest is None:
        return Refused(code="not-agreed", reason=f"Nobody has agreed to {digest[:12]} in this run.")
    return still_stands(tx, source, decision.manifest, decision.review, as_of=as_of)


def _may_publish(tx: Reader, yes: StandingYes) -> bool:
    """Whether a yes lets something out: to texts that go out, or of somebody who may publish."""
    return yes.review.question.channel is not None or anybody_may(tx, yes.situation, yes.rests.approvers, "publish")


def _manifest_of(yes: StandingYes) -> Manifest:
    if yes.decision.manifest is None:
        raise LedgerForged(f"review {yes.review.id}: it was approved without a manifest")
    return yes.decision.manifest


def _other_people(tx: Reader, passed: Sequence[StandingYes], manifest: Manifest) -> Refused | None:
    """Whether segments were agreed, and what goes out reaches the people of none of them.

    One that was agreed for another channel of the brief says nothing of what is published to everybody.
    """
    binding = [yes for yes in passed if manifest.audience is not None or yes.review.question.brief == manifest.brief]
    agreed = [one for yes in binding for one in yes.signed if one.audience is not None]
    people = _people_of(tx, manifest)
    here = [one for one in agreed if one.audience in people]
    if any(one.reach >= manifest.audience_rows for one in here) or not agreed:
        return None
    if here:
        # Who was asked, and what they saw, went by the number that the segment says of itself.
        return Refused(
            code="other-audience",
            reason=f"The segment that was approved says {here[0].reach:,} recipients, and its audience has "
            f"{manifest.audience_rows:,}. Screen it again, and ask again in a new run.",
        )
    return Refused(
        code="other-audience",
        reason="What goes out is for other people than the segment that was approved in this run: its audience is "
        f"{(manifest.audience or 'everybody')[:12]}. Screen the approved segment, and ask again in a new run.",
    )


def _yeses_to(tx: Reader, source: PolicySource, manifest: Manifest, as_of: datetime) -> list[StandingYes]:
    """Every standing yes of this run to all of the texts that go out, to the same people, whichever gate asked."""
    found: list[StandingYes] = []
    for decision in _decisions(tx, manifest.run):
        then = decision.manifest
        # A yes to the same words for other people, by another way or for another brief is not one to this.
        if then is None or _for_whom(then) != _for_whom(manifest) or not set(manifest.assets) <= set(then.assets):
            continue
        if isinstance(yes := still_stands(tx, source, then, decision.review, as_of=as_of), StandingYes):
            found.append(yes)
    return found


def _for_whom(manifest: Manifest) -> tuple[object, ...]:
    return manifest.brief, manifest.audience, manifest.audience_rows, manifest.channel, manifest.sender


def _decisions(tx: Reader, run: str, *, before: int | None = None) -> list[Decision]:
    """The yeses of a run, oldest first; what cannot be read counts as none."""
    found: list[Decision] = []
    for event in tx.events(EventKind.DECISION_APPROVED, run=run):
        if before is not None and event.seq >= before:
            continue
        try:
            found.append(Decision.model_validate(event.data))
        except ValidationError:
            continue
    return found

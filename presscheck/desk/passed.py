"""Gates that must have been passed: what was agreed in a run, and may be built upon as long as its yes stands.

    yes = agreed_in(tx, policies, digest, run=run, as_of=tx.now)                  # StandingYes, or Refused
    shut = lacks_gate(tx, policies, situation, manifest, before="delivery", as_of=tx.now)

A delivery names by digest what it rests on. Each of these yeses is worked out anew before every batch; and where the
campaign's policy demands a gate, one of them, or a yes to the very texts that go out, has to be its answer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from presscheck.desk.situation import PolicySource, Situation
from presscheck.desk.standing import StandingYes, still_stands
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.pausing import order_over, scopes_of
from presscheck.models import Decision, Digest, Manifest, Refused

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.campaigns import Need

Before = Literal["delivery", "spending", "publishing"]


def agreed_before(tx: Reader, run: str) -> tuple[Digest, ...]:
    """What was agreed in a run so far, each digest once, oldest first: what the next question of it rests on."""
    found = [digest for decision in _decisions(tx, run) if decision.manifest for digest in decision.manifest.agreed]
    return tuple(dict.fromkeys(found))


def review_that_agreed(tx: Reader, digest: Digest, *, run: str) -> str:
    """The id of the review that said the last yes of this run to an asset, whether it still stands; empty without."""
    given = [one for one in _decisions(tx, run) if one.manifest is not None and digest in one.manifest.signed]
    return given[-1].review if given else ""


def agreed_in(tx: Reader, source: PolicySource, digest: Digest, *, run: str, as_of: datetime) -> StandingYes | Refused:
    """The last yes of this run to an asset, if it stands."""
    given = [one for one in _decisions(tx, run) if one.manifest is not None and digest in one.manifest.signed]
    if not given or given[-1].manifest is None:
        return Refused(code="not-agreed", reason=f"Nobody has agreed to {digest[:12]} in this run.")
    return still_stands(tx, source, given[-1].manifest, given[-1].review, as_of=as_of)


def lacks_gate(
    tx: Reader,
    source: PolicySource,
    situation: Situation,
    manifest: Manifest,
    *,
    before: Before,
    as_of: datetime,
) -> Refused | None:
    """Which gate a delivery lacks, or which yes that it rests on has fallen; None where it may go out."""
    passed: list[StandingYes] = []
    for digest in manifest.rests_on:
        yes = agreed_in(tx, source, digest, run=manifest.run, as_of=as_of)
        if isinstance(yes, Refused):
            return Refused(code="gate-gone", reason=f"It rests on {digest[:12]}, and that does not hold: {yes.reason}")
        passed.append(yes)
    if other := _other_people(passed, manifest):
        return other
    needs = needs_of(situation.policies, situation.question.campaign, before)
    if any(not _is_met(need, passed) for need in needs):
        passed += _yeses_to(tx, source, manifest, as_of)
    return missing(needs, passed)


def may_be_used(
    tx: Reader, source: PolicySource, digests: Sequence[Digest], *, run: str, before: Before, as_of: datetime
) -> Refused | None:
    """Why a step of a run may not spend or publish what was approved in it; None where it may."""
    passed: list[StandingYes] = []
    for digest in digests:
        yes = agreed_in(tx, source, digest, run=run, as_of=as_of)
        if isinstance(yes, Refused):
            return yes
        passed.append(yes)
    flows = {yes.review.question.campaign for yes in passed}
    if order := order_over(tx, "", scopes_of(tx, "", run, *flows)):
        # Without a name: a run keeps what it says with Prefect, where nobody can erase it.
        return Refused(code="paused", reason=f"it is paused ({order.reason}); press Retry when that is lifted.")
    if before == "spending" and not any(one.spends for yes in passed for one in yes.signed):
        return Refused(
            code="spends-nothing", reason="What was approved for it says nothing of money; ask for a budget."
        )
    needs = [need for yes in passed for need in needs_of(yes.situation.policies, yes.review.question.campaign, before)]
    return missing(needs, passed)


def needs_of(policies: "PolicySet", flow: str, before: Before) -> "Sequence[Need]":
    """The gates that the policy of a campaign demands; none where no single policy speaks of it."""
    policy = policies.campaign_for(flow)
    return () if isinstance(policy, Refused) else [need for need in policy.needs if need.before == before]


def missing(needs: "Sequence[Need]", passed: Collection[StandingYes]) -> Refused | None:
    """The first gate that none of these yeses has passed."""
    for need in needs:
        if not _is_met(need, passed):
            return Refused(
                code="gate-missing",
                reason=f"The campaign's policy wants {need.said()} of this very run before its {need.before}, and "
                f"none stands. {need.why}",
            )
    return None


def _is_met(need: "Need", passed: Collection[StandingYes]) -> bool:
    return any(
        yes.review.question.gate == need.gate and set(need.kinds) <= {one.asset.kind for one in yes.signed}
        for yes in passed
    )


def _other_people(passed: Sequence[StandingYes], manifest: Manifest) -> Refused | None:
    """Whether segments were agreed, and what goes out reaches the people of none of them."""
    agreed = {one.audience for yes in passed for one in yes.signed} - {None}
    if not agreed or manifest.audience in agreed:
        return None
    return Refused(
        code="other-audience",
        reason="What goes out is for other people than the segment that was approved in this run: its audience is "
        f"{(manifest.audience or 'everybody')[:12]}. Screen the approved segment, and ask again in a new run.",
    )


def _yeses_to(tx: Reader, source: PolicySource, manifest: Manifest, as_of: datetime) -> list[StandingYes]:
    """Every standing yes of this run to all of the texts that go out, whichever gate asked."""
    found: list[StandingYes] = []
    for decision in _decisions(tx, manifest.run):
        if decision.manifest is None or not set(manifest.assets) <= set(decision.manifest.assets):
            continue
        if isinstance(yes := still_stands(tx, source, decision.manifest, decision.review, as_of=as_of), StandingYes):
            found.append(yes)
    return found


def _decisions(tx: Reader, run: str) -> list[Decision]:
    """The yeses of a run, oldest first; what cannot be read counts as none."""
    found: list[Decision] = []
    for event in tx.events(EventKind.DECISION_APPROVED, run=run):
        try:
            found.append(Decision.model_validate(event.data))
        except ValidationError:
            continue
    return found

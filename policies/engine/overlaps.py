"""Policies that get into each other's way: each loads, and where two would decide nobody may.

`presscheck policies check` tells them before a campaign runs into them.
"""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import get_args

from policies.engine.approval import ApprovalPolicy
from policies.engine.policy_set import PolicySet
from policies.engine.rule_overlaps import rule_overlaps
from policies.engine.usage import spoken_of_twice
from presscheck.models import KINDS, Channel, RiskTier

_CHANNELS: tuple[Channel, ...] = get_args(Channel)
_TIERS: tuple[RiskTier, ...] = get_args(RiskTier)
# What a question is about: a text, a text with a picture, one thing of another kind.
_ABOUT: tuple[tuple[str, ...], ...] = (("copy",), ("copy", "image"), *((one,) for one in KINDS if one != "brief"))


def overlaps(policies: PolicySet, on: date | None = None) -> tuple[str, ...]:
    """Every pair of models with a situation that both decide, several tier tables, campaign policies of one flow.

    And usage policies that say two things of one model, tool or prompt, and guardrails that contradict or shadow each
    other; with a day, those that are over by then.
    """
    between = (*_models(policies), *_tables(policies), *_campaigns(policies), *_usage(policies))
    return (*between, *rule_overlaps(policies, on))


def _models(policies: PolicySet) -> Iterator[str]:
    for one, other in combinations(policies.approvals, 2):
        if situation := _shared(one, other):
            yield (
                f"{one.id} and {other.id} both decide at {situation}, so nobody may approve there; "
                "narrow the scope of one of them"
            )


def _tables(policies: PolicySet) -> Iterator[str]:
    if len(policies.tiers) > 1:
        said = " and ".join(table.id for table in policies.tiers)
        yield (
            f"{said} both say how much is at stake, so nothing goes out; leave one table, or give yours the id "
            f"{policies.tiers[0].id} with overrides: true"
        )


def _campaigns(policies: PolicySet) -> Iterator[str]:
    for one, other in combinations(policies.campaigns, 2):
        ours, theirs = one.flows, other.flows
        if ours == "all" or theirs == "all":
            shared = ["all flows"] if ours == theirs else []
        else:
            shared = sorted(set(ours) & set(theirs))
        if shared:
            yield f"{one.id} and {other.id} both speak of {', '.join(shared)}; leave one of them"


def _usage(policies: PolicySet) -> Iterator[str]:
    for one, other, name in spoken_of_twice(policies.usage):
        yield f"{one} and {other} both speak of {name}, and not in the same words; leave one"


def _shared(one: ApprovalPolicy, other: ApprovalPolicy) -> str:
    """A situation that both decide, in words; nothing where there is none."""
    ours, theirs = one.scope, other.scope
    gates = _common(ours.gates, theirs.gates, ("copy",))
    markets = _common(ours.markets, theirs.markets, ("US",))
    if not gates or not markets:
        return ""
    own = {kind for scope in (ours, theirs) if scope.kinds != "all" for kind in scope.kinds} - set(KINDS)
    for kinds in (*_ABOUT, *((one,) for one in sorted(own))):
        for tier in _TIERS:
            for channel in _CHANNELS:
                if all(scope.reaches(gates[0], channel, markets[:1], tier, kinds) for scope in (ours, theirs)):
                    about = ", with a picture" if "image" in kinds else f", of {kinds[0]}"
                    return (
                        f"gate {gates[0]}, {channel} to {markets[0]}, tier {tier}{about if kinds != ('copy',) else ''}"
                    )
    return ""


def _common(ours: str | tuple[str, ...], theirs: str | tuple[str, ...], anything: tuple[str, ...]) -> tuple[str, ...]:
    """What both hold; `anything` where both hold all."""
    if isinstance(ours, str):
        return anything if isinstance(theirs, str) else theirs
    return ours if isinstance(theirs, str) else tuple(one for one in ours if one in theirs)

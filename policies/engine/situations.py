"""Every situation that a tier table tells apart, as far as what is known of a campaign leaves it open.

A brief says channel, markets, spend and collaboration. How many people it reaches, how bad the worst
finding is and whether a prompt is used for the first time is known only once it runs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import get_args

from policies.engine.approval import ApprovalPolicy
from policies.engine.policy_set import PolicySet
from policies.engine.tiers import Facts, Within
from presscheck.models import (
    PUBLIC_CHANNELS,
    AssetKind,
    Brief,
    Channel,
    Collaboration,
    Market,
    Refused,
    RiskTier,
    Worst,
)

_MANY: tuple[Market, ...] = tuple(f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRST")


@dataclass(frozen=True)
class Situation:
    """One set of facts: which row decides, and who. `model` None: nobody, for `reason`."""

    facts: Facts
    row: str
    tier: RiskTier | None
    model: ApprovalPolicy | None
    reason: str


def situations(
    policies: PolicySet,
    gate: str,
    *,
    kinds: tuple[AssetKind, ...] = ("copy",),
    brief: Brief | None = None,
    recipients: int | None = None,
) -> Iterator[Situation]:
    """What may be asked at a gate about these kinds, a situation for each combination of facts that the table compares.

    `recipients` narrows it further; without a brief, every channel and collaboration.
    """
    known: dict[object, ApprovalPolicy | Refused] = {}
    for facts in _facts(policies, gate, kinds, brief, recipients):
        row = policies.tiers[0].row_for(facts) if len(policies.tiers) == 1 else None
        # Which model holds goes by these alone; `ruling` would look it up for every situation.
        place = (facts.channel, facts.markets, None if row is None else row.tier)
        if place not in known:
            found = policies.ruling(facts)
            known[place] = found if isinstance(found, Refused) else found.model
        model = known[place]
        refused = isinstance(model, Refused)
        yield Situation(
            facts=facts,
            row="hold" if row is None else row.row,
            tier=None if row is None else row.tier,
            model=None if refused else model,
            reason=model.reason if refused else "",
        )


def _facts(
    policies: PolicySet, gate: str, about: tuple[AssetKind, ...], brief: Brief | None, recipients: int | None
) -> Iterator[Facts]:
    rows = [row.when for table in policies.tiers for row in table.rows]
    channels: tuple[Channel, ...] = get_args(Channel) if brief is None else (brief.channel,)
    collaborations: tuple[Collaboration, ...] = get_args(Collaboration) if brief is None else (brief.collaboration,)
    kinds = (*about, "image") if brief is not None and brief.images and "copy" in about else about
    worst: tuple[Worst, ...] = ("none", "note", "review")
    # What a budget asks for is known once somebody offers it.
    known = brief is not None and set(about) <= {"copy", "material"}
    spends = (brief.spend_dollars,) if brief is not None and known else _either_side((row.spend for row in rows), 0)
    reaches = (recipients,) if recipients is not None else _either_side((row.reach for row in rows), 1)
    for channel, spend, collaboration, worst_finding, first_use, markets in product(
        channels, spends, collaborations, worst, (False, True), _markets(policies, rows_of=brief)
    ):
        for reach in (None,) if channel in PUBLIC_CHANNELS and "copy" in about else reaches:
            # Not validated: all of it comes from values that were.
            yield Facts.model_construct(
                gate=gate,
                channel=channel,
                kinds=kinds,
                reach=reach,
                spend=spend,
                markets=markets,
                collaboration=collaboration,
                worst_finding=worst_finding,
                first_use=first_use,
            )


def _markets(policies: PolicySet, *, rows_of: Brief | None) -> tuple[tuple[Market, ...], ...]:
    """Those of the brief, or few and many and each that a row names."""
    if rows_of is not None:
        return (rows_of.markets,)
    rows = [row.when for table in policies.tiers for row in table.rows]
    named = {market for row in rows for market in row.markets or ()}
    named |= {market for model in policies.approvals if model.scope.markets != "all" for market in model.scope.markets}
    most = max(_either_side((row.market_count for row in rows), 1))
    return (("US",), _MANY[: min(most, len(_MANY))], *((market,) for market in sorted(named)))


def _either_side(bounds: Iterable[Within | None], least: int) -> tuple[int, ...]:
    """A number on each side of every bound, from `least`."""
    found = {least}
    for bound in bounds:
        for limit in () if bound is None else (bound.at_least, bound.at_most):
            if limit is not None:
                found |= {max(limit - 1, least), max(limit, least), limit + 1}
    return tuple(sorted(found))

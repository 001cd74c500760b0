"""The cases of rights: questions with the answer that they must get, from the policy that they stand for.

cases:
  rights.brand-lead-budgets:
    - {allowed: true, action: approve_budget, role: brand_lead, spend: 50000}
    - {allowed: false, action: approve_budget, role: brand_lead, spend: 50001}
"""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from policies.engine.rights import Action, Asking, Matter, Own, Right, Rights
from presscheck.models import AssetKind, Channel, Collaboration, Frozen, Market, RiskTier, Role


class RightCase(Frozen):
    """One question and its answer. What is left out is ordinary, so that a case says what it is about."""

    allowed: bool = Field(description="true: it is allowed, by this policy where it permits. false: it is not.")
    action: Action
    role: Role
    held: tuple[Market, ...] | Literal["all"] = Field(default="all", description="Where the person holds the role.")
    delegated: bool = False
    fresh: bool = Field(default=True, description="Whether a factor was shown just now.")
    tier: RiskTier | Literal["unknown"] = "medium"
    gate: str = Field(default="copy", max_length=80)
    channel: Channel | Literal["unknown"] = "email"
    kinds: tuple[AssetKind, ...] = ("copy",)
    reach: int | Literal["everybody"] = Field(default=1_000, description="Recipients, or everybody.")
    spend: int = Field(default=0, ge=0, description="Whole US dollars on media.")
    markets: tuple[Market, ...] = ("US",)
    collaboration: Collaboration | Literal["unknown"] = "producer"
    own: tuple[Own, ...] = Field(default=(), description="What of it is the person's own work.")

    @property
    def asking(self) -> Asking:
        """The question."""
        matter = Matter(
            tier=None if self.tier == "unknown" else self.tier,
            gate=self.gate,
            channel=None if self.channel == "unknown" else self.channel,
            kinds=self.kinds,
            reach=None if self.reach == "everybody" else self.reach,
            spend=self.spend,
            markets=self.markets,
            collaboration=None if self.collaboration == "unknown" else self.collaboration,
            own=self.own,
        )
        return Asking(
            action=self.action, person="somebody", role=self.role, markets=self.held, delegated=self.delegated,
            fresh=self.fresh, matter=matter,
        )  # fmt: skip


class RightCases(Frozen):
    """A file of cases: those of each policy of the Cedar file of the same name."""

    cases: dict[str, tuple[RightCase, ...]] = Field(description="For each policy's @id, at least one of each sort.")

    @model_validator(mode="after")
    def _of_both_sorts(self) -> Self:
        for id_, cases in self.cases.items():
            if {case.allowed for case in cases} != {True, False}:
                raise ValueError(f"{id_}: give at least one case with allowed: true and one with allowed: false")
        return self


def failing(right: Right, cases: tuple[RightCase, ...], rights: Rights) -> Iterator[tuple[int, str]]:
    """The index of each case that does not hold, with what happened instead."""
    alone = Rights((right,))
    for at, case in enumerate(cases):
        answer, own = rights.decide(case.asking), alone.decide(case.asking)
        by = f" by {answer.rule}" if answer.rule else " by no right"
        if answer.allowed != case.allowed:
            yield at, f"should be {_is(case.allowed)} and is {_is(answer.allowed)}{by}; mend the policy or the case"
        elif (own.allowed if right.permits else not own.rule) != case.allowed:
            yield at, f"is {_is(case.allowed)}{by}, and says nothing of this policy; write a case that it decides"


def _is(allowed: bool) -> str:
    return "allowed" if allowed else "refused"

"""A campaign policy: at which points of a kind of campaign the risk is high, and how many people must guard.

points:
  - {point: audience, effects: [targets], must: true, why: ...}
gated_at_least: 2

needs:
  - {before: delivery, gate: segment, kinds: [segment], why: ...}

`presscheck map` holds a flow's code against it. It finds mistakes; what a delivery or a spending needs is enforced when
it happens: the press sends nothing, and no step spends, without these yeses in the same run (`presscheck.desk.passed`).
"""

from collections.abc import Collection, Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from policies.engine.approval import Gate
from policies.engine.policy import All, AskedKind, Policy, Words, both_ways
from presscheck.models import Frozen

Effect = Literal["makes", "changes", "targets", "spends", "publishes"]
PointName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
FlowName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]


class Point(Frozen):
    """Something whose choice is of high risk, told by what steps do to the world."""

    point: PointName = Field(description="Its name, such as audience.")
    effects: tuple[Effect, ...] = Field(min_length=1, description="What a step does that decides it, such as targets.")
    steps: All | Annotated[tuple[FlowName, ...], Field(min_length=1)] = Field(
        default="all", description="all, or only these steps of such an effect."
    )
    must: bool = Field(default=False, description="true: where it is there, a gate guards it, whatever the count.")
    why: Words = Field(description="Why the risk is high here.")

    def is_at(self, step: str, effects: Collection[str]) -> bool:
        """Whether a step of this name and these effects decides it."""
        return bool(set(self.effects) & set(effects)) and (self.steps == "all" or step in self.steps)


class Need(Frozen):
    """A gate that must have been passed in the same run before something happens that cannot be taken back."""

    before: Literal["delivery", "spending", "publishing"] = Field(
        description="delivery: the press sends. spending, publishing: a step of that effect runs."
    )
    gate: Gate = Field(description="The gate that must have said yes, such as budget.")
    kinds: tuple[AskedKind, ...] = Field(
        default=(), max_length=20, description="What that yes must have been about, each of these; nothing: anything."
    )
    why: Words = Field(description="Why; whoever is held by it reads it.")

    def said(self) -> str:
        """`a yes to segment at the gate segment`."""
        about = f" to {' and '.join(self.kinds)}" if self.kinds else ""
        return f"a yes{about} at the gate {self.gate}"


class CampaignCase(Frozen):
    """A flow by its points, and whether it passes."""

    flow: FlowName
    present: tuple[PointName, ...] = Field(description="The points that it has.")
    gated: tuple[PointName, ...] = Field(description="Those of them that a gate guards.")
    passes: bool


class CampaignPolicy(Policy):
    """The points of high risk in a kind of campaign, and how many of them people must guard."""

    kind: Literal["campaign"] = Field(description="campaign.")
    flows: All | Annotated[tuple[FlowName, ...], Field(min_length=1)] = Field(
        description="all, or the names of flows; a policy that names a flow goes before one for all."
    )
    points: tuple[Point, ...] = Field(min_length=1, max_length=20, description="Where the risk is high.")
    gated_at_least: int = Field(default=2, ge=1, le=20, description="How many of them a gate must guard.")
    needs: tuple[Need, ...] = Field(
        default=(), max_length=20, description="Gates that must have been passed: before, gate, kinds and why."
    )
    cases: Annotated[tuple[CampaignCase, ...], both_ways("passes")] = Field(
        description="Flows with passes: true and false, at least one each."
    )

    def lacks(self, present: Collection[str], gated: Collection[str]) -> tuple[str, ...]:
        """What a flow that sends or spends something lacks, in words; empty: it passes."""
        found: list[str] = []
        for point in self.points:
            if point.must and point.point in present and point.point not in gated:
                found.append(f"no gate guards {point.point} on every way. {point.why}")
        counted = [point.point for point in self.points if point.point in present and point.point in gated]
        if len(counted) < self.gated_at_least:
            said = ", ".join(counted) or "none"
            found.append(
                f"{self.id} wants a gate at {self.gated_at_least} points of high risk at least, "
                f"and it is at {len(counted)} ({said})"
            )
        return tuple(found)

    def failing(self) -> Iterable[tuple[int, str]]:
        """The index of each case that does not hold, with what happened instead."""
        for at, case in enumerate(self.cases):
            lacking = self.lacks(case.present, case.gated)
            if case.passes and lacking:
                yield at, f"should pass and does not: {'; '.join(lacking)}"
            elif not case.passes and not lacking:
                yield at, "should not pass and does; mark a point as must, raise gated_at_least or mend the case"

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        names = [point.point for point in self.points]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"points: {', '.join(doubled)} is there twice; a point is told by its name")
        if self.gated_at_least > len(names):
            raise ValueError(f"gated_at_least: is more than the {len(names)} points, so no flow could pass")
        told = {name for case in self.cases for name in (*case.present, *case.gated)}
        if unknown := sorted(told - set(names)):
            raise ValueError(f"cases: there is no point {', '.join(unknown)}")
        return self

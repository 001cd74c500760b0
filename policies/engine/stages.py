"""The stages of an approval model: what each needs, and until when.

stages:
  - stage: brand
    needs: [{any_of: [brand_lead]}]
    expires_after: 2bd
  - stage: region-and-law
    needs:                                   # in parallel
      - {any_of: [regional_reviewer], markets: each}
      - {all_of: [legal, ethics_officer]}
    veto: [marketing_director]
    expires_after: 3bd
    remind_after: [1bd]
    escalate: {after: 2bd, to: marketing_director}
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from policies.engine.calendars import Duration, counts_working_time
from presscheck.models import Frozen, Market, Role

StageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)]
Reach = Literal["all-of-audience", "any", "each"]


class Need(Frozen):
    """Something that a stage needs: people of a role, of several roles, of each market."""

    any_of: tuple[Role, ...] = Field(default=(), max_length=6, description="Anybody who holds one of these roles.")
    all_of: tuple[Role, ...] = Field(default=(), max_length=6, description="Somebody of every one of these roles.")
    count: int = Field(default=1, ge=1, le=9, description="How many different people, of any_of.")
    markets: Reach = Field(
        default="all-of-audience",
        description="all-of-audience: each of them is responsible for every market. any: for one of them. "
        "each: for every market there is somebody, the same person where one is responsible for several.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.any_of) == bool(self.all_of):
            raise ValueError("give any_of or all_of, one of the two")
        if self.all_of and self.count != 1:
            raise ValueError("count goes with any_of; all_of asks for one person of each role")
        if self.markets == "each" and (self.all_of or self.count != 1):
            raise ValueError("markets: each goes with any_of and a count of 1")
        roles = self.any_of or self.all_of
        if len(set(roles)) != len(roles):
            raise ValueError("names a role twice")
        return self

    @property
    def roles(self) -> tuple[Role, ...]:
        return self.any_of or self.all_of


class Escalation(Frozen):
    """Who else may answer once it has waited for long."""

    after: Duration = Field(description="How long the stage waits first, such as 1bd.")
    to: Role = Field(description="The next in line; from then on this role may fill any seat that is open.")


class Stage(Frozen):
    """One stage; the next begins when all its needs are met."""

    stage: StageName = Field(description="The stage's name, such as legal.")
    needs: tuple[Need, ...] = Field(min_length=1, max_length=6, description="All of these, in parallel.")
    veto: tuple[Role, ...] = Field(
        default=(), max_length=6, description="Roles that may reject here, and cannot approve by this."
    )
    expires_after: Duration = Field(description="How long it may wait, such as 2bd; then it counts as refused.")
    remind_after: tuple[Duration, ...] = Field(default=(), max_length=5, description="When to remind, such as [1bd].")
    escalate: Escalation | None = Field(default=None, description="after and to: who is next in line, and when.")
    carries: Literal["never", "unchanged"] = Field(
        default="never",
        description="unchanged: an approval of the round before stands where all it approved is in this round too.",
    )

    @property
    def durations(self) -> tuple[str, ...]:
        """Every duration that it names."""
        later = () if self.escalate is None else (self.escalate.after,)
        return (self.expires_after, *self.remind_after, *later)

    @property
    def needs_calendar(self) -> bool:
        return any(counts_working_time(lasts) for lasts in self.durations)

    @model_validator(mode="after")
    def _no_second_way_in(self) -> Self:
        deciding = {role for need in self.needs for role in need.roles}
        if both := sorted(deciding & set(self.veto)):
            raise ValueError(f"veto: {', '.join(both)} approves here already, and whoever approves can reject as well")
        if self.escalate is not None and self.escalate.to in deciding:
            raise ValueError(f"escalate.to: {self.escalate.to} may answer from the beginning; name who comes after")
        return self


class Seat(Frozen):
    """One place that one person fills by saying yes; `need` counts the stage's needs from 0."""

    need: int
    roles: tuple[Role, ...]
    markets: tuple[Market, ...]
    every: bool
    """Whether all of `markets` are needed, or one of them is enough."""
    shared: bool = False
    """Whether the same person may also fill the other seats of this need."""


def seats_of(stage: Stage, markets: tuple[Market, ...]) -> tuple[Seat, ...]:
    """Every seat of a stage for an audience in `markets`, in order."""
    found: list[Seat] = []
    for at, need in enumerate(stage.needs):
        every = need.markets != "any"
        if need.markets == "each":
            found += [
                Seat(need=at, roles=need.any_of, markets=(market,), every=True, shared=True) for market in markets
            ]
        elif need.all_of:
            found += [Seat(need=at, roles=(role,), markets=markets, every=every) for role in need.all_of]
        else:
            found += [Seat(need=at, roles=need.any_of, markets=markets, every=every)] * need.count
    return tuple(found)


def several(who: str, count: int) -> str:
    """`2 brand leads`; `2 of legal` and `2 of brand lead or legal`, which have no plural."""
    return f"{count} of {who}" if who == "legal" or " or " in who else f"{count} {who}s"

"""What every policy says of itself: who owns it, why it exists, where it holds, and how it is tested."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from presscheck.digests import digest_of
from presscheck.models import KINDS, AssetKind, Channel, Digest, Frozen, Market, is_own
from presscheck.world.days import Day

PolicyId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)
]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
All = Literal["all"]
Channels = All | Annotated[tuple[Channel, ...], Field(min_length=1)]
Markets = All | Annotated[tuple[Market, ...], Field(min_length=1)]


def _asked_about(kind: str) -> str:
    if kind not in KINDS and not is_own(kind):
        known = ", ".join(one for one in KINDS if one != "brief")
        raise ValueError(f"is no kind; there are {known}, and those of a project's own, of two words or more")
    if kind == "brief":
        raise ValueError("is what a campaign begins with, and nobody is asked about it; name what is made from it")
    return kind


AskedKind = Annotated[AssetKind, AfterValidator(_asked_about)]
"""A kind of asset that people are asked about."""
Kinds = All | Annotated[tuple[AskedKind, ...], Field(min_length=1)]


def both_ways(says: str) -> AfterValidator:
    """What refuses cases that show one way only; of the field, so that it is told together with all other faults."""

    def check(cases: tuple[Any, ...]) -> tuple[Any, ...]:
        if len({getattr(case, says) for case in cases}) < 2:
            raise ValueError(f"give at least one case with {says}: true and one with {says}: false")
        return cases

    return AfterValidator(check)


class Source(Frozen):
    """Where a rule comes from; a rule without a source is an opinion."""

    name: Words = Field(description="The law, standard, study or decision, such as 16 CFR 465.2.")
    date: Day = Field(description="The day of the version that was read: year-month-day.")


class Policy(Frozen):
    """The part that guardrails and approval policies share."""

    id: PolicyId = Field(description="Group and name, such as brand.no-shouting; the file is called by the name.")
    title: Words = Field(description="The rule in one line.")
    why: Words = Field(description="Why it matters; it is shown to the person whom it stops.")
    source: Source = Field(description="Where the rule comes from: name and date.")
    owner: Words = Field(description="The role or team that answers for this rule.")
    overrides: bool = Field(default=False, description="true: replaces the policy of the same id below the overlay.")

    @cached_property
    def version(self) -> Digest:
        """The digest of the parsed content: comments and layout do not count, everything else does."""
        # A float has no canonical form, so it counts as it is written.
        return digest_of(json.loads(self.model_dump_json(), parse_float=str))


def covers(scope: tuple[str, ...] | All, wanted: Iterable[str], *, every: bool) -> bool:
    """Whether a scope reaches all (`every`) or any of what is wanted; nothing wanted is never covered."""
    asked = tuple(wanted)
    if not asked:
        return False
    if scope == "all":
        return True
    return (all if every else any)(one in scope for one in asked)

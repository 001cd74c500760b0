"""A role as it is given: in which markets, from which day to which; and what several of them reach together."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal, Self, cast

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from presscheck.models import Frozen, Market, Role
from presscheck.world.days import Day


class Grant(Frozen):
    """One role, in the markets named or in all of them, from its first day to its last."""

    role: Role
    markets: tuple[Market, ...] | Literal["all"]
    begins: Day | None = None
    """The first day, in UTC; None: at once."""
    ends: Day | None = None
    """The last day, in UTC, itself included; None: until it is taken away."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError(f"it ends on {self.ends}, before it begins on {self.begins}")
        return self

    @model_serializer(mode="wrap")
    def _without_empty_dates(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A grant without dates is stored as it was before there were dates, to the byte.
        body = cast(dict[str, Any], serialize(self))
        return {key: value for key, value in body.items() if value is not None}

    def covers(self, markets: Iterable[str]) -> bool:
        """Whether this grant alone reaches every one of `markets`."""
        return self.markets == "all" or set(markets) <= set(self.markets)

    def holds_on(self, day: date, latest: date | None = None) -> bool:
        """Whether it has begun on `day`, and is not over on `latest` (by default the same day)."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or (latest or day) <= self.ends)


def reaches(held: Sequence[Grant], wanted: Grant) -> bool:
    """Whether `held` together give `wanted`: its role, in each of its markets, on each of its days.

    `all` markets are reached by `all` only; a wanted grant in no market is reached by whoever has the role.
    """
    same = [grant for grant in held if grant.role == wanted.role]
    markets = ("all",) if wanted.markets == "all" else wanted.markets
    return bool(same) and all(
        _covers_days([one for one in same if one.markets == "all" or market in one.markets], wanted)
        for market in markets
    )


def _covers_days(held: Sequence[Grant], wanted: Grant) -> bool:
    """Whether every day of `wanted` is a day of one of `held`."""
    reached, last = (wanted.begins or date.min).toordinal(), (wanted.ends or date.max).toordinal()
    for first, end in sorted(
        ((one.begins or date.min).toordinal(), (one.ends or date.max).toordinal()) for one in held
    ):
        if first > reached:
            return False
        reached = max(reached, end + 1)
        if reached > last:
            return True
    return False

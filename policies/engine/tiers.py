"""Risk tiers as a decision table: the first row that fits says how much is at stake, and no row is a hold."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from policies.engine.approval import Gate
from policies.engine.policy import AskedKind, Policy, Words
from presscheck.models import Channel, Collaboration, Frozen, Market, RiskTier, Worst

_LONGEST = timedelta(days=366)


def _lasting(text: str) -> str:
    if not timedelta() < _span(text) <= _LONGEST:
        raise ValueError(f"is no window; write a number and h or d, such as 24h or 7d, of at most {_LONGEST.days} days")
    return text


def _span(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    # int reads digits of other scripts, signs and underscores as well.
    if not (number.isascii() and number.isdigit() and len(number) <= 4) or unit not in ("h", "d"):
        return timedelta()
    return timedelta(hours=int(number)) if unit == "h" else timedelta(days=int(number))


Window = Annotated[str, AfterValidator(_lasting)]
RowName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]


class Facts(Frozen):
    """What a tier is worked out from. `reach` None is everybody: more than any number.

    Reach and spend are the campaign's: with what its other runs came to within the table's window.
    """

    gate: Gate
    channel: Channel
    kinds: tuple[AskedKind, ...] = Field(default=("copy",), min_length=1, description="What is asked about.")
    reach: int | None = Field(default=None, ge=0, description="Recipients; nothing: everybody.")
    spend: int = Field(default=0, ge=0, description="Whole US dollars on media.")
    markets: tuple[Market, ...] = Field(min_length=1)
    collaboration: Collaboration
    worst_finding: Worst = "none"
    first_use: bool = False


class Within(Frozen):
    """Bounds of a number, both included."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)

    def holds(self, number: int | None) -> bool:
        """Whether a number lies within; None is more than any."""
        if number is None:
            return self.at_most is None
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most, so nothing fits; swap them")
        return self


class Conditions(Frozen):
    """What a row asks for; a condition that is left out asks nothing, and an empty row fits everything."""

    gates: tuple[Gate, ...] | None = Field(default=None, min_length=1, description="One of these gates.")
    channels: tuple[Channel, ...] | None = Field(default=None, min_length=1, description="One of these channels.")
    kinds: tuple[AskedKind, ...] | None = Field(default=None, min_length=1, description="Any of these kinds.")
    reach: Within | None = Field(default=None, description="Recipients; everybody is more than any number.")
    spend: Within | None = Field(default=None, description="Whole US dollars on media.")
    markets: tuple[Market, ...] | None = Field(default=None, min_length=1, description="Any of these markets.")
    market_count: Within | None = Field(default=None, description="How many markets.")
    collaboration: tuple[Collaboration, ...] | None = Field(default=None, min_length=1)
    worst_finding: tuple[Worst, ...] | None = Field(default=None, min_length=1, description="One of these.")
    first_use: bool | None = Field(default=None, description="Of a model or a prompt.")

    def fit(self, facts: Facts) -> bool:
        """Whether every condition that is given holds."""
        return (
            (self.gates is None or facts.gate in self.gates)
            and (self.channels is None or facts.channel in self.channels)
            and (self.kinds is None or bool(set(facts.kinds) & set(self.kinds)))
            and (self.reach is None or self.reach.holds(facts.reach))
            and (self.spend is None or self.spend.holds(facts.spend))
            and (self.markets is None or bool(set(facts.markets) & set(self.markets)))
            and (self.market_count is None or self.market_count.holds(len(set(facts.markets))))
            and (self.collaboration is None or facts.collaboration in self.collaboration)
            and (self.worst_finding is None or facts.worst_finding in self.worst_finding)
            and (self.first_use is None or facts.first_use == self.first_use)
        )


class TierRow(Frozen):
    """One row of the table."""

    row: RowName = Field(description="The row's name, shown wherever it decided.")
    when: Conditions = Field(description="All of these must hold; {} fits everything.")
    tier: RiskTier = Field(description="low, medium, high or critical.")
    why: Words = Field(description="Why this is so much at stake; reviewers read it.")


class TierCase(Frozen):
    """A situation, and the row that must decide it; hold where none may."""

    when: Facts
    row: RowName | Literal["hold"] = Field(description="The row's name, or hold.")


class TierTable(Policy):
    """The table. There is one in a set; rows are read from the top."""

    kind: Literal["tiers"] = Field(description="tiers.")
    window: Window | None = Field(
        default=None,
        description="How far back other runs of a campaign add to its reach and spend, such as 7d; without one, "
        "every question stands for itself.",
    )
    rows: tuple[TierRow, ...] = Field(min_length=1, max_length=200, description="From the top; the first that fits.")
    cases: tuple[TierCase, ...] = Field(min_length=2, description="Situations and the row that decides each.")

    @model_serializer(mode="wrap")
    def _as_before_without_a_window(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `window` where there is none: such a table keeps the version that it had before."""
        told: dict[str, Any] = dump(self)
        if self.window is None:
            told.pop("window", None)
        return told

    @property
    def counts_over(self) -> timedelta | None:
        """How far back other runs of a campaign count; None: they do not."""
        return None if self.window is None else _span(self.window)

    def row_for(self, facts: Facts) -> TierRow | None:
        """The first row that fits; None: hold."""
        return next((row for row in self.rows if row.when.fit(facts)), None)

    def failing(self) -> Iterable[tuple[int, str]]:
        """The index of each case that does not hold, with what happened instead."""
        for at, case in enumerate(self.cases):
            row = self.row_for(case.when)
            decided = "hold" if row is None else row.row
            if decided != case.row:
                yield at, f"should be decided by {case.row} and is by {decided}; mend the rows or the case"

    @model_validator(mode="after")
    def _rows_can_decide(self) -> Self:
        names = [row.row for row in self.rows]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"rows: {', '.join(doubled)} is there twice; a row is told by its name")
        if "hold" in names:
            raise ValueError("rows: no row can be called hold; leave the situation out and it holds")
        everything = next((at for at, row in enumerate(self.rows) if row.when == Conditions()), None)
        if everything is not None and everything + 1 < len(self.rows):
            first, later = self.rows[everything].row, names[everything + 1]
            raise ValueError(f"rows: {first} fits everything, so {later} never decides; move {first} down")
        if unheard := [case.row for case in self.cases if case.row not in ("hold", *names)]:
            raise ValueError(
                f"cases: there is no row {', '.join(dict.fromkeys(unheard))}; write hold where nothing should fit"
            )
        return self

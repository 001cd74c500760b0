"""Charts as plain numbers: where each bar stands and how high it is. A page draws them, and writes the table below.

charts = charts_of(months, "EUR")       # Chart: a title, a unit, a bar for each month
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from presscheck.figures.measures import MEASURES
from presscheck.figures.months import Month

WIDE, HIGH = 720, 200
"""The drawing's size, without the lines of text below and above it."""
_FEWEST_ROOMS = 6
"""A single month gets the room of one of so many, and does not fill the page."""
_GAP = 0.35
"""How much of a month's room stays free."""


@dataclass(frozen=True)
class Bar:
    """One month; `value` is None where there is nothing to measure, and no bar is drawn."""

    label: str
    value: Decimal | None
    n: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """One measure over time."""

    name: str
    title: str
    unit: str
    bars: tuple[Bar, ...]

    @property
    def said(self) -> str:
        """The chart in a sentence, for those who do not see it."""
        known = [bar for bar in self.bars if bar.value is not None]
        if not known:
            return f"{self.title}: nothing to measure."
        first, last = known[0], known[-1]
        told = f"{self.title}, {self.unit}: {first.value} in {first.label}"
        return f"{told}." if first is last else f"{told}, {last.value} in {last.label}."


def charts_of(months: Sequence[Month], currency: str) -> list[Chart]:
    """Campaigns and approved assets, then every measure of which any month has a value."""
    counted = [
        _chart("campaigns", "Campaigns opened", "campaigns", months, [_count(one.figures.campaigns) for one in months]),
        _chart("assets", "Assets approved", "assets", months, [_count(one.figures.approved_assets) for one in months]),
    ]
    measured = [
        _chart(
            measure.id,
            measure.title,
            measure.unit or currency,
            months,
            [((figure := one.figures.of(measure.id)).value, figure.n) for one in months],
        )
        for measure in MEASURES
    ]
    return [chart for chart in (*counted, *measured) if any(bar.value is not None for bar in chart.bars)]


def _count(number: int) -> tuple[Decimal, int]:
    return Decimal(number), number


def _chart(
    name: str, title: str, unit: str, months: Sequence[Month], values: list[tuple[Decimal | None, int]]
) -> Chart:
    most = max((value for value, _ in values if value), default=Decimal(1))
    room = WIDE / max(len(months), _FEWEST_ROOMS)
    bars: list[Bar] = []
    for at, (month, (value, n)) in enumerate(zip(months, values, strict=True)):
        height = 0.0 if value is None else round(float(value / most) * HIGH, 1)
        x, width = round(at * room + room * _GAP / 2, 1), round(room * (1 - _GAP), 1)
        bars.append(Bar(f"{month.first:%b %Y}", value, n, x, round(HIGH - height, 1), width, height))
    return Chart(name, title, unit, tuple(bars))

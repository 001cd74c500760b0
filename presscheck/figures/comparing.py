"""Before and after, side by side: only what was measured on both sides is compared."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from presscheck.figures.baseline import Baseline, BaselineVersion
from presscheck.figures.working import Figure, Figures


@dataclass(frozen=True)
class Line:
    """One measure: as it is, as it was, and what lies between."""

    figure: Figure
    unit: str
    before: Decimal | None = None
    before_n: int | None = None
    change: Decimal | None = None
    change_percent: Decimal | None = None
    """None where there is nothing to compare, or where it was 0 before."""
    remark: str = ""

    @property
    def better(self) -> bool | None:
        """Whether it became better; None where nobody can say."""
        if not self.change or self.figure.measure.lower_is_better is None:
            return None
        return (self.change < 0) == self.figure.measure.lower_is_better

    def as_json(self) -> dict[str, Any]:
        """The figure with what it was before."""
        amounts = {"before": self.before, "change": self.change, "change_percent": self.change_percent}
        told = {name: None if amount is None else str(amount) for name, amount in amounts.items()}
        return {**self.figure.as_json(), "unit": self.unit, **told, "before_n": self.before_n, "remark": self.remark}


def lines_of(figures: Figures, currency: str, version: BaselineVersion | None) -> list[Line]:
    """Every measure in order, compared where the baseline has it in the same unit."""
    return [_line(figure, currency, None if version is None else version.baseline) for figure in figures.figures]


def _line(figure: Figure, currency: str, baseline: Baseline | None) -> Line:
    unit = figure.measure.unit or currency
    before = None if baseline is None else baseline.figures.get(figure.measure.id)
    if baseline is None or before is None:
        return Line(figure, unit, remark=figure.remark)
    if not figure.measure.unit and baseline.currency != currency:
        said = f"before it was in {baseline.currency}, which cannot be compared with {currency}"
        return Line(figure, unit, remark=f"{figure.remark}; {said}" if figure.remark else said)
    change = None if figure.value is None else figure.value - before.value
    percent = None if change is None or not before.value else _tenth(100 * change / before.value)
    return Line(figure, unit, before.value, before.n, change, percent, figure.remark)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)

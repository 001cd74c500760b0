"""The figures as one HTML page with a picture: no script, nothing fetched, everything escaped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from presscheck.figures.baseline import BaselineVersion
from presscheck.figures.comparing import Line
from presscheck.figures.working import Figures

_WIDE = 320


@dataclass(frozen=True)
class Bars:
    """Two bars of one measure, drawn to one scale."""

    line: Line
    before: int
    after: int


def as_page(
    figures: Figures, lines: list[Line], version: BaselineVersion | None, *, period: str, title: str, now: datetime
) -> str:
    """One page that opens without a network."""
    import jinja2

    source = files("presscheck.figures").joinpath("figures.html.j2").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)
    return template.render(
        figures=figures,
        lines=lines,
        bars=before_and_after(lines),
        version=version,
        period=period,
        title=title,
        made=f"{now:%-d %B %Y, %H:%M} UTC",
        day=_day,
    )


def before_and_after(lines: Iterable[Line]) -> list[Bars]:
    """The bars of every measure that both sides have."""
    return [_bars(line) for line in lines if line.before is not None and line.figure.value is not None]


def _bars(line: Line) -> Bars:
    before, after = line.before or Decimal(0), line.figure.value or Decimal(0)
    most = max(before, after)
    if not most:
        return Bars(line, 0, 0)
    return Bars(line, round(_WIDE * before / most), round(_WIDE * after / most))


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"

"""Figures month by month, and without those that would be one person's.

    months = by_month(runs, rates, now=now)              # the last twelve in which a campaign was opened
    shown = without_personal(figures, runs)              # minutes and cost only where enough people answered

Minutes come from when somebody opened a question, which is told of nobody by name. Of one or two people it would be
told all the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from presscheck.figures.facts import CampaignRun
from presscheck.figures.measures import MeasureId
from presscheck.figures.working import Figures, work_out
from presscheck.settings.figures import BaselineSection

FEWEST = 3
"""Of fewer people nothing is shown that says how long they worked."""
MONTHS = 12
_OF_WORK: tuple[MeasureId, ...] = ("minutes-per-asset", "cost-per-asset")
_HELD_BACK = f"kept back: fewer than {FEWEST} people answered, and it would say how long each of them worked"


@dataclass(frozen=True)
class Month:
    """One month's figures, of the campaigns that were opened in it."""

    first: date
    figures: Figures


def by_month(runs: Sequence[CampaignRun], rates: BaselineSection, *, now: datetime, whole: bool = True) -> list[Month]:
    """The last months in which a campaign was opened, oldest first."""
    found: dict[date, list[CampaignRun]] = defaultdict(list)
    for run in runs:
        found[run.opened.date().replace(day=1)].append(run)
    return [
        Month(
            first,
            without_personal(
                work_out(found[first], rates, since=first, until=last_day(first), now=now, whole=whole), found[first]
            ),
        )
        for first in sorted(found)[-MONTHS:]
    ]


def last_day(first: date) -> date:
    """The last day of the month that begins there."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def is_held_back(runs: Sequence[CampaignRun]) -> bool:
    """Whether so few people answered that figures of work would be theirs."""
    return len({answer.person for run in runs for answer in run.answers}) < FEWEST


def without_personal(figures: Figures, runs: Sequence[CampaignRun]) -> Figures:
    """The same figures, without those of work where they would be one person's or two's."""
    if not is_held_back(runs):
        return figures
    kept = tuple(
        replace(one, n=0, value=None, least=None, most=None, remark=_HELD_BACK)
        if one.measure.id in _OF_WORK and one.value is not None
        else one
        for one in figures.figures
    )
    return replace(figures, figures=kept)

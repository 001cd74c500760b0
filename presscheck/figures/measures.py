"""The measures: each with its definition, so that last year's figures and this year's say the same."""

from dataclasses import dataclass
from typing import Literal

MeasureId = Literal[
    "velocity-days",
    "cost-per-asset",
    "minutes-per-asset",
    "change-requests",
    "edited-percent",
    "approved-percent",
    "answer-hours",
]


@dataclass(frozen=True)
class Measure:
    """One figure that can be compared; `unit` is empty for money, which is in the settings' currency."""

    id: MeasureId
    title: str
    unit: str
    definition: str
    lower_is_better: bool | None
    """None where less is neither better nor worse."""


MEASURES: tuple[Measure, ...] = (
    Measure(
        "velocity-days",
        "Velocity",
        "days",
        "From the day on which work on the brief began (its `begun`, from midnight UTC; without one, the first run "
        "that opened it) to the first message that went out. Median of campaigns that delivered.",
        True,
    ),
    Measure(
        "cost-per-asset",
        "Cost per approved asset",
        "",
        "What models charged, human minutes at the hourly rate, and the tools' monthly cost for the period, divided by "
        "the approved assets.",
        True,
    ),
    Measure(
        "minutes-per-asset",
        "Human minutes per approved asset",
        "minutes",
        "For each answer, from when that person first opened the review (its proof, its form) to the answer, at most "
        "the cap; and the minutes that people stated. Writing the brief counts only where it was stated.",
        True,
    ),
    Measure(
        "change-requests",
        "Requests for changes",
        "per campaign",
        "How often people sent a round back, divided by the campaigns that people answered.",
        True,
    ),
    Measure(
        "edited-percent",
        "Assets edited before approval",
        "%",
        "Approved assets whose words a person changed, of all approved assets.",
        True,
    ),
    Measure(
        "approved-percent",
        "Reviews approved",
        "%",
        "Approvals, of all answers that people gave: approvals, rejections and requests for changes.",
        None,
    ),
    Measure(
        "answer-hours",
        "Time to answer",
        "hours",
        "From when the question was asked to when a person answered it; nights and weekends count. Median of answers.",
        True,
    ),
)

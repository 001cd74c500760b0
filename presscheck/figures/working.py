"""Figures worked out of facts: each with its number of cases, and none where there is no case."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from presscheck.figures.facts import Answer, CampaignRun
from presscheck.figures.measures import MEASURES, Measure, MeasureId
from presscheck.settings.figures import BaselineSection

_MONTH = Decimal("30.4375")
_Value = tuple[Decimal, int, Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Figure:
    """One measure; `value` is None where there is nothing to measure, and `remark` says why."""

    measure: Measure
    n: int
    value: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        """For programs: numbers as text, so that none is rounded on the way."""
        amounts = {name: None if amount is None else str(amount) for name, amount in self._amounts().items()}
        return {**asdict(self.measure), "n": self.n, **amounts, "remark": self.remark}

    def _amounts(self) -> dict[str, Decimal | None]:
        return {"value": self.value, "least": self.least, "most": self.most}


@dataclass(frozen=True)
class Figures:
    """All measures of one period, with the counts that they rest on."""

    figures: tuple[Figure, ...]
    campaigns: int
    delivered: int
    approved_assets: int
    approvals: int
    rejections: int
    change_requests: int
    model_cost: Decimal
    """In dollars."""
    human_minutes: Decimal
    stated_minutes: int
    unseen_answers: int
    """Answers of which nothing shows when the person opened the question; they count no minutes."""
    unpriced_requests: int
    other_answers: int
    """Answers about budgets, plans and whatever else does not go out; they count in no figure."""

    def of(self, measure: MeasureId) -> Figure:
        return next(figure for figure in self.figures if figure.measure.id == measure)


def work_out(
    runs: Sequence[CampaignRun], rates: BaselineSection, *, since: date | None, until: date | None, now: datetime,
    whole: bool = True,
) -> Figures:  # fmt: skip
    """The figures of these runs; `whole` is False where they are one campaign's, of which tools serve more."""
    answers = [answer for run in runs for answer in run.answers]
    counted = [answer for answer in answers if answer.seen is not None]
    worked = sum((_minutes(answer, rates.minutes_cap) for answer in counted), Decimal(0))
    stated = sum(run.stated_minutes for run in runs)
    assets = {(run.run, asset) for run in runs for asset in run.approved}
    edited = {(run.run, asset) for run in runs for asset in run.approved & run.edited}
    dollars = Decimal(sum(run.microdollars for run in runs)) / 1_000_000
    kinds = [answer.kind for answer in answers]
    judged = len(kinds) - kinds.count("written")
    answered_runs = sum(bool(run.answers) for run in runs)
    minutes = worked + stated
    values: dict[MeasureId, _Value | str] = {
        "velocity-days": _median([_days(run) for run in runs if run.delivered], "no campaign has delivered"),
        "minutes-per-asset": _per(minutes, len(assets), "nothing was approved"),
        "change-requests": _per(Decimal(kinds.count("changes")), answered_runs, "nobody has answered"),
        "edited-percent": _per(Decimal(100 * len(edited)), len(assets), "nothing was approved"),
        "approved-percent": _per(Decimal(100 * kinds.count("approved")), judged, "nobody has answered"),
        "answer-hours": _median([_hours(answer) for answer in answers], "nobody has answered"),
    }
    cost, remark = _cost(dollars, minutes, rates, _months(runs, since, until, now) if whole else None)
    values["cost-per-asset"] = remark if cost is None else _per(cost, len(assets), "nothing was approved")
    unseen = len(answers) - len(counted)
    remarks: dict[MeasureId, str] = {"cost-per-asset": remark}
    if answers:
        remarks["minutes-per-asset"] = f"{len(counted)} of {len(answers)} answers show when they were begun"
    return Figures(
        figures=tuple(_figure(measure, values[measure.id], remarks.get(measure.id, "")) for measure in MEASURES),
        campaigns=len(runs),
        delivered=sum(run.delivered is not None for run in runs),
        approved_assets=len(assets),
        approvals=kinds.count("approved"),
        rejections=kinds.count("rejected"),
        change_requests=kinds.count("changes"),
        model_cost=dollars,
        human_minutes=_rounded(worked),
        stated_minutes=stated,
        unseen_answers=unseen,
        unpriced_requests=sum(run.unpriced for run in runs),
        other_answers=sum(run.other_answers for run in runs),
    )


def _figure(measure: Measure, value: _Value | str, remark: str) -> Figure:
    if isinstance(value, str):
        return Figure(measure, 0, remark=value)
    middle, n, least, most = value
    return Figure(
        measure,
        n,
        _rounded(middle),
        None if least is None else _rounded(least),
        None if most is None else _rounded(most),
        remark,
    )


def _median(values: list[Decimal], nothing: str) -> _Value | str:
    return (median(values), len(values), min(values), max(values)) if values else nothing


def _per(amount: Decimal, n: int, nothing: str) -> _Value | str:
    return (amount / n, n, None, None) if n else nothing


def _cost(
    dollars: Decimal, minutes: Decimal, rates: BaselineSection, months: Decimal | None
) -> tuple[Decimal | None, str]:
    """What it all cost in the settings' currency, and what has to be said of it; None where a rate is missing."""
    if rates.hourly_rate is None:
        return None, "there is no hourly rate; set [baseline] hourly_rate"
    rate = Decimal(1) if rates.currency == "USD" else rates.dollar_rate
    if rate is None and dollars:
        return None, f"models charge in dollars; set [baseline] dollar_rate to what one costs in {rates.currency}"
    people = minutes / 60 * rates.hourly_rate
    tools = Decimal(0) if months is None else sum(rates.tools.values(), Decimal(0)) * months
    left_out = "tools are left out: they serve all campaigns" if months is None and rates.tools else ""
    parts = f"models {_rounded(dollars * (rate or 0))}, people {_rounded(people)}, tools {_rounded(tools)}"
    return dollars * (rate or 0) + people + tools, f"{parts}{'; ' + left_out if left_out else ''}"


def _months(runs: Sequence[CampaignRun], since: date | None, until: date | None, now: datetime) -> Decimal:
    """How long the tools were paid for: the period asked for, as far as it is over."""
    if not runs:
        return Decimal(0)
    begins = datetime.combine(since, time(), UTC) if since else min(run.opened for run in runs)
    ends = min(now, datetime.combine(until + timedelta(days=1), time(), UTC)) if until else now
    return max(Decimal(0), Decimal((ends - begins) / timedelta(days=1)) / _MONTH)


def _minutes(answer: Answer, cap: float) -> Decimal:
    begins = max(answer.asked, answer.seen or answer.answered)
    worked = Decimal(str((answer.answered - begins).total_seconds())) / 60
    return min(max(worked, Decimal(0)), Decimal(str(cap)))


def _days(run: CampaignRun) -> Decimal:
    over = run.delivered or run.begun
    return max(Decimal(0), Decimal(str((over - run.begun).total_seconds())) / 86_400)


def _hours(answer: Answer) -> Decimal:
    return Decimal(str((answer.answered - answer.asked).total_seconds())) / 3600


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)

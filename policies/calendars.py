"""Working time: when an office is open, and when a duration that counts only open hours is over.

office.after(asked_at, "16bh")       # sixteen hours in which somebody is there
office.after(asked_at, "2bd")        # the same time of day, two working days on
office.after(asked_at, "36h")        # plain time needs no calendar: see `after`
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.policy import Policy
from presscheck.models import Frozen, Market

__all__ = ["Calendar", "CalendarCase", "Duration", "after", "counts_working_time", "plain_limit"]

_DURATION = re.compile(r"^([1-9][0-9]{0,3})(m|h|d|bh|bd)$")
_PLAIN = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=90)
# Beyond this no office opens any more: a calendar that closes every day must not be searched for ever.
_HORIZON_DAYS = 400
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


def _lasting(text: str) -> str:
    found = _DURATION.match(text)
    if found is None:
        raise ValueError("is no duration; write a number and m, h, d, bh (business hours) or bd, such as 36h or 2bd")
    amount, unit = int(found[1]), found[2]
    # A business day is a day at least, and a business hour an hour at least: neither may outlast the plain limit.
    span = timedelta(days=amount) if unit == "bd" else timedelta(**{_PLAIN[unit.removeprefix("b")]: amount})
    if span > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST.days} days; prices and claims do not hold that long")
    return text


Duration = Annotated[str, AfterValidator(_lasting)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name[:60]!r} is no time zone; write an IANA name such as Europe/Berlin") from error
    return name


class CalendarCase(Frozen):
    """A start, a duration and when it is over, each as a local time without zone."""

    start: datetime
    lasts: Duration
    over: datetime


class Calendar(Policy):
    """When an office is open: its zone, its hours, its working days, its country's public holidays."""

    kind: Literal["calendar"] = Field(description="calendar.")
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(description="IANA name, such as Europe/Berlin.")
    country: Market = Field(description="ISO 3166-1 alpha-2 code whose public holidays are closed days.")
    subdivision: Annotated[str, StringConstraints(max_length=10)] = Field(
        default="", description="A state or province whose own holidays count too, such as BY or CA."
    )
    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7, description="Working days, such as [mon, tue].")
    opens: Clock = Field(description="When the day begins, such as 09:00.")
    closes: Clock = Field(description="When it ends, such as 17:00; later than opens.")
    closed: tuple[date, ...] = Field(default=(), max_length=200, description="Further closed days.")
    cases: tuple[CalendarCase, ...] = Field(min_length=2, description="Durations and when they are over.")

    @model_validator(mode="after")
    def _can_be_open(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("closes: must be later than opens; an office open overnight is two calendars")
        if len(set(self.days)) != len(self.days):
            raise ValueError("days: names a day twice")
        try:
            _holidays(self.country, self.subdivision, 2026)
        except NotImplementedError as error:
            raise ValueError(
                f"country: the public holidays of {self.country} {self.subdivision} are not known"
            ) from error
        return self

    def after(self, start: datetime, lasts: str) -> datetime:
        """When `lasts` is over that began at `start` (with a zone); in the zone of `start`."""
        amount, unit = _parts(lasts)
        if unit not in ("bh", "bd"):
            return start + timedelta(**{_PLAIN[unit]: amount})
        zone = ZoneInfo(self.time_zone)
        local = start.astimezone(zone)
        ended = self._hours_on(local, timedelta(hours=amount)) if unit == "bh" else self._days_on(local, amount)
        return ended.astimezone(start.tzinfo)

    def failing(self) -> Iterable[tuple[int, str]]:
        """The index of each case that does not hold, with what happened instead."""
        zone = ZoneInfo(self.time_zone)
        for at, case in enumerate(self.cases):
            over = self.after(case.start.replace(tzinfo=zone), case.lasts).astimezone(zone).replace(tzinfo=None)
            if over != case.over:
                yield at, f"is over on {over.isoformat(' ', 'minutes')}, and the case says otherwise"

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens on this day."""
        if _DAYS[day.weekday()] not in self.days or day in self.closed:
            return False
        return day not in _holidays(self.country, self.subdivision, day.year)

    def _hours_on(self, local: datetime, left: timedelta) -> datetime:
        for day in self._working_days(local.date()):
            opens, closes = self._open_between(day, local)
            begin = max(local, opens)
            if begin >= closes:
                continue
            # Counted in elapsed time: on a day when the clocks change, an hour is still an hour.
            open_for = closes.timestamp() - begin.timestamp()
            if left.total_seconds() <= open_for:
                return datetime.fromtimestamp(begin.timestamp() + left.total_seconds(), local.tzinfo)
            left -= timedelta(seconds=open_for)
        raise AssertionError(f"{self.id}: no end within {_HORIZON_DAYS} days")

    def _days_on(self, local: datetime, amount: int) -> datetime:
        begin: datetime | None = None
        for day in self._working_days(local.date()):
            opens, closes = self._open_between(day, local)
            if begin is None:
                if local >= closes:
                    continue
                # What is asked before opening, or on a closed day, begins when the office opens next.
                begin = max(local, opens)
                continue
            amount -= 1
            if amount == 0:
                return datetime.combine(day, begin.timetz().replace(tzinfo=None), local.tzinfo)
        raise AssertionError(f"{self.id}: no end within {_HORIZON_DAYS} days")

    def _open_between(self, day: date, local: datetime) -> tuple[datetime, datetime]:
        opens = datetime.combine(day, time.fromisoformat(self.opens), local.tzinfo)
        if self.closes == "24:00":
            return opens, datetime.combine(day + timedelta(days=1), time(), local.tzinfo)
        return opens, datetime.combine(day, time.fromisoformat(self.closes), local.tzinfo)

    def _working_days(self, first: date) -> list[date]:
        days = (first + timedelta(days=ahead) for ahead in range(_HORIZON_DAYS))
        return [day for day in days if self.is_working_day(day)]


def after(start: datetime, lasts: str, calendar: Calendar | None) -> datetime:
    """When `lasts` is over; ValueError for business time without a calendar."""
    if calendar is not None:
        return calendar.after(start, lasts)
    if counts_working_time(lasts):
        raise ValueError(f"{lasts} counts working time, and no calendar says when that is")
    amount, unit = _parts(lasts)
    return start + timedelta(**{_PLAIN[unit]: amount})


def counts_working_time(lasts: str) -> bool:
    """Whether a duration is in business hours or days."""
    return _parts(lasts)[1] in ("bh", "bd")


def plain_limit(lasts: str) -> timedelta:
    """A span that a duration certainly does not outlast, weekends and holidays included."""
    amount, unit = _parts(lasts)
    if unit in _PLAIN:
        return timedelta(**{_PLAIN[unit]: amount})
    return timedelta(days=_HORIZON_DAYS)


def _parts(lasts: str) -> tuple[int, str]:
    found = _DURATION.match(lasts)
    if found is None:
        raise ValueError(f"{lasts[:20]!r} is no duration")
    return int(found[1]), found[2]


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """A country's public holidays. NotImplementedError where the library knows neither it nor its subdivision."""
    import holidays

    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    return frozenset(found)

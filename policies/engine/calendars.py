"""Working time: when an office is open, and when a duration that counts only open hours is over.

office.after(asked_at, "16bh")       # sixteen hours in which somebody is there
office.after(asked_at, "2bd")        # the same time of day, two working days on
office.after(asked_at, "36h")        # plain time needs no calendar: see `after`
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    NaiveDatetime,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from policies.engine.policy import Policy
from presscheck.models import Frozen, Market

_DURATION = re.compile(r"^([1-9][0-9]{0,3})(m|h|d|bh|bd)$")
_PLAIN = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=90)
# Nothing waits longer than this, whatever the calendar: one that closes every day must not be searched for ever.
_HORIZON_DAYS = 400
_MINUTE = timedelta(minutes=1)
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

    start: NaiveDatetime
    lasts: Duration
    over: NaiveDatetime


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

    # Each fault is told at the field that it is of, once those above it are right.
    @field_validator("country", "subdivision")
    @classmethod
    def _has_known_holidays(cls, text: str, info: ValidationInfo) -> str:
        country, subdivision = (info.data["country"], text) if "country" in info.data else (text, "")
        try:
            _holidays(country, subdivision, 2026)
        except NotImplementedError as error:
            raise ValueError(f"the public holidays of {f'{country} {subdivision}'.strip()} are not known") from error
        return text

    @field_validator("days")
    @classmethod
    def _each_day_once(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(days)) != len(days):
            raise ValueError("names a day twice")
        return days

    @field_validator("closes")
    @classmethod
    def _closes_after_it_opens(cls, closes: str, info: ValidationInfo) -> str:
        if closes <= info.data.get("opens", ""):
            raise ValueError("must be later than opens; an office open overnight is two calendars")
        return closes

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if self._surely_open < 1:
            raise ValueError(f"closed: leaves no day in {_HORIZON_DAYS} on which the office surely opens")
        return self

    def after(self, start: datetime, lasts: str) -> datetime:
        """When `lasts` is over that began at `start`, in the zone of `start`; ValueError where it has none.

        Working time ends in opening hours, and after 400 days whatever is left: see `too_long`.
        """
        amount, unit = _parts(lasts)
        if unit not in ("bh", "bd"):
            return _plainly(start, amount, unit)
        if start.tzinfo is None:
            raise ValueError("the start names no time zone")
        began = start.astimezone(UTC)
        ended = self._hours_on(began, timedelta(hours=amount)) if unit == "bh" else self._days_on(began, amount)
        return ended.astimezone(start.tzinfo)

    def too_long(self, lasts: str) -> bool:
        """Whether this much working time may not come together within 400 days."""
        amount, unit = _parts(lasts)
        if unit == "bd":
            # The day that it begins on does not count.
            return amount + 1 > self._surely_open
        return unit == "bh" and timedelta(hours=amount) > self._surely_open * self._shortest_day

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

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """From when to when, in UTC, the office would be open on this day if it is a working day."""
        closing = day + timedelta(days=1) if self.closes == "24:00" else day
        closes = time() if self.closes == "24:00" else time.fromisoformat(self.closes)
        return self._at(day, time.fromisoformat(self.opens)), self._at(closing, closes)

    @cached_property
    def _surely_open(self) -> int:
        """How many days the office opens in 400 at the very least, wherever the holidays fall."""
        closed = sorted(day for day in set(self.closed) if _DAYS[day.weekday()] in self.days)
        within = [sum(timedelta() <= day - first < timedelta(_HORIZON_DAYS) for day in closed) for first in closed]
        # 400 days touch two years, or three of which one is whole: two years' holidays and a few more.
        most = max(len(_holidays(self.country, self.subdivision, year)) for year in (2025, 2026, 2027))
        return _HORIZON_DAYS // 7 * len(self.days) - max(within, default=0) - 2 * most

    @property
    def _shortest_day(self) -> timedelta:
        """How long it is open on a day when the clocks go forward by an hour; never below a minute."""
        opens, closes = self.hours_of(date(2026, 1, 15))
        night = self.opens < "04:00"
        return max(closes - opens - timedelta(hours=1 if night else 0), _MINUTE)

    def _hours_on(self, began: datetime, left: timedelta) -> datetime:
        """Counted in elapsed time: on a day when the clocks change, an hour is still an hour."""
        for opens, closes in self._openings(began):
            begin = max(began, opens)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        return began + timedelta(days=_HORIZON_DAYS)

    def _days_on(self, began: datetime, amount: int) -> datetime:
        """The same time of day; what is asked before opening, or on a closed day, begins when the office opens next."""
        clock: time | None = None
        for opens, closes in self._openings(began):
            if clock is None:
                clock = self._clock_of(max(began, opens))
                continue
            amount -= 1
            if amount == 0:
                day = opens.astimezone(self.zone).date()
                return min(max(self._at(day, clock), opens), closes)
        return began + timedelta(days=_HORIZON_DAYS)

    def _openings(self, began: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From when to when it is open, day by day, as far as that lies after `began`."""
        first, known = began.astimezone(self.zone).date(), self._looked_up
        for ahead in range(_HORIZON_DAYS):
            day = first + timedelta(days=ahead)
            if day not in known:
                known[day] = self.hours_of(day) if self.is_working_day(day) else None
            hours = known[day]
            if hours is not None and max(began, hours[0]) < hours[1]:
                yield hours

    @cached_property
    def _looked_up(self) -> dict[date, tuple[datetime, datetime] | None]:
        """The days that were asked for; every open review asks for the same few."""
        return {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone as times are converted to it."""
        return ZoneInfo(self.time_zone)

    def _at(self, day: date, clock: time) -> datetime:
        """When a clock on the wall first shows this or, where the clocks skip it, something later."""
        wall = datetime.combine(day, clock.replace(fold=0))
        while True:
            found = wall.replace(tzinfo=self.zone).astimezone(UTC)
            if found.astimezone(self.zone).replace(tzinfo=None) == wall:
                return found
            wall = wall.replace(second=0, microsecond=0) + _MINUTE

    def _clock_of(self, moment: datetime) -> time:
        """What the clock on the wall shows; in an hour that comes twice, the second time, when that hour is over.

        So that who begins later never ends earlier.
        """
        local = moment.astimezone(self.zone)
        while local.fold:
            local = (local.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE).astimezone(self.zone)
        return local.time()


def after(start: datetime, lasts: str, calendar: Calendar | None) -> datetime:
    """When `lasts` is over; ValueError for business time without a calendar."""
    if calendar is not None:
        return calendar.after(start, lasts)
    if counts_working_time(lasts):
        raise ValueError(f"{lasts} counts working time, and no calendar says when that is")
    return _plainly(start, *_parts(lasts))


def counts_working_time(lasts: str) -> bool:
    """Whether a duration is in business hours or days."""
    return _parts(lasts)[1] in ("bh", "bd")


def plain_limit(lasts: str) -> timedelta:
    """A span that a duration certainly does not outlast, weekends and holidays included."""
    amount, unit = _parts(lasts)
    if unit in _PLAIN:
        return timedelta(**{_PLAIN[unit]: amount})
    return timedelta(days=_HORIZON_DAYS)


def _plainly(start: datetime, amount: int, unit: str) -> datetime:
    """Elapsed time, whatever the clocks of the start's zone do meanwhile."""
    if start.tzinfo is None:
        raise ValueError("the start names no time zone")
    return (start.astimezone(UTC) + timedelta(**{_PLAIN[unit]: amount})).astimezone(start.tzinfo)


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

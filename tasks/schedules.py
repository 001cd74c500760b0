"""When a campaign starts by itself, and what is wrong with that: told where it is written, not in the night it skips.

    Cron("0 9 * * 1", zone="Europe/London")     # asleep until a scheduler switches it on

A night in spring leaves an hour out, and one in autumn has an hour twice. Prefect starts what falls into the first an
hour later, and what falls into the second at its first coming; whoever wrote the schedule meant neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from presscheck.documents.sentences import nearest, shown

_AHEAD = timedelta(days=800)
"""Over two years: each zone that changes its clocks has then done so both ways."""
_SHORT = timedelta(hours=6)
"""No night skips or repeats more than this; Samoa once left out a day, and everybody knew."""
_FEW = 3
"""What comes in more hours of a day than these is not missed in one."""


@dataclass(frozen=True)
class Cron:
    """A schedule: five fields of cron, in a time zone. `active`: it starts runs as soon as it is registered."""

    text: str
    zone: str = "UTC"
    active: bool = False


@dataclass(frozen=True)
class _Change:
    """A night of changed clocks: from when on, as they show it, and for how long, a time is missing or double."""

    begins: datetime
    lasts: timedelta
    skipped: bool

    def holds(self, time: datetime) -> bool:
        """Whether this time of day lies in it."""
        first = self.begins.replace(year=time.year, month=time.month, day=time.day)
        return first <= time < first + self.lasts


def faults_of_schedule(cron: object, zone: object, *, as_of: datetime, day_or: bool = True) -> list[str]:
    """What is wrong with a schedule, each with what to write instead; nothing for one that comes when it says."""
    if faults := [*_no_cron(cron), *faults_of_zone(zone)]:
        return faults
    return list(_nights(str(cron), str(zone), as_of, day_or))


def faults_of_zone(zone: object) -> list[str]:
    """What is wrong with a time zone's name."""
    if isinstance(zone, str) and not zone.startswith(("posix", "right")):
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            # A list of all is read from some 600 files, which no wake need pay for.
            by_lower = {name.lower(): name for name in available_timezones()}
            if meant := nearest(zone.replace(" ", "_"), list(by_lower)):
                return [f"there is no time zone {shown(zone)}; did you mean {by_lower[meant]}?"]
        else:
            return []
    return [f"there is no time zone {shown(zone)}; write a name such as Europe/London, or UTC"]


def _no_cron(text: object) -> list[str]:
    # Prefect's own reader, so that nothing is refused that it takes; importing it costs 6 ms.
    from prefect._vendor.croniter import croniter

    write = "write five fields (minute, hour, day, month, weekday), such as 0 9 * * 1 for Mondays at nine"
    if not isinstance(text, str):
        return [f"{shown(text)} is no text; {write}"]
    if not croniter.is_valid(text):
        return [f"{shown(text)} is no cron; {write}"]
    if {"r", "h"} & set(text.lower().split()):
        return [f"{shown(text)} draws a time by chance, which Prefect does not take; {write}"]
    return []


def _nights(cron: str, zone: str, as_of: datetime, day_or: bool) -> Iterator[str]:
    """The next time that does not exist, and the next that comes twice."""
    from prefect._vendor.croniter import croniter

    hours = croniter.expand(cron)[0][1]
    if hours == ["*"] or len(hours) > _FEW:
        return
    changes = [one for one in _changes(ZoneInfo(zone), as_of) if one.lasts < _SHORT]
    told: set[bool] = set()
    for change in changes:
        due = croniter(cron, change.begins - timedelta(seconds=1), day_or=day_or).get_next(datetime)
        if change.skipped in told or due >= change.begins + change.lasts:
            continue
        told.add(change.skipped)
        another = due
        while any(one.holds(another) for one in changes):
            another += timedelta(hours=1)
        yield (
            f"{due:%Y-%m-%d %H:%M} {'does not exist' if change.skipped else 'comes twice'} in {zone}, because the "
            f"clocks are changed that night; write another hour, such as {another:%H:%M}, or the zone UTC"
        )


def _changes(zone: ZoneInfo, as_of: datetime) -> Iterator[_Change]:
    at, end, day = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0), as_of + _AHEAD, timedelta(days=1)
    while at < end:
        before, after = _offset(zone, at), _offset(zone, at + day)
        if before != after:
            low, high = at, at + day
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            moment = high.replace(second=0, microsecond=0, tzinfo=None)
            yield _Change(moment + min(before, after), abs(after - before), skipped=after > before)
        at += day


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()

"""A schedule comes when it says, or is told with what to write: no zone is unknown, and no night skips its hour."""

from datetime import UTC, datetime

import pytest

from tasks.schedules import faults_of_schedule

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SKIPPED, TWICE = "does not exist", "comes twice"


def told(cron: object, zone: object = "UTC") -> list[str]:
    return faults_of_schedule(cron, zone, as_of=NOW)


@pytest.mark.parametrize(
    ("cron", "zone", "said"),
    [
        ("30 2 * * *", "Europe/Berlin", ["2027-03-28 02:30 does not exist", "2027-10-31 02:30 comes twice"]),
        ("0 2,14 * * *", "Europe/Berlin", ["2027-03-28 02:00 does not exist", "2027-10-31 02:00 comes twice"]),
        ("30 1 * * *", "America/New_York", ["2027-11-07 01:30 comes twice"]),
        ("@daily", "America/Havana", ["2027-03-14 00:00 does not exist", "2027-11-07 00:00 comes twice"]),
        ("15 2 * * *", "Australia/Lord_Howe", ["2027-10-03 02:15 does not exist"]),
        ("30 2 * * 0", "Europe/Berlin", ["2027-03-28 02:30 does not exist", "2027-10-31 02:30 comes twice"]),
        ("0 3 * * *", "Europe/Berlin", []),
        ("30 2 * * 1", "Europe/Berlin", []),
        ("0 * * * *", "Europe/Berlin", []),
        ("0 */6 * * *", "America/Havana", []),
        ("0 2-5 * * *", "Europe/Berlin", []),
        ("30 2 * * *", "Asia/Tokyo", []),
        ("30 2 * * *", "UTC", []),
    ],
)
def test_an_hour_that_a_night_skips_or_repeats_is_told_with_its_date(cron: str, zone: str, said: list[str]) -> None:
    assert [one.partition(f" in {zone}")[0] for one in told(cron, zone)] == said


@pytest.mark.parametrize(
    ("cron", "zone", "hour"),
    [("30 2 * * *", "Europe/Berlin", "03:30"), ("30 1 * * *", "America/New_York", "03:30")],
)
def test_the_hour_that_is_written_instead_is_sound_in_both_nights(cron: str, zone: str, hour: str) -> None:
    minute, at = hour[3:], int(hour[:2])

    assert all(f"such as {hour}, or the zone UTC" in one for one in told(cron, zone))
    assert told(f"{minute} {at} * * *", zone) == []


@pytest.mark.parametrize(
    ("cron", "zone", "said"),
    [
        ("0 9 * *", "UTC", "“0 9 * *” is no cron; write five fields"),
        ("0 25 * * *", "UTC", "is no cron"),
        ("", "UTC", "is no cron"),
        (9, "UTC", "“9” is no text"),
        ("R 2 * * *", "UTC", "draws a time by chance"),
        ("0 9 * * 1", "europe/london", "did you mean Europe/London?"),
        ("0 9 * * 1", "New York", "there is no time zone “New York”"),
        ("0 9 * * 1", "Europe", "there is no time zone “Europe”"),
        ("0 9 * * 1", "../../etc/passwd", "there is no time zone"),
        ("0 9 * * 1", "", "there is no time zone"),
        ("0 9 * * 1", None, "there is no time zone “None”"),
    ],
)
def test_what_is_no_schedule_is_told_with_what_to_write(cron: object, zone: object, said: str) -> None:
    (fault,) = told(cron, zone)

    assert said in fault


def test_cron_and_zone_are_told_at_once() -> None:
    assert len(told("x", "Mars")) == 2

"""A day is the day that is written there, in every spelling of it, and nothing else is a day."""

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.world.days import read_day


@pytest.mark.parametrize(
    "written",
    [
        "2027-01-03",
        "2027-1-3",
        " 2027-01-03 ",
        "2027-01-03T00:00:00",
        "2027-01-03t00:00",
        "2027-01-03 00:00:00.000",
        "2027-01-03T00:00:00Z",
        "2027-01-03 00:00:00 +05:30",
        "2027-01-03T00:00:00-0800",
        date(2027, 1, 3),
    ],
)
def test_every_spelling_of_a_day_is_that_day(written: object) -> None:
    assert read_day(written) == date(2027, 1, 3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (1577836800, "“1577836800” is not a date"),
        (1577836800.0, "is not a date"),
        ("1577836800", "“1577836800” is not a date"),
        ("20270103", "is not a date"),
        ("03.01.2027", "is not a date"),
        ("2027-W01-1", "is not a date"),
        ("2027-02-29", "there is no day 2027-02-29"),
        ("2027-13-01", "there is no day 2027-13-01"),
        ("2999-01-01", "check the year"),
        ("0027-01-01", "check the year"),
        ("2027-01-03T08:00:00Z", "write year-month-day alone, such as 2027-01-03"),
        (datetime(2027, 1, 3, tzinfo=UTC), "write year-month-day alone"),
        (True, "is not a date"),
        (None, "is not a date"),
        ("٢٠٢٧-٠١-٠٣", "is not a date"),
    ],
)
def test_what_is_no_day_is_told_with_what_to_write(given: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_day(given)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)), st.sampled_from(["", "T00:00", " 0:00:00Z"]))
def test_a_written_day_is_read_back(day: date, after: str) -> None:
    assert read_day(day.isoformat() + after) == day


@given(st.text() | st.integers() | st.floats() | st.none())
def test_what_is_read_as_a_day_names_its_year_and_the_rest_is_refused(given: object) -> None:
    with contextlib.suppress(ValueError):
        found = read_day(given)
        assert isinstance(given, str)
        assert str(found.year) in given

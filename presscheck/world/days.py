"""A day as people write it: 2027-01-13, in each spelling that YAML reads as that day, and in no other."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from presscheck.documents.sentences import shown

# YAML 1.1's timestamps: one digit for a month, and a time that may follow after `T` or a space.
_WRITTEN = re.compile(
    r"\s*(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:[Tt]|\s+)(?P<time>[0-9]{1,2}(?::[0-9]{2}){0,2}(?:\.[0-9]*)?)\s*(?:[Zz]|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?\s*"
)


def read_day(given: object) -> date:
    """The day that is meant; ValueError, with what to write, for a number, a time of day and a far year."""
    if isinstance(given, datetime):
        raise ValueError("names a time of day; write year-month-day alone, such as 2027-03-31")
    found = given if isinstance(given, date) else _written(given)
    if not 1900 <= found.year <= 2199:
        raise ValueError(f"{found} is not a day between 1900-01-01 and 2199-12-31; check the year")
    return found


def _written(given: object) -> date:
    # Pydantic would read a number as seconds since 1970, and a moment as its day.
    match = _WRITTEN.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise ValueError(f"{shown(given)} is not a date; write year-month-day, such as 2027-03-31")
    try:
        found = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        raise ValueError(f"there is no day {match['year']}-{match['month']}-{match['day']}") from None
    if match["time"] and set(match["time"]) - set("0:."):
        raise ValueError(f"names a time of day; write year-month-day alone, such as {found}")
    return found


Day = Annotated[date, BeforeValidator(read_day)]
"""A day, written 2027-01-13."""

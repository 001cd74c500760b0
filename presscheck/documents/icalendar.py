"""Writes a calendar as a file that other programs read (RFC 5545), with nothing in it but what is given.

    text = icalendar([Item(uid="R-1", title="Answer: Spring launch", begins=moment)], name="Presscheck", now=now)

Every text is escaped and every line folded at 75 octets, so that no title can end its line and begin a line of its own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_OCTETS = 75
_ENDS_OR_IS_NOTHING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, and what some readers take for the end of a line."""
# What stands for something else in a text (RFC 5545, 3.3.11); the backslash first, so that none is escaped twice.
_ESCAPES = (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n"))


@dataclass(frozen=True)
class Item:
    """One thing in a calendar: at a moment, or on a whole day."""

    uid: str
    """The same thing is the same item whenever it is read; letters, digits and hyphens."""
    title: str
    begins: datetime | date
    said: str = ""
    url: str = ""


def icalendar(items: Iterable[Item], *, name: str, now: datetime) -> str:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Presscheck//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        # RFC 7986, 5.7: how often it is worth asking again.
        "REFRESH-INTERVAL;VALUE=DURATION:PT30M",
        *(line for item in items for line in _lines(item, now)),
        "END:VCALENDAR",
    ]
    return "".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """A text as a value: on one line, without control characters (RFC 5545, 3.3.11)."""
    for given, written in _ESCAPES:
        text = text.replace(given, written)
    return _ENDS_OR_IS_NOTHING.sub(" ", text)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, each but the first after a space, never within a character."""
    pieces: list[str] = []
    piece, octets = "", 0
    for one in line:
        size = len(one.encode())
        if octets + size > _OCTETS:
            pieces.append(piece)
            # The space that begins the next line is one of its octets.
            piece, octets = "", 1
        piece, octets = piece + one, octets + size
    return "\r\n ".join([*pieces, piece]) + "\r\n"


def _lines(item: Item, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(item.uid)}@presscheck"
    yield f"DTSTAMP:{_moment(now)}"
    if isinstance(item.begins, datetime):
        yield f"DTSTART:{_moment(item.begins)}"
    else:
        yield f"DTSTART;VALUE=DATE:{item.begins:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{item.begins + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(item.title)}"
    if item.said:
        yield f"DESCRIPTION:{escaped(item.said)}"
    if item.url:
        # A value of type URI is not escaped; what could end its line is taken out all the same.
        yield f"URL:{''.join(one for one in item.url if ' ' < one < chr(127))}"
    # Nobody is busy because a question waits.
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"

"""iCalendar (RFC 5545) as bytes: a text stays one property's value, word for word.

    calendar("PUBLISH", [[line("UID", "3f9a@presscheck"), line("SUMMARY", text("Rain; and wind"))]])

Written out here, because the libraries that we looked at read `\\N` in somebody's text as a line end.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

_CONTROL = re.compile("[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029]")
_FOLD = 75
"""Octets in a line, without its end (RFC 5545, section 3.1)."""
_PRODUCT = "-//Presscheck//Social calendar//EN"


def calendar(method: Literal["PUBLISH", "CANCEL"], events: Iterable[list[str]]) -> bytes:
    """A calendar of these events, each a list of content lines that are not folded yet. Lines end in CRLF."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", f"METHOD:{method}"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return b"".join(map(_folded, [*lines, "END:VCALENDAR"]))


def line(name: str, value: str) -> str:
    """One content line. ValueError for a value that would be more than one."""
    if not is_one_line(value):
        raise ValueError(f"{name} holds a line end or a sign that iCalendar does not take")
    return f"{name}:{value}"


def is_one_line(value: str) -> bool:
    """Whether a value holds no line end and no control character, which no property may hold but for a tab."""
    return _CONTROL.search(value) is None


def text(words: str) -> str:
    """Words as a value of type TEXT (section 3.3.11)."""
    even = re.sub("\r\n?", "\n", words)
    return re.sub(r"([\\;,])", r"\\\1", even).replace("\n", "\\n")


def moment(at: datetime) -> str:
    """A time in UTC (section 3.3.5, form 2)."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def organizer(name: str, address: str) -> str:
    """The line that says whose events these are; RFC 5546, sections 3.2.1 and 3.2.5, ask for it in both methods."""
    # RFC 6868: a quote cannot stand in a quoted parameter, and is said by a sign for it.
    said = name.replace("^", "^^").replace('"', "^'")
    return line(f'ORGANIZER;CN="{said}"', f"mailto:{address}")


def _folded(unfolded: str) -> bytes:
    """A content line with its end, in pieces of at most 75 octets; no character is cut in two."""
    pieces, piece = [b""], b""
    for one in unfolded:
        octets = one.encode("utf-8")
        if len(pieces[-1]) + len(piece) + len(octets) > _FOLD:
            pieces[-1] += piece
            pieces.append(b" ")
            piece = b""
        piece += octets
    pieces[-1] += piece
    return b"\r\n".join([*pieces, b""])

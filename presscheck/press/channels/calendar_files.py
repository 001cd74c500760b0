"""Social posts as a calendar: a CSV for schedulers and an iCalendar for people, one of each a delivery.

    home/files/social/D-3f9a….csv      date, time, text, link: what scheduling tools import
    home/files/social/D-3f9a….ics      RFC 5545; any calendar opens it
    home/files/social/D-3f9a….recall.csv, .recall.ics     once it was recalled: the same posts, Removed and CANCELLED
    home/files/social/recalled/                           and the files themselves

One post a day at the hour of the settings, in UTC; closer together where the brief's deadline leaves
fewer days. The times follow from the permit's, so they are the same whenever the files are made.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from presscheck.cleaning import shorten
from presscheck.errors import ChannelError
from presscheck.posts import Post
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown
from presscheck.press.channels.search_csv import FORMULA
from presscheck.press.channels.whole_file import move_aside, read_whole, try_writing, unless_stopped, write_whole

__all__ = ["SocialCalendar", "slot_of"]

_COLUMNS = ("Date", "Time (UTC)", "Text", "Link", "Campaign", "Markets", "Presscheck key")
_DELIVERY = re.compile(r"D-[0-9a-f]{12}")
# An apostrophe of the text's own is guarded too, so that reading the file gives the text again.
_GUARDED = (*FORMULA, "'")
_LASTS = timedelta(minutes=15)
_NOTICE = timedelta(hours=1)


class SocialCalendar:
    """Posts as calendar files under one folder."""

    def __init__(self, folder: Path, *, hour: int) -> None:
        self.folder = folder
        self.hour = hour
        self._stopping: Callable[[], bool] = lambda: False

    def greet(self, *, seconds: float) -> str:
        """Whether the folder can be written. ChannelError where it cannot."""
        return try_writing(self.folder)

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Leave the files as they are once this says true."""
        self._stopping = stopping

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Add a batch to the delivery's files. ChannelError if the disk does not take them."""
        entries = {entry.key: entry for entry in _entries(self.path(delivery))}
        answers: list[Sent | Failed | Unknown] = []
        for message in batch:
            if message.post is None or message.post.channel != "social":
                answers.append(Failed(message.key, "it is no social post"))
                continue
            entries[message.key] = self._entry(message.key, message.post)
            answers.append(Sent(message.key))
        unless_stopped(self._stopping, delivery)
        if entries:
            ordered = sorted(entries.values(), key=lambda entry: (entry.at, entry.key))
            # The CSV says what was taken, so it comes last.
            write_whole(self.path(delivery).with_suffix(".ics"), _ics(ordered))
            write_whole(self.path(delivery), _csv(ordered))
        return answers

    def outcome(self, delivery: str, key: str) -> Fate:
        """Certain: a post is in the files or it is not."""
        return "sent" if key in {entry.key for entry in _entries(self.path(delivery))} else "not-sent"

    def close(self, report: Report) -> str:
        """Where the calendar is; nothing where no post was written."""
        path = self.path(report.delivery)
        return str(path) if path.exists() else ""

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Move the files aside and write ones that cancel their posts: nobody knows who has read them."""
        path = self.path(delivery)
        aside = move_aside(path)
        move_aside(path.with_suffix(".ics"))
        entries = sorted(_entries(aside), key=lambda entry: (entry.at, entry.key))
        if entries:
            write_whole(path.with_suffix(".recall.ics"), _ics(entries, cancelled=True))
            write_whole(path.with_suffix(".recall.csv"), _csv(entries, status="Removed"))
        told = "the files were moved aside; whoever imported them imports the .recall files, which cancel the posts"
        return Recalled((), tuple(keys), told)

    def path(self, delivery: str) -> Path:
        """Where a delivery's CSV is. ValueError for a name that is none of ours."""
        if _DELIVERY.fullmatch(delivery) is None:
            raise ValueError("deliveries are hexadecimal")
        return self.folder / f"{delivery}.csv"

    def _entry(self, key: str, post: Post) -> "_Entry":
        return _Entry(
            key=key,
            at=slot_of(*post.place, after=post.at, deadline=post.deadline, hour=self.hour),
            text=post.text,
            link=post.link.url,
            campaign=post.campaign,
            markets=", ".join(post.markets),
        )


def slot_of(place: int, count: int, *, after: datetime, deadline: date, hour: int) -> datetime:
    """When the post at `place` of `count` is due: after the permit, and on the deadline's day at the latest."""
    end = datetime.combine(deadline, time(23, 45), UTC)
    first = datetime.combine(after.astimezone(UTC).date(), time(hour), UTC)
    if first < after + _NOTICE:
        first += timedelta(days=1)
    if first + timedelta(days=count - 1) <= end:
        return first + timedelta(days=place)
    soon = min((after.astimezone(UTC) + _NOTICE).replace(minute=0, second=0, microsecond=0) + _NOTICE, end)
    return (soon + (end - soon) * place / max(count - 1, 1)).replace(second=0, microsecond=0)


@dataclass(frozen=True)
class _Entry:
    key: str
    at: datetime
    text: str
    link: str
    campaign: str
    markets: str


def _csv(entries: Sequence[_Entry], *, status: str = "") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    more = [status] if status else []
    writer.writerow([*_COLUMNS, "Status"] if status else _COLUMNS)
    for entry in entries:
        day, clock = entry.at.strftime("%Y-%m-%d"), entry.at.strftime("%H:%M")
        cells = [day, clock, _harmless(entry.text), entry.link, entry.campaign, entry.markets, entry.key]
        writer.writerow([*cells, *more])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _harmless(text: str) -> str:
    """A text that a spreadsheet would run gets an apostrophe in front, which spreadsheets hide (OWASP).

    A post may well begin with @; the calendar beside has its exact words.
    """
    return f"'{text}" if text.startswith(_GUARDED) else text


def _entries(path: Path) -> list[_Entry]:
    content = read_whole(path)
    if content is None:
        return []
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        if not rows or tuple(rows[0]) != _COLUMNS:
            raise ValueError("other columns")
        return [_read(row) for row in rows[1:]]
    except (ValueError, csv.Error) as error:
        raise ChannelError(
            f"{path}: somebody changed it: {error}. Move it away, or put the press's file back."
        ) from error


def _read(row: list[str]) -> _Entry:
    day, clock, text, link, campaign, markets, key = row
    if not all(one.isprintable() for one in (link, campaign, markets, key)):
        raise ValueError("a line end where the press writes none")
    at = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    plain = text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text
    return _Entry(key, at, plain, link, campaign, markets)


def _ics(entries: Sequence[_Entry], *, cancelled: bool = False) -> bytes:
    # The library escapes line ends, commas and semicolons and folds lines: a text stays one property's value.
    import icalendar

    calendar: Any = icalendar.Calendar()
    calendar.add("prodid", "-//Presscheck//Social calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    for entry in entries:
        event: Any = icalendar.Event()
        event.add("uid", f"{entry.key}@presscheck")
        event.add("dtstamp", entry.at)
        event.add("dtstart", entry.at)
        event.add("dtend", entry.at + _LASTS)
        event.add("summary", f"{entry.campaign}: {shorten(' '.join(entry.text.split()), 80)}")
        event.add("description", f"{entry.text}\n\n{entry.link}")
        event.add("url", entry.link)
        event.add("transp", "TRANSPARENT")
        if cancelled:
            # RFC 5546, 3.2.5: the same UID with a higher number takes the event away.
            event.add("status", "CANCELLED")
            event.add("sequence", 1)
        calendar.add_component(event)
    return bytes(calendar.to_ical())

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

from presscheck.assets.copy.posts import Post
from presscheck.cleaning import clean_line, hidden_in, shorten
from presscheck.errors import ChannelError
from presscheck.ledger.store import Clock, utc_now
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown, ical
from presscheck.press.channels.cells import formula_in, guarded, unguarded
from presscheck.press.channels.whole_file import move_aside, read_whole, try_writing, unless_stopped, write_whole

_COLUMNS = ("Date", "Time (UTC)", "Text", "Link", "Campaign", "Markets", "Presscheck key")
_DELIVERY = re.compile(r"D-[0-9a-f]{12}")
_LASTS = timedelta(minutes=15)
_NOTICE = timedelta(hours=1)


class SocialCalendar:
    """Posts as calendar files under one folder."""

    def __init__(self, folder: Path, *, hour: int, clock: Clock = utc_now) -> None:
        self.folder = folder
        self.hour = hour
        self._clock = clock
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
        organizer, made = list[str](), self._clock()
        for message in batch:
            if message.post is None or message.post.channel != "social":
                answers.append(Failed(message.key, "it is no social post"))
                continue
            if formula_in(message.post.link.url) is not None:
                answers.append(Failed(message.key, "its link holds what a spreadsheet would run; write it otherwise"))
                continue
            entries[message.key] = self._entry(message.key, message.post)
            # One permit and one sender for all of a delivery, so the same in whichever batch this is made.
            made, sender = message.post.at, message.post.sender
            organizer = [ical.organizer(clean_line(sender.name), sender.address)]
            answers.append(Sent(message.key))
        unless_stopped(self._stopping, delivery)
        if organizer:
            ordered = sorted(entries.values(), key=lambda entry: (entry.at, entry.key))
            # The CSV says what was taken, so it comes last.
            write_whole(self.path(delivery).with_suffix(".ics"), _ics(ordered, organizer=organizer, made=made))
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
            organizer = _organizer_in(aside.with_suffix(".ics"))
            taken_away = _ics(entries, organizer=organizer, made=self._clock(), cancelled=True)
            write_whole(path.with_suffix(".recall.ics"), taken_away)
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
        # A post may well begin with @; the calendar beside has its exact words.
        cells = [day, clock, guarded(entry.text), entry.link, entry.campaign, entry.markets, entry.key]
        writer.writerow([*cells, *more])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


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
    if not all(map(ical.is_one_line, (link, campaign, markets, key))):
        raise ValueError("a line end where the press writes none")
    at = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    if hidden_in(text):
        raise ValueError("a sign that nobody sees, where the press writes none")
    return _Entry(key, at, unguarded(text), link, campaign, markets)


def _ics(entries: Sequence[_Entry], *, organizer: list[str], made: datetime, cancelled: bool = False) -> bytes:
    """What RFC 5546 asks of published events (section 3.2.1), or of events that are taken away (3.2.5)."""
    # The same UID with a higher number takes the event away.
    more = [ical.line("STATUS", "CANCELLED"), ical.line("SEQUENCE", "1")] if cancelled else []
    events = [
        [
            ical.line("UID", f"{entry.key}@presscheck"),
            ical.line("DTSTAMP", ical.moment(made)),
            *organizer,
            ical.line("DTSTART", ical.moment(entry.at)),
            ical.line("DTEND", ical.moment(entry.at + _LASTS)),
            ical.line("SUMMARY", ical.text(f"{entry.campaign}: {shorten(' '.join(entry.text.split()), 80)}")),
            ical.line("DESCRIPTION", ical.text(f"{entry.text}\n\n{entry.link}")),
            ical.line("URL", entry.link),
            ical.line("TRANSP", "TRANSPARENT"),
            *more,
        ]
        for entry in entries
    ]
    return ical.calendar("CANCEL" if cancelled else "PUBLISH", events)


def _organizer_in(path: Path) -> list[str]:
    """The line of a calendar of ours that says whose its events are; none in calendars from before there was one."""
    content = read_whole(path) or b""
    lines = content.decode("utf-8", "replace").replace("\r\n ", "").split("\r\n")
    found = list(dict.fromkeys(line for line in lines if line.startswith("ORGANIZER")))
    if len(found) > 1 or not ical.is_one_line("".join(found)):
        raise ChannelError(f"{path}: somebody changed whose events these are. Put the press's file back.")
    return found

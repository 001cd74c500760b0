"""The calendar: what goes out when, what waits until when, what reaches the same people; as a page and as a feed.

GET  /calendar?month=2026-03          one month, day by day; and what collides now
POST /calendar/address, /calendar/end an address for calendar programs, made anew or taken back
GET  /calendar/feed/SECRET.ics        the same for a program (RFC 5545): the secret opens it, and no cookie does

The feed carries titles, times and links that take a sign-in: no texts, no names of people.
"""

import re
import time
from collections import deque
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from presscheck.desk.collisions import MOST_COMPARED, WITHIN, Overlaps, collisions, compared
from presscheck.documents.icalendar import Item, icalendar
from presscheck.door.calendar_entries import (
    Entry,
    Start,
    by_day,
    entries_between,
    planned_starts,
    sendings_near,
    waiting_for,
)
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.people.calendar_addresses import digest_of_token, end_address, made_at, make_address, person_of
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_MOST_WAITING = 200
_BACK, _AHEAD = timedelta(days=31), timedelta(days=366)
_FEED = re.compile(r"([A-Za-z0-9_-]{43})\.ics")
_WORDS = {
    "answer": "Answer by",
    "last day": "Last day of use",
    "sent": "Sent",
    "held": "Held",
    "on its way": "On its way",
    "starts": "Starts",
    "goes on": "Goes on",
}


class Fetches:
    """How often feeds are asked for: each address a few times in ten minutes, and all wrong ones together."""

    A_WHILE, OF_ONE, OF_WRONG = 600.0, 30, 60

    def __init__(self) -> None:
        self._alone = Lock()
        self._asked: dict[str, deque[float]] = {}
        self._wrong: deque[float] = deque()

    def has(self, digest: str) -> bool:
        """Whether this address may be asked for now; while many wrong ones are tried, only those that opened before."""
        now = time.monotonic()
        with self._alone:
            asked = self._asked.get(digest)
            if asked is None:
                return len(self._since(self._wrong, now)) < self.OF_WRONG
            return len(self._since(asked, now)) < self.OF_ONE

    def opened(self, digest: str) -> None:
        """Take down that it was a good one."""
        with self._alone:
            self._asked.setdefault(digest, deque(maxlen=self.OF_ONE)).append(time.monotonic())

    def was_wrong(self, digest: str) -> None:
        """Take down that it opened nothing; one that was taken back counts among the strange ones from then on."""
        with self._alone:
            self._asked.pop(digest, None)
            self._wrong.append(time.monotonic())

    def _since(self, asked: deque[float], now: float) -> deque[float]:
        while asked and asked[0] <= now - self.A_WHILE:
            asked.popleft()
        return asked


def routes(door: Doorway) -> list[Route]:
    """The page, its forms, and the feed."""
    overlaps, fetches = Overlaps(door.settings.home), Fetches()
    return [
        signed_in_route(door, "/calendar", "GET", partial(_page, overlaps)),
        signed_in_route(door, "/calendar/address", "POST", partial(_address, overlaps)),
        signed_in_route(door, "/calendar/end", "POST", partial(_end, overlaps)),
        Route("/calendar/feed/{name}", partial(_feed, door, fetches), methods=["GET"]),
    ]


async def _page(overlaps: Overlaps, door: Doorway, request: Request, session: Session) -> Response:
    starts = await planned_starts(door)
    return await run_in_threadpool(_shown, overlaps, door, session, starts, request.query_params.get("month", ""))


async def _address(overlaps: Overlaps, door: Doorway, request: Request, session: Session) -> Response:
    if not await is_ours(door, request, session, await form_of(request)):
        return foreign()

    def made() -> str:
        with door.ledger.write() as tx:
            return make_address(tx, session.person)

    address = f"{door.url}/calendar/feed/{await run_in_threadpool(made)}.ics"
    return await run_in_threadpool(_shown, overlaps, door, session, await planned_starts(door), address=address)


async def _end(overlaps: Overlaps, door: Doorway, request: Request, session: Session) -> Response:
    if not await is_ours(door, request, session, await form_of(request)):
        return foreign()

    def ended() -> bool:
        with door.ledger.write() as tx:
            return end_address(tx, session.person)

    had = await run_in_threadpool(ended)
    done = "The address is taken back: it opens nothing any more." if had else "You have no address to take back."
    return await run_in_threadpool(_shown, overlaps, door, session, await planned_starts(door), done=done)


def _shown(
    overlaps: Overlaps,
    door: Doorway,
    session: Session,
    starts: list[Start] | None,
    month: str = "",
    *,
    address: str = "",
    done: str = "",
) -> Response:
    with door.ledger.read() as tx:
        waiting, more = waiting_for(door, tx, session.person, most=_MOST_WAITING)
        first = _first(month, tx.now)
        after = (first + timedelta(days=31)).replace(day=1)
        entries = entries_between(door, tx, _midnight(first), _midnight(after), waiting=waiting, starts=starts or ())
        sendings, left_out = compared(sendings_near(tx, waiting))
        name, since, now = person_name(tx, session.person), made_at(tx, session.person), tx.now
    return page(
        "calendar.html",
        session=session,
        name=name,
        now=now,
        days=by_day(entries),
        words=_WORDS,
        first=first,
        before=first - timedelta(days=1),
        after=after,
        asked_prefect=starts is not None,
        more=more,
        collisions=collisions(sendings, overlaps),
        compared=len(sendings),
        left_out=left_out,
        most_compared=MOST_COMPARED,
        within=WITHIN.days,
        since=since,
        address=address,
        done=done,
    )


async def _feed(door: Doorway, fetches: Fetches, request: Request) -> Response:
    found = _FEED.fullmatch(str(request.path_params["name"]))
    token = found[1] if found else ""
    digest = digest_of_token(token)
    if not fetches.has(digest):
        return _plain("Too often; try again later.", 429)
    person = await run_in_threadpool(_whose, door, token)
    if person is None:
        fetches.was_wrong(digest)
        return _plain("There is no such calendar.", 404)
    fetches.opened(digest)
    starts = await planned_starts(door)
    if starts is None:
        # A calendar without them would take them out of everybody's; a program that gets none keeps what it has.
        return _plain("What starts when is not known at the moment; try again later.", 503)
    text = await run_in_threadpool(_written, door, person, starts)
    return Response(text, media_type="text/calendar; charset=utf-8", headers={"Referrer-Policy": "no-referrer"})


def _plain(words: str, status: int) -> Response:
    headers = {"Referrer-Policy": "no-referrer"} | ({"Retry-After": "600"} if status != 404 else {})
    return PlainTextResponse(words + "\n", status_code=status, headers=headers)


def _whose(door: Doorway, token: str) -> str | None:
    with door.ledger.read() as tx:
        return person_of(tx, token)


def _written(door: Doorway, person: str, starts: list[Start]) -> str:
    with door.ledger.read() as tx:
        waiting, _more = waiting_for(door, tx, person, most=_MOST_WAITING)
        first, after = tx.now - _BACK, tx.now + _AHEAD
        entries = entries_between(door, tx, first, after, waiting=waiting, starts=starts)
        return icalendar([_item(door, entry) for entry in entries], name="Presscheck", now=tx.now)


def _item(door: Doorway, entry: Entry) -> Item:
    title = f"{'Your answer by' if entry.mine and entry.kind == 'answer' else _WORDS[entry.kind]}: {entry.title}"
    return Item(
        uid=f"{entry.kind.replace(' ', '-')}-{entry.key}",
        title=title,
        begins=entry.day if entry.whole_day else entry.at,
        said=entry.said,
        url=f"{door.url}{entry.path}" if entry.path else "",
    )


def _first(month: str, now: datetime) -> date:
    found = _MONTH.fullmatch(month)
    return date(int(found[1]), int(found[2]), 1) if found else now.astimezone(UTC).date().replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

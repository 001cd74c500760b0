"""The figures at the door, with charts and each chart's table: for who decides, or administers who does.

GET /figures?since=2026-01&until=2026-06&campaign=product-launch      months of UTC, both included; nothing: everything

The same figures as `presscheck figures`, of the same signed events. Nobody is named, and figures of how long people
worked are kept back where fewer than three answered.
"""

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Lock, Thread

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.doorway import Doorway
from presscheck.door.page import page, signed_in_route
from presscheck.figures.baseline import BaselineVersion, counting
from presscheck.figures.charts import HIGH, WIDE, charts_of
from presscheck.figures.comparing import lines_of
from presscheck.figures.facts import CampaignRun, gather
from presscheck.figures.months import FEWEST, by_month, is_held_back, last_day, without_personal
from presscheck.figures.page import before_and_after
from presscheck.figures.working import work_out
from presscheck.ledger import Ledger
from presscheck.people.rights import WEIGHTY, person_name
from presscheck.people.sessions import Session

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_SLOW = 1.0
"""Seconds: what took longer to read is shown again for a while, although the ledger went on."""
_TIMES = 60
"""So many times as long as the reading took, so that it takes a sixtieth of one processor at most."""
_PATIENCE = 5.0
"""Seconds that a page waits for the reading: with 24,000 events it took 27 s the first time, and 5 s after that."""
_WHY_NOT = "Figures are for who may decide about campaigns, and for administrators: they say what the work costs."


@dataclass(frozen=True)
class Facts:
    """What the ledger said at one event."""

    seq: int
    at: datetime
    runs: Sequence[CampaignRun]
    version: BaselineVersion | None


class Kept:
    """The facts of all campaigns, read once for each state of the ledger, and by one reader at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, patience: float = _PATIENCE) -> None:
        self._alone = Lock()
        self._clock = clock
        self._patience = patience
        self._read: Facts | None = None
        self._good_until = 0.0
        self._reading: Future[Facts] | None = None

    def facts(self, ledger: Ledger) -> Facts | None:
        """What there is to count: of now, of a while ago where reading takes long, or None where that is not over."""
        with ledger.read() as tx:
            seq = tx.tip().seq
        with self._alone:
            known = self._read
            if known is not None and (known.seq == seq or self._clock() < self._good_until):
                return known
            if self._reading is None or self._reading.done():
                self._reading = Future()
                Thread(target=self._fill, args=(ledger, self._reading), daemon=True).start()
            reading = self._reading
        try:
            return reading.result(self._patience)
        except TimeoutError:
            return known

    def _fill(self, ledger: Ledger, reading: "Future[Facts]") -> None:
        begun = self._clock()
        try:
            with ledger.read() as tx:
                found = Facts(tx.tip().seq, tx.now, gather(tx), counting(tx))
        except Exception as error:  # noqa: BLE001 - whoever waits is told what broke, as if they had read themselves.
            reading.set_exception(error)
            return
        took = self._clock() - begun
        with self._alone:
            self._read, self._good_until = found, begun + took + (took * _TIMES if took > _SLOW else 0)
        reading.set_result(found)


def routes(door: Doorway) -> list[Route]:
    """The page."""
    return [signed_in_route(door, "/figures", "GET", partial(_page, Kept()))]


async def _page(kept: Kept, door: Doorway, request: Request, session: Session) -> Response:
    if set(session.rights.roles).isdisjoint(WEIGHTY):
        await door.forbidden.record(session.person, request.method, request.url.path, _WHY_NOT)
        return page("trouble.html", 403, what=_WHY_NOT, advice="Ask one of them to show you, or for the role.")
    return await run_in_threadpool(_shown, kept, door, request, session)


def _shown(kept: Kept, door: Doorway, request: Request, session: Session) -> Response:
    asked = request.query_params
    since, until = _first(asked.get("since", "")), _first(asked.get("until", ""))
    last = None if until is None else last_day(until)
    read = kept.facts(door.ledger)
    if read is None:
        advice = "It takes a while the first time after the door was started. Look again in half a minute."
        return page("trouble.html", 503, what="The figures are being read.", advice=advice)
    campaigns = sorted({run.campaign for run in read.runs})
    only = asked.get("campaign", "")
    fault = _fault(asked.get("since", ""), asked.get("until", ""), since, last)
    if only and only not in campaigns:
        fault, only = "There is no campaign of that name; here are all of them.", ""
    runs = [run for run in read.runs if _within(run, since, last) and only in ("", run.campaign)]
    rates, whole = door.settings.baseline, not only
    found = work_out(runs, rates, since=since, until=last, now=read.at, whole=whole)
    lines = lines_of(without_personal(found, runs), rates.currency, read.version)
    with door.ledger.read() as tx:
        name = person_name(tx, session.person)
    return page(
        "figures.html",
        422 if fault else 200,
        session=session,
        name=name,
        fault=fault,
        since=asked.get("since", "") if since else "",
        until=asked.get("until", "") if until else "",
        campaign=only,
        campaigns=campaigns,
        figures=found,
        held_back=is_held_back(runs),
        fewest=FEWEST,
        lines=lines,
        bars=before_and_after(lines),
        baseline=read.version,
        charts=charts_of(by_month(runs, rates, now=read.at, whole=whole), rates.currency),
        wide=WIDE,
        high=HIGH,
        seq=read.seq,
        at=read.at,
    )


def _first(given: str) -> date | None:
    found = _MONTH.fullmatch(given)
    return None if found is None else date(int(found[1]), int(found[2]), 1)


def _fault(since_said: str, until_said: str, since: date | None, last: date | None) -> str:
    if (since_said and since is None) or (until_said and last is None):
        return "A month is written like 2026-07; what cannot be read is left out here."
    return "The last month is before the first: nothing lies between them." if since and last and last < since else ""


def _within(run: CampaignRun, since: date | None, last: date | None) -> bool:
    day = run.opened.date()
    return (since is None or since <= day) and (last is None or day <= last)

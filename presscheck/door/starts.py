"""Starts: who asked for a run is written down before Prefect is asked, so that no run lacks its starter.

    key = starts.intend(person)              # an event, then Prefect makes the run under this key
    starts.begun(key, run, person, campaign)
    await starts.find()                      # whose runs ask something and were not started here: Prefect says
    await starts.settle(session, run=run)    # why nothing about the run is decided by this person yet

Who started a run may not approve it. A door killed after Prefect made the run and before the ledger knew it
leaves an intention open; nobody who has one open decides anything until Prefect has said which run it became.
A schedule's run has no start here: it is asked of Prefect which deployment it came from, before anybody answers
and before a rule lets anything out, and whoever had set that deployment's schedule or parameters started it.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from presscheck.door.prefect_behind import PrefectBehind, is_run
from presscheck.errors import DoorError
from presscheck.ledger import Event, EventKind, Ledger
from presscheck.ledger.campaigns import is_origin_known, record_found, record_start
from presscheck.ledger.reviews import undecided_review_ids
from presscheck.models import Refused
from presscheck.people.rights import DECIDING
from presscheck.people.sessions import Session

# Prefect answers a request to make a run within the client's 30 s, tried again for some seconds more.
_SURELY_OVER = timedelta(minutes=5)
_AT_ONCE = 50
_AGAIN_SECONDS = 10.0
_UNSETTLED = Refused(
    code="unsettled-start",
    reason="A run that you started is still being written down, and nobody approves what they started. Nothing was "
    "decided; try again in a few minutes.",
)
_UNKNOWN = Refused(
    code="unknown-start",
    reason="Prefect does not say where this run comes from, and nobody approves what they set going. Nothing was "
    "decided; try again in a moment, and start the campaign again where Prefect no longer has the run.",
)


class Starts:
    """The starts of one door."""

    def __init__(self, ledger: Ledger, prefect: PrefectBehind) -> None:
        self._ledger = ledger
        self._prefect = prefect
        self.setting = asyncio.Lock()
        """Held while somebody sets something of a deployment."""
        self._settled_to = 0
        self._asked_to = 0
        self._strange: dict[str, float] = {}
        """Runs that ask something and of which it is not known where they come from; when Prefect is asked again."""

    def intend(self, person: str) -> str:
        """Write down who is about to start a run; the key under which Prefect is to make it, once."""
        key = f"presscheck-{uuid4().hex}"
        with self._ledger.write() as tx:
            tx.append(EventKind.RUN_REQUESTED, key, {"person": person})
        return key

    def nothing(self, key: str) -> None:
        """Write down that Prefect made no run under this key."""
        with self._ledger.write() as tx:
            tx.append(EventKind.RUN_NOT_STARTED, key, {})

    async def settle(self, session: Session, *, run: str = "", review: str = "") -> Refused | None:
        """Why this person cannot answer for a run, or a review of it, yet; None where it is known who set it going.

        Who may not decide anything anyhow is not kept waiting.
        """
        if not set(DECIDING) & set(session.rights.roles):
            return None
        for event in await run_in_threadpool(self._open):
            if event.data["person"] == session.person and not await self._bind(event):
                return _UNSETTLED
        asking = run or await run_in_threadpool(self._run_of, review)
        return _UNKNOWN if asking and not await self._is_found(asking) else None

    async def find(self) -> None:
        """Find out where new runs come from that ask something, so that nobody is asked about a run of their own."""
        for run in await run_in_threadpool(self._strangers):
            self._strange.setdefault(run, 0.0)
        now = time.monotonic()
        due = [run for run, again in self._strange.items() if again <= now][:_AT_ONCE]
        for run, found in zip(due, await asyncio.gather(*map(self._is_found, due)), strict=True):
            if found:
                del self._strange[run]
            else:
                self._strange[run] = now + _AGAIN_SECONDS

    def _run_of(self, review: str) -> str:
        with self._ledger.read() as tx:
            opened = tx.events(EventKind.REVIEW_OPENED, subject=review)
            return opened[0].run if opened else ""

    def _strangers(self) -> list[str]:
        with self._ledger.read() as tx:
            opened = tx.events(EventKind.REVIEW_OPENED, after=self._asked_to)
            undecided = set(undecided_review_ids(tx)) if opened or self._strange else ()
            runs = dict.fromkeys(event.run for event in opened if event.subject in undecided)
            strange = [run for run in runs if not is_origin_known(tx, run)]
            for run in list(self._strange):
                if not any(event.subject in undecided for event in tx.events(EventKind.REVIEW_OPENED, run=run)):
                    del self._strange[run]
        self._asked_to = opened[-1].seq if opened else self._asked_to
        return strange

    async def _is_found(self, run: str) -> bool:
        if await run_in_threadpool(self._is_known, run):
            return True
        # A row can be planted; anything but a run's id never becomes part of an address.
        if not is_run(run):
            return False
        try:
            status, told = await self._prefect.ask("GET", f"/api/flow_runs/{run}")
        except DoorError:
            return False
        if status != 200 or not isinstance(told, dict):
            return False
        origin = cast("dict[str, Any]", told)
        try:
            flow = await self._flow_of(origin)
        except DoorError:
            return False
        await run_in_threadpool(self._found, run, origin, flow)
        return True

    async def _flow_of(self, told: Mapping[str, Any]) -> str:
        """The name of a run's flow as Prefect has it: which gates it needs goes by that, whatever the run says."""
        flow = str(told.get("flow_id") or "")
        if not is_run(flow):
            return ""
        status, found = await self._prefect.ask("GET", f"/api/flows/{flow}")
        return str(cast("dict[str, Any]", found).get("name") or "") if status == 200 and isinstance(found, dict) else ""

    def _is_known(self, run: str) -> bool:
        with self._ledger.read() as tx:
            return is_origin_known(tx, run)

    def _found(self, run: str, told: Mapping[str, Any], flow: str) -> None:
        key, deployment = str(told.get("idempotency_key") or ""), str(told.get("deployment_id") or "")
        with self._ledger.write() as tx:
            if is_origin_known(tx, run):
                return
            asked = tx.events(EventKind.RUN_REQUESTED, subject=key) if key else []
            if asked:
                # A door that was killed made this one, for somebody.
                record_start(
                    tx, run, person=str(asked[0].data["person"]), campaign=flow, key=key, deployment=deployment
                )
            else:
                record_found(tx, run, deployment=deployment, created=str(told.get("created") or ""), campaign=flow)

    def _open(self) -> list[Event]:
        """Intentions without an end. What lies before the first of them is not read again."""
        with self._ledger.read() as tx:
            upto = tx.tip().seq
            ended = {
                str(event.data.get("key", "")) for event in tx.events(EventKind.RUN_STARTED, after=self._settled_to)
            }
            ended |= {event.subject for event in tx.events(EventKind.RUN_NOT_STARTED, after=self._settled_to)}
            asked = tx.events(EventKind.RUN_REQUESTED, after=self._settled_to)
        waiting = [event for event in asked if event.subject not in ended]
        self._settled_to = waiting[0].seq - 1 if waiting else upto
        return waiting

    async def _bind(self, event: Event) -> bool:
        wanted = {"flow_runs": {"idempotency_key": {"any_": [event.subject]}}, "limit": 1}
        try:
            status, found = await self._prefect.ask("POST", "/api/flow_runs/filter", wanted)
        except DoorError:
            return False
        if status != 200 or not isinstance(found, list):
            return False
        runs = cast("list[dict[str, Any]]", found)
        if runs:
            await run_in_threadpool(self._begun, event, runs[0])
            return True
        if self._ledger.clock() - datetime.fromisoformat(event.at) < _SURELY_OVER:
            return False
        await run_in_threadpool(self.nothing, event.subject)
        return True

    def _begun(self, event: Event, run: Mapping[str, Any]) -> None:
        person, deployment = str(event.data["person"]), str(run.get("deployment_id") or "")
        with self._ledger.write() as tx:
            # The door that was killed could not say which campaign; the run itself will.
            record_start(tx, str(run["id"]), person=person, campaign="", key=event.subject, deployment=deployment)

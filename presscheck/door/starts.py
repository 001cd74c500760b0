"""Starts: who asked for a run is written down before Prefect is asked, so that no run lacks its starter.

    key = starts.intend(person)              # an event, then Prefect makes the run under this key
    starts.begun(key, run, person, campaign)
    await starts.settle(session)             # after a door that was killed in between: bind what it left open

Who started a run may not approve it. A door killed after Prefect made the run and before the ledger knew it
leaves an intention open; nobody who has one open decides anything until Prefect has said which run it became.
"""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from presscheck.door.prefect_behind import PrefectBehind
from presscheck.errors import DoorError
from presscheck.ledger import Event, EventKind, Ledger
from presscheck.ledger.campaigns import record_start
from presscheck.people.rights import DECIDING
from presscheck.people.sessions import Session

__all__ = ["Starts"]

# Prefect answers a request to make a run within the client's 30 s, tried again for some seconds more.
_SURELY_OVER = timedelta(minutes=5)


class Starts:
    """The starts of one door."""

    def __init__(self, ledger: Ledger, prefect: PrefectBehind) -> None:
        self._ledger = ledger
        self._prefect = prefect
        self._settled_to = 0

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

    async def settle(self, session: Session) -> bool:
        """Find out what became of this person's open starts; False where Prefect cannot say it yet.

        Who may not decide anything anyhow is not kept waiting.
        """
        settled, person = True, session.person
        if not set(DECIDING) & set(session.rights.roles):
            return settled
        for event in await run_in_threadpool(self._open):
            if event.data["person"] == person and not await self._bind(event):
                settled = False
        return settled

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
            await run_in_threadpool(self._begun, event, str(runs[0]["id"]))
            return True
        if self._ledger.clock() - datetime.fromisoformat(event.at) < _SURELY_OVER:
            return False
        await run_in_threadpool(self.nothing, event.subject)
        return True

    def _begun(self, event: Event, run: str) -> None:
        with self._ledger.write() as tx:
            # The door that was killed could not say which campaign; the run itself will.
            record_start(tx, run, person=str(event.data["person"]), campaign="", key=event.subject)

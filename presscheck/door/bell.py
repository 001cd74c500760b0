"""The bell: wakes suspended runs whose answer stands in the ledger, until they have read it.

    bell = Bell(ledger, desk, prefect, every=1.0)
    await bell.ring()            # one round
    await bell.run()             # until cancelled

A decision made before the run was suspended, or just before the door was killed, is rung for all
the same: what rings is the ledger, not the request. Ringing for nothing does no harm, because a
flow that wakes asks the ledger.
"""

import asyncio
import logging
import time
from functools import partial

from starlette.concurrency import run_in_threadpool

from presscheck.desk import Desk
from presscheck.desk.upkeep import Upkeep
from presscheck.door.prefect_behind import FINISHED, PrefectBehind, is_run
from presscheck.door.starts import Starts
from presscheck.errors import PresscheckError
from presscheck.ledger import Ledger
from presscheck.ledger.reviews import Wakes

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_MOST_A_ROUND = 1_000
# A finished run reads nothing more, unless somebody retries it: look again, but seldom.
_FINISHED_SECONDS = 60.0


class Bell:
    """Rings for answers, and ends reviews whose time is over."""

    def __init__(
        self, ledger: Ledger, desk: Desk, prefect: PrefectBehind, *, every: float, starts: Starts | None = None
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._upkeep = Upkeep(desk)
        self._prefect = prefect
        self._starts = starts or Starts(ledger, prefect)
        self._every = every
        self._soon = asyncio.Event()
        self._wakes = Wakes()
        self._quiet: dict[str, float] = {}
        self._troubles: dict[str, str] = {}

    def ring_soon(self) -> None:
        """Ring now rather than at the next second; called when an answer was accepted."""
        self._soon.set()

    async def run(self) -> None:
        """Ring until cancelled; no error ends it."""
        while True:
            self._soon.clear()
            await self.ring()
            try:
                await asyncio.wait_for(self._soon.wait(), timeout=self._every)
            except TimeoutError:
                continue

    async def ring(self) -> int:
        """One round; how many runs were woken. What goes wrong is logged, and tried again next time."""
        try:
            await run_in_threadpool(self._upkeep.follow_policies)
            await run_in_threadpool(self._desk.expire_due)
            # A rule lets nothing out that its signer may have set going.
            await self._starts.find()
            await run_in_threadpool(partial(self._upkeep.draw_new, of_known_origin=True))
            runs = await run_in_threadpool(self._waiting)
        except PresscheckError as error:
            self._trouble("the ledger", str(error))
            return 0
        except Exception:  # noqa: BLE001 - the bell keeps answers from being lost: whatever broke, it rings on.
            _log.exception("the bell could not read the ledger")
            return 0
        self._settled("the ledger")
        limit = asyncio.Semaphore(_AT_ONCE)
        woken = await asyncio.gather(*(self._wake(run, limit) for run in runs))
        return sum(woken)

    def _waiting(self) -> list[str]:
        with self._ledger.read() as tx:
            wakes = self._wakes.unread(tx)
        now = time.monotonic()
        # Whatever an event names as its run: anything but a run's id never becomes part of an address.
        runs = dict.fromkeys(run for run, _ in wakes if self._quiet.get(run, 0.0) <= now and is_run(run))
        # Answers come first, and are never so many: timers a worker may sign by the million.
        return list(runs)[:_MOST_A_ROUND]

    async def _wake(self, run: str, limit: asyncio.Semaphore) -> bool:
        async with limit:
            try:
                state = await self._prefect.state_of(run)
                if state is None or state.get("type") in FINISHED:
                    self._quiet[run] = time.monotonic() + _FINISHED_SECONDS
                    return False
                self._quiet.pop(run, None)
                if state.get("type") != "PAUSED":
                    # It is under way, or will be: it reads the ledger by itself.
                    return False
                answer = await self._prefect.set_state(run, "SCHEDULED", "Resuming", "An answer is there.")
            except PresscheckError as error:
                self._trouble(run, str(error))
                return False
            if answer.why_not:
                self._trouble(run, answer.why_not)
                return False
            _log.info("run %s was woken", run)
            self._settled(run)
            return True

    def _trouble(self, where: str, what: str) -> None:
        # Each second brings the same trouble again; it is told when it is new.
        if self._troubles.get(where) != what:
            self._troubles[where] = what
            _log.warning("the bell rings on: %s: %s", where, what)

    def _settled(self, where: str) -> None:
        if self._troubles.pop(where, None) is not None:
            _log.info("the bell: %s is well again", where)

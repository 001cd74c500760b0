"""Requests refused to somebody signed in are recorded: twenty a minute and five hundred a day of each person."""

import logging
import re
import time
from collections import defaultdict, deque

from starlette.concurrency import run_in_threadpool

from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Ledger

_A_MINUTE, _A_DAY = 20, 500
_RUN = re.compile(r"/flow_runs/([0-9a-f]{8}-[0-9a-f-]{27})(?:/|$)")
_PLAIN = re.compile(r"[A-Za-z0-9._~/@:-]{1,200}")
_log = logging.getLogger(__name__)


class Forbidden:
    """Records refused requests as `request:forbidden`: person, method, path and reason, no query and no body."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._recent: dict[str, deque[float]] = defaultdict(deque)

    async def record(self, person: str, method: str, path: str, reason: str) -> None:
        """Record one; beyond the limit it is only logged, so that nobody floods the ledger."""
        _log.warning("refused to %s: %s %s: %s", person, method, path[:200], reason)
        if not self._within_limit(person):
            return
        run = _RUN.search(path)
        # A path with anything unusual in it may carry what no event may carry.
        shown = path if _PLAIN.fullmatch(path) else "(a malformed path)"
        body = {"method": method[:10], "path": shown, "reason": reason}
        try:
            await run_in_threadpool(self._append, person, body, run[1] if run else "")
        except LedgerError as error:
            # The refusal stands whether or not it could be written down.
            _log.error("a refused request could not be recorded: %s", error)

    def _append(self, person: str, body: dict[str, str], run: str) -> None:
        with self._ledger.write() as tx:
            tx.append(EventKind.REQUEST_FORBIDDEN, person, body, run=run)

    def _within_limit(self, person: str) -> bool:
        now = time.monotonic()
        recent = self._recent[person]
        while recent and recent[0] < now - 86_400:
            recent.popleft()
        if len(recent) >= _A_DAY or (len(recent) >= _A_MINUTE and recent[-_A_MINUTE] >= now - 60):
            return False
        recent.append(now)
        return True

"""A fair queue in front of a database that has none: within a process, writers go in the order of their coming.

SQLite's own waiting tries again after a while, so that of many writers some wait for seconds while
others pass them. Between processes it is as before.
"""

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Lock


class FairQueue:
    """A lock that is handed on first come, first served."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._busy = False
        self._waiting: deque[Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def turn(self, *, wait_seconds: float) -> Generator[bool]:
        """Whether one's turn came in time; whoever waited in vain holds nothing."""
        mine = self._line_up()
        if mine is not None and not mine.wait(wait_seconds) and self._gave_up(mine):
            yield False
            return
        try:
            yield True
        finally:
            self._next()

    def _line_up(self) -> Event | None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return None
            mine = Event()
            self._waiting.append(mine)
            return mine

    def _gave_up(self, mine: Event) -> bool:
        with self._guard:
            if mine not in self._waiting:
                # The turn came at the very moment at which we gave up: it is ours.
                return False
            self._waiting.remove(mine)
            return True

    def _next(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False

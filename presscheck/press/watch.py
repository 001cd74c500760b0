"""Looks out for a pause or a recall while a channel sends, because a batch may take minutes.

    with Watch(ledger, delivery, scopes) as watch:
        channel.stop_when(watch)              # asked at least once before each message
        answers = channel.send(...)
    watch.order                               # the pause or the recall that was seen, or None

The ledger is read each half second over a connection of its own, and at each hundredth question, so that a fast
channel is stopped after so many messages and a slow one after so much time. Who cannot read the ledger
does not know whether somebody has stopped this, and stops too.
"""

import logging
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from presscheck.errors import PresscheckError
from presscheck.ledger import Ledger
from presscheck.ledger.pausing import Pause, Recall, order_over

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 0.5
_EVERY_QUESTIONS = 100
_BLIND_SECONDS = 4.0
"""Longer than this without a look at the ledger, and nothing more is begun: the promise is five seconds."""


class Watch:
    """Says whether a delivery is to stop; may be asked by many threads."""

    def __init__(self, ledger: Ledger, delivery: str, scopes: Sequence[str]) -> None:
        self._ledger = ledger
        self._delivery = delivery
        self._scopes = scopes
        self._asked = 0
        self._seen = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="watch", daemon=True)
        self.order: Recall | Pause | None = None

    def __call__(self) -> bool:
        """Whether to begin nothing more."""
        self._asked += 1
        if self._asked % _EVERY_QUESTIONS == 0:
            self._look()
        return self.order is not None or self.blind

    @property
    def blind(self) -> bool:
        """Whether the ledger could not be read for so long that nobody knows."""
        return time.monotonic() - self._seen > _BLIND_SECONDS

    def __enter__(self) -> Self:
        self._seen = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        # A ledger that hangs must not hang the press with it; the thread ends when its reading does.
        self._thread.join(timeout=1.0)

    def _keep_looking(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self._look()
            if self.order is not None:
                return

    def _look(self) -> None:
        began = time.monotonic()
        try:
            with self._ledger.read() as tx:
                self.order = self.order or order_over(tx, self._delivery, self._scopes)
        except PresscheckError as error:
            # Not seen is not allowed: after some seconds of this nothing more is begun.
            _log.warning("%s: whether it was paused cannot be seen: %s", self._delivery, error)
        else:
            self._seen = began

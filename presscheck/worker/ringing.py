"""The door rings, and the worker looks for runs at once. Without it, on another machine, the worker's poll finds them.

A ring says nothing and proves nothing: whoever rings makes the worker look a moment earlier than it would have.
"""

import asyncio
import hashlib
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

_log = logging.getLogger(__name__)
# Whoever rings without end makes it look this often.
_LEAST_SECONDS = 0.1
# More than the line holds; and whoever rings faster than we hear does not hold the worker up.
_AT_ONCE = 1_000


class Ringing:
    """One home's line between door and worker: a datagram to a name that needs no file."""

    def __init__(self, home: Path) -> None:
        told = hashlib.sha256(str(home.resolve()).encode()).hexdigest()
        self._address = f"\0presscheck-{told[:32]}"

    def ring(self) -> None:
        """Tell the worker to look, if one listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
            try:
                line.sendto(b"", self._address)
            except OSError as error:
                _log.debug("nobody listens to the door's ring (%s); the worker finds the run when it looks", error)

    async def listen(self, look: Callable[[], Awaitable[object]]) -> None:
        """Call `look` at each ring, until cancelled; several rings during one look are one."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
            try:
                line.bind(self._address)
            except OSError as error:
                _log.warning("the door's rings are not heard (%s); an answer is found when the worker looks", error)
                return
            while True:
                await asyncio.get_running_loop().sock_recv(line, 1)
                for _ in range(_AT_ONCE):
                    if not _is_rung(line):
                        break
                try:
                    await look()
                except Exception:  # noqa: BLE001  the usual poll looks again, and says what is wrong
                    _log.debug("a look at the door's ring failed", exc_info=True)
                await asyncio.sleep(_LEAST_SECONDS)


def _is_rung(line: socket.socket) -> bool:
    try:
        line.recv(1)
    except BlockingIOError:
        return False
    return True

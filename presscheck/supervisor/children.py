"""Children are started, watched, started again with growing patience, and stopped by their own ids.

Each child leads a process group of its own, so that stopping it stops what it started, and nothing else.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 30.0
# Whoever lived this long had not failed to start; the next death is met with a short wait again.
_SETTLED_AFTER = 60.0
_STOP_SECONDS = 10.0
_LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1


def _always() -> bool:
    return True


@dataclass
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    may_start: Callable[[], bool] = _always
    """Asked before it is started again; until it says yes, the child waits."""
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    restarts: int = 0
    again_at: float | None = None
    _wait: float = field(default=_FIRST_WAIT, repr=False)

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return None if self.process is None or self.process.poll() is not None else self.process.pid

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self.process is None else self.process.poll()

    def start(self) -> None:
        """Start it; what it says goes to its log."""
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        finally:
            os.close(descriptor)
        self.started = time.monotonic()
        self.again_at = None

    def died(self, now: float) -> int | None:
        """The exit code of a child that has just been found dead; it is due again after a wait."""
        if self.process is None or self.again_at is not None:
            return None
        code = self.process.poll()
        if code is None:
            return None
        # What it started must not live on beside its successor.
        self.signal(signal.SIGKILL)
        if now - self.started > _SETTLED_AFTER:
            self._wait = _FIRST_WAIT
        self.again_at = now + self._wait
        self._wait = min(self._wait * 2, _LONGEST_WAIT)
        self.restarts += 1
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child's group; a group that is gone needs none."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Ask it to end, and end it if it does not within `seconds`."""
        if self.process is None:
            return
        self.again_at = None
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.signal(signal.SIGKILL)
        self.process = None

    def restart(self) -> None:
        """Stop it now; `tend` starts it again as soon as it may."""
        self.stop()
        self.again_at = time.monotonic()

    def last_words(self, lines: int = 5) -> str:
        """The end of its log."""
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


class Children:
    """All of them, in the order in which they were started."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.all: list[Child] = []

    def start(self, child: Child) -> Child:
        """Start one and keep an eye on it."""
        child.start()
        self.all.append(child)
        return child

    def tend(self) -> list[Child]:
        """Start again what died and has waited long enough; those that were started come back."""
        now = time.monotonic()
        for child in self.all:
            code = child.died(now)
            if code is not None and child.again_at is not None:
                self._say(
                    f"the {child.name} ended ({_why(code)}); starting it again in {child.again_at - now:.0f} s. "
                    f"Its log: {child.log}"
                )
        due = [
            child for child in self.all if child.again_at is not None and child.again_at <= now and child.may_start()
        ]
        for child in due:
            child.start()
        return due

    def stop(self) -> None:
        """Stop all: the first started, on which the others lean, only when they are gone."""
        for child in self.all[1:]:
            child.signal(signal.SIGTERM)
        for child in reversed(self.all):
            child.stop()
        self.all.clear()


def _why(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with_parent() -> None:
    # If the supervisor is killed outright, its children must not hold the ports for ever.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

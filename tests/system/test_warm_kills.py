"""kill -9 of the warm engine, of a run in it, or of the worker, at any moment: nothing lost, doubled or left behind."""

import os
import random
import signal
import socket
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

from presscheck.ledger import EventKind, verify
from presscheck.ledger.reviews import DECISION_EVENTS
from tests.running import SOAK, Stack, times

# Each is three starts: the run, the wake by the decision, the wake by the delivery.
_RUNS = times(1, 34)
_SOME_MORE = 1.25
"""What a stack may weigh beyond its weight at the beginning: the server caches what it was asked."""


@pytest.mark.soak
@pytest.mark.timeout(7_200 if SOAK else 900)
def test_whatever_of_the_warm_engine_is_killed_each_step_decision_and_message_is_there_once(stack: Stack) -> None:
    chance = random.Random(11)
    killed: Counter[str] = Counter()
    at_first = _at_rest(stack)

    for number in range(_RUNS):
        run = stack.start_run()
        time.sleep(chance.uniform(0, 6))
        killed[_kill(stack, ("engine", "run", "worker")[number % 3])] += 1
        review = stack.wait_for_review(run)
        stack.wait_until_suspended(run)
        stack.decide(review)
        time.sleep(chance.uniform(0, 2))
        killed[_kill(stack, ("run", "engine", "engine")[number % 3])] += 1
        delivery = stack.wait_for_delivery(review)
        stack.wait_for_state(run, "Delivered")

        with stack.ledger.read() as tx:
            steps = [event.subject for event in tx.events(EventKind.STEP_RECORDED, run=run)]
            decisions = tx.events(*DECISION_EVENTS.values(), subject=review.id)
            requests = tx.events(EventKind.DELIVERY_REQUESTED, run=run)
        receivers = [message_from_bytes(path.read_bytes())["To"] for path in stack.messages(review)]
        assert len(steps) == len(set(steps)) > 0
        assert (len(decisions), len(requests)) == (1, 1)
        assert delivery.sent == len(receivers) == len(set(receivers)) == review.question.audience_rows

    at_last = _at_rest(stack)
    print(f"{_RUNS} runs, killed: {dict(killed)}; at rest {at_first >> 20} MiB before, {at_last >> 20} MiB after")
    assert verify(stack.ledger).fault is None
    # Only a soak waits until both engines have all of their weight.
    assert at_last < at_first * _SOME_MORE or not SOAK


def _kill(stack: Stack, what: str) -> str:
    """Kill it, or what is there of its like; what was killed comes back."""
    worker = stack.pid_of("worker")
    if what == "worker":
        os.kill(worker, signal.SIGKILL)
        stack.wait_for_restart("worker", worker)
        return what
    engines = _engines(worker)
    runs = [pid for engine in engines for pid in _children(engine) if pid not in engines]
    if what == "run" and runs:
        os.kill(runs[0], signal.SIGKILL)
        return what
    for engine in engines[:1]:
        os.kill(engine, signal.SIGKILL)
        return "engine"
    return "nothing: there was no engine yet"


def _at_rest(stack: Stack) -> int:
    """The bytes of everything, by proportional share, once the engines are there and no run is."""
    if SOAK:
        # What first runs need is imported after one of them, and has to be again where the engine was killed since.
        stack.ask()

    def look(_: object) -> bool | None:
        engines = _engines(stack.pid_of("worker"))
        children = [pid for pid in (stack.pid_of("worker"), *engines) for pid in _children(pid)]
        at_rest = bool(engines) and sorted(children) == sorted(engines)
        return (at_rest and (_listens(stack) or not SOAK)) or None

    stack.wait(look, "the engines to be there, and nothing else of the worker", seconds=300)
    return sum(_share(pid) for pid in _family(stack.process.pid))


def _listens(stack: Stack) -> bool:
    """Whether the second engine has imported what it is to import."""
    folder = os.open(stack.settings.home / "engine", os.O_PATH)
    with socket.socket(socket.AF_UNIX) as line:
        try:
            # A path in a socket's address has room for 107 bytes, and a test's folder may be longer.
            return line.connect_ex(f"/proc/self/fd/{folder}/full") == 0
        finally:
            os.close(folder)


def _engines(worker: int) -> list[int]:
    """The first engine and the second, its child that has more imported; neither is a run."""
    first = [pid for pid in _children(worker) if b"worker.engine" in _command(pid)]
    # A run has an input of its own.
    second = [pid for engine in first for pid in _children(engine) if _input(pid) == _input(engine)]
    return first + second


def _input(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/0")
    except FileNotFoundError:
        return ""


def _family(pid: int) -> list[int]:
    return [pid, *(one for child in _children(pid) for one in _family(child))]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

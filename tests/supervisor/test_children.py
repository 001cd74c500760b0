"""Children: started again when they die, with growing patience, and gone with all they started when stopped."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from presscheck.supervisor import Child, Children

# Starts a child of its own, says its id, and waits.
_PARENT = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(grandchild.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def children(said: list[str]) -> Iterator[Children]:
    kept = Children(said.append)
    yield kept
    kept.stop()


def _child(tmp_path: Path, code: str, name: str = "door") -> Child:
    return Child(name, [sys.executable, "-c", code], {"PATH": os.defpath}, tmp_path, tmp_path / f"{name}.log")


def _until(look: Callable[[], object], seconds: float = 20) -> object:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def _alive(pid: int) -> bool:
    try:
        # A zombie counts as gone: nothing runs any more.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_that_is_killed_is_started_again_and_it_is_said_why(
    children: Children, said: list[str], tmp_path: Path
) -> None:
    child = children.start(_child(tmp_path, "import time; time.sleep(600)"))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    _until(lambda: children.tend())

    assert child.pid not in (None, first)
    assert child.restarts == 1
    assert "the door ended (signal SIGKILL)" in said[0]


@pytest.mark.slow
def test_a_child_that_keeps_dying_is_waited_for_longer_each_time(
    children: Children, said: list[str], tmp_path: Path
) -> None:
    child = children.start(_child(tmp_path, "raise SystemExit(3)"))
    waits: list[float] = []

    for _ in range(3):
        _until(lambda: child.pid is None)
        now = time.monotonic()
        assert child.died(now) == 3
        assert child.again_at is not None
        waits.append(round(child.again_at - now))
        child.start()

    assert waits == [1, 2, 4]
    assert said == []


def test_a_child_waits_until_it_may_start(children: Children, tmp_path: Path) -> None:
    may: list[bool] = []
    child = _child(tmp_path, "import time; time.sleep(600)", "worker")
    child.may_start = lambda: bool(may)
    children.start(child)

    child.restart()

    assert children.tend() == []
    assert child.pid is None
    may.append(True)
    assert children.tend() == [child]
    assert child.pid is not None


def test_what_a_child_started_does_not_outlive_it(children: Children, tmp_path: Path) -> None:
    child = children.start(_child(tmp_path, _PARENT))
    grandchild = int(str(_until(lambda: child.log.read_text().strip())))
    assert child.pid is not None

    os.kill(child.pid, signal.SIGKILL)
    _until(lambda: child.died(time.monotonic()) is not None)

    _until(lambda: not _alive(grandchild))


def test_stopping_ends_a_child_that_will_not_listen_and_all_it_started(children: Children, tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + _PARENT
    child = children.start(_child(tmp_path, deaf))
    grandchild = int(str(_until(lambda: child.log.read_text().strip())))
    pid = child.pid
    assert pid is not None

    child.stop(seconds=0.3)

    assert not _alive(pid)
    _until(lambda: not _alive(grandchild))


def test_a_log_is_for_its_owner_only_and_an_overgrown_one_is_put_aside(children: Children, tmp_path: Path) -> None:
    child = _child(tmp_path, "print('hello')")
    child.log.write_bytes(b"x" * 10_000_001)

    children.start(child)
    _until(lambda: child.last_words())

    assert child.last_words() == "hello"
    assert (tmp_path / "door.log.1").stat().st_size == 10_000_001
    assert child.log.stat().st_mode & 0o777 == 0o600

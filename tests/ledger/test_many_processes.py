"""Many processes write at once, some are killed: nothing is lost, nothing forks, the chain stays sound."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from presscheck.ledger import EventKind, Keyring, Ledger, Signer, verify
from presscheck.ledger.heads import read_heads
from tests.ledger.filled import tamper
from tests.running import times

KINDS = {"door": EventKind.RUN_STARTED, "worker": EventKind.AUDIENCE_FROZEN, "press": EventKind.PERMIT_SPENT}
# Forked and not spawned: importing everything anew eight times would take longer than the test.
FORK = multiprocessing.get_context("fork")


def write_much(url: str, home: Path, process: Any, name: str, count: int, batch: int, told: Connection) -> None:
    """In a process of its own: `batch` events a write, and a word to the test after each commit."""
    keys = home / "keys"
    signer = Signer.load(keys, process)
    ledger = Ledger.open(url, keyring=Keyring.load(keys), signer=signer, heads=home / "heads")
    told.send("ready")
    told.recv()
    for at in range(count):
        with ledger.write() as tx:
            for part in range(batch):
                tx.append(KINDS[process], f"{name}-{at}-{part}", {"at": at}, run=name)
        told.send("done")


@dataclass
class Running:
    """A process that writes, and the wire on which it tells what it has committed."""

    process: BaseProcess
    wire: Connection

    def hear(self) -> None:
        assert self.wire.poll(60), "the writer says nothing"
        self.wire.recv()

    def rest(self) -> int:
        """How many more commits it told before its end."""
        count = 0
        try:
            while self.wire.poll(60):
                self.wire.recv()
                count += 1
        except EOFError:
            return count
        raise AssertionError("the writer neither ends nor speaks")


Started = list[Running]


@pytest.fixture
def started() -> Iterator[Started]:
    running: Started = []
    yield running
    for one in running:
        one.process.kill()
        one.process.join()
        one.wire.close()


def start(started: Started, ledgers: Any, process: str, name: str, count: int, batch: int = 1) -> Running:
    # A connection must not be in two processes.
    ledgers.close()
    ours, theirs = FORK.Pipe()
    arguments = (ledgers.url, ledgers.home, process, name, count, batch, theirs)
    running = Running(FORK.Process(target=write_much, args=arguments, daemon=True), ours)
    running.process.start()
    theirs.close()
    started.append(running)
    return running


def go(*running: Running) -> None:
    for one in running:
        one.hear()
    for one in running:
        one.wire.send("go")


@pytest.mark.slow
def test_eight_processes_appending_at_once_lose_nothing_and_fork_nothing(ledgers: Any, started: Started) -> None:
    names = [("door", "worker", "press")[at % 3] for at in range(8)]
    running = [start(started, ledgers, process, f"p{at}", 25) for at, process in enumerate(names)]

    go(*running)

    assert [one.rest() for one in running] == [25] * 8
    found = verify(ledgers.door)
    assert found.sound
    assert found.events == 8 * 25
    with ledgers.door.read() as tx:
        for at in range(8):
            subjects = [event.subject for event in tx.events(run=f"p{at}")]
            assert subjects == [f"p{at}-{number}-0" for number in range(25)]


def kills() -> list[int]:
    return list(range(times(3, 25)))


@pytest.mark.soak
@pytest.mark.parametrize("seed", kills())
def test_a_writer_killed_in_the_middle_leaves_whole_writes_and_a_sound_chain(
    ledgers: Any, started: Started, seed: int
) -> None:
    running = start(started, ledgers, "worker", "killed", 100_000, batch=7)
    go(running)
    for _ in range(3 + seed):
        running.hear()
    # Anywhere within the next write, or between two.
    time.sleep((seed * 7919 % 97) / 97 * 0.02)
    os.kill(running.process.pid or 0, signal.SIGKILL)
    told = 3 + seed + running.rest()

    found = verify(ledgers.door)
    assert found.sound
    assert found.events % 7 == 0
    # A commit may have happened that the process could no longer tell; none that it told is lost.
    assert told <= found.events // 7 <= told + 1


def test_others_go_on_writing_after_one_was_killed(ledgers: Any, started: Started) -> None:
    running = start(started, ledgers, "worker", "killed", 100_000, batch=7)
    go(running)
    running.hear()
    running.process.kill()
    running.process.join()

    with ledgers.door.write() as tx:
        event = tx.append(EventKind.RUN_STARTED, "after", {})

    assert event.seq % 7 == 1
    assert verify(ledgers.door).sound


def test_a_head_that_lags_after_a_crash_is_no_alarm(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_STARTED, "first", {})
    head = ledgers.home / "heads" / "door.json"
    lagging = head.read_bytes()
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_STARTED, "second", {})

    head.write_bytes(lagging)

    assert verify(ledgers.door).sound


def test_a_head_never_leads_and_never_goes_back(ledgers: Any) -> None:
    late = ledgers.as_process("door")
    with late.write() as tx:
        tx.append(EventKind.RUN_STARTED, "first", {})
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_STARTED, "second", {})
    heads = read_heads(ledgers.home / "heads", ledgers.door.keyring)
    late.close()

    assert [head.mark.seq for head in heads] == [2]


@pytest.mark.slow
def test_verifying_while_others_write_is_no_alarm(ledgers: Any, started: Started) -> None:
    running = start(started, ledgers, "worker", "live", 100_000)
    go(running)
    running.hear()

    # As many as it takes, however long beside other work: the others must have written meanwhile.
    found = [verify(ledgers.press) for _ in range(4)]

    assert {one.fault for one in found} == {None}
    assert found[0].events < found[-1].events


def test_a_cut_is_seen_while_others_write(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        for at in range(5):
            tx.append(EventKind.RUN_STARTED, f"r{at}", {})
    tamper(ledgers.door, "DELETE FROM events WHERE seq > 3")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with ledgers.worker.write() as tx:
                tx.append(EventKind.AUDIENCE_FROZEN, "x", {})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        faults = {verify(ledgers.press).sound for _ in range(5)}
    finally:
        stop.set()
        writer.join()

    assert faults == {False}

"""kill -9 at any point of a delivery: gone on with, every message exactly once, the ledger sound."""

import multiprocessing
import random
import shutil
import signal
from pathlib import Path

import pytest

from presscheck.errors import LedgerLocked
from presscheck.ledger import EventKind, verify
from presscheck.press.lock import only_press
from tests.conftest import Ledgers
from tests.desk.scene import Scene
from tests.press.killed import run_press
from tests.press.stand import Stand
from tests.running import times

RECIPIENTS = 10
KILLS = times(3, 25)


@pytest.mark.slow
@pytest.mark.soak
def test_a_press_killed_again_and_again_sends_every_message_once(
    sqlite_ledgers: Ledgers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server that forks the processes to be killed imports our modules once, and finds them by this.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    stand = Stand(Scene(sqlite_ledgers, recipients=RECIPIENTS))
    delivery = stand.approve_and_request()
    sqlite_ledgers.close()
    home, fresh = sqlite_ledgers.home, tmp_path / "fresh"
    shutil.copytree(home, fresh)
    assert _press(home, 0, tmp_path / "points") == 0
    points = int((tmp_path / "points").read_text())
    chosen = random.Random(20261121).sample(range(1, points + 1), k=min(KILLS, points))

    for at in chosen:
        shutil.rmtree(home)
        shutil.copytree(fresh, home)
        assert _press(home, at) == -signal.SIGKILL
        early = {path: path.stat().st_mtime_ns for path in stand.outbox.folder.rglob("*.eml")}
        # Killed once more on the way, at an early point, and then left to finish.
        _press(home, 2)
        assert _press(home, 0) == 0

        assert sorted(mail["To"] for mail in stand.mails()) == sorted(
            f"person{number}@example.com" for number in range(RECIPIENTS)
        )
        for path, written in early.items():
            assert path.stat().st_mtime_ns == written, f"point {at}: {path.name} was written again"
        _assert_complete(sqlite_ledgers, delivery)


def test_there_is_one_press_at_a_time(ledgers: Ledgers) -> None:
    with only_press(ledgers.home, ledgers.press):
        with pytest.raises(LedgerLocked, match="another press is running"):
            with only_press(ledgers.home, ledgers.press):
                pass

    with only_press(ledgers.home, ledgers.press):
        pass


def _assert_complete(ledgers: Ledgers, delivery: str) -> None:
    with ledgers.press.read() as tx:
        batches = tx.events(EventKind.BATCH_SENT, subject=delivery)
        done = tx.events(EventKind.DELIVERY_COMPLETED, subject=delivery)
    assert sum(event.data["sent"] for event in batches) == RECIPIENTS
    assert [event.data["sent"] for event in done] == [RECIPIENTS]
    assert verify(ledgers.press).sound
    ledgers.close()


def _press(home: Path, at: int, told: Path | None = None) -> int | None:
    """Run a press in a process of its own; its exit code, negative for a signal."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.press.killed"])
    process = context.Process(target=run_press, args=(home, at, told))
    process.start()
    process.join(120)
    return process.exitcode

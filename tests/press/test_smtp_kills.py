"""kill -9 in the middle of a mailing: none twice by the server's own log; what is in doubt is listed and settled.

Every tenth is put off at first, so that the later kills come while those are tried again.
"""

import multiprocessing
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from presscheck.ledger import EventKind, verify
from presscheck.ledger.deliveries import find_delivery, messages
from presscheck.press.settle import settle, unknown_messages
from presscheck.press.settle_log import read_log
from tests.conftest import Ledgers
from tests.desk.scene import Scene
from tests.press.mailed import run_mail_press
from tests.press.mailing import Running, mail_server
from tests.running import times

RECIPIENTS = times(200, 5_000)
KILLS = times(2, 25)
BATCH = times(80, 500)


@pytest.mark.slow
@pytest.mark.soak
def test_a_press_killed_while_it_mails_sends_nothing_twice_and_settles_what_is_unknown(
    sqlite_ledgers: Ledgers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server that forks the processes to be killed imports our modules once, and finds them by this.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    scene = Scene(sqlite_ledgers, recipients=RECIPIENTS, via="smtp")
    manifest = scene.approve().manifest
    assert manifest is not None
    delivery = scene.request(manifest)
    sqlite_ledgers.close()
    # The last of them while the queue of those put off is worked off.
    at = [*sorted(random.Random(20261122).sample(range(5, RECIPIENTS - 30), k=KILLS)), RECIPIENTS - RECIPIENTS // 20]

    with mail_server(tmp_path) as running:
        running.say(
            *({"at": "rcpt", "to": f"person{number}@example.com", "say": "450 4.2.0 Greylisted", "times": 1}
              for number in range(0, RECIPIENTS, 10)),
        )  # fmt: skip
        began = time.time()
        started = time.perf_counter()
        for taken in at:
            assert _mail(sqlite_ledgers.home, running, began, kill_after=taken) == -signal.SIGKILL
        assert _mail(sqlite_ledgers.home, running, began) == 0
        seconds = time.perf_counter() - started

    twice = [to for to, times in Counter(running.addresses()).items() if times > 1]
    assert twice == []
    with sqlite_ledgers.press.read() as tx:
        row = find_delivery(tx, delivery)
        listed = unknown_messages(tx, delivery)
    assert row is not None
    assert (row.state, row.failed, row.sent + row.unknown) == ("done", 0, RECIPIENTS)
    assert len(listed) == row.unknown
    # Every message is either acknowledged or listed: the server has none that is neither.
    in_log = {each["message_id"] for each in running.taken()}
    assert len(in_log - {one.message_id for one in listed}) == row.sent
    # At most what the connections had in flight at each kill.
    assert row.unknown <= len(at) * 8
    with sqlite_ledgers.press.read() as tx:
        assert any(event.data.get("sent_at") for event in tx.events(EventKind.RETRY_ENDED, subject=delivery))
    known_before = row.sent

    settlement = settle(sqlite_ledgers.press, delivery, read_log(running.log), whole=True)

    assert settlement.still == 0
    assert known_before + settlement.sent == len(in_log)
    assert settlement.failed == RECIPIENTS - len(in_log)
    _assert_settled(sqlite_ledgers, delivery, sent=len(in_log))
    print(
        f"\n{RECIPIENTS:,} messages, {KILLS} kills, {seconds:.1f} s: {len(in_log):,} taken by the server, none twice; "
        f"{row.unknown} unknown, of which its log has {settlement.sent}"
    )


def _assert_settled(ledgers: Ledgers, delivery: str, *, sent: int) -> None:
    with ledgers.press.read() as tx:
        row = find_delivery(tx, delivery)
        settled = tx.events(EventKind.DELIVERY_SETTLED, subject=delivery)
        by_state = Counter(each.state for each in messages(tx, delivery))
    assert row is not None
    assert (row.sent, row.unknown) == (sent, 0)
    assert by_state["sent"] == sent
    assert by_state["unknown"] == 0
    assert len(settled) == 1
    assert verify(ledgers.press).sound


def _mail(home: Path, running: Running, began: float, *, kill_after: int | None = None) -> int | None:
    """Run a press in a process of its own; its exit code, negative for a signal.

    With `kill_after`, it is killed as soon as the server's log has so many messages.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.press.mailed"])
    process = context.Process(target=run_mail_press, args=(home, running, BATCH, began))
    process.start()
    taken = 0
    with running.log.open("rb") as log:
        while kill_after is not None and process.is_alive():
            taken += log.read().count(b"\n")
            if taken >= kill_after:
                process.kill()
                break
            time.sleep(0.002)
    process.join(300)
    return process.exitcode

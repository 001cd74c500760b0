"""The ledger behind a real PgBouncer, in each of its modes: right, or refused with what to set."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from presscheck.cli.diagnosis_database import database_looks
from presscheck.errors import LedgerDenied, LedgerError, LedgerLocked
from presscheck.ledger import ChainMark, EventKind, Keyring, Ledger, Signer, verify
from presscheck.ledger.engine import connect
from presscheck.models import Process
from presscheck.press.__main__ import run
from presscheck.press.lock import PlaceLost, only_press
from presscheck.settings import Settings
from tests.conftest import Clock, Ledgers, Postgres
from tests.desk.scene import Scene
from tests.pooler import pooler
from tests.press.stand import Stand

TRANSACTION = {"pool_mode": "transaction"}
# Habits of a pooler by which no session lasts, and what the refusal has to name.
NO_SESSION = [
    (TRANSACTION, "pool_mode = session"),
    ({**TRANSACTION, "server_round_robin": 1}, "pool_mode = session"),
    ({**TRANSACTION, "default_pool_size": 1}, "pool_mode = session"),
    ({**TRANSACTION, "default_pool_size": 2}, "pool_mode = session"),
    ({"pool_mode": "session", "ours": "transaction"}, "pool_mode = session"),
    ({**TRANSACTION, "server_reset_query_always": 1}, "pool_mode = session"),
    ({**TRANSACTION, "ignore_startup_parameters": "options"}, "pool_mode = session"),
    ({"pool_mode": "session", "server_reset_query": ""}, "server_reset_query = DISCARD ALL"),
]
LOCKS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _ledger(url: str, home: Path, process: Process = "press", **more: Any) -> Ledger:
    keys = home / "keys"
    return Ledger.open(url, keyring=Keyring.load(keys), signer=Signer.load(keys, process), **more)


def _locks(url: str) -> int:
    """How many advisory locks anybody holds in this database, asked of the server itself."""
    with psycopg.connect(url) as asking:
        found = asking.execute(LOCKS).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def _neighbours(url: str) -> Generator[None]:
    """Six others who use the same pool all the while, so that its backends change hands."""
    over = threading.Event()

    def work() -> None:
        with psycopg.connect(url, prepare_threshold=None) as busy:
            while not over.is_set():
                busy.execute("SELECT pg_sleep(0.001)")
                busy.commit()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("beside", [contextlib.nullcontext, _neighbours], ids=["quiet", "busy"])
@pytest.mark.parametrize(("settings", "advice"), NO_SESSION)
def test_the_press_is_refused_where_no_session_lasts_and_leaves_no_lock_behind(
    postgres: Postgres, postgres_url: str, home: Path, settings: dict[str, Any], advice: str, beside: Any
) -> None:
    with pooler(postgres, **settings) as through:
        ledger = _ledger(through(postgres_url), home)
        with beside(through(postgres_url)), pytest.raises(LedgerDenied) as refused, only_press(home, ledger):
            pytest.fail("the press has started")
        ledger.close()

        assert advice in str(refused.value)
        assert "PRESSCHECK_LEDGER_URL" in str(refused.value)
        assert _locks(postgres_url) == 0


def test_behind_a_pooler_by_the_session_there_is_one_press_and_another_once_it_was_killed(
    postgres: Postgres, postgres_url: str, home: Path
) -> None:
    with pooler(postgres, pool_mode="session") as through:
        url = through(postgres_url)
        program = str(Path(__file__).with_name("held_place.py"))
        holder = subprocess.Popen([sys.executable, program, url, str(home)], stdout=subprocess.PIPE, text=True)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        ledger = _ledger(url, home)

        with pytest.raises(LedgerLocked, match="another press is running") as refused, only_press(home, ledger):
            pytest.fail("two presses at once")
        holder.kill()
        holder.communicate()
        place = _soon(ledger, home)

        assert "SELECT pg_terminate_backend(" in str(refused.value)
        with place, ledger.read() as tx:
            assert _locks(postgres_url) == 1
            assert tx.execute(text("SELECT 1")).scalar() == 1
        ledger.close()
        assert _locks(postgres_url) == 0


def _soon(ledger: Ledger, home: Path) -> contextlib.ExitStack:
    """The place, as soon as the server has noticed that its holder is gone."""
    over = time.monotonic() + 20
    while True:
        stack = contextlib.ExitStack()
        try:
            stack.enter_context(only_press(home, ledger))
        except LedgerLocked:
            assert time.monotonic() < over, "after a holder died nobody got the place"
            time.sleep(0.05)
        else:
            return stack


def test_a_press_that_is_not_alone_any_more_ends_and_does_not_wait_for_better_days() -> None:
    class Lost:
        steps = 0

        def step(self) -> bool:
            self.steps += 1
            raise PlaceLost("this press has lost the place")

    press = Lost()

    with pytest.raises(PlaceLost):
        run(press, threading.Event(), poll_seconds=0)  # type: ignore[arg-type]

    assert press.steps == 1


def test_the_process_of_the_press_says_what_to_set_and_ends(
    postgres: Postgres, postgres_url: str, home: Path, tmp_path: Path
) -> None:
    with pooler(postgres, pool_mode="transaction") as through:
        told = {"PRESSCHECK_LEDGER_URL": through(postgres_url), "PRESSCHECK_HOME": str(home)}
        root = str(Path(__file__).resolve().parents[2])

        ended = subprocess.run(
            [sys.executable, "-m", "presscheck.press"],
            env={**os.environ, **told, "PYTHONPATH": root},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert ended.returncode == 3
    assert "the press does not start: a pooler gives each transaction another" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_lock_of_a_press_that_has_nothing_to_do_is_not_ended_for_idling(
    postgres: Postgres, postgres_url: str, home: Path, clock: Clock
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("ALTER ROLE presscheck SET idle_session_timeout = '2s'")
    try:
        ledgers = Ledgers(postgres_url, home, clock)
        scene = Scene(ledgers)
        with only_press(home, ledgers.press) as alone:
            press = Stand(scene, alone=alone).press
            for _ in range(6):
                time.sleep(0.5)

                assert press.step() is False
        ledgers.close()
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute("ALTER ROLE presscheck RESET idle_session_timeout")


@pytest.mark.parametrize("pooled", [False, True], ids=["straight", "pooled"])
def test_a_press_whose_connection_was_ended_sends_nothing_more(
    postgres: Postgres, postgres_url: str, home: Path, clock: Clock, pooled: bool
) -> None:
    with pooler(postgres, pool_mode="session") as through:
        ledgers = Ledgers(through(postgres_url) if pooled else postgres_url, home, clock)
        with only_press(home, ledgers.press) as alone:
            stand = Stand(Scene(ledgers), alone=alone)
            delivery = stand.approve_and_request()
            with psycopg.connect(postgres_url) as admin:
                admin.execute(f"SELECT pg_terminate_backend(pid) {LOCKS.partition('count(*)')[2]}")
            other = _soon(ledgers.press, home / "elsewhere")

            with other, pytest.raises(PlaceLost, match="lost the place"):
                stand.press.step()

            assert (stand.row(delivery).state, stand.files()) == ("requested", [])
        ledgers.close()


@pytest.mark.parametrize("settings", [{"pool_mode": "session"}, {"pool_mode": "transaction", "ours": "session"}])
def test_a_press_delivers_behind_a_pooler_by_the_session(
    postgres: Postgres, postgres_url: str, home: Path, clock: Clock, settings: dict[str, Any]
) -> None:
    """Also where the mode is that of its role alone, as docs/postgresql.md recommends."""
    with pooler(postgres, **settings) as through:
        ledgers = Ledgers(through(postgres_url), home, clock)
        with only_press(home, ledgers.press) as alone:
            stand = Stand(Scene(ledgers), alone=alone)
            delivery = stand.approve_and_request()
            stand.press.step()

        assert (stand.row(delivery).state, len(stand.files())) == ("done", 7)
        assert verify(ledgers.press).sound
        ledgers.close()


@pytest.mark.parametrize("pool_mode", ["transaction", "session"])
def test_workers_write_beside_one_another_behind_a_pooler(
    postgres: Postgres, postgres_url: str, home: Path, pool_mode: str
) -> None:
    """More statements than make psycopg prepare one, on backends that change hands."""
    with pooler(postgres, pool_mode=pool_mode, default_pool_size=3) as through:
        ledgers = [_ledger(through(postgres_url), home, "worker") for _ in range(3)]

        def write(ledger: Ledger) -> None:
            for at in range(12):
                with ledger.write() as tx:
                    tx.append(EventKind.DELIVERY_REQUESTED, f"D-{at}", {"manifest": "0" * 64})
                with ledger.read() as reading:
                    reading.events(EventKind.DELIVERY_REQUESTED, subject=f"D-{at}")

        threads = [threading.Thread(target=write, args=(ledger,)) for ledger in ledgers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with ledgers[0].read() as tx:
            mark, fault = tx.follow(ChainMark())
        assert (mark.seq, fault) == (36, None)
        for ledger in ledgers:
            ledger.close()


@pytest.mark.parametrize("pool_mode", ["transaction", "session"])
@pytest.mark.parametrize("told", ["", "options"])
def test_who_waits_for_the_write_lock_behind_a_pooler_waits_no_longer_than_elsewhere(
    postgres: Postgres, postgres_url: str, home: Path, pool_mode: str, told: str
) -> None:
    """By the startup parameter `options` it was refused, or, dropped by the pooler, waited for ever."""
    with pooler(postgres, pool_mode=pool_mode, ignore_startup_parameters=told) as through:
        holder = _ledger(through(postgres_url), home, "door")
        waiting = _ledger(through(postgres_url), home, "worker", wait_seconds=0.3)

        with holder.write(), pytest.raises(LedgerLocked), waiting.write():
            pytest.fail("two writers at once")

        for ledger in (holder, waiting):
            ledger.close()


def test_nothing_that_is_set_for_us_stays_with_a_backend_that_others_get(postgres: Postgres, postgres_url: str) -> None:
    with pooler(postgres, pool_mode="transaction", default_pool_size=1) as through:
        engine = connect(through(postgres_url), wait_seconds=7)
        with engine.connect() as ours, ours.begin():
            within = ours.execute(text("SHOW lock_timeout")).scalar()
        engine.dispose()
        with psycopg.connect(through(postgres_url)) as others:
            after = others.execute("SHOW lock_timeout").fetchone()

    assert (within, after) == ("7s", ("0",))


REFUSED = [
    ({"pool_mode": "session", "default_pool_size": 1, "query_wait_timeout": 1}, {}, "raise default_pool_size"),
    ({"pool_mode": "session", "max_client_conn": 1}, {}, "raise default_pool_size and max_client_conn"),
    ({"pool_mode": "statement"}, {}, "pool_mode = statement"),
    ({"pool_mode": "session"}, {"PGOPTIONS": "-c jit=off"}, "PGOPTIONS"),
]


@pytest.mark.parametrize(("settings", "environment", "said"), REFUSED)
def test_what_a_pooler_refuses_is_told_with_what_to_set(
    postgres: Postgres,
    postgres_url: str,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    environment: dict[str, str],
    said: str,
) -> None:
    with pooler(postgres, **settings) as through:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        with pytest.raises(LedgerError, match=said) as refused, only_press(home, _ledger(through(postgres_url), home)):
            pytest.fail("the press has started")

    assert "a pooler" in str(refused.value)


def test_the_doctor_says_whether_the_press_would_start_behind_the_pooler(
    postgres: Postgres, postgres_url: str, tmp_path: Path
) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    for pool_mode in ("session", "transaction", "statement"):
        with pooler(postgres, pool_mode=pool_mode) as through:
            settings = Settings.read(tmp_path, {"PRESSCHECK_LEDGER_URL": through(postgres_url)})

            looks = [look for look in database_looks(settings) if look.what == "pooler"]

        found[pool_mode] = [(look.state, look.found) for look in looks]
        assert all("docs/postgresql.md" in look.mend for look in looks if look.state == "missing")

    assert [[state for state, _ in looks] for looks in found.values()] == [["ok"], ["missing"], ["missing"]]
    assert "the press does not start" in found["transaction"][0][1]
    assert "pool_mode = statement" in found["statement"][0][1]


def test_the_doctor_says_nothing_of_poolers_where_there_is_none(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings.read(tmp_path, {"PRESSCHECK_LEDGER_URL": postgres_url})

    assert [look.what for look in database_looks(settings)] == ["database roles"]

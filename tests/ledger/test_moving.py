"""A ledger moves from SQLite to PostgreSQL with its chain as it is, or not at all."""

import fcntl
import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from presscheck.errors import LedgerDenied, LedgerForged, LedgerGone, LedgerLocked, SettingsError
from presscheck.ledger import EventKind, Ledger, tables, verify
from presscheck.ledger.assets import record_findings
from presscheck.ledger.moving import Moved, move
from presscheck.models import Finding
from tests.ledger.filled import RUN, fill, tamper
from tests.ledger.under_roles import NAMES, PASSWORDS, RoleLedgers


def moved(source: Any, target: str, **changes: Any) -> Moved:
    told: dict[str, Any] = {"home": source.home, "keyring": source.door.keyring, "password": PASSWORDS["owner"]}
    url = target.replace("//", f"//{NAMES['owner']}@")
    return move(source.url, url, **{**told, "progress": lambda what, done, total: None, **changes})


def rows_of(ledger: Ledger) -> dict[str, set[tuple[Any, ...]]]:
    with ledger.read() as tx:
        return {
            table.name: {tuple(row) for row in tx.execute(select(table))} for table in tables.metadata.sorted_tables
        }


@pytest.fixture
def source(sqlite_ledgers: Any) -> Any:
    """A filled SQLite ledger, with rows in tables that no event speaks of too."""
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    finding = Finding(rule="brand.plain", version="a" * 64, level="note", message="Grüße – 👋")
    with sqlite_ledgers.worker.write() as tx:
        record_findings(tx, [("a" * 64, [finding, finding])], run=RUN)
    message = {"delivery": "D-1", "position": 0, "key": "k", "recipient": "jo@example.com", "asset": "a", "at": "2026"}
    with sqlite_ledgers.press.write() as tx:
        tx.execute(insert(tables.outbox), {**message, "state": "sent", "detail": ""})
    return sqlite_ledgers


def test_every_table_and_the_whole_chain_arrive_and_go_on(source: Any, roles_url: str) -> None:
    file = Path(source.url.removeprefix("sqlite:///"))
    for ledger in (source.door, source.worker, source.press):
        ledger.close()
    before = hashlib.sha256(file.read_bytes()).hexdigest()

    found = moved(source, roles_url)

    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    there = RoleLedgers(roles_url, source.home, source.clock)
    owner = there.opened("owner")
    assert rows_of(owner) == rows_of(source.door)
    assert found.rows["outbox"] == 1
    assert found.rows["findings"] == 2
    with there.worker.write() as tx:
        event = tx.append(EventKind.AUDIENCE_FROZEN, "x", {})
        finding = Finding(rule="brand.plain", version="a" * 64, level="note", message="New")
        record_findings(tx, [("a" * 64, [finding])], run=RUN)
    assert (event.seq, event.previous) == (found.events + 1, found.head)
    verified = verify(owner)
    assert verified.sound, verified.fault
    assert verified.heads == ("door", "worker")
    owner.close()
    there.close()


def test_what_was_moved_is_told_while_it_moves(source: Any, roles_url: str) -> None:
    said: list[tuple[str, int, int]] = []

    found = moved(source, roles_url, progress=lambda *told: said.append(told))

    assert ("copying events", found.events, found.events) in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE events SET body = '{}' WHERE seq = 2", "event 2 .* was altered"),
        ("DELETE FROM events WHERE seq > 5", "event .* is missing"),
        ("UPDATE assets SET content = '{}'", "asset "),
        ("INSERT INTO decisions VALUES ('R-planted', 'approved', 1, '2026')", "R-planted"),
    ],
)
def test_a_ledger_that_was_tampered_with_is_refused_and_the_place_is_named(
    source: Any, roles_url: str, change: str, told: str
) -> None:
    assert tamper(source.worker, change)

    with pytest.raises(LedgerForged, match=told):
        moved(source, roles_url)

    assert is_empty(roles_url, source)


def test_a_row_that_postgresql_cannot_hold_is_named_and_nothing_is_kept(source: Any, roles_url: str) -> None:
    assert tamper(source.worker, "UPDATE outbox SET detail = 'a' || char(0) || 'b'")

    with pytest.raises(LedgerForged, match="outbox: PostgreSQL cannot hold"):
        moved(source, roles_url)

    assert is_empty(roles_url, source)


def test_a_target_that_holds_something_is_refused(source: Any, roles_url: str) -> None:
    there = RoleLedgers(roles_url, source.home, source.clock)
    with there.door.write() as tx:
        tx.execute(text("INSERT INTO suppressions VALUES ('x', 'asked', '2026', 1)"))
    there.close()

    with pytest.raises(SettingsError, match="suppressions is not empty"):
        moved(source, roles_url)


@pytest.mark.parametrize("lock", ["up.lock", "press.lock"])
def test_a_ledger_in_use_is_not_moved(source: Any, roles_url: str, lock: str) -> None:
    with (source.home / lock).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(LedgerLocked, match="stop it"):
            moved(source, roles_url)


def test_nobody_writes_to_the_source_while_it_moves(source: Any, roles_url: str) -> None:
    refused: list[LedgerLocked] = []

    def write(what: str, done: int, total: int) -> None:
        if not refused:
            hurried = Ledger.open(source.url, keyring=source.door.keyring, signer=source.door.signer, wait_seconds=0.1)
            with pytest.raises(LedgerLocked) as caught, hurried.write() as tx:
                tx.append(EventKind.RUN_STARTED, "x", {})
            refused.append(caught.value)
            hurried.close()

    moved(source, roles_url, progress=write)

    assert refused


def test_only_the_owner_moves_a_ledger(source: Any, roles_url: str) -> None:
    url = roles_url.replace("//", f"//{NAMES['worker']}@")

    with pytest.raises(LedgerDenied):
        move(
            source.url, url, home=source.home, keyring=source.door.keyring, password=PASSWORDS["worker"],
            progress=lambda what, done, total: None,
        )  # fmt: skip

    assert is_empty(roles_url, source)


def test_a_database_without_tables_is_told_what_makes_them(source: Any, postgres: Any) -> None:
    postgres.sql("CREATE DATABASE bare")

    with pytest.raises(LedgerGone, match="alembic_version"):
        move(
            source.url, postgres.url("bare"), home=source.home, keyring=source.door.keyring, password=None,
            progress=lambda what, done, total: None,
        )  # fmt: skip

    postgres.sql("DROP DATABASE bare")


@pytest.mark.parametrize(
    ("source_url", "target_url"),
    [("postgresql://h/a", "postgresql://h/b"), ("sqlite:///a.db", "sqlite:///b.db"), ("nonsense", "postgresql://h/b")],
)
def test_other_ways_of_moving_are_refused(home: Path, source_url: str, target_url: str, sqlite_ledgers: Any) -> None:
    with pytest.raises(SettingsError, match=r"sqlite|PostgreSQL"):
        move(
            source_url, target_url, home=home, keyring=sqlite_ledgers.door.keyring, password=None,
            progress=lambda what, done, total: None,
        )  # fmt: skip


def is_empty(url: str, source: Any) -> bool:
    there = RoleLedgers(url, source.home, source.clock)
    owner = there.opened("owner")
    with owner.read() as tx:
        counted = [
            tx.execute(select(func.count()).select_from(table)).scalar() for table in tables.metadata.sorted_tables
        ]
    owner.close()
    there.close()
    return sum(count or 0 for count in counted) == 0

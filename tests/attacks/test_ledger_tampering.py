"""Somebody who can write to the database changes it: `verify` says so, and names the first bad place."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from presscheck.ledger import ChainMark, EventKind, Ledger, make_keys, tables, verify
from presscheck.ledger.chain import Event, seal
from presscheck.ledger.keys import Keyring, Signer
from presscheck.ledger.suppressions import suppress
from tests.ledger.filled import fill, past_triggers, tamper

# Somebody without our keys: the keys of another house, made by the same program.
STRANGER = "stranger"


@pytest.fixture
def filled(ledgers: Any) -> Any:
    fill(ledgers.worker, ledgers.door)
    assert verify(ledgers.press).sound
    return ledgers


def fault(ledgers: Any) -> str:
    found = verify(ledgers.press)
    assert not found.sound
    return str(found.fault)


def stored(ledger: Ledger, seq: int) -> Event:
    with ledger.read() as tx:
        return Event(**tx.execute(select(tables.events).where(tables.events.c.seq == seq)).mappings().one())


def plant(ledger: Ledger, event: Event) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(insert(tables.events), event.__dict__)


@pytest.mark.parametrize("column", ["at", "kind", "process", "run", "subject", "body", "previous", "hash", "signature"])
def test_an_altered_event_is_named(filled: Any, column: str) -> None:
    other = {"kind": "answer:read", "process": "press", "body": "{}", "previous": "0" * 64, "hash": "1" * 64}

    tamper(filled.door, f"UPDATE events SET {column} = :other WHERE seq = 4", {"other": other.get(column, "00")})

    assert "event 4" in fault(filled)


def test_a_removed_event_is_named(filled: Any) -> None:
    tamper(filled.door, "DELETE FROM events WHERE seq = 4")

    assert fault(filled) == "event 4 is missing; event 5 stands in its place"


def test_two_events_that_changed_places_are_named(filled: Any) -> None:
    tamper(filled.door, "UPDATE events SET seq = -1 WHERE seq = 3")
    tamper(filled.door, "UPDATE events SET seq = 3 WHERE seq = 4")
    tamper(filled.door, "UPDATE events SET seq = 4 WHERE seq = -1")

    assert "event 3" in fault(filled)


def test_the_first_of_several_bad_events_is_named(filled: Any) -> None:
    tamper(filled.door, "UPDATE events SET body = '{}' WHERE seq IN (3, 6)")

    assert "event 3 " in fault(filled)


def test_an_event_signed_with_a_strangers_key_is_named(filled: Any, tmp_path: Path) -> None:
    make_keys(tmp_path / STRANGER)
    tip = verify(filled.door)
    forged = seal(
        Signer.load(tmp_path / STRANGER, "door"),
        after=ChainMark(tip.events, tip.head),
        at="2026-03-02T09:00:00.000000Z",
        kind=EventKind.DECISION_APPROVED,
        run="r",
        subject="R-1",
        body={},
    )

    plant(filled.door, forged)

    assert fault(filled) == f"event {forged.seq} (decision:approved) was not signed with the door's key"
    with filled.worker.read() as tx:
        assert tx.event(forged.seq) is None


def test_a_decision_written_by_the_worker_is_named_and_believed_by_nobody(filled: Any) -> None:
    with filled.worker.write() as tx:
        forged = tx.append(EventKind.DECISION_APPROVED, "R-1", {})

    assert "was written by the worker, which may not write this kind" in fault(filled)
    with filled.press.read() as tx:
        assert tx.event(forged.seq) is None


def test_the_workers_signature_under_the_doors_name_is_no_signature(filled: Any) -> None:
    with filled.worker.write() as tx:
        forged = tx.append(EventKind.DECISION_APPROVED, "R-1", {})
    renamed = Event(**{**forged.__dict__, "process": "door"})
    renamed = Event(**{**renamed.__dict__, "hash": renamed.expected_hash()})

    tamper(
        filled.door, "UPDATE events SET process = 'door', hash = :hash WHERE seq = :seq",
        {"hash": renamed.hash, "seq": renamed.seq},
    )  # fmt: skip

    assert "was not signed with the door's key" in fault(filled)


def test_a_kind_that_nobody_may_write_is_named(filled: Any) -> None:
    event = stored(filled.door, 2)
    invented = Event(**{**event.__dict__, "kind": "decision:blessed"})

    tamper(
        filled.door, "UPDATE events SET kind = 'decision:blessed', hash = :hash WHERE seq = 2",
        {"hash": invented.expected_hash()},
    )  # fmt: skip

    assert "event 2 (decision:blessed) is of a kind that no process may write" in fault(filled)


def test_a_real_event_copied_to_the_end_is_named(filled: Any) -> None:
    tip = verify(filled.door)
    approval = next(
        e for seq in range(1, tip.events + 1) if (e := stored(filled.door, seq)).kind.startswith("decision")
    )
    again = Event(**{**approval.__dict__, "seq": tip.events + 1, "previous": tip.head, "hash": "2" * 64})

    plant(filled.door, again)

    assert f"event {again.seq}" in fault(filled)
    with filled.worker.read() as tx:
        assert tx.event(again.seq) is None


@pytest.mark.parametrize("cut", [1, 3])
def test_a_tail_cut_off_shows_against_the_heads(filled: Any, cut: int) -> None:
    last = verify(filled.door).events

    tamper(filled.door, "DELETE FROM events WHERE seq > :last", {"last": last - cut})

    assert "The tail was cut off, or an old copy was put back" in fault(filled)


def test_everything_taken_out_shows_against_the_heads(filled: Any) -> None:
    for table in ("events", "assets", "steps", "reviews", "decisions", "campaigns", "deliveries", "suppressions"):
        tamper(filled.door, f"DELETE FROM {table}")

    assert "is missing" in fault(filled)


def test_an_old_copy_put_back_shows(sqlite_ledgers: Any, tmp_path: Path) -> None:
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    old = tmp_path / "old.db"
    copy_database(sqlite_ledgers, old)
    with sqlite_ledgers.door.write() as tx:
        suppress(tx, ["9" * 64], reason="asked")

    put_back(sqlite_ledgers, old)

    assert "an old copy was put back" in fault(sqlite_ledgers)


def test_an_old_copy_put_back_and_written_to_shows(sqlite_ledgers: Any, tmp_path: Path) -> None:
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    old = tmp_path / "old.db"
    copy_database(sqlite_ledgers, old)
    with sqlite_ledgers.door.write() as tx:
        suppress(tx, ["9" * 64], reason="asked")
    put_back(sqlite_ledgers, old)

    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.ANSWER_READ, "R-2", {}, run="r")

    assert "an old copy was put back and written to" in fault(sqlite_ledgers)


def copy_database(ledgers: Any, to: Path) -> None:
    with ledgers.door.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(ledgers.home / "ledger.db", to)


def put_back(ledgers: Any, old: Path) -> None:
    for ledger in (ledgers.door, ledgers.worker, ledgers.press):
        ledger.close()
    for path in ledgers.home.glob("ledger.db-*"):
        path.unlink()
    shutil.copy(old, ledgers.home / "ledger.db")


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ("not JSON", "not a head that Presscheck wrote"),
        ("{}", "not a head that Presscheck wrote"),
        (json.dumps({"seq": 1, "hash": "0" * 64, "signature": "00"}), "not signed with the door's key"),
    ],
)
def test_a_forged_head_is_named_and_does_not_stop_the_door(filled: Any, kept: str, why: str) -> None:
    (filled.home / "heads" / "door.json").write_text(kept)

    with filled.door.write() as tx:
        suppress(tx, ["9" * 64], reason="asked")

    assert why in fault(filled)
    with filled.press.read() as tx:
        assert len(tx.events(EventKind.ADDRESS_SUPPRESSED)) == 2


CONTENT: list[tuple[str, str]] = [
    ("UPDATE assets SET content = replace(content, 'Quiet', 'Loud')", "asset"),
    ("UPDATE assets SET parent = NULL", "asset"),
    ("UPDATE assets SET author = replace(author, 'offline', 'online')", "asset"),
    ("UPDATE assets SET author = replace(author, 'P-1', 'P-2')", "asset"),
    ("UPDATE assets SET cost_microdollars = 0", "asset"),
    ("UPDATE assets SET run = 'other'", "asset"),
    ("DELETE FROM assets", "asset"),
    ("UPDATE steps SET payload = '[]'", "step draft"),
    ("UPDATE steps SET payload = '[1.5]'", "step draft"),
    ("UPDATE steps SET payload = 'nothing'", "step draft"),
    ("UPDATE steps SET shape = 'drafts-2'", "step draft"),
    ("UPDATE steps SET run = 'other'", "step draft"),
    ("UPDATE steps SET round = 2", "step draft"),
    ("DELETE FROM steps", "step draft"),
    ("UPDATE reviews SET question = replace(question, 'outbox', 'smtp')", "review R-"),
    ("UPDATE reviews SET question = '{}'", "review R-"),
    ("UPDATE reviews SET expires_at = '2036-03-02T09:00:00.000000Z'", "review R-"),
    ("UPDATE reviews SET run = 'other'", "review R-"),
    ("DELETE FROM reviews", "review R-"),
    ("UPDATE decisions SET kind = 'rejected'", "review R-"),
    ("UPDATE decisions SET event = 1", "review R-"),
    ("DELETE FROM decisions", "decision of review R-"),
    ("UPDATE campaigns SET brief = 'other'", "campaign run"),
    ("UPDATE campaigns SET ending = 'delivered'", "campaign run"),
    ("DELETE FROM campaigns", "campaign run"),
    ("UPDATE deliveries SET manifest = replace(manifest, 'outbox', 'smtp')", "delivery D-"),
    ("UPDATE deliveries SET review = 'R-2'", "delivery D-"),
    ("DELETE FROM deliveries", "delivery D-"),
    (f"DELETE FROM suppressions WHERE address_hash = '{'e' * 64}'", "suppressions of event"),
    (f"UPDATE suppressions SET address_hash = '{'7' * 64}' WHERE address_hash = '{'e' * 64}'", "suppressions of event"),
    (f"INSERT INTO suppressions VALUES ('{'7' * 64}', 'asked', 'x', 1)", "suppressions of event"),
]


def test_altered_content_is_named(filled: Any) -> None:
    said = {statement: looked_at(filled.door, statement) for statement, _ in CONTENT}

    wrong = [(statement, said[statement]) for statement, named in CONTENT if not said[statement].startswith(named)]
    assert wrong == []


def looked_at(ledger: Ledger, statement: str) -> str:
    """What `verify` says after a change, which is undone again."""
    with ledger.engine.connect().execution_options(presscheck_write=True) as connection, connection.begin() as undo:
        past_triggers(connection)
        assert connection.execute(text(statement)).rowcount > 0
        found = verify_within(ledger, connection)
        undo.rollback()
    return str(found)


# Every stored field that carries meaning; seq and the tables' own keys are covered above.
FIELDS = [
    (table, column.name)
    for table in (
        tables.events, tables.assets, tables.steps, tables.reviews, tables.decisions, tables.campaigns,
        tables.suppressions,
    )
    for column in table.columns
]  # fmt: skip
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=70) | st.integers(-5, 2**31) | st.binary(max_size=8)


@pytest.mark.slow
@settings(max_examples=250)
@given(field=st.sampled_from(FIELDS), at=st.integers(0, 30), value=ANYTHING)
def test_tampering_with_any_one_stored_field_is_found(
    sqlite_ledgers: Any, field: tuple[str, Any], at: int, value: Any
) -> None:
    table, column = field
    door = sqlite_ledgers.door
    with door.read() as tx:
        empty = not tx.tip().seq
    if empty:
        fill(sqlite_ledgers.worker, door)

    # The change is looked at from inside its own transaction and then undone.
    with door.engine.connect().execution_options(presscheck_write=True) as connection, connection.begin() as undo:
        past_triggers(connection)
        rows = connection.execute(text(f"SELECT rowid AS row_id, * FROM {table.name} ORDER BY rowid")).all()
        row = rows[at % len(rows)]
        try:
            connection.execute(
                text(f'UPDATE OR IGNORE {table.name} SET "{column}" = :value WHERE rowid = :row'),
                {"value": value, "row": row.row_id},
            )
        except IntegrityError:
            # The database itself refuses a text as a number: then nothing is changed, and nothing may be found.
            assert column == "seq"
        after = connection.execute(text(f"SELECT rowid AS row_id, * FROM {table.name} ORDER BY rowid")).all()
        differs = after != rows
        found = verify_within(door, connection)
        undo.rollback()

    assert (found is not None) == differs, (table.name, column, row, value, found)


def verify_within(ledger: Ledger, connection: Any) -> str | None:
    """What `verify` says of the state that this connection sees."""
    from presscheck.ledger.chain import chain_fault
    from presscheck.ledger.contents import first_fault
    from presscheck.ledger.store import Reader

    tx = Reader(ledger, connection)
    rows = tx.execute(select(tables.events).order_by(tables.events.c.seq)).mappings()
    _, found = chain_fault((Event(**row) for row in rows), ledger.keyring, ChainMark())
    return found or first_fault(tx)


def test_the_press_sees_an_event_taken_out_before_where_it_last_looked(filled: Any) -> None:
    with filled.press.read() as tx:
        mark, broken = tx.follow(ChainMark())
    assert broken is None

    tamper(filled.door, "DELETE FROM events WHERE seq = 3")

    with filled.press.read() as tx:
        _, broken = tx.follow(mark)
    assert broken is not None
    assert "taken out" in broken


def test_the_press_sees_a_chain_that_was_replaced(filled: Any) -> None:
    with filled.press.read() as tx:
        mark, _ = tx.follow(ChainMark())

    tamper(filled.door, "UPDATE events SET hash = :other WHERE seq = :seq", {"other": "3" * 64, "seq": mark.seq})

    with filled.press.read() as tx:
        assert "gone or was altered" in str(tx.follow(mark)[1])


def test_keys_found_beside_the_database_are_not_believed(filled: Any, tmp_path: Path) -> None:
    make_keys(tmp_path / STRANGER)

    reader = Ledger.open(filled.url, keyring=Keyring.load(tmp_path / STRANGER))

    with reader.read() as tx:
        assert tx.events() == []
    assert "event 1 " in str(verify(reader).fault)
    reader.close()


def test_text_that_is_not_utf_8_makes_the_ledger_unsound_and_not_the_program_broken(sqlite_ledgers: Any) -> None:
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)

    tamper(sqlite_ledgers.door, "UPDATE events SET body = CAST(x'ff' AS TEXT) WHERE seq = 2")

    assert "not UTF-8" in fault(sqlite_ledgers)

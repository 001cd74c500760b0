"""A database that is locked, gone, read-only or full: said in our words, with what to do, and nothing half-written."""

import os
import pwd
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from presscheck.errors import LedgerError, LedgerGone, LedgerLocked, LedgerReadOnly, SettingsError
from presscheck.ledger import EventKind, Keyring, Ledger, Signer, upgrade, verify
from tests.ledger.filled import fill


def opened(url: str, home: Path, *, wait: float = 0.3) -> Ledger:
    keys = home / "keys"
    return Ledger.open(url, keyring=Keyring.load(keys), signer=Signer.load(keys, "worker"), wait_seconds=wait)


def append(ledger: Ledger, *, words: str = "") -> None:
    with ledger.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "x", {"words": words})


def test_a_ledger_that_another_process_holds_is_locked_and_not_broken(ledgers: Any) -> None:
    waiting = opened(ledgers.url, ledgers.home)

    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_STARTED, "x", {})
        with pytest.raises(LedgerLocked, match="nothing was written"):
            append(waiting)

    append(waiting)
    assert verify(waiting).events == 2
    waiting.close()


def test_reading_goes_on_while_somebody_writes(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        tx.append(EventKind.RUN_STARTED, "x", {})

        with ledgers.press.read() as reader:
            assert reader.events() == []


def test_a_ledger_that_is_not_there_is_gone_and_is_not_made(home: Path) -> None:
    with pytest.raises(LedgerGone, match="there is no ledger here"):
        opened(f"sqlite:///{home / 'nothing.db'}", home)

    assert not (home / "nothing.db").exists()


def test_a_folder_in_the_ledgers_place_is_gone(home: Path) -> None:
    (home / "ledger.db").mkdir()

    with pytest.raises(LedgerGone, match="doctor"):
        opened(f"sqlite:///{home / 'ledger.db'}", home)


def test_a_file_that_is_no_database_is_said_to_be_none(home: Path) -> None:
    (home / "ledger.db").write_bytes(b"This is a letter and not a database. " * 100)

    with pytest.raises(LedgerError, match="not a database"):
        opened(f"sqlite:///{home / 'ledger.db'}", home)


def test_an_empty_database_is_no_ledger(home: Path) -> None:
    (home / "ledger.db").touch()

    with pytest.raises(LedgerGone, match="alembic_version"):
        opened(f"sqlite:///{home / 'ledger.db'}", home)


def test_a_postgresql_that_does_not_answer_is_gone(home: Path) -> None:
    with pytest.raises(LedgerGone, match="cannot be opened"):
        opened("postgresql://nobody:secret@127.0.0.1:1/ledger", home)


def test_a_postgresql_without_that_database_is_gone(postgres: Any, home: Path) -> None:
    with pytest.raises(LedgerGone, match="does not exist"):
        opened(postgres.url("not_there"), home)


def test_no_message_repeats_the_databases_password(home: Path) -> None:
    with pytest.raises(LedgerGone) as caught:
        opened("postgresql://nobody:tell-nobody@127.0.0.1:1/ledger", home)

    assert "tell-nobody" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/ledger", "not a database address"])
def test_another_database_is_refused_with_what_there_is(url: str, home: Path) -> None:
    with pytest.raises(SettingsError, match=r"sqlite|address"):
        upgrade(url)


def test_a_connection_that_breaks_in_the_middle_loses_the_write_and_not_the_ledger(
    postgres_url: str, home: Path
) -> None:
    ledger = opened(postgres_url, home)

    def break_in_the_middle() -> None:
        with ledger.write() as tx:
            tx.append(EventKind.AUDIENCE_FROZEN, "x", {})
            tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(LedgerError):
        break_in_the_middle()

    append(ledger)
    assert verify(ledger).events == 1
    ledger.close()


def test_a_read_only_postgresql_says_so(postgres_url: str, home: Path) -> None:
    ledger = opened(postgres_url, home)

    @event.listens_for(ledger.engine, "begin")
    def read_only(connection: Any) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    with pytest.raises(LedgerReadOnly, match="cannot be written"):
        append(ledger)
    ledger.close()


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may write everything; so, where we are root, go on as nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_read_only_file_says_so(sqlite_url: str, home: Path, tmp_path: Path, journal: str) -> None:
    ledger = opened(sqlite_url, home)
    ledger.close()
    with closing(sqlite3.connect(home / "ledger.db")) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    # Whoever goes on as nobody has to be able to come here; pytest's folders are root's alone.
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    (home / "ledger.db").chmod(0o444)
    home.chmod(0o555)

    with as_somebody_else(), pytest.raises(LedgerReadOnly, match="Check the file's owner"), ledger.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "x", {})

    home.chmod(0o755)


def test_a_full_disk_loses_nothing_that_was_told(sqlite_ledgers: Any) -> None:
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    full = opened(sqlite_ledgers.url, sqlite_ledgers.home)
    told = verify(full).events

    # SQLite gives the same error for a page too many as for a disk without room.
    @event.listens_for(full.engine, "begin")
    def no_room(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    refused: LedgerReadOnly | None = None
    while refused is None and told < 200:
        try:
            append(full, words="many words " * 400)
            told += 1
        except LedgerReadOnly as error:
            refused = error
    full.close()

    assert "make room" in str(refused)

    found = verify(sqlite_ledgers.door)
    assert found.sound
    assert found.events == told
    append(sqlite_ledgers.worker)
    assert verify(sqlite_ledgers.door).events == told + 1


def test_a_head_that_cannot_be_kept_is_logged_and_the_write_stands(
    sqlite_ledgers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # A file stands where the folder should be: no room, no rights and no mount look the same from here.
    (sqlite_ledgers.home / "heads").write_text("")

    append(sqlite_ledgers.worker)

    assert "head could not be kept" in caplog.text
    assert sqlite_ledgers.door.engine is not None
    with sqlite_ledgers.door.read() as tx:
        assert len(tx.events()) == 1

"""A new home's Prefect has its tables at once, and they are the ones that Prefect's own migrations make."""

import fcntl
import os
import sqlite3
import threading
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

from presscheck.settings import Settings
from presscheck.supervisor import prefect_schema
from presscheck.supervisor.databases import prepare_prefects
from presscheck.supervisor.prefect_schema import make_database, schema_file, schema_of


def _statements(schema: str) -> list[list[str]]:
    """Each statement's lines; Prefect's migrations write columns' constraints in another order each time."""
    return sorted(sorted(line.strip(" \t,") for line in one.splitlines()) for one in schema.split(";\n"))


@pytest.mark.slow
def test_the_schema_is_what_the_migrations_of_the_installed_prefect_end_with(prefect: None) -> None:
    migrated = Path(str(PREFECT_API_DATABASE_CONNECTION_URL.value()).removeprefix("sqlite+aiosqlite:///"))

    assert schema_file().is_file(), "write it: python -m presscheck.supervisor.prefect_schema"
    assert _statements(schema_file().read_text()) == _statements(schema_of(migrated))


def test_a_new_home_has_prefects_database_before_its_server_starts(tmp_path: Path) -> None:
    settings = Settings(project=tmp_path, home=tmp_path / "home").resolved()

    prepare_prefects(settings)

    assert schema_of(settings.prefect_home / "prefect.db") == schema_file().read_text()


def test_a_database_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = database.read_bytes()

    make_database(database)

    assert database.read_bytes() == before


def test_a_log_without_its_database_is_left_to_sqlite(tmp_path: Path) -> None:
    (tmp_path / "prefect.db-wal").write_bytes(b"of another database")

    make_database(tmp_path / "prefect.db")

    assert [path.name for path in tmp_path.iterdir()] == ["prefect.db-wal"]


def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "new-prefect.db").write_bytes(b"half")

    make_database(tmp_path / "prefect.db")

    assert [path.name for path in tmp_path.iterdir()] == ["prefect.db"]
    assert schema_of(tmp_path / "prefect.db") == schema_file().read_text()


def test_who_makes_a_home_ready_waits_for_another_who_does_and_leaves_theirs(tmp_path: Path) -> None:
    database = tmp_path / "prefect.db"
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    second = threading.Thread(target=make_database, args=(database,))

    second.start()
    second.join(0.5)
    made_at_once = database.exists()
    database.write_bytes(b"of the first")
    os.close(folder)
    second.join()

    assert not made_at_once
    assert database.read_bytes() == b"of the first"


def test_another_version_of_prefect_migrates_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_schema, "version", lambda name: version(name) + ".1")

    make_database(tmp_path / "prefect.db")

    assert list(tmp_path.iterdir()) == []

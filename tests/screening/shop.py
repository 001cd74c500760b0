"""A shop's customers in SQLite and in PostgreSQL, as segments see them; the fixtures are imported by name."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from presscheck.errors import SegmentError
from presscheck.screening.databases import Database
from presscheck.screening.segment import run_segment
from presscheck.settings.databases import DatabaseSection

__all__ = ["AS_OF", "PASSWORD", "PEOPLE", "SELECT", "Shop", "on_postgres", "on_sqlite", "served", "shop"]

AS_OF = datetime(2026, 11, 21, tzinfo=UTC)
PASSWORD = "correct-horse 'battery'"
COLUMNS = "'consent' AS consent_basis, form AS consent_proof, country AS market"
SELECT = f"SELECT id, mail AS address, since AS consented_at, born AS birth_year, {COLUMNS} FROM people"
PEOPLE = [
    ("c2", "Ben@example.com", "form-2", "2026-02-01 00:00:00", "US", 1985),
    ("c1", "ana@example.com", "form-1", "2026-01-01 10:00:00", "DE", 1990),
]


@dataclass
class Shop:
    """One database as segments see it."""

    database: Database
    folder: Path
    rows: list[int] = field(default_factory=list)

    def run(self, select: str, **options) -> Path:
        segment = self.folder / "segment.sql"
        segment.write_text(f"-- customers of the shop\n-- database: shop\n{select}\n")
        out = self.folder / "out.parquet"
        database = options.pop("database", self.database)
        return run_segment(
            segment, self.folder, out, as_of=AS_OF, databases=lambda _: database, progress=self.rows.append, **options
        )

    def faults(self, select: str, **options) -> str:
        with pytest.raises(SegmentError) as caught:
            self.run(select, **options)
        assert not (self.folder / "out.parquet").exists()
        assert sorted(path.name for path in self.folder.iterdir() if path.name.startswith(".spill")) == []
        return str(caught.value)


@pytest.fixture(scope="module")
def served(postgres) -> Iterator[str]:
    """A PostgreSQL database of people, and a role with a password that may only read them."""
    url = postgres.url("segments")
    postgres.sql("CREATE DATABASE segments")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE segment_reader LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
        owner.execute("CREATE ROLE segment_writer LOGIN")
        owner.execute("CREATE TYPE country AS ENUM ('DE', 'US')")
        owner.execute(
            "CREATE TABLE people (id text, mail varchar(90), form text, since timestamp, country country, born int, "
            "more jsonb DEFAULT '{\"first_name\": \"Ana\"}', weight real DEFAULT 1.5, of_text text DEFAULT 'x')"
        )
        owner.cursor().executemany("INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s)", PEOPLE)
        owner.execute("CREATE TABLE hidden (secret text)")
        owner.execute("GRANT SELECT ON people TO segment_reader, segment_writer")
        owner.execute("GRANT INSERT ON people TO segment_writer")
        (hba,) = owner.execute("SELECT setting FROM pg_settings WHERE name = 'hba_file'").fetchone()
        # The test server trusts everybody; this one role has to prove who it is.
        rules = Path(hba).read_text()
        Path(hba).write_text("host all segment_reader 127.0.0.1/32 scram-sha-256\n" + rules)
        owner.execute("SELECT pg_reload_conf()")
    yield f"postgresql://127.0.0.1:{postgres.port}/segments"
    Path(hba).write_text(rules)
    postgres.sql("SELECT pg_reload_conf()")
    postgres.sql("DROP DATABASE segments WITH (FORCE)")
    postgres.sql("DROP ROLE segment_reader")
    postgres.sql("DROP ROLE segment_writer")


@pytest.fixture
def on_postgres(served, tmp_path) -> Shop:
    section = DatabaseSection(url=served, user="segment_reader")
    return Shop(Database("shop", section, SecretStr(PASSWORD)), tmp_path)


@pytest.fixture
def on_sqlite(tmp_path) -> Shop:
    with sqlite3.connect(tmp_path / "my shop.db") as owner:
        owner.execute("CREATE TABLE people (id, mail, form, since, country, born, weight DEFAULT 1.5)")
        owner.executemany("INSERT INTO people (id, mail, form, since, country, born) VALUES (?, ?, ?, ?, ?, ?)", PEOPLE)
    owner.close()
    return Shop(Database("shop", DatabaseSection(url="sqlite:///my%20shop.db"), folder=tmp_path), tmp_path)


@pytest.fixture(params=["on_sqlite", pytest.param("on_postgres", marks=pytest.mark.needs_a_server)])
def shop(request) -> Shop:
    return request.getfixturevalue(request.param)

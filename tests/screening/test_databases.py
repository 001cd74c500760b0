"""A segment in a database becomes the same candidates as one over files, or an error that says what to do."""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from presscheck.errors import DatabaseError, SegmentError
from presscheck.screening.databases import Database, land, look
from presscheck.screening.segment import run_segment
from presscheck.sections import DatabaseSection

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


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def shop(request) -> Shop:
    return request.getfixturevalue(request.param)


def on_files(folder: Path) -> Path:
    lines = ["id,mail,form,since,country,born", *(",".join(map(str, row)) for row in PEOPLE)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    segment = folder / "files.sql"
    segment.write_text(SELECT.replace("FROM people", "FROM read_csv('people.csv', all_varchar = true)"))
    return run_segment(segment, folder, folder / "files.parquet", as_of=AS_OF)


def test_a_database_gives_the_same_candidates_as_files(shop, rows_of):
    out = shop.run(f"{SELECT} WHERE since < getvariable('as_of') -- everybody\n;")

    assert rows_of(out) == rows_of(on_files(shop.folder))


def test_the_columns_of_an_audience_come_in_postgresql_s_own_types(on_postgres, rows_of):
    out = on_postgres.run(f"{SELECT.replace(' FROM', ', more AS attributes FROM')} WHERE country = 'DE'")

    assert rows_of(out, "id, consented_at, birth_year, attributes") == [
        ("c1", datetime(2026, 1, 1, 10, tzinfo=UTC), 1990, '{"first_name": "Ana"}')
    ]


def test_a_value_of_another_type_in_sqlite_becomes_null_and_its_row_stays(on_sqlite, rows_of):
    with sqlite3.connect(on_sqlite.folder / "my shop.db") as owner:
        owner.execute("UPDATE people SET mail = x'ff', born = 1.5 WHERE id = 'c2'")
    owner.close()

    out = on_sqlite.run(SELECT)

    assert rows_of(out, "id, address, birth_year") == [("c1", "ana@example.com", 1990), ("c2", None, None)]


def test_missing_extra_and_wrongly_typed_columns_are_told_together(on_postgres):
    said = on_postgres.faults("SELECT id, mail AS address, weight AS birth_year, born, 'x' AS ID FROM people")

    for part in (
        "no column consent_basis",
        "the column born is not part of an audience",
        "birth_year is float4 and must be a whole number; cast it",
        "the column id is selected twice",
    ):
        assert part in said


def test_a_column_of_sqlite_without_one_usable_value_is_a_fault(on_sqlite):
    said = on_sqlite.faults(SELECT.replace("born AS", "weight AS"))

    assert "the column birth_year holds no value that is a whole number" in said


@pytest.mark.parametrize(
    ("select", "said"),
    [
        (SELECT.replace("\n", " ").replace("FROM people", "FROM\n\npeopel"), "segment.sql:5: "),
        (SELECT.replace("FROM people", "FROM people, hidden"), "grant SELECT"),
        (SELECT.replace("born AS", "CAST(mail AS int) AS"), 'invalid input syntax for type integer: "…"; cast only'),
        (f"{SELECT} WHERE false", "the segment is empty"),
    ],
)
def test_what_postgresql_refuses_is_told_with_its_line_and_the_way_out(select, said, on_postgres):
    told = on_postgres.faults(select)

    assert said in told
    assert "example.com" not in told


def test_a_missing_table_of_sqlite_is_named(on_sqlite):
    assert "no such table: peopel" in on_sqlite.faults(SELECT.replace("FROM people", "FROM peopel"))


def test_more_rows_or_bytes_than_agreed_are_refused(on_sqlite):
    few = DatabaseSection(url="sqlite:///my%20shop.db", max_rows=1)

    said = on_sqlite.faults(SELECT, database=Database("shop", few, folder=on_sqlite.folder))

    assert "more than 1 rows" in said


def test_a_segment_that_takes_too_long_is_stopped(shop):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) ".replace("n(x)", "n").replace(
        "SELECT 1 U", "SELECT 1 AS x U"
    )

    began = time.monotonic()
    said = shop.faults(f"{endless}{SELECT} WHERE born = (SELECT sum(x) FROM n)", time_limit_s=0.7)

    assert "longer than 0.7 s in shop" in said
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("password", "said"), [("hunter2", "refused the password"), (None, "put it into the secret")])
def test_a_wrong_or_missing_password_is_told_and_not_shown(password, said, on_postgres):
    secret = None if password is None else SecretStr(password)

    with pytest.raises(DatabaseError, match=said) as caught:
        on_postgres.run(SELECT, database=Database("shop", on_postgres.database.section, secret))

    assert "hunter2" not in str(caught.value)


def test_a_database_that_is_down_or_no_database_is_told(tmp_path, on_sqlite):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://127.0.0.1:{nobody.getsockname()[1]}/shop"
        with pytest.raises(DatabaseError, match="cannot be reached"):
            look(Database("shop", DatabaseSection(url=url)))
    (tmp_path / "text.db").write_text("this is no database, only some text that is long enough to look like a page")
    for name, said in (("text.db", "not a database"), ("none.db", "is no file")):
        with pytest.raises(DatabaseError, match=said):
            look(Database("shop", DatabaseSection(url=f"sqlite:///{name}"), folder=tmp_path))


class OldServer(threading.Thread):
    """Speaks as much of PostgreSQL's protocol as a client needs to sign in, and names its version."""

    def __init__(self, version: str) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._version = version.encode()

    def run(self) -> None:
        client, _ = self._socket.accept()
        with client, self._socket:
            while client.recv(4096)[4:8] != b"\x00\x03\x00\x00":
                client.sendall(b"N")
            status = b"server_version\x00" + self._version + b"\x00"
            client.sendall(b"R" + (8).to_bytes(4) + (0).to_bytes(4))
            client.sendall(b"S" + (len(status) + 4).to_bytes(4) + status)
            client.sendall(b"Z" + (5).to_bytes(4) + b"I")
            client.recv(4096)


def test_a_server_of_an_old_version_is_refused():
    server = OldServer("11.22")
    server.start()

    with pytest.raises(DatabaseError, match="PostgreSQL 11, which is too old"):
        look(Database("shop", DatabaseSection(url=f"postgresql://127.0.0.1:{server.port}/shop", user="a")))


def test_a_server_that_never_answers_is_left_at_the_limit():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/shop"
        shop = Database("shop", DatabaseSection(url=url, user="a", time_limit_seconds=0.5))
        segment = Path(os.devnull)
        began = time.monotonic()

        with pytest.raises(SegmentError, match="longer than"):
            land(shop, SELECT, segment, Path("/nowhere"), columns={}, required=(), as_of=None, time_limit_s=9)

    assert time.monotonic() - began < 8


def test_a_superuser_is_refused_and_a_writer_is_told(served, postgres):
    with pytest.raises(DatabaseError, match="run programs or read files"):
        look(Database("shop", DatabaseSection(url=served, user="presscheck")))

    assert look(Database("shop", DatabaseSection(url=served, user="segment_writer")))["writes"] is True
    reader = Database("shop", DatabaseSection(url=served, user="segment_reader"), SecretStr(PASSWORD))
    assert look(reader)["writes"] is False


def test_the_password_is_in_no_repr_and_in_no_command_line(on_postgres):
    assert PASSWORD not in repr(on_postgres.database)
    assert PASSWORD not in str(on_postgres.database.section)


def test_doctor_tells_of_each_database_and_who_may_write(served, tmp_path):
    from presscheck.cli.diagnosis_segments import segment_looks
    from presscheck.settings import Settings

    databases = {"careless": {"url": served, "user": "segment_writer"}, "gone": {"url": "sqlite:///none.db"}}
    settings = Settings.model_validate({"project": tmp_path, "databases": databases}).resolved()

    looks = {look.what: look for look in segment_looks(settings)}

    assert looks["database careless"].state == "note"
    assert "only SELECT" in looks["database careless"].mend
    assert looks["database gone"].state == "missing"

"""A segment in a database becomes the same candidates as one over files, or an error that says what to do."""

import socket
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from presscheck.errors import DatabaseError, SettingsError
from presscheck.screening import databases
from presscheck.screening.databases import Database, look
from presscheck.screening.landing_process import answer_to
from presscheck.screening.segment import run_segment
from presscheck.settings import Settings
from presscheck.settings.databases import DatabaseSection
from presscheck.wiring import database_named
from tests.screening.shop import AS_OF, PASSWORD, PEOPLE, SELECT, on_postgres, on_sqlite, served, shop

# The fixtures, which are found here by name.
__all__ = ["on_postgres", "on_sqlite", "served", "shop"]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    """The landing's own code, without the second that starting its process takes."""

    def ask(database, order, *, seconds, segment=None, progress=None):
        return databases._judged(database, answer_to(order), 0, seconds=seconds, late=False, segment=segment)

    monkeypatch.setattr(databases, "_ask", ask)


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


class Gossip(threading.Thread):
    """A server that asks for the password in plain text and says it aloud."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    def run(self) -> None:
        client, _ = self._socket.accept()
        with client, self._socket:
            while client.recv(4096)[4:8] != b"\x00\x03\x00\x00":
                client.sendall(b"N")
            client.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))
            password = client.recv(4096)[5:].rstrip(b"\x00")
            said = b"SFATAL\x00C28000\x00M" + password + b" is not welcome here\x00\x00"
            client.sendall(b"E" + (len(said) + 4).to_bytes(4) + said)


def test_a_password_that_a_server_repeats_is_not_shown():
    server = Gossip()
    server.start()
    section = DatabaseSection(url=f"postgresql://127.0.0.1:{server.port}/shop", user="a")

    with pytest.raises(DatabaseError, match="••• is not welcome here") as caught:
        look(Database("shop", section, SecretStr(PASSWORD)))

    assert PASSWORD not in str(caught.value)


def test_a_server_of_an_old_version_is_refused():
    server = OldServer("11.22")
    server.start()

    with pytest.raises(DatabaseError, match="PostgreSQL 11, which is too old"):
        look(Database("shop", DatabaseSection(url=f"postgresql://127.0.0.1:{server.port}/shop", user="a")))


def test_a_superuser_is_refused_and_a_writer_is_told(served, postgres):
    with pytest.raises(DatabaseError, match="run programs or read files"):
        look(Database("shop", DatabaseSection(url=served, user="presscheck")))

    assert look(Database("shop", DatabaseSection(url=served, user="segment_writer")))["writes"] is True
    reader = Database("shop", DatabaseSection(url=served, user="segment_reader"), SecretStr(PASSWORD))
    assert look(reader)["writes"] is False


def test_doctor_tells_of_each_database_and_who_may_write(served, tmp_path):
    from presscheck.cli.diagnosis_segments import segment_looks

    databases = {"careless": {"url": served, "user": "segment_writer"}, "gone": {"url": "sqlite:///none.db"}}
    settings = Settings.model_validate({"project": tmp_path, "databases": databases}).resolved()

    looks = {look.what: look for look in segment_looks(settings)}

    assert looks["database careless"].state == "note"
    assert "only SELECT" in looks["database careless"].mend
    assert looks["database gone"].state == "missing"


def test_a_segment_s_database_and_its_password_are_found_by_name(tmp_path):
    settings = Settings.model_validate(
        {"project": tmp_path, "databases": {"shop": {"url": "sqlite:///a.db"}}}
    ).resolved()
    settings.secrets.mkdir(parents=True)
    (settings.secrets / "database-shop").write_text("hunter2\n")
    (settings.secrets / "database-shop").chmod(0o600)

    assert database_named(settings, "shop").password.get_secret_value() == "hunter2"
    with pytest.raises(SettingsError, match="did you mean shop"):
        database_named(settings, "shp")

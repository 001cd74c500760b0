"""Copies a ledger from one database to another: the same events with the same hashes and signatures, and all else.

    moved = move("sqlite:///.presscheck/ledger.db", "postgresql://db/ledger", home=home, keyring=keyring, password=...)
    with ledger.read() as reading, alone_on(fresh) as writing:     # into an empty ledger, SQLite or PostgreSQL
        moved = copy_ledger(reading, writing, heads, progress)

The source is verified first, with the pinned keys and the heads outside the database, in one view: what is written
to it meanwhile is not in the copy. The copy is one transaction, and is committed only after it has been verified
in the same way and every table holds the same rows. The source stays as it is. Rows are streamed. A ledger is *moved*
where nobody can write to the source meanwhile.
"""

import fcntl
import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from pydantic import SecretStr
from sqlalchemy import Connection, Table, func, insert, select, text

from presscheck.errors import LedgerError, LedgerForged, LedgerLocked, SettingsError
from presscheck.ledger.engine import connect, in_our_words, parsed_url, press_lock, sqlite_path
from presscheck.ledger.heads import Head, read_heads
from presscheck.ledger.keys import Keyring
from presscheck.ledger.roles_granting import quoted
from presscheck.ledger.store import APPEND_LOCK, Ledger, Reader, utc_now
from presscheck.ledger.tables import metadata
from presscheck.ledger.verifying import verify_view

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many rows are done, and how many there are."""

_STREAM = 1_000


@dataclass(frozen=True)
class Moved:
    """What now stands in the new ledger."""

    events: int
    head: str
    rows: dict[str, int]
    """Rows by table."""


def move(
    source: str, target: str, *, home: Path, keyring: Keyring, password: SecretStr | None, progress: Progress
) -> Moved:
    """Copy everything, or nothing.

    LedgerForged for a source that does not verify, LedgerLocked while something runs on it, SettingsError
    for a target that is not an empty PostgreSQL ledger of this version.
    """
    path = sqlite_path(source)
    if path is None:
        raise SettingsError("--from: only a ledger on SQLite is moved: sqlite:///PATH; for others use pg_dump")
    if parsed_url(target).get_backend_name() != "postgresql":
        raise SettingsError("--to: a ledger is moved to PostgreSQL: postgresql://HOST/NAME")
    old = Ledger.open(source, keyring=keyring, heads=home / "heads")
    try:
        new = Ledger(connect(target, password=password), target, keyring, None, home / "heads", utc_now)
        try:
            with nobody_else(home, path, "move the ledger"), alone_on(old) as reading, alone_on(new) as writing:
                new.check_schema()
                return copy_ledger(reading, writing, read_heads(home / "heads", keyring), progress)
        finally:
            new.engine.dispose()
    finally:
        old.close()


@contextmanager
def nobody_else(home: Path, path: Path | None, then: str) -> Generator[None]:
    """Hold the places of `presscheck up` and of the press, so that one may `then` do something; LedgerLocked if one
    of them runs. `path` is the ledger's file, where it is one.
    """
    held: list[IO[str]] = []
    try:
        folders = dict.fromkeys((home, home if path is None else path.resolve().parent))
        places = {} if path is None else {press_lock(path): "a press"}
        places |= {folder / "press.lock": "a press" for folder in folders}
        places |= {folder / "up.lock": "`presscheck up`" for folder in folders}
        for place, what in places.items():
            held.append(place.open("a"))
            try:
                fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LedgerLocked(f"{place}: {what} runs here; stop it, then {then}") from None
        yield
    finally:
        for file in held:
            file.close()


@contextmanager
def alone_on(ledger: Ledger) -> Generator[Reader]:
    """A view in which nobody else can write, committed only if all went well."""
    with in_our_words(ledger.url), ledger.engine.connect() as connection:
        connection = connection.execution_options(presscheck_write=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(APPEND_LOCK)))
            yield Reader(ledger, connection)


def copy_ledger(reading: Reader, writing: Reader, heads: Sequence[Head] | None, progress: Progress) -> Moved:
    """Copy every row of one ledger into an empty one, and verify both; without `heads` by what they say themselves.

    LedgerForged for a source that does not verify, SettingsError for a target that is not empty.
    """
    _require_empty(writing)
    with in_our_words(reading.ledger.url):
        before = verify_view(reading, heads, lambda done: progress("verifying the source", done, reading.tip().seq))
    if before.fault is not None:
        raise LedgerForged(f"{reading.ledger.place}: not copied, because it does not verify: {before.fault}")
    rows: dict[str, int] = {}
    for table in metadata.sorted_tables:
        total = reading.execute(select(func.count()).select_from(table)).scalar_one()
        said = f"copying {table.name}"
        given = _Sum()
        _insert(writing.connection, table, given.over(_counting(_rows(reading, table), progress, said, total)))
        taken = _Sum()
        for _ in taken.over(_rows(writing, table)):
            pass
        if taken != given:
            raise LedgerError(f"{table.name}: {given.rows:,} rows were given and {taken.rows:,} came back, or others")
        rows[table.name] = given.rows
        _continue_numbers(writing.connection, table)
    after = verify_view(writing, heads, lambda done: progress("verifying the copy", done, before.events))
    if (after.fault, after.events, after.head) != (None, before.events, before.head):
        raise LedgerError(f"{writing.ledger.place}: nothing was kept, because the copy does not verify: {after.fault}")
    return Moved(after.events, after.head, rows)


def _require_empty(writing: Reader) -> None:
    for table in metadata.sorted_tables:
        if writing.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
            raise SettingsError(
                f"{writing.ledger.place}: {table.name} is not empty; a ledger is copied into a fresh database, "
                "which `presscheck db init` makes"
            )


def _rows(reader: Reader, table: Table) -> Iterator[tuple[Any, ...]]:
    with in_our_words(reader.ledger.url):
        result = reader.execute(select(table).execution_options(yield_per=_STREAM))
        for part in result.partitions():
            yield from map(tuple, part)


def _counting(rows: Iterator[tuple[Any, ...]], progress: Progress, said: str, total: int) -> Iterator[tuple[Any, ...]]:
    done = 0
    for done, row in enumerate(rows, start=1):
        if done % _STREAM == 0:
            progress(said, done, total)
        yield row
    progress(said, done, total)


def _insert(connection: Connection, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    """Stream rows into a table; on PostgreSQL by COPY, its own way for many."""
    if connection.dialect.name != "postgresql":
        names = table.columns.keys()
        while part := list(islice(rows, _STREAM)):
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in part])
        return
    from psycopg import Connection as Psycopg
    from psycopg import DataError, Error
    from psycopg.sql import SQL, Identifier

    raw = cast("Psycopg[Any]", connection.connection.driver_connection)
    columns = SQL(", ").join(Identifier(column.name) for column in table.columns)
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
    except Error as error:
        first = str(error).strip().partition("\n")[0]
        if isinstance(error, DataError):
            told = f"PostgreSQL cannot hold one of its rows, so none was kept: {first}"
            raise LedgerForged(f"{table.name}: {told}") from error
        raise LedgerError(f"{table.name}: the copy broke off, and nothing was kept: {first}") from error


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Numbers that the database gives out go on after the last one that was moved."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    last = connection.execute(select(func.max(column))).scalar()
    if last is not None:
        named = {"table": quoted(table.name), "column": column.name, "last": last}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), named)


class _Sum:
    """A sum over rows in any order: two tables have the same one if they hold the same rows."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def over(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows themselves, each added as it passes."""
        for row in rows:
            told = json.dumps(row, ensure_ascii=True, default=_bytes).encode()
            self.rows += 1
            self._sum = (self._sum + int.from_bytes(hashlib.sha256(told).digest())) % (1 << 256)
            yield row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sum) and (self.rows, self._sum) == (other.rows, other._sum)

    def __hash__(self) -> int:
        return hash((self.rows, self._sum))


def _bytes(value: object) -> str:
    """A value that JSON does not know, such as a picture's bytes."""
    return value.hex() if isinstance(value, bytes) else repr(value)

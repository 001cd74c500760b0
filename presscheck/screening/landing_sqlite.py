"""Rows from an SQLite file: looked at through Python's own SQLite, streamed through ADBC, opened for reading only."""

import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from presscheck.screening.database_words import FUNCTIONS, PRIVATE
from presscheck.screening.landing import LONGEST, Down, Landing, Wrong, chosen, quoted

_BATCH = 16_384
_TAKES = {"whole": "integer"}


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Its version; nobody writes to a file that is opened for reading. Down for a file that is no database."""
    session = _opened(order)
    try:
        session.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as broken:
        raise Down(f"cannot be read: {broken}") from None
    finally:
        session.close()
    return {"version": "SQLite", "writes": False}


def land(order: dict[str, Any]) -> Landing:
    """The rows of the order's SELECT, landed as text; what is of no type that its column takes becomes NULL."""
    spelt = _described(order)
    odd = " + ".join(
        f"((typeof({quoted(name)}) NOT IN ({_types(order, ours)}, 'null')) << {at})"
        for at, (ours, name) in enumerate(spelt.items())
    )
    values = ", ".join(
        f"substr(CASE WHEN typeof({quoted(name)}) IN ({_types(order, ours)}) THEN CAST({quoted(name)} AS TEXT) END, "
        f"1, {LONGEST + 1}) AS {ours}"
        for ours, name in spelt.items()
    )
    # ADBC takes each column's type from the first rows: this one, which is dropped again, says that all are text.
    first = ", ".join(f"'' AS {ours}" for ours in spelt)
    rest = f"SELECT {values}, {odd} FROM ({order['select']}\n)"  # noqa: S608
    # One row more than may come, so that the landing notices and nothing is cut silently.
    limit = int(order["max_rows"]) + 2
    select = f"SELECT * FROM (SELECT {first}, -1 AS odd UNION ALL {rest}) LIMIT {limit}"  # noqa: S608
    landing = Landing(order, tuple(spelt))
    strange = _stream(order, select, landing)
    faults = [
        (None, f"the column {spelt[ours]} holds no value that is {order['columns'][ours][-1]}; cast it")
        for ours in strange
    ]
    if faults:
        raise Wrong(*faults)
    return landing


def _types(order: dict[str, Any], ours: str) -> str:
    takes = ("text", *(_TAKES[kind] for kind in order["columns"][ours][:-1] if kind in _TAKES))
    return ", ".join(f"'{kind}'" for kind in takes)


def _uri(order: dict[str, Any]) -> str:
    return f"file:{quote(order['file'])}?mode=ro"


def _opened(order: dict[str, Any]) -> sqlite3.Connection:
    path = Path(order["file"])
    if not path.is_file():
        raise Down(f"is not there: {path} is no file; check url")
    try:
        session = sqlite3.connect(_uri(order), uri=True, timeout=10)
        session.execute("PRAGMA trusted_schema = OFF")
        session.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError as broken:
        raise Down(f"cannot be read: {broken}; check that {path} is an SQLite file that this user may read") from None
    return session


def _described(order: dict[str, Any]) -> dict[str, str]:
    """The segment's columns, after SQLite itself has said what the segment would do."""
    session = _opened(order)
    refused: list[str] = []

    def may(action: int, first: str | None, second: str | None, _database: str | None, _view: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and not str(first).lower().startswith(PRIVATE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and (str(second).lower() in FUNCTIONS or str(second).lower() == "like"):
            return sqlite3.SQLITE_OK
        refused.append(str(second or first))
        return sqlite3.SQLITE_DENY

    session.set_authorizer(may)
    try:
        described = session.execute(f"SELECT * FROM ({order['select']}\n) LIMIT 0").description  # noqa: S608
    except sqlite3.Error as broken:
        if refused:
            raise Wrong(
                (None, f"a segment may not use {refused[0]}; docs/audiences.md lists what may be called")
            ) from None
        raise Wrong((None, f"{order['name']} says: {broken}")) from None
    finally:
        session.close()
    return chosen(order, [(str(column[0]), "any", "") for column in described])


def _stream(order: dict[str, Any], select: str, landing: Landing) -> list[str]:
    """Land all rows; the columns of which no value is of a type that they take."""
    from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement, Error

    arrow = import_module("pyarrow")
    driver = import_module("adbc_driver_sqlite")._driver_path()
    good = dict.fromkeys(landing.columns, 0)
    odd = dict.fromkeys(landing.columns, 0)
    try:
        with AdbcDatabase(driver=driver, uri=_uri(order)) as database, AdbcConnection(database) as connection:
            for setting in ("query_only = ON", "trusted_schema = OFF", "busy_timeout = 10000"):
                with AdbcStatement(connection) as pragma:
                    pragma.set_sql_query(f"PRAGMA {setting}")
                    handle, _ = pragma.execute_query()
                    arrow.RecordBatchReader._import_from_c(handle.address).close()
            with AdbcStatement(connection) as statement:
                statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_BATCH)})
                statement.set_sql_query(select)
                handle, _ = statement.execute_query()
                with arrow.RecordBatchReader._import_from_c(handle.address) as batches:
                    for number, batch in enumerate(batches):
                        part = batch if number else _without_first(batch)
                        landing.take(part)
                        _count(part, landing.columns, good, odd)
    except (Error, OSError, arrow.ArrowException) as broken:
        said = str(broken).partition("\n")[0]
        raise Down(f"broke off: {said}") from None
    return [name for name in landing.columns if odd[name] and not good[name]]


def _without_first(batch: Any) -> Any:
    if not batch.num_rows or batch.column("odd")[0].as_py() != -1:
        raise Down("gave the rows in another order than was asked for, so nothing was kept")
    return batch.slice(1)


def _count(batch: Any, columns: tuple[str, ...], good: dict[str, int], odd: dict[str, int]) -> None:
    compute = import_module("pyarrow.compute")
    bits = batch.column("odd")
    any_odd = bool(batch.num_rows) and compute.max(bits).as_py() != 0
    for at, name in enumerate(columns):
        column = batch.column(name)
        good[name] += len(column) - column.null_count
        if any_odd:
            odd[name] += compute.sum(compute.shift_right(compute.bit_wise_and(bits, 1 << at), at)).as_py()

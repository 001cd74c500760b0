"""Rows from PostgreSQL: looked at through psycopg, streamed through ADBC, both in sessions that only read."""

import os
import re
import time
from importlib import import_module
from typing import Any, NoReturn

from presscheck.screening.landing import LONGEST, Down, Landing, Wrong, chosen, quoted

_OLDEST = 12
_QUOTED = re.compile(r'"[^"]*"')
# In the one transaction, and for it alone: behind a pooler, what is set for a session stays with whoever gets its
# backend next, and the transaction may have another.
_BEGIN = (
    "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL lock_timeout = '10s'",
)

# A superuser, and whoever may run programs or write files on the server, is not held by a transaction.
_MIGHTY = """
SELECT rolsuper OR pg_has_role(current_user, 'pg_execute_server_program', 'MEMBER')
    OR pg_has_role(current_user, 'pg_write_server_files', 'MEMBER')
    OR pg_has_role(current_user, 'pg_read_server_files', 'MEMBER')
FROM pg_roles WHERE rolname = current_user
"""
_WRITES = """
SELECT EXISTS (
    SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
) OR EXISTS (
    SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND has_schema_privilege(oid, 'CREATE')
)
"""

_WHOLE = frozenset({"int2", "int4", "int8"})
_TIMES = frozenset({"date", "timestamp", "timestamptz"})

# What to do about an error, by the beginning of its SQLSTATE; the longest that fits is taken.
_ADVICE = {
    "22": "; cast only what has the right form, as in CASE WHEN x ~ '^[0-9]{4}$' THEN x::int END, so that a bad value "
    "becomes NULL and a person sees it",
    "25006": "; a segment only reads",
    "42501": "; let the database's owner grant SELECT on it to the user",
    "42P01": "; check the name and its schema",
    "42703": "; check the column's name",
    "42883": "; check the types that it is given",
}


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Its version, and whether the user may change anything. Down where it may not be used."""
    with _looking(order) as session:
        writes = bool(session.execute(_WRITES).fetchone()[0])
        return {"version": f"PostgreSQL {session.info.server_version // 10_000}", "writes": writes}


def land(order: dict[str, Any]) -> Landing:
    """The rows of the order's SELECT, landed as text."""
    until = time.monotonic() + float(order["seconds"])
    with _looking(order) as session:
        spelt = _described(session, order)
    columns = ", ".join(
        f"left(CAST(segment.{quoted(name)} AS text), {LONGEST + 1}) AS {ours}" for ours, name in spelt.items()
    )
    # One row more than may come, so that the landing notices and nothing is cut silently.
    select = f"SELECT {columns} FROM ({order['select']}\n) AS segment LIMIT {int(order['max_rows']) + 1}"  # noqa: S608
    landing = Landing(order, tuple(spelt))
    _stream(order, select, landing, until)
    return landing


def _conninfo(order: dict[str, Any]) -> str:
    from psycopg.conninfo import make_conninfo

    given = {"user": order["user"], "password": order["password"]}
    return make_conninfo(
        order["url"],
        **{name: value for name, value in given.items() if value},
        connect_timeout=10,
        application_name="presscheck segment",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        # No password but the one that Presscheck was given.
        passfile=os.devnull,
    )


def _looking(order: dict[str, Any]) -> Any:
    """A psycopg session in a transaction that only reads, of a server and a user that may be used."""
    import psycopg

    try:
        session = psycopg.connect(_conninfo(order), autocommit=True)
    except psycopg.Error as broken:
        _not_connected(str(broken), has_password=bool(order["password"]))
    try:
        version = session.info.server_version
        if version < _OLDEST * 10_000:
            shown = f"{version // 10_000}" if version >= 100_000 else f"{version // 10_000}.{version // 100 % 100}"
            raise Down(f"is PostgreSQL {shown}, which is too old; segments read from PostgreSQL {_OLDEST} and newer")
        for statement in (*_BEGIN, f"SET LOCAL statement_timeout = {int(float(order['seconds']) * 1000)}"):
            session.execute(statement.encode())
        mighty = session.execute(_MIGHTY).fetchone()
        if mighty is None or mighty[0]:
            raise Down(
                "lets this user run programs or read files on its server, which no read-only transaction prevents; "
                "make a user that may only SELECT (docs/audiences.md)"
            )
    except psycopg.Error as broken:
        session.close()
        raise Down(f"did not answer: {broken}") from None
    except Down:
        session.close()
        raise
    return session


def _not_connected(said: str, *, has_password: bool) -> NoReturn:
    if "password authentication failed" in said:
        raise Down("refused the password; correct the secret") from None
    if "no password supplied" in said or ("password" in said and not has_password):
        raise Down("wants a password and there is none; put it into the secret") from None
    raise Down(f"cannot be reached: {said}; check url and user, and whether the server runs") from None


def _described(session: Any, order: dict[str, Any]) -> dict[str, str]:
    """The segment's columns, after PostgreSQL itself has read it. Wrong with what it says, and where."""
    import psycopg

    select = f"SELECT * FROM ({order['select']}\n) AS segment LIMIT 0"  # noqa: S608
    try:
        # In binary: the protocol then takes one statement and no more. Not prepared by a name, which stays with a
        # pooler's backend.
        described: Any = session.cursor(binary=True).execute(select.encode()).description or []
    except psycopg.Error as broken:
        at = broken.diag.statement_position
        line = select.count("\n", 0, int(at) - 1) + 1 if at else None
        raise _wrong(broken.sqlstate or "", broken.diag.message_primary or str(broken), order, line=line) from None
    query = "SELECT oid, typname, typcategory FROM pg_type WHERE oid = ANY(%s)"
    types = {
        oid: (name, category) for oid, name, category in session.execute(query, [[c.type_code for c in described]])
    }
    kinds = [(column.name, *_kind(*types.get(column.type_code, ("unknown", "X")))) for column in described]
    return chosen(order, kinds)


def _kind(name: str, category: str) -> tuple[str, str]:
    if category in ("S", "E"):
        return "text", name
    if category == "X":
        return "any", name
    if name in _WHOLE:
        return "whole", name
    if name in _TIMES:
        return "time", name
    return {"uuid": "uuid", "json": "json", "jsonb": "json"}.get(name, "other"), name


def _stream(order: dict[str, Any], select: str, landing: Landing, until: float) -> None:
    # Not ADBC's own DB-API: importing that imports pandas and polars, which takes longer than most segments.
    from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement, Error

    arrow = import_module("pyarrow")
    driver = import_module("adbc_driver_postgresql")._driver_path()
    try:
        with (
            AdbcDatabase(driver=driver, uri=_conninfo(order)) as database,
            AdbcConnection(database) as connection,
        ):
            left = max(1, int((until - time.monotonic()) * 1000))
            for statement in (*_BEGIN, f"SET LOCAL statement_timeout = {left}"):
                with AdbcStatement(connection) as prepared:
                    prepared.set_sql_query(statement)
                    prepared.execute_update()
            with AdbcStatement(connection) as statement:
                statement.set_sql_query(select)
                handle, _ = statement.execute_query()
                with arrow.RecordBatchReader._import_from_c(handle.address) as batches:
                    for batch in batches:
                        landing.take(batch)
    except (Error, OSError, arrow.ArrowException) as broken:
        state = getattr(broken, "sqlstate", None) or _state_in(str(broken))
        raise _wrong(state, _primary(str(broken)), order) from None


def _state_in(said: str) -> str:
    """The kind of error by its words: while rows stream, Arrow carries the server's sentence but not its code."""
    if "statement timeout" in said:
        return "57014"
    # Only a value that cannot be worked out still fails then; a connection that is lost says no ERROR.
    return "22" if "ERROR:" in said else ""


def _primary(said: str) -> str:
    """The server's sentence, out of the driver's."""
    return said.partition("ERROR:")[2].partition("\n")[0].strip() or said.partition("\n")[0].strip()


def _unquoted(said: str) -> str:
    """What the server says, without what it quotes: of data that may be somebody's address."""
    return _QUOTED.sub('"…"', said)


def _wrong(state: str, said: str, order: dict[str, Any], *, line: int | None = None) -> Exception:
    """What went wrong as a fault of the segment, or of the database."""
    if state == "57014":
        seconds = f"{float(order['seconds']):g}"
        return Wrong((line, f"the segment took longer than {seconds} s in {order['name']}; read less of it"))
    if state == "55P03":
        return Down("has a table locked that the segment reads; try again when the change to it is done")
    if not state or state[:2] in ("08", "53", "57", "58", "XX"):
        return Down(f"broke off: {_unquoted(said)}")
    shown = _unquoted(said) if state.startswith("22") else said
    advice = next((advice for start, advice in _ADVICE.items() if state.startswith(start)), "")
    return Wrong((line, f"{order['name']} says: {shown}{advice}"))

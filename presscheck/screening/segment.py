"""A segment's SQL, over files or in a database, becomes typed candidates in Parquet, or a fault with its line.

A value that is not of its column's type becomes NULL, so that a check sends the row to a
person; no row is dropped on the way, and no row passes through Python.
"""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from presscheck.addresses import address_hash_sql
from presscheck.errors import Fault, SegmentError
from presscheck.screening.csv_sources import lay_out
from presscheck.screening.database_sql import database_of
from presscheck.screening.databases import Database, Progress, land
from presscheck.screening.jail import jail
from presscheck.screening.literals import name_literal, path_literal
from presscheck.screening.sources import check_folder
from presscheck.screening.statement import Statement, fault_of, read_statement, text_of

REQUIRED = ("id", "address", "consent_basis", "consent_proof", "consented_at", "market")
OPTIONAL = ("time_zone", "birth_year", "attributes")
COLUMNS = REQUIRED + OPTIONAL

_TEXT = ("VARCHAR", "ENUM")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")

# Column to the DuckDB types that it may come in, and what to say otherwise.
_TAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "id": ((*_TEXT, *_WHOLE, "UUID"), "text, a whole number or a UUID"),
    "address": (_TEXT, "text"),
    "consent_basis": (_TEXT, "text"),
    "consent_proof": (_TEXT, "text"),
    "consented_at": ((*_TEXT, "DATE", "TIMESTAMP"), "a date, a timestamp or ISO 8601 text"),
    "market": (_TEXT, "text"),
    "time_zone": (_TEXT, "text"),
    "birth_year": ((*_TEXT, *_WHOLE), "a whole number"),
    "attributes": ((*_TEXT, "JSON"), "JSON text"),
}
# The same for what a database calls its types, and what to say otherwise.
_TAKES_FROM_DATABASES: dict[str, list[str]] = {
    "id": ["text", "whole", "uuid", "text, a whole number or a UUID"],
    "address": ["text", "text"],
    "consent_basis": ["text", "text"],
    "consent_proof": ["text", "text"],
    "consented_at": ["text", "time", "a date, a timestamp or ISO 8601 text"],
    "market": ["text", "text"],
    "time_zone": ["text", "text"],
    "birth_year": ["text", "whole", "a whole number"],
    "attributes": ["text", "json", "JSON text"],
}
_BECOMES = {"consented_at": "TIMESTAMPTZ", "birth_year": "INTEGER"}

_HINTS = {
    "InterruptException": "the segment took longer than {limit} s; read less, or join on fewer rows",
    "OutOfMemoryException": "the segment needs more memory than it may have; select fewer columns or rows",
    "PermissionException": "the segment reaches outside the data folder; read only files inside it",
}
# Of one kind of error some are of a value that cannot be cast, and some of a file or of arithmetic.
_CASTING = re.compile(r"\b(?:cast|casting|convert|field format)\b", re.IGNORECASE)
_PARSING = re.compile(r"\bparse string\b", re.IGNORECASE)


Databases = Callable[[str], Database]


def run_segment(
    sql: Path,
    data: Path,
    out: Path,
    *,
    as_of: datetime | None = None,
    time_limit_s: float = 300,
    memory_limit_mb: int = 2048,
    databases: Databases | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write what `sql` selects from the files under `data`, or from its database, to the new Parquet file `out`.

    A segment whose header names a database (`-- database: shop`) is run there, as `databases` finds it;
    `progress` is told how many rows have come. The file has `row_number` (from 1, in order of id), the
    columns `COLUMNS` (NULL where the segment has no such column or a value could not be cast),
    `address_hash`, and `has_birth_year`. Returns `out`. Raises SegmentError for SQL that is no single SELECT
    over those files or that database, for missing, extra or wrongly typed columns, for no rows at all, and
    when the time or memory limit is passed; DatabaseError where the database did not answer.
    """
    target = out.absolute()
    text = text_of(sql)
    name = database_of(text, sql)
    with TemporaryDirectory(prefix=".spill-", dir=target.parent) as spill:
        if name is None:
            folder = check_folder(data)
            statement = read_statement(sql, folder)
        elif databases is None:
            raise SegmentError(
                [Fault(str(sql), None, "", f"reads the database {name}, and only files can be read here")]
            )
        else:
            folder, statement = _landed(
                sql, text, databases(name), Path(spill), as_of=as_of, time_limit_s=time_limit_s, progress=progress
            )
        rows = _freeze(
            statement,
            folder,
            target,
            Path(spill),
            as_of=as_of,
            time_limit_s=time_limit_s,
            memory_limit_mb=memory_limit_mb,
        )
    if not rows:
        target.unlink(missing_ok=True)
        raise SegmentError([statement.fault("the segment is empty; loosen its conditions or check what it reads")])
    return out


def _landed(
    sql: Path,
    text: str,
    database: Database,
    spill: Path,
    *,
    as_of: datetime | None,
    time_limit_s: float,
    progress: Progress | None,
) -> tuple[Path, Statement]:
    """The database's rows in a folder of their own, and the statement that reads them from there."""
    folder = spill / "landed"
    folder.mkdir(mode=0o700)
    landed = folder / "rows.parquet"
    columns = land(
        database,
        text,
        sql,
        landed,
        columns=_TAKES_FROM_DATABASES,
        required=REQUIRED,
        as_of=as_of,
        time_limit_s=time_limit_s,
        progress=progress,
    )
    select = f"SELECT {', '.join(columns)} FROM read_parquet({path_literal(landed)})"  # noqa: S608 - our own names.
    return folder, Statement(sql, select, SegmentError)


def _freeze(
    statement: Statement,
    folder: Path,
    target: Path,
    spill: Path,
    *,
    as_of: datetime | None,
    time_limit_s: float,
    memory_limit_mb: int,
) -> int:
    """Write the candidates; how many there are. A statement that breaks leaves no file."""
    import duckdb

    room = spill / "sources"
    views = lay_out(statement.sources, room, statement.error, time_limit_s=time_limit_s)
    with jail(
        folder,
        room,
        writes=target,
        as_of=as_of,
        time_limit_s=time_limit_s,
        spill=spill,
        memory_limit_mb=memory_limit_mb,
    ) as shut:
        try:
            for view in views:
                shut.execute(view)
            # The wrapping stands on the first line, so DuckDB's line numbers are the file's.
            described = shut.execute(f"DESCRIBE SELECT * FROM ({statement.text}\n)").fetchall()  # noqa: S608
            present = _checked_columns(statement, {str(name): str(kind) for name, kind, *_ in described})
            row = shut.execute(_copy(statement, present, target)).fetchone()
        except duckdb.Error as broken:
            target.unlink(missing_ok=True)
            raise SegmentError([_explained(broken, statement, folder, time_limit_s)]) from broken
    return int(row[0]) if row else 0


def _checked_columns(statement: Statement, described: dict[str, str]) -> dict[str, str]:
    """Our column's name to the segment's spelling of it."""
    spelt = {name.lower(): name for name in described}
    faults = [
        statement.fault(f"there is no column {name}; select it, under this name, in the outermost SELECT")
        for name in REQUIRED
        if name not in spelt
    ]
    for lower, name in spelt.items():
        if lower not in COLUMNS:
            faults.append(
                statement.fault(f"the column {name} is not part of an audience; leave it out or put it into attributes")
            )
            continue
        kind = described[name]
        kinds, say = _TAKES[lower]
        if not _is_of(kind, kinds):
            faults.append(statement.fault(f"the column {name} is {kind} and must be {say}; cast it"))
    if faults:
        raise SegmentError(faults)
    return {name: spelt[name] for name in COLUMNS if name in spelt}


def _is_of(kind: str, kinds: tuple[str, ...]) -> bool:
    """Whether DuckDB's name of a type, such as `TIMESTAMP WITH TIME ZONE`, is one of `kinds`."""
    if kind.endswith("]"):
        return False
    # A column that is NULL throughout has a type of its own and suits every column.
    return kind == '"NULL"' or re.split(r"[( _]", kind)[0] in kinds


def _copy(statement: Statement, present: dict[str, str], target: Path) -> str:
    given = {name: name_literal(present[name]) if name in present else "NULL" for name in COLUMNS}
    columns = ", ".join(f"TRY_CAST({given[name]} AS {_BECOMES.get(name, 'VARCHAR')}) AS {name}" for name in COLUMNS)
    # Sorting by every column makes the row numbers, and so the bytes, independent of the
    # order in which threads happen to deliver rows.
    order = ", ".join(COLUMNS)
    # The hash is computed below the sort, where DuckDB uses every thread; above it, one.
    return (
        f"COPY (SELECT row_number() OVER () AS row_number, * FROM (SELECT *, {address_hash_sql('address')} AS "  # noqa: S608
        f"address_hash, {'true' if 'birth_year' in present else 'false'} AS has_birth_year "
        f"FROM (SELECT {columns} FROM ({statement.text}\n)) ORDER BY {order})) "
        f"TO {path_literal(target)} (FORMAT parquet)"
    )


def _explained(broken: Exception, statement: Statement, folder: Path, limit: float) -> Fault:
    kind = type(broken).__name__
    fault = fault_of(broken, statement.path, data=folder)
    if kind in _HINTS:
        return statement.fault(_HINTS[kind].format(limit=f"{limit:g}"), line=fault.line)
    hint = ""
    if _PARSING.search(fault.message):
        hint = "; read it with try_strptime, so that a bad value becomes an exception that somebody sees"
    elif _CASTING.search(fault.message):
        hint = (
            "; read the column as text (all_varchar = true) and cast it with TRY_CAST, so that a bad value "
            "becomes an exception that somebody sees"
        )
    return statement.fault(fault.message + hint, line=fault.line)

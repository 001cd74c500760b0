"""Candidates lie on the bench beside all that a rule may compare them with.

Relations that a rule's SQL may use:
- `c`, the candidate: the columns of `segment.run_segment`'s file;
- `duplicate_ids(id)` and `duplicate_addresses(address_hash)`: what comes more than once;
- `suppressed(address_hash)`: who must not be written to;
- `time_zones(name)`: the IANA names that this machine knows;
- `markets(code)`: the campaign's markets; `known_markets(code)`: all there are;
- `getvariable('as_of')`: the time of the campaign, TIMESTAMPTZ.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from presscheck.errors import CheckBroke
from presscheck.screening.jail import CLOSED, SPILL_LIMIT
from presscheck.screening.literals import path_literal, text_literal

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Bench:
    """What candidates are compared with; opened with `open_bench`."""

    candidates: Path
    markets: tuple[str, ...]
    known_markets: tuple[str, ...]
    suppressed: frozenset[str]
    as_of: datetime
    also: tuple[str, ...] = ()
    """What is selected beside the candidates' own columns, for rules of one's own."""


@contextmanager
def open_bench(bench: Bench, *, memory_limit_mb: int = 2048) -> Generator["duckdb.DuckDBPyConnection"]:
    """An in-memory DuckDB with the relations named above; it runs our SQL only, never a user's.

    It may spill beside the candidates, which is a private folder. Raises CheckBroke if the
    candidates cannot be read.
    """
    import duckdb

    config = {**CLOSED, "threads": 2, "memory_limit": f"{memory_limit_mb}MB"}
    with (
        TemporaryDirectory(prefix=".spill-", dir=bench.candidates.parent) as spill,
        duckdb.connect(config=config) as connection,
    ):
        try:
            _lay_out(connection, bench, Path(spill))
        except duckdb.Error as error:
            raise CheckBroke(
                f"the candidates could not be laid out for checking, so nobody passed: {' '.join(str(error).split())}"
            ) from error
        yield connection


def _lay_out(connection: "duckdb.DuckDBPyConnection", bench: Bench, spill: Path) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET temp_directory = {path_literal(spill)}")
    connection.execute(f"SET max_temp_directory_size = '{SPILL_LIMIT}'")
    stamp = bench.as_of.astimezone(UTC).isoformat()
    connection.execute(f"SET VARIABLE as_of = TIMESTAMPTZ {text_literal(stamp)}")
    candidates = path_literal(bench.candidates)
    columns = ", ".join(("*", *bench.also))
    connection.execute(f"CREATE VIEW candidates AS SELECT {columns} FROM read_parquet({candidates})")  # noqa: S608
    _fill(connection, "suppressed", "address_hash", bench.suppressed)
    _fill(connection, "time_zones", "name", available_timezones())
    _fill(connection, "markets", "code", bench.markets)
    _fill(connection, "known_markets", "code", bench.known_markets)
    for relation, column in (("duplicate_ids", "id"), ("duplicate_addresses", "address_hash")):
        connection.execute(
            f"CREATE TABLE {relation} AS SELECT {column} FROM candidates WHERE {column} IS NOT NULL "  # noqa: S608
            f"GROUP BY {column} HAVING count(*) > 1"
        )


def _fill(connection: "duckdb.DuckDBPyConnection", relation: str, column: str, values: Iterable[str]) -> None:
    connection.execute(f"CREATE TABLE {relation} ({column} VARCHAR)")
    every: Sequence[str] = sorted(values)
    if every:
        connection.execute(f"INSERT INTO {relation} SELECT unnest($1::VARCHAR[])", [every])

"""A user's SELECT runs in a DuckDB that can read a folder or two, write one file, and nothing else.

What is shut: every other path, the network, extensions, Python variables, settings. What is
bounded: memory, threads, time. Parquet is read in place; what was read of CSV files (`csv_sources`) lies in a folder
of its own.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.addresses import teach_addresses
from presscheck.screening.literals import path_literal, text_literal

if TYPE_CHECKING:
    import duckdb

CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}
"""Settings with which any DuckDB here starts: nothing is fetched and no Python name is seen."""


SPILL_LIMIT = "8GB"
"""What may be put on disk for a while, so that no query fills it."""


@contextmanager
def jail(
    *data: Path,
    writes: Path | None,
    as_of: datetime | None,
    time_limit_s: float,
    spill: Path | None = None,
    memory_limit_mb: int = 2048,
    threads: int = 2,
) -> Generator["duckdb.DuckDBPyConnection"]:
    """A locked in-memory DuckDB that reads under the folders `data` and may write the one file `writes`.

    Each query is interrupted after `time_limit_s` seconds; sorts larger than the memory limit
    go to the folder `spill`, if there is one. `getvariable('as_of')` is the
    time of the campaign as TIMESTAMPTZ, NULL where none was given. Times are UTC.
    """
    import duckdb

    with duckdb.connect(config={**CLOSED, "threads": threads, "memory_limit": f"{memory_limit_mb}MB"}) as shut:
        shut.execute("SET TimeZone = 'UTC'")
        # Without a folder to spill into, what does not fit into the memory limit is refused.
        shut.execute(f"SET temp_directory = {path_literal(spill) if spill else text_literal('')}")
        shut.execute(f"SET max_temp_directory_size = '{SPILL_LIMIT}'")
        # DuckDB 2.0 pushes TRY_CAST into its CSV reader, which then raises where TRY_CAST
        # promises NULL (duckdb/duckdb#23818): one bad cell would stop a whole segment.
        shut.execute("SET disabled_optimizers = 'type_pushdown'")
        stamp = "NULL::TIMESTAMPTZ" if as_of is None else f"TIMESTAMPTZ {text_literal(_utc(as_of))}"
        shut.execute(f"SET VARIABLE as_of = {stamp}")
        teach_addresses(shut)
        shut.execute(f"SET max_execution_time = {max(1, int(time_limit_s * 1000))}")
        shut.execute(f"SET allowed_directories = [{', '.join(map(path_literal, data))}]")
        if writes is not None:
            shut.execute(f"SET allowed_paths = [{path_literal(writes)}]")
        shut.execute("SET enable_external_access = false")
        shut.execute("SET lock_configuration = true")
        yield shut


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    return moment.astimezone(UTC).isoformat()

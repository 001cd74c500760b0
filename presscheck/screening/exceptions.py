"""Every row that breaks a rule is kept with all the rules it broke; the rest is the audience.

One fused DuckDB query judges each row against every rule at once. Nothing is cut, whatever
the number of failing rows: a queue of exceptions that stops at 200 ids loses people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.errors import CheckBroke
from presscheck.screening.literals import name_literal, path_literal, text_literal
from presscheck.screening.rules import RowRule, Suite

if TYPE_CHECKING:
    import duckdb

FROZEN = "id, address, consent_basis, consent_proof, consented_at, market, time_zone, attributes"

# Small row groups let the press read a batch of some hundred recipients without
# unpacking a hundred thousand.
_WRITE = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240"


@dataclass(frozen=True)
class Sample:
    """One exception as it is, unmasked; the report masks it."""

    row_number: int
    cells: Mapping[str, str | None]
    """Those that tell which row it is, by column."""


@dataclass(frozen=True)
class Tally:
    """How many rows there were, passed, and broke each rule."""

    candidates: int
    passed: int
    exceptions: int
    by_rule: dict[str, int]
    """Every rule of the suite, 0 where no row broke it; a row counts once under each rule it broke."""
    samples: dict[str, tuple[Sample, ...]]
    """Up to five rows of each broken rule, in order of row number."""


def part(connection: "duckdb.DuckDBPyConnection", suite: Suite, *, audience: Path, exceptions: Path) -> Tally:
    """Write the passing rows to `audience` and every other row to `exceptions`, in order of id.

    `audience` has the columns of `FROZEN`; `exceptions` has those, `birth_year`,
    `row_number` and `rules` (a list of rule ids). The same candidates give the same bytes.
    Raises CheckBroke if a rule's SQL raises, or if the two files do not add up to the
    candidates.
    """
    import duckdb

    try:
        return _parted(connection, suite, audience, exceptions)
    except duckdb.Error as error:
        raise CheckBroke(
            f"the checks of the suite {suite.name} could not run, so nobody passed: {' '.join(str(error).split())}"
        ) from error


def judge(connection: "duckdb.DuckDBPyConnection", rules: Sequence[RowRule]) -> dict[str, int]:
    """Make the table `judged` (row_number, rules) of every candidate that breaks one; how many break each rule."""
    broken = ", ".join(f"CASE WHEN {rule.strict_violation} THEN {text_literal(rule.id)} END" for rule in rules)
    connection.execute(
        "CREATE OR REPLACE TABLE judged AS SELECT row_number, rules FROM (SELECT c.row_number, "  # noqa: S608
        f"list_filter([{broken}]::VARCHAR[], lambda rule: rule IS NOT NULL) AS rules FROM candidates c) "
        "WHERE len(rules) > 0"
    )
    each = "SELECT rule, count(*) FROM (SELECT unnest(rules) AS rule FROM judged) GROUP BY rule"
    counted = dict(connection.execute(each).fetchall())
    return {rule.id: int(counted.get(rule.id, 0)) for rule in rules}


def _parted(connection: "duckdb.DuckDBPyConnection", suite: Suite, audience: Path, exceptions: Path) -> Tally:
    by_rule = judge(connection, suite.rows)
    # `c.*` is not used, so that a new column of the candidates never slips into an audience.
    passed = _count(
        connection,
        "COPY (SELECT id, address, consent_basis, consent_proof, consented_at, market, "  # noqa: S608
        "coalesce(time_zone, '') AS time_zone, coalesce(attributes, '{}') AS attributes "
        "FROM candidates ANTI JOIN judged USING (row_number) ORDER BY row_number) "
        f"TO {path_literal(audience)} ({_WRITE})",
    )
    failed = _count(
        connection,
        f"COPY (SELECT row_number, {FROZEN}, birth_year, rules "  # noqa: S608
        "FROM candidates JOIN judged USING (row_number) "
        f"ORDER BY row_number) TO {path_literal(exceptions)} ({_WRITE})",
    )
    candidates = _count(connection, "SELECT count(*) FROM candidates")
    _add_up(passed, failed, candidates)
    return Tally(candidates, passed, failed, by_rule, _samples(connection, ("id", "address", "market")))


def part_rows(
    connection: "duckdb.DuckDBPyConnection",
    rules: Sequence[RowRule],
    *,
    passed: Path,
    exceptions: Path,
    key: str | None,
) -> Tally:
    """Write the rows of the relation `rows` that break no rule to `passed`, as they are, and every other row with
    `row_number` and `rules` to `exceptions`, in their order. duckdb.Error where a rule's SQL raises."""
    by_rule = judge(connection, rules)
    without = "SELECT * EXCLUDE (row_number) FROM rows ANTI JOIN judged USING (row_number) ORDER BY row_number"
    kept = _count(connection, f"COPY ({without}) TO {path_literal(passed)} ({_WRITE})")
    broken = "SELECT rows.*, judged.rules FROM rows JOIN judged USING (row_number) ORDER BY row_number"
    failed = _count(connection, f"COPY ({broken}) TO {path_literal(exceptions)} ({_WRITE})")
    candidates = _count(connection, "SELECT count(*) FROM rows")
    _add_up(kept, failed, candidates)
    return Tally(candidates, kept, failed, by_rule, _samples(connection, (key,) if key else ()))


def _add_up(passed: int, failed: int, candidates: int) -> None:
    if passed + failed != candidates:
        raise CheckBroke(
            f"{passed} rows passed and {failed} did not, which is not {candidates}; nobody passed. "
            "Screen again, and report it if it happens again"
        )


def _count(connection: "duckdb.DuckDBPyConnection", sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _samples(connection: "duckdb.DuckDBPyConnection", columns: tuple[str, ...]) -> dict[str, tuple[Sample, ...]]:
    shown = ", ".join(f"CAST({name_literal(column)} AS VARCHAR)" for column in columns)
    rows = connection.execute(
        f"SELECT rule, row_number, [{shown}]::VARCHAR[] FROM (SELECT row_number, unnest(rules) AS rule FROM judged) "  # noqa: S608
        "JOIN candidates USING (row_number) QUALIFY row_number() OVER (PARTITION BY rule ORDER BY row_number) <= 5 "
        "ORDER BY rule, row_number"
    ).fetchall()
    samples: dict[str, tuple[Sample, ...]] = {}
    for rule, number, cells in rows:
        samples[rule] = (*samples.get(rule, ()), Sample(number, dict(zip(columns, cells, strict=True))))
    return samples

"""Every row that breaks a rule is kept with all the rules it broke; the rest is the audience.

One fused DuckDB query judges each row against every rule at once. Nothing is cut, whatever
the number of failing rows: a queue of exceptions that stops at 200 ids loses people.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.errors import CheckBroke
from presscheck.screening.literals import path_literal, text_literal
from presscheck.screening.rules import Suite

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
    id: str | None
    address: str | None
    market: str | None


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


def _parted(connection: "duckdb.DuckDBPyConnection", suite: Suite, audience: Path, exceptions: Path) -> Tally:
    broken = ", ".join(f"CASE WHEN {rule.strict_violation} THEN {text_literal(rule.id)} END" for rule in suite.rows)
    connection.execute(
        "CREATE OR REPLACE TABLE judged AS SELECT row_number, rules FROM (SELECT c.row_number, "  # noqa: S608
        f"list_filter([{broken}], lambda rule: rule IS NOT NULL) AS rules FROM candidates c) WHERE len(rules) > 0"
    )
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
    if passed + failed != candidates:
        raise CheckBroke(
            f"{passed} rows passed and {failed} did not, which is not {candidates}; nobody passed. "
            "Screen again, and report it if it happens again"
        )
    each = "SELECT rule, count(*) FROM (SELECT unnest(rules) AS rule FROM judged) GROUP BY rule"
    counted = dict(connection.execute(each).fetchall())
    by_rule = {rule.id: int(counted.get(rule.id, 0)) for rule in suite.rows}
    return Tally(candidates, passed, failed, by_rule, _samples(connection))


def _count(connection: "duckdb.DuckDBPyConnection", sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _samples(connection: "duckdb.DuckDBPyConnection") -> dict[str, tuple[Sample, ...]]:
    rows = connection.execute(
        "SELECT rule, row_number, id, address, market FROM (SELECT row_number, unnest(rules) AS rule FROM judged) "
        "JOIN candidates USING (row_number) QUALIFY row_number() OVER (PARTITION BY rule ORDER BY row_number) <= 5 "
        "ORDER BY rule, row_number"
    ).fetchall()
    samples: dict[str, tuple[Sample, ...]] = {}
    for rule, *columns in rows:
        samples[rule] = (*samples.get(rule, ()), Sample(*columns))
    return samples

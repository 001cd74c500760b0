"""A suite's cases are tried where it is read: rows that should pass do, and rows that should fail do not.

    suite = load_suite(path)      ExpectationError with every fault of form, then with every case that ends otherwise

A case is a row, or a list of rows that are looked at together; it is tried by the SQL that rows are tried by.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from presscheck.documents.sentences import listed
from presscheck.errors import ExpectationError, Fault
from presscheck.screening.expectations import OwnSuite, read_expectations
from presscheck.screening.expected import SQL_TYPES, ColumnKind, literal, moment_of
from presscheck.screening.expected_rows import EachRow
from presscheck.screening.expected_whole import Whole, figure_of
from presscheck.screening.literals import name_literal, text_literal

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]


def load_suite(path: Path) -> OwnSuite:
    """The suite in a file, its cases tried. ExpectationError for what is wrong with either."""
    suite = read_expectations(path)
    try_cases(suite, name=str(path))
    return suite


def try_cases(suite: OwnSuite, *, name: str) -> int:
    """Try every case; how many there are. ExpectationError with each that ends otherwise than it says."""
    import duckdb

    faults: list[Fault] = []
    tried = 0
    with duckdb.connect(config={"threads": 1}) as bench:
        bench.execute("SET TimeZone = 'UTC'")
        for rule in suite.rules:
            if rule.cases is None:
                continue
            for should, given in ((True, rule.cases.passing), (False, rule.cases.failing)):
                for number, case in enumerate(given, 1):
                    tried += 1
                    where = f"{rule.rule}, cases.{'pass' if should else 'fail'}[{number}]"
                    try:
                        passes = _passes(bench, suite, rule, case)
                    except (ValueError, duckdb.Error) as error:
                        faults.append(
                            Fault(name, None, where, f"cannot be tried: {' '.join(str(error).split())[:200]}")
                        )
                        continue
                    if passes is not should:
                        said = "fails, and should pass" if should else "passes, and should fail"
                        faults.append(Fault(name, None, where, f"{said}; mend the case or the rule"))
    if faults:
        raise ExpectationError(faults)
    return tried


def _passes(bench: "duckdb.DuckDBPyConnection", suite: OwnSuite, rule: EachRow | Whole, case: Any) -> bool:
    rows = _rows_of(case)
    given = {column for row in rows for column in row}
    if isinstance(rule, EachRow) and (unknown := given - rule.kinds.keys()):
        raise ValueError(f"it names {listed(sorted(unknown))}, and the rule looks at {listed(rule.kinds)}")
    names = (*rule.kinds, *sorted(given - rule.kinds.keys()))
    kinds: dict[str, ColumnKind] = {
        name: suite.columns.get(name) or rule.kinds.get(name) or _kind_in_case(rows, name) for name in names
    }
    # A table has a column at least.
    columns = [*(f"NULL::{SQL_TYPES[kind]} AS {name_literal(name)}" for name, kind in kinds.items()), "1 AS one"]
    bench.execute(f"CREATE OR REPLACE TEMP TABLE candidates AS SELECT {', '.join(columns)} WHERE false")
    for row in rows:
        cells = ", ".join((*(_cell(row.get(name), kind) for name, kind in kinds.items()), "1"))
        bench.execute(f"INSERT INTO candidates VALUES ({cells})")  # noqa: S608
    if isinstance(rule, Whole):
        return rule.holds(figure_of(bench, rule, names))
    broken = f"SELECT {rule.violation} AS broken FROM candidates c"  # noqa: S608
    found = bench.execute(f"SELECT count(*) FROM ({broken}) WHERE broken").fetchone()  # noqa: S608
    return found is not None and found[0] == 0


def _rows_of(case: Any) -> Sequence[Row]:
    rows: list[Any] = list(cast("list[Any]", case)) if isinstance(case, list | tuple) else [case]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a case is a mapping of columns, or a list of such rows")
    return rows


def _kind_in_case(rows: Sequence[Row], column: str) -> ColumnKind:
    given = [row[column] for row in rows if row.get(column) is not None]
    if any(isinstance(one, str) for one in given):
        return "text"
    return "truth" if given and all(isinstance(one, bool) for one in given) else "number"


def _cell(value: Any, kind: ColumnKind) -> str:
    if value is None:
        return f"NULL::{SQL_TYPES[kind]}"
    if not isinstance(value, str | bool | int | float):
        raise ValueError("a cell is text, a number, true or false, or empty")
    if isinstance(value, str) and kind == "moment":
        return f"TIMESTAMPTZ {text_literal(moment_of(value).isoformat())}"
    return f"TRY_CAST({literal(value)} AS {SQL_TYPES[kind]})"

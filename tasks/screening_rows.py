"""Rows of any kind are put to a suite of one's own: those that meet it are kept, every other with the rules it breaks.

    screened = screen_rows(file, suite, home=folder, name="products.parquet")
    screened.refusal                 why nothing passed, if nothing did

`screen_rows` is a plain function; the step that calls it in a campaign is `tasks.expect`, the command line's is
`presscheck screen`. It needs 5 to 18 s to import Great Expectations the first time in a process.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.documents.sentences import listed
from presscheck.errors import ExpectationError, Fault
from presscheck.models import Digest, Frozen, Refused
from presscheck.screening.exceptions import Tally, judge, part_rows
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected_columns import columns_as_they_are, columns_of, typed_view
from presscheck.screening.frozen import keep, keep_text, workroom
from presscheck.screening.jail import CLOSED, SPILL_LIMIT
from presscheck.screening.literals import path_literal
from presscheck.screening.report import as_json, as_page, rows_account
from presscheck.screening.rules import RowRule
from tasks.comparing_counts import Differing, count_again, said, shown

if TYPE_CHECKING:
    import duckdb


_OURS = ("row_number", "rules", "file_row_number")


class ScreenedRows(Frozen):
    """What screening found. `passed_digest` is None exactly when `refusal` says why."""

    rows: int
    passed: int
    exceptions: int
    rules: dict[str, int]
    """Of each rule about each row, how many break it; of each about the whole, 1 where it is not met."""
    errored: dict[str, str]
    """Rules whose check broke, and why; then nothing passes."""
    differing: tuple[Differing, ...]
    """Rules that were counted differently; then nothing passes."""
    refusal: Refused | None
    passed_digest: Digest | None
    passed_path: str | None
    exceptions_path: str
    report: str
    report_data: str
    results: str
    """Great Expectations' own results, as JSON."""
    suite_version: Digest
    seconds: float


def screen_rows(
    file: Path,
    suite: OwnSuite,
    *,
    home: Path,
    name: str,
    memory_limit_mb: int = 2048,
    progress: Callable[[str], None] = lambda _: None,
) -> ScreenedRows:
    """Put every row of a Parquet file to the suite, and count again by Great Expectations.

    Under `home` this writes, readable by the owner only, `rows/<digest>.parquet` (those who passed, as they were),
    `rows/<digest>.exceptions.parquet` (every other row, with `row_number` and `rules`) and `reports/<digest>.html`,
    `.json` and `.gx.json`. Raises ExpectationError where a column is not there, is of another kind, or where the file
    is no Parquet file that can be read whole.
    """
    import duckdb

    began, rules = time.monotonic(), rules_of(suite)
    with workroom(home, "rows") as room, duckdb.connect(config={**CLOSED, "threads": 2}) as bench:
        bench.execute("SET TimeZone = 'UTC'")
        bench.execute(f"SET memory_limit = '{memory_limit_mb}MB'")
        bench.execute(f"SET temp_directory = {path_literal(room / 'spill')}")
        bench.execute(f"SET max_temp_directory_size = '{SPILL_LIMIT}'")
        described = _lay_out(bench, file, suite, name)
        total = _total(bench)
        progress("finding every row that breaks a rule")
        passed, failed = room / "passed.parquet", room / "exceptions.parquet"
        tally, errored = _parted(bench, rules, suite.key, passed, failed)
        progress("counting again by Great Expectations")
        verdict = count_again(bench, file, suite, described, tally, errored)
        refusal = verdict.refusal
        if tally is None:
            _nobody(bench, failed)
        folder, reports = home / "rows", home / "reports"
        digest, path = keep(passed, folder, suffix=".parquet") if refusal is None else (None, None)
        _, exceptions_path = keep(failed, folder, suffix=".exceptions.parquet")
        by_rule = {
            **(tally.by_rule if tally else {}),
            **{one.rule: int(one.rule in verdict.not_met) for one in suite.whole},
        }
        account = rows_account(
            name=name,
            suite=suite,
            rules=rules,
            tally=tally,
            total=total,
            by_rule=by_rule,
            figures={rule: shown(one.observed) for rule, one in verdict.counts.by_rule.items()},
            errored=verdict.errored,
            counted_by=verdict.counts.version,
            refusal=refusal.reason if refusal else None,
            digest=digest,
        )
        report = keep_text(as_page(account, exceptions_file=exceptions_path.name), room, reports, suffix=".html")
        data = keep_text(as_json(account), room, reports, name=report.stem, suffix=".json")
        results = keep_text(verdict.counts.results, room, reports, name=report.stem, suffix=".gx.json")
    return ScreenedRows(
        rows=total,
        passed=tally.passed if tally and refusal is None else 0,
        exceptions=tally.exceptions if tally else 0,
        rules=by_rule,
        errored=verdict.errored,
        differing=verdict.differing,
        refusal=refusal,
        passed_digest=digest,
        passed_path=None if path is None else str(path),
        exceptions_path=str(exceptions_path),
        report=str(report),
        report_data=str(data),
        results=str(results),
        suite_version=suite.version,
        seconds=round(time.monotonic() - began, 3),
    )


def _lay_out(bench: "duckdb.DuckDBPyConnection", rows: Path, suite: OwnSuite, name: str) -> dict[str, str]:
    """The relations `rows`, as they are, and `candidates`, what is looked at, each as its kind; the columns' types."""
    import duckdb

    source = f"read_parquet({path_literal(rows)}, file_row_number = true)"
    try:
        _refuse_names(columns_as_they_are(rows), name)
        described = columns_of(bench, f"SELECT * FROM read_parquet({path_literal(rows)})")  # noqa: S608
        looked = ", ".join(typed_view(described, suite, name=name))
        bench.execute(
            f"CREATE VIEW rows AS SELECT file_row_number + 1 AS row_number, * EXCLUDE (file_row_number) FROM {source}"  # noqa: S608
        )
        bench.execute(f"CREATE TABLE candidates AS SELECT row_number{', ' if looked else ''}{looked} FROM rows")  # noqa: S608
    except (duckdb.Error, OSError, ValueError) as error:
        message = f"cannot be read whole ({type(error).__name__}); make the file again"
        raise ExpectationError([Fault(name, None, "", message)]) from error
    return described


def _refuse_names(names: list[str], name: str) -> None:
    """DuckDB takes two names that differ in case alone for one, and gives one of them another; nothing is guessed."""
    times = Counter(one.casefold() for one in names)
    faults: list[Fault] = []
    if twice := [one for one in names if times[one.casefold()] > 1]:
        faults.append(Fault(name, None, "", f"the columns {listed(twice)} differ in case alone; rename all but one"))
    if taken := [one for one in names if one.casefold() in _OURS]:
        faults.append(Fault(name, None, "", f"the column {listed(taken)} is ours; give yours another name"))
    if faults:
        raise ExpectationError(faults)


def _parted(
    bench: "duckdb.DuckDBPyConnection", rules: Sequence[RowRule], key: str | None, passed: Path, failed: Path
) -> tuple[Tally | None, dict[str, str]]:
    """Who passes and who does not; where a rule's SQL raised, nobody, and which rules did."""
    import duckdb

    try:
        return part_rows(bench, rules, passed=passed, exceptions=failed, key=key), {}
    except duckdb.Error as error:
        # All at once says not which of them it was.
        broke: dict[str, str] = {}
        for rule in rules:
            try:
                judge(bench, [rule])
            except duckdb.Error as its_own:
                broke[rule.id] = said(its_own)
        return None, broke or {"all rules at once": said(error)}


def rules_of(suite: OwnSuite) -> list[RowRule]:
    """What is expected of each row, as the fused query takes it."""
    return [RowRule(one.rule, one.violation, one.severity, one.message, one.do) for one in suite.each_row]


def _nobody(bench: "duckdb.DuckDBPyConnection", failed: Path) -> None:
    """Where a check broke every row is an exception, of no rule that anybody knows."""
    every = "SELECT *, []::VARCHAR[] AS rules FROM rows ORDER BY row_number"
    bench.execute(f"COPY ({every}) TO {path_literal(failed)} (FORMAT parquet)")


def _total(bench: "duckdb.DuckDBPyConnection") -> int:
    row = bench.execute("SELECT count(*) FROM candidates").fetchone()
    return int(row[0]) if row else 0

"""Rows of any kind are put to a suite of one's own: those that meet it are kept, every other with the rules it breaks.

    screened = screen_rows(file, suite, home=folder, name="products.parquet")
    screened.refusal                 why nothing passed, if nothing did

`screen_rows` is a plain function; the step that calls it in a campaign is `tasks.expect`, the command line's is
`presscheck screen`. It needs 5 to 18 s to import Great Expectations the first time in a process.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from presscheck.documents.sentences import counted, listed
from presscheck.errors import ExpectationError, Fault
from presscheck.models import Digest, Frozen, Refused
from presscheck.screening.exceptions import Tally, judge, part_rows
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected_columns import columns_of, kinds_of, typed_view
from presscheck.screening.expected_whole import ExpectByGreatExpectations, Whole, figure_of
from presscheck.screening.frozen import keep, keep_text, workroom
from presscheck.screening.jail import CLOSED, SPILL_LIMIT
from presscheck.screening.literals import path_literal
from presscheck.screening.report import as_json, as_page, rows_account
from presscheck.screening.rules import RowRule

if TYPE_CHECKING:
    import duckdb

    from tasks.expectations.counting import Counted, Counts

_OURS = ("row_number", "rules")


class Differing(Frozen):
    """One rule of which the two counts are not the same."""

    rule: str
    by_query: str
    by_great_expectations: str


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
    rows: Path,
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

    began = time.monotonic()
    with workroom(home, "rows") as room, duckdb.connect(config={**CLOSED, "threads": 2}) as bench:
        bench.execute("SET TimeZone = 'UTC'")
        bench.execute(f"SET memory_limit = '{memory_limit_mb}MB'")
        bench.execute(f"SET temp_directory = {path_literal(room / 'spill')}")
        bench.execute(f"SET max_temp_directory_size = '{SPILL_LIMIT}'")
        described = _lay_out(bench, rows, suite, name)
        progress("finding every row that breaks a rule")
        passed, failed = room / "passed.parquet", room / "exceptions.parquet"
        tally, errored = _parted(bench, suite, passed, failed)
        progress("counting again by Great Expectations")
        verdict = count_again(bench, rows, suite, described, tally, errored)
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
            tally=tally,
            total=_total(bench),
            by_rule=by_rule,
            figures={rule: _shown(one.observed) for rule, one in verdict.counts.by_rule.items()},
            errored=verdict.errored,
            counted_by=verdict.counts.version,
            refusal=refusal.reason if refusal else None,
            digest=digest,
        )
        report = keep_text(as_page(account, exceptions_file=exceptions_path.name), room, reports, suffix=".html")
        data = keep_text(as_json(account), room, reports, name=report.stem, suffix=".json")
        results = keep_text(verdict.counts.results, room, reports, name=report.stem, suffix=".gx.json")
        total = _total(bench)
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
        described = columns_of(bench, f"SELECT * FROM read_parquet({path_literal(rows)})")  # noqa: S608
        if taken := sorted(set(_OURS) & set(described)):
            message = f"the column {listed(taken)} is ours in the file of exceptions; give yours another name"
            raise ExpectationError([Fault(name, None, "", message)])
        looked = ", ".join(typed_view(described, suite, name=name))
        bench.execute(
            f"CREATE VIEW rows AS SELECT file_row_number + 1 AS row_number, * EXCLUDE (file_row_number) FROM {source}"  # noqa: S608
        )
        bench.execute(f"CREATE TABLE candidates AS SELECT row_number{', ' if looked else ''}{looked} FROM rows")  # noqa: S608
    except duckdb.Error as error:
        message = f"cannot be read whole: {' '.join(str(error).split())[:300]}; make the file again"
        raise ExpectationError([Fault(name, None, "", message)]) from error
    return described


def _parted(
    bench: "duckdb.DuckDBPyConnection", suite: OwnSuite, passed: Path, failed: Path
) -> tuple[Tally | None, dict[str, str]]:
    """Who passes and who does not; where a rule's SQL raised, nobody, and which rules did."""
    import duckdb

    rules = rules_of(suite)
    try:
        return part_rows(bench, rules, passed=passed, exceptions=failed, key=suite.key), {}
    except duckdb.Error as error:
        # All at once says not which of them it was.
        broke: dict[str, str] = {}
        for rule in rules:
            try:
                judge(bench, [rule])
            except duckdb.Error as its_own:
                broke[rule.id] = _said(its_own)
        return None, broke or {"all rules at once": _said(error)}


def rules_of(suite: OwnSuite) -> list[RowRule]:
    """What is expected of each row, as the fused query takes it."""
    return [RowRule(one.rule, one.violation, one.severity, one.message, one.do) for one in suite.each_row]


@dataclass(frozen=True)
class Verdict:
    """What both counts come to."""

    counts: "Counts"
    errored: dict[str, str]
    differing: tuple[Differing, ...]
    not_met: frozenset[str]
    """Rules about the whole that are not met."""
    refusal: Refused | None
    """Why nothing passes, if nothing does."""


def count_again(
    bench: "duckdb.DuckDBPyConnection",
    rows: Path,
    suite: OwnSuite,
    described: Mapping[str, str],
    tally: Tally | None,
    errored: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """Count by Great Expectations what the fused query has judged on this bench, and compare the two.

    `tally` is None where the query broke, and `errored` says which of its rules did.
    """
    # Imported only now: a fault in the suite should not take ten seconds to be told.
    from tasks.expectations.counting import count

    figures, broke = _figures(bench, suite, tuple(described))
    counts = count(rows, suite, kinds_of(described, suite))
    broke = {**{rule: one.broke for rule, one in counts.by_rule.items() if one.broke}, **broke, **errored}
    differing = tuple(_differing(suite, tally, figures, counts, broke))
    not_met = [one for one in suite.whole if one.rule not in broke and not counts.by_rule[one.rule].success]
    refusal = _refusal(suite, tally, broke, differing, not_met, counts.by_rule)
    return Verdict(counts, broke, differing, frozenset(one.rule for one in not_met), refusal)


def _figures(
    bench: "duckdb.DuckDBPyConnection", suite: OwnSuite, columns: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, str]]:
    import duckdb

    figures: dict[str, Any] = {}
    broke: dict[str, str] = {}
    for rule in suite.whole:
        if rule.figure is None:
            continue
        try:
            figures[rule.rule] = figure_of(bench, rule, columns)
        except duckdb.Error as error:
            broke[rule.rule] = _said(error)
    return figures, broke


def _differing(
    suite: OwnSuite, tally: Tally | None, figures: Mapping[str, Any], counts: "Counts", errored: Mapping[str, str]
) -> list[Differing]:
    found: list[Differing] = []
    for rule in suite.each_row:
        theirs = counts.by_rule[rule.rule]
        if tally is not None and rule.rule not in errored and tally.by_rule[rule.rule] != theirs.exceptions:
            found.append(
                Differing(
                    rule=rule.rule,
                    by_query=counted(tally.by_rule[rule.rule], "row"),
                    by_great_expectations=counted(theirs.exceptions or 0, "row"),
                )
            )
    for rule in suite.whole:
        if (
            rule.rule in errored
            or rule.rule not in figures
            or _agree(rule, figures[rule.rule], counts.by_rule[rule.rule])
        ):
            continue
        theirs = counts.by_rule[rule.rule]
        found.append(
            Differing(
                rule=rule.rule,
                by_query=f"{_shown(figures[rule.rule])}, {'met' if rule.holds(figures[rule.rule]) else 'not met'}",
                by_great_expectations=f"{_shown(theirs.observed)}, {'met' if theirs.success else 'not met'}",
            )
        )
    return found


def _agree(rule: Whole, figure: Any, theirs: "Counted") -> bool:
    same = True
    if isinstance(figure, int | float) and isinstance(theirs.observed, int | float):
        same = math.isclose(float(figure), float(theirs.observed), rel_tol=1e-9, abs_tol=1e-12)
    return same and rule.holds(figure) == theirs.success


def _refusal(
    suite: OwnSuite,
    tally: Tally | None,
    errored: Mapping[str, str],
    differing: tuple[Differing, ...],
    not_met: list[Any],
    by_rule: "Mapping[str, Counted]",
) -> Refused | None:
    """Why nothing passes; a check that broke first, for then nothing else is known."""
    if errored or tally is None:
        # Why stands in the report: the words of a check that broke may quote a row, and this goes to Prefect.
        return Refused(code="check-broke", reason=f"A check broke, so nothing passed: {listed(errored)}.")
    if differing:
        told = "; ".join(
            f"{one.rule}: {one.by_query} by the query and {one.by_great_expectations} by Great Expectations"
            for one in differing
        )
        return Refused(code="counts-differ", reason=f"Two counts differ, so neither is believed: {told}.")
    reasons: list[str] = []
    for one in not_met:
        only = " (counted by Great Expectations alone)" if isinstance(one, ExpectByGreatExpectations) else ""
        reasons.append(f"{one.rule}: it is {_shown(by_rule[one.rule].observed)}{only}. {one.message} {one.do}")
    bounds = [(one.rule, tally.by_rule[one.rule], one.refuse_above, one.do) for one in suite.each_row]
    bounds.append(
        ("exceptions", tally.exceptions, suite.refuse_above, "Look at the report for what they have in common.")
    )
    for rule, many, most, do in bounds:
        if most is not None and many * 100 > most * tally.candidates:
            share = f"{100 * many / tally.candidates:.1f} %"
            reasons.append(
                f"{rule}: {counted(many, 'row')} of {tally.candidates:,} ({share}), and at most {most} % may be. {do}"
            )
    if tally.passed == 0 and not reasons:
        reasons.append("there is no row that passes.")
    return Refused(code="not-as-expected", reason=" ".join(reasons)) if reasons else None


def _nobody(bench: "duckdb.DuckDBPyConnection", failed: Path) -> None:
    """Where a check broke every row is an exception, of no rule that anybody knows."""
    every = "SELECT *, []::VARCHAR[] AS rules FROM rows ORDER BY row_number"
    bench.execute(f"COPY ({every}) TO {path_literal(failed)} (FORMAT parquet)")


def _total(bench: "duckdb.DuckDBPyConnection") -> int:
    row = bench.execute("SELECT count(*) FROM candidates").fetchone()
    return int(row[0]) if row else 0


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _shown(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)[:200]

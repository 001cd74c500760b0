"""Two counts of the same rows, compared: what each rule comes to, and why nothing passes, if nothing does."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from presscheck.documents.sentences import counted, listed
from presscheck.models import Frozen, Refused
from presscheck.screening.exceptions import Tally
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected_columns import kinds_of
from presscheck.screening.expected_whole import ExpectByGreatExpectations, Whole, figure_of

if TYPE_CHECKING:
    import duckdb

    from tasks.expectations.counting import Counted, Counts


class Differing(Frozen):
    """One rule of which the two counts are not the same."""

    rule: str
    by_query: str
    by_great_expectations: str


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
            broke[rule.rule] = said(error)
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
                by_query=f"{shown(figures[rule.rule])}, {'met' if rule.holds(figures[rule.rule]) else 'not met'}",
                by_great_expectations=f"{shown(theirs.observed)}, {'met' if theirs.success else 'not met'}",
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
        reasons.append(f"{one.rule}: it is {shown(by_rule[one.rule].observed)}{only}. {one.message} {one.do}")
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


def said(error: Exception) -> str:
    """What kind of error DuckDB raised. Its own words may quote a row, and this is told."""
    return f"DuckDB raised {type(error).__name__}"


def shown(value: Any) -> str:
    """A figure as people read it."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)[:200]

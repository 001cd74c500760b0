"""Great Expectations counts what the fused query counted, rule by rule, or nobody passes.

Importing this module imports Great Expectations (5 to 18 s, 268 MB): import it inside the
function that certifies. Design B of our measurements: one expectation a rule, whose metric
runs one vectorised DuckDB scan, because GX's own engines cut the failing ids or take forty
times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from presscheck.digests import file_digest
from presscheck.errors import CheckBroke
from presscheck.screening.bench import Bench
from presscheck.screening.exceptions import Tally
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected_columns import columns_of, kinds_of
from presscheck.screening.literals import path_literal
from presscheck.screening.rules import FigureRule, Suite
from tasks.expectations.counting import count
from tasks.expectations.quiet import VERSION, quiet_context, reason

# A metric gets no objects of ours from Great Expectations, only a data frame: the manifest
# names the bench on which the candidates lie.
_BENCHES: dict[str, duckdb.DuckDBPyConnection] = {}


@dataclass(frozen=True)
class Certificate:
    """What Great Expectations found, as its report of record says it."""

    version: str
    candidates_digest: str
    by_rule: dict[str, int]
    figures: dict[str, int]
    refused: tuple[FigureRule, ...]
    """Figures out of bounds, in the suite's order; empty if there is an audience."""
    worst_severity: str | None


class RowRuleViolations(TableMetricProvider):
    """How many candidates break one predicate: one scan of the candidates' file."""

    metric_name = "presscheck.row_rule_violations"
    value_keys = ("violation_sql",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls: Any,
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, int]:
        bench = _bench_of(execution_engine, metric_domain_kwargs)
        predicate = metric_value_kwargs["violation_sql"]
        # The predicate comes from a suite in our source, never from a user's file.
        row = bench.execute(
            f"SELECT count(*) FILTER (WHERE {predicate}), count(*) FROM candidates c"  # noqa: S608
        ).fetchone()
        if row is None:
            raise RuntimeError("the count of a rule came back empty")
        return {"violations": int(row[0]), "rows": int(row[1])}


class AudienceFigure(TableMetricProvider):
    """One whole number about all candidates, from Great Expectations' own count of who passed."""

    metric_name = "presscheck.audience_figure"
    value_keys = ("figure_sql", "tally_sql")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls: Any,
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> int:
        bench = _bench_of(execution_engine, metric_domain_kwargs)
        bench.execute(f"CREATE TABLE IF NOT EXISTS tally AS {metric_value_kwargs['tally_sql']}")
        row = bench.execute(metric_value_kwargs["figure_sql"]).fetchone()
        if row is None or row[0] is None:
            raise RuntimeError("a figure came back empty")
        return int(row[0])


class ExpectRowRule(BatchExpectation):
    """No candidate breaks the rule; those that do are exceptions, so a failure here is no refusal."""

    violation_sql: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("presscheck.row_rule_violations",)
    domain_keys: ClassVar[tuple[str, ...]] = ("row_condition", "condition_parser")
    success_keys: ClassVar[tuple[str, ...]] = ("violation_sql",)
    args_keys: ClassVar[tuple[str, ...]] = ("violation_sql",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        counted = metrics["presscheck.row_rule_violations"]
        violations, rows = counted["violations"], counted["rows"]
        return {
            "success": violations == 0,
            "result": {
                "observed_value": violations,
                "element_count": rows,
                "unexpected_count": violations,
                "unexpected_percent": 100 * violations / rows if rows else 0.0,
            },
        }


class ExpectFigureBetween(BatchExpectation):
    """The figure lies within its bounds; if not, there is no audience."""

    figure_sql: str
    tally_sql: str
    least: int | None = None
    most: int | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("presscheck.audience_figure",)
    domain_keys: ClassVar[tuple[str, ...]] = ("row_condition", "condition_parser")
    success_keys: ClassVar[tuple[str, ...]] = ("figure_sql", "tally_sql", "least", "most")
    args_keys: ClassVar[tuple[str, ...]] = ("figure_sql", "tally_sql", "least", "most")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        figure = metrics["presscheck.audience_figure"]
        above = self.least is None or figure >= self.least
        below = self.most is None or figure <= self.most
        return {"success": above and below, "result": {"observed_value": figure}}


def certify(
    connection: duckdb.DuckDBPyConnection, bench: Bench, suite: Suite, tally: Tally, core: OwnSuite
) -> Certificate:
    """Count every rule of the suite with Great Expectations and compare with the fused query.

    A rule that `core` says as well is counted by Great Expectations' own class, on the rows as pandas sees them; the
    others by their predicate, a rule at a time.
    `connection` is the open bench. Raises CheckBroke if a check raised, if one is missing from
    the result, or if a count differs.
    """
    digest = file_digest(bench.candidates)
    connection.execute("DROP TABLE IF EXISTS tally")
    with _on_bench(connection) as key:
        manifest = pd.DataFrame({"bench": [key], "candidates": [str(bench.candidates)], "sha256": [digest]})
        apart = frozenset(rule.rule for rule in core.each_row)
        result = _run(suite, manifest, apart)
    by_rule, figures = _answers(result, suite, apart)
    by_rule |= _by_core(connection, bench, core)
    for rule in suite.rows:
        if by_rule[rule.id] != tally.by_rule[rule.id]:
            raise CheckBroke(
                f"the rule {rule.id} was broken by {tally.by_rule[rule.id]} rows by one count and by "
                f"{by_rule[rule.id]} by the other, so neither is believed and nobody passed; please report this"
            )
    if figures.get("audience.size", tally.passed) != tally.passed:
        raise CheckBroke(f"{tally.passed} rows were written and {figures['audience.size']} were counted; nobody passed")
    refused = tuple(rule for rule in suite.figures if not rule.within(figures[rule.id]))
    broken = {rule.severity for rule in suite.rows if by_rule[rule.id]} | ({"critical"} if refused else set())
    return Certificate(
        version=VERSION,
        candidates_digest=digest,
        by_rule=by_rule,
        figures=figures,
        refused=refused,
        worst_severity=next((one for one in ("critical", "warning", "info") if one in broken), None),
    )


def _by_core(connection: duckdb.DuckDBPyConnection, bench: Bench, core: OwnSuite) -> dict[str, int]:
    """Rule to rows, as Great Expectations' own classes count them."""
    described = columns_of(connection, f"SELECT * FROM read_parquet({path_literal(bench.candidates)})")  # noqa: S608
    # As the predicates compare it: consent that is dated infinitely late is dated after the campaign.
    found = count(bench.candidates, core, kinds_of(described, core), infinity_is_far=True).by_rule
    for rule, counted in found.items():
        if counted.broke:
            raise CheckBroke(f"the check {rule} broke, so nobody passed: {counted.broke}")
    return {rule: counted.exceptions or 0 for rule, counted in found.items()}


def _run(suite: Suite, manifest: pd.DataFrame, apart: frozenset[str]) -> Any:
    context = quiet_context()
    batch = (
        context.data_sources.add_pandas("screening")
        .add_dataframe_asset("candidates")
        .add_batch_definition_whole_dataframe("all")
    )
    expectations: list[Any] = [
        ExpectRowRule(
            violation_sql=rule.strict_violation, severity=FailureSeverity(rule.severity), meta={"rule": rule.id}
        )
        for rule in suite.rows
        if rule.id not in apart
    ]
    expectations += [
        ExpectFigureBetween(
            figure_sql=rule.figure,
            tally_sql=_tally_sql(suite),
            least=rule.least,
            most=rule.most,
            severity=FailureSeverity.CRITICAL,
            meta={"rule": rule.id},
        )
        for rule in suite.figures
    ]
    declared = context.suites.add(gx.ExpectationSuite(suite.name, expectations=expectations))
    check = context.validation_definitions.add(gx.ValidationDefinition(name=suite.name, data=batch, suite=declared))
    return check.run(batch_parameters={"dataframe": manifest}, result_format="SUMMARY")


def _tally_sql(suite: Suite) -> str:
    anything = " OR ".join(rule.strict_violation for rule in suite.rows)
    # The inner SELECT asks every rule once a row; two filters over the rules would ask twice.
    return (
        "SELECT count(*) AS candidates, count(*) FILTER (WHERE broken) AS exceptions, "  # noqa: S608
        f"count(*) FILTER (WHERE NOT broken) AS passed FROM (SELECT {anything} AS broken FROM candidates c)"
    )


def _answers(result: Any, suite: Suite, apart: frozenset[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Rule to count, with a check that raised told apart from a check that failed."""
    # Results do not come in the suite's order.
    answers = {answer.expectation_config.meta["rule"]: answer for answer in result.results}
    observed: dict[str, int] = {}
    rows = [rule for rule in suite.rows if rule.id not in apart]
    for rule in (*rows, *suite.figures):
        answer = answers.get(rule.id)
        if answer is None:
            raise CheckBroke(f"the check {rule.id} gave no answer, so nobody passed")
        if "observed_value" not in answer.result:
            raise CheckBroke(f"the check {rule.id} broke, so nobody passed: {reason(answer.exception_info)}")
        observed[rule.id] = int(answer.result["observed_value"])
    return (
        {rule.id: observed[rule.id] for rule in rows},
        {rule.id: observed[rule.id] for rule in suite.figures},
    )


@contextmanager
def _on_bench(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    key = uuid4().hex
    _BENCHES[key] = connection
    try:
        yield key
    finally:
        del _BENCHES[key]


def _bench_of(engine: PandasExecutionEngine, domain: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    frame, _, _ = engine.get_compute_domain(domain_kwargs=domain, domain_type=MetricDomainTypes.TABLE)
    return _BENCHES[str(frame["bench"].iloc[0])]

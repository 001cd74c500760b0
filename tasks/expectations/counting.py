"""Great Expectations counts what a suite of one's own says, with its own classes, on the rows as pandas sees them.

Nothing is shared with the fused query but the file: Arrow reads it, pandas casts it and picks the rows that a rule
speaks of, and Great Expectations' core expectations count. Importing this module imports Great Expectations (5 to 18 s,
268 MB): import it inside the function that counts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pandas_untyped
import pyarrow as arrow_untyped
import pyarrow.compute as compute_untyped
import pyarrow.parquet as parquet
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected import ColumnKind, Condition, Expected, Where, moment_of
from presscheck.screening.expected_columns import WRITTEN
from presscheck.screening.expected_rows import (
    EachRow,
    ExpectNoPattern,
    ExpectPairInSet,
    ExpectPattern,
    ExpectPatterns,
)
from presscheck.screening.expected_whole import Whole
from tasks.expectations.quiet import VERSION, gx, quiet_context, reason

# Their own types say less than they do.
pandas, pa, compute = cast(Any, pandas_untyped), cast(Any, arrow_untyped), cast(Any, compute_untyped)
_DAY = 86_400_000_000
_YEARS = (-719_162 * _DAY, 2_932_896 * _DAY)
"""The first day of the year 1 and the last of the year 9999, in microseconds from 1970."""
# Whatever Great Expectations lets pass by itself, a row without a value is counted apart.
_IGNORES = {
    "expect_column_pair_values_to_be_equal": "either_value_is_missing",
    "expect_column_pair_values_a_to_be_greater_than_b": "either_value_is_missing",
    "expect_column_pair_values_to_be_in_set": "either_value_is_missing",
    "expect_compound_columns_to_be_unique": "any_value_is_missing",
    "expect_select_column_values_to_be_unique_within_record": "any_value_is_missing",
    "expect_multicolumn_values_to_be_equal": "any_value_is_missing",
    "expect_multicolumn_sum_to_equal": "any_value_is_missing",
}


@dataclass(frozen=True)
class Counted:
    """What Great Expectations says of one rule."""

    success: bool
    exceptions: int | None = None
    """Rows that break a rule about each row; None of a rule about the whole."""
    observed: Any = None
    """The figure of a rule about the whole, where it gives one."""
    broke: str = ""
    """Why the check could not say anything; empty where it could."""


@dataclass(frozen=True)
class Counts:
    """What Great Expectations says of every rule."""

    version: str
    by_rule: Mapping[str, Counted]
    results: str
    """Its own results as JSON, for other tools."""


def count(
    rows: Path, suite: OwnSuite, columns: Mapping[str, ColumnKind | None], *, infinity_is_far: bool = False
) -> Counts:
    """Count every rule of the suite over the rows of a Parquet file, whose `columns` are compared as their kinds.

    A moment that is infinite is missing, unless `infinity_is_far`: then it lies beyond every bound.
    """
    context = quiet_context()
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    whole = asset.add_batch_definition_whole_dataframe("all")
    found: dict[str, Counted] = {}
    told: list[Any] = []
    try:
        frame, names = _frame(rows, columns, infinity_is_far), parquet.read_schema(rows).names
        chosen = [(frame[_speaks_of(frame, where)] if where else frame, rules) for where, rules in _by_where(suite)]
    except Exception as error:  # noqa: BLE001 - whatever it raises, nothing was counted, and nothing passes.
        broke = Counted(False, broke=f"pandas raised {type(error).__name__}")
        return Counts(VERSION, {rule.rule: broke for rule in suite.rules}, "[]\n")
    for spoken_of, rules in chosen:
        of_names = [rule for rule in rules if _is_about_names(rule)]
        by_arrow = [one for one in rules if isinstance(one, _BY_PATTERN) and _has_lines(spoken_of[one.kwargs.column])]
        found |= {rule.rule: _matched(rule, spoken_of[rule.kwargs.column]) for rule in by_arrow}
        asked = ((spoken_of, [one for one in rules if one not in of_names and one not in by_arrow]),)
        # What is said of the columns is said of all that there are, and needs no row.
        for some, these in (*asked, (pandas.DataFrame(columns=pandas.Index(names)), of_names)):
            if not these:
                continue
            batch = whole.get_batch(batch_parameters={"dataframe": some})
            for rule, answer in _answers(batch, these):
                found[rule.rule] = answer if isinstance(answer, Counted) else _counted(rule, answer)
                told += [] if isinstance(answer, Counted) else [_without_values(answer.to_json_dict(), rule)]
    missing = {rule.rule: Counted(False, broke="it gave no answer") for rule in suite.rules if rule.rule not in found}
    return Counts(VERSION, {**found, **missing}, json.dumps(told, indent=2, default=str, ensure_ascii=False) + "\n")


# Where a value has a line break pandas looks with Python's own patterns: they mean something else, and may never end.
_BY_PATTERN = (ExpectPattern, ExpectPatterns, ExpectNoPattern)


def _has_lines(series: Any) -> bool:
    return bool(series.str.contains("\n", regex=False).fillna(False).any())


def _matched(rule: Any, series: Any) -> Counted:
    """How many rows break a rule about patterns, by Arrow's RE2."""
    patterns = [rule.kwargs.regex] if isinstance(rule, ExpectPattern) else list(rule.kwargs.regex_list)
    values = pa.array(series, type=pa.string())
    hits = [compute.match_substring_regex(values, pattern=pattern) for pattern in patterns]
    joined = compute.and_ if isinstance(rule, ExpectPatterns) and rule.kwargs.match_on == "all" else compute.or_
    found = hits[0]
    for other in hits[1:]:
        found = joined(found, other)
    never = "_to_not_match_" in rule.type
    failing = found if never else compute.invert(found)
    broken = int(compute.sum(failing).as_py() or 0) + (values.null_count if rule.counts_missing else 0)
    return Counted(broken == 0, broken)


def _answers(batch: Any, rules: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each rule with what Great Expectations answers to it; of some it raises instead of telling that they broke."""
    expectations = [
        ExpectationConfiguration(
            type=rule.type, kwargs=_kwargs(rule), severity=rule.severity, meta={"rule": rule.rule}
        ).to_domain_obj()
        for rule in rules
    ]
    try:
        # Not by a validation definition: what that keeps has to be JSON, and a truth value of Arrow is none.
        result = batch.validate(gx.ExpectationSuite("rows", expectations=expectations), result_format="BASIC")
    except Exception as error:  # noqa: BLE001 - whatever it raises, the check broke, and nothing passes.
        if len(rules) == 1:
            yield rules[0], Counted(False, broke=_raised(type(error).__name__))
            return
        for rule in rules:
            yield from _answers(batch, [rule])
        return
    # Results do not come in the suite's order.
    by_rule = {rule.rule: rule for rule in rules}
    yield from ((by_rule[answer.expectation_config.meta["rule"]], answer) for answer in result.results)


def _is_about_names(rule: Expected) -> bool:
    return isinstance(rule, Whole) and rule.figure == "$columns"


def _by_where(suite: OwnSuite) -> Iterator[tuple[Mapping[str, Condition], list[Any]]]:
    """Rules that speak of the same rows, together."""
    found: dict[str, tuple[Mapping[str, Condition], list[Any]]] = {}
    for rule in suite.rules:
        found.setdefault(rule.applies, (rule.where, []))[1].append(rule)
    yield from found.values()


def _counted(rule: Any, answer: Any) -> Counted:
    result: dict[str, Any] = answer.result or {}
    success = bool(answer.success)
    if isinstance(rule, EachRow):
        if "unexpected_count" not in result:
            return Counted(False, broke=_raised(reason(answer.exception_info).partition(":")[0]))
        missing = int(result.get("missing_count") or 0) if rule.counts_missing else 0
        return Counted(success, int(result["unexpected_count"]) + missing)
    info = answer.exception_info
    if not result and not success and not _is_about_names(rule) and info:
        return Counted(False, broke=_raised(""))
    return Counted(success, observed=_figure(rule, result.get("observed_value")))


def _figure(rule: Any, observed: Any) -> Any:
    """What may be told of the whole: figures, and the names of columns. A value of a row may be a person's."""
    if _is_about_names(rule) or isinstance(observed, bool | int | float | None):
        return observed
    figures: list[Any] = observed.get("values", [None]) if isinstance(observed, dict) else [None]
    return observed if all(isinstance(one, int | float) for one in figures) else None


def _without_values(answer: dict[str, Any], rule: Any) -> dict[str, Any]:
    """Great Expectations' own answer without samples of the rows."""
    result: dict[str, Any] = answer.get("result") or {}
    kept = {name: value for name, value in result.items() if not name.startswith("partial_") and name != "details"}
    if "observed_value" in kept:
        kept["observed_value"] = _figure(rule, kept["observed_value"])
    # Its errors quote what they stumbled over.
    return {**answer, "exception_info": None, "result": kept}


def _raised(what: str) -> str:
    # The words of an error may quote a row; its name does not.
    return f"Great Expectations raised {what}" if what.isidentifier() else "Great Expectations could not say"


def _kwargs(rule: Any) -> dict[str, Any]:
    said = rule.kwargs if isinstance(rule.kwargs, Mapping) else rule.kwargs.model_dump(exclude_none=True)
    kwargs = {
        name: moment_of(value) if name in ("min_value", "max_value") and isinstance(value, str) else _plain(value)
        for name, value in said.items()
    }
    if isinstance(rule, ExpectPairInSet):
        kwargs["value_pairs_set"] = [tuple(pair) for pair in rule.kwargs.value_pairs_set]
    if rule.type in _IGNORES:
        kwargs["ignore_row_if"] = _IGNORES[rule.type]
    return kwargs


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- the rows as pandas sees them


def _frame(rows: Path, columns: Mapping[str, ColumnKind | None], infinity_is_far: bool) -> Any:
    """The columns that are looked at, as Arrow's types, each cast to its kind."""
    table: Any = parquet.read_table(rows, columns=list(columns))
    # pandas knows one of Arrow's ways to keep text.
    table = table.cast(pa.schema([field.with_type(_plain_type(field.type)) for field in table.schema]))
    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type):
            table = table.set_column(at, field.name, _moments(table.column(at), infinity_is_far))
    frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    data = {name: _cast(frame[name], table.schema.field(name).type, kind) for name, kind in columns.items()}
    # Also where no column is looked at, there are as many rows.
    return pandas.DataFrame(data, index=pandas.RangeIndex(parquet.read_metadata(rows).num_rows))


def _moments(column: Any, infinity_is_far: bool) -> Any:
    """Days and moments as moments that Python has, in UTC to the microsecond; what lies beyond the years 1 to 9999 is
    at their end, which is as far from any bound."""
    if pa.types.is_date(column.type):
        days = compute.cast(compute.cast(column, pa.date32()), pa.int32())
        days = days if infinity_is_far else _finite(days, 2**31 - 1)
        whole = compute.multiply(_within(compute.cast(days, pa.int64()), *(at // _DAY for at in _YEARS)), _DAY)
    else:
        count = compute.cast(compute.cast(column, pa.timestamp("us", column.type.tz), safe=False), pa.int64())
        count = count if infinity_is_far else _finite(count, 2**63 - 1)
        whole = _within(count, *_YEARS)
    return compute.cast(whole, pa.timestamp("us", "UTC"))


def _finite(numbers: Any, infinity: int) -> Any:
    """Nothing in the place of what DuckDB writes where a day or a moment is infinite."""
    return compute.if_else(compute.equal(compute.abs(numbers), infinity), None, numbers)


def _within(numbers: Any, least: int, most: int) -> Any:
    above = compute.max_element_wise(numbers, least, skip_nulls=False)
    return compute.min_element_wise(above, most, skip_nulls=False)


def _plain_type(is_: Any) -> Any:
    if pa.types.is_dictionary(is_):
        return _plain_type(is_.value_type)
    of_text = pa.types.is_large_string(is_) or pa.types.is_string_view(is_)
    return pa.string() if of_text else is_


def _cast(series: Any, is_: Any, kind: ColumnKind | None) -> Any:
    arrow: Any = pa.types
    if kind is not None and kind in WRITTEN and arrow.is_string(is_):
        words = series.astype("string")
        series = words.where(words.str.fullmatch(WRITTEN[kind]).fillna(False))
    match kind:
        case "number" if arrow.is_integer(is_):
            return series if arrow.is_uint64(is_) else series.astype(pandas.ArrowDtype(pa.int64()))
        case "number":
            numbers = pandas.to_numeric(series, errors="coerce").astype("float64")
            return (numbers.where(numbers.abs() != float("inf")) + 0.0).astype(pandas.ArrowDtype(pa.float64()))
        case "moment":
            if series.dtype != "string":
                return series
            # Words of one column may be days and moments.
            moments = pandas.to_datetime(series, errors="coerce", utc=True, format="ISO8601")
            return moments.astype(pandas.ArrowDtype(pa.timestamp("us", tz="UTC")))
        case "truth" if not arrow.is_boolean(is_):
            said = series.str.lower().map({"true": True, "false": False})
            return said.astype(pandas.ArrowDtype(pa.bool_()))
        case "text":
            return series.astype(pandas.ArrowDtype(pa.string()))
        case _:
            return series


def _speaks_of(frame: Any, where: Mapping[str, Condition]) -> Any:
    """The rows that a rule speaks of; one of which that is not known is one of them."""
    chosen = pandas.Series(True, index=frame.index)
    for column, said in where.items():
        series = frame[column]
        if not isinstance(said, Where):
            told = series.isin(list(said) if isinstance(said, tuple) else [said]) | series.isna()
            chosen &= told.astype(bool)
            continue
        if said.known is not None:
            chosen &= (series.notna() if said.known else series.isna()).astype(bool)
        for bound, keeps in ((said.at_least, series.__ge__), (said.at_most, series.__le__)):
            if bound is not None:
                chosen &= keeps(moment_of(bound) if isinstance(bound, str) else bound).fillna(True).astype(bool)
    return chosen

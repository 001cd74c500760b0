"""Rows of any kind against a suite of one's own: every exception is found, by two counts that share nothing."""

import json
import math
import random
import re
import stat
import statistics
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from presscheck.documents.document import Document
from presscheck.errors import ExpectationError
from presscheck.screening.expectations import OwnSuite, suite_of
from tasks import screening_rows
from tasks.screening_rows import ScreenedRows, screen_rows

Row = dict[str, Any]
WORDS = ("Black", "White", "é👍", "a'b", 'say "x"', "", " ", "1", "true", "2026-01-01", "4.5")
SUITE = {"title": "Odd rows", "owner": "tests", "refuse_above": 100}


def rows(count: int, seed: int = 7) -> list[Row]:
    """Rows of every type with holes, no numbers and words that look like numbers."""
    dice = random.Random(seed)

    def sometimes(value: Any, holes: float = 0.15) -> Any:
        return None if dice.random() < holes else value

    return [
        {
            "id": sometimes(f"p{dice.randrange(count)}"),
            "n": sometimes(dice.randrange(-3, 9)),
            "m": sometimes(dice.randrange(-3, 9)),
            "f": sometimes(dice.choice([0.5, 4.0, -2.25, 1e9, math.nan, math.inf, -math.inf])),
            "word": sometimes(dice.choice(WORDS)),
            "other": sometimes(dice.choice(WORDS)),
            "said": sometimes(dice.choice(["4", "4.5", "-1e2", "4,5", " 4", "nan", "inf", "1_0", "x", ""])),
            "day": sometimes(date(2026, 1, 1) + timedelta(days=dice.randrange(60))),
            "at": sometimes(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(1000))),
            "when": sometimes(dice.choice(["2026-01-05", "2026-02-01T10:00:00Z", "5.1.2026", "2026-02-30", "soon"])),
            "yes": sometimes(dice.random() < 0.5),
            "told": sometimes(dice.choice(["true", "False", "yes", "1", ""])),
        }
        for _ in range(count)
    ]


def is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?", text) is not None


def number(value: Any) -> float | None:
    if isinstance(value, str):
        value = float(value) if is_number(value) else None
    return None if value is None or not math.isfinite(value) else value


def moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if value is not None and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def one(column: str, test: Callable[[Any], bool], read: Callable[[Any], Any] = lambda value: value) -> Any:
    """Of each row: None where nothing can be read, else whether it is as expected."""
    return lambda found: [None if (value := read(row[column])) is None else test(value) for row in found]


def two(a: str, b: str, test: Callable[[Any, Any], bool]) -> Any:
    return lambda found: [None if None in (row[a], row[b]) else test(row[a], row[b]) for row in found]


def once(*columns: str) -> Any:
    def of(found: list[Row]) -> list[bool | None]:
        seen = Counter(key for row in found if None not in (key := tuple(row[name] for name in columns)))
        return [None if None in (key := tuple(row[name] for name in columns)) else seen[key] == 1 for row in found]

    return of


def near(found: list[Row]) -> list[bool | None]:
    values = [row["n"] for row in found if row["n"] is not None]
    mean, spread = statistics.mean(values), statistics.stdev(values)
    return [None if row["n"] is None else abs(row["n"] - mean) / spread < 1.2 for row in found]


JAN_20 = datetime(2026, 1, 20, tzinfo=UTC)
EACH: dict[str, tuple[str, Row, Any]] = {
    "between": (
        "expect_column_values_to_be_between",
        {"column": "n", "min_value": 0, "max_value": 5},
        one("n", lambda v: 0 <= v <= 5),
    ),
    "between-strict": (
        "expect_column_values_to_be_between",
        {"column": "n", "min_value": 0, "strict_min": True, "max_value": 5, "strict_max": True},
        one("n", lambda v: 0 < v < 5),
    ),
    "float": (
        "expect_column_values_to_be_between",
        {"column": "f", "min_value": 1},
        one("f", lambda v: v >= 1, number),
    ),
    "said": (
        "expect_column_values_to_be_between",
        {"column": "said", "max_value": 4},
        one("said", lambda v: v <= 4, number),
    ),
    "day": (
        "expect_column_values_to_be_between",
        {"column": "day", "min_value": "2026-01-20"},
        one("day", lambda v: v >= JAN_20, moment),
    ),
    "at": (
        "expect_column_values_to_be_between",
        {"column": "at", "max_value": "2026-01-20T00:00:00Z"},
        one("at", lambda v: v <= JAN_20, moment),
    ),
    "when": (
        "expect_column_values_to_be_between",
        {"column": "when", "min_value": "2026-01-20"},
        one("when", lambda v: v >= JAN_20, moment),
    ),
    "in": (
        "expect_column_values_to_be_in_set",
        {"column": "word", "value_set": ["Black", "é👍", "a'b", ""]},
        one("word", lambda v: v in ("Black", "é👍", "a'b", "")),
    ),
    "in-numbers": (
        "expect_column_values_to_be_in_set",
        {"column": "n", "value_set": [1, 2, 3]},
        one("n", lambda v: v in (1, 2, 3)),
    ),
    "in-truth": ("expect_column_values_to_be_in_set", {"column": "yes", "value_set": [True]}, one("yes", lambda v: v)),
    "in-told": (
        "expect_column_values_to_be_in_set",
        {"column": "told", "value_set": [True]},
        one("told", lambda v: v, lambda v: {"true": True, "False": False}.get(v)),
    ),
    "not-in": (
        "expect_column_values_to_not_be_in_set",
        {"column": "word", "value_set": ["Black", 'say "x"']},
        one("word", lambda v: v not in ("Black", 'say "x"')),
    ),
    "known": ("expect_column_values_to_not_be_null", {"column": "word"}, one("word", lambda v: True)),
    "unknown": (
        "expect_column_values_to_be_null",
        {"column": "word"},
        lambda found: [row["word"] is None for row in found],
    ),
    "unique": ("expect_column_values_to_be_unique", {"column": "id"}, once("id")),
    "pattern": (
        "expect_column_values_to_match_regex",
        {"column": "word", "regex": "^[A-Z]|👍"},
        one("word", lambda v: bool(re.search("^[A-Z]|👍", v))),
    ),
    "no-pattern": (
        "expect_column_values_to_not_match_regex",
        {"column": "word", "regex": "['\"]"},
        one("word", lambda v: not re.search("['\"]", v)),
    ),
    "any-pattern": (
        "expect_column_values_to_match_regex_list",
        {"column": "word", "regex_list": ["B", "W"]},
        one("word", lambda v: "B" in v or "W" in v),
    ),
    "all-patterns": (
        "expect_column_values_to_match_regex_list",
        {"column": "word", "regex_list": ["l", "a"], "match_on": "all"},
        one("word", lambda v: "l" in v and "a" in v),
    ),
    "none-of-patterns": (
        "expect_column_values_to_not_match_regex_list",
        {"column": "word", "regex_list": ["B", "x"]},
        one("word", lambda v: "B" not in v and "x" not in v),
    ),
    "length": (
        "expect_column_value_lengths_to_be_between",
        {"column": "word", "min_value": 1, "max_value": 3},
        one("word", lambda v: 1 <= len(v) <= 3),
    ),
    "this-long": (
        "expect_column_value_lengths_to_equal",
        {"column": "word", "value": 5},
        one("word", lambda v: len(v) == 5),
    ),
    "near": (
        "expect_column_value_z_scores_to_be_less_than",
        {"column": "n", "threshold": 1.2, "double_sided": True},
        near,
    ),
    "pair": (
        "expect_column_pair_values_to_be_equal",
        {"column_A": "word", "column_B": "other"},
        two("word", "other", lambda a, b: a == b),
    ),
    "in-order": (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "n", "column_B": "m", "or_equal": True},
        two("n", "m", lambda a, b: a >= b),
    ),
    "above": (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "n", "column_B": "m"},
        two("n", "m", lambda a, b: a > b),
    ),
    "pairs": (
        "expect_column_pair_values_to_be_in_set",
        {"column_A": "word", "column_B": "n", "value_pairs_set": [["Black", 1], ["White", 2]]},
        two("word", "n", lambda a, b: (a, b) in (("Black", 1), ("White", 2))),
    ),
    "compound": ("expect_compound_columns_to_be_unique", {"column_list": ["word", "n"]}, once("word", "n")),
    "apart": (
        "expect_select_column_values_to_be_unique_within_record",
        {"column_list": ["n", "m"]},
        two("n", "m", lambda a, b: a != b),
    ),
    "same": ("expect_multicolumn_values_to_be_equal", {"column_list": ["n", "m"]}, two("n", "m", lambda a, b: a == b)),
    "sum": (
        "expect_multicolumn_sum_to_equal",
        {"column_list": ["n", "m"], "sum_total": 4},
        two("n", "m", lambda a, b: a + b == 4),
    ),
}
"""A rule's name; its type and arguments; and of each row whether it is as expected, None where nothing is known."""

WHERES: dict[str, tuple[Row, Callable[[Row], bool]]] = {
    "all": ({}, lambda row: True),
    "black": ({"other": ["Black", "White"]}, lambda row: row["other"] in (None, "Black", "White")),
    "some": ({"m": {"at_least": 2, "at_most": 6}}, lambda row: row["m"] is None or 2 <= row["m"] <= 6),
    "known": ({"at": {"known": True}, "yes": True}, lambda row: row["at"] is not None and row["yes"] in (None, True)),
    "late": ({"day": {"at_least": "2026-01-20"}}, lambda row: row["day"] is None or row["day"] >= date(2026, 1, 20)),
}


def suite(*each: Row, whole: tuple[Row, ...] = (), **more: Any) -> OwnSuite:
    value = {**SUITE, "each_row": list(each), "whole": list(whole), **more}
    return Document("suite", value, {}).parse(OwnSuite, ExpectationError)


def rule(name: str, type_: str, kwargs: Row, **more: Any) -> Row:
    return {"rule": name, "type": type_, "kwargs": kwargs, "message": "It is odd.", "do": "Mend it.", **more}


def screened(folder: Path, found: list[Row], expected: OwnSuite) -> ScreenedRows:
    file = folder / "rows.parquet"
    pl.DataFrame(found, schema=SCHEMA, orient="row").write_parquet(file)
    return screen_rows(file, expected, home=folder, name="rows.parquet")


SCHEMA: Any = {
    "id": pl.String, "n": pl.Int64, "m": pl.Int32, "f": pl.Float64, "word": pl.String, "other": pl.String,
    "said": pl.String, "day": pl.Date, "at": pl.Datetime("us", "UTC"), "when": pl.String, "yes": pl.Boolean,
    "told": pl.String,
}  # fmt: skip
READ = {"said": "number", "when": "moment", "told": "truth"}


@pytest.mark.parametrize("where", WHERES)
def test_each_rule_finds_the_rows_that_plain_python_finds_and_great_expectations_counts_as_many(
    tmp_path: Path, where: str
) -> None:
    found = rows(400)
    condition, speaks_of = WHERES[where]
    each = [
        rule(f"{name}.{missing}", type_, kwargs, where=condition, missing=missing)
        for name, (type_, kwargs, _) in EACH.items()
        for missing in ("exception", "passes")
    ]
    meant = [row for row in found if speaks_of(row)]

    result = screened(tmp_path, found, suite(*each, columns=READ))

    assert (result.errored, result.differing) == ({}, ())
    for name, (type_, _, of) in EACH.items():
        answers = of(meant)
        strictly = type_ == "expect_column_values_to_not_be_null"
        missing = sum(answer is None for answer in answers)
        broken = sum(answer is False for answer in answers)
        assert result.rules[f"{name}.exception"] == broken + missing, name
        assert result.rules[f"{name}.passes"] == broken + (missing if strictly else 0), name


WHOLE: dict[str, tuple[str, Row, Row]] = {
    "rows": ("expect_table_row_count_to_be_between", {"min_value": 300}, {"min_value": 500}),
    "exactly": ("expect_table_row_count_to_equal", {"value": 400}, {"value": 399}),
    "least": ("expect_column_min_to_be_between", {"column": "n", "min_value": -3}, {"column": "n", "min_value": 0}),
    "most": ("expect_column_max_to_be_between", {"column": "f", "max_value": 1e9}, {"column": "f", "max_value": 5}),
    "mean": (
        "expect_column_mean_to_be_between",
        {"column": "n", "min_value": 1, "max_value": 4},
        {"column": "n", "max_value": 1},
    ),
    "median": ("expect_column_median_to_be_between", {"column": "n", "min_value": 1}, {"column": "n", "min_value": 6}),
    "spread": ("expect_column_stdev_to_be_between", {"column": "n", "min_value": 2}, {"column": "n", "max_value": 2}),
    "sum": ("expect_column_sum_to_be_between", {"column": "n", "min_value": 100}, {"column": "n", "max_value": 100}),
    "values": (
        "expect_column_unique_value_count_to_be_between",
        {"column": "word", "max_value": 11},
        {"column": "word", "max_value": 10},
    ),
    "unlike": (
        "expect_column_proportion_of_unique_values_to_be_between",
        {"column": "n", "max_value": 0.1},
        {"column": "n", "min_value": 0.1},
    ),
    "filled": (
        "expect_column_proportion_of_non_null_values_to_be_between",
        {"column": "n", "min_value": 0.7},
        {"column": "n", "min_value": 0.95},
    ),
    "among": (
        "expect_column_distinct_values_to_be_in_set",
        {"column": "word", "value_set": [*WORDS, "Red"]},
        {"column": "word", "value_set": ["Black"]},
    ),
    "contains": (
        "expect_column_distinct_values_to_contain_set",
        {"column": "word", "value_set": ["Black"]},
        {"column": "word", "value_set": ["Red"]},
    ),
    "equals": (
        "expect_column_distinct_values_to_equal_set",
        {"column": "word", "value_set": list(WORDS)},
        {"column": "word", "value_set": [*WORDS, "Red"]},
    ),
    "column": ("expect_column_to_exist", {"column": "day"}, {"column": "dya"}),
    "columns": ("expect_table_columns_to_match_set", {"column_set": list(SCHEMA)}, {"column_set": ["id"]}),
    "some-columns": (
        "expect_table_columns_to_match_set",
        {"column_set": ["id", "n"], "exact_match": False},
        {"column_set": ["nn"], "exact_match": False},
    ),
    "in-order": (
        "expect_table_columns_to_match_ordered_list",
        {"column_list": list(SCHEMA)},
        {"column_list": sorted(SCHEMA)},
    ),
    "quantiles": (
        "expect_column_quantile_values_to_be_between",
        {"column": "n", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 5]]}},
        {"column": "n", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[8, 9]]}},
    ),
    "common": (
        "expect_column_most_common_value_to_be_in_set",
        {"column": "yes", "value_set": [True, False]},
        {"column": "n", "value_set": [77]},
    ),
    "outliers": (
        "expect_column_values_to_not_be_outliers",
        {"column": "n", "method": "iqr", "multiplier": 9},
        {"column": "f", "method": "iqr", "multiplier": 0.1},
    ),
}


def test_each_rule_about_the_whole_is_met_or_not_by_both_counts(tmp_path: Path) -> None:
    met = [rule(f"{name}.met", type_, good) for name, (type_, good, _) in WHOLE.items()]
    not_met = [rule(f"{name}.not-met", type_, bad) for name, (type_, _, bad) in WHOLE.items()]

    result = screened(tmp_path, rows(400), suite(whole=(*met, *not_met)))

    assert (result.errored, result.differing) == ({}, ())
    assert result.rules == {**{f"{name}.met": 0 for name in WHOLE}, **{f"{name}.not-met": 1 for name in WHOLE}}
    assert result.refusal is not None
    assert result.refusal.code == "not-as-expected"
    assert "quantiles.not-met: it is" in result.refusal.reason
    assert "(counted by Great Expectations alone)" in result.refusal.reason
    assert (result.passed, result.passed_path) == (0, None)


KNOWN = rule("word.known", "expect_column_values_to_not_be_null", {"column": "word"})


def test_those_that_pass_are_kept_as_they_were_and_every_other_with_its_rules(tmp_path: Path) -> None:
    found = rows(100)
    expected = suite(
        KNOWN, rule("n.small", "expect_column_values_to_be_between", {"column": "n", "max_value": 4}), key="id"
    )

    result = screened(tmp_path, found, expected)

    good = [row for row in found if row["word"] is not None and row["n"] is not None and row["n"] <= 4]
    assert result.passed_path is not None
    kept = pl.read_parquet(result.passed_path)
    exceptions = pl.read_parquet(result.exceptions_path)
    assert kept.columns == list(SCHEMA)
    assert kept["word"].to_list() == [row["word"] for row in good]
    assert (result.rows, result.passed, result.exceptions) == (100, len(good), 100 - len(good))
    assert exceptions.columns == ["row_number", *SCHEMA, "rules"]
    for row in exceptions.iter_rows(named=True):
        before = found[row["row_number"] - 1]
        assert row["id"] == before["id"]
        assert ("word.known" in row["rules"]) is (before["word"] is None)
        assert ("n.small" in row["rules"]) is (before["n"] is None or before["n"] > 4)
    for path in (result.passed_path, result.exceptions_path, result.report, result.results):
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_the_same_rows_and_suite_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (screened(tmp_path, rows(50), suite(KNOWN)) for _ in range(2))

    assert first.passed_digest == second.passed_digest
    assert first.exceptions_path == second.exceptions_path


def test_too_many_exceptions_are_refused_with_the_share_and_what_to_do(tmp_path: Path) -> None:
    loose = suite({**KNOWN, "refuse_above": 5}, refuse_above=1)

    result = screened(tmp_path, rows(400), loose)

    assert result.refusal is not None
    many = result.rules["word.known"]
    assert (
        f"word.known: {many} rows of 400 ({many / 4:.1f} %), and at most 5 % may be. Mend it." in result.refusal.reason
    )
    assert "exceptions:" in result.refusal.reason
    assert result.exceptions == many


def test_where_two_counts_differ_nothing_passes_and_both_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = screening_rows.part_rows

    def one_more(*given: Any, **more: Any) -> Any:
        tally = real(*given, **more)
        tally.by_rule["word.known"] += 1
        return tally

    monkeypatch.setattr(screening_rows, "part_rows", one_more)

    result = screened(tmp_path, rows(40), suite(KNOWN))

    assert result.refusal is not None
    assert result.refusal.code == "counts-differ"
    assert result.differing[0].rule == "word.known"
    assert result.differing[0].by_query in result.refusal.reason
    assert result.differing[0].by_great_expectations in result.refusal.reason
    assert result.passed_path is None


def test_a_check_that_broke_is_told_apart_from_one_that_failed(tmp_path: Path) -> None:
    # Great Expectations does not fail this one, it raises: there is no such partition.
    broken = rule(
        "kl", "expect_column_kl_divergence_to_be_less_than",
        {"column": "word", "partition_object": {"weights": [1.0]}, "threshold": 0.1},
    )  # fmt: skip

    result = screened(tmp_path, rows(40), suite(KNOWN, whole=(broken,)))

    assert list(result.errored) == ["kl"]
    assert result.refusal is not None
    assert result.refusal.code == "check-broke"
    assert "kl" not in [one.rule for one in result.differing]
    assert result.passed == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kwargs": {"column": "wrd"}}, "there is no column 'wrd'; did you mean word?"),
        ({"type": "expect_column_values_to_be_between", "kwargs": {"column": "said", "min_value": 4}},
         "the column 'said' is VARCHAR, and this compares numbers; say how it is read: columns: {said: number}"),
        ({"type": "expect_column_values_to_match_regex", "kwargs": {"column": "n", "regex": "4"}},
         "the column 'n' is BIGINT, and this compares text; did the column change its type?"),
        ({"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "n", "column_B": "word"}},
         "n and word are of several kinds"),
        ({"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "min_value": 4},
          "where": {"n": ["a"]}},
         "the column 'n' is BIGINT, and this compares text"),
    ],
)  # fmt: skip
def test_columns_that_are_not_there_or_of_another_kind_are_told_before_anything_is_counted(
    tmp_path: Path, changed: Row, said: str
) -> None:
    with pytest.raises(ExpectationError) as caught:
        screened(tmp_path, rows(5), suite({**KNOWN, **changed}))

    assert said in str(caught.value)


def test_a_file_that_was_cut_short_and_columns_of_our_names_are_told(tmp_path: Path) -> None:
    file = tmp_path / "cut.parquet"
    pl.DataFrame({"word": ["a"] * 1000}).write_parquet(file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ExpectationError, match="cannot be read whole"):
        screen_rows(file, suite(KNOWN), home=tmp_path, name="cut.parquet")

    pl.DataFrame({"word": ["a"], "rules": ["b"]}).write_parquet(file)
    with pytest.raises(ExpectationError, match="the column rules is ours"):
        screen_rows(file, suite(KNOWN), home=tmp_path, name="cut.parquet")


def test_a_suite_of_great_expectations_own_says_the_same(tmp_path: Path) -> None:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    declared = gx.ExpectationSuite(
        "Products",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="n", max_value=4, mostly=0.25, severity="warning", meta={"rule": "n.small", "missing": "passes"}
            ),
            gxe.ExpectTableRowCountToBeBetween(min_value=10),
        ],
    )

    taken = suite_of(declared)
    result = screened(tmp_path, rows(100), taken.model_copy(update={"refuse_above": 100}))

    assert taken.each_row[0].refuse_above == 75
    assert taken.each_row[0].severity == "warning"
    assert result.refusal is None
    assert set(result.rules) == {"n.small", "expectation.2"}
    with pytest.raises(ExpectationError, match="is of the kind"):
        suite_of(
            gx.ExpectationSuite(
                "x", expectations=[gxe.ExpectColumnValuesToMatchLikePattern(column="a", like_pattern="%")]
            )
        )


def test_the_report_opens_offline_shows_both_and_escapes_what_is_hostile(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    found = [{**row, "id": hostile} for row in rows(40)]
    mean = rule("n.mean", "expect_column_mean_to_be_between", {"column": "n", "min_value": 1})

    result = screened(tmp_path, found, suite(KNOWN, whole=(mean,), key="id"))

    page = Path(result.report).read_text()
    assert hostile not in page
    assert "default-src 'none'" in page
    assert "http:" not in page
    assert "https:" not in page
    assert "word.known" in page
    assert "What is expected of the whole" in page
    told = json.loads(Path(result.results).read_text())
    assert {one["expectation_config"]["meta"]["rule"] for one in told} == {"word.known", "n.mean"}
    account = json.loads(Path(result.report_data).read_text())
    assert "partial_unexpected_list" not in Path(result.results).read_text()
    assert account["rules"][0]["rows"] == result.rules["word.known"]


def test_no_value_of_a_row_gets_into_what_is_told(tmp_path: Path) -> None:
    secret = "ottoline.frob@example.com"
    found = [{**row, "word": secret} for row in rows(40)]
    common = rule("common", "expect_column_most_common_value_to_be_in_set", {"column": "word", "value_set": ["x"]})
    pattern = rule("pattern", "expect_column_values_to_match_regex", {"column": "word", "regex": "^x"})
    broken = rule(
        "kl",
        "expect_column_kl_divergence_to_be_less_than",
        {"column": "word", "partition_object": {"weights": [1.0]}, "threshold": 0.1},
    )

    for whole in ((common,), (broken,)):
        result = screened(tmp_path, found, suite(pattern, whole=whole))
        assert result.refusal is not None
        told = [result.refusal.reason, *(Path(one).read_text() for one in (result.report, result.results))]
        assert not [one for one in told if secret in one]


def of(folder: Path, cells: dict[str, Any], *each: Row, **more: Any) -> ScreenedRows:
    """What becomes of a table of these columns."""
    pa.parquet.write_table(pa.table(cells), folder / "rows.parquet")
    return screen_rows(folder / "rows.parquet", suite(*each, **more), home=folder, name="rows")


def known(column: str) -> Row:
    return rule("known", "expect_column_values_to_not_be_null", {"column": column})


@pytest.mark.parametrize(
    ("columns", "expected", "said"),
    [
        ({"id": [1], "ID": [None]}, known("ID"), "the columns id and ID differ in case alone"),
        ({"Row_Number": [2, 1]}, known("Row_Number"), "the column Row_Number is ours"),
        ({"file_row_number": [2, 1]}, known("file_row_number"), "is ours; give yours another name"),
        (
            {"a": pa.array([Decimal("100.000000000000000001")], pa.decimal128(38, 18))},
            rule("least", "expect_column_values_to_be_between", {"column": "a", "max_value": 100}),
            "more digits than are compared",
        ),
        ({"a": [[1], [1]]}, rule("once", "expect_column_values_to_be_unique", {"column": "a"}), "are not compared"),
    ],
)
def test_what_two_counts_would_read_alike_and_wrong_is_told_before_anything_is_counted(
    tmp_path: Path, columns: dict[str, Any], expected: Row, said: str
) -> None:
    with pytest.raises(ExpectationError) as caught:
        of(tmp_path, columns, expected)

    assert said in str(caught.value)


def test_a_column_is_read_as_something_else_only_where_it_is_text(tmp_path: Path) -> None:
    with pytest.raises(ExpectationError, match="only text can be read as a truth"):
        of(tmp_path, {"n": [1]}, known("n"), columns={"n": "truth"})
    empty = rule("empty", "expect_column_values_to_be_null", {"column": "a"})
    with pytest.raises(ExpectationError, match="what cannot be read would count as empty"):
        of(tmp_path, {"a": ["abc"]}, empty, columns={"a": "number"})


def test_blanks_at_a_names_end_are_part_of_it(tmp_path: Path) -> None:
    found = of(tmp_path, {"a": [1, 2], "a ": [None, 7]}, known("a "))

    assert (found.passed, found.rules) == (1, {"known": 1})


def test_numbers_with_more_digits_than_are_compared_count_as_missing(tmp_path: Path) -> None:
    equal = rule("equal", "expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"})
    columns = {"a": ["9007199254740993", "7"], "b": ["9007199254740992", "7"]}

    assert of(tmp_path, columns, equal, columns={"a": "number", "b": "number"}).passed == 1


@pytest.mark.timeout(60)
def test_a_line_break_in_a_value_neither_changes_a_pattern_nor_lets_it_run_for_ever(tmp_path: Path) -> None:
    words = ["٣", "c\n", "c", "7", None, "a" * 40 + "!", "aaa"]
    each = (
        rule("one", "expect_column_values_to_match_regex", {"column": "a", "regex": r"^\d$|c$"}),
        rule("slow", "expect_column_values_to_match_regex", {"column": "a", "regex": "^(a+)+$"}),
        rule("no", "expect_column_values_to_not_match_regex", {"column": "a", "regex": "c"}, missing="passes"),
        rule("any", "expect_column_values_to_match_regex_list", {"column": "a", "regex_list": ["c", "a"]}),
        rule(
            "all",
            "expect_column_values_to_match_regex_list",
            {"column": "a", "regex_list": ["a", "!"], "match_on": "all"},
        ),
        rule("none", "expect_column_values_to_not_match_regex_list", {"column": "a", "regex_list": ["!", "7"]}),
    )

    found = of(tmp_path, {"a": words}, *each)

    assert (found.errored, found.differing) == ({}, ())
    assert found.rules == {"one": 5, "slow": 6, "no": 2, "any": 3, "all": 6, "none": 3}


def test_odd_types_are_counted_alike(tmp_path: Path) -> None:
    stamps = pa.array([1_000_000_001, None], pa.timestamp("ns"))
    tens = {"i": pa.array([100, 1], pa.int8()), "j": pa.array([100, 2], pa.int8())}

    found = of(
        tmp_path,
        {"t": stamps, "z": [0.0, -0.0], "word": ["a", "a"], **tens},
        rule("late", "expect_column_values_to_be_between", {"column": "t", "min_value": "1970-01-01"}),
        rule("once", "expect_compound_columns_to_be_unique", {"column_list": ["z", "word"]}),
        rule("sum", "expect_multicolumn_sum_to_equal", {"column_list": ["i", "j"], "sum_total": 200}),
    )

    assert (found.errored, found.differing) == ({}, ())
    assert found.rules == {"late": 1, "once": 2, "sum": 1}


def test_a_suite_that_looks_at_no_column_counts_rows(tmp_path: Path) -> None:
    exactly = rule("rows", "expect_table_row_count_to_equal", {"value": 3})

    found = of(tmp_path, {"a": [1, 2, 3]}, whole=(exactly,))

    assert (found.refusal, found.passed) == (None, 3)


def test_what_breaks_is_named_by_its_kind_and_never_by_a_value(tmp_path: Path) -> None:
    columns = {"a": [2**63 - 1, 1], "b": [0.5, 1.5]}

    found = of(
        tmp_path,
        columns,
        rule("equal", "expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
        rule("far", "expect_column_values_to_be_between", {"column": "a", "max_value": 2**70}),
    )

    told = "".join(Path(one).read_text() for one in (found.report, found.report_data, found.results))
    assert str(2**63 - 1) not in told + str(found.refusal)


def test_moments_that_are_infinite_are_missing_and_those_beyond_every_calendar_are_far(tmp_path: Path) -> None:
    micro, most = pa.timestamp("us", "UTC"), 2**63 - 1
    at = pa.array([0, most, -most, 9_000_000_000_000_000_000, -9_000_000_000_000_000_000, None], pa.int64()).cast(micro)
    day = pa.array([0, 2**31 - 1, -(2**31 - 1), 40_000_000, -1_000_000, None], pa.int32()).cast(pa.date32())
    late = {"min_value": "1970-01-01"}

    found = of(
        tmp_path,
        {"at": at, "day": day},
        rule("at", "expect_column_values_to_be_between", {"column": "at", **late}),
        rule("day", "expect_column_values_to_be_between", {"column": "day", **late}),
        rule("at.known", "expect_column_values_to_not_be_null", {"column": "at"}),
    )

    assert (found.errored, found.differing) == ({}, ())
    assert found.rules == {"at": 4, "day": 4, "at.known": 3}

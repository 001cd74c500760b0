"""A suite of one's own is read with every fault at once, and its cases are tried before any row."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from presscheck.errors import ExpectationError
from presscheck.screening.expectations import find_suite, read_expectations
from presscheck.screening.expected_cases import load_suite

RATING: dict[str, Any] = {
    "rule": "rating.high",
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "rating", "min_value": 4},
    "message": "Fewer than four stars.",
    "do": "Recommend something else.",
    "cases": {"pass": [{"rating": 4}], "fail": [{"rating": 3.9}, {"rating": None}]},
}
ENOUGH: dict[str, Any] = {
    "rule": "enough",
    "type": "expect_table_row_count_to_be_between",
    "kwargs": {"min_value": 2},
    "message": "Too few products.",
    "do": "Look at the feed.",
    "cases": {"pass": [[{}, {}]], "fail": [[{}]]},
}


def written(folder: Path, *rows: dict[str, Any], **more: Any) -> Path:
    path = folder / "products.yaml"
    suite = {"title": "Products", "owner": "merchandising", "each_row": list(rows), **more}
    # What stands twice in it is written twice, and not named and pointed at.
    path.write_text(yaml.safe_dump(json.loads(json.dumps(suite)), sort_keys=False), encoding="utf-8")
    return path


def rule(**changed: Any) -> dict[str, Any]:
    return {**RATING, **changed}


def faults(path: Path) -> str:
    with pytest.raises(ExpectationError) as caught:
        load_suite(path)
    return str(caught.value)


def test_a_suite_is_read_and_its_cases_hold(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, RATING, whole=[ENOUGH]))

    assert [one.rule for one in suite.rules] == ["rating.high", "enough"]
    assert suite.looked_at == ("rating",)


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        rule(kwargs={"column": "rating", "min_valu": 4}),
        rule(rule="second", type="expect_column_values_to_be_betwen"),
        rule(rule="third", missing="pass"),
        rule(rule="Fourth one"),
        rule(rule="fifth", kwargs={"column": "rating", "min_value": "four"}),
        rule(rule="sixth", type="expect_column_values_to_match_regex", kwargs={"column": "a", "regex": "(?=b)"}),
        whole=[{**ENOUGH, "kwargs": {"min_value": -1}}],
    )

    told = faults(path)

    assert "each_row[0].kwargs.min_valu: is not a known key; did you mean min_value?" in told
    assert "did you mean expect_column_values_to_be_between?" in told
    assert "each_row[2].missing: “pass” is not one of exception, passes" in told
    assert "each_row[3].rule: “Fourth one” has the wrong form" in told
    assert "'four' is neither a number nor a day" in told
    assert "is no RE2 pattern" in told
    assert "whole[0].kwargs.min_value: “-1” is too small" in told
    assert all(line.startswith(f"{path}:") for line in told.splitlines())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cases": {"pass": [{"rating": 3}], "fail": [{"rating": 3}]}}, "cases.pass[1]: fails, and should pass"),
        ({"cases": {"pass": [{"rating": 5}], "fail": [{"rating": 5}]}}, "cases.fail[1]: passes, and should fail"),
        ({"cases": {"pass": [{"rating": 5}], "fail": [{"ratng": 3}]}}, "it names ratng, and the rule looks at rating"),
        ({"cases": {"pass": [5], "fail": [{"rating": 3}]}}, "a case is a mapping of columns"),
        ({"cases": None}, "has no cases"),
        ({"where": {"market": {}}}, "says nothing"),
    ],
)
def test_a_case_that_ends_otherwise_is_a_fault(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    assert said in faults(written(tmp_path, rule(**changed)))


def test_two_rules_of_one_name_are_a_fault(tmp_path: Path) -> None:
    assert "the rule rating.high is there twice" in faults(written(tmp_path, RATING, RATING))


def test_what_only_great_expectations_can_say_releases_nothing(tmp_path: Path) -> None:
    alone = {
        "rule": "spread",
        "type": "expect_column_quantile_values_to_be_between",
        "kwargs": {"column": "rating", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 5]]}},
        "message": "The middle is odd.",
        "do": "Look at it.",
    }

    assert "may hold and releases nothing" in faults(written(tmp_path, whole=[alone]))
    assert load_suite(written(tmp_path, RATING, whole=[alone])).whole[0].figure is None
    misspelt = {**alone, "kwargs": {"column": "rating", "quantile_range": {}}}
    assert "did you mean quantile_ranges?" in faults(written(tmp_path, RATING, whole=[misspelt]))


def test_a_suite_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "expectations").mkdir()
    written(tmp_path / "expectations", RATING)

    assert find_suite(tmp_path, "products").name == "products.yaml"
    with pytest.raises(ExpectationError, match="did you mean products"):
        find_suite(tmp_path, "product")
    with pytest.raises(ExpectationError, match="there is no such suite"):
        find_suite(tmp_path, "../products")


def test_a_file_that_is_no_suite_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("- just\n- a list\n")
    assert "is not a mapping" in faults(path)
    path.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in faults(path) or "UTF-16" in faults(path)
    with pytest.raises(ExpectationError):
        read_expectations(tmp_path / "none.yaml")


def test_the_version_is_of_what_is_said_and_not_of_how_it_is_laid_out(tmp_path: Path) -> None:
    first = load_suite(written(tmp_path, RATING)).version
    same = tmp_path / "products.yaml"
    same.write_text("# A word.\n" + same.read_text())

    assert load_suite(same).version == first
    assert load_suite(written(tmp_path, rule(severity="info"))).version != first


@pytest.mark.parametrize("bound", [float("inf"), float("nan"), "a\x00b"])
def test_what_has_no_place_in_sql_is_a_fault(tmp_path: Path, bound: object) -> None:
    path = written(tmp_path, RATING)
    shown = {"inf": ".inf", "nan": ".nan"}.get(str(bound), '"a\\0b"')
    path.write_text(path.read_text().replace("min_value: 4", f"min_value: {shown}"))

    assert "each_row[0].kwargs.min_value" in faults(path)


@pytest.mark.parametrize("name", ['a"b', "a'); DROP TABLE candidates; --", "é x"])
def test_names_and_values_never_end_their_quotes(tmp_path: Path, name: str) -> None:
    hostile = rule(
        type="expect_column_values_to_be_in_set",
        kwargs={"column": name, "value_set": [name]},
        cases={"pass": [{name: name}], "fail": [{name: "other"}, {name: None}]},
    )

    assert load_suite(written(tmp_path, hostile)).looked_at == (name,)


def test_the_suite_of_the_page_is_one(tmp_path: Path) -> None:
    page = Path("docs/expectations.md").read_text()
    path = tmp_path / "page.yaml"
    path.write_text(page.partition("```yaml\n")[2].partition("```")[0])

    suite = load_suite(path)

    assert [one.rule for one in suite.rules] == ["rating.high", "coats.where-it-is-cold", "enough"]
    assert suite.looked_at == ("category", "climate", "id", "rating")

"""In a campaign: rows that do not meet a suite are left out, and a suite that is not met holds the run."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import yaml
from prefect import State

from presscheck.wiring import read_settings
from tasks import Campaign, Table, deliver, expect, open_campaign, step
from tasks.holding import ended
from tests.tasks.stage import MADE, seven_people
from tests.tasks.test_several import Play, asks, message, play

__all__ = ["play"]

pytestmark = pytest.mark.slow

PRODUCTS = {"sku": ["a", "b", "c", "d"], "rating": [4.5, 3.9, None, 5.0]}
RATING: dict[str, Any] = {
    "rule": "rating.high",
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "rating", "min_value": 4},
    "message": "Fewer than four stars.",
    "do": "Recommend something else.",
    "cases": {"pass": [{"rating": 4}], "fail": [{"rating": 3}]},
}


MISSPELT = {"pass": [{"ratng": 4}], "fail": [{"ratng": 3}]}


@step("products", effect="makes")
def products(campaign: Campaign) -> pl.DataFrame:
    MADE.append("products")
    return pl.DataFrame(PRODUCTS)


def write(most: int = 60, **changed: Any) -> None:
    folder = read_settings().project / "expectations"
    folder.mkdir(exist_ok=True)
    suite = {"title": "Products", "owner": "shop", "refuse_above": most, "each_row": [{**RATING, **changed}]}
    (folder / "products.yaml").write_text(yaml.safe_dump(suite))


def body(seen: list[Table], suite: Any = "products") -> Callable[[], State]:
    def run() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        seen.append(expect(mail, products(mail), suite))
        return deliver(asks(mail, "copy", seven_people(mail)))

    return run


def test_rows_that_meet_the_suite_go_on_and_are_part_of_the_question(play: Play) -> None:
    write()
    seen: list[Table] = []
    stage = play(body(seen))

    assert stage.start() is None
    assert stage.wake() is None

    good = seen[-1]
    assert good.polars().to_dicts() == [{"sku": "a", "rating": 4.5}, {"sku": "d", "rating": 5.0}]
    assert good.digest in [used.digest for used in stage.review().question.tables]
    exceptions = [*(read_settings().home / "rows").glob("*.exceptions.parquet")]
    assert len(exceptions) == 1, "a wake counts nothing again"
    assert pl.read_parquet(exceptions[0])["rules"].to_list() == [["rating.high"], ["rating.high"]]


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda: write(most=10), "exceptions: 2 rows of 4 (50.0 %), and at most 10 % may be"),
        (lambda: write(kwargs={"column": "ratng", "min_value": 4}, cases=MISSPELT),
         "there is no column 'ratng'; did you mean rating?"),
        (lambda: write(cases={"pass": [{"rating": 3}], "fail": [{"rating": 3}]}), "fails, and should pass"),
        (lambda: None, "there is no such suite"),
    ],
)  # fmt: skip
def test_a_suite_that_is_not_met_or_is_wrong_holds_the_run_and_says_why(
    play: Play, prepare: Callable[[], None], said: str
) -> None:
    stage = play(body([]))
    prepare()

    assert said in message(stage.start())


def test_a_suite_of_great_expectations_own_is_taken_as_it_is(play: Play) -> None:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    declared = gx.ExpectationSuite(
        "Stock", expectations=[gxe.ExpectColumnValuesToBeInSet(column="sku", value_set=["a", "b", "c", "d"])]
    )
    seen: list[Table] = []

    def run() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        seen.append(expect(mail, products(mail), declared))
        return ended(str(seen[-1].rows), "")

    stage = play(run)
    stage.start()

    assert seen[0].rows == 4

"""Rows that a step made, put to a suite of one's own before anybody is asked about them.

    products = pick_products(campaign)                     # a Table
    products = expect(campaign, products, "products")      # expectations/products.yaml: those that meet it

What breaks a rule is left out, and kept with its rules beside the report; where the suite is not met as a whole, too
many rows break a rule, a check broke, or two counts differ, the campaign holds.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from presscheck.documents.sentences import counted
from presscheck.errors import ExpectationError
from presscheck.models import Digest
from presscheck.screening.expectations import find_suite, suite_of
from presscheck.screening.expected_cases import load_suite
from tasks import house
from tasks.holding import Hold
from tasks.opening import Campaign
from tasks.steps import step
from tasks.tables import Table, reading

if TYPE_CHECKING:
    from presscheck.screening.expectations import OwnSuite
    from tasks.screening_rows import ScreenedRows


def expect(campaign: Campaign, rows: Table, suite: "str | Any") -> Table:
    """The rows that meet a suite: the name of one in `expectations/`, or a `great_expectations.ExpectationSuite`.

    Hold where it is not met as a whole, and where the suite itself is wrong.
    """
    name = suite if isinstance(suite, str) else str(suite.name)
    try:
        wanted = suite_named(suite) if isinstance(suite, str) else suite_of(suite)
    except ExpectationError as error:
        raise Hold(f"{name} cannot be used: {error}") from error
    return _expected(campaign, rows, suite=name, version=wanted.version, said=wanted.model_dump_json(by_alias=True))


def suite_named(name: str) -> "OwnSuite":
    """The project's suite of this name, its cases tried. ExpectationError where there is none, or something is wrong
    with it."""
    return load_suite(find_suite(house.settings().project, name))


@step("expect", effect="makes", title="see whether the rows are as expected")
def _expected(campaign: Campaign, rows: Table, *, suite: str, version: Digest, said: str) -> pl.DataFrame:
    """Those that meet it. The suite is part of what the result is kept under: another suite is another result."""
    from prefect.artifacts import create_markdown_artifact

    from presscheck.screening.expectations import OwnSuite
    from tasks.screening_rows import screen_rows

    try:
        with reading(rows.used) as path:
            wanted = OwnSuite.model_validate_json(said)
            screened = screen_rows(path, wanted, home=house.settings().home, name=f"{rows.step}: {suite}")
    except ExpectationError as error:
        raise Hold(f"the rows of step {rows.step} cannot be put to {suite}: {error}") from error
    report = Path(screened.report)
    create_markdown_artifact(_summary(suite, screened, report), key="expect")
    if screened.refusal is not None or screened.passed_path is None:
        reason = screened.refusal.reason if screened.refusal else "nothing passed, without a reason"
        raise Hold(f"{suite}: {reason} The report: {house.settings().door_url}/report/{report.stem}")
    return pl.read_parquet(screened.passed_path)


def _summary(suite: str, screened: "ScreenedRows", report: Path) -> str:
    rules = [f"| {rule} | {count:,} |" for rule, count in screened.rules.items() if count]
    table = ["", "| rule | rows |", "|---|---:|", *rules] if rules else []
    return "\n".join(
        [
            f"{suite}: **{screened.passed:,}** of {counted(screened.rows, 'row')} passed; "
            f"{screened.exceptions:,} did not.",
            *table,
            "",
            f"[The whole report](/report/{report.stem}), which also opens without a network: `{report.name}`",
        ]
    )

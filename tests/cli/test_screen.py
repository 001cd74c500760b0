"""`presscheck screen`: rows against a suite of the project's, and the one that ships."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import CommandLine

SUITE = """
title: Products
owner: shop
key: sku
refuse_above: 60
each_row:
  - rule: rating.high
    type: expect_column_values_to_be_between
    kwargs: {column: rating, min_value: 4}
    message: Fewer than four stars.
    do: Recommend something else.
    cases: {pass: [{rating: 4}], fail: [{rating: 3}]}
"""
ROWS = "sku,rating\na,4.5\nb,3.9\nc,\nd,5\n"


@pytest.fixture
def files(project: Path) -> Path:
    (project / "expectations").mkdir()
    (project / "expectations" / "products.yaml").write_text(SUITE)
    (project / "data").mkdir()
    (project / "data" / "products.csv").write_text(ROWS)
    (project / "products.sql").write_text("SELECT sku, rating FROM 'products.csv' WHERE sku <> 'b'")
    return project


def test_a_file_is_screened_and_what_is_found_lies_in_the_folder(cli: CommandLine, files: Path) -> None:
    out = files / "out"

    done = cli("screen", str(files / "data" / "products.csv"), "--suite", "products", "--out", str(out), "--json")
    told = json.loads(done.stdout)

    assert done.exit_code == 1, "rows broke a rule"
    assert {name: told[name] for name in ("rows", "passed", "exceptions", "rules", "errored")} == {
        "rows": 4, "passed": 2, "exceptions": 2, "rules": {"rating.high": 2}, "errored": [],
    }  # fmt: skip
    assert isinstance(told["seconds"], float)
    assert pl.read_parquet(told["passed_file"])["sku"].to_list() == ["a", "d"]
    assert pl.read_parquet(told["exceptions_file"])["row_number"].to_list() == [2, 3]
    assert Path(told["report"]).is_relative_to(out)
    assert not [*out.glob(".screening-*")], "nothing half done is left"


def test_a_select_over_the_data_folder_is_screened_in_the_same_jail_as_a_segment(cli: CommandLine, files: Path) -> None:
    asked = ("screen", str(files / "products.sql"), "--suite", "products", "--out", str(files / "out"))

    assert cli.json(*asked)["rules"] == {"rating.high": 1}
    (files / "products.sql").write_text("SELECT * FROM '/etc/passwd'")
    refused = cli(*asked)
    assert refused.exit_code == 2
    assert "/etc/passwd" in refused.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ragged.csv", "sku,rating\na,4\nb,3,9\n", "ragged.csv:3: 3 cells where the first line has 2"),
        ("cut.parquet", "PAR1", "cannot be read whole"),
        ("odd.txt", "a", "is no .sql, .csv, .tsv or .parquet file"),
        ("none.csv", None, "there is no such file"),
    ],
)
def test_bad_input_is_told_with_its_place_and_exits_with_2(
    cli: CommandLine, files: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (files / name).write_text(content)

    done = cli("screen", str(files / name), "--suite", "products", "--out", str(files / "out"))

    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_suite_that_is_not_there_or_a_market_for_ones_own_is_told(cli: CommandLine, files: Path) -> None:
    file = str(files / "data" / "products.csv")

    unknown = cli("screen", file, "--suite", "product", "--out", str(files / "out"))
    market = cli("screen", file, "--suite", "products", "--out", str(files / "out"), "--market", "DE")

    assert (unknown.exit_code, market.exit_code) == (2, 2)
    assert "did you mean products?" in unknown.stderr
    assert "--market is for the suite recipients" in market.stderr


def test_recipients_are_screened_by_the_suite_that_ships(cli: CommandLine, files: Path, sqlite_url: str) -> None:
    people = ["id,address,consent_basis,consent_proof,consented_at,market"]
    people += [f"c{at},p{at}@example.com,consent,form {at},2026-01-01,DE" for at in range(9)]
    people += ["c9,no address,consent,form 9,2026-01-01,DE"]
    (files / "data" / "people.csv").write_text("\n".join(people) + "\n")
    (files / "people.sql").write_text("FROM read_csv('people.csv', all_varchar = true)")

    told = cli.json("screen", str(files / "people.sql"), "--suite", "recipients", "--out", str(files / "out"))

    assert (told["rows"], told["passed"], told["exceptions"]) == (10, 9, 1)
    assert told["rules"]["recipient.address"] == 1

"""Rows of every usual type are kept and read as they were; what is no rows is told."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tasks.holding import Hold
from tasks.tables import keep_rows

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TYPES: dict[str, pa.Array] = {
    "moments in a zone": pa.array([MOMENT, None], pa.timestamp("us", tz="Europe/London")),
    "decimals": pa.array([Decimal("1.50"), None], pa.decimal128(20, 2)),
    "categories": pa.array(["a", None]).dictionary_encode(),
    "lists of structs": pa.array([[{"a": 1, "b": [1.5]}], None]),
    "floats that are odd": pa.array([float("nan"), -0.0]),
    "big numbers": pa.array([2**63 - 1, -(2**63)]),
    "words": pa.array(["=1+1", "\u202ex"]),
    "bytes": pa.array([b"\x00", None]),
    "nothing": pa.nulls(2),
}


@pytest.mark.parametrize("name", TYPES)
def test_rows_are_read_as_they_were_made(project: Path, name: str) -> None:
    rows = pa.table({"it": TYPES[name]})

    table = keep_rows("rows", rows)

    assert (table.rows, [column for column, _ in table.columns]) == (2, ["it"])
    assert table.arrow().cast(rows.schema).to_pydict().__repr__() == rows.to_pydict().__repr__()
    assert table.polars().height == len(table.pandas()) == len(table.relation()) == 2


def test_no_rows_are_rows_as_long_as_there_are_columns(project: Path) -> None:
    assert keep_rows("rows", pl.DataFrame(schema={"a": pl.String})).rows == 0
    with pytest.raises(Hold, match="a table without columns"):
        keep_rows("rows", pd.DataFrame())


def test_the_same_rows_are_one_file_and_its_place_is_no_way_out_of_the_folder(project: Path, tmp_path: Path) -> None:
    first = keep_rows("rows", pl.DataFrame({"a": [1]}))
    path = project / ".presscheck" / "tables" / f"{first.digest}.parquet"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    path.unlink()
    path.symlink_to(elsewhere)

    again = keep_rows("rows", pl.DataFrame({"a": [1]}))

    assert again == first
    assert elsewhere.read_text() == "mine"
    assert not path.is_symlink()


def test_a_zone_is_kept_with_its_name(project: Path) -> None:
    rows = pd.DataFrame({"at": [MOMENT.astimezone(ZoneInfo("Asia/Kolkata"))]})

    read: Any = keep_rows("rows", rows).pandas()["at"][0]

    assert (read, str(read.tz)) == (MOMENT, "Asia/Kolkata")

"""What DuckDB sees of a CSV file is what was read of it, cell by cell."""

import csv
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presscheck.errors import SegmentError
from presscheck.screening.csv_sources import CsvRefused, CsvSource, lay_out

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6)


def shown(folder: Path, source: CsvSource) -> tuple[list[tuple], list[str]]:
    with duckdb.connect() as connection:
        (view,) = lay_out({"csv_0": source}, folder / "landed", SegmentError)
        connection.execute(view)
        found = connection.execute("SELECT * FROM csv_0")
        return found.fetchall(), [str(kind) for _, kind, *_ in found.description or []]


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(rows=st.lists(st.tuples(cells, cells), max_size=5), name=cells)
def test_a_view_has_every_row_and_every_cell_or_there_is_none(rows, name):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.csv")
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["one", f"two{name}"], *rows])

        try:
            found, _ = shown(Path(folder), CsvSource((file,), as_text=True))
        except SegmentError:
            return

        assert found == [tuple(cell or None for cell in row) for row in rows if "".join(row).strip()]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (["1", "-20", ""], "BIGINT"),
        (["1", "007"], "VARCHAR"),
        (["1", "1.50"], "DOUBLE"),
        (["1", "1,5"], "VARCHAR"),
        (["1e3", "2"], "VARCHAR"),
        (["true", "FALSE"], "BOOLEAN"),
        (["yes", "no"], "VARCHAR"),
        (["2026-11-29", "2024-02-29"], "DATE"),
        (["2026-11-29", "2026-02-30"], "VARCHAR"),
        (["2026-11-29 10:00", "2026-11-29T10:00:01.5"], "TIMESTAMP"),
        (["1", "2", "n/a"], "VARCHAR"),
        (["", ""], "VARCHAR"),
    ],
)
def test_a_column_is_of_a_type_if_every_cell_is_written_as_one(written, kind, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a,b\n" + "".join(f'x,"{cell}"\n' for cell in written))

    rows, kinds = shown(tmp_path, CsvSource((file,)))
    (tmp_path / "landed").rename(tmp_path / "before")
    as_text, _ = shown(tmp_path, CsvSource((file,), as_text=True))

    assert len(rows) == len(written)
    assert kinds[1] == kind
    assert [cell for _, cell in as_text] == [cell or None for cell in written]


def test_a_source_that_cannot_be_known_is_refused(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")

    for options in ({"skip": None}, {"delim": "::"}, {"header": None}, {"names": ["a"]}, {"": "1"}, {"newer": "1"}):
        with pytest.raises(CsvRefused):
            CsvSource.of([file], options)


def test_reading_that_takes_too_long_is_stopped(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a,b\n" + "1,2\n" * 50_000)

    with pytest.raises(SegmentError, match="took too long"):
        lay_out({"csv_0": CsvSource((file,))}, tmp_path / "landed", SegmentError, time_limit_s=-1)

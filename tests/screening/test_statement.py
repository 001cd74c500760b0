"""Any text at all is read as one checked SELECT, or refused with a fault."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.errors import SegmentError
from presscheck.screening.statement import read_statement

PIECES = r"""
SELECT FROM WITH AS ( ) , ; * 1 'people.csv' "people.csv" '../x.csv' read_csv people WHERE = x $1 -- /* */ '' UNION
VALUES COPY TO INSERT INTO PIVOT ON [ ] { } : :: := => lambda NULL 'é' \ E'x' $$x$$ ? . -1 RECURSIVE
"""
WORDS = st.sampled_from(["\n", *PIECES.split()])


@pytest.fixture(scope="module")
def parser():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)))
def test_no_text_brings_anything_but_a_segment_error(text, data, tmp_path, parser):
    path = tmp_path / "segment.sql"
    path.write_text(text, encoding="utf-8", errors="replace")

    try:
        statement = read_statement(path, data)
    except SegmentError:
        return

    assert len(parser.extract_statements(f"SELECT * FROM ({statement.text}\n)")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "+".join(["1"] * 2000),
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "(SELECT " * 400 + "1" + ")" * 400,
        "SELECT " + "[" * 800 + "]" * 800,
        " UNION ALL ".join(["SELECT 1"] * 1000),
        "SELECT " + "NOT " * 900 + "true",
        "SELECT " + "abs(" * 900 + "1" + ")" * 900,
        "SELECT CASE WHEN " * 300 + "1",
    ],
    ids=["sum", "brackets", "subqueries", "lists", "unions", "nots", "calls", "cases"],
)
def test_what_is_nested_too_deep_is_read_or_refused_and_kills_nobody(text, data, write_sql):
    try:
        read_statement(write_sql(text), data)
    except SegmentError as refused:
        assert len(str(refused)) < 2000  # noqa: PT017 - either way is right; a crash is not.


def test_csv_files_become_views_wherever_they_stand(data, write_sql):
    sql = write_sql("SELECT 'é', 'people.csv' FROM 'people.csv' JOIN read_csv(['people.csv']) USING (id)")

    statement = read_statement(sql, data)

    assert statement.text == (
        "SELECT 'é', 'people.csv' FROM csv_31 AS \"people\" JOIN csv_49 AS \"read_csv\" USING (id)"
    )
    assert [source.files for source in statement.sources.values()] == [(data / "people.csv",)] * 2


def test_a_quote_in_a_folder_s_name_ends_no_literal(tmp_path, write_sql):
    folder = tmp_path / "it's data"
    folder.mkdir()
    (folder / "people.parquet").write_bytes(b"PAR1")

    statement = read_statement(write_sql("FROM 'people.parquet'"), folder)

    assert statement.text == f"FROM '{tmp_path}/it''s data/people.parquet'"


def test_all_faults_of_a_statement_are_told_at_once_in_order(data, write_sql):
    sql = write_sql("SELECT random()\nFROM '../a.csv',\n'b.csv',\nread_text('c')")

    with pytest.raises(SegmentError) as caught:
        read_statement(sql, data)

    assert [fault.line for fault in caught.value.faults] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("-- Tidy ü up; first.\n/* and\nmore */\nDROP TABLE people;\n", 4),
        ("SELECT 1 AS id;\n\n-- Now; the rest.\nDELETE FROM people;\n", 4),
        ("-- One.\nSELECT ';' AS id\n; SELECT 2 AS id", 3),
        ("COPY people TO 'x.csv'", 1),
    ],
)
def test_a_statement_too_many_or_of_another_kind_is_named_with_its_line(text, line, data, tmp_path):
    path = tmp_path / "segment.sql"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SegmentError) as refused:
        read_statement(path, data)

    assert [fault.line for fault in refused.value.faults] == [line]

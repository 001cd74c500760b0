"""A segment's SQL becomes typed candidates in Parquet, or a fault with its line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from presscheck.errors import SegmentError
from presscheck.screening.segment import run_segment

FULL = "SELECT * FROM read_csv('people.csv', all_varchar = true)"
ONE = (
    "SELECT {id} AS id, 'a@example.com' AS address, 'consent' AS consent_basis, 'p' AS consent_proof, "
    "{when} AS consented_at, 'US' AS market"
)


def faults_of(sql: Path, data: Path, tmp_path: Path, **options) -> list[str]:
    with pytest.raises(SegmentError) as caught:
        run_segment(sql, data, tmp_path / "out.parquet", **options)
    assert not (tmp_path / "out.parquet").exists()
    return [str(fault) for fault in caught.value.faults]


def test_candidates_are_typed_numbered_and_in_order_of_id(data, write_sql, tmp_path, rows_of):
    out = run_segment(write_sql(FULL), data, tmp_path / "out.parquet")

    assert rows_of(out, "row_number, id, consented_at, birth_year, attributes") == [
        (1, "c1", datetime(2026, 1, 1, 10, tzinfo=UTC), 1990, '{"first_name":"Ana"}'),
        (2, "c2", datetime(2026, 2, 1, tzinfo=UTC), 1985, None),
    ]


def test_the_same_input_gives_the_same_bytes(data, write_sql, tmp_path):
    first = run_segment(write_sql(FULL), data, tmp_path / "one.parquet")
    second = run_segment(write_sql(FULL + " ORDER BY id DESC"), data, tmp_path / "two.parquet")

    assert first.read_bytes() == second.read_bytes()


def test_a_value_that_cannot_be_cast_becomes_null_and_its_row_stays(data, write_sql, tmp_path, rows_of):
    people = (data / "people.csv").read_text()
    (data / "people.csv").write_text(people.replace("2026-02-01", "1 Feb").replace("1985", "?"))

    out = run_segment(write_sql(FULL), data, tmp_path / "out.parquet")

    assert rows_of(out, "id, consented_at, birth_year")[1] == ("c2", None, None)


@pytest.mark.parametrize(
    "sql",
    [
        FULL + "\n;\n-- and a remark",
        FULL + " -- a remark without a line break",
        "FROM 'people.csv'",
        'SELECT people.* FROM "people.csv"',
        "WITH everybody AS (FROM 'people.csv') SELECT * FROM everybody",
        "SELECT * FROM read_csv(['people.csv'], all_varchar = true)",
        "SELECT * FROM 'peo*.csv'",
        "SELECT 'é' AS id, * EXCLUDE (id) FROM 'people.csv' -- ; é",
        "SELECT * FROM 'people.csv' WHERE try_cast(consented_at AS TIMESTAMPTZ) < getvariable('as_of')",
    ],
)
def test_ordinary_forms_of_a_segment_work(sql, data, write_sql, tmp_path, rows_of):
    out = run_segment(write_sql(sql), data, tmp_path / "out.parquet", as_of=datetime(2026, 11, 21, tzinfo=UTC))

    assert len(rows_of(out)) == 2


def test_parquet_is_read_too(data, write_sql, tmp_path, rows_of):
    (data / "sub").mkdir()
    run_segment(write_sql(FULL), data, data / "sub" / "people.parquet")
    columns = "id, address, consent_basis, consent_proof, consented_at, market"

    out = run_segment(write_sql(f"SELECT {columns} FROM 'sub/people.parquet'"), data, tmp_path / "out.parquet")

    assert [row[0] for row in rows_of(out, "id")] == ["c1", "c2"]


def test_missing_extra_and_wrongly_typed_columns_are_told_together(data, write_sql, tmp_path):
    sql = write_sql(
        "SELECT id, address, 'consent' AS consent_basis, 7 AS consented_at, 'US' AS market, 1 AS score "
        "FROM 'people.csv'"
    )

    faults = faults_of(sql, data, tmp_path)

    assert len(faults) == 3
    assert "there is no column consent_proof" in faults[0]
    assert any("consented_at is INTEGER and must be a date" in fault for fault in faults)
    assert any("score is not part of an audience" in fault for fault in faults)


@pytest.mark.parametrize("kind", ["[1]", "{'a': 1}", "'x'::BLOB", "1.5"])
def test_an_id_of_a_strange_type_is_a_fault(kind, data, write_sql, tmp_path):
    faults = faults_of(write_sql(ONE.format(id=kind, when="NULL")), data, tmp_path)

    assert "must be text, a whole number or a UUID" in faults[0]


def test_an_empty_segment_says_so(data, write_sql, tmp_path):
    assert "the segment is empty" in faults_of(write_sql(FULL + " WHERE false"), data, tmp_path)[0]


def test_an_error_in_sql_names_its_line(data, write_sql, tmp_path):
    faults = faults_of(write_sql("SELECT id,\n  addres\nFROM 'people.csv'"), data, tmp_path)

    assert faults[0].startswith(f"{tmp_path}/segment.sql:2: ")


def whole(id_: str) -> str:
    return ONE.format(id=id_, when="NULL").removeprefix("SELECT ") + "\nFROM 'people.csv'"


@pytest.mark.parametrize(
    ("select", "said", "never"),
    [
        ("id, any_value(address) FROM 'people.csv'", "must appear in the GROUP BY clause", "ANY_VALUE"),
        (whole("(SELECT id FROM 'people.csv')"), "scalar subqueries", "SET "),
        ("id::INT * 9223372036854775807 * 3 AS id FROM 'people.csv'", "segment.sql", "ignore_errors"),
        ("id FROM 'torn.parquet'", "too small to be a Parquet file", "TRY_CAST"),
        (whole("strptime(id, '%Y')::VARCHAR"), "try_strptime", "TRY_CAST"),
        ("abs(id || 'x') AS id FROM 'people.csv'", "No function matches", "You might"),
    ],
)
def test_what_duckdb_advises_is_not_passed_on(data, write_sql, tmp_path, select, said, never):
    (data / "torn.parquet").write_bytes(b"nope")

    faults = faults_of(write_sql(f"SELECT {select}"), data, tmp_path)

    assert said in faults[0]
    assert never not in faults[0]


def test_an_error_in_the_data_names_the_line_and_the_way_out(data, write_sql, tmp_path):
    sql = write_sql(ONE.format(id="1", when="NULL") + "\nFROM 'people.csv' WHERE birth_year::INT > 0\nAND id::INT = 1")

    faults = faults_of(sql, data, tmp_path)

    assert "segment.sql:3: " in faults[0]
    assert "TRY_CAST" in faults[0]


@pytest.mark.slow
def test_a_segment_that_takes_too_long_is_stopped(data, write_sql, tmp_path):
    endless = " FROM range(100000000) a, range(100000000) b WHERE a.range % 7 = b.range % 11"

    faults = faults_of(write_sql(ONE.format(id="a.range", when="NULL") + endless), data, tmp_path, time_limit_s=0.3)

    assert "longer than 0.3 s" in faults[0]


def test_a_segment_that_needs_too_much_memory_is_stopped(data, write_sql, tmp_path):
    greedy = ONE.format(id="length(string_agg(repeat(range::VARCHAR, 20), ''))", when="NULL") + " FROM range(3000000)"

    faults = faults_of(write_sql(greedy), data, tmp_path, memory_limit_mb=60)

    assert "needs more memory" in faults[0]


@pytest.mark.slow
def test_a_large_sort_spills_and_leaves_nothing_behind(data, write_sql, tmp_path):
    many = ONE.format(id="hash(range)", when="NULL") + " FROM range(300000)"

    run_segment(write_sql(many), data, tmp_path / "out.parquet", memory_limit_mb=80)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out.parquet", "segment.sql"]


@pytest.mark.parametrize(
    "raw", ["SELECT 'caf\xe9'\n".encode("latin-1"), b"SELECT 1 \x00", b"", b"-- nothing\n", b"x" * 300_000]
)
def test_a_file_that_is_no_sql_text_is_a_fault(raw, data, write_sql, tmp_path):
    sql = write_sql("")
    sql.write_bytes(raw)

    assert faults_of(sql, data, tmp_path)


def test_a_missing_file_and_a_missing_folder_are_faults(data, write_sql, tmp_path):
    assert "cannot be read" in faults_of(tmp_path / "none.sql", data, tmp_path)[0]
    assert "no such data folder" in faults_of(write_sql(FULL), tmp_path / "none", tmp_path)[0]


def test_a_misspelt_source_is_named_with_its_line_and_the_near_one(data, write_sql, tmp_path):
    faults = faults_of(write_sql("SELECT *\nFROM 'peopel.csv'"), data, tmp_path)

    assert faults == [
        f"{tmp_path}/segment.sql:2: there is no file 'peopel.csv' in the data folder; did you mean 'people.csv'?"
    ]

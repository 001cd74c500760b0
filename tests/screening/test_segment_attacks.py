"""A user's SELECT reads one folder, writes nothing, and learns nothing of the machine."""

import os

import pytest

from presscheck.errors import SegmentError
from presscheck.screening.jail import jail
from presscheck.screening.segment import run_segment
from presscheck.screening.statement import read_statement

COLUMNS = "'{}' AS address, 'consent' AS consent_basis, 'p' AS consent_proof, NULL AS consented_at, 'US' AS market"

WRITES = [
    "COPY (SELECT 1) TO '{there}'",
    "COPY (SELECT 1) TO 'written.csv'",
    "WITH w AS (COPY (SELECT 1) TO '{there}') SELECT * FROM w",
    "WITH w AS (COPY (SELECT 1) TO '{inside}') SELECT * FROM w",
    "SELECT * FROM (WITH w AS (COPY (SELECT 1) TO '{inside}') FROM w)",
    # With every column that an audience needs, so that no missing column stops them first.
    "WITH w AS (COPY (SELECT 1) TO '{inside}') SELECT 1 AS id, {columns} FROM w",
    "SELECT 1 AS id, {columns} FROM (WITH w AS (COPY (SELECT 1) TO '{inside}') FROM w)",
    "WITH w AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM w",
    "CREATE TABLE t AS SELECT 1",
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "DROP TABLE t",
    "EXPORT DATABASE '{there}'",
    "ATTACH '{there}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET ALL",
    "PRAGMA database_list",
    "CALL enable_logging()",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "BEGIN",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{there}'",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE p AS SELECT 1",
    "SHOW TABLES",
    "DESCRIBE SELECT 1",
    "SUMMARIZE SELECT 1",
    "SELECT 1) TO '{there}'; --",
    "SELECT 1) TO '{there}' --",
]

READS = [
    "'{secret}'",
    "read_csv('{secret}')",
    "read_csv(['people.csv', '{secret}'])",
    "read_csv('../secret.csv')",
    "read_csv('sub/../../secret.csv')",
    "'../secret.csv'",
    "'*/../../secret.csv'",
    "read_csv('~/secret.csv')",
    "read_csv('file://{secret}')",
    "read_csv('https://example.com/secret.csv')",
    "'https://example.com/secret.csv'",
    "'s3://bucket/secret.parquet'",
    "read_text('{secret}')",
    "read_text('/etc/passwd')",
    "read_blob('{secret}')",
    "read_json('{secret}')",
    "read_duckdb('{secret}')",
    "read_csv('{secr' || 'et}')",
    "read_csv(getvariable('path'))",
    "sniff_csv('{secret}')",
    "glob('{folder}/*')",
    "parquet_metadata('{secret}')",
    "parquet_scan('{secret}')",
    "query('FROM read_text(''{secret}'')')",
    "query_table('{secret}')",
    "json_execute_serialized_sql('{{}}')",
    "duckdb_settings()",
    "duckdb_secrets()",
    "duckdb_functions()",
    "which_secret('a', 's3')",
    "pragma_database_size()",
    "enable_logging()",
    "information_schema.tables",
    "pg_catalog.pg_class",
    "pandas_scan(0)",
    "arrow_scan(0, 0, 0)",
    "secret_frame",
    "read_csv(E'people.csv')",
    "read_csv($$people.csv$$)",
]


@pytest.mark.parametrize("sql", WRITES)
def test_nothing_but_one_select_runs(sql, data, write_sql, tmp_path):
    there, inside = tmp_path / "there.csv", data / "inside.csv"
    before = sorted(os.listdir(data))

    filled = sql.replace("{there}", str(there)).replace("{inside}", str(inside)).replace("{columns}", COLUMNS)
    segment = write_sql(filled)
    with pytest.raises(SegmentError):
        run_segment(segment, data, tmp_path / "out")

    assert not there.exists()
    assert sorted(os.listdir(data)) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("WITH w AS (COPY (SELECT 1) TO 'written.csv') SELECT * FROM w", "COPY"),
        ("WITH w AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM w", "INSERT"),
        ("SELECT * FROM (SHOW TABLES)", "SHOW"),
        ("SUMMARIZE SELECT 1", "SHOW"),
    ],
)
def test_what_duckdb_calls_a_select_and_is_none_is_found_in_its_tree(sql, what, data, write_sql):
    with pytest.raises(SegmentError, match=f"a segment only reads, and this holds {what}"):
        read_statement(write_sql(sql), data)


@pytest.mark.parametrize("source", READS)
def test_nothing_outside_the_folder_is_read(source, data, write_sql, tmp_path):
    secret_frame = "a Python name that DuckDB must not find"
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n")
    (data / "sub").mkdir()
    source = source.replace("{secret}", str(secret)).replace("{folder}", str(tmp_path))

    with pytest.raises(SegmentError) as caught:
        run_segment(write_sql(f"SELECT 1 AS id, {COLUMNS} FROM {source}"), data, tmp_path / "out.parquet")

    assert "hunter2" not in str(caught.value)
    assert not (tmp_path / "out.parquet").exists()
    assert secret_frame not in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "getenv('HOME')",
        "current_setting('home_directory')",
        "random()",
        "uuid()",
        "now()",
        "current_date",
        "CURRENT_TIMESTAMP",
        "today()",
        "nextval('s')",
        "(SELECT max(x) FROM (SELECT random() AS x))",
        "write_log('x')",
        "$1",
    ],
)
def test_nothing_of_the_machine_or_the_moment_gets_in(expression, data, write_sql, tmp_path):
    segment = write_sql(f"SELECT ({expression})::VARCHAR AS id, {COLUMNS} FROM 'people.csv'")

    with pytest.raises(SegmentError):
        run_segment(segment, data, tmp_path / "out")


@pytest.mark.parametrize(
    "option", ["ignore_errors = true", "store_rejects := true", "IGNORE_ERRORS = 1", "rejects_limit = 5"]
)
def test_no_option_may_let_rows_vanish(option, data, write_sql, tmp_path):
    with pytest.raises(SegmentError, match="lets rows vanish"):
        run_segment(write_sql(f"FROM read_csv('people.csv', {option})"), data, tmp_path / "out")


def test_a_sample_is_refused(data, write_sql, tmp_path):
    with pytest.raises(SegmentError, match="another one each time"):
        run_segment(write_sql("FROM 'people.csv' TABLESAMPLE 50%"), data, tmp_path / "out")


def test_a_link_in_the_data_folder_is_refused(data, write_sql, tmp_path):
    (tmp_path / "secret.csv").write_text("word\nhunter2\n")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")

    with pytest.raises(SegmentError, match=r"link\.csv: links may lead out"):
        run_segment(write_sql("FROM 'people.csv'"), data, tmp_path / "out")


def test_a_linked_subfolder_is_refused(data, write_sql, tmp_path):
    (tmp_path / "other").mkdir()
    (data / "sub").symlink_to(tmp_path / "other")

    with pytest.raises(SegmentError, match="links may lead out"):
        run_segment(write_sql("FROM 'sub/*.csv'"), data, tmp_path / "out")


def test_a_pipe_in_the_data_folder_is_refused_rather_than_waited_for(data, write_sql, tmp_path):
    os.mkfifo(data / "pipe.csv")

    with pytest.raises(SegmentError, match="no ordinary file"):
        run_segment(write_sql("FROM 'pipe.csv'"), data, tmp_path / "out")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('{data}/../secret.csv')",
        "SELECT * FROM read_csv('{data}base/secret.csv')",
        "COPY (SELECT 1) TO '{outside}'",
        "SET enable_external_access = true",
        "SET max_execution_time = 0",
        "SET allowed_directories = ['/']",
        "ATTACH '{outside}'",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_the_jail_holds_even_without_the_walls_before_it(sql, data, tmp_path):
    import duckdb

    (tmp_path / "secret.csv").write_text("word\nhunter2\n")
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "secret.csv").write_text("word\nhunter2\n")
    outside = tmp_path / "outside.csv"

    with (
        jail(data, writes=tmp_path / "out", as_of=None, time_limit_s=5) as shut,
        pytest.raises(duckdb.Error) as caught,
    ):
        shut.execute(sql.replace("{data}", str(data)).replace("{outside}", str(outside))).fetchall()

    assert "hunter2" not in str(caught.value)
    assert not outside.exists()

"""A segment in a database reads customers' tables, and cannot be talked into anything else."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from presscheck.errors import CatalogueError, SegmentError, SettingsError
from presscheck.screening.database_sql import check_select, database_of
from presscheck.screening.database_words import FUNCTIONS
from presscheck.screening.landing import Wrong
from presscheck.screening.landing_sqlite import land
from presscheck.screening.statement import read_statement
from presscheck.settings import Settings

HERE = Path("segment.sql")
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)

REFUSED = [
    "DELETE FROM people",
    "VALUES (1)",
    "TABLE people",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE people",
    "SELECT 1 -- ; \n; DELETE FROM people",
    "SELECT 1) TO PROGRAM 'sh' --",
    "SELECT 1) AS x; DROP TABLE people; SELECT * FROM (SELECT 1",
    "SELECT (1))((1)",
    "SELECT [1)",
    "WITH x AS (INSERT INTO people VALUES (1) RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM people RETURNING id) SELECT * FROM x",
    "WITH x AS (UPDATE people SET id = 1 RETURNING id) SELECT * FROM x",
    "WITH x AS (MERGE INTO people USING p ON true WHEN MATCHED THEN DELETE) SELECT * FROM x",
    "SELECT * INTO stolen FROM people",
    "SELECT 1INTO stolen FROM people",
    "SELECT 1.5e3INTO stolen FROM people",
    "SELECT id FROM people FOR UPDATE",
    "SELECT id FROM people FOR NO KEY UPDATE",
    "COPY (SELECT 1) TO PROGRAM 'sh'",
    "COPY people TO STDOUT",
    "SELECT $$x$$",
    "SELECT $a$x$a$",
    "SELECT $1",
    "SELECT E'\\' OR 1; --'",
    "SELECT U&'\\0041'",
    'SELECT U&"\\0041" FROM people',
    "SELECT x'41'",
    "SELECT /* /* */ 1; DELETE FROM people; -- */ */ 2",
    "SELECT /* never closed",
    "SELECT 'never closed",
    'SELECT "never closed',
    "SELECT 1 --\rDELETE FROM people",
    "SELECT pg_sleep(9)",
    'SELECT "pg_sleep"(9)',
    "SELECT pg_catalog.lower('x')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_shadow",
    'SELECT * FROM "pg_shadow"',
    "SELECT * FROM information_schema.tables",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM dblink('host=elsewhere', 'SELECT 1') AS (a int)",
    "SELECT query_to_xml('DELETE FROM people', true, true, '')",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT public.lower('x')",
    "SELECT nextval('s')",
    "SELECT my_own_function(1)",
    "SELECT random()",
    "SELECT now()",
    "SELECT current_timestamp",
    "SELECT Current_User",
    "SELECT 'now'::timestamptz",
    "SELECT timestamp 'Tomorrow 10:00'",
    "SELECT id FROM people TABLESAMPLE SYSTEM (50)",
    "SELECT getvariable('password')",
    "SELECT getvariable('as_of' || 'x')",
    "SELECT load_extension('x.so')",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_database_list",
    "PRAGMA writable_schema = 1",
    "ATTACH 'other.db' AS other",
    "SELECT `id` FROM people",
    "SELECT id FROM people WHERE id = 'a\x0b'; DELETE FROM people",
    "SELECT 1\ufeff",
    "SELECT 1 \u00a0; DELETE FROM people",
    "",
    "-- only a remark",
    ";;;",
]
FOR_SQLITE = [
    "SELECT [id] FROM people",
    "SELECT ?1",
    "SELECT :name",
    "SELECT @name",
    "SELECT date()",
    "SELECT strftime('%Y')",
    "SELECT date('now')",
    "SELECT datetime(since, 'localtime') FROM people",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_more_than_read_customers_is_refused_for_every_database(sql):
    for dialect in ("postgresql", "sqlite"):
        with pytest.raises(SegmentError):
            check_select(sql, HERE, dialect, as_of=AS_OF)


@pytest.mark.parametrize("sql", FOR_SQLITE)
def test_what_only_sqlite_reads_so_is_refused_there(sql):
    with pytest.raises(SegmentError):
        check_select(sql, HERE, "sqlite", as_of=AS_OF)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT lower(trim(mail)) AS address FROM shop.people WHERE mail LIKE '%;--%' AND id IN (1, 2)",
        "WITH one AS (SELECT 'it''s; DROP TABLE x' AS \"update\") SELECT * FROM one",
        "SELECT CAST(born AS numeric(10, 2)), row_number() OVER (PARTITION BY id ORDER BY since) FROM people AS p",
        "SELECT * FROM (VALUES (1, 'a')) AS t(a, b) WHERE NOT EXISTS (SELECT 1 FROM x WHERE x.comment = b);",
        "SELECT json_build_object('first_name', first_name) FROM people /* all ; of \n them */ WHERE 1e3 > .5",
        "SELECT count(*) FILTER (WHERE (a)) FROM people GROUP BY (b) HAVING (max(c) > 1) LIMIT (1)",
    ],
)
def test_ordinary_segments_stay_as_they_are(sql):
    checked = check_select(sql, HERE, "postgresql", as_of=AS_OF)

    assert checked.count("\n") == sql.count("\n")
    assert "/*" not in checked


def test_every_fault_is_told_at_once_with_its_line():
    with pytest.raises(SegmentError) as caught:
        check_select("SELECT pg_sleep(1),\n random()\nFROM x FOR UPDATE", HERE, "postgresql", as_of=None)

    assert [fault.line for fault in caught.value.faults] == [1, 2, 3, 3]


def test_the_time_of_the_campaign_is_a_value_and_never_text_of_the_segment():
    for_postgresql = check_select("SELECT getvariable('as_of'),\n1", HERE, "postgresql", as_of=AS_OF)
    for_sqlite = check_select("SELECT getvariable( 'as_of' )", HERE, "sqlite", as_of=AS_OF)

    assert for_postgresql == "SELECT (CAST('2026-11-21T12:00:00+00:00' AS timestamptz)),\n1"
    assert for_sqlite == "SELECT ('2026-11-21 12:00:00')"


@pytest.mark.parametrize(
    "text",
    [
        "-- database: ../shop\nSELECT 1",
        "-- database:\nSELECT 1",
        "-- database: one\n-- database: two\nSELECT 1",
        "SELECT 1\n-- database: shop",
    ],
)
def test_a_header_that_could_be_misread_is_refused(text):
    with pytest.raises(SegmentError):
        database_of(text, HERE)


def test_the_docs_list_every_function_that_may_be_called():
    page = (Path(__file__).parents[2] / "docs" / "audiences.md").read_text()

    listed = page.partition("What may be called:\n\n```\n")[2].partition("```")[0].split()

    assert set(listed) == FUNCTIONS


def test_a_catalogue_names_no_database(tmp_path):
    (tmp_path / "catalogue.sql").write_text("-- Database: shop\nSELECT 1")

    with pytest.raises(CatalogueError, match="export it"):
        read_statement(tmp_path / "catalogue.sql", tmp_path, error=CatalogueError)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:hunter2@db/shop",
        "postgresql://ana@db/shop?password=hunter2",
        "postgresql://db/shop?passfile=/tmp/hunter2",
        "postgresql://db/shop?p%61ssword=hunter2",
        "postgresql://db/shop?options=-c%20hunter2",
        "postgresql://ana@db/shop",
        "sqlite:///shop.db?mode=rwc",
        "sqlite://db/shop.db",
        "mysql://db/hunter2",
        "hunter2",
    ],
)
def test_an_address_with_a_password_or_an_option_is_refused_and_not_repeated(url, tmp_path):
    (tmp_path / "presscheck.toml").write_text(f'[databases.shop]\nurl = "{url}"\n')

    with pytest.raises(SettingsError) as caught:
        Settings.read(tmp_path, {})

    assert "databases.shop.url" in str(caught.value)
    assert "hunter2" not in str(caught.value)


# What follows goes past the first wall, as if it had missed something.


@pytest.mark.parametrize(
    "select",
    [
        "SELECT load_extension('x')",
        "SELECT name AS id FROM sqlite_master",
        "SELECT name AS id FROM pragma_database_list",
        "SELECT randomblob(9) AS id",
    ],
)
def test_sqlite_itself_is_asked_what_a_segment_would_do(select, tmp_path):
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as owner:
        owner.execute("CREATE TABLE people (id)")
    owner.close()
    order = {"file": str(file), "name": "shop", "select": select, "columns": {"id": ["text", "text"]}, "required": []}

    with pytest.raises(Wrong) as caught:
        land(order)

    assert "may not use" in caught.value.faults[0][1]


@pytest.mark.parametrize(
    "select",
    [
        "WITH x AS (INSERT INTO people VALUES ('x') RETURNING id) SELECT id FROM x",
        "SELECT set_config('transaction_read_only', 'off', false) AS id FROM people",
        "SELECT id FROM people FOR UPDATE",
        "SELECT 1 AS id); INSERT INTO people VALUES ('x'); SELECT 1 FROM (SELECT 1 AS id",
        "SELECT nextval('numbers')::text AS id",
    ],
)
def test_postgresql_s_session_cannot_write_even_for_a_user_who_may(select, postgres, written):
    from presscheck.screening import landing_postgresql

    order = {
        "url": written, "user": "careless", "password": "", "name": "shop", "seconds": 5, "select": select,
        "columns": {"id": ["text", "text"]}, "required": [], "max_rows": 10, "max_bytes": 1 << 20,
        "out": "/dev/null",
    }  # fmt: skip

    with pytest.raises(Wrong):
        landing_postgresql.land(order)

    with psycopg.connect(postgres.url("written")) as owner:
        assert owner.execute("SELECT count(*) FROM people").fetchone() == (1,)


@pytest.fixture(scope="module")
def written(postgres):
    """A database that the segments' user may write to, as it should not be."""
    postgres.sql("CREATE DATABASE written")
    with psycopg.connect(postgres.url("written"), autocommit=True) as owner:
        owner.execute("CREATE ROLE careless LOGIN")
        owner.execute("CREATE TABLE people (id text)")
        owner.execute("INSERT INTO people VALUES ('one')")
        owner.execute("CREATE SEQUENCE numbers")
        owner.execute("GRANT ALL ON people TO careless")
        owner.execute("GRANT ALL ON numbers TO careless")
    yield f"postgresql://127.0.0.1:{postgres.port}/written"
    postgres.sql("DROP DATABASE written WITH (FORCE)")
    postgres.sql("DROP ROLE careless")

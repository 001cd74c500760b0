"""A segment's SQL becomes a frozen audience that every rule was asked about, or a refusal."""

import csv
import json
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from presscheck.addresses import address_hash
from presscheck.digests import file_digest
from presscheck.documents.document import Document
from presscheck.errors import CheckBroke, DatabaseError, ExpectationError, SegmentError
from presscheck.recipients.audiences import read_recipients, recipient_ids, verify_audience
from presscheck.screening.audience import AudienceLimits, ScreenedAudience
from presscheck.screening.bench import Bench, open_bench
from presscheck.screening.databases import Database
from presscheck.screening.exceptions import part
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.rules import RowRule
from presscheck.screening.segment import run_segment
from presscheck.settings.databases import DatabaseSection
from presscheck.world.markets import MARKETS
from tasks.expectations.recipients import as_core_expectations, recipients
from tasks.screening import screen_audience

AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOOSE = AudienceLimits(max_exceptions_percent=100)
SQL = "FROM read_csv('people.csv', all_varchar = true)"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten good people, one suppressed, one without proof, one with a hostile market, one id twice."""
    folder = tmp_path / "data"
    folder.mkdir()
    lines = ["id,address,consent_basis,consent_proof,consented_at,market,time_zone"]
    lines += [f"c{n:02},person{n}@example.com,consent,form {n},2026-01-01,DE,Europe/Berlin" for n in range(10)]
    lines += ["c20,stopped@example.com,consent,form 20,2026-01-01,DE,"]
    lines += ["c21,proofless@example.com,consent,,2026-01-01,DE,"]
    lines += [f"c22,hostile@example.com,consent,form 22,2026-01-01,{HOSTILE},"]
    lines += [f"c23,{name}@example.com,consent,form 23,2026-01-01,DE," for name in ("once", "twice")]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    (folder / "segment.sql").write_text(SQL)
    return folder


def screened(data: Path, home: Path, **options) -> ScreenedAudience:
    usual = {
        "markets": ("DE",),
        "suppressed_hashes": [address_hash("stopped@example.com")],
        "as_of": AS_OF,
        "limits": LOOSE,
    }
    return screen_audience(data / "segment.sql", data=data, home=home, **(usual | options))


@pytest.mark.slow
def test_who_passed_is_frozen_and_who_did_not_is_kept_with_the_reason(data, tmp_path):
    audience = screened(data, tmp_path / "home")

    assert audience.certified
    assert (audience.candidates, audience.rows, audience.exception_rows) == (15, 10, 5)
    assert {rule: count for rule, count in audience.exceptions.items() if count} == {
        "recipient.not-suppressed": 1,
        "consent.proof": 1,
        "recipient.market": 1,
        "recipient.id-unique": 2,
    }
    verify_audience(Path(audience.path), audience.digest)
    assert recipient_ids(Path(audience.path)) == [f"c{n:02}" for n in range(10)]
    assert len(read_recipients(Path(audience.path))) == 10


@pytest.mark.slow
def test_files_lie_under_their_digest_and_only_their_owner_reads_them(data, tmp_path):
    home = tmp_path / "home"

    audience = screened(data, home)

    name, page, exceptions = audience.digest, Path(audience.report), Path(audience.exceptions_path)
    kept = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert file_digest(home / f"audiences/{name}.parquet") == name
    assert kept == {
        f"audiences/{name}.parquet",
        f"audiences/{file_digest(exceptions)}.exceptions.parquet",
        f"reports/{file_digest(page)}.html",
        f"reports/{file_digest(page)}.json",
    }
    assert {stat.S_IMODE((home / path).stat().st_mode) for path in kept} == {0o600}


@pytest.mark.slow
def test_the_same_input_gives_the_same_audience(data, tmp_path):
    first = screened(data, tmp_path / "one")
    second = screened(data, tmp_path / "two")

    assert first.digest == second.digest
    assert Path(first.exceptions_path).read_bytes() == Path(second.exceptions_path).read_bytes()


@pytest.mark.slow
def test_two_screenings_that_pass_the_same_rows_have_a_report_each(data, tmp_path):
    home = tmp_path / "home"
    first = screened(data, home)
    told = Path(first.report).read_text()

    second = screened(data, home, as_of=AS_OF + timedelta(days=1))

    assert second.digest == first.digest
    assert second.report != first.report
    assert Path(first.report).read_text() == told
    assert Path(first.exceptions_path).exists()


@pytest.mark.slow
def test_a_database_s_rows_become_the_same_frozen_audience_as_a_file_s(data, tmp_path):
    rows = list(csv.DictReader((data / "people.csv").open()))
    with sqlite3.connect(data / "shop.db") as shop:
        shop.execute(f"CREATE TABLE people ({', '.join(rows[0])})")
        # An empty cell of a CSV file is NULL.
        values = [[value or None for value in row.values()] for row in rows]
        shop.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(rows[0]))})", values)
    shop.close()
    from_file = screened(data, tmp_path / "one")
    (data / "segment.sql").write_text("-- database: shop\nSELECT * FROM people")
    shop = Database("shop", DatabaseSection(url="sqlite:///shop.db"), folder=data)

    from_database = screened(data, tmp_path / "two", databases=lambda name: {"shop": shop}[name])

    assert (from_database.digest, from_database.exceptions) == (from_file.digest, from_file.exceptions)
    assert not list((tmp_path / "two" / "audiences").glob(".*"))


@pytest.mark.slow
def test_a_database_that_does_not_answer_freezes_nothing(data, tmp_path):
    (data / "segment.sql").write_text("-- database: shop\nSELECT * FROM people")
    gone = Database("shop", DatabaseSection(url="sqlite:///gone.db"), folder=data)

    with pytest.raises(DatabaseError):
        screened(data, tmp_path / "home", databases=lambda _: gone)

    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_frozen_columns_are_these_and_no_others(data, tmp_path):
    audience = screened(data, tmp_path / "home")

    with duckdb.connect() as connection:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet($1)", [audience.path]).fetchall()
    columns = [row[0] for row in described]
    assert columns == [
        "id", "address", "consent_basis", "consent_proof", "consented_at", "market", "time_zone", "attributes",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_result_goes_through_json_and_back(data, tmp_path):
    audience = screened(data, tmp_path / "home")

    assert ScreenedAudience.model_validate_json(audience.model_dump_json()) == audience


@pytest.mark.slow
def test_the_report_names_the_rules_masks_the_people_and_asks_nobody(data, tmp_path):
    audience = screened(data, tmp_path / "home")

    page = Path(audience.report).read_text()
    assert "recipient.id-unique" in page
    assert "o•••@e•••.com" in page
    assert "@example.com" not in page
    assert "<svg" in page
    assert HOSTILE not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    assert "Not checked: recipient.age" in page
    report = json.loads(Path(audience.report_data).read_text())
    assert (report["verdict"], report["passed"], report["digest"]) == ("frozen", 10, audience.digest)
    assert report["suite"]["version"] == audience.suite_version


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"min_rows": 11, "max_exceptions_percent": 100}, "10 recipients passed, and the policy wants at least 11"),
        ({"max_rows": 9, "max_exceptions_percent": 100}, "10 recipients passed, and the policy wants at most 9"),
        ({"max_exceptions_percent": 33}, "34 % of the rows are exceptions, and the policy wants at most 33"),
    ],
)
def test_an_audience_out_of_bounds_is_refused_with_a_report_and_no_file(limits, reason, data, tmp_path):
    audience = screened(data, tmp_path / "home", limits=AudienceLimits(**limits))

    assert audience.digest is None
    assert reason in audience.refusal.reason
    assert "Refused" in Path(audience.report).read_text()
    assert Path(audience.exceptions_path).exists()
    assert [path.name for path in (tmp_path / "home" / "audiences").iterdir()] == [Path(audience.exceptions_path).name]
    with pytest.raises(ValueError, match=r"recipients passed|exceptions"):
        audience.required()


@pytest.mark.slow
def test_an_audience_at_the_very_bounds_is_frozen(data, tmp_path):
    limits = AudienceLimits(min_rows=10, max_rows=10, max_exceptions_percent=34)

    assert screened(data, tmp_path / "home", limits=limits).refusal is None


@pytest.mark.slow
def test_nobody_at_all_passing_is_a_refusal(data, tmp_path):
    audience = screened(data, tmp_path / "home", markets=("FR",))

    assert audience.refusal.code == "audience.size"


@pytest.mark.slow
def test_the_suppression_list_may_be_a_file(data, tmp_path):
    (tmp_path / "suppressed.csv").write_text("address\nPERSON1@example.com\n")

    audience = screened(data, tmp_path / "home", suppressed_hashes=tmp_path / "suppressed.csv")

    assert "c01" not in recipient_ids(Path(audience.path))


def test_addresses_where_hashes_belong_are_refused(data, tmp_path):
    with pytest.raises(ValueError, match="hash the addresses first"):
        screened(data, tmp_path / "home", suppressed_hashes=["stopped@example.com"])


def test_an_unknown_market_of_the_brief_is_a_fault(data, tmp_path):
    with pytest.raises(SegmentError, match="XX is no country code of ISO 3166-1"):
        screened(data, tmp_path / "home", markets=("DE", "XX"))


def test_a_policy_that_asks_for_ages_refuses_a_segment_without_them(data, tmp_path):
    with pytest.raises(SegmentError, match="no column birth_year"):
        screened(data, tmp_path / "home", limits=AudienceLimits(age_required=True))


def test_faulty_sql_leaves_nothing_behind(data, tmp_path):
    (data / "segment.sql").write_text("SELECT nonsense FROM 'people.csv'")

    with pytest.raises(SegmentError):
        screened(data, tmp_path / "home")

    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


@pytest.fixture
def bench(data, tmp_path) -> Bench:
    candidates = run_segment(data / "segment.sql", data, tmp_path / "candidates.parquet")
    return Bench(candidates, ("DE",), MARKETS, frozenset(), AS_OF)


@pytest.mark.slow
def test_a_count_that_differs_from_great_expectations_blocks(bench, tmp_path):
    from tasks.expectations.certify import certify

    suite = recipients(LOOSE)
    with open_bench(bench) as connection:
        tally = part(connection, suite, audience=tmp_path / "a", exceptions=tmp_path / "e")
        wrong = replace(tally, by_rule=tally.by_rule | {"consent.proof": tally.by_rule["consent.proof"] - 1})

        with pytest.raises(CheckBroke, match=r"consent\.proof was broken by 0 rows by one count and by 1 by the other"):
            certify(connection, bench, suite, wrong, as_core_expectations(LOOSE, bench))


@pytest.mark.slow
def test_a_check_that_raised_is_told_apart_from_a_check_that_failed(bench, tmp_path):
    from tasks.expectations.certify import certify

    suite = recipients(LOOSE)
    raising = RowRule("test.raising", "error('the disk is on fire')::BOOLEAN", "warning", "", "")
    with open_bench(bench) as connection:
        tally = part(connection, suite, audience=tmp_path / "a", exceptions=tmp_path / "e")

        with pytest.raises(CheckBroke, match=r"the check test\.raising broke, so nobody passed: .*disk is on fire"):
            certify(
                connection,
                bench,
                replace(suite, rows=(*suite.rows, raising)),
                tally,
                as_core_expectations(LOOSE, bench),
            )


def test_a_row_that_only_one_of_two_counts_passes_blocks(bench, tmp_path):
    from tasks.expectations.certify import certify

    suite = recipients(LOOSE)
    with open_bench(bench) as connection:
        tally = part(connection, suite, audience=tmp_path / "a", exceptions=tmp_path / "e")

        with pytest.raises(CheckBroke, match="12 rows were written and 11 were counted"):
            certify(
                connection,
                bench,
                suite,
                replace(tally, passed=tally.passed + 1),
                as_core_expectations(LOOSE, bench),
            )


BROKEN = {
    "recipient.id-unique": {"id": "twin"},
    "recipient.address-unique": {"address": "twin@example.com"},
    "consent.basis": {"consent_basis": "hope"},
    "consent.date": {"consented_at": "1970-01-01"},
    "consent.not-in-future": {"consented_at": "2031-01-01"},
    "consent.fresh": {"consented_at": "2001-01-01"},
    "recipient.age": {"birth_year": "2015"},
    "recipient.market": {"market": "XX"},
    "recipient.market-of-campaign": {"market": "US"},
    "recipient.time-zone": {"time_zone": "Mars/Olympus"},
}


@pytest.mark.slow
def test_a_predicate_that_is_wrong_is_noticed_because_great_expectations_states_the_rule_apart(tmp_path: Path) -> None:
    from tasks.expectations.certify import certify

    folder = tmp_path / "data"
    folder.mkdir()
    good = {"consent_basis": "consent", "consent_proof": "form", "consented_at": "2026-01-01", "market": "DE"}
    good |= {"time_zone": "Europe/Berlin", "birth_year": "1990"}
    rows = [{"id": f"c{at}", "address": f"p{at}@example.com", **good} for at in range(3)]
    rows += [
        {"id": f"b{at}-{n}", "address": f"b{at}-{n}@example.com", **good, **wrong}
        for at, wrong in enumerate(BROKEN.values())
        for n in range(2)
    ]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    (folder / "segment.sql").write_text(SQL)
    candidates = run_segment(folder / "segment.sql", folder, tmp_path / "candidates.parquet")
    bench = Bench(candidates, ("DE",), MARKETS, frozenset(), AS_OF)
    suite, core = recipients(LOOSE), as_core_expectations(LOOSE, bench)
    assert [rule.rule for rule in core.each_row] == list(BROKEN)
    with open_bench(bench) as connection:
        for name in BROKEN:
            blind = tuple(replace(rule, violation="false") if rule.id == name else rule for rule in suite.rows)
            wrong = replace(suite, rows=blind)
            tally = part(connection, wrong, audience=tmp_path / "a", exceptions=tmp_path / "e")
            with pytest.raises(CheckBroke, match=rf"the rule {name} was broken by 0 rows by one count and by 2 by"):
                certify(connection, bench, wrong, tally, core)
        tally = part(connection, suite, audience=tmp_path / "a", exceptions=tmp_path / "e")
        certificate = certify(connection, bench, suite, tally, core)
    assert {name: certificate.by_rule[name] for name in BROKEN} == dict.fromkeys(BROKEN, 2)
    assert certificate.worst_severity == "critical"


DIRTY = {
    "consented_at": (
        *("infinity", "-infinity", "epoch", "0001-01-01", "294246-01-01", "9999-12-31", "290308-12-21", "2026-13-01"),
        *("", "24:00", "0044-03-15 (BC)", "1677-09-21", "2262-04-12", "2026-01-01T09:00:00.123456789Z"),
        *("2026-11-21T12:00:00Z", "2026-11-21T12:00:00.000001Z", "1989-12-31T23:59:59.999999Z", "1990-01-01"),
        *("2023-11-22T12:00:00Z", "2023-11-22T11:59:59.999999Z"),
    ),
    "birth_year": (
        *("", "-1", "99999999999", "1899", "1900", "2009", "2010"),
        "2147483647",
        "-2147483648",
        "1990.5",
        "1e3",
    ),
    "market": ("", "de", " DE", "DE ", "D\u00c9", "XX", "US", "UK"),
    "time_zone": ("", " ", "Europe/berlin", "UTC", "Mars"),
    "consent_basis": ("", "Consent", "consent ", "contract"),
    "id": ("\u00e9", "e\u0301", "\u00e9", "x" * 600),
    "address": ("A@example.com", "a@EXAMPLE.com", "a@example.com", ""),
}


@pytest.mark.slow
def test_however_dirty_a_row_is_it_is_an_exception_and_stops_nobody_else(tmp_path: Path) -> None:
    good = {"consent_basis": "consent", "consent_proof": "form", "consented_at": "2026-01-01", "market": "DE"}
    good |= {"time_zone": "Europe/Berlin", "birth_year": "1990"}
    rows = [{"id": f"c{at}", "address": f"p{at}@example.com", **good} for at in range(5)]
    for column, values in DIRTY.items():
        rows += [
            {"id": f"{column}{at}", "address": f"{column}{at}@example.com", **good, column: value}
            for at, value in enumerate(values)
        ]
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    (folder / "segment.sql").write_text(SQL)

    screened = screen_audience(
        folder / "segment.sql",
        data=folder,
        home=tmp_path / "home",
        markets=("DE",),
        suppressed_hashes=[],
        as_of=AS_OF,
        limits=LOOSE,
    )

    kept = {one for (one,) in duckdb.execute("SELECT id FROM read_parquet(?)", [screened.path]).fetchall()}
    assert {f"c{at}" for at in range(5)} <= kept
    assert not {f"consented_at{at}" for at in range(13)} & kept
    assert screened.exceptions["consent.date"] == 9
    assert screened.exceptions["consent.not-in-future"] == 6


# ---------------------------------------------------------------- what a project expects besides

SPEND = {
    "rule": "spend.known",
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "attributes.spend", "min_value": 10},
    "where": {"market": ["DE"]},
    "message": "Has not spent enough to be written to.",
    "do": "Leave the row out of the segment.",
}
BERLIN = {
    "rule": "berlin.alone",
    "type": "expect_column_distinct_values_to_be_in_set",
    "kwargs": {"column": "time_zone", "value_set": ["Europe/Berlin"]},
    "message": "Somebody lives elsewhere.",
    "do": "Look at the segment.",
}


def expected(*each: object, whole: tuple[object, ...] = (), **more: object) -> OwnSuite:
    value = {"title": "Spenders", "owner": "crm", "columns": {"attributes.spend": "number"}, "each_row": list(each)}
    return Document("suite", {**value, "whole": list(whole), "refuse_above": 100, **more}, {}).parse(
        OwnSuite, ExpectationError
    )


@pytest.fixture
def spenders(tmp_path: Path) -> Path:
    """Ten people: three spent enough, one in a currency, one nothing that is known; one lives elsewhere."""
    folder = tmp_path / "data"
    folder.mkdir()
    spent = ["12.5", "10", "9.99", "EUR 12", "", "1e3", "3", "4", "5", "6"]
    lines = ["id,address,spend,time_zone"]
    lines += [f"c{at},p{at}@example.com,{spend},Europe/Berlin" for at, spend in enumerate(spent)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    (folder / "segment.sql").write_text(
        "SELECT id, address, 'consent' AS consent_basis, 'form' AS consent_proof, '2026-01-01' AS consented_at, "
        "'DE' AS market, time_zone, to_json({'spend': coalesce(spend, '')}) AS attributes "
        "FROM read_csv('people.csv', all_varchar = true)"
    )
    return folder


def besides(data: Path, own: OwnSuite) -> ScreenedAudience:
    """The segment's people, held to a suite of the project's as well."""
    return screen_audience(
        data / "segment.sql",
        data=data,
        home=data.parent / "home",
        markets=("DE",),
        suppressed_hashes=[],
        as_of=AS_OF,
        limits=LOOSE,
        own=own,
    )


def test_a_recipient_that_a_project_expects_otherwise_is_an_exception_by_both_counts(spenders: Path) -> None:
    own = expected(SPEND, whole=(BERLIN,))

    screened = besides(spenders, own)

    assert screened.refusal is None
    assert screened.exceptions["spend.known"] == 7
    assert (screened.rows, screened.exception_rows) == (3, 7)
    kept = duckdb.execute("SELECT id FROM read_parquet(?)", [screened.path]).fetchall()
    assert sorted(kept) == [("c0",), ("c1",), ("c5",)]
    columns = duckdb.execute("DESCRIBE SELECT * FROM read_parquet(?)", [screened.path]).fetchall()
    assert "attributes.spend" not in [name for name, *_ in columns], "an audience has the columns that it always had"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (expected(SPEND, whole=({**BERLIN, "kwargs": {"column": "time_zone", "value_set": ["Europe/Rome"]}},)),
         "berlin.alone: it is"),
        (expected({**SPEND, "refuse_above": 50}), "spend.known: 7 rows of 10 (70.0 %), and at most 50 % may be"),
    ],
)  # fmt: skip
def test_an_audience_that_is_not_as_expected_is_refused_as_a_whole(spenders: Path, own: OwnSuite, said: str) -> None:
    screened = besides(spenders, own)

    assert screened.path is None
    assert screened.refusal is not None
    assert said in screened.refusal.reason


def test_a_column_that_no_recipient_has_is_told_before_the_segment_runs(spenders: Path) -> None:
    own = expected({**SPEND, "kwargs": {"column": "spend", "min_value": 10}}, columns={})

    with pytest.raises(ExpectationError, match="there is no column 'spend'"):
        besides(spenders, own)

"""Every rule of the recipients' suite catches what it is for, and passes nobody who cannot be a Recipient."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.addresses import address_hash
from presscheck.errors import CheckBroke
from presscheck.recipients.audiences import read_recipients
from presscheck.screening.audience import AudienceLimits
from presscheck.screening.bench import Bench, open_bench
from presscheck.screening.exceptions import Tally, part
from presscheck.screening.rules import RowRule, Suite
from presscheck.screening.segment import COLUMNS, run_segment
from presscheck.world.markets import MARKETS
from tasks.expectations.recipients import recipients

AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD = {
    "id": "c0",
    "address": "c0@example.com",
    "consent_basis": "consent",
    "consent_proof": "form 7",
    "consented_at": "2026-01-01",
    "market": "DE",
    "time_zone": "Europe/Berlin",
    "birth_year": "1990",
    "attributes": '{"first_name": "Ana"}',
}
SUITE = recipients(AudienceLimits())


def part_rows(
    folder: Path, rows: list[dict[str, str]], suite: Suite = SUITE, suppressed=()
) -> tuple[Tally, Path, Path]:
    """Screen `rows` without Great Expectations; the tally, the audience and the exceptions."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    with (data / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    sql = folder / "segment.sql"
    quoting = "header = true, delim = ',', quote = '\"', escape = '\"'"
    sql.write_text(f"FROM read_csv('rows.csv', all_varchar = true, {quoting})")
    candidates = folder / "candidates.parquet"
    candidates.unlink(missing_ok=True)
    run_segment(sql, data, candidates)
    bench = Bench(candidates, ("DE", "US"), MARKETS, frozenset(suppressed), AS_OF)
    passed, failed = folder / "passed.parquet", folder / "failed.parquet"
    with open_bench(bench) as connection:
        return part(connection, suite, audience=passed, exceptions=failed), passed, failed


def exceptions_of(path: Path) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute("SELECT id, rules FROM read_parquet($1) ORDER BY row_number", [str(path)]).fetchall()


def test_addresses_that_rfc_5321_allows_are_no_exceptions_and_are_read_back(tmp_path):
    addresses = ["mary.o'neil@example.com", "b&b@example.com", "jo@xn--e1afmkfd.xn--p1ai", "_x+y@example.museum"]

    tally, passed, _ = part_rows(
        tmp_path, [GOOD | {"id": f"c{at}", "address": one} for at, one in enumerate(addresses)]
    )

    assert tally.exceptions == 0
    assert [one.address for one in read_recipients(passed)] == addresses


def test_a_good_row_breaks_no_rule(tmp_path):
    tally, passed, _ = part_rows(tmp_path, [GOOD])

    assert (tally.passed, tally.exceptions) == (1, 0)
    assert set(tally.by_rule.values()) == {0}
    assert read_recipients(passed)[0].attributes == {"first_name": "Ana"}


BAD = [
    ({"id": ""}, "recipient.id"),
    ({"id": " c1"}, "recipient.id"),
    ({"id": "c1\u3000"}, "recipient.id"),
    ({"id": "c\x071"}, "recipient.id"),
    ({"id": "x" * 501}, "recipient.id"),
    ({"address": ""}, "recipient.address"),
    ({"address": "ana"}, "recipient.address"),
    ({"address": "ana@example"}, "recipient.address"),
    ({"address": "ana@@example.com"}, "recipient.address"),
    ({"address": "ana@exa mple.com"}, "recipient.address"),
    ({"address": "anä@example.com"}, "recipient.address"),
    ({"address": ".ana@example.com"}, "recipient.address"),
    ({"address": "ana.@example.com"}, "recipient.address"),
    ({"address": "a..na@example.com"}, "recipient.address"),
    ({"address": "ana@-example.com"}, "recipient.address"),
    ({"address": "ana@example-.com"}, "recipient.address"),
    ({"address": "ana@example..com"}, "recipient.address"),
    ({"address": "ana@example.com\nBcc: everybody@example.com"}, "recipient.address"),
    ({"address": "ana@example.com\n"}, "recipient.address"),
    ({"address": "ana@example.com,ben@example.com"}, "recipient.address"),
    ({"address": "Ana <ana@example.com>"}, "recipient.address"),
    ({"consent_basis": ""}, "consent.basis"),
    ({"consent_basis": "Consent"}, "consent.basis"),
    ({"consent_basis": "vital interest"}, "consent.basis"),
    ({"consent_proof": ""}, "consent.proof"),
    ({"consent_proof": " "}, "consent.proof"),
    ({"consent_proof": "a\nb"}, "consent.proof"),
    ({"consented_at": ""}, "consent.date"),
    ({"consented_at": "2026-02-30"}, "consent.date"),
    ({"consented_at": "01/02/26"}, "consent.date"),
    ({"consented_at": "2026-11-21T12:00:01Z"}, "consent.not-in-future"),
    ({"consented_at": "2026-11-21T13:30:00+01:00"}, "consent.not-in-future"),
    ({"consented_at": "infinity"}, "consent.not-in-future"),
    ({"consented_at": "2023-11-20"}, "consent.fresh"),
    ({"birth_year": ""}, "recipient.age"),
    ({"birth_year": "nineteen"}, "recipient.age"),
    ({"birth_year": "1066"}, "recipient.age"),
    ({"birth_year": "2030"}, "recipient.age"),
    ({"birth_year": "2010"}, "recipient.age"),
    ({"market": ""}, "recipient.market"),
    ({"market": "de"}, "recipient.market"),
    ({"market": "XX"}, "recipient.market"),
    ({"market": "FR"}, "recipient.market-of-campaign"),
    ({"time_zone": "Berlin"}, "recipient.time-zone"),
    ({"attributes": "{"}, "recipient.attributes"),
    ({"attributes": "[1]"}, "recipient.attributes"),
    ({"attributes": '{"a": 1}'}, "recipient.attributes"),
    ({"attributes": '{"a": null}'}, "recipient.attributes"),
    ({"attributes": '{"a": {"b": "c"}}'}, "recipient.attributes"),
    ({"attributes": '{"a": "' + "x" * 4000 + '"}'}, "recipient.attributes"),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> dict[str, list[str]]:
    """All bad rows screened at once: the case's name to the rules that its row broke."""
    rows = [
        # The case's name stands in the proof, or in the id where the proof is what is wrong.
        GOOD | {"id": f"case {n}", "address": f"case{n}@example.com", "consent_proof": f"case {n}"} | change
        for n, (change, _) in enumerate(BAD)
    ]
    _, _, failed = part_rows(tmp_path_factory.mktemp("judged"), rows)
    with duckdb.connect() as connection:
        found = connection.execute("SELECT consent_proof, id, rules FROM read_parquet($1)", [str(failed)]).fetchall()
    return {(proof if (proof or "").startswith("case ") else id_): rules for proof, id_, rules in found}


@pytest.mark.parametrize(("number", "rule"), [(n, rule) for n, (_, rule) in enumerate(BAD)])
def test_a_bad_value_breaks_its_rule_and_no_other(number, rule, judged):
    assert judged[f"case {number}"] == [rule]


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": ""},
        {"attributes": ""},
        {"birth_year": "2009"},
        {"consent_basis": "contract"},
        {"consent_basis": "legitimate_interest"},
        {"consented_at": "2026-11-21T12:00:00Z"},
        {"consented_at": (AS_OF - timedelta(days=1095)).isoformat()},
        {"address": "a.n-a+news_1%2@mail.example.museum"},
    ],
)
def test_what_stands_at_a_rule_s_edge_passes(change, tmp_path):
    tally, _, failed = part_rows(tmp_path, [GOOD | change])

    assert tally.passed == 1, exceptions_of(failed)


def test_every_row_of_a_duplicate_id_is_an_exception(tmp_path):
    thrice = [GOOD | {"address": f"c{n}@example.com"} for n in range(3)]
    rows = [*thrice, GOOD | {"id": "c9", "address": "d@example.com"}]

    tally, passed, failed = part_rows(tmp_path, rows)

    assert tally.by_rule["recipient.id-unique"] == 3
    assert [row.id for row in read_recipients(passed)] == ["c9"]
    assert exceptions_of(failed) == [("c0", ["recipient.id-unique"])] * 3


def test_two_spellings_of_one_address_are_both_exceptions(tmp_path):
    rows = [GOOD, GOOD | {"id": "c1", "address": "C0@Example.com"}]

    tally, _, _ = part_rows(tmp_path, rows)

    assert tally.by_rule["recipient.address-unique"] == 2
    assert tally.passed == 0


def test_whoever_is_suppressed_is_an_exception_in_any_spelling(tmp_path):
    stopped = [address_hash("ana@EXAMPLE.com ")]

    tally, _, _ = part_rows(tmp_path, [GOOD | {"address": "ANA@example.com"}], suppressed=stopped)

    assert tally.by_rule["recipient.not-suppressed"] == 1
    assert tally.passed == 0


def test_a_row_is_listed_with_every_rule_that_it_broke(tmp_path):
    _, _, failed = part_rows(tmp_path, [GOOD, GOOD | {"id": "c1", "address": "x", "market": "", "consent_proof": ""}])

    assert exceptions_of(failed) == [("c1", ["recipient.address", "consent.proof", "recipient.market"])]


def test_no_exception_is_cut_however_many_there_are(tmp_path):
    rows = [GOOD | {"id": f"c{n:05}", "address": f"broken {n}"} for n in range(2500)]

    tally, _, failed = part_rows(tmp_path, rows)

    assert tally.exceptions == tally.by_rule["recipient.address"] == 2500
    assert len(exceptions_of(failed)) == 2500


def test_an_unknown_answer_sends_the_row_to_a_person(tmp_path):
    unknown = RowRule("test.unknown", "NULL::BOOLEAN", "warning", "It is not known.", "Find out.")

    tally, _, _ = part_rows(tmp_path, [GOOD], suite=Suite("test", (unknown,), ()))

    assert tally.by_rule == {"test.unknown": 1}


def test_a_rule_that_cannot_run_is_a_broken_check(tmp_path):
    broken = RowRule("test.broken", "c.no_such_column = 1", "warning", "", "")

    with pytest.raises(CheckBroke, match="nobody passed"):
        part_rows(tmp_path, [GOOD], suite=Suite("test", (broken,), ()))


def test_candidates_that_cannot_be_read_are_a_broken_check(tmp_path):
    (tmp_path / "candidates.parquet").write_text("no Parquet")
    bench = Bench(tmp_path / "candidates.parquet", ("DE",), MARKETS, frozenset(), AS_OF)

    with pytest.raises(CheckBroke, match="nobody passed"), open_bench(bench):
        pass


def test_the_suite_s_version_changes_with_its_limits_and_only_then():
    assert recipients(AudienceLimits()).version == SUITE.version
    assert recipients(AudienceLimits(minimum_age=18)).version != SUITE.version
    assert recipients(AudienceLimits(max_exceptions_percent=5)).version != SUITE.version


odd = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
rows = st.fixed_dictionaries(
    {name: st.one_of(st.just(good), odd, odd.map(lambda extra, good=good: good + extra)) for name, good in GOOD.items()}
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.slow
@given(rows=st.lists(rows, min_size=1, max_size=30))
def test_whoever_passes_is_a_recipient_and_nobody_is_lost(rows, tmp_path):
    tally, passed, failed = part_rows(tmp_path, rows)

    assert tally.candidates == len(rows) == tally.passed + tally.exceptions
    assert len(exceptions_of(failed)) == tally.exceptions
    assert len(read_recipients(passed)) == tally.passed

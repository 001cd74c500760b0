import csv
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from presscheck.addresses import address_hash
from presscheck.demo import make_demo
from presscheck.digests import file_digest
from presscheck.screening import AudienceLimits, run_segment
from presscheck.screening.bench import Bench, open_bench
from presscheck.screening.catalogue import check_catalogue, load_product
from presscheck.screening.exceptions import part
from presscheck.world.markets import MARKETS
from tasks.briefs import load_brief
from tasks.expectations.recipients import recipients

DAY = date(2026, 11, 21)


@pytest.fixture(name="demo", scope="module")
def _demo(tmp_path_factory):
    return make_demo(tmp_path_factory.mktemp("demo"), as_of=DAY)


def rows_of(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_of(demo) -> list[str]:
    return [file_digest(path) for path in (demo.catalogue, demo.customers, demo.suppressed, demo.brief, demo.segment)]


def test_the_same_seed_and_day_make_the_same_bytes(demo, tmp_path):
    again = make_demo(tmp_path / "again", as_of=DAY)

    assert files_of(again) == files_of(demo)


def test_another_seed_makes_another_list(demo, tmp_path):
    other = make_demo(tmp_path / "other", seed=8, as_of=DAY)

    assert file_digest(other.customers) != file_digest(demo.customers)


def test_making_it_again_replaces_it(demo, tmp_path):
    make_demo(tmp_path, seed=8, as_of=DAY)

    over = make_demo(tmp_path, as_of=DAY)

    assert files_of(over) == files_of(demo)


def test_the_catalogue_has_two_hundred_products_without_a_fault(demo):
    rows = rows_of(demo.catalogue)

    assert check_catalogue(demo.catalogue) == []
    assert len(rows) == len({row["id"] for row in rows}) == len({row["name"] for row in rows}) == 200
    assert all(Decimal(row["list_price"]) > Decimal(row["price"]) for row in rows if row["list_price"])


def test_the_catalogue_speaks_of_cold_and_of_hot_climates(demo):
    told = [row["description"].lower() for row in rows_of(demo.catalogue)]

    assert sum("cold" in text or "snow" in text for text in told) > 20
    assert sum("hot" in text or "tropical" in text for text in told) > 20


def test_the_brief_is_valid_on_its_day_and_about_a_product_of_the_catalogue(demo):
    brief = load_brief(demo.brief, as_of=DAY)

    assert brief.product == demo.product == load_product(demo.catalogue, demo.product).id
    assert (brief.deadline - DAY).days == 45
    assert sum(fact.required for fact in brief.key_points) == 2
    assert len(brief.claims) == 2


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2030, 12, 31)])
def test_the_demo_can_be_made_on_any_day(tmp_path, day):
    demo = make_demo(tmp_path, as_of=day)

    assert load_brief(demo.brief, as_of=day).deadline > day


def test_addresses_are_where_no_mail_arrives(demo):
    whole = [row["email"] for row in rows_of(demo.customers) if row["email"].count("@") == 1 and "." in row["email"]]

    assert all(
        address.partition("@")[2].endswith(("example.com", "example.org", "example.net", "example"))
        for address in whole
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
def test_the_checks_find_exactly_the_dirt_that_was_put_in(tmp_path, seed):
    demo = make_demo(tmp_path / "demo", seed=seed, as_of=DAY)
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    stopped = frozenset(address_hash(row["address"]) for row in rows_of(demo.suppressed))
    candidates = run_segment(demo.segment, demo.folder, tmp_path / "candidates.parquet", as_of=noon)
    bench = Bench(candidates, ("US", "GB", "IE", "CA"), MARKETS, stopped, noon)

    # The fused query alone: Great Expectations certifies the same counts, and takes ten seconds to import.
    with open_bench(bench) as connection:
        found = part(
            connection,
            recipients(AudienceLimits()),
            audience=tmp_path / "passed.parquet",
            exceptions=tmp_path / "exceptions.parquet",
        )

    dirt = demo.dirt
    assert (found.candidates, found.exceptions) == (5_000, sum(dirt.values()))
    assert 200 <= found.exceptions <= 300
    assert {rule: count for rule, count in found.by_rule.items() if count} == {
        "recipient.id-unique": dirt["id used twice"],
        "recipient.address": dirt["malformed address"],
        "recipient.address-unique": dirt["address used twice"],
        "consent.basis": dirt["unknown basis of consent"],
        "consent.proof": dirt["no proof of consent"],
        "consent.date": dirt["consent date unreadable"],
        "consent.not-in-future": dirt["consent dated in the future"],
        "consent.fresh": dirt["consent too old"],
        "recipient.not-suppressed": dirt["said stop"],
        "recipient.age": dirt["under age"] + dirt["no year of birth"],
        "recipient.market": dirt["no market"] + dirt["unknown market"],
        "recipient.market-of-campaign": dirt["market outside the brief"],
        "recipient.time-zone": dirt["unknown time zone"],
    }

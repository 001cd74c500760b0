"""Whoever looks like somebody else: an address that is nobody's, a name that a second person is told of."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.addresses import account_address
from presscheck.digests import digest_of
from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.accounts import Accounts
from presscheck.people.identities import Vouched, sign_in_vouched
from presscheck.people.lookalikes import doubts_about, likeness, scripts_of
from presscheck.people.rights import Grant, email_digest, find_person, record_rights, remember_person
from presscheck.people.same_person import plain_address
from tests.door.conftest import _quick_argon2, _servers, house, open_house
from tests.door.house import House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "house", "open_house"]

LEAD = Grant(role="brand_lead", markets="all")
ADMINISTRATOR = Grant(role="administrator", markets="all")

# Each of them becomes kim.sky@brand.example, or part of it, by some folding: lower, casefold, NFKC, IDNA, stripping.
LIKE_KIM = [
    "\u212aim.sky@brand.example",
    "KIM.S\u212aY@brand.example",
    "kim.\u017fky@brand.example",
    "kim.sky@brand\uff0eexample",
    "kim.sky@brand\u3002example",
    "kim.sky\uff20brand.example",
    "\uff4bim.sky@brand.example",
    "k\u0131m.sky@brand.example",
    "K\u0130M.SKY@BRAND.EXAMPLE",
    "kim.s\u043ay@brand.example",
    "kim.sky@brand.example\u200b",
    "\ufeffkim.sky@brand.example",
    "kim.s\u00adky@brand.example",
    "kim.sky@brand.e\u0445ample",
    "kim.sky@brand.example\u00a0",
    "\U0001d48cim.sky@brand.example",
    "kim\u202e.sky@brand.example",
]


def enrolled(accounts: Accounts, person: str, email: str, name: str, *grants: Grant) -> str:
    with accounts.ledger.write() as tx:
        remember_person(tx, person, email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=name, by="P-root")
    return person


@pytest.fixture
def accounts(ledgers: Any, home: Path) -> Accounts:
    """Kim and an administrator are here, on SQLite and again on PostgreSQL."""
    made = Accounts(ledgers.door, home)
    enrolled(made, "P-kim", "kim.sky@brand.example", "Kim Sky", LEAD)
    enrolled(made, "P-root", "root@brand.example", "Ruth Root", ADMINISTRATOR)
    return made


@pytest.mark.parametrize("address", LIKE_KIM, ids=ascii)
def test_an_address_with_a_letter_that_is_not_what_it_looks_like_is_nobodys(accounts: Accounts, address: str) -> None:
    vouched = Vouched(
        issuer="https://provider.example", subject="eve", email=address, groups=(), proved_at=None, once="once"
    )

    answer = sign_in_vouched(accounts, vouched, {})

    assert isinstance(answer, Refused)
    assert answer.code == "not-invited"
    with accounts.ledger.read() as tx:
        assert find_person(tx, address) is None
        assert tx.events(EventKind.IDENTITY_BOUND) == []


@pytest.mark.parametrize("address", ["kim.sky@brand.example", "KIM.SKY@BRAND.EXAMPLE", " Kim.Sky@Brand.Example "])
def test_an_address_in_capitals_is_the_same_persons(accounts: Accounts, address: str) -> None:
    with accounts.ledger.read() as tx:
        assert find_person(tx, address) == "P-kim"


@pytest.mark.parametrize("address", LIKE_KIM, ids=ascii)
def test_nobody_is_invited_under_such_an_address(accounts: Accounts, address: str) -> None:
    answer = accounts.invite(email=address, name="Eve", grants=[LEAD], by="P-root")

    assert isinstance(answer, Refused)
    assert answer.code == "bad-email"


@given(st.characters(), st.text(max_size=5))
def test_two_addresses_are_one_only_where_they_differ_in_ascii_capitals(letter: str, rest: str) -> None:
    one, other = f"a{letter}{rest}@brand.example", f"ak{rest}@brand.example"

    assert (email_digest(one) == email_digest(other)) == (letter in "kK")
    assert account_address(account_address(one)) == account_address(one)


def test_an_address_of_ascii_has_the_pseudonym_that_was_signed_before() -> None:
    assert email_digest(" Ana+Lead@Brand.Example ") == digest_of("presscheck-email:ana+lead@brand.example")
    assert plain_address("Ana+Lead@Brand.Example") == "ana@brand.example"


# ---------------------------------------------------------------- names

LIKE_ANA = [
    "Ana Brandt",
    "ANA  BRANDT",
    "\u0410na Brandt",
    "Ana Br\u0430ndt",
    "\u0391na Brandt",
    "Ana Brand\u0442",
    "Ana Branclt",
    "Ana-Brandt",
    "Brandt, Ana",
    "\u00c1na Brandt",
    "Ana Bran\u1e0dt",
    "\U0001d400na Brandt",
    "\uff21na Brandt",
    "Ana\u00b7Brandt",
    "A\u0301na Brandt",
    "Ana\u2800Brandt",
]


@pytest.mark.parametrize("name", LIKE_ANA, ids=ascii)
def test_a_name_that_reads_like_one_that_is_there_is_told_with_the_address(sqlite_ledgers: Any, name: str) -> None:
    accounts = Accounts(sqlite_ledgers.door, sqlite_ledgers.home)
    enrolled(accounts, "P-ana", "ana@brand.example", "Ana Brandt", LEAD)
    new = enrolled(accounts, "P-new", "eve@elsewhere.example", name, LEAD)
    enrolled(accounts, "P-ben", "ben@brand.example", "Ben Brandt", LEAD)

    with accounts.ledger.read() as tx:
        told = doubts_about(tx, new)

    assert told[0] == "It reads like Ana Brandt <ana@brand.example>, who is another person."
    assert not any("Ben" in one for one in told)


def test_whoever_confirms_is_told_on_the_page_and_by_the_api(house: House) -> None:
    for name in ("sam", "kim"):
        house.enrol(name, "administrator")
    body = {"email": "eve@elsewhere.example", "name": "\u0410na", "grants": [{"role": "brand_lead", "markets": "all"}]}
    doubts = ["It reads like ana <ana@brand.example>, who is another person.",
              "Its letters are Cyrillic and Latin: some may look like others."]  # fmt: skip

    proposed = house.visitor("sam").post("/-/api/people", body)

    assert (proposed.status_code, proposed.json()["name_doubts"]) == (201, doubts)
    kim = house.visitor("kim")
    assert [one["name_doubts"] for one in kim.get("/-/api/proposals").json()["proposals"]] == [doubts]
    page = unescape(kim.get("/people").text)
    assert all(doubt in page for doubt in doubts)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ian Lee", "lan Lee"), ("Ian Lee", "1an Lee"), ("Marni", "Mami"), ("Jo Wu", "J0 Wu"), ("Vivian", "Vivlan"),
     ("Ewa", "Evva"), ("Bjarne", "Blame"), ("\u0430\u0441\u0435", "ace")],
)  # fmt: skip
def test_one_shape_is_one_name(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    "name", ["Ann Brandt", "Ana Brand", "Ana B. Brandt", "Anna Brandt", "\u0410\u043d\u043d\u0430"]
)
def test_another_name_is_another(name: str) -> None:
    assert likeness(name) != likeness("Ana Brandt")


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("Ana Brandt", ("Latin",)),
        ("J\u00f6rg O\u2019Neil-\u0141uk", ("Latin",)),
        ("\u0410\u043d\u043d\u0430", ("Cyrillic",)),
        ("\u13aana Brandt", ("Cherokee", "Latin")),
        ("\ua4eena Brandt", ("Lisu", "Latin")),
        ("\u5c71\u7530 \u30bf\u30ed\u3046", ("East Asian",)),
        ("\u0410na", ("Cyrillic", "Latin")),
    ],
)
def test_letters_of_several_scripts_in_one_name_are_told(
    sqlite_ledgers: Any, name: str, scripts: tuple[str, ...]
) -> None:
    accounts = Accounts(sqlite_ledgers.door, sqlite_ledgers.home)
    enrolled(accounts, "P-new", "new@brand.example", name, LEAD)

    with accounts.ledger.read() as tx:
        told = doubts_about(tx, "P-new")

    assert scripts_of(name) == scripts
    assert bool(told) is (len(scripts) > 1)


@pytest.mark.parametrize("letter", ["\u200b", "\u202e", "\u2066", "\u3164", "\u115f", "\u00ad", "\ufeff", "\x07"])
def test_a_name_with_a_letter_that_nobody_sees_is_refused(accounts: Accounts, letter: str) -> None:
    for name in (f"Kim{letter} Sky", f"{letter}Kim Sky", f"Kim Sky{letter}x", letter, "\u2800\u2800", "...", "12"):
        answer = accounts.invite(email="eve@elsewhere.example", name=name, grants=[LEAD], by="P-root")

        assert isinstance(answer, Refused)
        assert answer.code == "bad-name"

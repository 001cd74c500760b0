"""Personal data is found by form and checksum, in any region asked for, and look-alikes are not."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching import PersonalKind, personal_data
from presscheck.matching.personal import PersonalWords

KINDS: tuple[PersonalKind, ...] = get_args(PersonalKind)

ONE_OF_EACH: list[tuple[str, PersonalKind]] = [
    ("bob.miller+news@example.co.uk", "email"),
    ("bob [at] example [dot] org", "email"),
    ("bob at example dot org", "email"),
    ("bob (ät) beispiel (punkt) de", "email"),
    ("bob＠example.com", "email"),
    ("иван@почта.рф", "email"),
    ("4111 1111 1111 1111", "card"),
    ("4111-1111-1111-1111", "card"),
    ("４１１１　１１１１　１１１１　１１１１", "card"),
    ("4111\u200b1111\u200b1111\u200b1111", "card"),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "card"),
    ("378282246310005", "card"),
    ("3782 822463 10005", "card"),
    ("my card 501864667909", "card"),
    ("DE89 3704 0044 0532 0130 00", "iban"),
    ("GB82WEST12345698765432", "iban"),
    ("gb82-west-1234-5698-7654-32", "iban"),
    ("078-05-1121", "ssn"),
    ("SSN 078051121", "ssn"),
    ("social security number: 078 05 1121", "ssn"),
    ("12345678Z", "national-id"),
    ("RSSMRA85T10A562S", "national-id"),
    ("AB 12 34 56 C", "national-id"),
    ("BSN 111222333", "national-id"),
    ("NHS number 943 476 5919", "national-id"),
    ("111.444.777-35", "national-id"),
    ("PESEL 44051401359", "national-id"),
    ("756.9217.0769.85", "national-id"),
    ("880320-0016", "national-id"),
    ("+49 30 901820", "phone"),
    ("(555) 123-4567", "phone"),
    ("call us at 0471 123 456", "phone"),
    ("203.0.113.7", "ip-address"),
    ("2001:db8::8a2e:370:7334", "ip-address"),
    ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", "ip-address"),
    ("https://shop.example/boots", "url"),
    ("www.shop.example", "url"),
    ("shop.example", "url"),
    ("https://shop.example/a?token=8f3ab2c91d", "token-url"),
]


def kinds(text: str, *regions: str) -> list[str]:
    return [piece.kind for piece in personal_data(text, regions=regions)]


@pytest.mark.parametrize(("text", "kind"), ONE_OF_EACH)
def test_personal_data_is_found(text: str, kind: str) -> None:
    assert kinds(f"Write: {text}, please.") == [kind]


def test_a_national_number_is_read_in_its_market() -> None:
    assert kinds("Ring 030 901820 today", "DE") == ["phone"]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "Order 1234567, sizes 36-44, EAN 4006381333931",
        "On 2027-03-31 at 10:20:30, version 1.2.3.4",
        "111222333",
        "10-20-30 or 1,299.00",
        "@shop on social, at home",
        "version 10.4.22.7, firmware 203.0.113.7",
        "It happened today.It was at 10.am",
        "std::vector, a::b, 12::30",
        "polka dot company at home",
        "BSN 111222334",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert kinds(text, "US", "GB") == []


def test_one_address_in_two_spellings_has_one_value() -> None:
    values = {piece.value for piece in personal_data("Bob@Example.com bob@example.com bob (at) example (dot) com")}

    assert values == {"bob@example.com"}


@pytest.mark.parametrize(
    ("text", "strongest"),
    [
        ("Tel. 4111 1111 1111 1111", "card"),
        ("call DE89 3704 0044 0532 0130 00", "iban"),
        ("call 203.0.113.123", "ip-address"),
        ("phone 078-05-1121", "ssn"),
        ("call https://shop.example/0171-2345678", "url"),
        ("write to https://shop.example/4111111111111111", "url"),
    ],
)
def test_what_is_something_stronger_is_no_telephone_even_where_only_telephones_are_asked_for(
    text: str, strongest: str
) -> None:
    assert kinds(text) == [strongest]
    assert personal_data(text, kinds=["phone"]) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone_finds_what_it_finds_among_all(kind: PersonalKind) -> None:
    text = " and ".join(one for one, _ in ONE_OF_EACH)

    everything = personal_data(text, regions=("DE",))

    assert {piece.kind for piece in everything} == set(KINDS)
    assert personal_data(text, kinds=[kind], regions=("DE",)) == tuple(p for p in everything if p.kind == kind)


def test_words_are_data_and_what_is_not_given_stays() -> None:
    words = PersonalWords(phone=("bimmel",))

    assert [p.kind for p in personal_data("bimmel 467 3395", words=words)] == ["phone"]
    assert personal_data("call 467 3395", words=words) == ()
    assert [p.kind for p in personal_data("my card 501864667909", words=words)] == ["card"]
    assert words == PersonalWords(phone=("bimmel",))
    assert words != PersonalWords()


@given(st.text(st.sampled_from("0123456789 -+().@abcDE89[]\n٣"), max_size=60))
def test_pieces_never_overlap_and_lie_within(text: str) -> None:
    pieces = personal_data(text, regions=("US",))

    for before, after in pairwise(pieces):
        assert before.end <= after.start
    assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)


@given(st.text(st.sampled_from("0123456789 -+()./:?=&@a.deht\n"), max_size=80), st.sampled_from(KINDS))
def test_what_is_asked_for_besides_changes_nothing(text: str, kind: PersonalKind) -> None:
    everything = personal_data(text)

    assert personal_data(text, kinds=[kind]) == tuple(piece for piece in everything if piece.kind == kind)

"""Personal data is found by form and checksum, in any region asked for, and look-alikes are not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.matching import personal_data


def kinds(text: str, *regions: str) -> list[str]:
    return [piece.kind for piece in personal_data(text, regions=regions)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bob.miller+news@example.co.uk", "email"),
        ("bob [at] example [dot] org", "email"),
        ("bob＠example.com", "email"),
        ("4111 1111 1111 1111", "card"),
        ("378282246310005", "card"),
        ("my card 501864667909", "card"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("GB82WEST12345698765432", "iban"),
        ("078-05-1121", "ssn"),
        ("12345678Z", "national-id"),
        ("RSSMRA85T10A562S", "national-id"),
        ("AB 12 34 56 C", "national-id"),
        ("BSN 111222333", "national-id"),
        ("+49 30 901820", "phone"),
        ("(555) 123-4567", "phone"),
        ("call us at 0471 123 456", "phone"),
        ("203.0.113.7", "ip-address"),
    ],
)
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
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert kinds(text, "US", "GB") == []


def test_one_address_in_two_spellings_has_one_value() -> None:
    values = {piece.value for piece in personal_data("Bob@Example.com bob@example.com")}

    assert values == {"bob@example.com"}


@given(st.text(st.sampled_from("0123456789 -+().@abcDE89[]\n٣"), max_size=60))
def test_pieces_never_overlap_and_lie_within(text: str) -> None:
    pieces = personal_data(text, regions=("US",))

    for before, after in pairwise(pieces):
        assert before.end <= after.start
    assert all(0 <= piece.start < piece.end <= len(text) for piece in pieces)

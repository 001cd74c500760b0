"""Whoever is on the suppression list is known by a hash from the moment the list is read."""

import pytest

from presscheck.addresses import address_hash
from presscheck.errors import SegmentError
from presscheck.screening.suppression import load_suppressions


def test_addresses_become_hashes_whatever_their_spelling_and_place(tmp_path):
    path = tmp_path / "suppressed.csv"
    path.write_text('\ufeffreason, Address \nasked,ANA@example.com\n\n," ben@example.com"\n', encoding="utf-8")

    assert load_suppressions(path) == {address_hash("ana@example.com"), address_hash("ben@example.com")}


def test_a_header_without_rows_is_an_empty_list(tmp_path):
    path = tmp_path / "suppressed.csv"
    path.write_text("address\n")

    assert load_suppressions(path) == frozenset()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b"person\nana@example.com\n", "one column named address"),
        (b"address,address\na@example.com,b@example.com\n", ":1: the column address comes twice"),
        (b"reason,address\nasked,ana@example.com\nasked,\nasked\n", ":3: address: there is no address"),
        (b"address\n\xe4na@example.com\n", ":2: byte 0xe4 is not UTF-8"),
        (b'address\n"ana@example.com\n', ":2: a double quote opens here and is never closed"),
    ],
)
def test_a_list_that_can_be_read_only_in_part_is_refused(raw, message, tmp_path):
    path = tmp_path / "suppressed.csv"
    path.write_bytes(raw)

    with pytest.raises(SegmentError) as caught:
        load_suppressions(path)

    assert message in str(caught.value)


def test_a_missing_list_is_not_an_empty_one(tmp_path):
    with pytest.raises(SegmentError, match="cannot be read"):
        load_suppressions(tmp_path / "suppressed.csv")

"""The report shows enough to find a row, and not enough to write to anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.screening.report import mask_address, mask_id


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("ana@example.com", "a•••@e•••.com"),
        ("ana@example", "a•••@e•••"),
        ("ana", "a•••, no @"),
        ("", "(none)"),
        (None, "(none)"),
        ("\x07na@example.com", "�•••@e•••.com"),
    ],
)
def test_an_address_is_masked(address, masked):
    assert mask_address(address) == masked


@pytest.mark.parametrize(
    ("id_", "masked"),
    [
        ("c01", "c01"),
        ("ana@example.com", "a•••@e•••.com"),
        ("+49 170 1234567", "•••4567"),
        ("x" * 80, "x" * 60 + "…"),
        (None, "(none)"),
    ],
)
def test_an_id_is_shown_unless_it_is_personal_by_its_looks(id_, masked):
    assert mask_id(id_) == masked


@given(name=st.text(min_size=4, max_size=20), domain=st.text(min_size=4, max_size=20))
def test_no_masked_address_holds_the_name_or_the_domain(name, domain):
    masked = mask_address(f"{name}@{domain}.com")

    assert len(masked) <= 24
    assert f"{name}@" not in masked

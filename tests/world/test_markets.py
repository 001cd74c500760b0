"""A market is a country by its code in force; a slip is told with what was probably meant."""

import pytest
from pydantic import TypeAdapter, ValidationError

from presscheck.models import Market
from presscheck.world.markets import MARKETS, market_fault


def test_there_are_as_many_as_iso_3166_has() -> None:
    assert len(set(MARKETS)) == len(MARKETS) == 249


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("UK", "GB"),
        ("uk", "GB"),
        ("us", "US"),
        (" De ", "DE"),
        ("USA", "US"),
        ("GBR", "GB"),
        ("EL", "GR"),
        ("EN", "GB"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(written: str, meant: str) -> None:
    assert f"did you mean {meant}?" in (market_fault(written) or "")


@pytest.mark.parametrize("written", ["EU", "eu", "EEA", "DACH", "LATAM", "UN"])
def test_several_countries_are_to_be_listed(written: str) -> None:
    assert "list the countries" in (market_fault(written) or "")


@pytest.mark.parametrize("written", ["", "XX", "ZZ", "XK", "AA", "SU", "YU", "D", "DEU1", "ＤＥ", "D\nE"])
def test_what_is_no_code_in_force_is_no_market(written: str) -> None:
    assert market_fault(written) is not None
    with pytest.raises(ValidationError):
        TypeAdapter(Market).validate_python(written)

"""What a text may hold is told before it is searched, and never too little."""

import pytest

from presscheck.matching import PersonalKind
from presscheck.matching.personal import possible
from tests.matching.test_personal import KINDS, ONE_OF_EACH


@pytest.mark.parametrize(("text", "kind"), ONE_OF_EACH)
def test_what_is_found_was_possible(text: str, kind: PersonalKind) -> None:
    assert kind in possible(f"Write: {text}, please.")
    assert kind in possible(f"Write:\n\n{text}, “please”.")


@pytest.mark.parametrize(
    "text",
    [
        "Warm, dry and made to last: boots for every winter!",
        "Warme Stiefel für den Winter – jetzt entdecken",
        "50% off until Sunday, sizes 36-44",
    ],
)
def test_plain_copy_can_hold_nothing(text: str) -> None:
    assert possible(text) == frozenset()


def test_a_price_makes_a_link_possible_and_no_number() -> None:
    assert possible("Now $19.99").isdisjoint(set(KINDS) - {"url", "token-url"})

"""What a delivery policy says of waiting, of trying again, and of how many have to be reached."""

from typing import Any

import pytest
from pydantic import ValidationError

from policies import DeliveryPolicy
from presscheck.digests import digest_of
from presscheck.press.patience import Patience, patience_of

BEFORE: dict[str, Any] = {
    "id": "delivery.careful",
    "kind": "delivery",
    "title": "Careful",
    "why": "New list.",
    "source": {"name": "Ours", "date": "2026-01-15"},
    "owner": "marketing operations",
    "scope": {"channels": ["email"], "markets": "all"},
    "complaints_at_most": "0.1%",
    "bounces_at_most": "2%",
    "counted_after": 500,
    "message": "Ask.",
    "cases": [
        {"when": {"sent": 1000, "complaints": 1}, "stops": False},
        {"when": {"sent": 1000, "complaints": 2}, "stops": True},
    ],
}
ENOUGH = [{"of": 10, "delivered": 5, "suffices": True}, {"of": 10, "delivered": 4, "suffices": False}]


def policy(**more: Any) -> DeliveryPolicy:
    return DeliveryPolicy.model_validate({**BEFORE, **more})


def test_a_policy_that_says_nothing_of_patience_keeps_its_version() -> None:
    told = policy().model_dump(mode="json")

    assert not {"delivered_at_least", "delivered_cases", "waits_at_most", "tries_for"} & set(told)
    assert policy(waits_at_most="24h").version == policy().version == digest_of(told)
    assert policy(waits_at_most="12h").version != policy().version


@pytest.mark.parametrize(
    ("delivered", "of", "short"), [(5, 10, False), (4, 10, True), (0, 1, True), (1, 1, False), (0, 0, False)]
)
def test_a_share_is_held_against_those_handed_over(delivered: int, of: int, short: bool) -> None:
    found = policy(delivered_at_least="50%", delivered_cases=ENOUGH).shortfall(delivered, of)

    assert (found is not None) == short
    assert policy().shortfall(delivered, of) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"delivered_at_least": "50%"}, "give at least one case with suffices: true and one with suffices: false"),
        (
            {"delivered_at_least": "30%", "delivered_cases": ENOUGH},
            "4 of 10 is enough by delivered_at_least, and the case says otherwise",
        ),
        ({"delivered_at_least": "101%", "delivered_cases": ENOUGH}, "at most at 100 %"),
        ({"waits_at_most": "soon"}, "waits_at_most"),
        ({"tries_for": "0h"}, "tries_for"),
    ],
)
def test_a_policy_whose_patience_does_not_hold_does_not_load(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        policy(**more)


def test_of_several_policies_the_shortest_patience_counts() -> None:
    found = patience_of([policy(waits_at_most="12h"), policy(tries_for="6h")])

    assert (found.waits.total_seconds(), found.tries.total_seconds()) == (12 * 3600, 6 * 3600)
    assert patience_of([]) == Patience()

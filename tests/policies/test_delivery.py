"""A delivery policy: the bound of one provider, and when an address is given up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies import CameBack, DeliveryPolicy, load_policies
from policies.engine.delivery import GoneAfter

DAY = datetime(2026, 3, 2, tzinfo=UTC)
(SHIPPED,) = load_policies().deliveries


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"sent": 60, "to_provider": 50, "refused": 11}, "refused"),
        ({"sent": 60, "to_provider": 50, "refused": 10}, None),
        ({"sent": 60, "to_provider": 49, "refused": 49}, None),
        ({"sent": 60, "to_provider": 0, "refused": 0}, None),
        ({"sent": 1000, "to_provider": 50, "refused": 11, "complaints": 100}, "refused"),
        ({"sent": 6000, "to_provider": 60, "refused": 60}, "refused"),
        ({"sent": 6001, "to_provider": 60, "refused": 60}, None),
        ({"sent": 2000, "to_provider": 50, "refused": 1, "complaints": 100}, "complaints"),
        ({"sent": 2000, "bounces": 101}, "bounces"),
    ],
)
def test_one_provider_has_a_bound_of_its_own(when: dict[str, int], code: str | None) -> None:
    found = SHIPPED.excess(CameBack(**when), provider="example.com")

    assert (None if found is None else found.code) == code
    assert found is None or code != "refused" or "messages to example.com were refused" in found.reason


@pytest.mark.parametrize(
    ("days", "reached"),
    [
        ([], False),
        ([0, 3], False),
        ([0, 3, 5], True),
        ([0, 2, 4.9], False),
        ([0, 5, 61], False),
        ([0, 58, 60], True),
        ([0, 100, 103, 106], True),
        ([6, 0, 3], True),
    ],
)
def test_an_address_is_given_up_after_several_failures_over_days(days: list[float], reached: bool) -> None:
    assert GoneAfter().reached(DAY + timedelta(days=day) for day in days) == reached


@given(days=st.lists(st.floats(0, 400), max_size=8))
def test_nobody_is_given_up_in_a_day_or_by_one_failure(days: list[float]) -> None:
    rule = GoneAfter(failures=2, over_days=5)

    if rule.reached(DAY + timedelta(days=day) for day in days):
        assert len(days) >= 2
        assert max(days) - min(days) >= 4.99


@pytest.mark.parametrize("given", [{"failures": 1}, {"over_days": 0}, {"over_days": 90}, {"within_days": 731}])
def test_a_rule_that_gives_up_at_once_or_never_does_not_load(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GoneAfter(**given)


def test_a_policy_from_before_keeps_its_version_and_has_the_bounds_all_the_same() -> None:
    told = SHIPPED.model_dump(mode="json")

    newer = {"refused_at_most", "refused_counted_after", "refused_matters_from", "gone_after"}
    assert newer & told.keys() == set()
    assert DeliveryPolicy.model_validate(told).excess(CameBack(sent=60, to_provider=50, refused=50)) is not None
    assert SHIPPED.model_copy(update={"refused_at_most": "10%"}).model_dump()["refused_at_most"] == "10%"
    assert "refused" not in CameBack(sent=5).model_dump()

"""What tokens cost: by the operator's word, by genai-prices at the provider's own address, or unknown."""

from decimal import Decimal

import pytest

from presscheck.providers.spending import price_of
from presscheck.settings.models import OneModel


def test_a_price_by_the_operator_counts_and_is_rounded_up() -> None:
    price = price_of(OneModel(provider="openai", name="x", price_in=Decimal("0.15"), price_out=Decimal("0.60")))

    assert price is not None
    assert price.cost(1_000_000, 1_000_000) == 750_000
    assert price.cost(1, 0) == 1


def test_a_known_model_at_its_providers_own_address_has_the_published_price() -> None:
    price = price_of(OneModel(provider="openai", name="gpt-4o-mini"))

    assert price is not None
    assert price.cost(1_000_000, 1_000_000) == 750_000


@pytest.mark.parametrize(
    "model",
    [
        OneModel(provider="openai", name="a-model-that-nobody-knows"),
        OneModel(provider="openai", name="gpt-4o-mini", base_url="https://reseller.example/v1"),
        OneModel(provider="openai-compatible", name="gpt-4o-mini", base_url="https://reseller.example/v1"),
    ],
)
def test_what_nobody_here_knows_is_unknown_and_not_free(model: OneModel) -> None:
    assert price_of(model) is None


def test_a_local_model_costs_nothing() -> None:
    price = price_of(OneModel(provider="local"))

    assert price is not None
    assert price.cost(10_000, 10_000) == 0

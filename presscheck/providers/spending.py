"""What a request to a model may cost and did cost, in millionths of a dollar, rounded up.

A copywriter spends through a `Purse`: it asks before each request, with the most that the request can
cost, and says afterwards what it came to. What the purse does with that is not the provider's business.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal, Protocol

from presscheck.settings.models import OneModel


class SpentSoFar(Protocol):
    """What a purse's requests came to."""

    @property
    def microdollars(self) -> int: ...

    @property
    def requests(self) -> int: ...

    @property
    def input_tokens(self) -> int: ...

    @property
    def output_tokens(self) -> int: ...

    @property
    def unpriced(self) -> int: ...


class Purse(Protocol):
    """Allows requests and records what they cost."""

    def reserve(self, *, provider: str, model: str, purpose: str, worst: int | None) -> str:
        """An id for a request that may be sent now; ProviderError where it could cost more than is allowed."""
        ...

    def charge(
        self,
        request: str,
        *,
        provider: str,
        model: str,
        purpose: str,
        input_tokens: int,
        output_tokens: int,
        cost: int | None,
        outcome: Literal["answered", "refused", "unknown"],
    ) -> None:
        """What a reserved request came to."""
        ...

    def spent(self) -> SpentSoFar:
        """What all requests came to so far."""
        ...


@dataclass(frozen=True)
class Price:
    """What a model's tokens cost: by the operator's word, or by genai-prices for the provider's own address."""

    provider: str
    name: str
    price_in: Decimal | None = None
    """Dollars for a million input tokens; None: genai-prices knows."""
    price_out: Decimal | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        """Millionths of a dollar; cached input counts in full, so it is never less than what is charged."""
        if self.price_in is not None and self.price_out is not None:
            # A dollar for a million tokens is a millionth of a dollar for one.
            dollars = (input_tokens * self.price_in + output_tokens * self.price_out) / 1_000_000
        else:
            dollars = _known_price(self.provider, self.name, input_tokens, output_tokens)
        return int((dollars * 1_000_000).to_integral_value(ROUND_CEILING))


def price_of(model: OneModel) -> Price | None:
    """The model's price, or None where nobody knows it."""
    provider, name = model.provider or "", model.name
    if model.price_in is not None and model.price_out is not None:
        return Price(provider, name, model.price_in, model.price_out)
    if provider == "local":
        return Price(provider, name, Decimal(0), Decimal(0))
    # At another address somebody else sends the bill, whatever the model is called.
    if model.base_url or provider == "openai-compatible":
        return None
    try:
        _known_price(provider, name, 1, 1)
    except LookupError:
        return None
    return Price(provider, name)


def _known_price(provider: str, name: str, input_tokens: int, output_tokens: int) -> Decimal:
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    return calc_price(usage, name, provider_id=provider).total_price

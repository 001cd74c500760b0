"""`[baseline]`: what human minutes and tools cost."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from presscheck.settings.section import Section


class BaselineSection(Section):
    """`[baseline]`: what human minutes and tools cost."""

    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="What the amounts below are in.")
    hourly_rate: Decimal | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="What an hour of a person's work costs; empty: no cost is worked out.",
    )
    tools: dict[str, Annotated[Decimal, Field(ge=0, le=10_000_000)]] = Field(
        default_factory=dict, description='What each tool costs a month, such as {"copywriter" = 49}.'
    )
    minutes_cap: float = Field(
        default=60.0, gt=0, le=1440, description="A review counts as at most so much work: an open tab is none."
    )
    dollar_rate: Decimal | None = Field(
        default=None, gt=0, description="What one US dollar costs in `currency`; models charge in dollars."
    )

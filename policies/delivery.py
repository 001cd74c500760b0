"""A delivery policy: when what comes back stops a delivery that is under way."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.policy import Channels, Markets, Policy, Words, covers
from presscheck.models import Channel, Frozen

__all__ = ["CameBack", "DeliveryCase", "DeliveryPolicy", "DeliveryScope", "Excess"]


def _share(text: str) -> str:
    if not 0 < Fraction(text[:-1]) <= 100:
        raise ValueError("must lie above 0 % and at most at 100 %")
    return text


Percent = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})?%$"), AfterValidator(_share)]


class DeliveryScope(Frozen):
    """Where a delivery policy holds. Nothing is implied: write `all` for everywhere."""

    channels: Channels = Field(description="all, or a list of channels such as email.")
    markets: Markets = Field(description="all, or a list of ISO 3166-1 alpha-2 codes such as US, DE.")

    def reaches(self, channel: Channel, markets: Iterable[str]) -> bool:
        """True where the channel and at least one of the markets lie within."""
        return covers(self.channels, (channel,), every=True) and covers(self.markets, markets, every=False)


class CameBack(Frozen):
    """How a delivery stands: messages that went out, and what came back of them."""

    sent: int = Field(ge=0, description="Messages that a server was given.")
    complaints: int = Field(default=0, ge=0, description="Recipients who called it spam.")
    bounces: int = Field(default=0, ge=0, description="Messages that were refused for good.")


class Excess(Frozen):
    """A bound that was passed: which, and the figure in words."""

    code: Literal["complaints", "bounces"]
    reason: str


class DeliveryCase(Frozen):
    """One situation, and whether the policy stops the delivery in it."""

    when: CameBack = Field(description="sent, complaints and bounces.")
    stops: bool = Field(description="true: the delivery must stop there; false: it must go on.")


class DeliveryPolicy(Policy):
    """How many complaints and bounces a delivery may gather before it stops by itself."""

    kind: Literal["delivery"] = Field(description="delivery.")
    scope: DeliveryScope = Field(description="Where it holds: channels and markets.")
    complaints_at_most: Percent = Field(description="Share of the messages sent, such as 0.3%; above it all stops.")
    bounces_at_most: Percent = Field(description="Share of the messages sent, such as 5%; above it all stops.")
    counted_after: int = Field(
        ge=1, le=1_000_000, description="How many messages must have been sent before a share means anything."
    )
    message: Words = Field(description="What whoever runs the campaign should do about it.")
    cases: tuple[DeliveryCase, ...] = Field(description="Situations with stops: true and false, at least one each.")

    def excess(self, came_back: CameBack) -> Excess | None:
        """The bound that is passed, complaints first; None where the delivery may go on."""
        if came_back.sent < self.counted_after:
            return None
        bounds: tuple[tuple[Literal["complaints", "bounces"], int, str], ...] = (
            ("complaints", came_back.complaints, self.complaints_at_most),
            ("bounces", came_back.bounces, self.bounces_at_most),
        )
        for code, count, bound in bounds:
            if Fraction(count * 100, came_back.sent) > Fraction(bound[:-1]):
                share = f"{100 * count / came_back.sent:.2f} %"
                told = f"{count:,} {code} on {came_back.sent:,} messages are {share}, and {self.id} allows {bound}"
                return Excess(code=code, reason=f"{told}. {self.message}")
        return None

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if len({case.stops for case in self.cases}) < 2:
            raise ValueError("cases: give at least one case with stops: true and one with stops: false")
        return self

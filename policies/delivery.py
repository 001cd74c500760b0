"""A delivery policy: when what comes back stops a delivery that is under way."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from policies.policy import Channels, Markets, Policy, Words, covers
from presscheck.models import Channel, Frozen

__all__ = ["CameBack", "DeliveryCase", "DeliveryPolicy", "DeliveryScope", "Excess"]


def _share(text: str) -> str:
    if not 0 < Fraction(text[:-1]) <= 100:
        raise ValueError("must lie above 0 % and at most at 100 %")
    return text


Hours = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}h$")]
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


class DeliveredCase(Frozen):
    """How many of those that messages were handed over for were reached, and whether that is enough."""

    of: int = Field(ge=1, description="Messages that were handed over: not suppressed.")
    delivered: int = Field(ge=0, description="Messages that were taken, or may have been.")
    suffices: bool = Field(description="true: the run ends as Delivered; false: it ends as Held.")


class DeliveryPolicy(Policy):
    """When a delivery stops by itself, how long it waits for a server, and what share must arrive."""

    kind: Literal["delivery"] = Field(description="delivery.")
    scope: DeliveryScope = Field(description="Where it holds: channels and markets.")
    complaints_at_most: Percent = Field(description="Share of the messages sent, such as 0.3%; above it all stops.")
    bounces_at_most: Percent = Field(description="Share of the messages sent, such as 5%; above it all stops.")
    counted_after: int = Field(
        ge=1, le=1_000_000, description="How many messages must have been sent before a share means anything."
    )
    message: Words = Field(description="What whoever runs the campaign should do about it.")
    delivered_at_least: Percent | None = Field(
        default=None,
        description="Share of those handed over that must be reached; below it the run is Held.",
    )
    delivered_cases: tuple[DeliveredCase, ...] = Field(
        default=(),
        description="Shares that suffice and that do not, one each, where delivered_at_least is set.",
    )
    waits_at_most: Hours = Field(
        default="24h",
        description="How long a delivery waits for a server that refuses or is away; then held.",
    )
    tries_for: Hours = Field(
        default="24h",
        description="How long a message that a server puts off is tried; then it has failed.",
    )
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

    def shortfall(self, delivered: int, of: int) -> str | None:
        """What is missing, in words, where fewer of those handed over were reached than must be."""
        if self.delivered_at_least is None or not of:
            return None
        if Fraction(delivered * 100, of) >= Fraction(self.delivered_at_least[:-1]):
            return None
        share = f"{100 * delivered / of:.1f} %"
        return f"{delivered:,} of {of:,} were reached, {share}, and {self.id} asks for {self.delivered_at_least}."

    @property
    def waiting(self) -> timedelta:
        return timedelta(hours=int(self.waits_at_most[:-1]))

    @property
    def trying(self) -> timedelta:
        return timedelta(hours=int(self.tries_for[:-1]))

    @model_serializer(mode="wrap")
    def _as_before_where_nothing_new_is_said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what has its default: a policy that says nothing of patience keeps the version that it had."""
        told: dict[str, Any] = dump(self)
        for name in ("delivered_at_least", "delivered_cases", "waits_at_most", "tries_for"):
            if getattr(self, name) == type(self).model_fields[name].default:
                told.pop(name, None)
        return told

    @model_validator(mode="after")
    def _a_share_is_tried(self) -> Self:
        if self.delivered_at_least is not None and len({case.suffices for case in self.delivered_cases}) < 2:
            raise ValueError("delivered_cases: give at least one case with suffices: true and one with suffices: false")
        for case in self.delivered_cases:
            if (self.shortfall(case.delivered, case.of) is None) != case.suffices:
                raise ValueError(
                    f"delivered_cases: {case.delivered} of {case.of} {'is not' if case.suffices else 'is'} enough by "
                    "delivered_at_least, and the case says otherwise; mend the share or the case"
                )
        return self

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if len({case.stops for case in self.cases}) < 2:
            raise ValueError("cases: give at least one case with stops: true and one with stops: false")
        return self

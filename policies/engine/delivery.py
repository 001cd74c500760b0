"""A delivery policy: when what comes back stops a delivery that is under way, and when an address is given up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)  # fmt: skip

from policies.engine.policy import Channels, Markets, Policy, Words, both_ways, covers
from presscheck.models import Channel, Frozen


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
    bounces: int = Field(default=0, ge=0, description="Messages that were not delivered, for whatever reason.")
    to_provider: int = Field(default=0, ge=0, description="Of the messages sent, those to one provider.")
    refused: int = Field(
        default=0, ge=0, description="Of those to one provider: refused for another reason than a mailbox that is gone."
    )

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what is not said of a provider: a policy from before keeps its version."""
        return {name: value for name, value in dump(self).items() if value or name not in ("to_provider", "refused")}


class Excess(Frozen):
    """A bound that was passed: which, and the figure in words."""

    code: Literal["complaints", "bounces", "refused"]
    reason: str


class GoneAfter(Frozen):
    """When an address is given up although no server ever said that it is gone."""

    failures: int = Field(default=3, ge=2, le=20, description="So many deliveries have failed to reach it,")
    over_days: int = Field(default=5, ge=1, le=365, description="the first and the last at least so many days apart,")
    within_days: int = Field(default=60, ge=1, le=730, description="and all of them within so many days.")

    def reached(self, failed: Iterable[datetime]) -> bool:
        """Whether an address that failed at these moments, one a delivery, is given up at the last of them."""
        moments = sorted(failed)
        if not moments:
            return False
        counted = [one for one in moments if moments[-1] - one <= timedelta(days=self.within_days)]
        return len(counted) >= self.failures and counted[-1] - counted[0] >= timedelta(days=self.over_days)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.over_days > self.within_days:
            raise ValueError("over_days must not be longer than within_days")
        return self


class DeliveryCase(Frozen):
    """One situation, and whether the policy stops the delivery in it."""

    when: CameBack = Field(description="sent, complaints and bounces; or to_provider and refused.")
    stops: bool = Field(description="true: the delivery must stop there; false: it must go on.")


class DeliveredCase(Frozen):
    """How many of those that messages were handed over for were reached, and whether that is enough."""

    of: int = Field(ge=1, description="Messages that were handed over: not suppressed.")
    delivered: int = Field(ge=0, description="Messages that were taken, or may have been.")
    suffices: bool = Field(description="true: the run ends as Delivered; false: it ends as Held.")


_NEWER = {
    "refused_at_most": "20%",
    "refused_counted_after": 50,
    "refused_matters_from": "1%",
    "gone_after": GoneAfter(),
    "delivered_at_least": None,
    "delivered_cases": (),
    "waits_at_most": "24h",
    "tries_for": "24h",
}
"""What policies from before do not say holds for them as well, and is left out of their version."""


class DeliveryPolicy(Policy):
    """When a delivery stops by itself, how long it waits for a server, and what share must arrive."""

    kind: Literal["delivery"] = Field(description="delivery.")
    scope: DeliveryScope = Field(description="Where it holds: channels and markets.")
    complaints_at_most: Percent = Field(description="Share of the messages sent, such as 0.3%; above it all stops.")
    bounces_at_most: Percent = Field(description="Share of the messages sent, such as 5%; above it all stops.")
    counted_after: int = Field(
        ge=1, le=1_000_000, description="How many messages must have been sent before a share means anything."
    )
    # What is about us comes from one provider at a time, and all of its readers are lost before it shows in the sum.
    refused_at_most: Percent = Field(
        default="20%",
        description="Share of the messages to one provider that may be refused for another reason than a mailbox that "
        "is gone, such as our domain, our server, our words; above it all stops.",
    )
    refused_counted_after: int = Field(
        default=50, ge=1, le=1_000_000, description="How many messages one provider must have got for that."
    )
    refused_matters_from: Percent = Field(
        default="1%",
        description="Share of all messages sent that these must be: one company that wants no mail of ours stops "
        "nobody else's.",
    )
    gone_after: GoneAfter = Field(
        default=GoneAfter(), description="When an address is given up that fails and fails, and never as gone."
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
    cases: Annotated[tuple[DeliveryCase, ...], both_ways("stops")] = Field(
        description="Situations with stops: true and false, at least one each."
    )

    def excess(self, came_back: CameBack, *, provider: str = "one provider") -> Excess | None:
        """The bound that is passed, that of a provider first; None where the delivery may go on."""
        # Whoever signs up fifty addresses at a domain of their own could stop every mailing, if the share of all did
        # not count.
        if (
            came_back.to_provider >= self.refused_counted_after
            and _above(came_back.refused, came_back.to_provider, self.refused_at_most)
            and not _below(came_back.refused, came_back.sent, self.refused_matters_from)
        ):
            return Excess(code="refused", reason=self._told(
                f"{came_back.refused:,} of {came_back.to_provider:,} messages to {provider} were refused, and not "
                "for a mailbox that is gone; that is", came_back.refused, came_back.to_provider, self.refused_at_most,
            ))  # fmt: skip
        if came_back.sent < self.counted_after:
            return None
        bounds: tuple[tuple[Literal["complaints", "bounces"], int, str], ...] = (
            ("complaints", came_back.complaints, self.complaints_at_most),
            ("bounces", came_back.bounces, self.bounces_at_most),
        )
        for code, count, bound in bounds:
            if _above(count, came_back.sent, bound):
                told = f"{count:,} {code} on {came_back.sent:,} messages are"
                return Excess(code=code, reason=self._told(told, count, came_back.sent, bound))
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

    def too_much(self, failed: int, of: int) -> bool:
        """Whether so many of a delivery's messages failed that each failure says nothing of its reader."""
        return _above(failed, of, self.refused_at_most)

    def _told(self, what: str, count: int, of: int, bound: str) -> str:
        return f"{what} {100 * count / of:.2f} %, and {self.id} allows {bound}. {self.message}"

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what is as it was before a policy could say it: such a policy keeps its version."""
        left_out = {name for name, usual in _NEWER.items() if getattr(self, name) == usual}
        return {name: value for name, value in dump(self).items() if name not in left_out}

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


def _above(count: int, of: int, bound: str) -> bool:
    return of > 0 and Fraction(count * 100, of) > Fraction(bound[:-1])


def _below(count: int, of: int, bound: str) -> bool:
    return Fraction(count * 100, max(1, of)) < Fraction(bound[:-1])

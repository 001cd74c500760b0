"""An approval policy: who may decide at a gate, on what terms, and until when."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.policy import All, Channels, Markets, Policy, Words, covers
from presscheck.models import Channel, Frozen, Market, ReasonCode, RiskTier

__all__ = ["ApprovalCase", "ApprovalPolicy", "ApprovalScope", "Picks", "Risk", "When"]

_DURATION = re.compile(r"^([1-9][0-9]{0,3})([mhd])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=90)

Gate = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]
Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$", max_length=80)]


def _lasting(text: str) -> str:
    found = _DURATION.match(text)
    if found is None:
        raise ValueError("is no duration; write a number and m, h or d, such as 36h or 7d")
    if timedelta(**{_UNITS[found[2]]: int(found[1])}) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST.days} days; prices and claims do not hold that long")
    return text


class ApprovalScope(Frozen):
    """Where an approval policy holds. Nothing is implied: write `all` for everywhere."""

    gates: All | Annotated[tuple[Gate, ...], Field(min_length=1)] = Field(
        description="all, or a list of gates, such as copy."
    )
    channels: Channels = Field(description="all, or a list of email, sms, push, social, search, blog.")
    markets: Markets = Field(description="all, or a list of ISO 3166-1 alpha-2 codes such as US, DE.")

    def reaches(self, gate: str, channel: str, markets: Iterable[str]) -> bool:
        """True where gate, channel and every one of the markets lie within."""
        return (
            covers(self.gates, (gate,), every=True)
            and covers(self.channels, (channel,), every=True)
            and covers(self.markets, markets, every=True)
        )


class Risk(Frozen):
    """How much is at stake, and why that is so."""

    tier: RiskTier = Field(description="low, medium, high or critical.")
    why: Words = Field(description="Why this tier; reviewers read it.")


class Picks(Frozen):
    """How many of the choices a reviewer may let through."""

    at_least: int = Field(ge=1, le=20, description="Fewest picks of an approval; never 0.")
    at_most: int = Field(ge=1, le=20, description="Most picks of an approval.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most, so nobody could approve; swap them")
        return self


class When(Frozen):
    """A question that a case puts to the policy's scope."""

    gate: Gate
    channel: Channel
    markets: tuple[Market, ...] = Field(min_length=1)


class ApprovalCase(Frozen):
    """One situation and whether the policy decides it."""

    when: When = Field(description="gate, channel and markets.")
    applies: bool = Field(description="true: this policy decides there; false: it must not.")


class ApprovalPolicy(Policy):
    """Who decides at which gate; one policy for each situation, or nothing goes on."""

    kind: Literal["approval"] = Field(description="approval.")
    scope: ApprovalScope = Field(description="Where it holds: gates, channels and markets.")
    asks: Literal["approval", "writing"] = Field(
        default="approval",
        description="approval: somebody picks what goes out. writing: somebody writes a text, approved elsewhere.",
    )
    role: Role = Field(description="The one role that may decide, such as brand_lead.")
    markets: Literal["all-of-audience", "any"] = Field(
        description="all-of-audience: the decider must be responsible for every market of the audience. any: for one."
    )
    risk: Risk = Field(description="tier and why.")
    own_edits: Literal["allowed", "refused"] = Field(
        description="Whether an approver may approve a text that holds the approver's own edits."
    )
    expires_after: Annotated[str, AfterValidator(_lasting)] = Field(
        description="How long a question may wait: a number and m, h or d, such as 7d; then it counts as refused."
    )
    picks: Picks = Field(description="at_least and at_most.")
    max_rounds: int = Field(ge=1, le=20, description="How often changes may be requested and drafted anew.")
    criteria: dict[ReasonCode, Words] = Field(description="What to look at, for each of the reason codes.")
    cases: tuple[ApprovalCase, ...] = Field(description="Situations with applies: true and false, at least one each.")

    @property
    def expires_in(self) -> timedelta:
        """`expires_after` as a time span."""
        found = _DURATION.match(self.expires_after)
        if found is None:
            raise ValueError(f"{self.id}: expires_after was never checked")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    @model_validator(mode="after")
    def _complete(self) -> Self:
        reasons: tuple[ReasonCode, ...] = (
            "factual", "grammar", "compliance", "voice", "cultural", "audience", "other",
        )  # fmt: skip
        if without := [reason for reason in reasons if reason not in self.criteria]:
            raise ValueError(f"criteria: say what to look at for {', '.join(without)}")
        if len({case.applies for case in self.cases}) < 2:
            raise ValueError("cases: give at least one case with applies: true and one with applies: false")
        return self

"""An approval model: who decides at a gate, in which stages, on what terms, and until when.

`role`, `markets` and `expires_after` are short for one stage that needs one person; `stages` says more
(see `policies.engine.stages`). Which model holds goes by gate, channel, markets, tier and kind of asset.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.engine.calendars import Duration, plain_limit
from policies.engine.policy import All, AskedKind, Channels, Kinds, Markets, Policy, PolicyId, Words, both_ways, covers
from policies.engine.stages import Need, Stage, seats_of, several
from presscheck.models import AssetKind, Channel, Frozen, Market, ReasonCode, RiskTier, Role

Gate = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]
TEXTS: tuple[AssetKind, ...] = ("copy", "image", "material")
"""What a model decides about that names no kinds."""
_WORDS = {"copy", "image"}
_TIERS: tuple[RiskTier, ...] = ("low", "medium", "high", "critical")
ALIKE_TIERS: frozenset[str] = frozenset({"low", "medium"})
"""Where alike questions may be answered together; above, each is read by itself."""
# WCAG 2.2, 2.2.1: whoever is warned that a time runs out has twenty seconds to ask for more.
LEAST_REGRET, MOST_REGRET = 20, 120


def _share(text: str) -> str:
    if not 0 < float(text[:-1]) <= 100:
        raise ValueError("must lie above 0 % and at most at 100 %; 100 % asks a person about every one")
    return text


Share = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})?%$"), AfterValidator(_share)]


def _seconds(text: str) -> str:
    if (seconds := int(text[:-1])) and not LEAST_REGRET <= seconds <= MOST_REGRET:
        raise ValueError(
            f"must be 0s, or {LEAST_REGRET}s to {MOST_REGRET}s; in less nobody finds the button who reads slowly"
        )
    return text


Regret = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}s$"), AfterValidator(_seconds)]


class ApprovalScope(Frozen):
    """Where an approval policy holds. Nothing is implied: write `all` for everywhere."""

    gates: All | Annotated[tuple[Gate, ...], Field(min_length=1)] = Field(
        description="all, or a list of gates, such as copy."
    )
    channels: Channels = Field(description="all, or a list of email, sms, push, social, search, blog.")
    markets: Markets = Field(description="all, or a list of ISO 3166-1 alpha-2 codes such as US, DE.")
    tiers: All | Annotated[tuple[RiskTier, ...], Field(min_length=1)] = Field(
        default="all", description="all, or a list of low, medium, high, critical (policies/tiers/*.yaml)."
    )
    kinds: Kinds = Field(
        default=TEXTS,
        description="all, or the kinds of asset; without it copy, image and material. Every kind that is asked about "
        "has to be among them; of a text and its picture, one is enough.",
    )

    def reaches(
        self,
        gate: str,
        channel: str,
        markets: Iterable[str],
        tier: str | None = None,
        kinds: Iterable[str] | None = ("copy",),
    ) -> bool:
        """True where gate, channel, every one of the markets, tier and kinds lie within; None: whatever they are."""
        return (
            covers(self.gates, (gate,), every=True)
            and covers(self.channels, (channel,), every=True)
            and covers(self.markets, markets, every=True)
            and (tier is None or covers(self.tiers, (tier,), every=True))
            and (kinds is None or self._covers_kinds(set(kinds)))
        )

    def _covers_kinds(self, kinds: set[str]) -> bool:
        words, others = kinds & _WORDS, kinds - _WORDS
        return bool(kinds) and (
            (not words or covers(self.kinds, words, every=False))
            and (not others or covers(self.kinds, others, every=True))
        )


class Automatic(Frozen):
    """A spot-check: a person looks at a share, and the rest goes out under this rule, once somebody signed it."""

    share: Share = Field(description="How much a person still looks at, such as 20%; drawn by a seed on record.")
    picks: int = Field(default=1, ge=1, le=20, description="How many of the first choices go out without a person.")


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
    tier: RiskTier | None = Field(default=None, description="Nothing: whatever the tier.")
    kinds: tuple[AskedKind, ...] = Field(default=("copy",), min_length=1)


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
    role: Role | None = Field(default=None, description="Short for one stage of one person: who, such as brand_lead.")
    markets: Literal["all-of-audience", "any"] | None = Field(
        default=None,
        description="With role. all-of-audience: the decider must be responsible for every market of the audience. "
        "any: for one.",
    )
    expires_after: Duration | None = Field(
        default=None, description="With role: how long a question may wait, such as 7d; then it counts as refused."
    )
    stages: tuple[Stage, ...] = Field(
        default=(), max_length=9, description="In sequence, where role, markets and expires_after do not say enough."
    )
    calendar: PolicyId | None = Field(
        default=None, description="Whose working time bh and bd count, such as calendars.head-office."
    )
    automatic: Automatic | None = Field(
        default=None, description="share and picks: only a share is asked about. Nothing: every one."
    )
    on_change: Literal["reopen", "keep"] = Field(
        default="reopen",
        description="When policies change while people are asked. reopen: they are asked again under the new ones. "
        "keep: this model's version of then goes on to decide; the guardrails are always those of now.",
    )
    own_edits: Literal["allowed", "refused"] = Field(
        description="Whether an approver may approve a text that holds the approver's own edits."
    )
    regret: Regret = Field(
        default="0s",
        description="How long an answer on the proof can be taken back before it counts, such as 20s; 0s: it counts at "
        "once. Prefect's form, the API and the command line always answer at once.",
    )
    alike: Literal["together", "each"] = Field(
        default="each",
        description="together: after answering one question on the proof, others of the same brief and policies, with "
        "the same choices, may be answered with it, each judged by itself. Of tier low and medium only.",
    )
    picks: Picks = Field(description="at_least and at_most.")
    max_rounds: int = Field(ge=1, le=20, description="How often changes may be requested and drafted anew.")
    criteria: dict[ReasonCode, Words] = Field(description="What to look at, for each of the reason codes.")
    cases: Annotated[tuple[ApprovalCase, ...], both_ways("applies")] = Field(
        description="Situations with applies: true and false, at least one each."
    )

    @cached_property
    def longest(self) -> timedelta:
        """A span that no review under this model outlasts, all stages together."""
        return sum((plain_limit(stage.expires_after) for stage in self.stages), timedelta())

    @property
    def regret_seconds(self) -> int:
        """How long an answer on the proof can be taken back; 0: not at all."""
        return int(self.regret[:-1])

    @property
    def roles(self) -> tuple[Role, ...]:
        """Every role that may approve in some stage, in order."""
        return tuple(dict.fromkeys(role for stage in self.stages for need in stage.needs for role in need.roles))

    def asks_for(self) -> str:
        """Whom it asks, in words: `brand lead`, or `brand lead, then regional reviewer, then legal`."""
        return ", then ".join(_named(stage.needs) for stage in self.stages)

    @model_validator(mode="after")
    def _some_stages(self) -> Self:
        short = {"role": self.role, "markets": self.markets, "expires_after": self.expires_after}
        given = [name for name, value in short.items() if value is not None]
        if self.stages and given:
            raise ValueError(f"stages: says it all; take out {', '.join(given)}")
        if self.role is None or self.markets is None or self.expires_after is None:
            if not self.stages:
                absent = ", ".join(name for name, value in short.items() if value is None)
                raise ValueError(f"{absent}: write role, markets and expires_after, or stages")
            return self
        need = Need(any_of=(self.role,), markets=self.markets)
        one = Stage(stage="approval", needs=(need,), expires_after=self.expires_after)
        # The short form is written out once, so that everything else reads stages.
        object.__setattr__(self, "stages", (one,))
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        reasons: tuple[ReasonCode, ...] = (
            "factual", "grammar", "compliance", "voice", "cultural", "audience", "other",
        )  # fmt: skip
        if without := [reason for reason in reasons if reason not in self.criteria]:
            raise ValueError(f"criteria: say what to look at for {', '.join(without)}")
        names = [stage.stage for stage in self.stages]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"stages: {', '.join(doubled)} is there twice; give each stage a name of its own")
        for earlier, later in zip(self.stages, self.stages[1:], strict=False):
            if earlier.needs == later.needs:
                raise ValueError(
                    f"stages: {later.stage} needs just what {earlier.stage} needs; make it one stage with a count"
                )
        if self.calendar is None and any(stage.needs_calendar for stage in self.stages):
            raise ValueError("calendar: bh and bd count working time; name a calendar, such as calendars.head-office")
        if self.automatic is not None and (self.asks != "approval" or set(self._tiers()) - {"low"}):
            raise ValueError("automatic: only approvals of tier low may go out without a person; narrow scope.tiers")
        if self.automatic is not None and (self.scope.kinds == "all" or not set(self.scope.kinds) <= set(TEXTS)):
            raise ValueError("automatic: only texts may go out without a person; leave copy and image in scope.kinds")
        if self.alike == "together" and (self.asks != "approval" or set(self._tiers()) - ALIKE_TIERS):
            raise ValueError("alike: only approvals of tier low and medium are answered together; narrow scope.tiers")
        seats = [seat for stage in self.stages for seat in seats_of(stage, ())]
        if self.asks == "writing" and (len(seats) > 1 or len(self.roles) > 1):
            raise ValueError("asks: one person writes, so there is one stage with one role")
        return self

    def _tiers(self) -> tuple[RiskTier, ...]:
        return _TIERS if self.scope.tiers == "all" else self.scope.tiers


def _named(needs: tuple[Need, ...]) -> str:
    """`2 brand leads and legal`."""
    words: list[str] = []
    for need in needs:
        names = [role.replace("_", " ") for role in need.roles]
        joined = " and ".join(names) if need.all_of else " or ".join(names)
        who = several(joined, need.count) if need.count > 1 else joined
        words.append(f"{who}{' of each market' if need.markets == 'each' else ''}")
    return " and ".join(words)

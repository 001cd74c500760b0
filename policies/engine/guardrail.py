"""A guardrail: what copy must not hold, as data; `verdicts` applies it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from policies.engine.policy import All, Channels, Kinds, Markets, Policy, PolicyId, Words, both_ways, covers
from policies.engine.rule_kinds import (
    WRITTEN,
    Claims,
    CopyField,
    Disclosure,
    Facts,
    Figures,
    Lengths,
    Links,
    Patterns,
    PersonalData,
    Phrases,
    Pictures,
    Required,
    Signals,
)
from policies.engine.style_kinds import (
    Capitals,
    Consistency,
    LanguageOfText,
    Metric,
    NearDuplicate,
    Occurrence,
    Repetition,
    Sentences,
    Spelling,
    Together,
    VoiceScore,
)
from presscheck.documents.sentences import listed
from presscheck.models import Channel, Collaboration, Frozen, Language, Level, PictureLabel, SourceType
from presscheck.world.days import Day

Match = Annotated[
    Phrases
    | Patterns
    | Signals
    | Claims
    | Figures
    | Links
    | Facts
    | Required
    | Disclosure
    | Lengths
    | PersonalData
    | Pictures
    | Occurrence
    | Repetition
    | Capitals
    | Together
    | Consistency
    | Metric
    | Sentences
    | Spelling
    | LanguageOfText
    | VoiceScore
    | NearDuplicate,
    Field(discriminator="kind"),
]
_BEFORE = ("phrases", "patterns", "figures", "superlatives", "links", "facts", "length", "pii", "picture")


def _as_list(match: Any) -> Any:
    """One kind is a list of one; a file of before, whose match had every kind at once, is told what to do."""
    if not isinstance(match, dict):
        return match
    said = cast(dict[str, Any], match)
    if "kind" not in said and any(name in said for name in _BEFORE):
        raise ValueError(
            "is written as before: each match says its kind now, such as match: {kind: phrases, phrases: [...]}. "
            "presscheck policies migrate rewrites the file"
        )
    return [said]


class GuardrailScope(Frozen):
    """Where a guardrail holds. Nothing is implied: write `all` for everywhere."""

    channels: Channels = Field(description="all, or a list of email, sms, push, social, search, blog.")
    markets: Markets = Field(description="all, or a list of ISO 3166-1 alpha-2 codes such as US, DE.")
    kinds: Kinds = Field(description="all, or a list of the kinds of asset, such as copy, plan.")
    collaborations: All | Annotated[tuple[Collaboration, ...], Field(min_length=1)] = Field(
        default="all", description="all, or a list of advisor, producer, agent."
    )

    def reaches(
        self,
        channel: Channel | None,
        markets: Iterable[str],
        kinds: Iterable[str] = ("copy",),
        collaboration: Collaboration | None = None,
    ) -> bool:
        """True where channel, collaboration, at least one of the markets and at least one of the kinds lie within.

        No market, or a collaboration that is None, is any. Where the channel is None, only what holds on every channel
        does: nobody knows whether the text is a search ad.
        """
        asked = tuple(markets)
        return (
            (self.channels == "all" if channel is None else covers(self.channels, (channel,), every=True))
            and (not asked or covers(self.markets, asked, every=False))
            and covers(self.kinds, kinds, every=False)
            and (collaboration is None or covers(self.collaborations, (collaboration,), every=True))
        )


class GivenClaim(Frozen):
    """A claim that a case's brief makes."""

    text: Words
    expires: Day | None = None


class Given(Frozen):
    """What a case's brief and product say; a case runs on 2026-01-01 unless `on` says otherwise."""

    offer: str = Field(default="", description="The brief's offer.")
    facts: tuple[Words, ...] = Field(default=(), description="The brief's key points.")
    required: tuple[Words, ...] = Field(default=(), description="Key points that every text must say.")
    claims: tuple[GivenClaim, ...] = Field(default=(), description="The brief's claims: text and, if any, expires.")
    product: str = Field(default="", description="The product's name.")
    price: str = Field(default="", description="The product's price, such as 129.00.")
    currency: str = Field(default="USD", description="The price's currency.")
    url: str = Field(default="", description="Where the brief's call to action leads.")
    markets: tuple[str, ...] = Field(default=("US",), description="The brief's markets.")
    on: Day = Field(default=date(2026, 1, 1), description="The day on which the case is judged.")


class GivenPicture(Frozen):
    """The picture of a case, as it was declared."""

    alt: str = Field(default="A rain jacket on a hook by the door", description="What it shows.")
    caption: str = Field(default="", description="The visible line below it.")
    labels: tuple[PictureLabel, ...] = Field(default=(), description="What was declared.")
    source_type: SourceType | None = Field(default=None, description="The IPTC digital source type.")


class GuardrailCase(Frozen):
    """One text and whether the guardrail fires on it."""

    text: Annotated[str, StringConstraints(strip_whitespace=False)] = Field(description="The words of one field.")
    fires: bool = Field(description="true: the guardrail must find something here; false: it must not.")
    field: CopyField = Field(default="body", description="subject, preheader, body or call_to_action.")
    repeat: int = Field(default=1, ge=1, le=5_000, description="How often the text stands there, for lengths.")
    picture: GivenPicture | None = Field(default=None, description="The picture that goes with the text.")
    given: Given | None = Field(default=None, description="What the brief says; without it, a brief that says nothing.")
    without_brief: bool = Field(default=False, description="true: there is no brief at all, as for presscheck check.")
    among: tuple[Annotated[str, StringConstraints(strip_whitespace=False)], ...] = Field(
        default=(), max_length=50, description="Of near-duplicates: the texts that it is compared with."
    )


class Guardrail(Policy):
    """One rule for copy, with the message a marketer reads and the cases that prove it."""

    # `from` is a word of Python's own.
    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["guardrail"] = Field(description="guardrail.")
    formerly: PolicyId | None = Field(default=None, description="What the rule was called before, if anything else.")
    scope: GuardrailScope = Field(description="Where it holds: channels, markets and kinds.")
    level: Level = Field(
        description="block: never reaches a form. review: a person sees it marked. note: for information."
    )
    without_brief: Level | None = Field(
        default=None,
        description="The level where there is no brief that could allow the words; as `level` if left out.",
    )
    starts: Day | None = Field(default=None, alias="from", description="The first day on which it holds.")
    until: Day | None = Field(default=None, description="The last day on which it holds.")
    languages: All | Annotated[tuple[Language, ...], Field(min_length=1)] = Field(
        default="all",
        description="all, or the languages that it knows, such as [en, de]; a text in another one is for a person.",
    )
    match: Annotated[tuple[Match, ...], BeforeValidator(_as_list), Field(min_length=1)] = Field(
        description="What fires: one kind of rule, or a list of them, each with its `kind`."
    )
    fields: All | Annotated[tuple[CopyField, ...], Field(min_length=1)] = Field(
        default="all", description="all, or a list of subject, preheader, body, call_to_action, alt, caption."
    )
    unless: Literal["in-brief", "in-name"] | None = Field(
        default=None,
        description="in-brief: words and patterns do not fire on words of the brief's offer, facts or live claims. "
        "in-name: not on words of the product's name, where it stands whole.",
    )
    message: Words = Field(description="What was found and why it matters, to a marketer.")
    suggestion: Words = Field(description="What to write instead.")
    cases: Annotated[tuple[GuardrailCase, ...], both_ways("fires")] = Field(
        description="Texts with fires: true and fires: false, at least one each."
    )

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        return (self.starts is None or self.starts <= day) and (self.until is None or day <= self.until)

    # Each of these speaks of one field, so that it is told at its line and together with all other faults.

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        starts: date | None = info.data.get("starts")
        if starts is not None and until is not None and until < starts:
            raise ValueError("is before from, so it never holds; swap them")
        return until

    @field_validator("fields")
    @classmethod
    def _compared(cls, fields: All | tuple[CopyField, ...], info: ValidationInfo) -> All | tuple[CopyField, ...]:
        near = any(isinstance(one, NearDuplicate) for one in info.data.get("match", ()))
        if near and fields != "all" and (others := set(fields) - {*WRITTEN}):
            raise ValueError(f"near-duplicates are looked for in {listed(WRITTEN)}; take {min(others)} out")
        return fields

    @field_validator("cases")
    @classmethod
    def _compares_if_among(cls, cases: tuple[GuardrailCase, ...], info: ValidationInfo) -> tuple[GuardrailCase, ...]:
        match: tuple[Frozen, ...] | None = info.data.get("match")
        compares = match is None or any(isinstance(one, NearDuplicate) for one in match)
        if not compares and any(case.among for case in cases):
            raise ValueError("among is for matches of the kind near-duplicate alone; take it out")
        return cases

    @model_validator(mode="after")
    def _never_blocks(self) -> Self:
        named = "level" if self.level == "block" else "without_brief"
        if "block" in (self.level, self.without_brief) and any(isinstance(one, NearDuplicate) for one in self.match):
            raise ValueError(
                f"{named}: is block, and near-duplicates cannot block: whoever reads one text alone, as the press "
                "does, sees none. Write review or note"
            )
        return self

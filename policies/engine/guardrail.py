"""A guardrail: what copy must not hold, as data; `verdicts` applies it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from policies.engine.policy import All, Channels, Kinds, Markets, Policy, Words, covers
from presscheck.matching import PersonalKind, fault_of_pattern
from presscheck.models import Channel, Frozen, Level, PictureLabel, SourceType
from presscheck.world.days import Day

CopyField = Literal["subject", "preheader", "body", "call_to_action", "alt", "caption"]


def _some_letter(phrase: str) -> str:
    if not any(character.isalnum() for character in phrase):
        raise ValueError("holds no letter or digit; write a word or a phrase")
    return phrase


def _re2(pattern: str) -> str:
    if fault := fault_of_pattern(pattern):
        raise ValueError(fault)
    return pattern


Phrase = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_some_letter)]
Pattern = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False), AfterValidator(_re2)]


class Length(Frozen):
    """How long one field may be; `parts` counts what a text message is sent as."""

    at_least: int | None = Field(default=None, ge=1, le=20_000, description="Fewest visible characters.")
    at_most: int | None = Field(default=None, ge=0, le=20_000, description="Most visible characters; 0: must be empty.")
    parts_at_most: int | None = Field(default=None, ge=1, le=50, description="Most parts of a text message.")
    paragraphs_at_most: int | None = Field(default=None, ge=1, le=100, description="Most paragraphs.")
    paragraph_at_most: int | None = Field(
        default=None, ge=1, le=20_000, description="Most visible characters in any one paragraph."
    )
    columns: bool = Field(default=False, description="true: counted as ad platforms do, wide letters twice.")

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        bounds = {name: bound for name, bound in self if name != "columns"}
        if all(bound is None for bound in bounds.values()):
            raise ValueError(f"sets no bound; write one of {', '.join(bounds)}")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most, so nothing could pass; swap them")
        return self


class PictureMatch(Frozen):
    """Pictures that carry a label and lack what such pictures need; nothing is looked for in the pixels."""

    labels: Annotated[tuple[PictureLabel, ...], Field(min_length=1)] = Field(
        description="Any of these labels, which the person who added the picture declared."
    )
    without_source: Annotated[tuple[SourceType, ...], Field(min_length=1)] | None = Field(
        default=None, description="Fires unless the declared IPTC digital source type is one of these."
    )
    without_words: Annotated[tuple[Phrase, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="Fires unless one of these stands where readers see it: in the subject, the body or the caption.",
    )

    @model_validator(mode="after")
    def _one_lack(self) -> Self:
        if (self.without_source is None) == (self.without_words is None):
            raise ValueError("says what is lacking: write without_source or without_words, one of them")
        return self


class Match(Frozen):
    """What fires: any of the kinds that are given. At least one is."""

    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1)] | None = Field(
        default=None, description="Whole words or phrases; disguise is undone. A closing * matches longer words too."
    )
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)] | None = Field(
        default=None, description="RE2 patterns; case is ignored unless one starts with (?-i)."
    )
    figures: Annotated[tuple[Literal["digits", "words"], ...], Field(min_length=1)] | None = Field(
        default=None, description="Figures that neither brief nor product states: in digits, in words, or both."
    )
    superlatives: Literal["without-claim"] | None = Field(
        default=None, description="Superlatives that no unexpired claim of the brief states."
    )
    links: Literal["not-in-brief"] | None = Field(
        default=None, description="Web addresses that the brief does not hold, the button's included."
    )
    facts: Literal["required-missing"] | None = Field(
        default=None, description="A body that does not say a key point which the brief marks as required."
    )
    length: Annotated[dict[CopyField, Length], Field(min_length=1)] | None = Field(
        default=None, description="Bounds for each field."
    )
    pii: Annotated[tuple[PersonalKind, ...], Field(min_length=1)] | None = Field(
        default=None, description="Personal data: email, phone, card, iban, national-id, ip-address."
    )

    picture: PictureMatch | None = Field(
        default=None, description="Pictures of some label without the source type or the words that they need."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set or all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError(f"matches nothing; write one of {', '.join(type(self).model_fields)}")
        return self


class GuardrailScope(Frozen):
    """Where a guardrail holds. Nothing is implied: write `all` for everywhere."""

    channels: Channels = Field(description="all, or a list of email, sms, push, social, search, blog.")
    markets: Markets = Field(description="all, or a list of ISO 3166-1 alpha-2 codes such as US, DE.")
    kinds: Kinds = Field(description="all, or a list of the kinds of asset, such as copy, plan.")

    def reaches(self, channel: Channel, markets: Iterable[str], kinds: Iterable[str] = ("copy",)) -> bool:
        """True where the channel, at least one of the markets and at least one of the kinds lie within."""
        return (
            covers(self.channels, (channel,), every=True)
            and covers(self.markets, markets, every=False)
            and covers(self.kinds, kinds, every=False)
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


class Guardrail(Policy):
    """One rule for copy, with the message a marketer reads and the cases that prove it."""

    kind: Literal["guardrail"] = Field(description="guardrail.")
    scope: GuardrailScope = Field(description="Where it holds: channels, markets and kinds.")
    level: Level = Field(
        description="block: never reaches a form. review: a person sees it marked. note: for information."
    )
    match: Match = Field(
        description="What fires: phrases, patterns, figures, superlatives, links, facts, length, pii or picture."
    )
    fields: All | Annotated[tuple[CopyField, ...], Field(min_length=1)] = Field(
        default="all", description="all, or a list of subject, preheader, body, call_to_action, alt, caption."
    )
    unless: Literal["in-brief", "in-name"] | None = Field(
        default=None,
        description="in-brief: phrases and patterns do not fire on words of the brief's offer, facts or live claims. "
        "in-name: not on words of the product's name, where it stands whole.",
    )
    message: Words = Field(description="What was found and why it matters, to a marketer.")
    suggestion: Words = Field(description="What to write instead.")
    cases: tuple[GuardrailCase, ...] = Field(description="Texts with fires: true and fires: false, at least one each.")

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if len({case.fires for case in self.cases}) < 2:
            raise ValueError("cases: give at least one case with fires: true and one with fires: false")
        return self

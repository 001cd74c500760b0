"""Rule kinds that measure style, and those that style guides of Vale bring; data only, as `rule_kinds`."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from policies.engine.rule_kinds import Pattern, Phrase, SomePatterns
from presscheck.models import Frozen


def _some_formula(written: str) -> str:
    from presscheck.matching.reading import ORDINARY, evaluate, formula_of

    evaluate(formula_of(written), ORDINARY)
    return written


Unit = Literal["text", "paragraph", "sentence"]


class Occurrence(Frozen):
    """Something that stands too often or too seldom."""

    kind: Literal["occurrence"]
    patterns: SomePatterns = Field(description="What is counted.")
    at_most: int | None = Field(default=None, ge=0, le=10_000, description="Most matches.")
    at_least: int | None = Field(default=None, ge=1, le=10_000, description="Fewest matches.")
    per: Unit = Field(default="text", description="In the whole text, in each paragraph or in each sentence.")
    case: bool = Field(default=False, description="true: capitals count.")

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.at_most is None and self.at_least is None:
            raise ValueError("sets no bound; write at_most or at_least")
        return self


class Repetition(Frozen):
    """A word that stands twice in a row (`the the`), also across a line's end."""

    kind: Literal["repetition"]
    exceptions: tuple[Phrase, ...] = Field(default=(), description="Words that may: bye bye, had had.")


class Capitals(Frozen):
    """Capital letters other than the style asks."""

    kind: Literal["capitals"]
    style: Literal["title", "sentence", "lower", "upper"] = Field(
        description="title: Each Main Word. sentence: The first word and names. lower, upper: all of it."
    )
    exceptions: tuple[str, ...] = Field(default=(), description="Words that keep their own capitals, such as iPhone.")
    indicators: tuple[str, ...] = Field(
        default=(), description="Signs at the end of a word after which one with a capital may follow, such as a colon."
    )
    share: Decimal = Field(default=Decimal("0.8"), gt=0, le=1, description="The share of words that must follow it.")


class Together(Frozen):
    """Something that may stand only where something else stands too: an abbreviation with its long form."""

    kind: Literal["together"]
    first: Pattern = Field(description="What is looked for; its first group is what `second` must have, if both have.")
    second: Pattern = Field(description="What must stand in the same text.")
    exceptions: tuple[str, ...] = Field(default=(), description="What needs no second, such as USA.")
    case: bool = Field(default=True, description="false: capitals do not count.")


class Consistency(Frozen):
    """Two ways of writing the same that stand in one text."""

    kind: Literal["consistency"]
    either: Annotated[dict[Pattern, Pattern], Field(min_length=1)] = Field(
        description="One way and the other; where both stand, the second is found."
    )
    case: bool = Field(default=False, description="true: capitals count.")


class Metric(Frozen):
    """A figure of the whole text that is out of bounds, by a formula over what can be counted in it."""

    kind: Literal["metric"]
    formula: Annotated[str, Field(min_length=1, max_length=400), AfterValidator(_some_formula)] = Field(
        description="Numbers, + - * / ( ) and names: words, sentences, syllables, characters, paragraphs, long_words, "
        "complex_words, polysyllabic_words; or a known one: flesch-kincaid, flesch-reading-ease, gunning-fog, "
        "smog, coleman-liau, automated-readability, lix."
    )
    at_most: Decimal | None = Field(default=None, description="Fires above it.")
    at_least: Decimal | None = Field(default=None, description="Fires below it.")
    words: int = Field(default=30, ge=0, le=10_000, description="Texts of fewer words are not measured.")

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.at_most is None and self.at_least is None:
            raise ValueError("sets no bound; write at_most or at_least")
        return self


class Sentences(Frozen):
    """Sentences that are too long, or in the passive voice."""

    kind: Literal["sentences"]
    words_at_most: int | None = Field(default=None, ge=3, le=500, description="Most words in a sentence.")
    passive: bool = Field(default=False, description="true: finds the passive voice (English and German).")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.words_at_most is None and not self.passive:
            raise ValueError("asks for nothing; write words_at_most or passive: true")
        return self


class Spelling(Frozen):
    """Words that no dictionary of the text's language has, and that are close to one that it has."""

    kind: Literal["spelling"]
    accept: tuple[str, ...] = Field(default=(), description="Words that are right, such as names of the brand.")


class LanguageOfText(Frozen):
    """A text in a language that is not its market's, or that rules which ought to read it do not know."""

    kind: Literal["language"]
    language: Literal["not-of-market", "not-read"] = Field(
        description="not-of-market: not spoken in any of the markets. not-read: some rule in scope does not know it."
    )


class VoiceScore(Frozen):
    """A text that does not sound as the approved exemplars do, by `presscheck.matching.voice`."""

    kind: Literal["voice"]
    exemplars: Annotated[tuple[str, ...], Field(min_length=5)] = Field(
        description="Approved texts of the brand, at least five; fifty are better."
    )
    at_least: int = Field(ge=1, le=100, description="The least score, of 100, that passes.")
    masked: tuple[str, ...] = Field(default=(), description="Names of brand and products, which say nothing of voice.")

    @model_validator(mode="after")
    def _can_be_learnt(self) -> Self:
        from presscheck.matching.voice import styled_exemplars

        styled_exemplars(self.exemplars, self.masked)
        return self


class NearDuplicate(Frozen):
    """A text that is too like another one: `policies.engine.alike` compares them, once all are there."""

    kind: Literal["near-duplicate"]
    within: Literal["set", "archive"] = Field(
        description="set: another text of the same set. archive: one for the same channel that was approved before."
    )
    at_least: int = Field(
        ge=50, le=100, description="How like, of 100; 85 is the same text with a few words changed, 100 word for word."
    )
    days: int | None = Field(
        default=None, ge=1, le=3_650, description="Of the archive: what was approved in so many days; all if left out."
    )

    @model_validator(mode="after")
    def _days_of_the_archive(self) -> Self:
        if self.days is not None and self.within == "set":
            raise ValueError("days count back in the archive; take them out, or write within: archive")
        return self

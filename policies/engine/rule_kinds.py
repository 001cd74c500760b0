"""What a guardrail may look for, a kind after the other; a rule's `match` is one of them, or a list.

    match: {kind: phrases, phrases: [act now]}
    match:
      - {kind: phrases, phrases: [last chance]}
      - {kind: patterns, patterns: ['\\b\\d+ left\\b']}

This module is data only: `policies.engine.detecting` finds what each kind says. Kinds that measure style, and those
that style guides of Vale bring, are in `style_kinds`.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cached_property
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from presscheck.documents.sentences import did_you_mean, shown
from presscheck.matching import (
    FIGURE_WORDS,
    WORDS,
    FigureKind,
    FigureWords,
    PersonalKind,
    PersonalWords,
    fault_of_pattern,
    fault_of_template,
)
from presscheck.models import Frozen, PictureLabel, SourceType

CopyField = Literal["subject", "preheader", "body", "call_to_action", "alt", "caption"]
COPY_FIELDS: tuple[CopyField, ...] = get_args(CopyField)
"""In the order in which they are read."""
WRITTEN: tuple[CopyField, ...] = COPY_FIELDS[:3]
"""Those that are the copy's own words."""


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
Replacement = Annotated[str, StringConstraints(max_length=200, strip_whitespace=False)]
SomePhrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]
SomePatterns = Annotated[tuple[Pattern, ...], Field(min_length=1)]


def _known_lists(words: type[FigureWords | PersonalWords]) -> Callable[[Any], Any]:
    """What refuses a list that there is not among these words."""
    known = [one.name for one in fields(words)]

    def check(given: Any) -> Any:
        names = {*cast(dict[str, object], given)} if isinstance(given, dict) else set[str]()
        if unknown := names - {*known}:
            raise ValueError(f"{min(unknown)} is no list of words; {did_you_mean(min(unknown), known)}")
        return cast(Any, given)

    return check


def _some_words(words: FigureWords) -> FigureWords:
    """Words that can be looked for, and a value for each number."""
    paired = {name: getattr(words, name) for name in ("currencies", "units", "numbers", "quantities")}
    listed = [(name, form) for name, pairs in paired.items() for _, forms in pairs for form in forms]
    for name, form in (*listed, *(("idioms", one) for one in words.idioms)):
        if not form.strip():
            raise ValueError(f"{name}: a form is empty; write a word or take it out")
    if not words.numbers and not words.quantities:
        raise ValueError(
            "numbers and quantities are both empty, so no figure stands in words; list some, or leave both out"
        )
    for value, _ in words.numbers:
        if not value.isdecimal() or len(value) > 15:
            raise ValueError(f'numbers: {shown(value)} is no whole number; write its value, such as ["12", [twelve]]')
    for said, _ in words.quantities:
        if " " not in said.strip():
            raise ValueError(f'quantities: {shown(said)} has no unit; write value and unit, such as "50 %"')
    return words


class Phrases(Frozen):
    """Whole words or phrases, however they are disguised; a closing * matches longer words too."""

    kind: Literal["phrases"]
    phrases: tuple[Phrase, ...] = Field(default=(), description="What is looked for.")
    replace: dict[Phrase, Replacement] = Field(
        default={}, description="Phrases with what to write for each; it is offered as an edit."
    )
    exceptions: tuple[Phrase, ...] = Field(
        default=(), description="Longer phrases in which nothing is found, such as `feel free`."
    )
    harmless: tuple[Pattern, ...] = Field(
        default=(), description="Patterns inside whose matches nothing is found, such as words in quotation marks."
    )
    case: bool = Field(default=False, description="true: capitals must be the same, and disguise is not undone.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.phrases and not self.replace:
            raise ValueError("looks for nothing; list phrases, or phrases under replace with what to write for each")
        return self


class Patterns(Frozen):
    """RE2 patterns; case is ignored unless one starts with (?-i)."""

    kind: Literal["patterns"]
    patterns: tuple[Pattern, ...] = Field(
        default=(), description="RE2 patterns. A group named `it` is what is marked, and what stands around it is not."
    )
    replace: dict[Pattern, Replacement] = Field(
        default={}, description=r"Patterns with what to write for each; \1 stands for the first group."
    )
    exceptions: tuple[Pattern, ...] = Field(default=(), description="Patterns inside whose matches nothing is found.")
    case: bool = Field(default=False, description="true: capitals count in every pattern.")
    as_written: bool = Field(
        default=False, description="true: the text is read as it stands, for rules on dashes, quotes and other signs."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.patterns and not self.replace:
            raise ValueError("looks for nothing; list patterns, or patterns under replace with what to write for each")
        for pattern, template in self.replace.items():
            if fault := fault_of_template(pattern, template):
                raise ValueError(f"replace: what to write for {shown(pattern)} {fault}")
        return self


class Signal(Frozen):
    """One sign among several: words or patterns that say little alone."""

    weight: int = Field(default=1, ge=1, le=100, description="How much it counts, once a text.")
    phrases: tuple[Phrase, ...] = Field(default=(), description="As in the kind phrases.")
    patterns: tuple[Pattern, ...] = Field(default=(), description="As in the kind patterns.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.phrases and not self.patterns:
            raise ValueError("looks for nothing; list phrases or patterns")
        return self


class Signals(Frozen):
    """Signs that mean something together: fires where the weights of those that stand in a text reach `at_least`."""

    kind: Literal["signals"]
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)] = Field(description="The signs, each counted once.")
    at_least: int = Field(ge=1, le=1_000, description="The sum of weights from which the rule fires.")
    near: int | None = Field(
        default=None, ge=1, le=20_000, description="Most characters between the first and the last sign that count."
    )

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if sum(one.weight for one in self.signals) < self.at_least:
            raise ValueError("at_least is more than all weights together, so it never fires; lower it")
        return self


class Claims(Frozen):
    """Words that claim something which needs evidence: silent where an unexpired claim of the brief says the same."""

    kind: Literal["claims"]
    words: tuple[Phrase, ...] = Field(default=(), description="Words that claim, such as lightest, best, cures.")
    patterns: tuple[Pattern, ...] = Field(default=(), description="Forms that claim, such as `number one`.")
    exceptions: tuple[Phrase, ...] = Field(default=(), description="Phrases that claim nothing, such as `best wishes`.")
    harmless: tuple[Pattern, ...] = Field(default=(), description="Forms that claim nothing, as patterns.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.words and not self.patterns:
            raise ValueError("looks for nothing; list words or patterns")
        return self


class Figures(Frozen):
    """Figures that neither brief nor product states."""

    kind: Literal["figures"]
    figures: Annotated[tuple[FigureKind, ...], Field(min_length=1)] = Field(description="In digits, in words, or both.")
    words: Annotated[FigureWords, BeforeValidator(_known_lists(FigureWords)), AfterValidator(_some_words)] = Field(
        default=FIGURE_WORDS,
        description="Words and signs at and for numbers: currencies, units, numbers, quantities (each [name, [forms]]) "
        "and idioms, which state nothing. What is left out is as shipped, and part of the rule's version all the same.",
    )
    units: tuple[Phrase, ...] = Field(default=(), description="More nouns that are counted, such as pair and pairs.")
    exceptions: tuple[Phrase, ...] = Field(
        default=(), description="More phrases with numbers that state nothing, such as `7-day trial`."
    )

    @cached_property
    def all_words(self) -> FigureWords:
        """The words with the rule's own units and exceptions."""
        if not self.units and not self.exceptions:
            return self.words
        words, units = self.words, ((one.lower(), (one,)) for one in self.units)
        return replace(words, units=(*words.units, *units), idioms=(*words.idioms, *self.exceptions))


class Links(Frozen):
    """Web addresses, the button's included."""

    kind: Literal["links"]
    links: Literal["not-in-brief", "not-https", "among", "outside", "look-alike", "tracking"] = Field(
        description="not-in-brief: leads where the brief does not. not-https: plain http. among: leads to one of "
        "`hosts`, such as one that shortens addresses. outside: leads to none of them. look-alike: looks like one of "
        "them and is another. tracking: carries one of `parameters`."
    )
    hosts: tuple[str, ...] = Field(
        default=(), description="Hosts, such as example.com; their subdomains are meant too."
    )
    parameters: tuple[str, ...] = Field(default=(), description="Names of parameters; a closing * matches longer ones.")


class Facts(Frozen):
    """A body that does not say a key point which the brief marks as required."""

    kind: Literal["facts"]
    facts: Literal["required-missing"]


class Required(Frozen):
    """A text that must stand there and does not."""

    kind: Literal["required"]
    say_one_of: SomePhrases = Field(description="One of these must stand in the field.")


class Disclosure(Frozen):
    """Something that must be disclosed, and is not, or stands too far down."""

    kind: Literal["disclosure"]
    when_phrases: tuple[Phrase, ...] = Field(default=(), description="Words that ask for a disclosure.")
    when_patterns: tuple[Pattern, ...] = Field(default=(), description="Forms that ask for a disclosure.")
    say_one_of: SomePhrases = Field(description="One of these must stand in the same field.")
    within: int | None = Field(
        default=None, ge=1, le=20_000, description="Most characters before the end of the disclosure."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.when_phrases and not self.when_patterns:
            raise ValueError("asks for it nowhere; list when_phrases or when_patterns, or use the kind required")
        return self


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


class Lengths(Frozen):
    """How long fields may be on the rule's channels."""

    kind: Literal["length"]
    length: Annotated[dict[CopyField, Length], Field(min_length=1)] = Field(description="Bounds for each field.")


class PersonalData(Frozen):
    """Personal data by form and checksum; the brief's own contacts are none."""

    kind: Literal["personal"]
    personal: Annotated[tuple[PersonalKind, ...], Field(min_length=1)] = Field(
        description="email, phone, card, iban, ssn, national-id, ip-address, url or token-url (a link with a token)."
    )
    words: Annotated[PersonalWords, BeforeValidator(_known_lists(PersonalWords))] = Field(
        default=WORDS,
        description="Words that say what a number beside them is: phone, card, other_number, ... What is left out is "
        "as shipped, and part of the rule's version all the same.",
    )


class Pictures(Frozen):
    """Pictures that carry a label and lack what such pictures need; nothing is looked for in the pixels."""

    kind: Literal["picture"]
    labels: Annotated[tuple[PictureLabel, ...], Field(min_length=1)] = Field(
        description="Any of these labels, which the person who added the picture declared."
    )
    without_source: Annotated[tuple[SourceType, ...], Field(min_length=1)] | None = Field(
        default=None, description="Fires unless the declared IPTC digital source type is one of these."
    )
    without_words: SomePhrases | None = Field(
        default=None,
        description="Fires unless one of these stands where readers see it: in the subject, the body or the caption.",
    )

    @model_validator(mode="after")
    def _one_lack(self) -> Self:
        if (self.without_source is None) == (self.without_words is None):
            raise ValueError("says what is lacking: write without_source or without_words, one of them")
        return self

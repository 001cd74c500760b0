"""A model's answer as variants: typed by the channel's fields, cleaned, bounded, and none twice.

What a model writes is data from outside. Nothing in it is obeyed, and a text that is empty, too long
or nearly one that is there already is left out and counted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from presscheck.cleaning import clean_line, clean_text, coded_word_in
from presscheck.models import Author, Brief, Channel, Copy, Product, Variant
from presscheck.providers.phrases import ANGLES
from presscheck.world.likeness import likeness, own_words

_LONGEST = {"subject": 300, "preheader": 500}
# Far beyond what the policies allow; the bound keeps comparing every text with every other one short.
_LONGEST_BODY: dict[Channel, int] = {"email": 8_000, "blog": 20_000}
_LONGEST_SHORT_BODY = 2_000
TOO_ALIKE = 92.0
"""From here on, of 100, two bodies without the brief's own words are one text with a word changed."""
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


class Words(BaseModel, frozen=True):
    """A variant of a channel that shows a text and nothing else."""

    # Lengths are judged afterwards, one variant at a time: one long text must not cost the nine beside it.
    angle: str = Field(default="", description="The idea it is written from.")
    body: str = Field(description="The text.")


class TitledWords(Words, frozen=True):
    """A variant with a subject or a title."""

    subject: str = Field(description="The subject, title or headline, as the instructions say.")


class FullWords(TitledWords, frozen=True):
    """A variant with a line that stands beside its subject."""

    preheader: str = Field(default="", description="The preheader, standfirst or second headline.")


class Answer(BaseModel, frozen=True):
    """What every answer is, on channels with a text alone."""

    variants: Sequence[Words] = Field(max_length=200, description="The variants.")


class TitledAnswer(Answer, frozen=True):
    variants: Sequence[TitledWords] = Field(max_length=200, description="The variants.")


class FullAnswer(Answer, frozen=True):
    variants: Sequence[FullWords] = Field(max_length=200, description="The variants.")


_TYPES: dict[Channel, tuple[type[Answer], tuple[str, ...]]] = {
    "email": (FullAnswer, ("subject", "preheader", "body")),
    "sms": (Answer, ("body",)),
    "push": (TitledAnswer, ("subject", "body")),
    "social": (Answer, ("body",)),
    "search": (FullAnswer, ("subject", "preheader", "body")),
    "blog": (FullAnswer, ("subject", "preheader", "body")),
}


def answer_type(channel: Channel) -> type[Answer]:
    """The type that a model's answer is validated by."""
    return _TYPES[channel][0]


@cache
def repair_type(channel: Channel) -> type[Answer]:
    """The same for texts in place of others: each names the number of the one that it stands for."""
    answer = answer_type(channel)
    words = {Answer: Words, TitledAnswer: TitledWords, FullAnswer: FullWords}[answer]
    number = (int, Field(description="The number of the draft that it is written in place of."))
    numbered: Any = create_model(f"Mended{words.__name__}", __base__=words, number=number)
    listed = (Sequence[numbered], Field(max_length=200, description="The texts."))
    return create_model(f"Mended{answer.__name__}", __base__=answer, variants=listed)


class Harvest:
    """Collects variants until there are enough, and counts why others were left out."""

    def __init__(self, brief: Brief, product: Product | None, *, count: int) -> None:
        self._brief = brief
        self._count = count
        self.variants: list[Variant] = []
        self.left_out: Counter[str] = Counter()
        self._words: list[str] = []
        self._subjects: set[str] = set()
        self._said = [brief.offer, *(point.text for point in brief.key_points), *(one.text for one in brief.claims)]
        self._said += [brief.sender.name, *([product.name] if product else [])]

    @property
    def missing(self) -> int:
        return self._count - len(self.variants)

    def beginnings(self) -> list[str]:
        """How the variants begin that are there, to ask for others."""
        return [variant.copy_.subject or variant.copy_.body[:80].replace("\n", " ") for variant in self.variants]

    def take(self, offered: Iterable[Words], author: Author) -> int:
        """Keep what is new and fit; how many were kept."""
        before = len(self.variants)
        for one in offered:
            if self.missing == 0:
                self.left_out["more than were asked for"] += 1
                continue
            self._take_one(one.model_dump(), author)
        return len(self.variants) - before

    def _take_one(self, offered: dict[str, str], author: Author) -> None:
        fields = {name: _clean(name, offered[name]) for name in _TYPES[self._brief.channel][1]}
        if not fields["body"] or ("subject" in fields and not fields["subject"]):
            self.left_out["empty"] += 1
        elif any(coded_word_in(text) for name, text in fields.items() if name != "body"):
            self.left_out["a line that mail programs read as other words"] += 1
        elif any(len(text) > self._longest(name) for name, text in fields.items()):
            self.left_out["too long"] += 1
        elif self._is_known(fields):
            self.left_out["too like another"] += 1
        else:
            angle = clean_line(offered["angle"]).casefold()
            copy = Copy(channel=self._brief.channel, call_to_action=self._brief.call_to_action, **fields)
            self.variants.append(Variant(copy=copy, angle=angle if angle in ANGLES else "", author=author))
            self._words.append(self._own(fields["body"]))
            self._subjects.add(fields.get("subject", "").casefold())

    def _is_known(self, fields: dict[str, str]) -> bool:
        if fields.get("subject") and fields["subject"].casefold() in self._subjects:
            return True
        if any(fields["body"] == variant.copy_.body for variant in self.variants):
            return True
        own = self._own(fields["body"])
        # Texts that say nothing but the facts have no words of their own to compare.
        return bool(own) and any(likeness(own, other, at_least=TOO_ALIKE) for other in self._words)

    def _longest(self, field: str) -> int:
        return _LONGEST.get(field) or _LONGEST_BODY.get(self._brief.channel, _LONGEST_SHORT_BODY)

    def _own(self, body: str) -> str:
        return own_words(body, self._said)


def _clean(field: str, text: str) -> str:
    if field != "body":
        return clean_line(text)
    # A model's own line breaks inside a paragraph stay; more than one blank line says nothing.
    return _BLANK_LINES.sub("\n\n", clean_text(text).replace("\t", " ")).strip()

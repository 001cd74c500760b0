"""Turns a phrase into text in one pass, so that nothing from a brief or a feed is ever expanded.

Choices and slots are read from our own phrases alone; what fills a slot is placed as it is, even
if it looks like a slot itself. Each result also carries the words that are ours, with the brief's
left out: the diversity filter compares those.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_T = TypeVar("_T")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z]+)\}")
_ENDINGS = ".!?…。！？"
_CLOSERS = "\"'”’»)]"


@dataclass(frozen=True)
class Piece:
    """Some text, and the part of it that is ours."""

    text: str
    own: str = ""
    used: tuple[str, ...] = ()
    """The phrases it was made from."""


def slots_of(phrase: str) -> frozenset[str]:
    """The names of a phrase's slots."""
    return frozenset(_SLOT.findall(phrase))


def fill(phrase: str, slots: Mapping[str, str], rng: random.Random) -> Piece:
    """The phrase with one choice taken in each `[a|b]` and its slots filled; KeyError for an unknown slot."""
    bare = phrase.removeprefix("+ ")
    chosen = _CHOICE.sub(lambda match: _pick(match.group(1).split("|"), rng), bare)
    return Piece(_SLOT.sub(lambda match: slots[match.group(1)], chosen), _SLOT.sub("", chosen), (phrase,))


def sentence(text: str) -> str:
    """The text with a full stop if it ends without punctuation of its own."""
    bare = text.rstrip(_CLOSERS)
    if (bare and bare[-1] in _ENDINGS) or text[-1:] in ",;:-–—":
        return text
    return f"{text}."


def join(pieces: Iterable[Piece | None], by: str = " ") -> Piece:
    """The pieces that exist and say something, joined."""
    there = [piece for piece in pieces if piece is not None and piece.text]
    return Piece(
        by.join(piece.text for piece in there),
        " ".join(piece.own for piece in there if piece.own),
        tuple(phrase for piece in there for phrase in piece.used),
    )


def _pick(options: Sequence[_T], rng: random.Random) -> _T:
    # random() is the one method whose sequence Python promises to keep from version to version.
    return options[int(rng.random() * len(options))]


@dataclass
class Deck:
    """Draws phrases so that none comes up again before its equals have."""

    rng: random.Random
    uses: dict[str, int] = field(default_factory=dict[str, int])

    def draw(self, phrases: Sequence[str]) -> str | None:
        """One of the least used phrases; None if there are none."""
        if not phrases:
            return None
        fewest = min(self.uses.get(phrase, 0) for phrase in phrases)
        return _pick([phrase for phrase in phrases if self.uses.get(phrase, 0) == fewest], self.rng)

    def chance(self, share: float) -> bool:
        """True in `share` of the cases."""
        return self.rng.random() < share

    def choose(self, options: Sequence[_T]) -> _T:
        """Any of the options, without regard to use."""
        return _pick(options, self.rng)

    def shuffled(self, items: Sequence[_T]) -> list[_T]:
        """The items in another order."""
        keys = sorted((self.rng.random(), at) for at in range(len(items)))
        return [items[at] for _, at in keys]

    def keep(self, phrases: Iterable[str]) -> None:
        """Records that a text made from these phrases was taken."""
        for phrase in phrases:
            self.uses[phrase] = self.uses.get(phrase, 0) + 1

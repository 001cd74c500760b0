"""Says in one pass over a text's bare words which of many phrases and patterns it may hold.

    glance = Glance([" free trial "], {7: conditions(r"\\bsave \\d+", literal=False)})
    glance.at(bare("A free trial"))     # ({0: 1}, []): the first phrase may stand there once, and no pattern

It says yes more often than what it stands for, never less, so that an exact look is left for a few of many.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from presscheck.matching.common_copy import COMMON_COPY
from presscheck.matching.normal import Normalised
from presscheck.matching.required import Strings, bare, required

# Of texts of 80 words: a pattern that more of them might hold costs less in the pass over patterns.
_MOST_TEXTS, _MOST_TRIGGERED = 0.06, 0.25
_RARE_ENOUGH = 0.01
_USEFUL = 0.5


class Conditions(NamedTuple):
    """Bare words of which one of each set stands in every text that a pattern matches."""

    trigger: Strings
    """The rarest, looked at first."""
    others: tuple[Strings, ...]


class Glance:
    """Phrases by their bare words, and patterns by their conditions."""

    def __init__(self, phrases: Sequence[str], patterns: Mapping[int, Conditions]) -> None:
        needles: dict[str, int] = {}
        self._phrases: list[list[int]] = []
        self._patterns: list[list[tuple[int, tuple[frozenset[int], ...]]]] = []

        def number(needle: str) -> int:
            at = needles.setdefault(needle, len(needles))
            if at == len(self._phrases):
                self._phrases.append([])
                self._patterns.append([])
            return at

        for index, phrase in enumerate(phrases):
            if phrase:
                self._phrases[number(phrase)].append(index)
        for index, asked in patterns.items():
            others = tuple(frozenset(map(number, some)) for some in asked.others)
            for needle in asked.trigger:
                self._patterns[number(needle)].append((index, others))
        self._automaton = BytesAhoCorasick([needle.encode() for needle in needles]) if needles else None

    def at(self, words: bytes) -> tuple[Mapping[int, int], Sequence[int]]:
        """How often each phrase may stand in the bare words, for those that may, and the numbers of patterns."""
        if self._automaton is None:
            return {}, ()
        found = self._automaton.find_matches_as_indexes(words, overlapping=True)
        if not found:
            return {}, ()
        phrases: dict[int, int] = {}
        patterns: set[int] = set()
        present: set[int] = set()
        triggered: list[tuple[int, tuple[frozenset[int], ...]]] = []
        for needle, _, _ in found:
            for phrase in self._phrases[needle]:
                phrases[phrase] = phrases.get(phrase, 0) + 1
            if needle not in present:
                present.add(needle)
                triggered += self._patterns[needle]
        for pattern, others in triggered:
            if pattern not in patterns and not any(map(present.isdisjoint, others)):
                patterns.add(pattern)
        return phrases, sorted(patterns)


def words_of(text: Normalised, *, disguised: bool) -> bytes:
    """The bare words of every reading of a text; in that of signs that link, they are the same."""
    if text.parted is None and not disguised:
        return bare(text.folded.text)
    readings = (text.folded, text.parted, *(text.plain if disguised else ()))
    return b"\0".join(bare(reading.text) for reading in readings if reading is not None)


@lru_cache(maxsize=4096)
def conditions(pattern: str, *, literal: bool) -> Conditions | None:
    """What rare words a text must hold for a pattern to match; None where there are none. See `required`."""
    sets = sorted(required(pattern, literal=literal), key=_texts_with)
    if not sets or _texts_with(sets[0]) > _MOST_TRIGGERED:
        return None
    others = sets[1:2] if _texts_with(sets[0]) > _RARE_ENOUGH else []
    told = Conditions(sets[0], tuple(one for one in others if _texts_with(one) < _USEFUL))
    return told if math.prod(map(_texts_with, (told.trigger, *told.others))) <= _MOST_TEXTS else None


@lru_cache(maxsize=8192)
def _texts_with(strings: Strings) -> float:
    """How many texts of 80 words of marketing hold one of the strings, roughly; each letter makes one rarer."""
    copy, texts = _common_copy()
    return sum(copy.count(one) / texts + 4.0 ** -len(one) for one in strings)


@cache
def _common_copy() -> tuple[str, float]:
    words = " ".join(bare(text).decode() for text in COMMON_COPY)
    return words, len(words.split()) / 80

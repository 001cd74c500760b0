"""Finds any of many phrases in one pass, as whole words, however they are disguised."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ahocorasick_rs import AhoCorasick

from presscheck.matching.glance import Glance, words_of
from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading, normalise
from presscheck.matching.required import bare

# So many phrases times characters are looked for one after the other; more are left to one pass for all.
_MOST_STEPS = 200_000


class PhraseMatcher:
    """A fixed set of phrases; case, accents, white space and disguise do not matter.

    A phrase matches whole words only: `ass` is not in `class`. A phrase that ends in `*` also
    matches longer words: `fuck*` is in `fucking`.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        read = [normalise(phrase).text.text.strip() for phrase in phrases]
        self._open = [phrase.endswith("*") for phrase in read]
        self._words = [phrase.rstrip("*") or "\x00" for phrase in read]
        self.bare = [_bare(words, opened) for words, opened in zip(self._words, self._open, strict=True)]
        """What stands in the bare words of a text that holds the phrase; empty where they do not tell."""
        self._several = frozenset(index for index, words in enumerate(self._words) if " " in words)
        # Of those that bare words do not tell, the others stand only where a text is not of ASCII alone.
        self._untold = [index for index, told in enumerate(self.bare) if not told]
        self._untold_in_ascii = any(self._words[index].isascii() for index in self._untold)

    @cached_property
    def _glance(self) -> Glance:
        return Glance(self.bare, {})

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(self._words)

    @cached_property
    def _automaton_of_untold(self) -> AhoCorasick:
        return AhoCorasick([self._words[index] for index in self._untold])

    def find(self, text: Normalised, *, disguised: bool = True) -> list[Hit]:
        """Every phrase's matches as spans of the original, longest first where they overlap.

        `disguised` False: somebody has looked already, and the text has nothing of `MAY_BE_DISGUISED`.

        Of two overlapping matches of the same phrase one is kept; matches of different phrases
        are all kept, because each may belong to another policy.
        """
        return self.among(text, self._glance.at(words_of(text, disguised=disguised))[0], disguised=disguised)

    def among(self, text: Normalised, may: Mapping[int, int], *, disguised: bool) -> list[Hit]:
        """As `find`, where a glance told which phrases may stand there how often; no other does, but those that no
        glance tells."""
        untold = bool(self._untold) and (self._untold_in_ascii or not text.folded.text.isascii())
        if not may and not untold:
            return []
        readings = (*text.lowered, *(text.plain if disguised else ()))
        if len(may) * len(text.original) > _MOST_STEPS:
            hits = {hit for reading in readings for hit in self._read(reading)}
            linked = [] if text.linked is None else self._read(text.linked)
        else:
            hits = {hit for reading in readings for index in may for hit in self._places(index, reading)}
            # Each place that a glance told and that is none of these can only be one of linked words, with a space.
            left = [index for index in may if index in self._several]
            if left and len(readings) == 1:
                known = Counter(hit.index for hit in hits)
                left = [index for index in left if known[index] < may[index]]
            linked = [hit for index in left for hit in self._places(index, text.linked)] if left and text.linked else []
            if untold:
                hits.update(hit for reading in readings for hit in self._read_untold(reading))
                linked += [] if text.linked is None else self._read_untold(text.linked)
        # `lead-free trial` offers no free trial: what is linked to a phrase from outside is another word.
        hits.update(hit for hit in linked if _apart(text.original, hit.start - 1, hit.end))
        if len(hits) < 2:
            return [*hits]
        return _without_repeats(sorted(hits, key=lambda hit: (hit.index, hit.start, -hit.end)))

    def _read(self, reading: Reading) -> list[Hit]:
        found = self._automaton.find_matches_as_indexes(reading.text, overlapping=True)
        return [hit for index, start, end in found if (hit := self._hit(index, reading, start, end)) is not None]

    def _read_untold(self, reading: Reading) -> list[Hit]:
        """Of the phrases that no glance tells."""
        found = self._automaton_of_untold.find_matches_as_indexes(reading.text, overlapping=True)
        hits = (self._hit(self._untold[index], reading, start, end) for index, start, end in found)
        return [hit for hit in hits if hit is not None]

    def _places(self, index: int, reading: Reading) -> Iterator[Hit]:
        words = self._words[index]
        at = reading.text.find(words)
        while at >= 0:
            if hit := self._hit(index, reading, at, at + len(words)):
                yield hit
            at = reading.text.find(words, at + 1)

    def _hit(self, index: int, reading: Reading, start: int, end: int) -> Hit | None:
        text = reading.text
        if not _edge(text, start):
            return None
        if self._open[index]:
            # The whole word is what is marked.
            end = next((at for at in range(end, len(text)) if not text[at].isalnum()), len(text))
        elif not _edge(text, end):
            return None
        return Hit(*reading.span(start, end), index)


def _bare(words: str, opened: bool) -> str:
    told = bare(words).decode() if words.isascii() else ""
    return "" if not told.strip() else told[:-1] if opened and words[-1].isalnum() else told


def _edge(text: str, at: int) -> bool:
    """True where a word starts or ends at `at`."""
    return at in (0, len(text)) or not (text[at - 1].isalnum() and text[at].isalnum())


def _apart(text: str, before: int, behind: int) -> bool:
    """True where no sign links what stands between these two places with another word."""
    links = "-‐‑‒–—_/.|*~+•"
    left = before > 0 and text[before] in links and text[before - 1].isalnum()
    right = behind + 1 < len(text) and text[behind] in links and text[behind + 1].isalnum()
    return not left and not right


def _without_repeats(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in hits:
        if kept and kept[-1].index == hit.index and hit.start < kept[-1].end:
            continue
        kept.append(hit)
    return sorted(kept)

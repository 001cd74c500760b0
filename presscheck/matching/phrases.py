"""Finds any of many phrases in one pass, as whole words, however they are disguised."""

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick

from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading, normalise

__all__ = ["PhraseMatcher"]


class PhraseMatcher:
    """A fixed set of phrases; case, accents, white space and disguise do not matter.

    A phrase matches whole words only: `ass` is not in `class`. A phrase that ends in `*` also
    matches longer words: `fuck*` is in `fucking`.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        read = [normalise(phrase).text.text.strip() for phrase in phrases]
        self._open = [phrase.endswith("*") for phrase in read]
        self._automaton = AhoCorasick([phrase.rstrip("*") or "\x00" for phrase in read])
        self._some = bool(read)

    def find(self, text: Normalised) -> list[Hit]:
        """Every phrase's matches as spans of the original, longest first where they overlap.

        Of two overlapping matches of the same phrase one is kept; matches of different phrases
        are all kept, because each may belong to another policy.
        """
        if not self._some:
            return []
        hits = {hit for reading in text.lowered for hit in self._read(reading)}
        if text.plain is not None:
            hits.update(self._read(text.plain))
        return _without_repeats(sorted(hits, key=lambda hit: (hit.index, hit.start, -hit.end)))

    def _read(self, reading: Reading) -> list[Hit]:
        text = reading.text
        return [
            Hit(*reading.span(start, end), index)
            for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True)
            if _edge(text, start) and (self._open[index] or _edge(text, end))
        ]


def _edge(text: str, at: int) -> bool:
    """True where a word starts or ends at `at`."""
    return at in (0, len(text)) or not (text[at - 1].isalnum() and text[at].isalnum())


def _without_repeats(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in hits:
        if kept and kept[-1].index == hit.index and hit.start < kept[-1].end:
            continue
        kept.append(hit)
    return sorted(kept)

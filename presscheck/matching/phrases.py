"""Finds any of many phrases in one pass, as whole words, however they are disguised."""

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick

from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading, normalise


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

    def find(self, text: Normalised, *, disguised: bool = True) -> list[Hit]:
        """Every phrase's matches as spans of the original, longest first where they overlap.

        `disguised` False: somebody has looked already, and the text has nothing of `MAY_BE_DISGUISED`.

        Of two overlapping matches of the same phrase one is kept; matches of different phrases
        are all kept, because each may belong to another policy.
        """
        if not self._some:
            return []
        hits = {hit for reading in text.lowered for hit in self._read(reading)}
        for reading in text.plain if disguised else ():
            hits.update(self._read(reading))
        if text.linked is not None:
            # `lead-free trial` offers no free trial: what is linked to a phrase from outside is another word.
            linked = self._read(text.linked)
            hits.update(hit for hit in linked if _apart(text.original, hit.start - 1, hit.end))
        if len(hits) < 2:
            return [*hits]
        return _without_repeats(sorted(hits, key=lambda hit: (hit.index, hit.start, -hit.end)))

    def _read(self, reading: Reading) -> list[Hit]:
        text = reading.text
        hits: list[Hit] = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not _edge(text, start):
                continue
            if self._open[index]:
                # The whole word is what is marked.
                end = next((at for at in range(end, len(text)) if not text[at].isalnum()), len(text))
            elif not _edge(text, end):
                continue
            hits.append(Hit(*reading.span(start, end), index))
        return hits


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

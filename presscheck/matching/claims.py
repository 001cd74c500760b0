"""Whether a claim of the brief says what a sentence claims, so that the claim's evidence stands for the sentence."""

import re
from collections.abc import Iterable

from presscheck.matching.normal import normalise

_WORD = re.compile(r"[\w']+")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_LITTLE = frozenset(
    (
        *("a", "an", "the", "our", "your", "its", "their", "his", "her", "my", "this", "that", "these", "those", "is"),
        *("are", "was", "be", "been", "in", "on", "of", "for", "to", "at", "by", "with", "and", "or", "as", "it", "we"),
        *("you", "they", "has", "have", "from", "than"),
    )
)


def claimed_by(text: str, start: int, end: int, claims: Iterable[str]) -> bool:
    """True where the sentence around a word says what one of the claims says.

    A claim counts when it holds the same word or phrase and every word of it that carries meaning stands in the same
    sentence, in whatever order.
    """
    said = _words(text[start:end])
    words = meaning(_sentence(text, start, end))
    return any(_holds(_words(claim), said) and meaning(claim) <= words for claim in claims)


def meaning(text: str) -> frozenset[str]:
    """The words of a text that carry meaning, as a matcher reads them."""
    return frozenset(_words(text)) - _LITTLE


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text).text.text)


def _holds(words: list[str], said: list[str]) -> bool:
    return any(words[at : at + len(said)] == said for at in range(len(words) - len(said) + 1))


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a span; a paragraph's end also ends a sentence."""
    before = [match.end() for match in _SENTENCE_END.finditer(text, 0, start)]
    before += [match.end() for match in re.finditer(r"\n\s*\n", text[:start])]
    after = [match.start() for match in _SENTENCE_END.finditer(text, end)]
    after += [end + match.start() for match in re.finditer(r"\n\s*\n", text[end:])]
    return text[max(before, default=0) : min(after, default=len(text))]

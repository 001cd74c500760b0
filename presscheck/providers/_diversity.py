"""Keeps the variants of one brief apart: maximal marginal relevance over likeness of our own words.

Carbonell and Goldstein (SIGIR 1998): of several candidates, take the one that gains from its own
worth and loses from its likeness to what was taken before. Likeness is rapidfuzz's token set
ratio, 0 to 100, of bare words without the brief's own: those are the same by right. It is not the
likeness of `presscheck.world.likeness`: a text that only adds to another varies nothing, and is another text.
"""

from collections.abc import Sequence

from rapidfuzz.fuzz import token_set_ratio

TOO_ALIKE = 85.0
"""Above this a pair reads as the same text twice."""


def likeness(text: str, others: Sequence[str]) -> tuple[float, float]:
    """Mean and greatest likeness of a text to others, from 0 to 100; (0, 0) without others."""
    if not others:
        return 0.0, 0.0
    ratios = [token_set_ratio(text, other) for other in others]
    return sum(ratios) / len(ratios), max(ratios)


def worth_less_likeness(worth: float, mean: float, greatest: float) -> float:
    """The score by which candidates are compared; `worth` from 0 to 100."""
    # The mean counts as well as the maximum: a person reads all fifty, not the closest pair.
    return 0.3 * worth - 0.7 * (mean + greatest) / 2 - (100.0 if greatest > TOO_ALIKE else 0.0)

"""Scores from 0 to 100 how much a text sounds like the approved texts of a brand.

    voice = Voice.learn(exemplars, masked=["Acme", "Turbo Kettle"])
    voice.score(text).score, voice.score(text).reasons

A text is read as its style (`presscheck/matching/style.py`): function words, endings, marks and rhythm. Words that
carry meaning and names are not compared, so talking about the brand's goods does not sound like the brand. Six
groups of features are compared with two models each, of the exemplars and of marketing copy at large
(`presscheck/matching/common_copy.py`):

* **length**: sentences of the text;
* **rhythm**: words of the average, the longest and the shortest sentence; these and the length as normal
  distributions of the logarithm;
* **wording**: how often each function word, ending and mark is used, by a multinomial;
* **habits**: which of those that a fifth of the texts holds are in the text at all, and which are missing, each by
  itself;
* **phrasing**: which of them follows which, by a Markov chain of order one;
* **openings**: the first two pieces of each sentence, and the first of the text.

Each group says `L = log P(text | exemplars) - log P(text | copy at large)`: the sum over the features for length and
rhythm, each held between -3 and 3; over the pieces, divided by the root of their number, for wording; over the habits,
each held between -2 and 2; the mean over the pairs for phrasing; the mean over the sentences, and the text's first
piece, for openings. With few exemplars a model leans on copy at large (`presscheck/matching/style_counts.py` says by
how much). The groups are added up by how surely they know the exemplars themselves: with the means m and the
covariances C of L over exemplars that were left out (ten folds), the weights are `w = C^-1 m` (Fisher's linear
discriminant; negative weights are set to 0). With the mean and the deviation of `S = sum of w L` over the same left
out exemplars

    score = 100 / (1 + exp(-2.2 - 1.1 (S - mean) / deviation))

so that a text as typical as the average exemplar has 90, one two deviations below it 50. Likelihood ratios of
function words and their sequences are those of authorship attribution (Mosteller and Wallace 1964; Burrows 2002).
English; in another language length, rhythm, endings and marks are left to compare.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from presscheck.matching.common_copy import COMMON_COPY
from presscheck.matching.style import Styled, names_to_mask, styled
from presscheck.matching.style_counts import Comparison, StyleCounts, fit
from presscheck.matching.voice_reasons import reasons_for

FEWEST_EXEMPLARS = 5
GROUPS = ("length", "rhythm", "wording", "habits", "phrasing", "openings")
_FOLDS = 10
_USUAL_VARIANCES = (0.7, 1.2, 0.75, 10.0, 0.09, 8.0)
"""Of L by group; few left out exemplars say little about it, so these count as much as 60 of them."""


@dataclass(frozen=True)
class VoiceScore:
    """How much a text sounds like the exemplars, and why not more."""

    score: int
    """From 0 to 100; 90 is an average exemplar."""
    reasons: tuple[str, ...]
    """What is unlike the exemplars, the weightiest first; empty where the score is high."""


@dataclass(frozen=True)
class Voice:
    """The voice of a brand, learnt from its texts; it keeps counts, and no text."""

    counts: StyleCounts
    weights: tuple[float, ...]
    usual: tuple[float, ...]
    """The mean of each group over exemplars that were left out."""
    centre: float
    spread: float
    masked: tuple[str, ...] = ()

    @classmethod
    def learn(cls, exemplars: Sequence[str], masked: Iterable[str] = ()) -> "Voice":
        """Learns a voice; `masked` are names of the brand and its goods, read as any name is.

        Raises ValueError where there are fewer than five different exemplars with words in them.
        """
        hidden = tuple(sorted({name.strip() for name in masked} - {""}))
        texts = styled_exemplars(exemplars, hidden)
        left_out: list[tuple[float, ...]] = []
        for fold in range(min(_FOLDS, len(texts))):
            model = Comparison(fit([text for place, text in enumerate(texts) if place % _FOLDS != fold]), _at_large())
            left_out += [model.difference(text) for text in texts[fold::_FOLDS]]
        weights, usual = _weights(left_out)
        sums = [_weighed(weights, one) for one in left_out]
        centre = sum(sums) / len(sums)
        spread = max(0.2, math.sqrt(sum((one - centre) ** 2 for one in sums) / len(sums)))
        return cls(fit(texts), weights, usual, centre, spread, hidden)

    def score(self, text: str) -> VoiceScore:
        """The score of a text; one without a word scores 0."""
        read = styled(text, self._names)
        if not read.lengths:
            return VoiceScore(0, ("there is no word in the text",))
        groups = self._comparison.difference(read)
        distance = (_weighed(self.weights, groups) - self.centre) / self.spread
        # Beyond 30 deviations the score is 0 or 100 anyway, and the exponential would overflow.
        score = round(100 / (1 + math.exp(-2.2 - 1.1 * max(-30.0, min(30.0, distance)))))
        if score >= 75:
            return VoiceScore(score, ())
        short = {
            name: weight * (usual - group)
            for name, weight, usual, group in zip(GROUPS, self.weights, self.usual, groups, strict=True)
        }
        return VoiceScore(score, reasons_for(read, self._comparison, short))

    @cached_property
    def _comparison(self) -> Comparison:
        return Comparison(self.counts, _at_large())

    @cached_property
    def _names(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        return names_to_mask(self.masked)


def styled_exemplars(exemplars: Iterable[str], masked: Iterable[str]) -> list[Styled]:
    """Different texts with words in them, as their style. ValueError where they are too few to learn a voice from."""
    names = names_to_mask(masked)
    texts = [text for text in (styled(one, names) for one in dict.fromkeys(exemplars)) if text.lengths]
    if len(texts) < FEWEST_EXEMPLARS:
        raise ValueError(f"a voice is learnt from at least {FEWEST_EXEMPLARS} different texts; {len(texts)} given")
    return texts


@lru_cache(maxsize=1)
def _at_large() -> StyleCounts:
    return fit([styled(text, {}) for text in COMMON_COPY])


def _weighed(weights: Sequence[float], groups: Sequence[float]) -> float:
    return sum(weight * group for weight, group in zip(weights, groups, strict=True))


def _weights(left_out: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Weights and means of the groups; covariances count for 7 tenths, because they are the least certain."""
    size = range(len(GROUPS))
    count = len(left_out)
    means = tuple(sum(one[i] for one in left_out) / count for i in size)
    covariances = [
        [
            (
                sum((one[i] - means[i]) * (one[j] - means[j]) for one in left_out)
                + (60 * _USUAL_VARIANCES[i] if i == j else 0.0)
            )
            / (count + 60)
            * (1.0 if i == j else 0.7)
            for j in size
        ]
        for i in size
    ]
    weights = tuple(max(0.0, one) for one in _solved(covariances, [max(0.0, mean) for mean in means]))
    # Exemplars that are copy at large in every respect have no voice of their own; then all groups count alike.
    return (weights if any(weights) else tuple(1 / variance for variance in _USUAL_VARIANCES)), means


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The x of `matrix x = right`, for a positive definite matrix, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for i in range(size):
        for below in rows[i + 1 :]:
            factor = below[i] / rows[i][i]
            for k in range(i, size + 1):
                below[k] -= factor * rows[i][k]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (rows[i][size] - sum(rows[i][k] * found[k] for k in range(i + 1, size))) / rows[i][i]
    return found

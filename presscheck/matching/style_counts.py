"""Counts the style of texts, and compares a text with two such counts.

The formulas are those that `presscheck/matching/voice.py` states.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from presscheck.matching.style import RHYTHM, Styled

# By how many pieces, pairs, openings and texts at large each count is smoothed.
_PIECES, _PAIRS, _OPENINGS, _TEXTS, _HOLDING = 100.0, 8.0, 5.0, 10.0, 20.0
_HABIT = 0.2
"""What this share of the texts holds is a habit: then a text without it tells something too."""
_KINDS = 150
"""Pieces there are, about; each has half a count at large, so that nothing is impossible."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class StyleCounts:
    """How often each piece stands in some texts, after which, and where."""

    texts: int
    shape: tuple[tuple[float, float], ...]
    """Mean and variance of each feature of `RHYTHM`."""
    pieces: Mapping[str, int]
    holding: Mapping[str, int]
    """Texts that hold a piece."""
    pairs: Mapping[Pair, int]
    """A piece and the one after it; the first of a sentence comes after the empty string."""
    starts: Mapping[Pair, int]
    """The first two pieces of a sentence."""
    first: Mapping[str, int]
    """The first piece of a text."""

    @cached_property
    def totals(self) -> tuple[int, int, int]:
        """All pieces, all openings, all first ones."""
        return sum(self.pieces.values()), sum(self.openings.values()), sum(self.first.values())

    @cached_property
    def openings(self) -> Counter[str]:
        return _by_first(self.starts)

    @cached_property
    def after(self) -> Counter[str]:
        return _by_first(self.pairs)


def _by_first(pairs: Mapping[Pair, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (before, _), count in pairs.items():
        found[before] += count
    return found


def fit(texts: Sequence[Styled]) -> StyleCounts:
    """Counts texts that have words."""
    pieces: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    starts: Counter[Pair] = Counter()
    for text in texts:
        for sentence in text.sentences:
            pieces.update(sentence)
            pairs.update(pairwise(("", *sentence)))
        starts.update(start_of(sentence) for sentence in text.sentences)
        holding.update({piece for sentence in text.sentences for piece in sentence})
    shape: list[tuple[float, float]] = []
    for column in zip(*(text.rhythm for text in texts), strict=True):
        mean = sum(column) / len(column)
        shape.append((mean, sum((one - mean) ** 2 for one in column) / len(column)))
    first = Counter(text.sentences[0][0] for text in texts)
    return StyleCounts(len(texts), tuple(shape), pieces, holding, pairs, starts, first)


def start_of(sentence: Sequence[str]) -> Pair:
    """The first two pieces of a sentence."""
    return sentence[0], sentence[1] if len(sentence) > 1 else ""


@dataclass(frozen=True)
class Comparison:
    """Two counts, between which a text is placed."""

    own: StyleCounts
    large: StyleCounts

    def difference(self, text: Styled) -> tuple[float, ...]:
        """`log P(text | own) - log P(text | large)` by group: length, rhythm, wording, habits, phrasing, openings."""
        own, large = self.own, self.large
        shape = [shape_difference(own, large, feature, text.rhythm[feature]) for feature in range(len(RHYTHM))]
        pieces = [piece for sentence in text.sentences for piece in sentence if piece != "NAME"]
        logs, unknown = self._pieces
        wording = sum(logs.get(piece, unknown) for piece in pieces) / math.sqrt(max(1, len(pieces)))
        held = set(pieces)
        habits = sum(holding if piece in held else lacking for piece, (holding, lacking) in self.habits.items())
        pairs = [pair for sentence in text.sentences for pair in pairwise(("", *sentence))]
        known, after = self._pairs
        phrasing = sum(
            # A pair that the exemplars do not have is as likely as its second piece, and less so after a frequent one.
            known[pair] if pair in known else after.get(pair[0], 0.0) + logs.get(pair[1], unknown)
            for pair in pairs
        ) / max(1, len(pairs))
        openings = sum(opening_difference(own, large, sentence) for sentence in text.sentences) / len(text.sentences)
        first = text.sentences[0][0]
        usual = _opening_at_large(large, first)
        openings += math.log((own.first.get(first, 0) + _OPENINGS * usual) / (own.totals[2] + _OPENINGS) / usual)
        return shape[0], sum(shape[1:]), wording, habits, phrasing, openings

    @cached_property
    def _pieces(self) -> tuple[Mapping[str, float], float]:
        """`piece_difference` of each piece that is known, and of one that is not."""
        pieces = self.own.pieces.keys() | self.large.pieces.keys()
        return {piece: piece_difference(self.own, self.large, piece) for piece in pieces}, math.log(
            _PIECES / (self.own.totals[0] + _PIECES)
        )

    @cached_property
    def _pairs(self) -> tuple[Mapping[Pair, float], Mapping[str, float]]:
        """Of each pair of the exemplars; and what another one after this piece loses."""
        return {pair: _pair_difference(self.own, self.large, *pair) for pair in self.own.pairs}, {
            before: math.log(_PAIRS / (count + _PAIRS)) for before, count in self.own.after.items()
        }

    @cached_property
    def habits(self) -> Mapping[str, tuple[float, float]]:
        """Each piece that a fifth of the texts holds, own or at large: what holding it says, and what lacking it."""
        found: dict[str, tuple[float, float]] = {}
        for piece in sorted((self.own.holding.keys() | self.large.holding.keys()) - {"NAME"}):
            usual = (self.large.holding.get(piece, 0) + 0.5) / (self.large.texts + 1)
            share = (self.own.holding.get(piece, 0) + _HOLDING * usual) / (self.own.texts + _HOLDING)
            if max(usual, share) >= _HABIT:
                held, lacked = math.log(share / usual), math.log((1 - share) / (1 - usual))
                found[piece] = max(-2.0, min(2.0, held)), max(-2.0, min(2.0, lacked))
        return found


def shape_difference(own: StyleCounts, large: StyleCounts, feature: int, value: float) -> float:
    """Of one feature of `RHYTHM`, held between -3 and 3."""
    mean, variance = own.shape[feature]
    usual_mean, usual_variance = large.shape[feature]
    mean = (mean * own.texts + 2 * usual_mean) / (own.texts + 2)
    variance = (variance * own.texts + _TEXTS * 0.8 * usual_variance) / (own.texts + _TEXTS)
    # Exemplars that vary more than copy at large would make what is far from both look like theirs.
    usual_variance += 0.01
    variance = min(variance + 0.001, usual_variance)
    own_log = -((value - mean) ** 2) / variance - math.log(variance)
    large_log = -((value - usual_mean) ** 2) / usual_variance - math.log(usual_variance)
    return max(-3.0, min(3.0, (own_log - large_log) / 2))


def piece_difference(own: StyleCounts, large: StyleCounts, piece: str) -> float:
    """Of one piece."""
    usual = _piece_at_large(large, piece)
    return math.log((own.pieces.get(piece, 0) + _PIECES * usual) / (own.totals[0] + _PIECES) / usual)


def opening_difference(own: StyleCounts, large: StyleCounts, sentence: Sequence[str]) -> float:
    """Of the first two pieces of a sentence."""
    start = start_of(sentence)
    usual = _opening_at_large(large, start[0])
    count = own.openings[start[0]]
    found = math.log((count + _OPENINGS * usual) / (own.totals[1] + _OPENINGS) / usual)
    if start[1]:
        second = _piece_at_large(large, start[1])
        found += math.log((own.starts.get(start, 0) + _OPENINGS * second) / (count + _OPENINGS) / second)
    return found


def _pair_difference(own: StyleCounts, large: StyleCounts, before: str, piece: str) -> float:
    usual = _piece_at_large(large, piece)
    expected = (own.pieces.get(piece, 0) + _PIECES * usual) / (own.totals[0] + _PIECES)
    return math.log((own.pairs.get((before, piece), 0) + _PAIRS * expected) / (own.after[before] + _PAIRS) / usual)


def _piece_at_large(large: StyleCounts, piece: str) -> float:
    return (large.pieces.get(piece, 0) + 0.5) / (large.totals[0] + _KINDS)


def _opening_at_large(large: StyleCounts, piece: str) -> float:
    return (large.openings[piece] + 0.5) / (large.totals[1] + _KINDS / 2)

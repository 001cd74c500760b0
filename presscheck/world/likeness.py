"""How like two texts are, from 0 to 100, and which of many is nearly the same; what calls two texts the same asks here.

    likeness(bare("Rain jackets, back."), bare("Rain jackets are back!"))       # 88.2
    taken = Taken(90)
    for text in texts:
        print(taken.like(bare(text)))       # [(place of the one it is most like, 93.1), ...]
        taken.take(bare(text))

Likeness is rapidfuzz's share of letters that stand in both in the same order, of the words as they stand or in order
of the alphabet, whichever is more: sentences that changed places are the same text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from zlib import crc32

from presscheck.cleaning import clean_line

_WORD = re.compile(r"\w+")
_LONGEST = 20_000
"""What a copy may hold; of longer texts only so much is compared, because the cost grows with the square."""
_FEW, _SHORT = 400, 600_000
"""Among so many, of so many characters together, each is compared; among more, those that share word pairs."""
_KEYS = 16
_MOST_BEHIND_A_KEY = 20
_MOST_COMPARED = 12


def bare(text: str) -> str:
    """Lower-case words, parted by single spaces."""
    return " ".join(_WORD.findall(text[:_LONGEST].casefold()))


def own_words(text: str, said: Iterable[str]) -> str:
    """The bare words that are left without some phrases: what a brief says is the same in every text by right."""
    line = clean_line(text[:_LONGEST]).casefold()
    # Longest first, so that a name within a fact does not leave the rest of the fact standing.
    for phrase in sorted((clean_line(one).casefold() for one in said), key=len, reverse=True):
        line = line.replace(phrase, " ") if phrase else line
    return bare(line)


def likeness(one: str, other: str, *, at_least: float = 0) -> float:
    """How like two bare texts are, from 0 to 100; 0 for what is less than `at_least`, which is quicker to say."""
    from rapidfuzz.fuzz import ratio, token_sort_ratio

    straight = ratio(one, other, score_cutoff=at_least)
    return straight if straight == 100 else max(straight, token_sort_ratio(one, other, score_cutoff=at_least))


class Taken:
    """Bare texts that others are compared with.

    Among a few hundred every pair is compared, where they are no long texts. Among more, a text is compared with the
    twelve that share most of its sixteen keys (MinHash of word pairs), so that the work grows with the number of texts
    and not with its square. Missed are then texts of which almost every word differs by a letter or two, and such as
    share nothing but words that twenty texts before them share as well.
    """

    def __init__(self, at_least: float) -> None:
        self._at_least = at_least
        self._texts: list[str] = []
        self._characters = 0
        self._behind: dict[int, list[int]] = {}

    def take(self, text: str) -> None:
        """One more; texts are counted from 0."""
        for key in _keys(text):
            places = self._behind.setdefault(key, [])
            if len(places) < _MOST_BEHIND_A_KEY:
                places.append(len(self._texts))
        self._texts.append(text)
        self._characters += len(text)

    def like(self, text: str) -> list[tuple[int, float]]:
        """The places of the texts that this one is like enough, and how like, the most like first."""
        compared = (
            (at, likeness(text, self._texts[at], at_least=self._at_least)) for at in self._worth_comparing(text)
        )
        return sorted((one for one in compared if one[1]), key=lambda one: (-one[1], one[0]))

    def _worth_comparing(self, text: str) -> Sequence[int]:
        if not text:
            return ()
        if len(self._texts) <= _FEW and self._characters <= _SHORT:
            return range(len(self._texts))
        shared = Counter(at for key in _keys(text) for at in self._behind.get(key, ()))
        return sorted(at for at, _ in shared.most_common(_MOST_COMPARED))


def _keys(text: str) -> Iterable[int]:
    """Sixteen hashes of word pairs at most, the same wherever the pairs are the same: of each sixteenth the least."""
    words = text.split()
    least: dict[int, int] = {}
    for one, other in zip(words, [*words, ""][1:], strict=True):
        # Python's own hash is another in every process, and findings are not.
        hashed = crc32(f"{one} {other}".encode("utf-8", "surrogatepass"))
        part = hashed % _KEYS
        least[part] = min(hashed, least.get(part, hashed))
    return least.values()

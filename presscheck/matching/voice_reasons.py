"""Says in a marketer's words what is unlike a brand's voice."""

import math
from collections.abc import Callable, Iterator, Mapping

from presscheck.matching.style import FUNCTION_WORDS, Styled, listed
from presscheck.matching.style_counts import Comparison, StyleCounts, piece_difference, shape_difference

_MOST, _MOST_OF_A_GROUP = 4, 2
_YOU = frozenset(listed("you your yours yourself you're you'll you've you'd"))
_WE = frozenset(listed("we us our ours ourselves we're we'll we've we'd"))
_I = frozenset(listed("i me my mine myself i'm i'll i've"))

# What a reader notices: its name in the plural or as a saying, and whether a piece is one.
_NOTICED: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("exclamation mark", "exclamation marks", lambda piece: piece == "!"),
    ("question mark", "question marks", lambda piece: piece == "?"),
    ("emoji", "emoji", lambda piece: piece == "☺"),
    ("figure", "figures", lambda piece: piece == "0"),
    ("dash", "dashes", lambda piece: piece in "–—"),
    ("colon", "colons", lambda piece: piece == ":"),
    ("semicolon", "semicolons", lambda piece: piece == ";"),
    ("pair of brackets", "brackets", lambda piece: piece == "("),
    ("contraction", "contractions", lambda piece: "'" in piece[1:] and piece != "~'s"),
    ("“you”", "“you”", lambda piece: piece in _YOU),
    ("“we”", "“we”", lambda piece: piece in _WE),
    ("“I”", "“I”", lambda piece: piece in _I),
    ("sentence in title case", "sentences in title case", lambda piece: piece == "TITLE"),
)


def reasons_for(text: Styled, between: Comparison, short: Mapping[str, float]) -> tuple[str, ...]:
    """At most four, those of the group that costs the score most first; `short` is what each group costs.

    Phrasing comes last, because nothing more can be said of it than that it is strange.
    """
    own, large = between.own, between.large
    says: dict[str, Callable[[], Iterator[str]]] = {
        "length": lambda: _length(text, own, large),
        "rhythm": lambda: _rhythm(text, own, large),
        "wording": lambda: _wording(text, own, large),
        "habits": lambda: _habits(text, between),
        "phrasing": lambda: iter(("its phrases are built otherwise than the exemplars'",)),
        "openings": lambda: _openings(text, own),
    }
    found: list[str] = []
    for group in sorted(short, key=lambda name: (name == "phrasing", -short[name])):
        if short[group] > 0.2 or not found:
            found += list(says[group]())[:_MOST_OF_A_GROUP]
    return tuple(dict.fromkeys(found))[:_MOST]


def _length(text: Styled, own: StyleCounts, large: StyleCounts) -> Iterator[str]:
    sentences = len(text.lengths)
    usual = max(1, round(math.exp(own.shape[0][0])))
    if sentences != usual and shape_difference(own, large, 0, text.rhythm[0]) < 0:
        yield f"{_counted(sentences, 'sentence', 'sentences')} where the brand writes {usual}"


def _rhythm(text: Styled, own: StyleCounts, large: StyleCounts) -> Iterator[str]:
    for feature, name in ((1, "sentences of"), (2, "a longest sentence of"), (3, "a shortest sentence of")):
        usual, words = round(math.exp(own.shape[feature][0])), round(math.exp(text.rhythm[feature]))
        if words != usual and shape_difference(own, large, feature, text.rhythm[feature]) < -0.3:
            yield f"{name} {_counted(words, 'word', 'words')} where the brand writes {usual}"
            return


def _wording(text: Styled, own: StyleCounts, large: StyleCounts) -> Iterator[str]:
    pieces = [piece for sentence in text.sentences for piece in sentence]
    for name, several, noticed in _NOTICED:
        count = sum(map(noticed, pieces))
        holding = max((texts for piece, texts in own.holding.items() if noticed(piece)), default=0)
        if count and holding <= own.texts * 0.03:
            others = "few exemplars have any" if holding else "none of the exemplars has any"
            yield f"{_counted(count, name, several)}; {others}"
        elif not count and holding >= own.texts * 0.6:
            yield f"no {several}, as most of the exemplars have"
    strange = sorted(
        {piece for piece in pieces if piece in FUNCTION_WORDS}, key=lambda p: (piece_difference(own, large, p), p)
    )
    seldom = [piece for piece in strange[:3] if piece_difference(own, large, piece) < -0.5]
    if seldom:
        yield f"words the brand seldom uses: {', '.join(f'“{piece}”' for piece in seldom)}"


def _habits(text: Styled, between: Comparison) -> Iterator[str]:
    """Function words that are missing, and that the exemplars have more often than copy at large."""
    held = {piece for sentence in text.sentences for piece in sentence}
    missing = sorted(
        (lacked, piece)
        for piece, (_, lacked) in between.habits.items()
        if lacked < -0.2 and piece not in held and piece in FUNCTION_WORDS
    )
    if missing:
        yield f"words missing that the brand likes: {', '.join(f'“{piece}”' for _, piece in missing[:3])}"


def _openings(text: Styled, own: StyleCounts) -> Iterator[str]:
    ranked = sorted(own.openings.items(), key=lambda one: (-one[1], one[0]))
    usual = [piece for piece, count in ranked[:3] if count >= own.totals[1] * 0.1]
    if usual and not any(sentence[0] in usual for sentence in text.sentences):
        yield f"none of the brand's usual openings ({', '.join(map(_shown, usual))})"
    elif usual and text.sentences[0][0] not in usual:
        yield f"begins otherwise than the brand, which begins with {' or '.join(map(_shown, usual))}"


def _shown(piece: str) -> str:
    if piece == "NAME":
        return "a name"
    if piece == "0":
        return "a figure"
    if piece == "~":
        return "a plain word"
    return f"a word in -{piece[1:]}" if piece.startswith("~") else f"“{piece}”"


def _counted(number: int, one: str, several: str) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return f"{words[number] if number < len(words) else number} {one if number == 1 else several}"

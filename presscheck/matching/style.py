"""Reads a text as its style: function words, endings, marks and rhythm, and not what it is about.

A word that carries meaning is kept only as its ending (`~ing`, `~ed`, `~ly`, `~er`, `~est`, `~s`, `~'s` or
`~`), a name as `NAME` and a figure as `0`; function words and marks stay as they are. So two texts about the
same shoes read alike only where they are written alike. The function words are English; in another language
endings, marks and rhythm are left.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from presscheck.matching.sentences import sentences

Names = Mapping[str, tuple[tuple[str, ...], ...]]
"""Names to mask, in lower case, by their first word; the longest first."""

_PIECE = re.compile(
    # A placeholder, such as [BRAND] or {first_name}; a word; a figure; emoji; one mark.
    r"\[[A-Z][A-Z_ ]*+\]|\{+\w++\}+|<[A-Z_]++>"
    r"|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*+(?:['’][^\W\d_]++)*+"
    r"|\d[\d.,]*+|[\u2600-\u27bf\U0001f000-\U0001faff]+|[^\w\s]"
)


def listed(words: str) -> list[str]:
    """The words of a list that is written as one string."""
    return words.split()


FUNCTION_WORDS = frozenset(
    listed("""
    a an the this that these those such both either neither each every any some all no none one ones other another
    and but or nor so yet for of in on at to from by with without within into onto over under up down out off through
    throughout across along around about against between during before after until till while since as than like if
    unless when whenever where wherever whether because though although however whatever i me my mine myself we us our
    ours ourselves you your yours yourself he him his she her hers it its itself they them their theirs themselves who
    whose whom which what why how is are was were be been being am has have had having do does did doing done will
    would can could may might must shall should let lets get gets got go goes make makes keep keeps give gives take
    takes come comes need needs want wants not never ever also just only even still too very more most much many few
    less least own here there now then again once always ready enough well please thank thanks yes
    it's you're they're we're i'm he's she's that's there's what's who's let's here's you'll we'll they'll it'll i'll
    you've we've they've i've you'd we'd they'd i'd don't doesn't didn't can't couldn't won't wouldn't isn't aren't
    wasn't weren't hasn't haven't hadn't shouldn't ain't
    """)
)
_ENDINGS = ("'s", "ing", "ed", "ly", "est", "er", "s")


@dataclass(frozen=True)
class Styled:
    """One text, read for its style."""

    sentences: tuple[tuple[str, ...], ...]
    """The pieces of each sentence."""
    lengths: tuple[int, ...]
    """Words of each sentence; sentences without a word are left out."""
    rhythm: tuple[float, ...]
    """What `RHYTHM` names, in its order."""


RHYTHM = ("sentences", "average sentence", "longest sentence", "shortest sentence")
"""Each as a natural logarithm: sentences of the text, then words of a sentence."""


def names_to_mask(names: Iterable[str]) -> Names:
    """Names by their first word, in lower case."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in names:
        pieces = tuple(_PIECE.findall(name.lower()))
        if pieces:
            found.setdefault(pieces[0], set()).add(pieces)
    return {first: tuple(sorted(several, key=lambda one: (-len(one), one))) for first, several in found.items()}


def styled(text: str, names: Names) -> Styled:
    """The style of a text."""
    parts: list[tuple[str, ...]] = []
    lengths: list[int] = []
    for span in sentences(text):
        # A compound with hyphens is its parts.
        pieces = [piece for piece in _PIECE.findall(span.of(text)) if piece != "-"]
        if not pieces:
            continue
        kept = _pieces(pieces, names)
        parts.append(kept)
        # A name is one word however long it is, so that masking it leaves the rhythm as it was.
        words = sum(piece[0].isalnum() or piece[0] == "~" for piece in kept) - (kept[-1] == "TITLE")
        if words:
            lengths.append(words)
    if not lengths:
        return Styled(tuple(parts), (), ())
    shape = (len(lengths), sum(lengths) / len(lengths), max(lengths), min(lengths))
    return Styled(tuple(parts), tuple(lengths), tuple(map(math.log, shape)))


def _pieces(pieces: list[str], names: Names) -> tuple[str, ...]:
    """Names are capitalised words within a sentence; a sentence all in capitals or in title case has none."""
    content = [piece for piece in pieces if piece[0].isalpha() and piece.lower() not in FUNCTION_WORDS]
    capitals = sum(piece[0].isupper() for piece in content)
    titled = len(content) > 2 and capitals > 0.7 * len(content)
    lowered = [piece.lower().replace("’", "'") for piece in pieces]
    found: list[str] = []
    place = 0
    while place < len(pieces):
        piece, low = pieces[place], lowered[place]
        masked = _masked(lowered, place, names) if names else 0
        if masked or (piece[0] in "[{<" and len(piece) > 1):
            kept = "NAME"
        elif low in FUNCTION_WORDS:
            kept = low
        elif not piece[0].isalpha():
            kept = "0" if piece[0].isdigit() else "☺" if len(piece) > 1 or piece > "\u25ff" else piece
        elif piece[0].isupper() and place and not titled:
            kept = "NAME"
        else:
            kept = ending(low)
        if not (kept == "NAME" and found and found[-1] == "NAME"):
            found.append(kept)
        place += masked or 1
    if titled:
        found.append("TITLE")
    return tuple(found)


def _masked(lowered: list[str], place: int, names: Names) -> int:
    """How many pieces from `place` on are a name to mask."""
    for name in names.get(lowered[place], ()):
        if tuple(lowered[place : place + len(name)]) == name:
            return len(name)
    return 0


def ending(word: str) -> str:
    """What is kept of a word that carries meaning."""
    return next((f"~{end}" for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2), "~")

r"""Says which words a text must hold for a pattern to match, so that most patterns need no look at most texts.

    required(r"\bsave (?:up to|over) \d", literal=False)    # ({" save up to 0", " save over 0"},)

Of each set that comes back at least one string stands in the bare words (`bare`) of whatever text the pattern
matches: small letters, a 0 for each figure, and one space for whatever stands between them. A pattern of signs and
classes alone requires nothing, and gives none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import product
from typing import Any, NamedTuple, cast

from presscheck.matching.widening import pieces_of

_re2: Any = import_module("re2")

_ASCII = "".join(map(chr, range(0x80)))


def _of(character: str) -> str:
    if not character.isascii() or not character.isalnum():
        return " "
    return "0" if character.isdigit() else character.lower()


_BARE = bytes(ord(_of(chr(at))) for at in range(256))
# What the text as it stands has as the reading has it, but for spaces.
_STAYS = frozenset(chr(at) for at in range(0x20, 0x7F)) | frozenset("\t\n\x0b\x0c\r")
# The place where a word begins or ends, within strings that are still being put together.
_EDGE = "\x01"
_MOST, _WIDEST = 400, 8
"""Strings of one set, and characters of one class."""
_EDGES = frozenset((r"\b", r"\A", r"\z", "^", "$"))
_QUANTIFIER = re.compile(r"(?:\{(?P<least>\d+)(?P<comma>,)?(?P<most>\d*)\}|(?P<sign>[*+?]))\??")
_FLAGS = re.compile(r"\(\?[a-zA-Z\-]*\)")

Strings = frozenset[str]


def bare(text: str) -> bytes:
    """The words of a text alone, a space at each end: small letters of ASCII, 0 for figures, one space for the rest."""
    return b" %b " % b" ".join(text.encode("ascii", "replace").translate(_BARE).split())


class _Said(NamedTuple):
    """What a part of a pattern says."""

    exact: Strings | None
    """All that it can be; None where that is too much to list."""
    required: tuple[Strings, ...] = ()
    """Sets of which it holds one string each."""
    ends: Strings | None = None
    """What it begins with and ends with, where that is the same: one or more of something."""


_ANYTHING = _Said(None)
_NOTHING = frozenset({""})


@lru_cache(maxsize=4096)
def required(pattern: str, *, literal: bool) -> tuple[Strings, ...]:
    """Sets of bare words, of each of which one must stand in the text for the pattern to match.

    `literal`: the pattern is read in the text as it stands too, of which the bare words are asked once disguise is
    undone; then a word's edge and what is not ASCII say nothing.
    """
    reader = _Reader([*pieces_of(pattern)], literal)
    said = reader.alternation()
    sets = said.required if said.exact is None else _usable(said.exact)
    return tuple(dict.fromkeys(sets))


class _Reader:
    """Reads a pattern's pieces from left to right."""

    def __init__(self, pieces: Sequence[str], literal: bool) -> None:
        self._pieces = pieces
        self._literal = literal
        self._at = 0

    def alternation(self) -> _Said:
        branches = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        known = [one.exact for one in branches if one.exact is not None]
        together = frozenset[str]().union(*known)
        if len(known) == len(branches) and len(together) <= _MOST:
            return _Said(together)
        best = [_best(one) for one in branches]
        some = [one for one in best if one is not None]
        return _Said(None, (frozenset[str]().union(*some),) if len(some) == len(best) else ())

    def _sequence(self) -> _Said:
        so_far, found, whole = _NOTHING, list[Strings](), True
        while (piece := self._next()) not in ("|", ")", None):
            said = self._repeated(self._atom(piece))
            together = None if said.exact is None else _joined(so_far, said.exact)
            if together is not None:
                so_far = together
                continue
            whole = False
            opened = None if said.ends is None else _joined(so_far, said.ends)
            found += _usable(so_far if opened is None else opened)
            found += said.required
            so_far = said.exact or said.ends or _NOTHING
        return _Said(so_far) if whole else _Said(None, (*found, *_usable(so_far)))

    def _next(self) -> str | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _atom(self, piece: str) -> _Said:
        self._at += 1
        if _FLAGS.fullmatch(piece):
            return _Said(_NOTHING)
        if piece[0] == "(":
            said = self.alternation()
            self._at += 1
            return said
        if piece in _EDGES:
            return _Said(_NOTHING if self._literal else frozenset({_EDGE}))
        if piece == r"\B":
            return _Said(_NOTHING)
        return _characters(piece, self._literal)

    def _repeated(self, said: _Said) -> _Said:
        piece = self._next()
        quantifier = None if piece is None or piece[0] not in "{*+?" else _QUANTIFIER.fullmatch(piece)
        if quantifier is None:
            return said
        self._at += 1
        least, most = _bounds(quantifier)
        if said.exact is not None and all(not one.strip(" ") for one in said.exact):
            # However many signs stand there, one space is what is left of them.
            return _Said(said.exact | (_NOTHING if least == 0 else frozenset[str]()))
        if said.exact is not None and most is not None and most <= 3:
            so_far: Strings | None = _NOTHING
            listed = _NOTHING if least == 0 else frozenset[str]()
            for count in range(1, most + 1):
                so_far = None if so_far is None else _joined(so_far, said.exact)
                listed = listed if so_far is None or count < least else listed | so_far
            if so_far is not None and len(listed) <= _MOST:
                return _Said(listed)
        if least == 0:
            return _ANYTHING
        return _Said(None, said.required if said.exact is None else tuple(_usable(said.exact)), said.exact)


def _bounds(quantifier: re.Match[str]) -> tuple[int, int | None]:
    if sign := quantifier["sign"]:
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    least = int(quantifier["least"])
    return least, int(quantifier["most"]) if quantifier["most"] else None if quantifier["comma"] else least


@lru_cache(maxsize=8192)
def _characters(piece: str, literal: bool) -> _Said:
    """What one character can be, as bare words have it."""
    if len(piece) == 1 and piece != ".":
        beyond, meant = not piece.isascii(), {piece} if piece.isascii() else set[str]()
    else:
        beyond = _reaches_beyond(piece)
        # Where case counts, a class that leaves small letters out has capitals in it, and the other way round.
        read = (_re2.compile(f"(?{flag}){piece}") for flag in ("i", "-i"))
        meant = {one for reader in read for one in cast(list[str], reader.findall(_ASCII))}
    if literal and (beyond or any(one not in _STAYS for one in meant)):
        # In the text as it stands that may be a letter, or nothing at all, once disguise is undone.
        return _ANYTHING
    said = {bytes([_BARE[ord(one)]]).decode() for one in meant} | ({" "} if beyond else set[str]())
    return _Said(frozenset(said)) if 0 < len(said) <= _WIDEST else _ANYTHING


def _reaches_beyond(piece: str) -> bool:
    """Whether it may stand for a character beyond ASCII."""
    if piece[0] == "[":
        return piece.startswith("[^") or re.search(r"[^\x00-\x7f]|\\[xpPWSD0-7]|\[:\^", piece) is not None
    return piece == "." or piece[1] in "xpPWSDC01234567"


def _joined(one: Strings, other: Strings) -> Strings | None:
    """Each of one with each of the other behind it; None where that is too much."""
    if len(one) * len(other) > _MOST:
        return None
    return frozenset(first + second for first, second in product(one, other))


def _usable(strings: Iterable[str]) -> Iterator[Strings]:
    """The set as bare words; nothing where one of them stands in every text."""
    said = {_as_bare(one) for one in strings}
    if said and all(one.strip() for one in said):
        yield frozenset(said)


def _as_bare(string: str) -> str:
    # Between two letters there is no edge of a word: such a string stands in no text, and asks for too little here.
    edged = re.sub(rf"{_EDGE}+", _EDGE, string)
    start, end = edged.startswith(_EDGE), edged.endswith(_EDGE)
    words = re.sub(" +", " ", edged.replace(_EDGE, ""))
    first, last = words[:1].isalnum() and start, words[-1:].isalnum() and end
    return f"{' ' if first else ''}{words}{' ' if last else ''}"


def _best(said: _Said) -> Strings | None:
    sets = said.required if said.exact is None else tuple(_usable(said.exact))
    return min(sets, key=_commonness, default=None)


def _commonness(strings: Strings) -> float:
    """How likely one of them stands in a text, roughly: each letter makes a word four times as rare."""
    return sum(4.0 ** -len(one) for one in strings)

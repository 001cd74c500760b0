r"""Widens a pattern to one that matches bytes wherever RE2 matches characters, and that makes a small automaton.

    widened(r"\p{Lu}[^.\n]{0,60}é")      # [A-Za-z\x80-\xff]+...*[\x80-\xff]+ with what is no full stop for ...

Whatever may stand for a character beyond ASCII stands for any run of such bytes, but for signs without case that are
named one by one; a repetition of more than a few loses its bounds, and where case does not count capitals are letters.
It says yes more often than the pattern, never less.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, cast

_re2: Any = import_module("re2")

_BEYOND = r"\x80-\xff"
_ASCII = "".join(map(chr, range(0x80)))
_FEW, _FEW_OF_ASCII = 4, 60
# An escape, a class, a counted repetition, a group's opening, or one character.
_PIECE = re.compile(
    r"\\[pP](?:\{\^?\w+\}|\w)|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\[0-7]{1,3}|\\Q.*?(?:\\E|\Z)|\\."
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\[pP]\{\^?\w+\}|\\x\{[0-9A-Fa-f]+\}|\\.|[^\]\\])*\]"
    r"|\{\d+(?:,\d*)?\}\??|[*+?]\??|\(\?P?<\w+>|\(\?[a-zA-Z\-]*[:)]|.",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?:\{(?P<least>\d+)(?P<comma>,)?(?P<most>\d*)\}|[*+?])\??")
# What stands for a character, or for one of several, and is not read alike by whoever reads bytes.
_CHARACTERS = re.compile(r"\[.*|\\(?:[pPxWSDC]|[0-7]).*|[^\x00-\x7f]", re.DOTALL)
# A class that names characters of ASCII alone; long s and the sign of kelvin are the caller's to see.
_PLAIN = re.compile(r"\[(?!\^|.*\[:\^)(?:\\[^pPxWSDC0-7]|[^\\\x80-\U0010ffff])*\]", re.DOTALL)
_MEMBER = r"\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\[^xpPWSDwsdQE0-9]|[^\\\[\]^]"
_MEMBERS = re.compile(rf"(?P<first>{_MEMBER})(?:-(?P<last>{_MEMBER}))?", re.DOTALL)
_PRIVATE, _OF_PRIVATE_USE = r"\p{Co}", ((0xE000, 0xF8FF), (0xF0000, 0x10FFFF))
NUMBERS = (
    (0x30, 0x39), (0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE), (0x300, 0x1FFF), (0x2070, 0x209F), (0x2150, 0x218F),
    (0x2460, 0x24FF), (0x2776, 0x2793), (0x2C00, 0xFDFF), (0xFE10, 0x1F2FF), (0x1FB00, 0x10FFFF),
)  # fmt: skip
"""Where figures are in Unicode, of which the letters of Latin, punctuation and pictures are none."""
_MOST_NAMED, _MOST_CHARACTERS = 40, 5_000
_BEFORE = re.compile(r"\A(?:\(\?:\\A\|\[\^(?:\\.|[^\]\\])*\]\)(?![?*+{])|\\b(?=\[))", re.DOTALL)
_DOT_IS_ALL = re.compile(r"\(\?[imU]*s")
_CASE_COUNTS = re.compile(r"\(\?[imsU]*-[msU]*i")


def widened(pattern: str) -> str:
    """The wider pattern, for a matcher of bytes; ASCII alone.

    Of a text with the long s or the sign of kelvin it says nothing: they are an s and a k where case does not count.
    """
    out: list[str] = []
    runs, last = False, ""
    case = _CASE_COUNTS.search(pattern) is not None
    always = pattern.startswith("(?-i)") and "(?i" not in pattern
    dot = r"[\x00-\xff]" if _DOT_IS_ALL.search(pattern) else r"[^\n]"
    # What stands before the first sign or word says little, and is looked for at every character.
    for piece in pieces_of(_BEFORE.sub("", pattern)):
        quantifier = _QUANTIFIER.fullmatch(piece) if out and piece[0] in "{*+?" else None
        if quantifier is None:
            atom, runs = (dot, True) if piece == "." else _atom(piece, case, always)
            out.append(f"{atom}+" if runs else atom)
        elif runs:
            # A run is any number already; what matters is whether it may be missing.
            out[-1] = f"{out[-1][:-1]}{'*' if _least(quantifier) == 0 else '+'}"
            runs = False
        else:
            out.append(_unbounded(quantifier, _FEW_OF_ASCII if _PLAIN.fullmatch(last) else _FEW))
        last = piece
    return "".join(out)


def pieces_of(pattern: str) -> Iterator[str]:
    for found in _PIECE.finditer(pattern):
        piece = found.group()
        yield from map(re.escape, piece[2:].removesuffix("\\E")) if piece.startswith("\\Q") else (piece,)


@lru_cache(maxsize=4096)
def _atom(piece: str, case: bool, always: bool) -> tuple[str, bool]:
    """What stands for a piece, and whether it stands for a run of bytes; `case`: it counts somewhere in the pattern,
    `always`: in all of it."""
    if not _CHARACTERS.fullmatch(piece):
        return piece, False
    if piece in (r"\pN", r"\p{N}"):
        return bytes_of(NUMBERS), False
    if named := _named(piece, always):
        return bytes_of(named), False
    plain = _PLAIN.fullmatch(piece) is not None
    # RE2 itself says which characters of ASCII are meant. A class that leaves capitals out has small letters in it
    # where case counts, and none where it does not; whoever reads bytes does the same for plain ones.
    either = (_re2.compile(f"(?{flags}){piece}") for flags in (("-i",) if plain else ("i", "-i") if case else ("i",)))
    meant = sorted({one for read in either for one in cast(list[str], read.findall(_ASCII))})
    kept = "".join(one if one.isalnum() else f"\\x{ord(one):02x}" for one in meant)
    return (f"[{kept}]", False) if plain else (f"[{kept}{_BEYOND}]", True)


def _named(piece: str, case: bool) -> list[tuple[int, int]] | None:
    """The characters that a class or an escape names, as ranges; None where some are of a kind, or have another case
    that may be meant."""
    inner = piece[1:-1] if piece[0] == "[" else piece
    private = _PRIVATE in inner
    inner = inner.replace(_PRIVATE, "")
    ranges: list[tuple[int, int]] = []
    at = 0
    for named in _MEMBERS.finditer(inner):
        if named.start() != at:
            return None
        at = named.end()
        first = _code_of(named["first"])
        last = first if named["last"] is None else _code_of(named["last"])
        if first is None or last is None or last < first:
            return None
        ranges.append((first, last))
    beyond = [one for one in ranges if one[1] >= 0x80]
    widest = sum(last - first for first, last in beyond)
    if at < len(inner) or not beyond or len(ranges) > _MOST_NAMED or widest > _MOST_CHARACTERS:
        return None
    characters = (chr(code) for first, last in ranges for code in range(first, last + 1))
    if any(one.lower() != one.upper() and not (case and one > "\x7f") for one in characters):
        return None
    return [*ranges, *_OF_PRIVATE_USE] if private else ranges


def _code_of(member: str) -> int | None:
    if len(member) == 1:
        return ord(member)
    if member[1] == "x":
        return int(member[2:].strip("{}"), 16)
    # Escaped signs are themselves; escaped letters are something else.
    return None if member[1].isalnum() else ord(member[1])


def bytes_of(ranges: Sequence[tuple[int, int]]) -> str:
    """A group that matches the UTF-8 of exactly the characters of these ranges."""
    return f"(?:{'|'.join(form for first, last in ranges for form in _encoded(first, last))})"


def _encoded(first: int, last: int) -> Iterator[str]:
    for end in (0x7F, 0x7FF, 0xFFFF):
        if first <= end < last:
            yield from _encoded(first, end)
            yield from _encoded(end + 1, last)
            return
    low, high = (chr(one).encode("utf-8", "surrogatepass") for one in (first, last))
    for size in range(1, len(low)):
        # Where the leading bytes differ, the trailing ones must run through all of theirs.
        step = 1 << (6 * size)
        if first // step != last // step:
            if first % step:
                yield from _encoded(first, (first // step + 1) * step - 1)
                yield from _encoded((first // step + 1) * step, last)
                return
            if (last + 1) % step:
                yield from _encoded(first, last // step * step - 1)
                yield from _encoded(last // step * step, last)
                return
    yield "".join(
        f"\\x{one:02x}" if one == other else f"[\\x{one:02x}-\\x{other:02x}]"
        for one, other in zip(low, high, strict=True)
    )


def _least(quantifier: re.Match[str]) -> int:
    if quantifier["least"] is not None:
        return int(quantifier["least"])
    return 1 if quantifier.group()[0] == "+" else 0


def _unbounded(quantifier: re.Match[str], few: int) -> str:
    if quantifier["least"] is None:
        return quantifier.group()[0]
    least = int(quantifier["least"])
    most = int(quantifier["most"]) if quantifier["most"] else least if not quantifier["comma"] else None
    if most is not None and most <= _FEW:
        return f"{{{least},{most}}}"
    return f"{{{min(least, few)},}}"

"""Undoes obfuscation and remembers where every character came from.

`normalise("Ｆ\u200bR\u0435\u0435")` reads `FRee` for a matcher, and `span()` turns a match in the
reading back into a span of the original text. Five readings exist: `folded` keeps case (for
patterns), `text` is `folded` in lower case (for phrases), `plain` also undoes leet spelling
(`fr33`), letters set apart (`f r e e`) and stretched letters (`freeee`), and in `parted` all that is
no letter is a gap: the ² of `best²`, the ™ of `free shipping™`, and what nobody sees. In `linked` a sign that
stands between two words for their space is one (`free-shipping`, `free🎁shipping`). The last three are
None, or none, where they change nothing.

A reading only adds to what is found: no word that a reader sees may be out of a matcher's sight. What
cleaning takes out of a text is nothing here either, so that a text reads the same before and after it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import import_module
from string import ascii_lowercase
from typing import Any, overload

from anyascii import anyascii

# Letters that look Latin are mapped by looks, not by sound: anyascii reads the Cyrillic es as s,
# but whoever hides a word behind it means c.
_LOOKALIKES = dict(
    zip(
        "авеёкмнорстухіјѕԁԛԝһцԍгьӏѵѡҽАВЕЁКМНОРСТУХІЈЅԚԜҺӀαβγεηικνορτυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսհցզյ",
        "abeekmhopctyxijsdqwhugrblvweABEEKMHOPCTYXIJSQWHIaBYenikvoptuxwcjABEZHIKMNOPTYXonuhgqj",
        strict=True,
    )
)
_DROPPED = {"Cf", "Mn", "Me", "Co", "Cc"}
# Fillers of Hangul and the empty pattern of Braille are letters and signs to Unicode, and nothing to the eye.
_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SPACES = {"Zs", "Zl", "Zp"}
_BREAKS = frozenset("\t\n\x0b\x0c\r\x85")
# Angled ones stay: they are quotes in one language, and the marks of a merge tag in another.
_QUOTES = {"Pi": '"', "Pf": '"'} | dict.fromkeys("‘’‚‛", "'") | {one: one for one in "«»‹›"}
_LETTERS = {"Lu", "Ll", "Lt", "Lo", "Nd"}
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})

# Anything but printable ASCII, several spaces, and a space behind what may be read as one: the rest stays as it is.
_SLOW = re.compile(r"[^\x20-\x7e]+ *| {2,}")
_FOLDED = re.compile(r"[^\x20-\x7e]")
_SEVERAL = re.compile(" {2,}")
_SIGN, _TOKEN = re.compile(r"[0-9@$!]"), re.compile(r"[a-z0-9@$!]+")
# 1st, 10am and 5km disguise nothing.
_MEASURED = re.compile(r"\d+(?:st|nd|rd|th|am|pm|[kmcn]?[mg]|k|h|s|d|x|w|v|l|ml|lbs?|oz|ft|mph|hz|[kmgt]b|p)")
_LEET_WORD = r"[a-z][0-9@$!]+[a-z]|[a-z][@$!]*[0-9]|(?:\A|[^a-z0-9@$!])[@$!0-9]*[013457@$!][a-z]"
_APART = re.compile(r"(?<![a-z0-9])[a-z0-9@$!](?:(?:[ .\-_*/,]{1,3})[a-z0-9@$!](?![a-z0-9])){2,}")
_LINKS, _LINKED = re.compile(r"(?:[\-_/.|*~+•]|[^\x00-\x7f\w\s])+"), frozenset(ascii_lowercase + "0123456789")
_LINKS_AS_SPACES = bytes.maketrans(b"-_/.|*~+", b" " * 8)
_SEVERAL_LINKS: Any = import_module("re2").compile(r"[a-z0-9][\-_/.|*~+]{2,}[a-z0-9]")
# The www of an address is stretched by nobody.
_STRETCHED = re.compile(r"(?!www\b)([a-z])\1{2,}")
_MAY_BE_APART = r"(?:\A|[^a-z0-9])[a-z0-9@$!](?:[ .\-_*/,]{1,3}[a-z0-9@$!]){2}(?:[^a-z0-9]|\z)"
MAY_BE_DISGUISED = (
    f"{'|'.join(3 * letter for letter in ascii_lowercase if letter != 'w')}|w{{4}}|{_LEET_WORD}|{_MAY_BE_APART}"
)
"""Without this a text has no `plain` reading: RE2, of `folded` in any case. Nearly all have none."""
_DISGUISED: Any = import_module("re2").compile(MAY_BE_DISGUISED)
_SET_APART: Any = import_module("re2").compile(_MAY_BE_APART)
_THRICE: Any = import_module("re2").compile("|".join(3 * letter for letter in ascii_lowercase))


class Reading:
    """A text as a matcher reads it, and where its characters stood."""

    __slots__ = ("_origins", "_work_out", "text")

    def __init__(self, text: str, work_out: "Callable[[], Sequence[int]] | None" = None) -> None:
        self.text = text
        self._work_out = work_out
        self._origins: Sequence[int] | None = None

    @property
    def moved(self) -> bool:
        """Whether it is another text than the original."""
        return self._work_out is not None

    @property
    def origins(self) -> Sequence[int] | None:
        """The original index of each character; None where both are the same text.

        Worked out when it is first asked for: most texts hold nothing that a rule looks for.
        """
        if self._origins is None and self._work_out is not None:
            self._origins = self._work_out()
        return self._origins

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a match, `end` exclusive; `start` must be below `end`."""
        origins = self.origins
        if origins is None:
            return start, end
        return origins[start], origins[end - 1] + 1

    def lower(self) -> "Reading":
        """The same in lower case, which changes no character's place."""
        return Reading(self.text.lower(), (lambda: self.origins or ()) if self.moved else None)


@dataclass(frozen=True, eq=False)
class Normalised:
    """The readings of one text."""

    original: str
    folded: Reading
    text: Reading

    @cached_property
    def parted(self) -> Reading | None:
        """`folded`, in which all that is read as a letter and is none, and what nobody sees, is a gap."""
        if not self.folded.moved or not any(map(_is_gap, {*_FOLDED.findall(self.original)})):
            return None
        return _folded(self.original, _part_one)

    @cached_property
    def lowered(self) -> tuple[Reading, ...]:
        """`text`, and `parted` in lower case where there is one."""
        return (self.text,) if self.parted is None else (self.text, self.parted.lower())

    @cached_property
    def linked(self) -> Reading | None:
        """`text`, in which what links two words without a space is a space; each may belong to a longer word."""
        return _linked(self.text)

    @cached_property
    def plain(self) -> tuple[Reading, ...]:
        """The text without leet spelling, letters set apart or stretched; none where it has none of these.

        A stretched letter is read as one, and as two: `freeee` is said of `free`, and `fuuuck` of another word.
        """
        # RE2 says quickly of most texts that there is nothing to undo, and of the others what.
        text = self.text.text
        if _DISGUISED.search(text) is None:
            return ()
        apart = _SET_APART.search(text) is not None
        stretched = _THRICE.search(text) is not None and _STRETCHED.search(text) is not None
        readings = (
            _plain(self.text, stay, apart=apart, stretched=stretched) for stay in ((1, 2) if stretched else (1,))
        )
        return tuple(reading for reading in readings if reading is not None)


KEPT = 96
"""How many texts are remembered as they read: each matcher asks for the same, one after the other."""


@lru_cache(maxsize=KEPT)
def normalise(original: str) -> Normalised:
    """All readings of `original`; any text is taken, lone surrogates included."""
    # isprintable() is true of these alone among ASCII, and both tests are done in C.
    same = original.isascii() and original.isprintable() and "  " not in original
    folded = Reading(original) if same else _folded(original, _fold_one)
    return Normalised(original, folded, folded.lower())


# Whatever is read as another letter: of names that look alike, one is as good as the other.
_ALIKE = str.maketrans({"i": "l", "1": "l", "0": "o"})


def looks_of(name: str) -> str:
    """A name as far as eyes tell it apart: letters and digits only, no case, look-alikes as one."""
    read = normalise(name).text.text.translate(_ALIKE)
    return "".join(one for one in read if one.isalnum())


def _folded(original: str, fold_one: Callable[[str], str]) -> Reading:
    """The text with each character folded; a run of white space is one space, so that a phrase may cross a line."""
    text = _FOLDED.sub(lambda found: fold_one(found[0]), original)
    return Reading(_SEVERAL.sub(" ", text) if "  " in text else text, lambda: _places(original, fold_one))


class _Stretches(Sequence[int]):
    """Original places as stretches of text that moved together: a few of them instead of a number a character."""

    def __init__(self, beyond: "Sequence[int] | None" = None) -> None:
        """`beyond`: where the characters stood that these places count; None where they are the original's."""
        self._beyond = beyond
        self._starts: list[int] = []
        self._places: list[int] = []
        self._length = 0

    def add(self, place: int, length: int = 1) -> None:
        """The next `length` characters stood at `place` and behind it."""
        if not length:
            return
        if self._starts and place - self._length == self._places[-1] - self._starts[-1]:
            self._length += length
            return
        self._starts.append(self._length)
        self._places.append(place)
        self._length += length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._length))]
        if not 0 <= index < self._length:
            raise IndexError(index)
        at = bisect_right(self._starts, index) - 1
        place = self._places[at] + index - self._starts[at]
        return place if self._beyond is None else self._beyond[place]


def _places(original: str, fold_one: Callable[[str], str]) -> Sequence[int]:
    """Where each character of the folded text stood."""
    origins = _Stretches()
    done = 0
    ends_in_space = False
    for slow in _SLOW.finditer(original):
        start = slow.start()
        if _stays(slow.group(), fold_one):
            continue
        if start > done:
            origins.add(done, start - done)
            ends_in_space = original[start - 1] == " "
        done = slow.end()
        for at in range(start, done):
            for out in original[at] if original[at] == " " else fold_one(original[at]):
                if out == " " and ends_in_space:
                    continue
                origins.add(at)
                ends_in_space = out == " "
    origins.add(done, len(original) - done)
    return origins


def _stays(slow: str, fold_one: Callable[[str], str]) -> bool:
    """Whether each character of these reads as one that is no space, so that none behind them moves."""
    signs = slow[:-1] if slow[-1] == " " else slow
    return all(len(read := fold_one(one)) == 1 and read != " " for one in signs) if signs[-1] != " " else False


def _part_one(character: str) -> str:
    return " " if _is_gap(character) else _fold_one(character)


@lru_cache(maxsize=8192)
def _fold_one(character: str) -> str:
    """What stands for one character: nothing for invisible ones, ASCII where one looks like it."""
    category = unicodedata.category(character)
    if category in _SPACES or character in _BREAKS:
        return " "
    if category in _DROPPED or character in _EMPTY or _is_no_character(character):
        return ""
    if category == "Cs":
        return "\ufffd"
    if looks_like := _LOOKALIKES.get(character):
        return looks_like
    if quote := _QUOTES.get(character) or _QUOTES.get(category):
        return quote
    if category == "Pd" or character == "\u2212":
        return "-"
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character and compatible.isascii():
        return compatible
    name = unicodedata.name(character, "")
    if category in ("Nd", "Nl", "No") or "LATIN" in name or name.startswith(("NEGATIVE ", "REGIONAL INDICATOR")):
        read = anyascii(character)
        return read if read.isascii() and len(read) <= 4 else character
    # Lower-casing must not change the length of what is left.
    return character if len(character.lower()) == 1 else "\ufffd"


def _is_no_character(character: str) -> bool:
    # U+FDD0 to U+FDEF and the last two of each plane are no characters at all.
    return 0xFDD0 <= ord(character) <= 0xFDEF or (ord(character) & 0xFFFE) == 0xFFFE


@lru_cache(maxsize=8192)
def _is_gap(character: str) -> bool:
    """True for what is read as letters or as nothing, and stands between words to whoever reads them."""
    if " " <= character <= "~" or character in _BREAKS:
        return False
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cs"):
        return False
    read = _fold_one(character)
    if not read:
        return True
    kind = unicodedata.decomposition(character).partition(">")[0]
    raised = category not in _LETTERS or kind in ("<super", "<sub")
    return raised and kind != "<fraction" and any(one.isalnum() for one in read)


def _linked(lowered: Reading) -> Reading | None:
    text = lowered.text
    if text.isascii() and _SEVERAL_LINKS.search(text) is None:
        # One sign for one, in C. Those that link nothing become spaces beside spaces, which no phrase has.
        spaced = text.encode().translate(_LINKS_AS_SPACES).decode()
        return None if spaced == text else Reading(spaced, lambda: lowered.origins or range(len(text)))
    pieces: list[str] = []
    done = 0
    for start, end in _links(text):
        pieces += (text[done:start], " ")
        done = end
    return Reading("".join((*pieces, text[done:])), lambda: _places_of_linked(lowered)) if pieces else None


def _links(text: str) -> Iterator[tuple[int, int]]:
    """The signs between two words."""
    for link in _LINKS.finditer(text):
        start, end = link.span()
        if start and end < len(text) and text[start - 1] in _LINKED and text[end] in _LINKED:
            yield start, end


def _places_of_linked(lowered: Reading) -> Sequence[int]:
    places = _Stretches(lowered.origins)
    done = 0
    for start, end in _links(lowered.text):
        places.add(done, start + 1 - done)
        done = end
    places.add(done, len(lowered.text) - done)
    return places


def _plain(lowered: Reading, stay: int, *, apart: bool, stretched: bool) -> Reading | None:
    text = lowered.text
    edits: dict[int, str] = {}
    for match in _APART.finditer(text) if apart else ():
        for at in range(match.start(), match.end()):
            edits[at] = "" if text[at] in " .-_*/," else text[at].translate(_LEET)
    for match in _tokens(text):
        if _is_leet(match.group()):
            edits.update((at, text[at].translate(_LEET)) for at in range(match.start(), _end(match)))
    for match in _STRETCHED.finditer(text) if stretched else ():
        edits.update((at, "") for at in range(match.start() + stay, match.end()))
    edits = {at: new for at, new in edits.items() if new != text[at]}
    if not edits:
        return None
    pieces: list[str] = []
    done = 0
    for at in sorted(edits):
        pieces += (text[done:at], edits[at])
        done = at + 1
    pieces.append(text[done:])
    return Reading("".join(pieces), lambda: _places_of_plain(lowered, edits))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The words with a figure or a sign in them that may stand for a letter."""
    done = 0
    for sign in _SIGN.finditer(text):
        start = sign.start()
        if start < done:
            continue
        while start > done and "a" <= text[start - 1] <= "z":
            start -= 1
        if match := _TOKEN.match(text, start):
            yield match
            done = match.end()


def _places_of_plain(lowered: Reading, edits: dict[int, str]) -> Sequence[int]:
    places = _Stretches(lowered.origins)
    done = 0
    for at in sorted(at for at, new in edits.items() if not new):
        places.add(done, at - done)
        done = at + 1
    places.add(done, len(lowered.text) - done)
    return places


def _end(token: re.Match[str]) -> int:
    # "sh1t!" ends in a mark, not in a letter.
    return token.start() + len(token.group().rstrip("!$@"))


def _is_leet(token: str) -> bool:
    """Whether signs stand for letters in a word; a name such as A55 or 4x4 is mostly digits."""
    word = token.rstrip("!$@")
    if _MEASURED.fullmatch(word):
        return False
    letters = sum(map(str.isalpha, word))
    return letters < len(word) and letters >= len(word) - letters

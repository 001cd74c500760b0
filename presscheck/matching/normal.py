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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

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

# Anything but printable ASCII, and a space after or before white space: the rest is copied as it is.
_SLOW = re.compile(r"[^\x20-\x7e]|(?<=\s) | (?=\s)")
_TOKEN = re.compile(r"[a-z0-9@$!]+")
_LEET_TOKEN = re.compile(r"[a-z][0-9@$!]|[013457@$!][a-z]")
_APART = re.compile(r"(?<![a-z0-9])[a-z0-9@$!](?:(?:[ .\-_*/,]{1,3})[a-z0-9@$!](?![a-z0-9])){2,}")
_LINK = re.compile(r"(?<=[a-z0-9])(?:[\-_/.|*~+•]|[^\x00-\x7f\w\s])+(?=[a-z0-9])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")


@dataclass(frozen=True)
class Reading:
    """A text as a matcher reads it, and where its characters stood."""

    text: str
    origins: Sequence[int] | None = None
    """The original index of each character; None where both are the same text."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a match, `end` exclusive; `start` must be below `end`."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


@dataclass(frozen=True)
class Normalised:
    """The readings of one text."""

    original: str
    folded: Reading
    text: Reading

    @cached_property
    def parted(self) -> Reading | None:
        """`folded`, in which all that is read as a letter and is none, and what nobody sees, is a gap."""
        if self.folded.origins is None or not any(map(_is_gap, set(self.original))):
            return None
        return _fold(self.original, lambda one: " " if _is_gap(one) else _fold_one(one))

    @cached_property
    def lowered(self) -> tuple[Reading, ...]:
        """`text`, and `parted` in lower case where there is one."""
        if self.parted is None:
            return (self.text,)
        return (self.text, Reading(self.parted.text.lower(), self.parted.origins))

    @cached_property
    def linked(self) -> Reading | None:
        """`text`, in which what links two words without a space is a space; each may belong to a longer word."""
        return _linked(self.text)

    @cached_property
    def plain(self) -> tuple[Reading, ...]:
        """The text without leet spelling, letters set apart or stretched; none where it has none of these.

        A stretched letter is read as one, and as two: `freeee` is said of `free`, and `fuuuck` of another word.
        """
        readings = (_plain(self.text, stay) for stay in ((1, 2) if _STRETCHED.search(self.text.text) else (1,)))
        return tuple(reading for reading in readings if reading is not None)


# Each matcher asks for the reading of the same text, one after the other.
@lru_cache(maxsize=64)
def normalise(original: str) -> Normalised:
    """All readings of `original`; any text is taken, lone surrogates included."""
    folded = _fold(original, _fold_one) if _SLOW.search(original) else Reading(original)
    lowered = Reading(folded.text.lower(), folded.origins)
    return Normalised(original, folded, lowered)


# Whatever is read as another letter: of names that look alike, one is as good as the other.
_ALIKE = str.maketrans({"i": "l", "1": "l", "0": "o"})


def looks_of(name: str) -> str:
    """A name as far as eyes tell it apart: letters and digits only, no case, look-alikes as one."""
    read = normalise(name).text.text.translate(_ALIKE)
    return "".join(one for one in read if one.isalnum())


def _fold(original: str, fold_one: Callable[[str], str]) -> Reading:
    pieces: list[str] = []
    origins: list[int] = []
    done = 0
    ends_in_space = False
    for slow in _SLOW.finditer(original):
        at = slow.start()
        if at > done:
            pieces.append(original[done:at])
            origins.extend(range(done, at))
            ends_in_space = original[at - 1] == " "
        for out in fold_one(original[at]):
            # A run of white space reads as one space, so that a phrase may cross a line's end.
            if out == " " and ends_in_space:
                continue
            pieces.append(out)
            origins.append(at)
            ends_in_space = out == " "
        done = slow.end()
    pieces.append(original[done:])
    origins.extend(range(done, len(original)))
    return Reading("".join(pieces), origins)


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
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for link in _LINK.finditer(lowered.text):
        pieces += [lowered.text[done : link.start()], " "]
        places += [*range(done, link.start()), link.start()]
        done = link.end()
    if not done:
        return None
    pieces.append(lowered.text[done:])
    places += range(done, len(lowered.text))
    origins = lowered.origins
    return Reading("".join(pieces), places if origins is None else [origins[at] for at in places])


def _plain(lowered: Reading, stay: int) -> Reading | None:
    text = lowered.text
    apart = _APART.search(text)
    stretched = _STRETCHED.search(text)
    leet = _LEET_TOKEN.search(text)
    if apart is None and stretched is None and leet is None:
        return None
    characters = list(text)
    keep = [True] * len(characters)
    if apart is not None:
        for match in _APART.finditer(text):
            for at in range(match.start(), match.end()):
                if characters[at] in " .-_*/,":
                    keep[at] = False
                else:
                    characters[at] = characters[at].translate(_LEET)
    if leet is not None:
        for match in _TOKEN.finditer(text):
            _undo_leet(characters, match.start(), match.end())
    if stretched is not None:
        for match in _STRETCHED.finditer(text):
            for at in range(match.start() + stay, match.end()):
                keep[at] = False
    kept = [at for at, stays in enumerate(keep) if stays]
    plain = "".join(characters[at] for at in kept)
    if plain == text:
        return None
    origins = kept if lowered.origins is None else [lowered.origins[at] for at in kept]
    return Reading(plain, origins)


def _undo_leet(characters: list[str], start: int, end: int) -> None:
    token = characters[start:end]
    # "sh1t!" ends in a mark, not in a letter; and a name such as A55 or 4x4 is mostly digits.
    while token and token[-1] in "!$@":
        token.pop()
    letters = sum(c.isalpha() for c in token)
    if letters == len(token) or letters < len(token) - letters:
        return
    for at in range(start, start + len(token)):
        characters[at] = characters[at].translate(_LEET)

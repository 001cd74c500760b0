"""What the words and signs around a row of digits say of it: that it is a telephone number, or that it is none."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from presscheck.matching.personal.phone_forms import Strength
from presscheck.matching.personal.words import PersonalWords, any_of

_BEFORE = 60
_UNIT = re.compile(
    r"\s?(?:[%°€$£¥]|(?:[gmtk]b|k?wh?|mah|[mck]m|ml|k[gm]|kcal|px|pcs|stk|usd|eur|gbp)(?!\w))", re.IGNORECASE
)
# A postal code, or a number of another kind, and a house in a street: 03262 2437 Main Street.
_HOUSE = re.compile(r"\d{3,5} \d{1,5}(?= [A-Z][a-z])")
# Another number, or another sentence: `Call us today! 36 38 40 are back.` An abbreviation's point is none.
_LETTER = re.compile(r"[^\W\d_]")
_BREAK = re.compile(r"\d|!|[^\W\d_]{4}\.\s")


class Said(NamedTuple):
    """What the words in front of a number say of it."""

    word: Literal["phone", "other", ""]
    near: bool
    """Whether only small words stand between: `call us on 123`, `order no. 123`."""
    gap: str


NOTHING_SAID = Said("", near=False, gap="")


class PhoneContext:
    """The patterns of one set of words, for readings that are folded."""

    def __init__(self, words: PersonalWords) -> None:
        phone, other, between = any_of(words.phone), any_of(words.other_number), any_of(words.between)
        marks = r"[\s:.,?()#*°\-]"
        self._said = re.compile(rf"(?<!\w)(?:(?P<phone>{phone})|(?P<other>{other}))(?!\w)", re.IGNORECASE)
        self._between = re.compile(rf"{marks}*(?:(?:{between}){marks}+){{0,4}}", re.IGNORECASE)
        self._next = re.compile(rf"\s{{0,2}}(?:[,/;|&+]|(?<!\w)(?:{between})(?!\w))\s{{0,2}}", re.IGNORECASE)
        numbering = any_of(words.numbering)
        self._numbering = re.compile(rf"{marks}*(?:(?:{numbering}){marks}+){{0,3}}", re.IGNORECASE)
        self._behind = re.compile(rf"[\s,(\-:]{{0,3}}(?:{any_of(words.behind_phone)})(?!\w)", re.IGNORECASE)
        self._extension = re.compile(
            rf"[ ,;]{{0,2}}\(?(?:(?:{any_of(words.extension)})\.?:?[ ]?#?|#)[ ]?\d{{1,6}}\)?(?!\w)", re.IGNORECASE
        )

    def before(self, text: str, start: int) -> Said:
        """The nearest word in front of a number that says what it is."""
        zone = text[max(0, start - _BEFORE) : start]
        if _LETTER.search(zone) is None:
            return NOTHING_SAID
        said = list(self._said.finditer(zone))
        if not said or _BREAK.search(zone, said[-1].end()):
            return NOTHING_SAID
        gap = zone[said[-1].end() :]
        small_words = self._between if said[-1]["phone"] else self._numbering
        near = small_words.fullmatch(gap + " ") is not None
        return Said("phone" if said[-1]["phone"] else "other", near, gap)

    def is_said_behind(self, text: str, end: int) -> bool:
        return self._behind.match(text, end) is not None

    def goes_on(self, text: str, last: int, start: int) -> bool:
        """Whether a number at `start` is the next of the list in which the one that ends at `last` is."""
        return 0 < last < start and self._next.fullmatch(text, last, start) is not None

    def extension(self, text: str, end: int) -> int:
        """Where the extension ends that follows a number; `end` itself without one."""
        found = self._extension.match(text, end)
        return found.end() if found else end


@lru_cache(maxsize=8)
def phone_context(words: PersonalWords) -> PhoneContext:
    """The context of these words, compiled once."""
    return PhoneContext(words)


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or sign of another thing touches the digits: `A-555`, `1,299`, `#123`, `12.5 kg`."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    touched = before[-1:].isalnum() or before[-1:] in tuple("_#$€£¥@&=%~\\")
    joined = (before[-1:] == "-" and before[0].isalnum()) or (before[-1:] in tuple(".,:/'") and before[0].isdigit())
    touches = after[:1].isalnum() or after[:1] in tuple("_@%=~\\")
    if touched or joined or touches or (after[:1] in tuple("-.:/,'") and after[1:].isdigit()):
        return False
    return _UNIT.match(text, end) is None


def is_another(text: str, start: int, end: int, form: Strength, said: Said) -> bool:
    """Whether a number that no word calls a telephone's is none: its form is too weak, or is said to be another's."""
    if form == "sure":
        # `To order: 555-123-4567` is a telephone, `order no. 555-123-4567` is none; a country's code is no order's.
        numbered = said.gap.strip(" :.") != "" or text.startswith("00", start)
        return said.word == "other" and said.near and numbered and text[start] != "+"
    return form == "named" or (said.word == "other" and said.near) or is_house(text, start, end)


def is_house(text: str, start: int, end: int) -> bool:
    """Whether a street's name follows, whose house this is."""
    house = _HOUSE.match(text, start)
    return house is not None and house.end() == end

"""What the words and signs around a row of digits say of it: that it is a telephone number, or that it is none."""

import re
from functools import lru_cache

from presscheck.matching.personal.words import PersonalWords, any_of

_BEFORE = 60
_UNIT = re.compile(
    r"\s?(?:[%°€$£¥]|(?:[gmtk]b|k?wh?|mah|[mck]m|ml|k[gm]|kcal|px|pcs|stk|usd|eur|gbp)(?!\w))", re.IGNORECASE
)
_TO_THE_NEXT = re.compile(r"\s{0,2}(?:[,/;|&+]|or|and|oder|und|ou|et|o|y|e|of|en)?\s{0,2}", re.IGNORECASE)
# A postal code and a house in a street: 03262 2437 Main Street.
_HOUSE = re.compile(r"\d{5} \d{1,5}(?= [A-Z][a-z])")
# Another number, or another sentence: `Call us today! 36 38 40 are back.` An abbreviation's point is none.
_BREAK = re.compile(r"\d|!|[^\W\d_]{4}\.\s")


class PhoneContext:
    """The patterns of one set of words, for readings that are folded."""

    def __init__(self, words: PersonalWords) -> None:
        phone, other, between = any_of(words.phone), any_of(words.other_number), any_of(words.between)
        self._said = re.compile(rf"(?<![\w])(?:(?P<phone>{phone})|(?P<other>{other}))(?![\w])", re.IGNORECASE)
        self._between = re.compile(rf"[\s:.,?()#*°\-]*(?:(?:{between})[\s:.,?()#*°\-]+){{0,4}}", re.IGNORECASE)
        self._behind = re.compile(rf"[\s,(\-:]{{0,3}}(?:{any_of(words.behind_phone)})(?!\w)", re.IGNORECASE)
        self._extension = re.compile(
            rf"[ ,;]{{0,2}}\(?(?:(?:{any_of(words.extension)})\.?:?[ ]?#?|#)[ ]?\d{{1,6}}\)?(?!\w)", re.IGNORECASE
        )

    def before(self, text: str, start: int) -> tuple[str | None, str]:
        """The nearest word that says what a number is, `phone` or `other`, and what stands between both."""
        zone = text[max(0, start - _BEFORE) : start]
        said = list(self._said.finditer(zone))
        if not said or _BREAK.search(zone, said[-1].end()):
            return None, ""
        last = said[-1]
        return last.lastgroup, zone[last.end() :]

    def is_near(self, gap: str) -> bool:
        """Whether nothing but small words stands between a word and its number."""
        return self._between.fullmatch(gap + " ") is not None

    def is_said_behind(self, text: str, end: int) -> bool:
        return self._behind.match(text, end) is not None

    def extension(self, text: str, end: int) -> int:
        """Where the extension ends that follows a number; `end` itself without one."""
        found = self._extension.match(text, end)
        return found.end() if found else end


@lru_cache(maxsize=8)
def phone_context(words: PersonalWords) -> PhoneContext:
    """The context of these words, compiled once."""
    return PhoneContext(words)


def goes_on(text: str, last: int, start: int) -> bool:
    """Whether a number at `start` belongs to a list that the one before it, which ends at `last`, is in."""
    return 0 < last <= start and _TO_THE_NEXT.fullmatch(text, last, start) is not None


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or sign of another thing touches the digits: `A-555`, `1,299`, `#123`, `12.5 kg`."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    touched = before[-1:].isalnum() or before[-1:] in tuple("_#$€£¥@&=%~\\")
    joined = (before[-1:] == "-" and before[0].isalnum()) or (before[-1:] in tuple(".,:/'") and before[0].isdigit())
    touches = after[:1].isalnum() or after[:1] in tuple("_@%=~\\")
    if touched or joined or touches or (after[:1] in tuple("-.:/,'") and after[1:].isdigit()):
        return False
    return _UNIT.match(text, end) is None


def is_house(text: str, start: int, end: int) -> bool:
    """Whether these are a postal code and the number of a house, in front of a street's name."""
    house = _HOUSE.match(text, start)
    return house is not None and house.end() == end

"""Which kinds of personal data a text can hold at all, told so cheaply that most texts need no more.

What must stand in a text, read without disguise: an @, a bracket or a word for the dot for an e-mail address; a row
of six digits with small gaps for most numbers; three dots or two colons among digits for an address of the internet;
for a link a dot that something follows, or `://`.
"""

import re

from presscheck.matching.links import MAY_BE_LINKS
from presscheck.matching.normal import normalise
from presscheck.matching.personal.kinds import PersonalKind
from presscheck.matching.personal.mail import may_be_mail, may_be_spelt
from presscheck.matching.personal.words import WORDS, PersonalWords

_DIGITS = b"0123456789"
_NOT_DIGITS = bytes(set(range(256)) - set(_DIGITS))
_ROW = re.compile(r"\d(?:[ .\-/()]{0,3}\d){5}")
# Ids with letters between their digits: of Italy, Mexico and India.
_MIXED = re.compile(r"\d(?:\d[A-Za-z]\d\d[A-Za-z]\d|\d{3}[A-Za-z])")
_FREE_NUMBER = re.compile(r"8(?:00|22|33|44|55|66|77|88)[)]?[ .\-]")
# The letters before two digits are looked at behind them, because digits are rarer.
_IBAN = re.compile(r"\d(?<=[A-Za-z]{2}\d)\d(?:[ \-]?[A-Za-z0-9]){8}")
_IP_4 = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_DOT = re.compile(r"[^\s.]\.[^\s.]")
_WIDE_DOTS = ("\u3002", "\uff0e", "\uff61")


def may_be(kind: PersonalKind, words: PersonalWords = WORDS) -> str:
    """A pattern (RE2, in any case) without which `possible` is false: of the text as it reads without disguise, as it
    stands, or with gaps for what is no letter; for whoever looks for many things in one pass."""
    return may_be_spelt(words) if kind == "email" else _MAY_BE[kind]


_ROW_OR_FREE = rf"{_ROW.pattern}|{_FREE_NUMBER.pattern}"
_MAY_BE: dict[PersonalKind, str] = {
    "phone": _ROW_OR_FREE,
    "card": _ROW.pattern,
    "iban": r"[A-Za-z]{2}\d\d(?:[ \-]?[A-Za-z0-9]){8}",
    "ssn": _ROW.pattern,
    "national-id": rf"{_ROW.pattern}|{_MIXED.pattern}",
    "ip-address": rf"{_IP_4.pattern}|::|(?::[^:]*){{7}}",
    "url": MAY_BE_LINKS,
    "token-url": MAY_BE_LINKS,
}


def possible(text: str, words: PersonalWords = WORDS) -> frozenset[PersonalKind]:
    """The kinds of which `personal_data` may find something in `text`; of no other does it ever."""
    kinds: set[PersonalKind] = set()
    if text.isascii():
        _by_signs(text, words, kinds)
        if digits := _digits(text):
            # Line ends and runs of spaces are single spaces to whoever reads the digits around them.
            _by_digits(normalise(text).folded.text, digits, kinds)
        return frozenset(kinds)
    if any(dot in text for dot in _WIDE_DOTS):
        kinds |= {"url", "token-url"}
    read = normalise(text)
    for reading in (read.folded, read.parted):
        if reading is not None:
            _by_signs(reading.text, words, kinds)
        if reading is not None and (digits := _digits(reading.text)):
            _by_digits(reading.text, digits, kinds)
    return frozenset(kinds)


def _digits(text: str) -> int:
    return len(text.encode("ascii", "ignore").translate(None, _NOT_DIGITS))


def _by_signs(text: str, words: PersonalWords, kinds: set[PersonalKind]) -> None:
    if "." in text and _DOT.search(text):
        kinds |= {"url", "token-url"}
    if may_be_mail(text, words):
        kinds.add("email")
    if ":" in text:
        if ":/" in text or ":\\" in text:
            kinds |= {"url", "token-url"}
        if "::" in text or text.count(":") >= 7:
            kinds.add("ip-address")


def _by_digits(text: str, digits: int, kinds: set[PersonalKind]) -> None:
    if digits >= 6 and _ROW.search(text):
        kinds |= {"phone", "national-id"}
        if digits >= 9:
            kinds.add("ssn")
        if digits >= 12:
            kinds.add("card")
    elif digits >= 4 and _MIXED.search(text):
        kinds.add("national-id")
    if digits >= 3 and "8" in text and _FREE_NUMBER.search(text):
        kinds.add("phone")
    if digits >= 2 and _IBAN.search(text):
        kinds.add("iban")
    if digits >= 4 and text.count(".") >= 3 and _IP_4.search(text):
        kinds.add("ip-address")

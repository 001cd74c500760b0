"""Finds e-mail addresses, also those that are spelt out: `bob [at] example [dot] com`, `bob at example dot com`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any

from presscheck.matching.endings import ENDINGS
from presscheck.matching.normal import Reading
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.words import PersonalWords, any_of
from presscheck.world.web_addresses import host_of

_LONGEST_USER = 64
_AFTER_HOST = re.compile(r"[\s/?#]")
_IN_USER = frozenset("_.+%-")
_ENDING = r"(?P<ending>xn--[a-z0-9\-]{2,59}|[^\W\d_]{2,24})(?![^\W_])"


def emails(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """Addresses in `reading`; what a link calls its user is none."""
    text = reading.text
    if not may_be_mail(text, words):
        return
    spelt = _spelt(words)
    for sign in spelt.at.finditer(text):
        bare = sign.group().strip().isalpha()
        host = (spelt.bare_host if bare else spelt.host).match(text, sign.end())
        start = _start_of_user(text, sign.start())
        if host is None or start == sign.start() or (bare and host["ending"].lower() not in ENDINGS):
            continue
        if not _is_login(text, start):
            span = reading.span(start, host.end())
            # Of the words as they stand: an address that only looks like the brand's own is somebody else's.
            yield Personal(*span, "email", spelt.address(original[slice(*span)]))


def may_be_mail(text: str, words: PersonalWords) -> bool:
    """Whether an address is possible: an @, or a bracket or a word for the dot where the signs are spelt out."""
    return "@" in text or _spelt(words).maybe.search(text) is not None


def may_be_spelt(words: PersonalWords) -> str:
    """The pattern (RE2) of what every address has: an @, a sign in brackets, or a word for the dot."""
    at, dot = any_of(words.at), any_of(words.dot)
    return rf"@|[\[({{]\s?(?:@|\.|{at}|{dot})\s?[\])}}]|\s(?:{dot})\s"


class _Spelt:
    """The patterns of one set of words."""

    def __init__(self, words: PersonalWords) -> None:
        at, dot = any_of(words.at), any_of(words.dot)
        dot_in_brackets = rf"\s?[\[({{]\s?(?:\.|{dot})\s?[\])}}]\s?"
        self.maybe: Any = import_module("re2").compile(f"(?i){may_be_spelt(words)}")
        self.at = re.compile(rf"@|\s?[\[({{]\s?(?:@|{at})\s?[\])}}]\s?|\s(?:{at})\s", re.IGNORECASE)
        self.dot = re.compile(rf"{dot_in_brackets}|\s(?:{dot})\s", re.IGNORECASE)
        self.host = re.compile(rf"(?:[\w\-]{{1,63}}(?:\.|{dot_in_brackets})){{1,6}}{_ENDING}", re.IGNORECASE)
        self.bare_host = re.compile(rf"(?:[\w\-]{{1,63}}\s(?:{dot})\s){{1,4}}{_ENDING}", re.IGNORECASE)

    def address(self, text: str) -> str:
        plain = text if "@" in text else self.at.sub("@", text, count=1)
        user, _, host = self.dot.sub(".", plain).lower().rpartition("@")
        return f"{user}@{host_of(host)}"


@lru_cache(maxsize=8)
def _spelt(words: PersonalWords) -> _Spelt:
    return _Spelt(words)


def _start_of_user(text: str, at: int) -> int:
    start = at
    while start > max(0, at - _LONGEST_USER) and (text[start - 1].isalnum() or text[start - 1] in _IN_USER):
        start -= 1
    while start < at and text[start] in ".+%-":
        start += 1
    return start


def _is_login(text: str, start: int) -> bool:
    """Whether this is the password of `https://user:password@host`."""
    scheme = text.rfind("://", max(0, start - 200), start)
    return scheme >= 0 and _AFTER_HOST.search(text, scheme + 3, start) is None

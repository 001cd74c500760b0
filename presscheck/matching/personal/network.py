"""Finds addresses of the internet, IPv4 and IPv6, and leaves numbers of versions and times alone."""

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from presscheck.matching.normal import Reading
from presscheck.matching.personal.kinds import Personal
from presscheck.matching.personal.words import PersonalWords, any_of

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP_4 = re.compile(rf"(?<![\w.])(?:{_BYTE}\.){{3}}{_BYTE}(?!\w|\.\d)")
_IP_6 = re.compile(r"(?<![\w.])(?<![0-9a-f:]:)[0-9a-f:]{6,39}(?![\w:])", re.IGNORECASE)


def ip_addresses(original: str, reading: Reading, words: PersonalWords) -> Iterator[Personal]:
    """Addresses that somebody's device may have."""
    text = reading.text
    if text.count(".") >= 3:
        for match in _IP_4.finditer(text):
            if _is_ip_4(match.group()) and not _is_version(text, match, words):
                yield Personal(*reading.span(*match.span()), "ip-address", match.group())
    if "::" in text or text.count(":") >= 7:
        for match in _IP_6.finditer(text):
            # A colon at the end is the sentence's.
            written = match.group() if match.group().endswith("::") else match.group().removesuffix(":")
            if value := _ip_6(written):
                yield Personal(*reading.span(match.start(), match.start() + len(written)), "ip-address", value)


def _is_ip_4(text: str) -> bool:
    # A numbering of versions or sections has the same form, in small numbers; 0. and 127. are nobody's device.
    numbers = [int(one) for one in text.split(".")]
    return max(numbers) > 9 and numbers[0] not in (0, 127)


def _is_version(text: str, match: re.Match[str], words: PersonalWords) -> bool:
    return _numbered(words).search(text, max(0, match.start() - 24), match.start()) is not None


@lru_cache(maxsize=8)
def _numbered(words: PersonalWords) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(words.version)})[\W_]{{0,3}}\Z", re.IGNORECASE)


def _ip_6(text: str) -> str | None:
    # Colons stand in times and in program text too: `10:20:30`, `a::b`.
    if text.count(":") < 7 and not ("::" in text and len(text.partition(":")[0]) == 4 and any(map(str.isdigit, text))):
        return None
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return None

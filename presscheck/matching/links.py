"""Finds web addresses in a text, with or without a scheme."""

import re
from dataclasses import dataclass
from functools import lru_cache

from presscheck.matching.normal import normalise

__all__ = ["Link", "links", "target_of"]

_ENDINGS = "com|net|org|io|co|de|fr|es|it|nl|uk|eu|us|info|biz|shop|store|app|dev|ly|me|link|click|xyz|top|online|site"
_LINK = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]{{1,20}}://[^\s<>\"]+|www\.[^\s<>\"]+"
    rf"|(?<![\w@.\-])(?:[a-z0-9](?:[a-z0-9\-]{{0,61}}[a-z0-9])?\.){{1,6}}(?:{_ENDINGS})\b(?:/[^\s<>\"]*)?(?!@))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Link:
    """One address in a text, `end` exclusive."""

    start: int
    end: int
    target: str
    """Without scheme, `www.`, a closing slash or punctuation; the host in lower case."""


@lru_cache(maxsize=64)
def links(text: str) -> tuple[Link, ...]:
    """All addresses in `text`, in order; mail addresses are none."""
    if "." not in text and "://" not in text:
        return ()
    reading = normalise(text).folded
    found: list[Link] = []
    for match in _LINK.finditer(reading.text):
        address = match.group().rstrip(".,;:!?)]}'*_")
        if address:
            found.append(Link(*reading.span(match.start(), match.start() + len(address)), target_of(address)))
    return tuple(found)


def target_of(address: str) -> str:
    """The comparable form of an address: where it leads, not how it is written."""
    scheme, _, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    # Another scheme than the web's leads elsewhere, so it stays part of the target.
    kept = "" if scheme.lower() in ("", "http", "https") else f"{scheme.lower()}://"
    return kept + host.lower().removeprefix("www.") + (slash + path).rstrip("/")

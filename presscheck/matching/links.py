"""Finds web addresses in a text, with or without a scheme, also those that only a mail client takes for one."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import import_module
from typing import Any

from presscheck.matching.endings import ENDINGS
from presscheck.matching.normal import KEPT, looks_of, normalise
from presscheck.world.web_addresses import host_of, target_of

# What a host's labels are made of in any script; marks of Indic scripts, Thai and pictures are none of \w.
_LETTER = r"\w\-\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_DOT = "[.\u3002\uff0e\uff61]"
# Each word is looked at once, from its start: otherwise a long word would be read from each of its letters.
_LINK = re.compile(
    rf"(?<![a-z0-9+.\-])(?P<scheme>[a-z][a-z0-9+.\-]{{1,20}}:[\\/]{{2,}}[^\s<>\"]+)"
    rf"|(?<![{_LETTER}])(?P<run>[{_LETTER}]+(?:{_DOT}[{_LETTER}]+)+)(?P<rest>\.?(?::\d{{1,5}})?(?:[/?#\\][^\s<>\"]*)?)",
    re.IGNORECASE,
)
MAY_BE_LINKS = rf":[\\/]{{2}}|[^\s.]{_DOT}[^\s.0-9]"
"""Without this a text holds no address (RE2; of the text as it stands or reads without disguise)."""
_ENDED = rf":[\\/]{{2}}|\bwww{_DOT}|{_DOT}(?:{'|'.join(sorted(ENDINGS))})(?:[^a-zA-Z0-9\-]|\z)|{_DOT}[^\x00-\x7f\s]"
_MAYBE: Any = import_module("re2").compile(f"(?i){_ENDED}".encode())
_SLASH, _ANY_DOT, _ANY_LETTER = (re.compile(one) for one in (r"[/\\]", _DOT, r"[^\W\d]"))
_LONG_WORD = 100
_SIGN = re.compile(rf"{_DOT}(?=[^\s.])|:[\\/]")
_AROUND = ".,;:!?)]}'*_”’“‘»«›‹…。，！？）」』】"
_FIRST_LETTERS = re.compile(r"[a-z0-9\-]+(?=[\u0370-\U0010ffff])")
_LOCAL = re.compile(r"[\w.+%\-]@")


@dataclass(frozen=True)
class Link:
    """One address in a text, `end` exclusive."""

    start: int
    end: int
    target: str
    """Where it leads, to compare: `web_addresses.target_of` of the words as they stand, never of a folded reading."""


@lru_cache(maxsize=KEPT)
def links(text: str) -> tuple[Link, ...]:
    """All addresses in `text`, in order; mail addresses are none.

    A name with a dot is one where any of its parts but the first is a public ending: `shop.zip`, and also
    `here.It` for want of a space, because mail clients make a link of that, and somebody owns it.
    """
    spans = _spans(text)
    read = normalise(text)
    for reading in (read.folded, read.parted):
        if reading is not None and reading.moved:
            spans += [reading.span(*span) for span in _spans(reading.text)]
    found: list[Link] = []
    for start, end in _joined(spans):
        found.append(Link(start, end, target_of(text[start:end])))
    return tuple(found)


def in_link(text: str, at: int) -> bool:
    """Whether a place lies in an address."""
    if not _may_be_in_link(text, at):
        return False
    found = links(text)
    before = bisect_right(found, at, key=lambda one: one.start) - 1
    return before >= 0 and at < found[before].end


def _may_be_in_link(text: str, at: int) -> bool:
    """Whether the word around a place could be an address: it has a slash, or a dot and a letter, or is very long."""
    start, end = text.rfind(" ", max(0, at - _LONG_WORD), at) + 1, text.find(" ", at, at + _LONG_WORD)
    if (start == 0 and at > _LONG_WORD) or (end < 0 and at + _LONG_WORD < len(text)):
        return True
    word = text[start : end if end >= 0 else len(text)]
    return _SLASH.search(word) is not None or (_ANY_DOT.search(word) and _ANY_LETTER.search(word)) is not None


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    if _MAYBE.search(text.encode("utf-8", "replace")) is None:
        return spans
    for match in (found for start, end in _pieces(text) for found in _LINK.finditer(text, start, end)):
        run = match["run"]
        if run is not None:
            # In a mail address, what stands before the @ is no host, and what stands behind it is judged as an address.
            mail = text[match.end("run") : match.end("run") + 1] == "@" or _LOCAL.match(text, max(0, match.start() - 2))
            if mail or not _is_host(run):
                continue
        address = match.group().rstrip(_AROUND)
        spans.append((match.start(), match.start() + len(address)))
    return spans


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """What stands between two spaces around a dot or a scheme: an address has no space."""
    done = 0
    for sign in _SIGN.finditer(text):
        if sign.start() >= done:
            start, end = text.rfind(" ", done, sign.start()) + 1, text.find(" ", sign.end())
            end = len(text) if end < 0 else end
            yield max(start, done), end
            done = end


def _is_host(run: str) -> bool:
    first, *labels = re.split(_DOT, run.lower())
    return first == "www" or any(_is_ending(label) for label in labels)


def _is_ending(label: str) -> bool:
    # No ending holds one, and mail clients end an address before it.
    label = label.rstrip("_")
    if label in ENDINGS or (not label.isascii() and host_of(label) in ENDINGS):
        return True
    # Scripts without spaces write on behind an address, and a mail client ends it there.
    letters = _FIRST_LETTERS.match(label)
    return letters is not None and letters.group() in ENDINGS


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order; those that overlap are one, because they are two readings of one address."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def leads_to_any(address: str, hosts: Iterable[str]) -> bool:
    """Whether an address leads to one of these hosts or to a part of one."""
    host = host_of(address)
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def imitates(address: str, hosts: Sequence[str]) -> bool:
    """Whether an address leads to none of these hosts and looks as if it did: by look-alike letters, one letter more,
    fewer or another, or with the name inside, as in `example.com.evil.net` and `example-shop.net`."""
    if leads_to_any(address, hosts):
        return False
    host = host_of(address).removeprefix("www.")
    shown = looks_of(_as_read(host))
    for one in hosts:
        name, looks = one.rpartition(".")[0] or one, looks_of(one)
        inside = re.search(rf"(?:\A|[.\-]){re.escape(name)}(?:[.\-]|\Z)", host)
        if inside or shown == looks or (len(looks) > 5 and _differs_by_one(shown, looks)):
            return True
    return False


def carries(address: str, parameters: Iterable[str]) -> bool:
    """Whether an address carries one of these parameters; a closing `*` stands for any ending."""
    query = address.partition("?")[2].partition("#")[0]
    names = {part.partition("=")[0].lower() for part in re.split("[&;]", query) if part}
    return any(fnmatchcase(name, wanted.lower()) for name in names for wanted in parameters)


def _as_read(host: str) -> str:
    """A host as an address bar may show it: labels of other scripts in their own letters."""
    return ".".join(
        label[4:].encode("ascii", "ignore").decode("punycode", "replace") if label.startswith("xn--") else label
        for label in host.split(".")
    )


def _differs_by_one(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    return OSA.distance(one, other, score_cutoff=1) == 1

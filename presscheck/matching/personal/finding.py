"""Finds personal data in a text: every kind that is asked for, and of two readings of the same words the stronger.

Names are not looked for: without a model that recognises them they cannot be told from brands.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from presscheck.matching.normal import Reading, normalise
from presscheck.matching.personal.accounts import cards, ibans
from presscheck.matching.personal.kinds import KINDS, STRENGTH, Personal, PersonalKind
from presscheck.matching.personal.mail import emails
from presscheck.matching.personal.national_ids import national_ids, social_security_numbers
from presscheck.matching.personal.network import ip_addresses
from presscheck.matching.personal.phones import phones
from presscheck.matching.personal.possible import possible
from presscheck.matching.personal.web import web_addresses
from presscheck.matching.personal.words import WORDS, PersonalWords

Finder = Callable[[str, Reading, PersonalWords], Iterator[Personal]]


def personal_data(
    text: str, *, kinds: Iterable[PersonalKind] = KINDS, regions: Iterable[str] = (), words: PersonalWords = WORDS
) -> tuple[Personal, ...]:
    """Personal data in `text`, in order of place, without overlaps.

    `regions` are ISO 3166-1 alpha-2 codes in whose plans telephone numbers are read, besides the forms and the
    words that tell them everywhere. Of one kind the same is found, whichever others are asked for: what is a card's
    number is no telephone's, even where only telephones are looked for. An e-mail address within a link is a piece
    of its own, and the link's piece is what stands around it.
    """
    wanted = frozenset(kinds)
    maybe = possible(text, words)
    if maybe.isdisjoint(wanted):
        return ()
    search = _Search(text, tuple(sorted(set(regions))), words, maybe)
    found = [piece for kind in STRENGTH if kind in wanted for piece in search.of(kind)]
    if not found:
        return ()
    weakest = max(STRENGTH.index(piece.kind) for piece in found)
    found += [piece for kind in STRENGTH[:weakest] if kind not in wanted for piece in search.of(kind)]
    return tuple(piece for piece in _without_overlaps(found) if piece.kind in wanted)


class _Search:
    """What is found of each kind, in both readings of a text."""

    def __init__(self, text: str, regions: Sequence[str], words: PersonalWords, maybe: frozenset[PersonalKind]) -> None:
        self._text = text
        self._words = words
        self._maybe = maybe
        self._finders: dict[PersonalKind, Finder] = {
            "email": emails,
            "iban": ibans,
            "ip-address": ip_addresses,
            "card": cards,
            "ssn": social_security_numbers,
            "national-id": national_ids,
            "phone": partial(phones, regions=regions),
        }

    def of(self, kind: PersonalKind) -> Iterator[Personal]:
        if kind not in self._maybe:
            return
        if kind == "url" or kind == "token-url":
            yield from (piece for piece in web_addresses(self._text, self._words) if piece.kind == kind)
            return
        read = normalise(self._text)
        for reading in (read.folded, read.parted):
            if reading is not None:
                yield from self._finders[kind](self._text, reading, self._words)


def _without_overlaps(found: Iterable[Personal]) -> list[Personal]:
    """Of overlapping pieces the one of the stronger kind, then the first, then the longest."""
    kept: list[Personal] = []
    for piece in sorted(found, key=lambda one: (STRENGTH.index(one.kind), one.start, -one.end)):
        for part in _around(piece, kept) if piece.kind == "token-url" else (piece,):
            at = bisect(kept, part.start, key=lambda one: one.start)
            free = (at == 0 or kept[at - 1].end <= part.start) and (at == len(kept) or kept[at].start >= part.end)
            if free:
                kept.insert(at, part)
    return kept


def _around(link: Personal, addresses: Sequence[Personal]) -> Iterator[Personal]:
    """The parts of a link that stand around the e-mail addresses in it."""
    start = link.start
    for address in addresses[bisect(addresses, link.start, key=lambda one: one.end) :]:
        if address.start >= link.end:
            break
        if start < address.start:
            yield replace(link, start=start, end=address.start)
        start = address.end
    if start < link.end:
        yield replace(link, start=start)

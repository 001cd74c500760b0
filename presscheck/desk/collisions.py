"""What reaches the same people within a few days, by the frozen audiences themselves.

    overlaps = Overlaps(home)                         # kept: two frozen audiences have the same people for ever
    found = collisions(sendings, overlaps)            # Collision: two sendings, and how many people get both

People are compared by id and by address, as the press does within one run (`desk.apart`). What cannot be compared is
said to be so, and never taken for nothing.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from threading import Lock
from typing import Literal

from presscheck.errors import AudienceChanged
from presscheck.models import Digest
from presscheck.recipients.audiences import People, audience_path, people_in_both, people_of, recipient_count

WITHIN = timedelta(days=7)
"""So near to one another two messages to the same person are worth a look."""
MOST_COMPARED = 12
"""Audiences that are compared with one another: of twelve there are 66 pairs."""
_MOST_ROWS = 500_000
"""A larger audience is not read for a page: of a million people it would take seconds, and hold up everybody."""
_MOST_KEPT = 2_000


@dataclass(frozen=True)
class Sending:
    """One message to people of an audience: sent, on its way, or asked about."""

    run: str
    review: str
    title: str
    channel: str
    audience: Digest
    rows: int
    state: Literal["sent", "on its way", "waits for an answer"]
    at: datetime
    """When it was sent or handed over; for what waits, until when it may be answered."""


@dataclass(frozen=True)
class Collision:
    """Two of them that reach the same people."""

    one: Sending
    other: Sending
    people: int | None
    """How many get both; None where that cannot be said."""


class Overlaps:
    """How many people two frozen audiences have in common; each pair is worked out once."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._alone = Lock()
        self._known: OrderedDict[tuple[Digest, Digest], int | None] = OrderedDict()

    def of(self, pairs: Sequence[tuple[Digest, Digest]]) -> dict[tuple[Digest, Digest], int | None]:
        """The people in both of each pair; None where one is not on this disk, too large, or another file."""
        read: dict[Digest, People | None] = {}
        with self._alone:
            for pair in pairs:
                if pair not in self._known:
                    self._known[pair] = self._in_both(pair, read)
                    while len(self._known) > _MOST_KEPT:
                        self._known.popitem(last=False)
            return {pair: self._known[pair] for pair in pairs if pair in self._known}

    def _in_both(self, pair: tuple[Digest, Digest], read: dict[Digest, People | None]) -> int | None:
        for digest in pair:
            if digest not in read:
                read[digest] = self._people(digest)
        one, other = read[pair[0]], read[pair[1]]
        return None if one is None or other is None else people_in_both(one, other)

    def _people(self, digest: Digest) -> People | None:
        path = audience_path(self._home, digest)
        try:
            return people_of(path, digest) if recipient_count(path) <= _MOST_ROWS else None
        except AudienceChanged:
            # Whether it may go out to them the press says; here it is one that cannot be compared.
            return None


def collisions(sendings: Sequence[Sending], overlaps: Overlaps) -> list[Collision]:
    """Pairs of different runs, near to one another, that reach the same people or perhaps do; the most people first."""
    pairs = [(one, other) for one, other in _near(sendings) if one.audience != other.audience]
    known = overlaps.of([_pair(one, other) for one, other in pairs])
    found = [Collision(one, other, known.get(_pair(one, other))) for one, other in pairs]
    found += [Collision(one, other, one.rows) for one, other in _near(sendings) if one.audience == other.audience]
    return sorted((one for one in found if one.people != 0), key=lambda one: -(one.people or 0))


def compared(sendings: Sequence[Sending]) -> tuple[list[Sending], int]:
    """Those of the newest audiences, and how many are left out."""
    newest = list(dict.fromkeys(one.audience for one in sorted(sendings, key=lambda one: one.at, reverse=True)))
    kept = [one for one in sendings if one.audience in newest[:MOST_COMPARED]]
    return kept, len(sendings) - len(kept)


def _near(sendings: Sequence[Sending]) -> Iterator[tuple[Sending, Sending]]:
    for one, other in combinations(sendings, 2):
        # Within one run the press itself keeps them apart; and what was sent long before the other is none.
        apart = abs(one.at - other.at)
        if one.run != other.run and (apart <= WITHIN or one.state == other.state == "waits for an answer"):
            yield one, other


def _pair(one: Sending, other: Sending) -> tuple[Digest, Digest]:
    first, second = sorted((one.audience, other.audience))
    return first, second

"""Who sits where: every best way to seat those who said yes, stage by stage, with nobody in two stages.

    seatings(rounds)                     # of the last round, each with all rounds before it full
    spared(rounds, frozenset({"ana"}))   # whether they are all full without ana

A seating is worth keeping unless another one fills the same seats and more. That is exact where counting
seats is not: one person who could sit for a region or for the brand may have to move for the next to help.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Literal

from policies.engine.stages import Seat, Stage
from presscheck.models import Market, Role


@dataclass(frozen=True)
class Held:
    """A role that counts, in these markets or in all of them."""

    role: Role
    markets: tuple[Market, ...] | Literal["all"]

    def reaches(self, markets: Sequence[str], *, every: bool) -> bool:
        """Whether it covers all (or, without `every`, one) of `markets`."""
        if self.markets == "all":
            return True
        return (all if every else any)(market in self.markets for market in markets)


@dataclass(frozen=True)
class Voice:
    """Somebody's yes in a stage. `acts_for` is who delegated the right; both count as one, once."""

    person: str
    stage: str
    at: datetime
    held: tuple[Held, ...]
    acts_for: str = ""
    also: frozenset[str] = frozenset()
    """Other accounts of the same people."""

    @property
    def identities(self) -> frozenset[str]:
        """Everybody whose word this is."""
        return frozenset({self.person, self.acts_for} - {""}) | self.also


@dataclass(frozen=True)
class Round:
    """A stage's seats, and who said yes there, each with whether the next in line could by then."""

    stage: Stage
    seats: tuple[Seat, ...]
    signed: tuple[tuple[Voice, bool], ...] = ()

    def also(self, voice: Voice, late: bool) -> "Round":
        """The same with one more yes."""
        return Round(self.stage, self.seats, (*self.signed, (voice, late)))


@dataclass(frozen=True)
class Seating:
    """Which seats are filled and by whom, both by number. `used` are those in it who said yes more than once."""

    seats: frozenset[int]
    used: frozenset[str]
    who: tuple[tuple[int, int], ...] = ()


def seatings(rounds: Sequence[Round]) -> tuple[Seating, ...]:
    """Every best seating of the last of `rounds`, with those before it full; none if they cannot be."""
    found: tuple[Seating, ...] = (Seating(frozenset(), frozenset()),)
    again = _said_again(rounds)
    for this, following in zip_longest(rounds, rounds[1:]):
        for at, (voice, late) in enumerate(this.signed):
            found = _best((*found, *_with(found, this, at, voice, late, again)))
        if following is not None:
            found = tuple(Seating(frozenset(), one.used) for one in found if len(one.seats) == len(this.seats))
    return found


def spared(rounds: Sequence[Round], people: frozenset[str]) -> bool:
    """Whether all of `rounds` are full without these people."""
    left = [
        Round(this.stage, this.seats, tuple(one for one in this.signed if not one[0].identities & people))
        for this in rounds
    ]
    return not left or any(len(one.seats) == len(left[-1].seats) for one in seatings(left))


def _said_again(rounds: Sequence[Round]) -> frozenset[str]:
    times = Counter(person for this in rounds for voice, _ in this.signed for person in voice.identities)
    return frozenset(person for person, said in times.items() if said > 1)


def _with(
    found: Sequence[Seating], this: Round, at: int, voice: Voice, late: bool, again: frozenset[str]
) -> Iterator[Seating]:
    fitting = [number for number, seat in enumerate(this.seats) if fits(seat, voice, this.stage, late=late)]
    for one in found:
        if voice.identities & one.used:
            continue
        free = [number for number in fitting if number not in one.seats]
        for option in _options(free, this.seats):
            who = tuple((seat, at) for seat in option)
            yield Seating(one.seats | option, one.used | (voice.identities & again), (*one.who, *who))


def _options(free: Sequence[int], seats: Sequence[Seat]) -> Iterator[frozenset[int]]:
    """What one person may take: one seat, or every free one of a need whose seats can be shared."""
    sorts: dict[Seat, int] = {}
    shared: dict[int, set[int]] = {}
    for number in free:
        if seats[number].shared:
            shared.setdefault(seats[number].need, set()).add(number)
        else:
            # Which of two equal seats somebody takes makes no difference.
            sorts.setdefault(seats[number], number)
    yield from (frozenset({number}) for number in sorts.values())
    yield from (frozenset(numbers) for numbers in shared.values())


def _best(found: Sequence[Seating]) -> tuple[Seating, ...]:
    """Without those that another one outdoes: as many seats or more, with nobody used besides."""
    kept: list[Seating] = []
    for one in found:
        if any(one.seats <= other.seats and other.used <= one.used for other in kept):
            continue
        kept = [other for other in kept if not (other.seats <= one.seats and one.used <= other.used)]
        kept.append(one)
    return tuple(kept)


def fits(seat: Seat, voice: Voice, stage: Stage, *, late: bool) -> bool:
    """Whether somebody may sit here; `late`: the next in line may as well."""
    return any(fills(seat, held, stage, escalated=late) for held in voice.held)


def fills(seat: Seat, held: Held, stage: Stage, *, escalated: bool) -> bool:
    """Whether a role in its markets is enough for a seat."""
    in_line = escalated and stage.escalate is not None and held.role == stage.escalate.to
    return (held.role in seat.roles or in_line) and held.reaches(seat.markets, every=seat.every)

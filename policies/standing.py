"""How far an approval has come: who said yes in which stage, what is still needed, and until when.

    standing = standing_of(model, markets=brief.markets, opened_at=..., voices=voices, calendar=calendar, as_of=now)
    standing.complete                     # every stage has what it needs
    standing.wanted(voice)                # whether this person's yes would bring it further

Pure, and small enough to be searched through: tests/policies/test_proof.py visits every state of every
shipped model. Whether somebody may approve at all is decided before (`policies.rights`); a voice carries
only roles that count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from policies.approval import ApprovalPolicy
from policies.calendars import Calendar, after
from policies.stages import Seat, Stage, seats_of
from presscheck.models import Market, Role

__all__ = ["Held", "Standing", "Voice", "begun", "standing_of"]


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

    @property
    def identities(self) -> frozenset[str]:
        """Everybody whose word this is."""
        return frozenset({self.person, self.acts_for} - {""})


@dataclass(frozen=True)
class Standing:
    """Where the approval stands. `stage` is None once every stage has what it needs."""

    model: ApprovalPolicy
    markets: tuple[Market, ...]
    calendar: Calendar | None
    stage: Stage | None
    number: int
    """Which stage, from 1; one more than there are when complete."""
    began_at: datetime
    voices: tuple[Voice, ...]
    """Those that count, in order, of all stages."""
    seated: tuple[tuple[Seat, Voice], ...] = ()
    """The stage's seats that are filled."""
    missing: tuple[Seat, ...] = ()
    """The stage's seats that are open."""
    escalated: bool = False
    """Whether the next in line may fill them."""

    @property
    def complete(self) -> bool:
        return self.stage is None

    @property
    def deadline(self) -> datetime:
        """Until when the stage may be answered."""
        if self.stage is None:
            return self.began_at
        return after(self.began_at, self.stage.expires_after, self.calendar)

    @property
    def reminders(self) -> tuple[datetime, ...]:
        """When people are reminded in this stage, in order."""
        if self.stage is None:
            return ()
        return tuple(sorted(after(self.began_at, lasts, self.calendar) for lasts in self.stage.remind_after))

    @property
    def escalates_at(self) -> datetime | None:
        """When the next in line may answer."""
        if self.stage is None or self.stage.escalate is None:
            return None
        return after(self.began_at, self.stage.escalate.after, self.calendar)

    @property
    def heard(self) -> frozenset[str]:
        """Everybody whose yes counts already; nobody counts twice."""
        return frozenset(person for voice in self.voices for person in voice.identities)

    def may(self, voice: Voice) -> bool:
        """Whether this person could fill a seat of the stage, filled or not, and has not been heard."""
        return (
            self.stage is not None
            and not voice.identities & self.heard
            and any(_fits(seat, voice, self.stage, self.escalated) for seat in seats_of(self.stage, self.markets))
        )

    def wanted(self, voice: Voice) -> bool:
        """Whether this person's yes would fill one more seat."""
        if self.stage is None or not self.may(voice):
            return False
        here = [one for one in self.voices if one.stage == self.stage.stage]
        seats = seats_of(self.stage, self.markets)
        filled = _seat(seats, [*here, voice], self.stage, escalated_at=self.escalates_at)
        return len(filled) > len(self.seated)

    def may_reject(self, voice: Voice) -> bool:
        """Whether this person may say no now: whoever may approve, whoever approved here, and a veto."""
        if self.stage is None:
            return False
        if any(held.role in self.stage.veto and held.reaches(self.markets, every=False) for held in voice.held):
            return True
        return any(_fits(seat, voice, self.stage, self.escalated) for seat in seats_of(self.stage, self.markets))

    def role_of(self, voice: Voice) -> Role | None:
        """The role by which this voice sits, or would; None where it cannot."""
        if self.stage is None:
            return None
        for seat in (*self.missing, *seats_of(self.stage, self.markets)):
            for held in voice.held:
                if _fills(seat, held, self.stage, self.escalated):
                    return held.role
        return None


def begun(
    model: ApprovalPolicy, *, markets: tuple[Market, ...], opened_at: datetime, calendar: Calendar | None
) -> Standing:
    """The standing of a question that nobody has answered."""
    return standing_of(model, markets=markets, opened_at=opened_at, voices=(), calendar=calendar, as_of=opened_at)


def standing_of(
    model: ApprovalPolicy,
    *,
    markets: tuple[Market, ...],
    opened_at: datetime,
    voices: Sequence[Voice],
    calendar: Calendar | None,
    as_of: datetime,
) -> Standing:
    """Hear `voices` in order, stage after stage.

    A voice counts in the stage that it names while that stage is under way: not before it began, not after its
    time was over, not if the person was heard before, and not if it fits no seat. A stage ends with the voice
    that fills its last seat.
    """
    standing = Standing(model, markets, calendar, model.stages[0], 1, opened_at, ())
    standing = replace(standing, missing=seats_of(model.stages[0], markets))
    for voice in voices:
        standing = _hear(standing, voice)
    escalates_at = standing.escalates_at
    return replace(standing, escalated=escalates_at is not None and as_of >= escalates_at)


def _hear(standing: Standing, voice: Voice) -> Standing:
    stage = standing.stage
    if stage is None or voice.stage != stage.stage or not standing.began_at <= voice.at < standing.deadline:
        return standing
    escalates_at = standing.escalates_at
    then = replace(standing, escalated=escalates_at is not None and voice.at >= escalates_at)
    if not then.may(voice):
        return standing
    heard = (*standing.voices, voice)
    here = [one for one in heard if one.stage == stage.stage]
    seats = seats_of(stage, standing.markets)
    filled = _seat(seats, here, stage, escalated_at=escalates_at)
    if len(filled) < len(seats):
        seated = tuple((seats[at], here[who]) for at, who in sorted(filled.items()))
        missing = tuple(seat for at, seat in enumerate(seats) if at not in filled)
        return replace(standing, voices=heard, seated=seated, missing=missing)
    stages = standing.model.stages
    following = stages[standing.number] if standing.number < len(stages) else None
    return replace(
        standing,
        stage=following,
        number=standing.number + 1,
        began_at=voice.at,
        voices=heard,
        seated=(),
        missing=() if following is None else seats_of(following, standing.markets),
    )


def _seat(
    seats: Sequence[Seat], voices: Sequence[Voice], stage: Stage, *, escalated_at: datetime | None
) -> dict[int, int]:
    """The fullest seating: seat to voice, both by number. Each person sits for one need, shared seats aside."""
    needs = sorted({seat.need for seat in seats})
    best: dict[int, int] = {}

    def place(at: int, taken: dict[int, int]) -> bool:
        nonlocal best
        if len(taken) > len(best):
            best = dict(taken)
        if len(best) == len(seats):
            return True
        if at == len(voices):
            return False
        voice = voices[at]
        late = escalated_at is not None and voice.at >= escalated_at
        for need in needs:
            free = [
                number
                for number, seat in enumerate(seats)
                if seat.need == need and number not in taken and _fits(seat, voice, stage, late)
            ]
            if not free:
                continue
            options = [free] if seats[free[0]].shared else _unlike(free, seats)
            if any(place(at + 1, {**taken, **dict.fromkeys(option, at)}) for option in options):
                return True
        return place(at + 1, taken)

    place(0, {})
    return best


def _unlike(free: Sequence[int], seats: Sequence[Seat]) -> list[list[int]]:
    """One seat of each sort: which of two equal seats somebody takes makes no difference."""
    sorts: dict[Seat, int] = {}
    for number in free:
        sorts.setdefault(seats[number], number)
    return [[number] for number in sorts.values()]


def _fits(seat: Seat, voice: Voice, stage: Stage, escalated: bool) -> bool:
    return any(_fills(seat, held, stage, escalated) for held in voice.held)


def _fills(seat: Seat, held: Held, stage: Stage, escalated: bool) -> bool:
    in_line = escalated and stage.escalate is not None and held.role == stage.escalate.to
    return (held.role in seat.roles or in_line) and held.reaches(seat.markets, every=seat.every)

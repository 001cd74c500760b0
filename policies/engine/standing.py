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

from policies.engine.approval import ApprovalPolicy
from policies.engine.calendars import Calendar, after
from policies.engine.seating import Held, Round, Voice, fills, fits, seatings, spared
from policies.engine.stages import Seat, Stage, seats_of
from presscheck.models import Market, Role

__all__ = ["Held", "Standing", "Voice", "begun", "standing_of"]


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
    rounds: tuple[Round, ...] = ()
    """Who said yes in each stage up to this one."""

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
        """Everybody whose yes counts already: in this stage, or where an earlier one cannot spare them."""
        here = {person for voice, _ in self.rounds[-1].signed for person in voice.identities}
        before = {person for this in self.rounds[:-1] for voice, _ in this.signed for person in voice.identities}
        return frozenset(here | {one for one in before if not spared(self.rounds[:-1], frozenset({one}))})

    def may(self, voice: Voice) -> bool:
        """Whether this person could fill a seat of the stage, filled or not, and is not counted already.

        Nobody counts twice: not in this stage, and not in two. Whose yes was one too many in an earlier stage
        is free. The time is the caller's to look at (`deadline`).
        """
        if self.stage is None or any(voice.identities & other.identities for other, _ in self.rounds[-1].signed):
            return False
        return _fits_somewhere(self.rounds[-1], voice, self.escalated) and spared(self.rounds[:-1], voice.identities)

    def wanted(self, voice: Voice) -> bool:
        """Whether this person's yes brings the stage further, whoever says yes besides."""
        if not self.may(voice):
            return False
        fuller = (*self.rounds[:-1], self.rounds[-1].also(voice, self.escalated))
        before = seatings(self.rounds)
        return any(all(not one.seats <= other.seats for other in before) for one in seatings(fuller))

    def may_reject(self, voice: Voice) -> bool:
        """Whether this person may say no now: whoever may approve, whoever approved here, and a veto."""
        if self.stage is None:
            return False
        if any(held.role in self.stage.veto and held.reaches(self.markets, every=False) for held in voice.held):
            return True
        return _fits_somewhere(self.rounds[-1], voice, self.escalated)

    def role_of(self, voice: Voice) -> Role | None:
        """The role by which this voice sits, or would; None where it cannot."""
        if self.stage is None:
            return None
        for seat in (*self.missing, *self.rounds[-1].seats):
            for held in voice.held:
                if fills(seat, held, self.stage, escalated=self.escalated):
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
    standing = _enter(Standing(model, markets, calendar, model.stages[0], 0, opened_at, ()), opened_at)
    for voice in voices:
        standing = _hear(standing, voice)
    escalates_at = standing.escalates_at
    return replace(standing, escalated=escalates_at is not None and as_of >= escalates_at)


def _enter(standing: Standing, at: datetime) -> Standing:
    """The next stage, or the end."""
    stages = standing.model.stages
    if standing.number == len(stages):
        return replace(standing, stage=None, number=standing.number + 1, began_at=at, seated=(), missing=())
    stage = stages[standing.number]
    seats = seats_of(stage, standing.markets)
    return replace(
        standing,
        stage=stage,
        number=standing.number + 1,
        began_at=at,
        seated=(),
        missing=seats,
        rounds=(*standing.rounds, Round(stage, seats)),
    )


def _hear(standing: Standing, voice: Voice) -> Standing:
    stage = standing.stage
    if stage is None or voice.stage != stage.stage or not standing.began_at <= voice.at < standing.deadline:
        return standing
    escalates_at = standing.escalates_at
    late = escalates_at is not None and voice.at >= escalates_at
    if not replace(standing, escalated=late).may(voice):
        return standing
    this = standing.rounds[-1].also(voice, late)
    heard = replace(standing, voices=(*standing.voices, voice), rounds=(*standing.rounds[:-1], this))
    # Of equally full ones the first: whoever said yes first keeps the seat.
    fullest = max(seatings(heard.rounds), key=lambda one: len(one.seats))
    if len(fullest.seats) == len(this.seats):
        return _enter(heard, voice.at)
    return replace(
        heard,
        seated=tuple((this.seats[seat], this.signed[who][0]) for seat, who in sorted(fullest.who)),
        missing=tuple(seat for number, seat in enumerate(this.seats) if number not in fullest.seats),
    )


def _fits_somewhere(this: Round, voice: Voice, late: bool) -> bool:
    return any(fits(seat, voice, this.stage, late=late) for seat in this.seats)

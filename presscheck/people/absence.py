"""Absence: who is away, from the moment somebody says so until its last day or until they are back.

    absent(tx, person, by=person, until=date(2026, 12, 24))    # the 24th included, UTC
    is_absent(tx, person)
    present(tx, person, by=person)

Who is away is not asked and may not decide; what they decided before stands. Oneself or an administrator says
it, and says that it is over.
"""

from dataclasses import dataclass
from datetime import date

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.models import Refused
from presscheck.people.rights import rights_of, today


@dataclass(frozen=True)
class Absence:
    """Somebody is away now; `until` is the last day, in UTC, or None where it has no end yet."""

    person: str
    by: str
    at: str
    until: date | None


def absent(tx: Writer, person: str, *, by: str, until: date | None) -> Absence | Refused:
    """Say that somebody is away from now on; said again, the new last day counts."""
    if refused := _may_not_say(tx, person, by):
        return refused
    if until is not None and until < today(tx):
        why = f"{until} is over; name a last day from {today(tx)} on, or none"
        return Refused(reason=why, code="bad-dates")
    body = {"by": by, "until": None if until is None else until.isoformat()}
    return _absence(tx.append(EventKind.PERSON_ABSENT, person, body))


def present(tx: Writer, person: str, *, by: str) -> Refused | None:
    """Say that somebody is back."""
    if refused := _may_not_say(tx, person, by):
        return refused
    if not is_absent(tx, person):
        return Refused(reason=f"{_whose(person, by)} not marked as absent", code="not-absent")
    tx.append(EventKind.PERSON_PRESENT, person, {"by": by})
    return None


def is_absent(tx: Reader, person: str) -> bool:
    """Whether somebody is away at this moment."""
    return absence_of(tx, person) is not None


def absence_of(tx: Reader, person: str) -> Absence | None:
    """The absence that somebody has now, if they are away."""
    events = tx.events(EventKind.PERSON_ABSENT, EventKind.PERSON_PRESENT, subject=person)
    if not events or events[-1].kind != EventKind.PERSON_ABSENT:
        return None
    found = _absence(events[-1])
    return found if _lasts(found, today(tx)) else None


def absences(tx: Reader) -> dict[str, Absence]:
    """Everybody who is away at this moment, in one query."""
    latest: dict[str, Event] = {}
    for event in tx.events(EventKind.PERSON_ABSENT, EventKind.PERSON_PRESENT):
        latest[event.subject] = event
    found = {person: _absence(event) for person, event in latest.items() if event.kind == EventKind.PERSON_ABSENT}
    return {person: absence for person, absence in found.items() if _lasts(absence, today(tx))}


def _may_not_say(tx: Reader, person: str, by: str) -> Refused | None:
    sayer, whose = rights_of(tx, by), rights_of(tx, person)
    if sayer is None or not sayer.active or (by != person and not sayer.may("administrator", ())):
        return Refused(
            reason="only the person, or an administrator, says that somebody is away or back", code="not-administrator"
        )
    if whose is None or not whose.active:
        return Refused(reason=f"{person[:40]}: nobody active has this id", code="unknown-person")
    return None


def _whose(person: str, by: str) -> str:
    return "you are" if person == by else f"{person[:40]} is"


def _lasts(absence: Absence, day: date) -> bool:
    return absence.until is None or day <= absence.until


def _absence(event: Event) -> Absence:
    until = event.data["until"]
    return Absence(
        person=event.subject,
        by=str(event.data["by"]),
        at=event.at,
        until=None if until is None else date.fromisoformat(until),
    )

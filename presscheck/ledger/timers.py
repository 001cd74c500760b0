"""Timers: until when a run sleeps, signed by the worker, and the same after every restart.

    until = set_timer(tx, run, "pilot", place=7, lasts=timedelta(hours=24))

A timer that is there keeps its first moment, whatever the flow's code says since.
"""

from datetime import datetime, timedelta

from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer, timestamp


def timer_id(run: str, name: str) -> str:
    """What a timer is called in the ledger."""
    return f"{run}/wait/{name}"


def set_timer(tx: Writer, run: str, name: str, *, lasts: timedelta, place: int) -> datetime:
    """Let a run sleep for so long from now on, and say until when; one that is there stays as it was set."""
    known = find_timer(tx, run, name)
    if known is not None:
        return known
    until = tx.now + lasts
    body = {"name": name, "until": timestamp(until), "place": place}
    tx.append(EventKind.TIMER_SET, timer_id(run, name), body, run=run)
    return until


def find_timer(tx: Reader, run: str, name: str) -> datetime | None:
    """Until when a run sleeps by this timer; None where it was not set."""
    events = tx.events(EventKind.TIMER_SET, subject=timer_id(run, name), run=run)
    return next((until for event in events if (until := until_of(event)) is not None), None)


def until_of(event: Event) -> datetime | None:
    """The moment that a timer's event names; None where it names none, which wakes nobody."""
    try:
        until = datetime.fromisoformat(str(event.data["until"]))
    except (KeyError, ValueError):
        return None
    return until if until.tzinfo is not None else None

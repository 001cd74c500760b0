"""Runs that sleep until a time, as the pages show them: until when, by which timer; nobody has to answer anything.

    asleep = Asleep()
    asleep.runs(tx)         # {run: Sleep}, of those whose time is still to come

It follows signed events and keeps what is still to come: a ledger of years is not read again for a page.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from presscheck.cleaning import clean_line, shorten
from presscheck.door.prefect_behind import is_run
from presscheck.ledger import ChainMark, Event, EventKind, Reader
from presscheck.ledger.campaigns import find_campaign
from presscheck.ledger.reviews import open_reviews
from presscheck.ledger.timers import timer_id, until_of

_FOLLOWED = (EventKind.TIMER_SET, EventKind.ANSWER_READ, EventKind.CAMPAIGN_ENDED, EventKind.RUN_CANCELLED)


@dataclass(frozen=True)
class Sleep:
    """One run's timer."""

    run: str
    timer: str
    """What its flow calls it, such as `24h`."""
    until: datetime

    @property
    def moment(self) -> str:
        """Until when: `01 Dec 2026, 09:00 UTC`."""
        return self.until.astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")

    @property
    def words(self) -> str:
        """Until when and why, and that nobody is waited for."""
        return f"It sleeps until {self.moment} (wait {self.timer}) and goes on by itself then."


@dataclass(frozen=True)
class SleepingRun:
    """A run that sleeps, with its campaign, for a page that lists some."""

    sleep: Sleep
    campaign: str


class Asleep:
    """The runs that sleep; one for a process, which may be asked from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._mark = ChainMark()
        self._sleeps: dict[str, Sleep] = {}

    def runs(self, tx: Reader) -> dict[str, Sleep]:
        """Those whose time is still to come, by run, the next first. A run with an open question waits for people."""
        with self._lock:
            self._follow(tx)
            self._sleeps = {run: sleep for run, sleep in self._sleeps.items() if sleep.until > tx.now}
            known = sorted(self._sleeps.values(), key=lambda sleep: sleep.until)
        return {sleep.run: sleep for sleep in known if not open_reviews(tx, run=sleep.run)}

    def listed(self, tx: Reader, most: int) -> tuple[list[SleepingRun], int]:
        """The next so many to go on, each with its campaign; and how many more there are."""
        found = list(self.runs(tx).values())
        shown = [SleepingRun(sleep, _campaign(tx, sleep.run)) for sleep in found[:most]]
        return shown, len(found) - len(shown)

    def _follow(self, tx: Reader) -> None:
        if not tx.holds(self._mark):
            # The ledger was cut, or another one stands here.
            self._forget()
        for event in tx.events(*_FOLLOWED, after=self._mark.seq):
            if event.kind == EventKind.TIMER_SET:
                self._set(event)
            elif event.kind != EventKind.ANSWER_READ or self._is_of(event):
                self._sleeps.pop(event.run or event.subject, None)
        self._mark = tx.tip()

    def _set(self, event: Event) -> None:
        until, name = until_of(event), str(event.data.get("name", ""))
        # A worker says what a timer is called, and of which run it is.
        if until is not None and is_run(event.run) and event.subject == timer_id(event.run, name):
            self._sleeps[event.run] = Sleep(event.run, shorten(clean_line(name), 40), until)

    def _is_of(self, event: Event) -> bool:
        return event.run in self._sleeps and event.subject.startswith(timer_id(event.run, ""))


def _campaign(tx: Reader, run: str) -> str:
    row = find_campaign(tx, run)
    return "a campaign" if row is None else shorten(clean_line(str(row.campaign)), 80)

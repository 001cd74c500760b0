"""Refused answers: each is on record as what somebody tried, and nobody tries without end.

    if tired := refusals.too_many(person): return tired          # before anything is read or judged
    refusals.keep(tx, review_id, person=person, code="no-right", run=run)

An event is there for good, and judging takes the ledger's one writer from everybody else. So whoever was refused
`MOST` times within `WITHIN` is not judged for a while: that costs nobody else a moment, and nobody else their word. Of
one person at one question no more than `KEPT` refusals become events: the next would say nothing new.
"""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from threading import Lock

from presscheck.ledger import EventKind, Ledger, Writer
from presscheck.models import Refused

MOST = 60
"""More than anybody reads the reasons of."""
WITHIN = timedelta(minutes=15)
KEPT = 20


class Refusals:
    """Those of one desk. How many somebody had lately is remembered here; what is kept stands in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._recent: dict[str, deque[datetime]] = defaultdict(deque)

    def too_many(self, person: str) -> Refused | None:
        """Why nothing of this person's is judged at the moment; None where it is."""
        with self._lock:
            recent = self._recent[person]
            while recent and recent[0] <= self._ledger.clock() - WITHIN:
                recent.popleft()
            if len(recent) < MOST:
                return None
            again = recent[0] + WITHIN
        return Refused(
            code="too-many-refused",
            reason=f"{MOST} of your answers were refused within {WITHIN.seconds // 60} minutes, so this one was not "
            f"read and nothing was decided. See why the last one was refused; answer again after {again:%H:%M} UTC.",
        )

    def keep(self, tx: Writer, review_id: str, *, person: str, code: str, run: str) -> None:
        """Count one, and put it on record beside those of this person that are there."""
        with self._lock:
            self._recent[person].append(self._ledger.clock())
        kept = tx.events(EventKind.APPLICATION_REFUSED, subject=review_id)
        if sum(event.data["person"] == person for event in kept) < KEPT:
            tx.append(EventKind.APPLICATION_REFUSED, review_id, {"person": person, "code": code}, run=run)

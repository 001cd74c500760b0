"""A delivery that waits for its way out: said once, tried again in pauses that grow, and held when its time is over.

Whatever stops a delivery without being a message's or a reader's fault comes here: a server that refuses the sender,
the size or the pace, one that is away, a full disk. Nothing has failed then. What it waits for is signed once
(`delivery:waiting`); the row says since when, why, and when it is tried next.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import set_delivery
from presscheck.ledger.pausing import standing_of_delivery
from presscheck.press.pausing import size_of, write_down
from presscheck.press.records import Request, signed_counts
from presscheck.press.rows import COUNTED

_log = logging.getLogger(__name__)

_AN_HOUR = timedelta(hours=1)

PUT_OFF = "put-off"
"""The code of a delivery that has only messages left that were put off."""


def is_waiting(tx: Reader, delivery: str, code: str = "") -> bool:
    """Whether the press's last word is that this delivery waits, for this where a code is given."""
    last = standing_of_delivery(tx, delivery)
    return (
        last is not None
        and last.kind == EventKind.DELIVERY_WAITING
        and (not code or str(last.data.get("code")) == code)
    )


def waits_since(tx: Reader, delivery: str) -> datetime:
    """Since when it waits for its way out without anything having gone out; now, where it does not wait for that.

    Whatever it waits for: a server that gives another reason every hour is no reason to wait for ever.
    """
    kinds = (EventKind.DELIVERY_PAUSED, EventKind.DELIVERY_WAITING, EventKind.DELIVERY_RESUMED)
    began: Event | None = None
    for event in reversed(tx.events(*kinds, subject=delivery)):
        if event.kind != EventKind.DELIVERY_WAITING or event.data.get("code") == PUT_OFF:
            break
        began = event
        if event.data.get("went_on"):
            break
    if began is None:
        return tx.now
    tried = tx.events(EventKind.RETRY_ENDED, subject=delivery, after=began.seq)
    went = [tx.newest(EventKind.BATCH_SENT, subject=delivery), *(one for one in tried if one.data.get("sent_at"))]
    return max(datetime.fromisoformat(event.at) for event in (began, *went) if event is not None)


def wait(
    tx: Writer,
    request: Request,
    *,
    code: str,
    why: str,
    next_try: datetime,
    opened: Sequence[tuple[int, str, str]] = (),
    went_on: bool = False,
) -> None:
    """Say that the delivery waits; the event only where it did not wait for this before, or went on meanwhile.

    `opened` are (position, key, state) of what lies beyond the recorded batches and was perhaps handed over.
    """
    delivery = request.delivery
    write_down(tx, delivery, opened)
    counts = Counter(signed_counts(tx, delivery, COUNTED))
    counts.update(state for _, _, state in opened if state in COUNTED)
    told = {state: counts[state] for state in COUNTED}
    left = size_of(request) - sum(told.values())
    last = standing_of_delivery(tx, delivery)
    same = last is not None and last.kind == EventKind.DELIVERY_WAITING and last.data.get("code") == code
    # Where some went out between two tries, that is said again after an hour, and not each time.
    again = went_on and last is not None and tx.now - datetime.fromisoformat(last.at) >= _AN_HOUR
    since = datetime.fromisoformat(last.at) if last is not None and same else tx.now
    if again or not same:
        body = {"code": code, **told, "left": left, **({"went_on": True} if went_on else {})}
        tx.append(EventKind.DELIVERY_WAITING, delivery, body, run=request.run)
        _log.warning("%s waits (%s): %s", delivery, code, why)
    reason = f"It waits since {_minute(since)}: {why.rstrip('.')}. The next try is at {_minute(next_try)}."
    set_delivery(tx, delivery, state="waiting", reason=reason, **told)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"

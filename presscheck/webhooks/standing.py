"""How far a system was told, and what fails: read from the newest events about it, however many there are.

`webhook:begun` is where it began; `webhook:sent` and `webhook:given-up` say what is behind it; `webhook:failed` says
why the next one was not taken, since when, and when it is tried again. Their subject is the name in the settings.
An address that said that it is gone is told nothing more; another one in the settings is, and so is the same one once
somebody has begun anew (`presscheck webhook resume`). What happened meanwhile is told then, the oldest first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from presscheck.digests import digest_of
from presscheck.ledger import Event, EventKind, Ledger, Reader, timestamp
from presscheck.webhooks.messages import HookMessage


@dataclass(frozen=True)
class Failing:
    """Why the next message is not taken."""

    code: str
    tries: int
    since: datetime
    """When the first of these tries was, with nothing taken since."""
    next_try: datetime
    gone: str | None = None
    """The digest of the address, where that said that it is gone."""

    def stops(self, url: str) -> bool:
        """Whether nothing more is posted to this address."""
        return self.gone == digest_of(url)


@dataclass(frozen=True)
class State:
    """How far one system was told."""

    reached: int
    """The number of the last event that is behind it."""
    failing: Failing | None = None
    given_up: int = 0
    """How many messages were given up when that happened last."""
    given_up_at: str = ""


def state_of(tx: Reader, name: str) -> State | None:
    """How far a system was told; None for one that was never looked at."""
    begun = tx.newest(EventKind.WEBHOOK_BEGUN, subject=name)
    if begun is None:
        return None
    sent = tx.newest(EventKind.WEBHOOK_SENT, subject=name)
    given_up = tx.newest(EventKind.WEBHOOK_GIVEN_UP, subject=name)
    failed = tx.newest(EventKind.WEBHOOK_FAILED, subject=name)
    behind = [int(event.data["event"]) for event in (begun, sent, given_up) if event is not None]
    # Giving up ends nothing: it fails until something is taken.
    fails = failed is not None and failed.seq > max(begun.seq, 0 if sent is None else sent.seq)
    return State(
        max(behind),
        _failing(failed) if fails and failed is not None else None,
        0 if given_up is None else int(given_up.data["count"]),
        "" if given_up is None else given_up.at,
    )


def record_begun(ledger: Ledger, name: str) -> State:
    """From now on a system is told what happens: nothing of what was before it."""
    with ledger.write() as tx:
        known = state_of(tx, name)
        if known is not None:
            return known
        reached = tx.tip().seq
        tx.append(EventKind.WEBHOOK_BEGUN, name, {"event": reached})
        return State(reached)


def record_resumed(ledger: Ledger, name: str) -> None:
    """A system is told again, from the first message that it did not take."""
    with ledger.write() as tx:
        known = state_of(tx, name)
        if known is not None:
            tx.append(EventKind.WEBHOOK_BEGUN, name, {"event": known.reached})


def record_sent(ledger: Ledger, name: str, event: Event, message: HookMessage) -> None:
    """It has this one."""
    with ledger.write() as tx:
        tx.append(EventKind.WEBHOOK_SENT, name, {"event": event.seq, "message": message.id})


def record_failed(
    ledger: Ledger,
    name: str,
    before: Failing | None,
    *,
    code: str,
    pause: timedelta,
    waiting: list[Event],
    patience: timedelta,
    gone: str | None = None,
) -> None:
    """The first of what waits was not taken; what has waited too long meanwhile is given up, with that on record.

    `gone` is the address, where that said that it is gone.
    """
    with ledger.write() as tx:
        now = tx.now
        since = now if before is None else before.since
        body = {
            "event": waiting[0].seq,
            "code": code,
            "tries": 1 if before is None else before.tries + 1,
            "since": timestamp(since),
            "next": timestamp(now + pause),
        } | ({} if gone is None else {"gone": digest_of(gone)})
        tx.append(EventKind.WEBHOOK_FAILED, name, body)
        # Both: the time that we were switched off ourselves is nobody's failure.
        if now - since < patience:
            return
        over = [event for event in waiting if now - datetime.fromisoformat(event.at) >= patience]
        if over:
            body = {"first": over[0].seq, "event": over[-1].seq, "count": len(over), "code": code}
            tx.append(EventKind.WEBHOOK_GIVEN_UP, name, body)


def _failing(event: Event) -> Failing:
    data = event.data
    return Failing(
        str(data["code"]),
        int(data["tries"]),
        datetime.fromisoformat(str(data["since"])),
        datetime.fromisoformat(str(data["next"])),
        data.get("gone"),
    )

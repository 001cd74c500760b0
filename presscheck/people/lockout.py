"""Lock-out: five wrong sign-ins in a quarter of an hour close an account for a quarter of an hour.

Strangers lock out strangers only: a browser in which the person has signed in before holds a sealed mark, and
its failures are counted apart. Passkeys and providers are not locked, because there is nothing to guess.

Counted from the door's own events, so that nobody opens a lock by deleting rows. Accounts that do
not exist are counted in the same way: the answer does not tell which addresses are known.
"""

from datetime import timedelta

from sqlalchemy import func, select

from presscheck.ledger import EventKind, Reader, Writer, tables, timestamp

FAILURES = 5
WINDOW = timedelta(minutes=15)
_REFUSED_A_MINUTE = 120


def is_locked(tx: Reader, account: str) -> bool:
    """Whether the account (an address's digest) was locked within the window."""
    return _recent(tx, EventKind.SIGN_IN_LOCKED, account) > 0


def is_busy(tx: Reader) -> bool:
    """Whether so many sign-ins are failing that recording more would only fill the ledger."""
    table = tables.events
    since = timestamp(tx.now - timedelta(minutes=1))
    query = select(func.count()).where(table.c.kind == EventKind.SIGN_IN_REFUSED.value, table.c.at > since)
    return tx.execute(query).scalar_one() >= _REFUSED_A_MINUTE


def record_failure(tx: Writer, account: str) -> None:
    """Sign that a sign-in was refused, and lock the account if that was one too many."""
    record_refusal(tx, account)
    if _recent(tx, EventKind.SIGN_IN_REFUSED, account) >= FAILURES:
        tx.append(EventKind.SIGN_IN_LOCKED, account, {"until": timestamp(tx.now + WINDOW)})


def record_refusal(tx: Writer, subject: str) -> None:
    """Sign that a sign-in was refused that nobody can win by guessing; it locks nothing."""
    tx.append(EventKind.SIGN_IN_REFUSED, subject, {})


def _recent(tx: Reader, kind: EventKind, account: str) -> int:
    table = tables.events
    since = timestamp(tx.now - WINDOW)
    query = select(table.c.seq).where(table.c.kind == kind.value, table.c.subject == account, table.c.at > since)
    return sum(tx.event(seq) is not None for seq in tx.execute(query).scalars().all())

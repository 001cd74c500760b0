"""Deliveries and their outbox: requested by the worker, done by the press, one row a message.

A delivery's states: requested, sending, waiting (its way out refuses or is away; `reason` says since when, why, and the
next try), paused, done, held. A message's states: pending (not handed to the channel), sending (handed over,
outcome not recorded), put-off (not taken yet; `at` is when it is tried next), sent, failed, suppressed, unknown.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from presscheck.digests import canonical, digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer, timestamp
from presscheck.models import Manifest


def delivery_id(run: str, review: str) -> str:
    """The one delivery that a review of a run can lead to."""
    return f"D-{digest_of([run, review])[:12]}"


def request_delivery(tx: Writer, manifest: Manifest, *, review: str) -> str:
    """Ask the press to deliver; asking again is the same delivery. The delivery's id comes back.

    The request proves nothing: the press looks for the decision itself.
    """
    delivery = delivery_id(manifest.run, review)
    if find_delivery(tx, delivery) is not None:
        return delivery
    event = tx.append(
        EventKind.DELIVERY_REQUESTED, delivery, {"review": review, "manifest": manifest.digest}, run=manifest.run
    )
    row = {
        "id": delivery,
        "run": manifest.run,
        "review": review,
        "manifest": canonical(manifest.model_dump(mode="json")).decode(),
        "state": "requested",
        "requested_at": event.at,
    }
    tx.execute(insert(tables.deliveries), row)
    return delivery


def review_of(tx: Reader, delivery: str) -> str | None:
    """The review that a worker asked for a delivery by; None for one that nobody asked for."""
    asked = tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)
    return str(asked[0].data.get("review", "")) if asked else None


def find_delivery(tx: Reader, delivery: str) -> Row[Any] | None:
    """The delivery's row (id, run, review, manifest, state, reason, sent, suppressed, failed, unknown, ...)."""
    return tx.execute(select(tables.deliveries).where(tables.deliveries.c.id == delivery)).first()


def list_deliveries(tx: Reader) -> list[Row[Any]]:
    """Every delivery's row, newest first."""
    return list(tx.execute(select(tables.deliveries).order_by(tables.deliveries.c.requested_at.desc())))


UNDER_WAY = ("requested", "sending", "waiting", "paused")
"""The states of a delivery that is not over."""
_ENDINGS = (EventKind.DELIVERY_COMPLETED, EventKind.DELIVERY_HELD, EventKind.DELIVERY_REOPENED)


def ending_of(tx: Reader, delivery: str) -> Event | None:
    """The press's `delivery:completed` or `delivery:held` event: how it ended, whatever the row says.

    None also for one that was opened again (`delivery:reopened`) for those who were given up, and has not ended since.
    """
    ended: Event | None = None
    for event in tx.events(*_ENDINGS, subject=delivery):
        ended = None if event.kind == EventKind.DELIVERY_REOPENED else ended or event
    return ended


def read_endings_ahead(tx: Reader, deliveries: Iterable[str]) -> None:
    """Read how many deliveries ended with one question, so that `ending_of` has it."""
    tx.read_ahead(*_ENDINGS, subjects=deliveries)


def given_up(tx: Reader, delivery: str) -> tuple[int, ...]:
    """The positions of those whom the mail server put off until the press gave them up; not those tried again since."""
    found: dict[int, None] = {}
    for event in tx.events(EventKind.RETRY_ENDED, EventKind.DELIVERY_REOPENED, subject=delivery):
        found |= dict.fromkeys(int(at) for at in event.data.get("given_up_at", ()))
        for at in event.data.get("put_off_at", ()):
            found.pop(int(at), None)
    return tuple(sorted(found))


def retries_to_do(tx: Reader) -> list[Event]:
    """The decisions to try those again who were given up, that the press has not carried out and that it may."""
    newest = {event.subject: event for event in tx.events(EventKind.RETRY_DECIDED)}
    return [event for event in newest.values() if may_retry(tx, event.subject) and not _reopened_since(tx, event)]


def may_retry(tx: Reader, delivery: str) -> bool:
    """Whether a delivery is over in a way that leaves the given up open: complete, or with too few reached."""
    ending = ending_of(tx, delivery)
    if ending is None or not given_up(tx, delivery):
        return False
    return ending.kind == EventKind.DELIVERY_COMPLETED or ending.data.get("code") == "too-few"


def _reopened_since(tx: Reader, decided: Event) -> bool:
    return bool(tx.events(EventKind.DELIVERY_REOPENED, subject=decided.subject, after=decided.seq))


def pending_deliveries(tx: Reader) -> list[Row[Any]]:
    """Deliveries that the press has still to do, oldest first."""
    table = tables.deliveries
    query = select(table).where(table.c.state.in_(UNDER_WAY)).order_by(table.c.requested_at)
    return list(tx.execute(query))


def set_delivery(tx: Writer, delivery: str, **values: Any) -> None:
    """Update the delivery's row; the events beside it are the record."""
    tx.execute(update(tables.deliveries).where(tables.deliveries.c.id == delivery).values(**values))


def add_messages(tx: Writer, rows: Iterable[dict[str, Any]]) -> None:
    """Insert outbox rows (delivery, position, key, recipient, asset, state, detail)."""
    now = timestamp(tx.now)
    values = [{"detail": "", **row, "at": now} for row in rows]
    if values:
        tx.execute(insert(tables.outbox), values)


def messages(tx: Reader, delivery: str, *states: str, limit: int | None = None) -> list[Row[Any]]:
    """Outbox rows of a delivery in order of position, of these states (all where none is named)."""
    table = tables.outbox
    query = select(table).where(table.c.delivery == delivery).order_by(table.c.position)
    if states:
        query = query.where(table.c.state.in_(states))
    if limit is not None:
        query = query.limit(limit)
    return list(tx.execute(query))


def messages_from(tx: Reader, delivery: str, first: int, last: int) -> list[Row[Any]]:
    """Outbox rows of a delivery at positions `first` to `last - 1`, in order."""
    table = tables.outbox
    query = select(table).where(table.c.delivery == delivery, table.c.position >= first, table.c.position < last)
    return list(tx.execute(query.order_by(table.c.position)))


def messages_at(tx: Reader, delivery: str, positions: Iterable[int]) -> list[Row[Any]]:
    """Outbox rows of a delivery at these positions, in order."""
    table = tables.outbox
    chosen = sorted(positions)
    found: list[Row[Any]] = []
    for start in range(0, len(chosen), 5_000):
        part = chosen[start : start + 5_000]
        query = select(table).where(table.c.delivery == delivery, table.c.position.in_(part))
        found += tx.execute(query.order_by(table.c.position))
    return found


def messages_due(tx: Reader, delivery: str, state: str, now: datetime, *, limit: int) -> tuple[list[int], str | None]:
    """The positions in this state whose moment (`at`) has come, those first that wait longest; and the next moment.

    None for the moment where nothing else is in this state.
    """
    table = tables.outbox
    there = select(table.c.position).where(table.c.delivery == delivery, table.c.state == state)
    due = there.where(table.c.at <= timestamp(now)).order_by(table.c.at, table.c.position).limit(limit)
    later = select(func.min(table.c.at)).where(table.c.delivery == delivery, table.c.state == state)
    return [int(one) for one in tx.execute(due).scalars()], tx.execute(later).scalar()


def stray_message(tx: Reader, delivery: str, size: int) -> int | None:
    """The position of a row that a delivery to `size` recipients cannot have; None where there is none."""
    table = tables.outbox
    query = select(table.c.position).where(table.c.delivery == delivery)
    query = query.where((table.c.position < 0) | (table.c.position >= size)).limit(1)
    return tx.execute(query).scalar()


def set_messages(
    tx: Writer,
    delivery: str,
    positions: Iterable[int],
    *,
    state: str,
    detail: str = "",
    next_try: datetime | None = None,
) -> None:
    """Set the state of the messages at these positions, and when they are tried next where they are put off."""
    table = tables.outbox
    chosen = list(positions)
    # SQLite takes some 32,000 variables a statement; stay far below.
    for start in range(0, len(chosen), 5_000):
        part = chosen[start : start + 5_000]
        tx.execute(
            update(table)
            .where(table.c.delivery == delivery, table.c.position.in_(part))
            .values(state=state, detail=detail, at=timestamp(next_try or tx.now))
        )


def sent_by_asset(tx: Reader, delivery: str) -> dict[str, int]:
    """How many messages of each asset were sent."""
    table = tables.outbox
    query = (
        select(table.c.asset, func.count().label("messages"))
        .where(table.c.delivery == delivery, table.c.state == "sent")
        .group_by(table.c.asset)
    )
    return {str(row["asset"]): int(row["messages"]) for row in tx.execute(query).mappings()}

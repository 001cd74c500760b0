"""Deliveries that wait for their way out, as the pages show them: since when, why, and when they are tried next."""

from dataclasses import dataclass

from sqlalchemy import select

from presscheck.cleaning import clean_line, shorten
from presscheck.ledger import EventKind, Reader, tables
from presscheck.ledger.deliveries import ending_of
from presscheck.ledger.pausing import standing_of_delivery


@dataclass(frozen=True)
class WaitingDelivery:
    """One delivery, and the press's words about it; only that it waits is signed."""

    delivery: str
    review: str
    words: str


def waiting_deliveries(tx: Reader, review: str = "") -> list[WaitingDelivery]:
    """Those that wait now, oldest first; of one review where that is named."""
    table = tables.deliveries
    query = select(table.c.id, table.c.review, table.c.reason).where(table.c.state == "waiting")
    if review:
        query = query.where(table.c.review == review)
    found: list[WaitingDelivery] = []
    for row in tx.execute(query.order_by(table.c.requested_at)):
        last = standing_of_delivery(tx, row.id)
        if last is not None and last.kind == EventKind.DELIVERY_WAITING and ending_of(tx, row.id) is None:
            found.append(WaitingDelivery(str(row.id), str(row.review), shorten(clean_line(str(row.reason)), 500)))
    return found

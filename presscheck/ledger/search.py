"""Finds the believed events that concern something: a digest, a run, a review, a delivery, a person."""

from collections.abc import Iterator

from sqlalchemy import or_, select

from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.store import Reader


def stored_events(tx: Reader) -> Iterator[Event]:
    """Every event as it is stored, believed or not, in order; for export and for counting."""
    rows = tx.execute(select(tables.events).order_by(tables.events.c.seq)).yield_per(1000).mappings()
    return (Event(**row) for row in rows)


def events_about(tx: Reader, beginning: str = "") -> list[Event]:
    """Believed events whose subject or run begins like this, or whose body holds a text that does.

    An empty beginning gives them all. Case counts.
    """
    table = tables.events
    query = select(table).order_by(table.c.seq)
    if beginning:
        # The body is canonical JSON, so a text in it begins right after a quotation mark.
        in_body = table.c.body.contains(f'"{beginning}', autoescape=True)
        query = query.where(
            or_(
                table.c.subject.startswith(beginning, autoescape=True),
                table.c.run.startswith(beginning, autoescape=True),
                in_body,
            )
        )
    found = (Event(**row) for row in tx.execute(query).mappings())
    return [event for event in found if tx.ledger.believes(event)]

"""Campaign runs: which flow, from which brief, started by whom, ended how."""

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row

from presscheck.ledger import tables
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

__all__ = ["end_campaign", "find_campaign", "open_campaign", "record_start", "starter_of"]


def open_campaign(tx: Writer, run: str, *, campaign: str, brief: str) -> None:
    """Record that a run began from a brief (its asset's digest); again changes nothing."""
    if find_campaign(tx, run) is not None:
        return
    event = tx.append(EventKind.CAMPAIGN_OPENED, run, {"campaign": campaign, "brief": brief}, run=run)
    row = {"run": run, "campaign": campaign, "brief": brief, "opened_at": event.at}
    tx.execute(insert(tables.campaigns), row)


def end_campaign(tx: Writer, run: str, *, ending: str) -> None:
    """Record how a run ended (delivered, rejected, expired, withdrawn, held); the same ending once."""
    row = find_campaign(tx, run)
    if row is None or row.ending == ending:
        return
    event = tx.append(EventKind.CAMPAIGN_ENDED, run, {"ending": ending}, run=run)
    table = tables.campaigns
    tx.execute(update(table).where(table.c.run == run).values(ended_at=event.at, ending=ending))


def find_campaign(tx: Reader, run: str) -> Row[Any] | None:
    """The campaign's row: run, campaign, brief, opened_at, ended_at, ending. For display."""
    return tx.execute(select(tables.campaigns).where(tables.campaigns.c.run == run)).first()


def record_start(tx: Writer, run: str, *, person: str, campaign: str, key: str = "") -> None:
    """The door records who started a run, under which key; that person may not approve its copy."""
    tx.append(EventKind.RUN_STARTED, run, {"person": person, "campaign": campaign, "key": key}, run=run)


def starter_of(tx: Reader, run: str) -> str | None:
    """Who started the run at the door; None for a schedule's."""
    events = tx.events(EventKind.RUN_STARTED, subject=run, run=run)
    return str(events[0].data["person"]) if events else None

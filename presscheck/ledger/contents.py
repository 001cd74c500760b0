"""Whether what the tables hold is what the events say: content against digests, row by row."""

import json

from sqlalchemy import select

from presscheck.digests import digest_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import tables
from presscheck.ledger.assets import get_asset
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.reviews import DECISION_EVENTS, decision_event, find_review
from presscheck.ledger.store import Reader

__all__ = ["first_fault"]


def first_fault(tx: Reader) -> str | None:
    """The first asset, step, review or decision that is missing, altered or not signed; None if all are sound."""
    try:
        for digest in tx.execute(select(tables.assets.c.digest).order_by(tables.assets.c.at)).scalars().all():
            get_asset(tx, digest)
        for review in tx.execute(select(tables.reviews.c.id).order_by(tables.reviews.c.opened_at)).scalars().all():
            find_review(tx, review)
    except (LedgerForged, LedgerGone) as error:
        return str(error)
    return _drafted_fault(tx) or _steps_fault(tx) or _reviews_fault(tx) or _decisions_fault(tx)


def _drafted_fault(tx: Reader) -> str | None:
    stored = set(tx.execute(select(tables.assets.c.digest)).scalars())
    signed = {event.subject for event in tx.events(EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED)}
    if missing := sorted(signed - stored):
        return f"asset {missing[0][:12]}: was made and is no longer in the ledger"
    if planted := sorted(stored - signed):
        return f"asset {planted[0][:12]}: stands in the ledger and nobody signed its making"
    return None


def _steps_fault(tx: Reader) -> str | None:
    signed = {(event.run, event.subject): event.data["payload"] for event in tx.events(EventKind.STEP_RECORDED)}
    for row in tx.execute(select(tables.steps)).all():
        subject = f"{row.step}/{row.round}/{row.partition}/{row.inputs[:16]}"
        if signed.pop((row.run, subject), None) != digest_of(json.loads(row.payload)):
            return f"step {row.step} of run {row.run}: its stored result is not what the worker recorded"
    if signed:
        run, subject = sorted(signed)[0]
        return f"step {subject} of run {run}: was recorded and is no longer in the ledger"
    return None


def _reviews_fault(tx: Reader) -> str | None:
    stored = set(tx.execute(select(tables.reviews.c.id)).scalars())
    signed = {event.subject for event in tx.events(EventKind.REVIEW_OPENED)}
    if missing := sorted(signed - stored):
        return f"review {missing[0]}: was opened and is no longer in the ledger"
    return None


def _decisions_fault(tx: Reader) -> str | None:
    stored: set[str] = set()
    for row in tx.execute(select(tables.decisions)).all():
        event = decision_event(tx, row.review)
        if event is None or event.seq != row.event or event.kind != f"decision:{row.kind}":
            return f"review {row.review}: its stored decision is not the one that the door signed"
        stored.add(row.review)
    signed = {event.subject for event in tx.events(*DECISION_EVENTS.values())}
    if missing := sorted(signed - stored):
        return f"review {missing[0]}: was decided and the decision is no longer in its table"
    return None

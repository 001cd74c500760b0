"""Whether what the tables hold is what the events say: content against digests, row against event.

Each look goes over one table and the believed events that wrote it, and names the first row that
was altered, planted or taken out. Findings, sessions and outbox rows are not looked at: nothing is
decided by them alone.
"""

import json
from collections.abc import Callable, Iterable

from sqlalchemy import Table, select
from sqlalchemy.engine import Row

from presscheck.digests import digest_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import tables
from presscheck.ledger.assets import get_asset
from presscheck.ledger.chain import Event
from presscheck.ledger.comments import comments_fault
from presscheck.ledger.feedback import feedback_fault
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.policy_texts import kept_text, kept_texts
from presscheck.ledger.reviews import DECISION_EVENTS, decision_event, find_review, submission_of
from presscheck.ledger.store import Reader
from presscheck.ledger.suppressions import suppressions_fault
from presscheck.models import Decision

Look = Callable[[Reader], str | None]


def first_fault(tx: Reader) -> str | None:
    """What is wrong first with assets, steps, reviews, decisions, campaigns, deliveries, suppressions, policies, or
    comments."""
    looks: tuple[Look, ...] = (
        _assets, _steps, _reviews, _decisions, _applications, _campaigns, _deliveries, _suppressions, feedback_fault,
        _policies, comments_fault,
    )  # fmt: skip
    return next((fault for look in looks if (fault := look(tx))), None)


def _assets(tx: Reader) -> str | None:
    made: dict[str, list[Event]] = {}
    for event in tx.events(EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN):
        made.setdefault(event.subject, []).append(event)

    def sound(row: Row[tuple[object, ...]]) -> bool:
        asset = get_asset(tx, row.digest)
        said = {
            "kind": asset.kind,
            "parent": asset.parent,
            "author": asset.author.model_dump(),
            "cost_microdollars": asset.cost_microdollars,
        }
        return any(event.run == row.run and event.at == row.at and event.data == said for event in made[row.digest])

    table = tables.assets
    for row in _rows(tx, table, "at", "digest"):
        named = f"asset {str(row.digest)[:12]}"
        if row.digest not in made:
            return f"{named}: stands in the ledger and nobody signed its making"
        if fault := _broken(sound, row):
            return f"{named}: {fault}"
    return _missing("asset", "made", set(made), tx, table, "digest")


def _steps(tx: Reader) -> str | None:
    signed = {(event.run, event.subject): event for event in tx.events(EventKind.STEP_RECORDED)}

    def sound(row: Row[tuple[object, ...]]) -> bool:
        event = signed.pop((row.run, f"{row.step}/{row.round}/{row.partition}/{row.inputs[:16]}"))
        digest = digest_of(json.loads(row.payload))
        said = {"inputs": row.inputs, "shape": row.shape, "payload": digest}
        signed_of_it = {name: value for name, value in event.data.items() if name != "place"}
        return signed_of_it == said and event.at == row.at and row.payload_digest == digest

    for row in _rows(tx, tables.steps, "at", "step"):
        if fault := _broken(sound, row):
            return f"step {row.step} of run {row.run}: {fault}"
    for run, subject in sorted(signed):
        return f"step {subject} of run {run}: was recorded and is no longer in the ledger"
    return None


def _reviews(tx: Reader) -> str | None:
    opened = {event.subject: event for event in tx.events(EventKind.REVIEW_OPENED)}

    def sound(row: Row[tuple[object, ...]]) -> bool:
        review = find_review(tx, row.id)
        event = opened[row.id]
        asked = None if review is None else review.question
        return asked is not None and (
            (row.run, row.gate, row.round) == (asked.run, asked.gate, asked.round)
            and (row.opened_at, row.expires_at) == (event.at, event.data["expires_at"])
        )

    for row in _rows(tx, tables.reviews, "opened_at", "id"):
        if fault := _broken(sound, row):
            return f"review {row.id}: {fault}"
    return _missing("review", "opened", set(opened), tx, tables.reviews, "id")


def _decisions(tx: Reader) -> str | None:
    signed = {event.subject for event in tx.events(*DECISION_EVENTS.values())}

    def sound(row: Row[tuple[object, ...]]) -> bool:
        event = decision_event(tx, row.review)
        return event is not None and (event.seq, event.kind, event.at) == (row.event, f"decision:{row.kind}", row.at)

    for row in _rows(tx, tables.decisions, "at", "review"):
        if _broken(sound, row):
            return f"review {row.review}: its stored decision is not the one that the door signed"
    return _missing("decision of review", "signed", signed, tx, tables.decisions, "review")


def _applications(tx: Reader) -> str | None:
    """What decisions were made from, where it was not erased; refused applications decide nothing."""
    for event in tx.events(*DECISION_EVENTS.values()):
        try:
            submission_of(tx, Decision.model_validate(event.data))
        except LedgerForged as error:
            return str(error)
    return None


def _campaigns(tx: Reader) -> str | None:
    opened = {event.subject: event for event in tx.events(EventKind.CAMPAIGN_OPENED)}
    ended = {event.subject: event for event in tx.events(EventKind.CAMPAIGN_ENDED)}

    def sound(row: Row[tuple[object, ...]]) -> bool:
        began, end = opened[row.run], ended.get(row.run)
        ending = (None, None) if end is None else (end.at, end.data["ending"])
        begun = (row.campaign, row.brief, row.opened_at) == (began.data["campaign"], began.data["brief"], began.at)
        return begun and (row.ended_at, row.ending) == ending

    for row in _rows(tx, tables.campaigns, "opened_at", "run"):
        if fault := _broken(sound, row):
            return f"campaign run {row.run}: {fault}"
    return _missing("campaign run", "opened", set(opened), tx, tables.campaigns, "run")


def _deliveries(tx: Reader) -> str | None:
    asked = {event.subject: event for event in tx.events(EventKind.DELIVERY_REQUESTED)}

    def sound(row: Row[tuple[object, ...]]) -> bool:
        event = asked[row.id]
        said = {"review": row.review, "manifest": digest_of(json.loads(row.manifest))}
        return event.data == said and (event.run, event.at) == (row.run, row.requested_at)

    for row in _rows(tx, tables.deliveries, "requested_at", "id"):
        if fault := _broken(sound, row):
            return f"delivery {row.id}: {fault}"
    return _missing("delivery", "requested", set(asked), tx, tables.deliveries, "id")


def _suppressions(tx: Reader) -> str | None:
    _, fault = suppressions_fault(tx)
    if fault is not None:
        return fault
    signed = {event.seq: event for event in tx.events(EventKind.ADDRESS_SUPPRESSED)}
    table = tables.suppressions
    for row in tx.execute(select(table.c.event, table.c.reason, table.c.at).distinct()):
        event = signed[row.event]
        if (row.reason, row.at) != (event.data.get("reason"), event.at):
            return f"suppressions of event {row.event}: the reason or the time is not the one that was recorded"
    return None


def _policies(tx: Reader) -> str | None:
    """Whether every set of policies that an event names is still here, text by text."""
    for event in tx.events(EventKind.POLICIES_CHANGED, EventKind.POLICIES_SIGNED):
        named = f"policies of event {event.seq}"
        try:
            listed: dict[str, dict[str, str]] = json.loads(kept_text(tx, str(event.data.get("set", ""))))
            kept_texts(tx, (digest for places in listed.values() for digest in places.values()))
        except (LedgerForged, LedgerGone) as error:
            return f"{named}: {error}"
        except (ValueError, TypeError, AttributeError):
            return f"{named}: the list of their texts cannot be read"
    return None


def _rows(tx: Reader, table: Table, *order: str) -> Iterable[Row[tuple[object, ...]]]:
    return tx.execute(select(table).order_by(*(table.c[name] for name in order))).all()


def _broken(sound: Callable[[Row[tuple[object, ...]]], bool], row: Row[tuple[object, ...]]) -> str | None:
    """What is wrong with a row; anything that cannot even be read was altered."""
    try:
        return None if sound(row) else "what is stored is not what was signed"
    except (LedgerForged, LedgerGone) as error:
        return str(error)
    except KeyError:
        return "stands in the ledger and nobody signed it"
    except (ValueError, TypeError, RecursionError):
        return "what is stored was altered: it can no longer be read"


def _missing(what: str, done: str, signed: set[str], tx: Reader, table: Table, column: str) -> str | None:
    stored = set(tx.execute(select(table.c[column])).scalars())
    gone = sorted(signed - stored)
    return f"{what} {gone[0][:24]}: was {done} and is no longer in the ledger" if gone else None

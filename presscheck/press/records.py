"""How far a delivery has come, by the press's own signed events and never by rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from presscheck.desk import Basis
from presscheck.digests import merkle_root
from presscheck.documents.sentences import in_one_sentence
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Ledger, Reader, Writer, timestamp
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import delivery_id, find_delivery
from presscheck.ledger.gaps import gap_fault
from presscheck.ledger.heads import Head, read_heads
from presscheck.models import Outgoing, Refused

# Long enough for a batch, short enough that a permit found lying about is of no use.
_PERMIT_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Request:
    """What the worker asks the press to do."""

    delivery: str
    run: str
    review: str
    manifest: Outgoing


@dataclass(frozen=True)
class Progress:
    """The batches that are over, and the first position of the next one."""

    batches: int
    next: int


def read_request(tx: Reader, delivery: str) -> Request | Refused:
    """The request as the worker signed it, or what is wrong with its row."""
    row = find_delivery(tx, delivery)
    if row is None:
        return Refused(code="no-request", reason=f"There is no delivery {delivery}.")
    try:
        manifest = Outgoing.model_validate_json(row.manifest)
    except ValidationError as error:
        told = in_one_sentence(Outgoing, error)
        reason = f"The stored manifest is none; it was altered, or signed by an earlier version: {told}."
        return Refused(code="forged", reason=reason)
    signed = [event.data for event in tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery, run=row.run)]
    if {"review": row.review, "manifest": manifest.digest} not in signed:
        return Refused(code="forged", reason="The worker did not request this; the row was put in or altered.")
    if (delivery, row.run) != (delivery_id(manifest.run, row.review), manifest.run):
        return Refused(code="forged", reason="The delivery's number is not the one of its run and review.")
    return Request(delivery, row.run, row.review, manifest)


def progress_of(tx: Reader, delivery: str) -> Progress:
    """How far the delivery has come: by its last batch alone, because it is asked at every batch."""
    newest = tx.newest(EventKind.BATCH_SENT, subject=delivery)
    if newest is None:
        return Progress(0, 0)
    last = newest.data
    return Progress(int(last["batch"]), int(last["first"]) + int(last["rows"]))


@dataclass(frozen=True)
class HandedOver:
    """Positions `first` to `last - 1` were about to go to a channel that keeps journals, and this is the journal."""

    first: int
    last: int
    journal: str


def handed_over(tx: Reader, delivery: str) -> tuple[HandedOver, ...]:
    """The hand-overs that reach beyond the batches that are over: a crash may have come between."""
    reached = progress_of(tx, delivery).next
    found = [event.data for event in tx.events(EventKind.BATCH_BEGUN, subject=delivery)]
    begun = [HandedOver(int(each["first"]), int(each["first"]) + int(each["rows"]), each["journal"]) for each in found]
    return tuple(each for each in begun if each.last > reached)


def signed_counts(tx: Reader, delivery: str, states: Sequence[str]) -> dict[str, int]:
    """How many messages ended in each state, added up from what the press signed, not from rows."""
    counts = dict.fromkeys(states, 0)
    for event in tx.events(EventKind.BATCH_SENT, subject=delivery):
        for state in states:
            counts[state] += int(event.data.get(state, 0))
    for moved in moved_positions(tx, delivery).values():
        counts[moved.was] = counts.get(moved.was, 0) - 1
        counts[moved.now] = counts.get(moved.now, 0) + 1
    return {state: counts[state] for state in states}


@dataclass(frozen=True)
class Moved:
    """A message whose state changed after its batch was signed: as what it was signed there, and what it is now."""

    was: str
    now: str


_MOVES: dict[str, tuple[str, dict[str, str]]] = {
    EventKind.DELIVERY_SETTLED: ("unknown", {"sent_at": "sent", "failed_at": "failed"}),
    EventKind.RETRY_ENDED: (
        "put-off",
        {
            "sent_at": "sent",
            "failed_at": "failed",
            "given_up_at": "failed",
            "suppressed_at": "suppressed",
            "unknown_at": "unknown",
        },
    ),
    EventKind.DELIVERY_REOPENED: ("failed", {"put_off_at": "put-off"}),
}
"""By kind of event: from which state it takes a message, and into which, by the list that names its position."""


def moved_positions(tx: Reader, delivery: str) -> dict[int, Moved]:
    """By position, what changed after the batches: settled, tried again, given up, opened again."""
    found: dict[int, Moved] = {}
    for event in tx.events(*map(EventKind, _MOVES), subject=delivery):
        was, states = _MOVES[event.kind]
        for name, state in states.items():
            for at in map(int, event.data.get(name, ())):
                found[at] = Moved(found[at].was if at in found else was, state)
    return found


def missing_head(tx: Reader, heads: Sequence[Head] | None = None) -> str | None:
    """What the ledger lacks and nobody has signed: the tail was cut, or an old copy put back.

    Give the heads that were read before the view began, or ask while writing: nobody else commits then, so no head
    can lead what is seen here.
    """
    try:
        return gap_fault(tx, kept_heads(tx.ledger) if heads is None else heads)
    except LedgerForged as error:
        return str(error)


def kept_heads(ledger: Ledger) -> list[Head]:
    """The heads outside the database that this process can see. LedgerForged if one is none."""
    return [] if ledger.heads is None else read_heads(ledger.heads, ledger.keyring)


def live_permit(tx: Reader, delivery: str, basis: Basis) -> Event | None:
    """The newest permit, if it is not over and rests on this very basis."""
    permits = tx.events(EventKind.PERMIT_ISSUED, subject=delivery)
    if not permits:
        return None
    data = permits[-1].data
    over = datetime.fromisoformat(data["expires_at"]) <= tx.now
    return None if over or data["basis"] != basis.named() or data["manifest"] != basis.manifest else permits[-1]


def write_permit(tx: Writer, request: Request, basis: Basis) -> Event:
    """Sign the right to publish exactly this manifest, for a few minutes."""
    body = {
        "manifest": basis.manifest,
        "basis": basis.named(),
        "expires_at": timestamp(tx.now + _PERMIT_LASTS),
    }
    return tx.append(EventKind.PERMIT_ISSUED, request.delivery, body, run=request.run)


def batch_root(states: Sequence[tuple[str, str]]) -> str:
    """The Merkle root over (message key, state), in order of position; keys hold no personal data."""
    return merkle_root(f"{key} {state}".encode() for key, state in states)

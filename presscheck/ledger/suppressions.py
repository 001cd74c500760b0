"""Who must not be written to: hashes of addresses, added by any process and never taken out.

    suppress(tx, hashes, reason="unsubscribed")        # for good
    suppressed_among(tx, hashes)                       # which of these must not be written to

What bounced can be *lifted* by two people (`presscheck.desk.suppressions`). The row stays, and the pair of signed
events is subtracted from the rows of the events that they name alone: a lift is no lift of what comes later, and
whoever left or complained has a row of their own, which nothing subtracts.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import cast

from sqlalchemy import func, insert, select

from presscheck.digests import digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

BOUNCED = "bounced"
FOUND = ("mailbox", "several")
"""What the press may have found of a mail that bounced: no such mailbox, or several failures over days."""


@dataclass(frozen=True)
class Suppressions:
    """What the signed events say: up to which of them was looked at, and how many addresses they add up to."""

    event: int = 0
    addresses: int = 0


def suppress(
    tx: Writer, hashes: Iterable[str], *, reason: str, delivery: str = "", run: str = "", found: str = ""
) -> int:
    """Add hashes (`presscheck.addresses.address_hash`); how many were new comes back.

    `delivery` and `run` say what made somebody leave, where that is known; `found`, one of FOUND, that it is a
    bounce which can be lifted. Whoever leaves after such a bounce is added again, so that it stays when that is lifted.
    """
    wanted = set(hashes)
    there = standing_among(tx, wanted)
    if not found:
        there = {one: events for one, events in there.items() if not all(map(can_lift, events))}
    fresh = sorted(wanted - there.keys())
    if not fresh:
        return 0
    # The digest of them all, so that `verify` sees if one is taken out again.
    body = {"count": len(fresh), "reason": reason, "addresses": digest_of(fresh)}
    if found:
        body["found"] = found
    if delivery:
        body["delivery"] = delivery
    event = tx.append(EventKind.ADDRESS_SUPPRESSED, fresh[0], body, run=run)
    rows = [{"address_hash": value, "reason": reason, "at": event.at, "event": event.seq} for value in fresh]
    tx.execute(insert(tables.suppressions), rows)
    return len(fresh)


def suppressed_hashes(tx: Reader) -> set[str]:
    """Every suppressed hash."""
    table, gone = tables.suppressions, lifted(tx)
    rows = tx.execute(select(table.c.address_hash, table.c.event))
    return {row.address_hash for row in rows if not gone.has(row.address_hash, row.event)}


def suppressed_among(tx: Reader, hashes: Iterable[str]) -> set[str]:
    """Which of these hashes are suppressed; for a batch, where reading all of them would be slow."""
    return set(_standing(tx, hashes))


def standing_among(tx: Reader, hashes: Iterable[str]) -> dict[str, list[Event | None]]:
    """The events that keep each suppressed hash suppressed; None for a row whose event nobody signed."""
    found = _standing(tx, hashes)
    signed = {seq: tx.event(seq) for seq in {seq for events in found.values() for seq in events}}
    return {one: [signed[seq] for seq in events] for one, events in found.items()}


def bounced_of(tx: Reader, delivery: str, run: str) -> list[int]:
    """The events of a delivery that suppressed what bounced, that can be lifted, and that are not."""
    gone = lifted(tx)
    signed = tx.events(EventKind.ADDRESS_SUPPRESSED, run=run)
    mine = [event for event in signed if event.data.get("delivery") == delivery and can_lift(event)]
    return [event.seq for event in mine if event.seq not in gone.whole]


def can_lift(event: Event | None) -> bool:
    """Whether an event suppressed what bounced, by the press's own finding: nothing else is ever lifted.

    Bounces of before there was a way back say no finding, and stay: who left after one of those was not recorded.
    """
    if event is None or event.kind != EventKind.ADDRESS_SUPPRESSED or event.process != "press":
        return False
    return event.data.get("reason") == BOUNCED and event.data.get("found") in FOUND


@dataclass(frozen=True)
class Lifts:
    """What two people have lifted: single addresses of an event, and all that bounced of a delivery."""

    single: frozenset[tuple[str, int]] = frozenset()
    whole: frozenset[int] = frozenset()

    def has(self, address_hash: str, event: int) -> bool:
        """Whether the suppression of an address by an event is lifted."""
        return event in self.whole or (address_hash, event) in self.single


def lifted(tx: Reader) -> Lifts:
    """Every suppression that is lifted, by the door's signed events alone."""
    proposals: dict[object, Event] = {event.seq: event for event in tx.events(EventKind.LIFT_PROPOSED)}
    single: set[tuple[str, int]] = set()
    whole: set[int] = set()
    for event in tx.events(EventKind.ADDRESS_LIFTED):
        about = event.data.get("proposal")
        proposal = proposals.get(about) if isinstance(about, int) else None
        for suppression in () if proposal is None else _lifted_by(tx, event, proposal):
            if suppression.data.get("delivery") == event.subject:
                whole.add(suppression.seq)
            else:
                # What is no delivery of that event is one address's hash, or nothing that any row has.
                single.add((event.subject, suppression.seq))
    return Lifts(frozenset(single), frozenset(whole))


def _lifted_by(tx: Reader, event: Event, proposal: Event) -> list[Event]:
    """The suppressions of which two different people said the same, one after the other and after them; or none."""
    first, second = proposal.data.get("person"), event.data.get("person")
    named = event.data.get("suppressions")
    same = proposal.subject == event.subject and proposal.data.get("suppressions") == named
    if not same or not first or not second or first == second or not isinstance(named, list):
        return []
    found = [tx.event(seq) for seq in cast("list[object]", named) if isinstance(seq, int)]
    return [one for one in found if one is not None and can_lift(one) and one.seq < proposal.seq < event.seq]


def _standing(tx: Reader, hashes: Iterable[str]) -> dict[str, list[int]]:
    wanted, table, gone = list(hashes), tables.suppressions, lifted(tx)
    found: dict[str, list[int]] = {}
    for start in range(0, len(wanted), 5_000):
        part = wanted[start : start + 5_000]
        query = select(table.c.address_hash, table.c.event).where(table.c.address_hash.in_(part))
        for address_hash, event in tx.execute(query.order_by(table.c.event)):
            if not gone.has(address_hash, event):
                found.setdefault(address_hash, []).append(event)
    return found


def suppressions_fault(tx: Reader) -> tuple[Suppressions, str | None]:
    """Compare every stored hash with the digests that were signed; what is there, and what is wrong first.

    Some 4 s of processor time for a million addresses: once a delivery, and `suppressions_shrunk` at each batch.
    """
    table = tables.suppressions
    query = select(table.c.event, table.c.address_hash).order_by(table.c.event, table.c.address_hash)
    stored: dict[int, _Digest] = {}
    for part in tx.execute(query.execution_options(yield_per=10_000)).partitions():
        for event, rows in groupby(part, key=itemgetter(0)):
            stored.setdefault(event, _Digest()).add([row.address_hash for row in rows])
    seen = Suppressions()
    for signed in tx.events(EventKind.ADDRESS_SUPPRESSED):
        if stored.pop(signed.seq, _Digest()).hex() != signed.data.get("addresses"):
            return seen, (
                f"suppressions of event {signed.seq}: not the {signed.data.get('count')} addresses that were recorded; "
                "one was taken out, altered or put in"
            )
        seen = Suppressions(signed.seq, seen.addresses + _count(signed))
    if stored:
        return seen, f"suppressions of event {min(stored)}: no such event was signed"
    return seen, None


def suppressions_shrunk(tx: Reader, seen: Suppressions) -> tuple[Suppressions, str | None]:
    """Whether fewer addresses are stored than were signed, counting on from what was seen."""
    for signed in tx.events(EventKind.ADDRESS_SUPPRESSED, after=seen.event):
        seen = Suppressions(signed.seq, seen.addresses + _count(signed))
    stored = tx.execute(select(func.count()).select_from(tables.suppressions)).scalar_one()
    if stored < seen.addresses:
        return seen, f"suppressions: {seen.addresses:,} addresses were recorded and {stored:,} are stored"
    return seen, None


def _count(signed: Event) -> int:
    """How many addresses an event says it added; one that says none added some all the same, or it would not be."""
    count = signed.data.get("count")
    return count if isinstance(count, int) and count > 0 else 1


class _Digest:
    """`digest_of` of a list of hashes, given piece by piece: a million of them are never held at once."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256(b"[")
        self._before = '"'

    def add(self, addresses: Sequence[str]) -> None:
        self._sha.update((self._before + '","'.join(map(str, addresses)) + '"').encode("utf-8", "surrogatepass"))
        self._before = ',"'

    def hex(self) -> str:
        done = self._sha.copy()
        done.update(b"]")
        return done.hexdigest()

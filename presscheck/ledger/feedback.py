"""What came back of messages: bounces and complaints, counted by the press's signed events.

One event for a delivery and a reading holds counts and a digest; the rows beside it keep a message
from being counted twice, and hold pseudonyms, never addresses. A provider is a pseudonym too (`provider_of`): many
a domain is somebody's name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import insert, select

from presscheck.digests import digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

FeedbackKind = Literal["hard", "soft", "policy", "complaint"]
"""hard: the mailbox is not there. policy: refused for something of ours. soft: anything else that was not delivered."""

_KINDS = (EventKind.MESSAGE_BOUNCED, EventKind.MESSAGE_COMPLAINED)


@dataclass(frozen=True)
class FeedbackCounts:
    """How many messages of a delivery came back, and how."""

    hard: int = 0
    soft: int = 0
    policy: int = 0
    complaint: int = 0
    at_once: int = 0
    """Of the bounces, those that the server refused while it was given them: the batch counts them as failed."""
    by_provider: Mapping[str, int] = field(default_factory=dict[str, int], compare=False)
    """Soft and policy bounces by `provider_of` the address, where that was known."""

    @property
    def bounced(self) -> int:
        """All that were not delivered, for whatever reason."""
        return self.hard + self.soft + self.policy


def provider_of(address: str) -> str:
    """The pseudonym of an address's domain."""
    return digest_of(["provider", address.rpartition("@")[2].strip().lower()])[:16]


def add_feedback(
    tx: Writer,
    delivery: str,
    kind: FeedbackKind,
    hashes: Iterable[str],
    *,
    run: str = "",
    providers: Mapping[str, str] | None = None,
    at_once: bool = False,
) -> frozenset[str]:
    """Record what came back to these addresses of one delivery; those that were not known before come back.

    `providers` are the pseudonyms of hashes' providers, where they are known; `at_once`: it is no report, a server
    refused the message while it was given it.
    """
    wanted = sorted(set(hashes))
    table = tables.feedback
    known: set[str] = set()
    for start in range(0, len(wanted), 5_000):
        query = select(table.c.address_hash).where(
            table.c.delivery == delivery,
            table.c.kind == kind,
            table.c.address_hash.in_(wanted[start : start + 5_000]),
        )
        known.update(tx.execute(query).scalars())
    fresh = [one for one in wanted if one not in known]
    if fresh:
        event_kind = EventKind.MESSAGE_COMPLAINED if kind == "complaint" else EventKind.MESSAGE_BOUNCED
        body: dict[str, Any] = {"kind": kind, "count": len(fresh), "addresses": digest_of(fresh)}
        known_as = providers or {}
        by_provider = Counter(known_as[one] for one in fresh if one in known_as)
        # Of a mailbox that is gone its provider is not to blame.
        if by_provider and kind in ("soft", "policy"):
            body["providers"] = dict(sorted(by_provider.items()))
        if at_once:
            body["at_once"] = True
        event = tx.append(event_kind, delivery, body, run=run)
        rows = [{"delivery": delivery, "address_hash": one, "kind": kind, "event": event.seq} for one in fresh]
        tx.execute(insert(table), rows)
    return frozenset(fresh)


def feedback_counts(tx: Reader, delivery: str) -> FeedbackCounts:
    """What the press signed, added up."""
    counts: Counter[str] = Counter()
    by_provider: Counter[str] = Counter()
    for event in tx.events(*_KINDS, subject=delivery):
        data = event.data
        counts[str(data["kind"])] += int(data["count"])
        counts["at_once"] += int(data["count"]) if data.get("at_once") else 0
        by_provider.update({str(name): int(count) for name, count in data.get("providers", {}).items()})
    return FeedbackCounts(**counts, by_provider=dict(by_provider))


def failures_of(tx: Reader, hashes: Iterable[str]) -> dict[str, dict[str, datetime]]:
    """By address, the deliveries that did not reach it for no reason of ours, and when that was recorded.

    What was before two people lifted the address's suppression, or all of a delivery, does not count any more.
    """
    wanted, rows = sorted(set(hashes)), tables.feedback
    since: dict[str, int] = {}
    for event in tx.events(EventKind.ADDRESS_LIFTED):
        since[event.subject] = event.seq
    found: dict[str, dict[str, datetime]] = {}
    for start in range(0, len(wanted), 5_000):
        query = select(rows.c.address_hash, rows.c.delivery, rows.c.event, tables.events.c.at).join(
            tables.events, tables.events.c.seq == rows.c.event
        )
        query = query.where(rows.c.kind == "soft", rows.c.address_hash.in_(wanted[start : start + 5_000]))
        for address_hash, delivery, event, at in tx.execute(query):
            if event > max(since.get(address_hash, 0), since.get(delivery, 0)):
                found.setdefault(address_hash, {})[delivery] = datetime.fromisoformat(at)
    return found


def has_complained(tx: Reader, address_hash: str) -> bool:
    """Whether somebody at this address ever called a message of ours spam."""
    rows = tables.feedback
    query = select(rows.c.event).where(rows.c.address_hash == address_hash, rows.c.kind == "complaint").limit(1)
    return tx.execute(query).first() is not None


def unsubscribed_from(tx: Reader, delivery: str, *, run: str) -> int:
    """How many asked, by a link of this delivery, never to be written to again."""
    return sum(
        int(event.data["count"])
        for event in tx.events(EventKind.ADDRESS_SUPPRESSED, run=run)
        if (event.data.get("delivery"), event.data.get("reason")) == (delivery, "unsubscribed")
    )


def feedback_fault(tx: Reader) -> str | None:
    """The first place where the rows are not what was signed: one was taken out, altered or put in."""
    table = tables.feedback
    query = select(table.c.event, table.c.address_hash, table.c.delivery, table.c.kind).order_by(
        table.c.event, table.c.address_hash
    )
    stored = {event: list(rows) for event, rows in groupby(tx.execute(query), key=itemgetter(0))}
    for signed in tx.events(*_KINDS):
        rows = stored.pop(signed.seq, [])
        same = digest_of([row.address_hash for row in rows]) == signed.data.get("addresses")
        if not same or any((row.delivery, row.kind) != _named(signed) for row in rows):
            return f"feedback of event {signed.seq}: not the messages that were recorded"
    return f"feedback of event {min(stored)}: no such event was signed" if stored else None


def _named(event: Event) -> tuple[str, object]:
    return event.subject, event.data.get("kind")

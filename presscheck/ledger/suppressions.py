"""Who must not be written to: hashes of addresses, added by any process and never taken out here."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import func, insert, select

from presscheck.digests import digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

__all__ = [
    "Suppressions",
    "suppress",
    "suppressed_among",
    "suppressed_hashes",
    "suppressions_fault",
    "suppressions_shrunk",
]


@dataclass(frozen=True)
class Suppressions:
    """What the signed events say: up to which of them was looked at, and how many addresses they add up to."""

    event: int = 0
    addresses: int = 0


def suppress(tx: Writer, hashes: Iterable[str], *, reason: str, delivery: str = "", run: str = "") -> int:
    """Add hashes (`presscheck.addresses.address_hash`); how many were new comes back.

    `delivery` and `run` say what made somebody leave, where that is known.
    """
    wanted = set(hashes)
    fresh = sorted(wanted - suppressed_among(tx, wanted))
    if not fresh:
        return 0
    # The digest of them all, so that `verify` sees if one is taken out again.
    body = {"count": len(fresh), "reason": reason, "addresses": digest_of(fresh)}
    if delivery:
        body["delivery"] = delivery
    event = tx.append(EventKind.ADDRESS_SUPPRESSED, fresh[0], body, run=run)
    rows = [{"address_hash": value, "reason": reason, "at": event.at, "event": event.seq} for value in fresh]
    tx.execute(insert(tables.suppressions), rows)
    return len(fresh)


def suppressed_hashes(tx: Reader) -> set[str]:
    """Every suppressed hash."""
    return {row.address_hash for row in tx.execute(select(tables.suppressions.c.address_hash))}


def suppressed_among(tx: Reader, hashes: Iterable[str]) -> set[str]:
    """Which of these hashes are suppressed; for a batch, where reading all of them would be slow."""
    wanted = list(hashes)
    column = tables.suppressions.c.address_hash
    found: set[str] = set()
    for start in range(0, len(wanted), 5_000):
        found.update(tx.execute(select(column).where(column.in_(wanted[start : start + 5_000]))).scalars())
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

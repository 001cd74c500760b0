"""Who must not be written to: hashes of addresses, added by any process and never taken out here."""

from collections.abc import Iterable

from sqlalchemy import insert, select

from presscheck.digests import digest_of
from presscheck.ledger import tables
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer

__all__ = ["suppress", "suppressed_among", "suppressed_hashes"]


def suppress(tx: Writer, hashes: Iterable[str], *, reason: str) -> int:
    """Add hashes (`presscheck.addresses.address_hash`); how many were new comes back."""
    known = suppressed_hashes(tx)
    fresh = sorted(set(hashes) - known)
    if not fresh:
        return 0
    # The digest of them all, so that `verify` sees if one is taken out again.
    body = {"count": len(fresh), "reason": reason, "addresses": digest_of(fresh)}
    event = tx.append(EventKind.ADDRESS_SUPPRESSED, fresh[0], body)
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

"""Whether a ledger is whole: its chain, the heads kept outside it, and content against digests.

found = verify(ledger)          # found.sound, found.fault
found = verify_view(tx, heads)  # what one block sees, committed or not
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from presscheck.errors import LedgerForged
from presscheck.ledger import tables
from presscheck.ledger.chain import ChainMark, Event, chain_fault
from presscheck.ledger.contents import first_fault
from presscheck.ledger.gaps import gap_fault, gaps_signed
from presscheck.ledger.heads import Head, read_heads
from presscheck.ledger.store import Ledger, Reader, event_of


@dataclass(frozen=True)
class Verification:
    """What `verify` found. `fault` names the first bad place; None means the ledger is sound."""

    events: int
    head: str
    fault: str | None = None
    heads: tuple[str, ...] = ()
    """The processes whose heads outside the database were compared; none: a cut tail could not be seen."""
    gaps: tuple[int, ...] = ()
    """The events by which two people signed what a copy lacks that was put back."""

    @property
    def sound(self) -> bool:
        return self.fault is None


def verify(ledger: Ledger, progress: Callable[[int], None] | None = None) -> Verification:
    """Follow the whole chain, compare the heads kept outside, and check content against digests."""
    try:
        # The heads are read before the view begins: a head never leads the database, so every event
        # that these heads have seen is in the view, however much is written while we verify.
        heads = [] if ledger.heads is None else read_heads(ledger.heads, ledger.keyring)
        with ledger.read() as tx:
            return verify_view(tx, heads, progress)
    except LedgerForged as error:
        return Verification(events=0, head=ChainMark().hash, fault=str(error))


def verify_view(
    tx: Reader, heads: Sequence[Head] | None, progress: Callable[[int], None] | None = None
) -> Verification:
    """Verify what this block sees, committed or not. LedgerForged for what cannot even be compared.

    Without `heads` (None) only what the database itself says: a copy is sound before its gap is signed.
    """
    table = tables.events
    rows = tx.execute(select(table).order_by(table.c.seq)).yield_per(1000).mappings()
    mark, fault = chain_fault(_counted(map(event_of, rows), progress), tx.ledger.keyring, ChainMark())
    if fault is None and heads is not None:
        fault = gap_fault(tx, heads)
    if fault is None:
        fault = first_fault(tx)
    compared = tuple(head.process for head in heads or ())
    gaps = tuple(event.seq for event in gaps_signed(tx))
    return Verification(events=mark.seq, head=mark.hash, fault=fault, heads=compared, gaps=gaps)


def _counted(events: Iterable[Event], progress: Callable[[int], None] | None) -> Iterator[Event]:
    for at, event in enumerate(events, start=1):
        if progress is not None and at % 1000 == 0:
            progress(at)
        yield event

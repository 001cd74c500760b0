"""Audiences that were split: which cells there are, and which of them nobody is to write to; signed by the worker.

record_split(tx, run, Split(source=digest, cells={"pilot": Cell(...), "rest": Cell(...)}, hold_out="hold-out"))
sources_of(tx, run, cell)          # the cell itself, what it was split from, and what that was split from
"""

from pydantic import Field, ValidationError

from presscheck.errors import LedgerForged
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer
from presscheck.models import Digest, Frozen, Slug

MOST_CELLS = 100
_MOST_SPLITS = 100
"""More than any campaign has. The press asks at every batch, and a worker may sign a million."""


class Cell(Frozen):
    """Some of an audience, frozen in a file of its own. Nobody may be in it: then there is no file."""

    audience: Digest | None
    rows: int = Field(ge=0)


class Split(Frozen):
    """One audience in parts; nobody is in two of them, and everybody is in one."""

    source: Digest
    cells: dict[Slug, Cell] = Field(min_length=1, max_length=MOST_CELLS)
    hold_out: Slug | None = None
    """The cell that is kept out, to compare with."""

    @property
    def kept_out(self) -> Digest | None:
        """The audience that nobody is to write to; None where there is none, or nobody is in it."""
        return None if self.hold_out is None else self.cells[self.hold_out].audience


def record_split(tx: Writer, run: str, split: Split) -> None:
    """Sign who was put into which cell, by the digests of the cells' files."""
    body = split.model_dump(mode="json", exclude={"source"})
    tx.append(EventKind.AUDIENCE_SPLIT, split.source, body, run=run)


def splits_of(tx: Reader, run: str) -> list[Split]:
    """Every split of a run, oldest first. LedgerForged for one that is signed and none: it might hide a hold-out."""
    events = tx.events(EventKind.AUDIENCE_SPLIT, run=run)
    if len(events) > _MOST_SPLITS:
        raise LedgerForged(f"run {run}: audiences were split {len(events):,} times, and {_MOST_SPLITS} is the most")
    try:
        found = [Split.model_validate({"source": event.subject, **event.data}) for event in events]
    except ValidationError as error:
        raise LedgerForged(f"run {run}: an audience was split in a way that nobody can read") from error
    if any(split.hold_out is not None and split.hold_out not in split.cells for split in found):
        raise LedgerForged(f"run {run}: an audience was split, and its hold-out is none of the cells")
    return found


def sources_of(tx: Reader, run: str, audience: Digest) -> frozenset[Digest]:
    """An audience, what it is a cell of, and what that is a cell of; a hold-out is a cell of nothing."""
    found, waiting = {audience}, [audience]
    splits = splits_of(tx, run)
    while waiting:
        part = waiting.pop()
        for split in splits:
            cells = {cell.audience for name, cell in split.cells.items() if name != split.hold_out}
            if part in cells and split.source not in found:
                found.add(split.source)
                waiting.append(split.source)
    return frozenset(found)

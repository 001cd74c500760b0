"""What a story says of an audience that was split, or is a cell of another; by what the worker signed.

splits_with(tx, digest)                     # those that it came from, and the one by which it was split
facts_of_audience(tx, digest, reviews)      # ("cell", "pilot of audience 3fa109bc77de, 2 of 22") and more
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from presscheck.documents.sentences import counted
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.splits import Split
from presscheck.models import Review


@dataclass(frozen=True)
class SplitAt:
    """A split with the event that signed it."""

    event: Event
    split: Split

    @property
    def whole(self) -> int:
        return sum(cell.rows for cell in self.split.cells.values())

    def name_of(self, audience: str) -> str:
        """The cell that is this audience; empty where none is."""
        return next((name for name, cell in self.split.cells.items() if cell.audience == audience), "")


def all_splits(tx: Reader) -> list[SplitAt]:
    """Every split that can be read; one that cannot is told in its place in the whole history."""
    return [found for event in tx.events(EventKind.AUDIENCE_SPLIT) if (found := _read(event)) is not None]


def splits_with(tx: Reader, digest: str) -> list[SplitAt]:
    """Where an audience was split, and the splits that it came from."""
    splits = all_splits(tx)
    found = {one.event.seq: one for one in splits if one.split.source == digest}
    parts = [digest]
    while parts:
        part = parts.pop()
        new = [one for one in splits if one.event.seq not in found and one.name_of(part)]
        found |= {one.event.seq: one for one in new}
        parts += [one.split.source for one in new]
    return list(found.values())


def facts_of_audience(tx: Reader, digest: str, reviews: Sequence[Review]) -> Iterable[tuple[str, str]]:
    """How many are in it, which cell of which audience it is, and into what it was split."""
    told = {"recipients": f"{reviews[0].question.audience_rows:,}"} if reviews else {}
    for one in splits_with(tx, digest):
        if name := one.name_of(digest):
            told["recipients"] = f"{one.split.cells[name].rows:,}"
            out = ", held out" if name == one.split.hold_out else ""
            told["cell"] = f"{name} of audience {one.split.source[:12]}, {told['recipients']} of {one.whole:,}{out}"
        if one.split.source == digest:
            told["recipients"] = f"{one.whole:,}"
            cells = one.split.cells.items()
            told["split into"] = ", ".join(f"{name} ({counted(cell.rows, 'recipient')})" for name, cell in cells)
    return told.items()


def _read(event: Event) -> SplitAt | None:
    try:
        return SplitAt(event, Split.model_validate({"source": event.subject, **event.data}))
    except ValidationError:
        return None

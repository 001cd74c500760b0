"""What people are told of a question beside its texts: which cell it goes to, who else gets something, on which rows it
rests.
"""

from presscheck.documents.sentences import counted, listed
from presscheck.errors import LedgerForged
from presscheck.ledger import Reader
from presscheck.ledger.splits import splits_of
from presscheck.models import Question


def told_beside(tx: Reader, question: Question) -> tuple[str, ...]:
    """A sentence each, in plain words; none for a question of one audience and no rows."""
    told: list[str] = []
    if question.audience is not None:
        told += _of_the_split(tx, question)
    if question.besides:
        gates = listed(question.besides)
        told.append(f"People who get what the gate {gates} approved in this run may get this besides.")
    if question.tables:
        named = listed([f"{one.step} ({counted(one.rows, 'row')}, {one.digest[:12]})" for one in question.tables])
        told.append(f"It rests on rows that this run made: {named}.")
    return tuple(told)


def _of_the_split(tx: Reader, question: Question) -> list[str]:
    try:
        splits = splits_of(tx, question.run)
    except LedgerForged as error:
        return [f"How its audience was split cannot be read: {error}."]
    told: list[str] = []
    for split in splits:
        name = next((name for name, cell in split.cells.items() if cell.audience == question.audience), None)
        if name is None:
            continue
        rows = sum(cell.rows for cell in split.cells.values())
        out = "" if split.hold_out is None else f"; {split.cells[split.hold_out].rows:,} are held out"
        told.append(f"It goes to the cell {name}, {question.audience_rows:,} of {counted(rows, 'recipient')}{out}.")
    return told

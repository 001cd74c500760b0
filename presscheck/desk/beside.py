"""What people are told of a question beside its texts: which cell it goes to, what the run has sent already, who else
gets something, on which rows it rests, and that its product's row was held once and let in.

    told_beside(tx, question)       # a sentence each
    cell_of(tx, question)           # "pilot, 2 of 22", to tell the questions of one run apart
"""

from collections.abc import Iterator

from presscheck.cleaning import clean_line, shorten
from presscheck.desk.situation import read_brief
from presscheck.documents.sentences import counted, listed
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.quarantine import find_quarantined
from presscheck.ledger.reviews import find_review
from presscheck.ledger.splits import Split, splits_of
from presscheck.models import Digest, Question, Refused
from presscheck.people.rights import person_name

_COUNTED = ("sent", "suppressed", "failed", "unknown")


def told_beside(tx: Reader, question: Question) -> tuple[str, ...]:
    """A sentence each, in plain words; none for a question of one audience and no rows."""
    told: list[str] = []
    if question.audience is not None:
        told += _of_the_split(tx, question)
    told += _sent_before(tx, question)
    if question.besides:
        gates = f"gate{'' if len(question.besides) == 1 else 's'} {listed(question.besides)}"
        told.append(f"People who get what was approved at the {gates} of this run may get this as well.")
    if question.tables:
        named = listed([f"{one.step} ({counted(one.rows, 'row')}, {one.digest[:12]})" for one in question.tables])
        told.append(f"It rests on rows that this run made: {named}.")
    return (*told, *_let_in(tx, question))


def cell_of(tx: Reader, question: Question) -> str:
    """The cell that a question is about, and how much of what was split it is; empty for an audience that is whole."""
    if question.audience is None:
        return ""
    try:
        found = _cell(splits_of(tx, question.run), question.audience)
    except LedgerForged:
        # The question's own page says what cannot be read.
        return ""
    return "" if found is None else f"{found[1]}, {question.audience_rows:,} of {_whole(found[0]):,}"


def _let_in(tx: Reader, question: Question) -> Iterator[str]:
    """That the product's row read like an order to a machine, and who let it in: by its words, as they are told."""
    read = read_brief(tx, question)
    product = None if isinstance(read, Refused) else read[1]
    if product is None:
        return
    for event in tx.events(EventKind.ROW_RELEASED):
        row = find_quarantined(tx, event.subject)
        if row is None or row.released is None or row.cells is None:
            continue
        if [clean_line(row.cells.get(name, "")) for name in ("id", "name")] == [product.id, product.name]:
            by, role = person_name(tx, row.released.person), row.released.role.replace("_", " ")
            why = f": “{shorten(row.released.note, 200)}”" if row.released.note else ""
            rules = listed(row.row.rules)
            yield f"The product's row reads like an order to a machine ({rules}), and {by} ({role}) let it in{why}."
            return


def _of_the_split(tx: Reader, question: Question) -> list[str]:
    try:
        splits = splits_of(tx, question.run)
    except LedgerForged as error:
        return [f"How its audience was split cannot be read: {error}."]
    told: list[str] = []
    part, rows = question.audience, question.audience_rows
    # A cell may be split again. Each split is told once, whatever goes round in a circle.
    while part is not None and (found := _cell(splits, part)) is not None:
        split, name = found
        splits.remove(split)
        what = "It goes to the cell" if not told else "These are of the cell"
        told.append(f"{what} {name}: {rows:,} of {counted(_whole(split), 'recipient')}.{_kept_out(split)}")
        part, rows = split.source, _whole(split)
    return told


def _sent_before(tx: Reader, question: Question) -> list[str]:
    """What became of the run's deliveries so far: a rollout is answered by who knows how its pilot went."""
    requests = {event.subject: event for event in tx.events(EventKind.DELIVERY_REQUESTED, run=question.run)}
    told: list[str] = []
    for event in tx.events(EventKind.DELIVERY_COMPLETED, run=question.run):
        request = requests.get(event.subject)
        review = None if request is None else find_review(tx, str(request.data.get("review")))
        if review is None or review.question.gate == question.gate:
            continue
        counts = [
            f"{event.data[name]:,} {name}"
            for name in _COUNTED
            if isinstance(event.data.get(name), int) and event.data[name]
        ]
        told.append(f"What the gate {review.question.gate} approved is out: {listed(counts) or 'nothing was sent'}.")
    return told


def _cell(splits: list[Split], audience: Digest) -> tuple[Split, str] | None:
    cells = ((split, name) for split in splits for name, cell in split.cells.items() if cell.audience == audience)
    return next(cells, None)


def _whole(split: Split) -> int:
    return sum(cell.rows for cell in split.cells.values())


def _kept_out(split: Split) -> str:
    many = 0 if split.hold_out is None else split.cells[split.hold_out].rows
    if not many:
        return ""
    are, them = ("is", "that one") if many == 1 else ("are", "them")
    return f" {counted(many, 'recipient')} {are} held out to compare with, and nobody writes to {them} in this run."

"""A stop list is read whole, every address in its one form, or each line that is none is told.

`data/suppressed.csv` and `presscheck suppress FILE` come through here: whoever stands on a list that was read only in
part is written to.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from presscheck.addresses import read_address
from presscheck.documents.rows import CsvFile
from presscheck.documents.text_files import lines_of
from presscheck.errors import Fault, InputError

# What exports call the column, without its signs and spaces; of several the first. In one that also has `email`,
# `address` is where people live.
_CALLED = ("email", "emailaddress", "emailadresse", "mail", "mailaddress", "mailadresse", "address")
_SIGNS = re.compile(r"[\W_]+")
_MOST_FAULTS = 50


def read_stop_list(path: Path, error: type[InputError] = InputError) -> list[str]:
    """The normalised addresses of a .csv or .tsv with a column `email` or `address`, or of another text, one a line.

    Raises `error` with every fault: a cell or a line that is not one address and nothing else, another address
    beside it in the row, whatever `CsvFile` refuses. A file with headings and no rows is an empty list.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv")):
        return _of_csv(CsvFile(path, delimiter="\t" if name.endswith(".tsv") else None), error)
    found: list[str] = []
    faults: list[Fault] = []
    for line, text in enumerate(lines_of(path, error), 1):
        if text.strip():
            try:
                found.append(_listed(text))
            except ValueError as wrong:
                faults.append(Fault(str(path), line, "", str(wrong)))
    if len(faults) > _MOST_FAULTS:
        more = f"{len(faults) - _MOST_FAULTS} more lines like these"
        faults[_MOST_FAULTS:] = [Fault(str(path), None, "", more)]
    if faults:
        raise error(faults)
    return found


def _of_csv(table: CsvFile, error: type[InputError]) -> list[str]:
    alike = [_SIGNS.sub("", name.casefold()) for name in table.names]
    column = next((alike.index(name) for name in _CALLED if alike.count(name) == 1), None)
    if column is None:
        column = table.column("address", "email")
    found: list[str] = []
    if column is None:
        raise error(table.faults)
    for line, cells in table:
        try:
            found.append(_listed(cells[column]))
        except ValueError as wrong:
            table.fault(line, str(wrong), table.names[column])
            continue
        for at in _beside(cells, column, alike, found[-1]):
            name = table.names[at] or f"column {at + 1}"
            table.fault(line, "holds another address; put each in a row of its own, or take the column out", name)
    table.raise_faults(error)
    return found


def _listed(text: str) -> str:
    form = read_address(text)
    # Marks of lists and comments (`-`, `*`, `#`) may begin an address (RFC 5322) and hardly ever do.
    if not (form[0].isalnum() or form[0] == "_"):
        raise ValueError(f"begins with {form[0]}; take it away, or give the address alone: presscheck suppress ADDRESS")
    return form


def _beside(cells: list[str], column: int, alike: list[str], form: str) -> Iterator[int]:
    """Where else an address of somebody stands who would not be on the list, or what may be one by its column."""
    for at, cell in enumerate(cells):
        if at != column and "@" in cell:
            try:
                other = read_address(cell)
            except ValueError:
                other = form if alike[at] not in _CALLED else ""
            if other != form:
                yield at

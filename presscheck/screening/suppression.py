"""Whoever is on the suppression list is known by a hash from the moment the list is read."""

import csv
import io
from pathlib import Path

from presscheck.addresses import address_hash, normalise_address
from presscheck.errors import Fault, SegmentError
from presscheck.screening.text_files import read_utf8

__all__ = ["load_suppressions"]


def load_suppressions(path: Path) -> frozenset[str]:
    """The address hashes of a CSV file with a column `address`; other columns are not read.

    Raises SegmentError with every fault: a list that can be read only in part would let
    people through who said stop. A file with a header and no rows is an empty list.
    """
    text = read_utf8(path, SegmentError)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    hashes: set[str] = set()
    faults: list[Fault] = []
    column: int | None = None
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if column is None:
                names = [name.strip().lower() for name in row]
                if names.count("address") != 1:
                    header = "there must be one column named address in the first line"
                    raise SegmentError([Fault(str(path), reader.line_num, "", header)])
                column = names.index("address")
            elif column >= len(row) or not normalise_address(row[column]):
                gone = "there is no address; add it or remove the line"
                faults.append(Fault(str(path), reader.line_num, "address", gone))
            else:
                hashes.add(address_hash(row[column]))
    except csv.Error as broken:
        faults.append(Fault(str(path), reader.line_num, "", f"the CSV cannot be read ({broken}); mend this line"))
    if column is None:
        faults.append(Fault(str(path), None, "", "the file is empty; its first line must name the column address"))
    if faults:
        raise SegmentError(faults)
    return frozenset(hashes)

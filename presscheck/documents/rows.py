"""A CSV file is read whole, each row with its line, or its faults are told: nothing is guessed and nothing left out.

    table = CsvFile(path)               the headings are read and looked at
    for line, cells in table: ...       the rows; as many cells each as there are headings
    table.raise_faults(InputError)      everything that was wrong, before anything read is used

Every CSV that Presscheck reads goes through here, segments' too. Readers that guess a dialect drop rows without a
word: one unquoted comma in the last line of a stop list once lost every address in it (duckdb/duckdb#25827). The
form is RFC 4180's (2005, section 2), with any line end of LF or CRLF, and one of , ; | or a tab between the cells,
as the first line has it. What is refused: rows of another width, quotes that open or close elsewhere than at a
cell's ends, a quoted cell that swallows rows, headings that come twice, stand again further down, or are data.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, tee
from pathlib import Path

from presscheck.documents.text_files import lines_of
from presscheck.errors import Fault, InputError

DELIMITERS = ",;|\t"
_MOST_FAULTS = 50
_MARK = "\ufeff"
_ADDRESSES = frozenset({"address", "email", "e-mail", "mail"})
_MOST_BLANK = 1_000_000
_QUOTED = re.compile(r'"[^"]*"')
# What some programs write for Excel above the headings.
_FOR_EXCEL = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_LONGEST_HEADINGS = 50
_ADDRESS = re.compile(r'[" ]*[^\s"@]+@[^\s"@]+\.[^\s"@]+[" ]*')


class CsvFile:
    """The rows of one file, once.

    `names` are the headings as they are written, trimmed; `broke_off` says that nothing is known of the file's rest.
    """

    def __init__(
        self,
        path: Path,
        *,
        delimiter: str | None = None,
        quoted: bool = True,
        names: Sequence[str] | None = None,
        optional: int = 0,
    ) -> None:
        """Read the headings, or take `names` where the file has none.

        `delimiter` None: what the first line has between its cells. `quoted` False: a double quote is a character
        like any other. `optional` is how many cells a row may leave out at its end; they are empty then.
        """
        self.faults: list[Fault] = []
        self.names: tuple[str, ...] = tuple(names or ())
        self._path = path
        self._quoted = quoted
        self._optional = optional
        self.broke_off = False
        self._named = 1
        lines, first = self._first_line()
        self.delimiter = delimiter or self._delimiter_of(first)
        cell = rf'(?:"[^"]*(?:""[^"]*)*"|[^"{re.escape(self.delimiter)}\r\n]*)'
        self._record = re.compile(rf"{cell}(?:{re.escape(self.delimiter)}{cell})*\r*\n?")
        # Each record is also seen as it stands in the file: the csv module takes quotes that it should not.
        parsed, self._raw = tee(lines)
        self._records = self._read(parsed)
        if names is None:
            self._read_names()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is as it should be, with the line on which it begins; rows without any content are none."""
        width, record, quoted = len(self.names), self._record, self._quoted
        known = {name.casefold() for name in self.names if name}
        if self.broke_off:
            return
        for line, cells, text in self._records:
            if (
                len(cells) == width
                # Only where a cell holds a quote can one stand where it should not.
                and ('"' not in text or (quoted and ('"' not in "".join(cells) or record.fullmatch(text))))
                and cells[0].strip().casefold() not in known
                and cells[-1].strip().casefold() not in known
                and not text.startswith(_MARK)
                and text.find("\n", 0, -1) < 0
            ):
                yield line, cells
            elif wrong := self._wrong(line, cells, text, known):
                self.fault(line, wrong)
                if len(self.faults) > _MOST_FAULTS:
                    return
            else:
                yield line, cells + [""] * (width - len(cells))

    def fault(self, line: int | None, message: str, where: str = "") -> None:
        """Add a fault of this file; the fifty-first ends the reading."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(str(self._path), line, where, message))
        elif len(self.faults) == _MOST_FAULTS:
            more = "there are more faults like these, and the file was read no further"
            self.faults.append(Fault(str(self._path), None, "", more))

    def raise_faults(self, error: type[InputError]) -> None:
        """Raise `error` with all faults, if there are any."""
        if self.faults:
            raise error(self.faults)

    def column(self, *names: str) -> int | None:
        """Where the one column of these names is; a fault, and None, where there is none or more than one."""
        found = [at for at, name in enumerate(self.names) if name.casefold() in names]
        if len(found) == 1:
            return found[0]
        if not self.faults:
            there = ", ".join(name for name in self.names if name) or "none"
            called = " or ".join(names)
            self.fault(
                self._named, f"there must be one column named {called} in the first line; the columns are {there}"
            )
        return None

    def _first_line(self) -> tuple[Iterator[str], str]:
        lines = self._without_faults(lines_of(self._path))
        blank: list[str] = []
        for line in lines:
            blank.append(line)
            if line.strip() or len(blank) > _MOST_BLANK:
                self._named = len(blank)
                # A heading of several lines, as spreadsheets have them, is one cell: nothing in it ends one.
                named = [line, *self._rest_of_headings(line, lines)]
                return chain(blank, named[1:], lines), "".join(named)
        return iter(()), ""

    def _rest_of_headings(self, line: str, lines: Iterator[str]) -> Iterator[str]:
        quotes = line.count('"')
        for more in islice(lines, _LONGEST_HEADINGS if self._quoted and quotes % 2 else 0):
            yield more
            quotes += more.count('"')
            if quotes % 2 == 0:
                return

    def _without_faults(self, lines: Iterable[str]) -> Iterator[str]:
        try:
            yield from lines
        except InputError as broken:
            self.faults += broken.faults
            self.broke_off = True

    def _delimiter_of(self, first: str) -> str:
        bare = _QUOTED.sub("", first)
        found = [one for one in DELIMITERS if one in bare]
        if len(found) > 1:
            shown = " and ".join(map(_shown, found))
            self.broke_off = True
            said = f"the first line holds {shown}, and which of them ends a cell is not clear"
            self.fault(self._named, f"{said}; put what belongs to a cell in double quotes")
        return found[0] if found else ","

    def _read_names(self) -> None:
        for line, cells, text in self._records:
            self.names = tuple(cell.strip() for cell in cells)
            if _FOR_EXCEL.fullmatch(text.strip()):
                self.fault(line, "a note for Excel stands where the columns are named; remove this line")
                return
            folded = [name.casefold() for name in self.names]
            for name in dict.fromkeys(name for name in folded if name and folded.count(name) > 1):
                self.fault(line, f"the column {name} comes twice; keep one, or give each a name of its own")
            if self._quoted and '"' in text and not self._record.fullmatch(text):
                self.fault(line, "a double quote stands inside a heading; write the headings without quotes")
            if len(self.names) == 1 and (other := next((one for one in DELIMITERS if one in self.names[0]), None)):
                said = f"the first line holds {_shown(other)} and not {_shown(self.delimiter)}"
                if other == self.delimiter:
                    said = f"double quotes stand around the whole first line, which holds {_shown(other)}"
                self.fault(line, f"{said}, so a line would be one cell; say which ends a cell, or rename the column")
            if "\n" in text[:-1] and (len(self.names) == 1 or self._swallowed(text.removesuffix("\n").split("\n"))):
                said = "a double quote that opens in the headings closes below them"
                self.fault(line, f"{said}; close it at its cell's end")
            if any("@" in name for name in self.names):
                self.fault(line, "an address stands where the columns are named; put a line with names before it")
            return
        if not self.faults:
            self.fault(None, "the file is empty; its first line names the columns")

    def _read(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
        """The records that have content: the line on which each begins, its cells, its text in the file."""
        quoting = csv.QUOTE_MINIMAL if self._quoted else csv.QUOTE_NONE
        reader = csv.reader(lines, delimiter=self.delimiter, quoting=quoting, strict=True)
        done = blank = 0
        try:
            for cells in reader:
                line, text = done + 1, next(self._raw)
                if reader.line_num - done > 1:
                    text += "".join(islice(self._raw, reader.line_num - done - 1))
                done = reader.line_num
                if cells and (cells[0].strip() or "".join(cells).strip()):
                    yield line, cells, text
                elif (blank := blank + 1) > _MOST_BLANK:
                    self.fault(line, "more than a million lines hold nothing; look whether it is the right file")
                    self.broke_off = True
                    return
        except csv.Error as broken:
            # Where the text itself broke off, a quote that is open there says nothing new.
            if not self.broke_off:
                self.fault(done + 1, _in_words(str(broken)))
            self.broke_off = True

    def _wrong(self, line: int, cells: list[str], text: str, known: set[str]) -> str:
        """What is wrong with a row that does not look as most do, or nothing."""
        width = len(self.names)
        if text.startswith(_MARK):
            return "a byte-order mark begins this line: two files stand one after the other; keep each in its own"
        again = [name for cell in cells if (name := cell.strip().casefold()) in known]
        # Half of them will do where addresses are called so and there is none: an export whose columns were renamed.
        renamed = 2 * len(again) == len(cells) and "@" not in text and not _ADDRESSES.isdisjoint(again)
        if 2 * len(again) > len(cells) or renamed:
            return "the headings stand here again: two exports, one after the other; keep each in a file of its own"
        if not width - self._optional <= len(cells) <= width:
            there = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} where the first line has {width}"
            if len(cells) < width:
                return f"{there}; add what is missing, and remove lines that are no rows, as below a report"
            return (
                f"{there}; put double quotes around cells that hold {_shown(self.delimiter)}, "
                "and remove lines above the headings"
            )
        if not self._quoted and any(cell.lstrip().startswith('"') for cell in cells):
            return "a cell begins with a double quote, and quotes were said to mean nothing here; leave out quote = ''"
        if self._quoted and not self._record.fullmatch(text):
            return (
                "a double quote stands inside a cell that does not begin with one; put the whole cell in double "
                "quotes, and write each quote in it twice"
            )
        if width > 1 and self._swallowed(rows := text.removesuffix("\n").split("\n")):
            end = line + len(rows) - 1
            swallowed = f"the double quote that opens here closes in line {end}, over what looks like rows"
            return f"{swallowed}; close it at its cell's end, or write the cell in one line"
        return ""

    def _swallowed(self, lines: list[str]) -> bool:
        """Whether lines of a record are rows by themselves: a quote was opened in one row and closed in another.

        All of them are, or one that holds an address. People write a blank after a comma, and exports do not, so
        lines of prose are not taken for rows.
        """
        first, *rest = (line.rstrip("\r").split(self.delimiter) for line in lines if line.strip())
        alike = [row for row in rest if len(row) == len(self.names)]
        whole = len(first) == len(self.names) and len(alike) == len(rest)
        return (whole and any(not any(cell.startswith(" ") for cell in row) for row in alike)) or any(
            _ADDRESS.fullmatch(cell) for row in alike for cell in row
        )


def _shown(delimiter: str) -> str:
    return {",": "a comma", ";": "a semicolon", "|": "a bar", "\t": "a tab"}[delimiter]


def _in_words(broken: str) -> str:
    """What the csv module's complaint means for whoever has to mend the line."""
    if "unexpected end" in broken:
        return "a double quote opens here and is never closed; close it at its cell's end"
    if "expected after" in broken:
        return "a double quote closes before its cell ends; write each quote inside a quoted cell twice"
    if "field larger" in broken:
        return "a cell is longer than 131,072 characters; perhaps a double quote is never closed"
    if "new-line character" in broken:
        return "a line ends with CR alone; end each line with LF or CRLF"
    return f"the CSV cannot be read ({broken}); mend this line"

"""The file that a database's rows land in, and what a segment is told that is at fault."""

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

_EVERY = 100_000
LONGEST = 20_000
"""Longer texts are cut one character above this; every check sends them to a person."""


class Wrong(Exception):
    """The segment is at fault: `faults` are pairs of a line, or None, and what to say."""

    def __init__(self, *faults: tuple[int | None, str]) -> None:
        self.faults = faults
        super().__init__()


class Down(Exception):
    """The database does not answer, or may not be used; `str()` goes on from its name."""


class Landing:
    """The Parquet file that rows land in, with bounds on what may land."""

    def __init__(self, order: dict[str, Any], columns: tuple[str, ...]) -> None:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        self.columns = columns
        self.rows = 0
        self._bytes = 0
        self._max_rows, self._max_bytes = int(order["max_rows"]), int(order["max_bytes"])
        self._told = 0
        self._schema = arrow.schema([(name, arrow.string()) for name in columns])
        self._invalid: Any = arrow.ArrowInvalid
        self._file: Any = parquet.ParquetWriter(order["out"], self._schema, compression="snappy")

    def take(self, batch: Any) -> None:
        """Write one batch. Wrong where it is too much, or no text."""
        part = batch.select(self.columns).cast(self._schema)
        try:
            # Databases of other encodings, and SQLite, can hand over texts that are none.
            part.validate(full=True)
        except self._invalid:
            raise Wrong((None, "a column holds text that is not UTF-8; correct it in the database")) from None
        self.rows += part.num_rows
        self._bytes += part.nbytes
        if self.rows > self._max_rows:
            raise Wrong((None, f"it selects more than {self._max_rows:,} rows; narrow it, or raise max_rows"))
        if self._bytes > self._max_bytes:
            raise Wrong(
                (None, f"it selects more than {self._max_bytes >> 20:,} MiB; narrow it, or raise max_megabytes")
            )
        self._file.write_batch(part)
        if self.rows - self._told >= _EVERY:
            self._told = self.rows
            say(progress=self.rows)

    def close(self) -> None:
        self._file.close()


def chosen(order: dict[str, Any], found: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Our column's name to the segment's spelling; `found` are name, kind of type, and the type as it is called.

    Wrong with every column that is missing, not ours, there twice or of a wrong type.
    """
    allowed: dict[str, list[str]] = order["columns"]
    spelt: dict[str, str] = {}
    faults: list[tuple[int | None, str]] = []
    for name, kind, called in found:
        ours = name.lower()
        if ours not in allowed:
            faults.append(
                (None, f"the column {name} is not part of an audience; leave it out or put it into attributes")
            )
        elif ours in spelt:
            faults.append((None, f"the column {name} is selected twice; select it once"))
        elif kind not in ("any", *allowed[ours][:-1]):
            faults.append((None, f"the column {name} is {called} and must be {allowed[ours][-1]}; cast it"))
        spelt.setdefault(ours, name)
    missing = [name for name in order["required"] if name not in spelt]
    faults += [
        (None, f"there is no column {name}; select it, under this name, in the outermost SELECT") for name in missing
    ]
    if faults:
        raise Wrong(*faults)
    return {name: spelt[name] for name in allowed if name in spelt}


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def say(**words: Any) -> None:
    """Tell whoever started this process, in a line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()

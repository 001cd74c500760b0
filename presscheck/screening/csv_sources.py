"""The CSV files that a SELECT names are read strictly and laid beside it as views, before it runs.

    wanted = CsvSource.of("read_csv", [path], options)      or CsvRefused: what an option would hide
    views = lay_out({"csv_0": wanted}, folder, SegmentError)    statements that make the views, for the jail

DuckDB never reads a CSV itself: its reader guesses how a file is meant, and drops what does not fit the guess
(`presscheck.documents.rows`). Here each file lands in Parquet under `folder` as it stands, cell by cell, and the
views have as many rows as were read. An empty cell is NULL. Columns are text with `all_varchar = true`; without it a
column is a number, a date, a timestamp or a truth value where every one of its cells is written as one.
"""

import gc
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from presscheck.addresses import read_address, sendable_address
from presscheck.cleaning import clean_line
from presscheck.documents.rows import DELIMITERS, CsvFile
from presscheck.errors import CatalogueError, CheckBroke, Fault, SegmentError
from presscheck.screening.jail import CLOSED
from presscheck.screening.literals import name_literal, path_literal, text_literal

_AT_ONCE = 20_000

# What a reader guesses or how it goes about it; every file is read for what it is, so these say nothing here.
_FREE = {
    *("auto_detect", "buffer_size", "compression", "files_to_sniff", "max_line_size", "maximum_line_size"),
    *("new_line", "parallel", "sample_size", "union_by_name"),
}
_VANISH = (
    "lets rows vanish; read as text (all_varchar = true) and cast with TRY_CAST, so that a bad value becomes an "
    "exception that somebody sees"
)
_NOT_WHOLE = "takes rows that are not whole; mend them in the file"
_HIDES = "hides lines of the file; remove them there"
_CAST = "is not taken; read as text (all_varchar = true) and cast in the SELECT, with TRY_CAST or strptime"
_NULLS = "is not taken: an empty cell is NULL; write nullif(column, '-') or coalesce(column, '') in the SELECT"
_PATHS = "is not taken; read each file in a SELECT of its own that says which it is, and join them with UNION ALL"
_SAY = {
    _VANISH: ("ignore_errors", "store_rejects", "rejects_table", "rejects_scan", "rejects_limit"),
    _NOT_WHOLE: ("null_padding", "strict_mode"),
    _HIDES: ("skip", "comment"),
    _CAST: (
        *("types", "dtypes", "column_types", "columns", "auto_type_candidates", "dateformat", "date_format"),
        *("timestampformat", "timestamp_format", "decimal_separator", "thousands", "normalize_names"),
    ),
    _NULLS: ("nullstr", "null", "allow_quoted_nulls", "force_not_null"),
    _PATHS: ("filename", "hive_partitioning", "hive_types", "hive_types_autocast"),
    "is not taken: files are UTF-8; convert it with iconv": ("encoding",),
}
_REFUSED = {name: say for say, names in _SAY.items() for name in names}
# The values with which an option hides nothing.
_HARMLESS = {
    "strict_mode": "true",
    "skip": "0",
    "encoding": "utf-8",
    "comment": "",
    "nullstr": "",
    "null": "",
    "allow_quoted_nulls": "true",
}

# A type, how all of a column's cells are written for it, and whether the calendar has to be asked as well.
_TYPES = (
    ("BIGINT", r"-?(0|[1-9][0-9]{0,17})", False),
    ("DOUBLE", r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", False),
    ("BOOLEAN", r"(?i)true|false", False),
    ("DATE", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", True),
    ("TIMESTAMP", r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?", True),
)


class CsvRefused(Exception):
    """A call of read_csv that could hide rows; `str()` is the message."""


@dataclass(frozen=True)
class CsvSource:
    """One call of read_csv, or one bare file name: which files, and how they are written."""

    files: tuple[Path, ...]
    as_text: bool = False
    by_name: bool = False
    delimiter: str | None = None
    quoted: bool = True
    names: tuple[str, ...] | None = None

    @classmethod
    def of(cls, files: Sequence[Path], options: Mapping[str, object]) -> "CsvSource":
        """The source for the options of a call, each a text or a list of texts (None: no plain value).

        Raises CsvRefused for the first that could hide rows, or is not known.
        """
        given = dict(options)
        header = _truth("header", given.pop("header", "true"))
        names = given.pop("names", given.pop("column_names", None))
        if header and names is not None:
            raise CsvRefused("names would replace the first line of the file; rename in the SELECT, or header = false")
        if not header and not isinstance(names, list):
            raise CsvRefused("header = false needs the names of the columns: names = ['email', 'reason']")
        delimiter = next((given.pop(name) for name in ("delim", "sep", "delimiter") if name in given), None)
        if delimiter in ("\\t", "\t"):
            delimiter = "\t"
        elif delimiter is not None and delimiter not in tuple(DELIMITERS):
            raise CsvRefused("delim is one of , ; | and tab ('\\t')")
        quote = given.pop("quote", '"')
        if quote not in ('"', "") or given.pop("escape", '"') not in ('"', ""):
            raise CsvRefused("quotes are double quotes, written twice inside a cell (quote = '' for a file without)")
        by_name = _truth("union_by_name", given.get("union_by_name", "false"))
        as_text = _truth("all_varchar", given.pop("all_varchar", "false"))
        for name, value in given.items():
            if name in _REFUSED and str(value).lower() != _HARMLESS.get(name, "false"):
                raise CsvRefused(f"{name} {_REFUSED[name]}")
            if name not in _REFUSED and name not in _FREE:
                raise CsvRefused(f"the option {name or '(without a name)'} is not known here; leave it out")
        return cls(
            tuple(files),
            as_text=as_text,
            by_name=by_name,
            delimiter=cast("str | None", delimiter),
            quoted=quote == '"',
            names=tuple(cast("list[str]", names)) if names is not None else None,
        )


def _truth(name: str, value: object) -> bool:
    said = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if said is None:
        raise CsvRefused(f"write {name} = true or {name} = false")
    return said


def lay_out(
    sources: Mapping[str, CsvSource],
    folder: Path,
    error: type[SegmentError] | type[CatalogueError],
    *,
    time_limit_s: float = 300,
) -> list[str]:
    """Land each source's files under `folder`; the statements that make a view of each, under its key.

    Raises `error` with the faults of all files, and CheckBroke where a file that was written has not the rows that
    were read.
    """
    ends = time.monotonic() + time_limit_s
    faults: list[Fault] = []
    landed: dict[CsvSource, list[tuple[Path, tuple[str, ...]]]] = {}
    for source in dict.fromkeys(sources.values()):
        room = folder / f"csv-{len(landed)}"
        room.mkdir(parents=True)
        landed[source] = []
        for number, path in enumerate(source.files):
            try:
                target = room / f"{number:06}.parquet"
                landed[source].append((target, _land(path, source, target, error, ends)))
            except (SegmentError, CatalogueError) as broken:
                faults += broken.faults
        faults += _differing(source, landed[source])
    if faults:
        raise error(list(dict.fromkeys(faults)))
    return [_view(name, source, landed[source]) for name, source in sources.items()]


def _land(
    path: Path, source: CsvSource, target: Path, error: type[SegmentError] | type[CatalogueError], ends: float
) -> tuple[str, ...]:
    """Write one file's rows as text to Parquet; the names of its columns."""
    import pyarrow as arrow_untyped  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.parquet as parquet_untyped  # pyright: ignore[reportMissingTypeStubs]

    arrow, parquet = cast(Any, arrow_untyped), cast(Any, parquet_untyped)
    delimiter = source.delimiter or ("\t" if path.name.lower().endswith((".tsv", ".tsv.gz")) else None)
    table = CsvFile(path, delimiter=delimiter, quoted=source.quoted, names=source.names)
    table.raise_faults(error)
    names = tuple(name or f"column{at}" for at, name in enumerate(table.names))
    schema = arrow.schema([(name, arrow.string()) for name in names])
    rows = 0
    with parquet.ParquetWriter(target, schema, compression="snappy") as file, _without_collecting():
        for batch in _batches(_plain(table)):
            columns = [arrow.array(column, arrow.string()) for column in zip(*batch, strict=True)]
            file.write_batch(arrow.record_batch(columns, schema=schema))
            rows += len(batch)
            if time.monotonic() > ends:
                table.fault(None, "reading it took too long; read less, or convert it to Parquet once")
                break
    table.raise_faults(error)
    if parquet.read_metadata(target).num_rows != rows:
        raise CheckBroke(f"{path}: {rows:,} rows were read and other rows written, so nobody passed")
    return names


@contextmanager
def _without_collecting() -> Generator[None]:
    """A million rows are a million lists, none in a circle: looking for circles in them costs more than half again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _plain(table: CsvFile) -> Iterator[list[str]]:
    """The rows; a file of one column is a list, and what stands in its lines beside the one thing is a fault.

    SQL compares such lists with others, and two people in a line, or one in angle brackets, equal nobody.
    """
    alone = len(table.names) == 1
    for line, cells in table:
        # splitlines knows every mark that ends a line somewhere.
        if alone and (any(one in cells[0] for one in DELIMITERS) or len(cells[0].splitlines()) > 1):
            table.fault(line, "a file of one column holds two things here; write each in a line of its own")
        elif alone and "@" in cells[0] and not _is_one_address(cells[0]):
            table.fault(line, "is not one plain address and nothing else, so in SQL it equals nobody; correct it")
        else:
            yield cells


def _is_one_address(cell: str) -> bool:
    """Whether a cell is an address as it is written, without anything around it or unseen in it."""
    if sendable_address(cell):
        return True
    try:
        read_address(cell)
    except ValueError:
        return False
    return clean_line(cell) == cell


def _batches(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch


def _differing(source: CsvSource, landed: list[tuple[Path, tuple[str, ...]]]) -> Iterator[Fault]:
    """Files that are read as one and have not the same columns, unless somebody said that this is meant."""
    if source.by_name or len(landed) != len(source.files):
        return
    first = sorted(name.casefold() for name in landed[0][1])
    for path, (_, names) in zip(source.files, landed, strict=True):
        if sorted(name.casefold() for name in names) != first:
            other = f"has other columns than {source.files[0].name}, with which it is read; write union_by_name = true"
            yield Fault(str(path), 1, "", f"{other} if that is meant")


def _view(name: str, source: CsvSource, landed: list[tuple[Path, tuple[str, ...]]]) -> str:
    files = ", ".join(path_literal(target) for target, _ in landed)
    rows = f"read_parquet([{files}], union_by_name = true)"
    # As DuckDB unites them: a column is the same in any case of its letters.
    spelt: dict[str, str] = {}
    for _, names in landed:
        for column in names:
            spelt.setdefault(column.casefold(), column)
    columns = list(spelt.values())
    types = {} if source.as_text else _types(rows, columns)
    chosen = ", ".join(
        f"CAST(nullif({name_literal(column)}, '') AS {types.get(column, 'VARCHAR')}) AS {name_literal(column)}"
        for column in columns
    )
    return f"CREATE VIEW {name} AS SELECT {chosen} FROM {rows}"  # noqa: S608


def _types(rows: str, columns: list[str]) -> dict[str, str]:
    """The type of each column whose cells are all written as one, over all rows and not over a sample."""
    import duckdb

    tests = [
        f"coalesce(bool_and(regexp_full_match(c, {text_literal(written)}) "
        f"{f'AND TRY_CAST(c AS {kind}) IS NOT NULL' if asked else ''}), false)"
        for kind, written, asked in _TYPES
    ]
    found: dict[str, str] = {}
    with duckdb.connect(config={**CLOSED, "threads": 2}) as connection:
        for column in columns:
            query = f"SELECT {', '.join(tests)} FROM (SELECT nullif({name_literal(column)}, '') AS c FROM {rows})"  # noqa: S608
            answers = connection.execute(query).fetchone() or ()
            kind = next((kind for (kind, _, _), yes in zip(_TYPES, answers, strict=True) if yes), None)
            if kind is not None:
                found[column] = kind
    return found

"""Rows to be screened land in one Parquet file: of a CSV or Parquet file, or of a SELECT over the data folder.

    rows = land_rows(Path("segments/recommended.sql"), room, data=settings.data, as_of=now)

A CSV file is read as strictly as where a segment names it (`csv_sources`), and a SELECT is held to the same list of
what is allowed and runs in the same jail as a segment; but its columns are the suite's business alone.
"""

import shutil
from datetime import datetime
from pathlib import Path

from presscheck.errors import Fault, SegmentError
from presscheck.screening.csv_sources import CsvSource, lay_out
from presscheck.screening.database_sql import database_of
from presscheck.screening.jail import jail
from presscheck.screening.literals import path_literal
from presscheck.screening.sources import check_folder
from presscheck.screening.statement import fault_of, read_statement, text_of

_CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_SQL = "SELECT * FROM wanted"


def land_rows(path: Path, room: Path, *, data: Path, as_of: datetime, time_limit_s: float = 300) -> Path:
    """The file `room/rows.parquet`. SegmentError for a file of another kind, and for every fault of one of these."""
    target = room / "rows.parquet"
    name = path.name.lower()
    if not path.is_file():
        raise SegmentError([Fault(str(path), None, "", "there is no such file")])
    if name.endswith(".parquet"):
        shutil.copyfile(path, target)
        return target
    if name.endswith(_CSV):
        views = lay_out({"wanted": CsvSource((path.resolve(),))}, room / "csv", SegmentError, time_limit_s=time_limit_s)
        return _copied(path, _SQL, views, target, room, data=room, as_of=as_of, time_limit_s=time_limit_s)
    if not name.endswith(".sql"):
        raise SegmentError([Fault(str(path), None, "", "is no .sql, .csv, .tsv or .parquet file")])
    if (database := database_of(text_of(path), path)) is not None:
        message = f"reads the database {database}; rows are screened from files, so export them"
        raise SegmentError([Fault(str(path), None, "", message)])
    folder = check_folder(data)
    statement = read_statement(path, folder)
    views = lay_out(statement.sources, room / "csv", statement.error, time_limit_s=time_limit_s)
    return _copied(
        path, f"{statement.text}\n", views, target, room, data=folder, as_of=as_of, time_limit_s=time_limit_s
    )


def _copied(
    path: Path,
    select: str,
    views: list[str],
    target: Path,
    room: Path,
    *,
    data: Path,
    as_of: datetime,
    time_limit_s: float,
) -> Path:
    import duckdb

    spill = room / "spill"
    spill.mkdir(exist_ok=True)
    with jail(data, room / "csv", writes=target, as_of=as_of, time_limit_s=time_limit_s, spill=spill) as shut:
        try:
            for view in views:
                shut.execute(view)
            # The wrapping stands on the first line, so DuckDB's line numbers are the file's.
            shut.execute(f"COPY ({select}) TO {path_literal(target)} (FORMAT parquet)")
        except duckdb.Error as broken:
            target.unlink(missing_ok=True)
            raise SegmentError([fault_of(broken, path, data=data)]) from broken
    return target

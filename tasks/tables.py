"""Rows that a step makes: kept as Parquet under the digest of their bytes, and read only if they still are that.

    @step(effect="makes")
    def pick_products(campaign: Campaign) -> pl.DataFrame: ...

    products = pick_products(campaign)          # a Table: its digest, rows and columns
    products.polars()                           # in a later step: the rows

Anything that speaks Arrow's stream (the PyCapsule interface of 2024) will do: Arrow, Polars, pandas, a DuckDB relation.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from presscheck.digests import file_digest
from presscheck.ledger import Reader
from presscheck.ledger.steps import results_of
from presscheck.models import Digest, UsedTable
from presscheck.screening.frozen import keep, private_folder
from tasks import house
from tasks.holding import Hold
from tasks.kept import Kept, unpacked

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_MAKERS = {
    "pyarrow": ("Table", "RecordBatchReader", "RecordBatch"),
    "polars": ("DataFrame", "LazyFrame"),
    "pandas": ("DataFrame",),
    "duckdb": ("DuckDBPyRelation",),
    "_duckdb": ("DuckDBPyRelation",),
}


class Table(Kept):
    """Rows by the digest of their file; what reads them says so where they were changed."""

    shape: ClassVar[str] = "table/1"

    step: str
    digest: Digest
    rows: int
    columns: tuple[tuple[str, str], ...]
    """Each column's name and its type, as Arrow says it, in their order."""

    def arrow(self) -> "pa.Table":
        """The rows. Hold where the file is no longer what its digest says."""
        import pyarrow.parquet as parquet

        return parquet.read_table(self._verified())

    def polars(self) -> "pl.DataFrame":
        """The rows, as `arrow` says."""
        import polars

        return polars.read_parquet(self._verified())

    def pandas(self) -> "pd.DataFrame":
        """The rows, as `arrow` says."""
        return self.arrow().to_pandas()

    def relation(self) -> "duckdb.DuckDBPyRelation":
        """The rows, as `arrow` says."""
        import duckdb

        return duckdb.from_arrow(self.arrow())

    @property
    def used(self) -> UsedTable:
        """How a question names it."""
        return UsedTable(step=self.step, digest=self.digest, rows=self.rows)

    def _verified(self) -> Path:
        return verified(self.used)


def makes_rows(hint: Any) -> bool:
    """Whether a step's annotation is a class of rows; nothing is imported to say so."""
    return isinstance(hint, type) and hint.__name__ in _MAKERS.get(hint.__module__.partition(".")[0], ())


def keep_rows(step: str, value: Any) -> Table:
    """The rows of what a step returned, kept. Hold for what has none, or what Parquet cannot hold."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    if hasattr(value, "collect") and type(value).__module__.startswith("polars"):
        value = value.collect()
    if not hasattr(value, "__arrow_c_stream__"):
        raise Hold(
            f"step {step} returned {type(value).__name__}, which has no rows; return a table of the class it says"
        )
    folder = private_folder(house.settings().home / "tables")
    with TemporaryDirectory(prefix=".making-", dir=folder) as room:
        made = Path(room) / "rows.parquet"
        try:
            table = pa.RecordBatchReader.from_stream(value).read_all().replace_schema_metadata(None)
            parquet.write_table(table, made, compression="zstd")
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise Hold(
                f"step {step} returned rows that cannot be kept as Parquet: {error}; give each column one type"
            ) from error
        if not table.num_columns:
            raise Hold(f"step {step} returned a table without columns")
        digest, _ = keep(made, folder, suffix=".parquet")
    columns = tuple((field.name, str(field.type)) for field in table.schema)
    if len(dict(columns)) < len(columns):
        raise Hold(f"step {step} returned two columns of one name; name each once")
    return Table(step=step, digest=digest, rows=table.num_rows, columns=columns)


def tables_of(tx: Reader, run: str) -> tuple[Table, ...]:
    """The rows that steps of a run have made, oldest first, each once."""
    found = [Table.model_validate(unpacked(payload["result"])) for payload in results_of(tx, run, shape=Table.shape)]
    return tuple({table.digest: table for table in found}.values())


def verified(used: UsedTable) -> Path:
    """The file of a table. Hold where it is gone, or its bytes are not what its digest says."""
    path = house.settings().home / "tables" / f"{used.digest}.parquet"
    try:
        found = file_digest(path) if os.access(path, os.R_OK) else ""
    except OSError as error:
        raise Hold(f"the rows of step {used.step} cannot be read ({error.strerror}); start a new run") from error
    if found != used.digest:
        what = "were changed since they were made" if found else "are gone"
        raise Hold(
            f"the rows of step {used.step} {what} ({used.digest[:12]}); nothing is built on them, start a new run"
        )
    return path

"""Rows that a step makes: kept as Parquet under the digest of their bytes, and read only if they still are that.

    @step(effect="makes")
    def pick_products(campaign: Campaign) -> pl.DataFrame: ...

    products = pick_products(campaign)          # a Table: its digest, rows and columns
    products.polars()                           # in a later step: the rows

Anything that speaks Arrow's stream (the PyCapsule interface of 2024) will do: Arrow, Polars, pandas, a DuckDB relation.
"""

from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from presscheck.digests import file_digest, plain_bytes
from presscheck.errors import LedgerForged
from presscheck.ledger import Reader
from presscheck.ledger.steps import results_of
from presscheck.models import Digest, UsedTable
from presscheck.screening.frozen import keep, private_folder
from tasks import house
from tasks.holding import Hold
from tasks.kept import Kept, read_back

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
_START_ANEW = "nothing is built on them, start a new run"


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
        import pyarrow as pa
        import pyarrow.parquet as parquet

        return parquet.read_table(pa.BufferReader(self._bytes()))

    def polars(self) -> "pl.DataFrame":
        """The rows, as `arrow` says."""
        import polars

        return polars.read_parquet(BytesIO(self._bytes()))

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

    def _bytes(self) -> bytes:
        """The file, read once: what is read is what was looked at."""
        with reading(self.used) as path:
            raw = plain_bytes(path, self.digest)
        if raw is None:
            raise _changed(self.used)
        return raw


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
    try:
        table = pa.RecordBatchReader.from_stream(value).read_all().replace_schema_metadata(None)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise _no_parquet(step, error) from error
    columns = tuple((field.name, str(field.type)) for field in table.schema)
    if not columns:
        raise Hold(f"step {step} returned a table without columns")
    if len(dict(columns)) < len(columns):
        raise Hold(f"step {step} returned two columns of one name; name each once")
    folder = private_folder(house.settings().home / "tables")
    with TemporaryDirectory(prefix=".making-", dir=folder) as room:
        made = Path(room) / "rows.parquet"
        try:
            parquet.write_table(table, made, compression="zstd")
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise _no_parquet(step, error) from error
        digest, _ = keep(made, folder, suffix=".parquet")
    return Table(step=step, digest=digest, rows=table.num_rows, columns=columns)


def _no_parquet(step: str, error: Exception) -> Hold:
    # The other words of Arrow quote a value, and a row may be a person's: this goes to Prefect.
    said = next((str(one) for one in error.args if str(one).startswith("Conversion failed for column")), "")
    told = said or type(error).__name__
    return Hold(f"step {step} returned rows that cannot be kept as Parquet ({told}); give each column one type")


def tables_of(tx: Reader, run: str) -> tuple[Table, ...]:
    """The rows that steps of a run have made, oldest first, each once."""
    try:
        found = [read_back(Table, payload["result"]) for payload in results_of(tx, run, shape=Table.shape)]
    except (KeyError, TypeError, ValueError) as error:
        raise LedgerForged(
            f"run {run}: a result says the shape {Table.shape} and is no rows; give it another"
        ) from error
    return tuple({table.digest: table for table in found}.values())


def require_rows(used: UsedTable) -> None:
    """Hold where the file of a table is gone, or its bytes are not what its digest says."""
    with reading(used) as path:
        found = file_digest(path)
    if found != used.digest:
        raise _changed(used)


@contextmanager
def reading(used: UsedTable) -> Generator[Path, None, None]:
    """The file of a table. Hold where it is gone or cannot be read."""
    try:
        yield house.settings().home / "tables" / f"{used.digest}.parquet"
    except FileNotFoundError as error:
        raise Hold(f"the rows of step {used.step} are gone ({used.digest[:12]}); {_START_ANEW}") from error
    except OSError as error:
        raise Hold(f"the rows of step {used.step} cannot be read ({error.strerror}); {_START_ANEW}") from error


def _changed(used: UsedTable) -> Hold:
    return Hold(f"the rows of step {used.step} were changed since they were made ({used.digest[:12]}); {_START_ANEW}")

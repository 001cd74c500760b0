"""Cells of a frozen audience, each frozen in a file of its own: the whole's columns, in the whole's order."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from presscheck.screening.frozen import keep, workroom

# As many rows a group as screening writes, so that a batch reads a part of the file.
_GROUP = 10_240


def freeze_cells(source: Path, cells: Mapping[str, Sequence[int]], *, home: Path) -> dict[str, str]:
    """The digest of each cell's file; a cell is the positions of its rows in the source, in ascending order."""
    import pyarrow.parquet as parquet  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = parquet
    whole = arrow.read_table(source)
    frozen: dict[str, str] = {}
    with workroom(home) as room:
        for name, positions in cells.items():
            made = room / "cell.parquet"
            arrow.write_table(whole.take(positions), made, row_group_size=_GROUP, compression="zstd")
            frozen[name], _ = keep(made, home / "audiences", suffix=".parquet")
    return frozen

"""A frozen audience is read batch by batch, and only if it is what its digest says; and how one is named.

The press, the door and the worker read audiences through this module; making one is
`presscheck.screening`'s work.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from presscheck.digests import file_digest
from presscheck.documents.sentences import counted
from presscheck.errors import AudienceChanged
from presscheck.models import PUBLIC_CHANNELS, Channel, Recipient

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How Arrow says that a column is not there, is of another type, or breaks off; a worker may have written the file.
_BROKEN = (KeyError, ValueError, TypeError, NotImplementedError, OSError)


def audience_path(home: Path, digest: str) -> Path:
    """Where the frozen audience of this digest lies under Presscheck's home."""
    return home / "audiences" / f"{digest}.parquet"


def verify_audience(path: Path, digest: str) -> None:
    """Raise AudienceChanged unless the file's bytes have this digest.

    About 15 ms for a million recipients; do it before every batch.
    """
    try:
        found = file_digest(path)
    except OSError as broken:
        raise AudienceChanged(
            f"{path}: the frozen audience cannot be read ({broken.strerror}); screen the segment again"
        ) from broken
    if found != digest:
        raise AudienceChanged(
            f"{path}: the frozen audience was changed after it was frozen (digest {found[:12]}, "
            f"approved {digest[:12]}); nothing goes out to it. Screen the segment and ask again"
        )


def recipient_count(path: Path) -> int:
    """How many recipients the file holds, from its footer."""
    return int(_open(path).metadata.num_rows)


def recipient_ids(path: Path) -> list[str]:
    """Every id in the file's order, which is the order of `read_recipients`' offsets."""
    try:
        ids: list[object] = _open(path).read(columns=["id"]).column("id").to_pylist()
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: its rows have no id; this file was not frozen by Presscheck") from broken
    named = [one for one in ids if isinstance(one, str)]
    if len(named) < len(ids):
        raise AudienceChanged(f"{path}: a row has no id; this file was not frozen by Presscheck")
    return named


def recipient_markets(path: Path) -> set[str]:
    """Every market that a recipient of the file is in. AudienceChanged for a file that is no frozen audience."""
    try:
        column = _open(path).read(columns=["market"]).column("market")
        return {str(market) for market in column.unique().to_pylist()}
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: it names no markets; this file was not frozen by Presscheck") from broken


def recipients_by_market(path: Path) -> dict[str, int]:
    """How many recipients of the file are in each market, most first. AudienceChanged as above."""
    try:
        column = _open(path).read(columns=["market"]).column("market")
        found = {str(one["values"]): int(one["counts"]) for one in column.value_counts().to_pylist()}
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: it names no markets; this file was not frozen by Presscheck") from broken
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def doubled_fault(path: Path, *, by_address: bool) -> str | None:
    """Why somebody of the file would be written to twice: two rows of one id, or of one address; None where nobody.

    About a second for a million recipients. A frozen address is plain ASCII, in which two spellings differ in case
    alone (`presscheck.addresses`). AudienceChanged for a file that is no frozen audience.
    """
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    try:
        rows = _open(path).read(columns=["id", "address"])
        looked_at = {"id": rows.column("id")}
        if by_address:
            looked_at["address"] = arrow.utf8_lower(rows.column("address"))
        double = [name for name, column in looked_at.items() if arrow.count_distinct(column).as_py() < rows.num_rows]
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: a row is no recipient; this file was not frozen by Presscheck") from broken
    if not double:
        return None
    return f"two of its rows have one {double[0]}, so somebody would be written to twice; screen the segment again"


def people_in_both(one: Path, other: Path) -> int:
    """How many recipients of the one file are in the other, by id or by address. AudienceChanged as above."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    here, there = _who(one), _who(other)
    both = [arrow.is_in(here[name], value_set=there[name].unique()) for name in ("id", "address")]
    return int(arrow.sum(arrow.or_(*both)).as_py() or 0)


def is_part_of(part: Path, whole: Path) -> bool:
    """Whether every recipient of the part is in the whole, with the same id and address. AudienceChanged as above."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    here, there = _who(part), _who(whole)
    # A unit separator stands in no id and no address.
    rows = [arrow.binary_join_element_wise(one["id"], one["address"], "\x1f") for one in (here, there)]
    return bool(arrow.all(arrow.is_in(rows[0], value_set=rows[1])).as_py())


def _who(path: Path) -> dict[str, Any]:
    """Ids, and addresses in lower case (see `doubled_fault`), in the file's order."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    try:
        rows = _open(path).read(columns=["id", "address"])
        return {"id": rows.column("id"), "address": arrow.utf8_lower(rows.column("address"))}
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: a row is no recipient; this file was not frozen by Presscheck") from broken


def recipients_by_domain(path: Path, first: int) -> dict[str, int]:
    """How many of the first so many recipients are at each domain, in lower case. AudienceChanged as above."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    try:
        column = _open(path).read(columns=["address"]).column("address").slice(0, first)
        domains = arrow.utf8_lower(arrow.replace_substring_regex(column, "^.*@", ""))
        return {str(one["values"]): int(one["counts"]) for one in arrow.value_counts(domains).to_pylist()}
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: it holds no addresses; this file was not frozen by Presscheck") from broken


def read_recipients(path: Path, *, offset: int = 0, limit: int | None = None) -> tuple[Recipient, ...]:
    """Up to `limit` recipients from row `offset` (from 0) on, in order of id; fewer at the end.

    Only the row groups that hold those rows are read. Raises AudienceChanged for a file that
    is no frozen audience.
    """
    if offset < 0 or (limit is not None and limit < 0):
        raise ValueError("offset and limit count from 0")
    return tuple(_rows(path, offset, limit))


def _rows(path: Path, offset: int, limit: int | None) -> Iterator[Recipient]:
    file = _open(path)
    left = file.metadata.num_rows - offset if limit is None else min(limit, file.metadata.num_rows - offset)
    start = 0
    for group in range(file.metadata.num_row_groups):
        if left <= 0:
            return
        size = file.metadata.row_group(group).num_rows
        if start + size > offset:
            first = max(0, offset - start)
            part = _group(path, file, group).slice(first, left)
            left -= part.num_rows
            for row in _plain(path, part).to_pylist():
                yield _recipient(path, row)
        start += size


def _group(path: Path, file: Any, group: int) -> Any:
    try:
        return file.read_row_group(group)
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: its rows break off; this file was not frozen by Presscheck") from broken


def _plain(path: Path, part: Any) -> Any:
    """The rows with the time of consent as microseconds since 1970.

    Arrow turns times into Python's by way of pandas, and importing pandas costs the press and the
    door more than all the reading.
    """
    import pyarrow  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = pyarrow
    try:
        moments = part.column("consented_at").cast(arrow.timestamp("us", tz="UTC")).cast(arrow.int64())
        return part.set_column(part.schema.get_field_index("consented_at"), "consented_at", moments)
    except _BROKEN as broken:
        raise AudienceChanged(f"{path}: a row is no recipient; this file was not frozen by Presscheck") from broken


def _recipient(path: Path, row: dict[str, Any]) -> Recipient:
    try:
        row["attributes"] = json.loads(row["attributes"])
        row["consented_at"] = _EPOCH + timedelta(microseconds=row["consented_at"])
        return Recipient.model_validate(row)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as broken:
        raise AudienceChanged(f"{path}: a row is no recipient; this file was not frozen by Presscheck") from broken


def _open(path: Path) -> Any:
    # pyarrow ships no types, so what it gives is Any from here on. Its ArrowInvalid, for a
    # file that is no Parquet, is a ValueError.
    import pyarrow.parquet as parquet  # pyright: ignore[reportMissingTypeStubs]

    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as broken:
        raise AudienceChanged(f"{path}: the frozen audience cannot be read; screen the segment again") from broken


def audience_words(channel: Channel | None, rows: int, markets: Sequence[str] = ()) -> str:
    """To whom something goes: `3,412 people in US, DE`, or `everybody in US, DE` on a public channel.

    `nobody: it does not go out` without a channel.
    """
    where = f" in {', '.join(markets)}" if markets else ""
    if channel is None:
        return "nobody: it does not go out"
    if channel in PUBLIC_CHANNELS:
        return f"everybody{where}"
    return f"{counted(rows, 'person', 'people')}{where}"

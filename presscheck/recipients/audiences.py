"""A frozen audience is read batch by batch, and only if it is what its digest says; and how one is named.

The press, the door and the worker read audiences through this module; making one is
`presscheck.screening`'s work.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from presscheck.digests import file_digest, plain_bytes
from presscheck.documents.sentences import counted
from presscheck.errors import AudienceChanged
from presscheck.models import PUBLIC_CHANNELS, Channel, Recipient

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How Arrow says that a column is not there, is of another type, or breaks off; a worker may have written the file.
_BROKEN = (KeyError, ValueError, TypeError, NotImplementedError, OSError)
_MOST_BYTES = 4_000_000_000
"""Of ids, or of addresses: a hundred times those of a million people."""


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
        raise _unreadable(path, broken) from broken
    if found != digest:
        raise _another(path, digest)


def _unreadable(path: Path, broken: OSError) -> AudienceChanged:
    return AudienceChanged(f"{path}: the frozen audience cannot be read ({broken.strerror}); screen the segment again")


def _another(path: Path, digest: str) -> AudienceChanged:
    return AudienceChanged(
        f"{path}: the frozen audience was changed after it was frozen (approved {digest[:12]}); nothing goes out to "
        "it. Screen the segment and ask again"
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


@dataclass(frozen=True)
class People:
    """Who is in a frozen audience, by id and by address, in the file's order."""

    ids: Any
    addresses: Any
    """In lower case (see `doubled_fault`)."""


def people_of(path: Path, digest: str) -> People:
    """The people of an audience, out of the very bytes that have this digest. AudienceChanged as above."""
    import pyarrow  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.parquet as parquet  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = pyarrow
    plain: Any = compute
    strange = AudienceChanged(f"{path}: a row is no recipient; this file was not frozen by Presscheck")
    try:
        raw = plain_bytes(path, digest)
    except OSError as broken:
        raise _unreadable(path, broken) from broken
    if raw is None:
        raise _another(path, digest)
    try:
        names = ["id", "address"]
        # Each text once, however often it stands there: of one that is repeated, a small file makes terabytes.
        file: Any = parquet.ParquetFile(arrow.BufferReader(raw), read_dictionary=names)
        rows = file.read(columns=names)
        for column in map(rows.column, names):
            # A row without an id, or with a number for one, is nobody that could be found in another file.
            if not arrow.types.is_dictionary(column.type) or column.null_count or _unpacked(column) > _MOST_BYTES:
                raise strange
        ids, addresses = (rows.column(name).cast(arrow.large_string()) for name in names)
        return People(ids, plain.utf8_lower(addresses))
    except (*_BROKEN, arrow.ArrowException) as broken:
        raise strange from broken


def _unpacked(column: Any) -> int:
    """How many bytes the texts of a column are, repetitions and all."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    lengths = [arrow.binary_length(part.dictionary).take(part.indices) for part in column.chunks]
    return sum(int(arrow.sum(each).as_py() or 0) for each in lengths)


def people_in_both(one: People, other: People) -> int:
    """How many of the one are in the other, by id or by address."""
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    arrow: Any = compute
    by_id = arrow.is_in(one.ids, value_set=other.ids.unique())
    return int(arrow.sum(arrow.or_(by_id, arrow.is_in(one.addresses, value_set=other.addresses.unique()))).as_py() or 0)


def is_part_of(part: People, whole: People) -> bool:
    """Whether everybody of the part is in the whole, with the same id and address."""
    import pyarrow  # pyright: ignore[reportMissingTypeStubs]
    import pyarrow.compute as compute  # pyright: ignore[reportMissingTypeStubs]

    text: Any = pyarrow
    arrow: Any = compute
    # A unit separator stands in no address.
    between = text.scalar("\x1f", text.large_string())
    rows = [arrow.binary_join_element_wise(one.ids, one.addresses, between) for one in (part, whole)]
    return arrow.all(arrow.is_in(rows[0], value_set=rows[1])).as_py() is not False


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

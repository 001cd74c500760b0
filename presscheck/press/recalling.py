"""A recall, carried out: what the channel takes back is taken back, and everything else is listed by name.

    carry_out(ledger, request, recall, channel, home)

The list lies in the press's own folder, because it holds addresses; the event holds counts and the list's digest.
Everything here may be done again after a kill and comes to the same.
"""

import csv
import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Row

from presscheck.digests import file_digest
from presscheck.errors import AudienceChanged, ChannelError
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.deliveries import set_delivery
from presscheck.ledger.pausing import Recall, recall_done
from presscheck.models import Recipient
from presscheck.press.channels import Channel, Recalled
from presscheck.press.channels.cells import guarded
from presscheck.press.pausing import size_of
from presscheck.press.records import Request, signed_counts
from presscheck.press.rows import COUNTED
from presscheck.press.settle import signed_rows
from presscheck.recipients.audiences import audience_path, read_recipients, verify_audience

_log = logging.getLogger(__name__)

_COLUMNS = ("state", "recipient", "address", "key")
_AT_ONCE = 5_000


def list_path(home: Path, delivery: str) -> Path:
    """Where the list of what could not be taken back lies."""
    return home / "press" / "recalls" / f"{delivery}.csv"


def carry_out(ledger: Ledger, request: Request, recall: Recall, channel: Channel | None, home: Path) -> None:
    """Ask the channel to take back what is out, list the rest, and sign what came of it.

    LedgerForged where the rows of what was sent are not as the press signed them, ChannelError where the channel or
    the disk does not answer; the recall is then still to do.
    """
    delivery = request.delivery
    with ledger.read() as tx:
        out = _out(tx, delivery)
        counts = signed_counts(tx, delivery, COUNTED)
    keys = [row.key for row in out]
    told = Recalled((), (), "nothing was out")
    if keys and channel is None:
        told = Recalled((), tuple(keys), f"this press has no way out {request.manifest.via} any more")
    elif keys and channel is not None:
        told = channel.take_back(delivery, keys)
    gone = set(told.taken_back)
    listed = [row for row in out if row.key not in gone]
    path = list_path(home, delivery)
    digest = _write_list(path, request, listed, home) if listed else ""
    body = {
        "recall": recall.seq,
        **counts,
        "left": size_of(request) - sum(counts.values()),
        "taken_back": len(out) - len(listed),
        "listed": len(listed),
        "how": told.how,
        "list": digest,
    }
    with ledger.write() as tx:
        if recall_done(tx, delivery) is not None:
            return
        tx.append(EventKind.RECALL_DONE, delivery, body, run=request.run)
        words = (
            f"Recalled: {body['taken_back']:,} taken back, {body['listed']:,} out and listed, "
            f"{body['left']:,} never sent."
        )
        set_delivery(tx, delivery, reason=words)
    _log.warning("%s: %s", delivery, words)


def _out(tx: Reader, delivery: str) -> list[Row[Any]]:
    """What was sent, or perhaps was, in order; by rows that agree with what the press signed."""
    rows = [*signed_rows(tx, delivery, "sent"), *signed_rows(tx, delivery, "unknown")]
    return sorted(rows, key=lambda row: row.position)


def _write_list(path: Path, request: Request, listed: list[Row[Any]], home: Path) -> str:
    """Write the list for this account alone; its digest comes back."""
    beside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        with open(beside, "xb", opener=_private) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
            writer.writerow(_COLUMNS)
            for row, address in _addressed(request, listed, home):
                writer.writerow([row.state, guarded(row.recipient), guarded(address), row.key])
            file.flush()
            os.fsync(raw.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise ChannelError(f"{path}: the list cannot be written: {error.strerror or error}. Make room.") from error
    return file_digest(path)


def _addressed(request: Request, listed: list[Row[Any]], home: Path) -> Iterator[tuple[Row[Any], str]]:
    """Each row with its address, by the audience that was approved; without one where that is gone or altered."""
    digest = request.manifest.audience
    known = digest is not None and request.manifest.channel == "email"
    source = audience_path(home, digest) if digest is not None else home
    try:
        if digest is not None and known:
            verify_audience(source, digest)
    except AudienceChanged as error:
        _log.warning("%s: the list has no addresses: %s", request.delivery, error)
        known = False
    at = 0
    while at < len(listed):
        first = listed[at].position
        part = [row for row in listed[at : at + _AT_ONCE] if row.position < first + _AT_ONCE]
        # A row that says another recipient than the audience has at its place gets nobody's address.
        found: tuple[Recipient, ...] = read_recipients(source, offset=first, limit=_AT_ONCE) if known else ()
        addresses = {(first + at, one.id): one.address for at, one in enumerate(found)}
        for row in part:
            yield row, addresses.get((row.position, row.recipient), "")
        at += len(part)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)

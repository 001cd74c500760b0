"""Assets by digest, and what checks found in them. Content that does not match its digest is refused."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy import Row, insert, or_, select

from presscheck.digests import canonical
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import tables
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import MOST_AT_ONCE, Reader, Writer, timestamp
from presscheck.models import Asset, Author, Finding

_MADE = (EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN)


def put_asset(tx: Writer, asset: Asset, *, run: str) -> str:
    """Keep an asset and say who made it; one that is there already stays as it is. Its digest comes back.

    A person's asset is an `asset:edited` event, or `asset:written` where it has no parent; only the door may
    sign those.
    """
    digest = asset.digest
    table = tables.assets
    by_machine = asset.author.kind == "machine"
    by_person = EventKind.ASSET_EDITED if asset.parent else EventKind.ASSET_WRITTEN
    kind = EventKind.ASSET_DRAFTED if by_machine else by_person
    event = next((event for event in tx.events(kind, subject=digest) if event.run == run), None)
    if event is None:
        body = {
            "kind": asset.kind,
            "parent": asset.parent,
            "author": asset.author.model_dump(),
            "cost_microdollars": asset.cost_microdollars,
        }
        event = tx.append(kind, digest, body, run=run)
    if tx.execute(select(table.c.digest).where(table.c.digest == digest)).first() is None:
        tx.execute(
            insert(table),
            {
                "digest": digest,
                "kind": asset.kind,
                "content": canonical(asset.content).decode(),
                "parent": asset.parent,
                "author": canonical(asset.author.model_dump()).decode(),
                "cost_microdollars": asset.cost_microdollars,
                "run": run,
                "at": event.at,
            },
        )
    return digest


def get_asset(tx: Reader, digest: str) -> Asset:
    """The asset with this digest. LedgerGone if there is none, LedgerForged if its content is another's."""
    return tx.content(digest, lambda: _read(tx, digest))


def texts_with_pictures(tx: Reader, pictures: Iterable[str]) -> list[str]:
    """The digests of the texts whose stored content names one of these pictures; whether it does, is judged later."""
    table = tables.assets
    named = or_(*(table.c.content.contains(f'"image":"{one}"', autoescape=True) for one in pictures))
    return list(tx.execute(select(table.c.digest).where(table.c.kind == "copy", named)).scalars())


def parents_of(tx: Reader, digest: str, *, run: str) -> list[str]:
    """What an asset was made from in this run, as whoever made it signed: digests, one for each time it was made.

    A row's `parent` is nobody's word: a digest covers the content alone.
    """
    made = (event for event in tx.events(*_MADE, subject=digest) if event.run == run)
    return [str(event.data["parent"]) for event in made if event.data.get("parent")]


def read_ahead(tx: Reader, digests: Iterable[str]) -> None:
    """Read many assets at once, so that `get_asset` has them; what is wrong with one it tells then."""
    table, wanted = tables.assets, list(digests)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        found = table.c.digest.in_(wanted[start : start + MOST_AT_ONCE])
        for row in tx.execute(select(table).where(found)):
            with suppress(LedgerForged):
                tx.content(row.digest, partial(_checked, row, row.digest))


def _read(tx: Reader, digest: str) -> Asset:
    row = tx.execute(select(tables.assets).where(tables.assets.c.digest == digest)).first()
    if row is None:
        raise LedgerGone(f"asset {digest[:12]}: not in the ledger")
    return _checked(row, digest)


def _checked(row: Row[Any], digest: str) -> Asset:
    try:
        asset = Asset(
            kind=row.kind,
            content=json.loads(row.content),
            parent=row.parent,
            author=Author.model_validate_json(row.author),
            cost_microdollars=row.cost_microdollars,
        )
        stored = asset.digest
    except (ValueError, TypeError, RecursionError) as error:
        raise LedgerForged(f"asset {digest[:12]}: what is stored can no longer be read; it was altered") from error
    if stored != digest:
        raise LedgerForged(f"asset {digest[:12]}: its stored content has the digest {stored[:12]}")
    return asset


def record_findings(tx: Writer, found: Iterable[tuple[str, Sequence[Finding]]], *, run: str) -> None:
    """Keep what a check said of each asset (digest, findings); the caller appends the check's one event."""
    rows = [
        {"asset": asset, "run": run, "finding": finding.model_dump_json(), "at": timestamp(tx.now)}
        for asset, findings in found
        for finding in findings
    ]
    if rows:
        tx.execute(insert(tables.findings), rows)


def findings_of(tx: Reader, asset: str, *, run: str) -> list[Finding]:
    """What checks said of an asset in a run. For display: findings prove nothing to the press."""
    table = tables.findings
    query = select(table.c.finding).where(table.c.asset == asset, table.c.run == run).order_by(table.c.id)
    return [Finding.model_validate_json(row.finding) for row in tx.execute(query)]

"""The line of an asset: it, what it was made from, and what was made of it, as numbered versions.

    versions = line_of(tx, digest)      # oldest first; the last one is the current one

A version is something that happened to a digest: it was made, edited, or brought back. Bringing back an
older version makes a new one with the same digest, and ends what was approved of the line until then.
"""

from collections.abc import Collection
from typing import Any, Literal, cast

from sqlalchemy import select

from presscheck.ledger import tables
from presscheck.ledger.assets import get_asset
from presscheck.ledger.campaigns import briefs_opened
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer
from presscheck.models import Author, Digest, Frozen, ReasonCode

_MADE = (EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN)
_MOST_VERSIONS = 1_000


class Version(Frozen):
    """One version in a line."""

    number: int
    digest: Digest
    kind: str
    how: Literal["made", "edited", "reverted"]
    at: str
    event: int
    """The sequence number of the event that says so."""
    run: str
    author: Author
    parent: Digest | None
    of: int | None = None
    """For one that was brought back: the number of the version that it equals."""
    reason: ReasonCode | None = None


def line_of(tx: Reader, digest: str) -> tuple[Version, ...]:
    """The versions of the line that a digest belongs to, oldest first; none for a digest that nobody made."""
    root = _root(tx, digest)
    if root is None:
        return ()
    members, events = {root}, [*_made(tx, root)]
    waiting = [root]
    while waiting and len(members) < _MOST_VERSIONS:
        for event in _children(tx, waiting.pop()):
            events.append(event)
            if event.subject not in members:
                members.add(event.subject)
                waiting.append(event.subject)
    versions: list[Version] = []
    for event in sorted({event.seq: event for event in events}.values(), key=lambda event: event.seq):
        known = next((one.number for one in versions if one.digest == event.subject), None)
        # The same words made in another run are the same version; brought back, they are a new one.
        if known is None or event.kind == EventKind.ASSET_REVERTED:
            versions.append(_version(event, len(versions) + 1, known))
    return tuple(versions)


def record_revert(tx: Writer, line: tuple[Version, ...], wanted: Version, *, person: str, reason: ReasonCode) -> Event:
    """Sign that an older version is the current one from now on, and that no approval of the line holds any more."""
    current = line[-1]
    body = {
        "kind": wanted.kind,
        "parent": current.digest,
        "author": Author.by(person).model_dump(),
        "cost_microdollars": 0,
        "version": wanted.number,
        "reason": reason,
        # Whoever asks whether an approval still holds need not follow the line again.
        "line": sorted({one.digest for one in line}),
    }
    return tx.append(EventKind.ASSET_REVERTED, wanted.digest, body, run=current.run)


def reverts_since(tx: Reader, digests: Collection[str], seq: int) -> list[Event]:
    """The reverts after event `seq` in lines that one of these digests belongs to, in order."""
    return [event for event in tx.events(EventKind.ASSET_REVERTED, after=seq) if is_revert_of(event, digests)]


def is_revert_of(event: Event, digests: Collection[str]) -> bool:
    """Whether what a revert brought back is of a line that one of these digests belongs to."""
    line = event.data.get("line")
    names = cast("list[object]", line) if isinstance(line, list) else []
    return event.subject in digests or any(one in digests for one in names)


def copies_brought_back(tx: Reader, brief: str) -> list[Digest]:
    """The texts that people brought back in runs of this brief and that are current still, oldest first."""
    found: dict[str, Digest] = {}
    for event in tx.events(EventKind.ASSET_REVERTED):
        opened = briefs_opened(tx, event.run) if event.data.get("kind") == "copy" else []
        if any(one.data.get("brief") == brief for one in opened):
            line = line_of(tx, event.subject)
            found[line[0].digest] = line[-1].digest
    return list(dict.fromkeys(found.values()))


def current_picture(tx: Reader, name: str) -> Digest | None:
    """The digest of the current picture of this name: the last one that the door signed, or brought back."""
    table = tables.assets
    found: tuple[int, str] | None = None
    for digest in tx.execute(select(table.c.digest).where(table.c.kind == "image")).scalars().all():
        if get_asset(tx, digest).content.get("name") != name:
            continue
        # Only a person declares what a picture is: one that a worker planted has no name.
        events = tx.events(EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN, EventKind.ASSET_REVERTED, subject=digest)
        if events and (found is None or events[-1].seq > found[0]):
            found = (events[-1].seq, digest)
    return None if found is None else found[1]


def assets_named(tx: Reader, named: str) -> list[Digest]:
    """The digests that begin like this (eight characters or more), or of the current picture of this name."""
    table = tables.assets
    found: list[Digest] = []
    if len(named) >= 8 and not set(named) - set("0123456789abcdef"):
        query = select(table.c.digest).where(table.c.digest.startswith(named, autoescape=True))
        found = list(tx.execute(query.order_by(table.c.digest).limit(20)).scalars())
    picture = current_picture(tx, named) if not found else None
    return found if picture is None else [picture]


def _root(tx: Reader, digest: str) -> str | None:
    seen: set[str] = set()
    while digest not in seen and len(seen) < _MOST_VERSIONS:
        seen.add(digest)
        made = _made(tx, digest)
        if not made:
            return None
        parent = made[0].data.get("parent")
        if not isinstance(parent, str) or not _made(tx, parent):
            return digest
        digest = parent
    return digest


def _made(tx: Reader, digest: str) -> list[Event]:
    return tx.events(*_MADE, subject=digest)


def _children(tx: Reader, digest: str) -> list[Event]:
    table = tables.events
    kinds = [kind.value for kind in (*_MADE, EventKind.ASSET_REVERTED)]
    # The body is canonical JSON: keys and values stand side by side without white space.
    query = select(table).where(table.c.kind.in_(kinds), table.c.body.contains(f'"parent":"{digest}"', autoescape=True))
    found = (Event(**row) for row in tx.execute(query.order_by(table.c.seq)).mappings())
    return [event for event in found if tx.ledger.believes(event) and event.data.get("parent") == digest]


def _version(event: Event, number: int, known: int | None) -> Version:
    data: dict[str, Any] = event.data
    edited = event.kind == EventKind.ASSET_EDITED and data.get("parent") is not None
    return Version(
        number=number,
        digest=event.subject,
        kind=str(data.get("kind", "")),
        how="reverted" if event.kind == EventKind.ASSET_REVERTED else "edited" if edited else "made",
        at=event.at,
        event=event.seq,
        run=event.run,
        author=Author.model_validate(data.get("author")),
        parent=data.get("parent"),
        of=known,
        reason=data.get("reason"),
    )

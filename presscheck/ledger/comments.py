"""Comments on what a question asks about: what was said of which passage, by whom, and whether it is settled.

    add_comment(tx, review, run=run, place=Place(asset=digest, field="body", span=(9, 14)), words="...", person=person)
    settle_comment(tx, review, "C-...", person=person, run=run, resolved=True)       # and False to reopen it
    erase_comment(tx, review, "C-...", person=person, run=run)
    comments_of_run(tx, run)                                                         # all of a run, oldest first

The events, of the door alone, say who commented on which passage of which asset, and whom they mentioned. The words
stand in a table beside the chain and can be erased there; the chain has their digest, made with a salt that goes with
them. A comment decides nothing: no event of it is one that anybody reads an answer from.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, insert, select

from presscheck.digests import canonical, digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import MOST_AT_ONCE, Reader, Writer

_CONTENT = TypeAdapter(dict[str, str])
_EVENTS = (
    EventKind.COMMENT_MADE,
    EventKind.COMMENT_RESOLVED,
    EventKind.COMMENT_REOPENED,
    EventKind.COMMENT_ERASED,
)


@dataclass(frozen=True)
class Place:
    """What a comment is about. Without an asset it is the question as a whole, without a field the asset as a whole."""

    asset: str = ""
    """The digest of the asset."""
    field: str = ""
    """The name of the part."""
    span: tuple[int, int] | None = None
    """Start and end of the passage in code points; None for the whole part."""


@dataclass(frozen=True)
class Comment:
    """One comment as it stands now."""

    id: str
    review: str
    """The review beside which it was made."""
    person: str
    at: str
    seq: int
    place: Place
    mentions: tuple[str, ...]
    answers: str
    """The comment that it answers; empty for one that begins a thread."""
    words: str | None
    """None where they were erased, or are not those that were signed."""
    altered: bool = False
    """Whether other words stand in the place of those that were signed."""
    taken_back: bool = False
    resolved: bool = False
    settled_by: str = ""
    """Who resolved or reopened it last."""
    turns: int = field(default=0)
    """How often it was resolved and reopened."""

    @property
    def is_open(self) -> bool:
        """Whether it begins a thread that still asks for something."""
        return not self.answers and not self.resolved and not self.taken_back and self.words is not None


def add_comment(
    tx: Writer,
    review: str,
    *,
    run: str,
    place: Place,
    words: str,
    person: str,
    mentions: Sequence[str] = (),
    answers: str = "",
) -> str:
    """Keep a comment; its id comes back."""
    comment = f"C-{secrets.token_hex(6)}"
    content = {"salt": secrets.token_hex(16), "words": words}
    body: dict[str, Any] = {
        "comment": comment,
        "person": person,
        "asset": place.asset,
        "field": place.field,
        "span": None if place.span is None else list(place.span),
        "words": digest_of(content),
        "mentions": list(mentions),
        "answers": answers,
    }
    event = tx.append(EventKind.COMMENT_MADE, review, body, run=run)
    tx.execute(insert(tables.comments), {"id": comment, "content": canonical(content).decode(), "at": event.at})
    return comment


def settle_comment(tx: Writer, review: str, comment: str, *, person: str, run: str, resolved: bool) -> None:
    """Say that a comment is settled, or that it is not after all."""
    kind = EventKind.COMMENT_RESOLVED if resolved else EventKind.COMMENT_REOPENED
    tx.append(kind, review, {"comment": comment, "person": person}, run=run)


def erase_comment(tx: Writer, review: str, comment: str, *, person: str, run: str) -> None:
    """Erase the words of a comment; that there was one stays in the chain."""
    tx.append(EventKind.COMMENT_ERASED, review, {"comment": comment, "person": person}, run=run)
    tx.execute(delete(tables.comments).where(tables.comments.c.id == comment))


def comments_of_run(tx: Reader, run: str, *, before: int | None = None) -> list[Comment]:
    """Every comment in a run, oldest first; as it stood before event `before`, without words that were erased since."""
    events = tx.events(*_EVENTS, run=run)
    made = {str(event.data["comment"]): event for event in events if event.kind == EventKind.COMMENT_MADE}
    stored = _stored(tx, made)
    found = {name: _comment(event, stored.get(name)) for name, event in made.items()}
    for event in events:
        name = str(event.data["comment"])
        if event.kind == EventKind.COMMENT_MADE or name not in found:
            continue
        if event.kind == EventKind.COMMENT_ERASED:
            found[name] = replace(found[name], taken_back=True, words=None)
        elif before is None or event.seq < before:
            found[name] = replace(
                found[name],
                resolved=event.kind == EventKind.COMMENT_RESOLVED,
                settled_by=str(event.data["person"]),
                turns=found[name].turns + 1,
            )
    return [one for one in found.values() if before is None or one.seq < before]


def comments_fault(tx: Reader) -> str | None:
    """The first row of words that are not those that somebody signed; None where all are, or were erased."""
    made = {str(event.data["comment"]): event for event in tx.events(EventKind.COMMENT_MADE)}
    table = tables.comments
    for row in tx.execute(select(table.c.id, table.c.content).order_by(table.c.id)):
        if row.id not in made:
            return f"comment {row.id}: its words stand in the ledger and nobody signed them"
        if _words(row.content, str(made[row.id].data["words"])) is None:
            return f"comment {row.id}: the stored words are not those that were signed"
    return None


def _stored(tx: Reader, wanted: Iterable[str]) -> Mapping[str, str]:
    table, names = tables.comments, list(wanted)
    found: dict[str, str] = {}
    for start in range(0, len(names), MOST_AT_ONCE):
        query = select(table.c.id, table.c.content).where(table.c.id.in_(names[start : start + MOST_AT_ONCE]))
        found |= {row.id: row.content for row in tx.execute(query)}
    return found


def _comment(event: Event, content: str | None) -> Comment:
    data = event.data
    words = None if content is None else _words(content, str(data["words"]))
    span = data["span"]
    return Comment(
        id=str(data["comment"]),
        review=event.subject,
        person=str(data["person"]),
        at=event.at,
        seq=event.seq,
        place=Place(str(data["asset"]), str(data["field"]), None if span is None else (int(span[0]), int(span[1]))),
        mentions=tuple(map(str, data["mentions"])),
        answers=str(data["answers"]),
        words=words,
        altered=content is not None and words is None,
    )


def _words(content: str, digest: str) -> str | None:
    """The words, if they are those that were signed: the table beside the chain is nobody's word."""
    try:
        kept = _CONTENT.validate_json(content, strict=True)
    except ValidationError:
        return None
    return kept.get("words") if digest_of(kept) == digest else None

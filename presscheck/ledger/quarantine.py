"""Rows of catalogues that are held because their words look like orders to a machine.

    quarantine_row(tx, cells, row, author=..., run=...)                  # by the worker; its digest comes back
    is_released(tx, digest)                                              # whether somebody let exactly this row in
    quarantined_rows(tx)                                                 # what is held and was let in, newest first

A row goes by the digest of its cells, so that one that was corrected is another. Events hold file, row, fields
and rules; the words, and why a row was let in, stand in a table beside the chain and can be erased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import insert, select, update

from presscheck.cleaning import shorten
from presscheck.digests import canonical, digest_of, digest_of_row
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer, timestamp

_NAME, _ID = 160, 60
_CELLS = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class HeldRow:
    """Where a row stands, and what keeps it out: nothing of its words."""

    file: str
    id: str
    fields: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Released:
    """Who let a row in, as what, and when."""

    person: str
    role: str
    at: str
    note: str
    """Why; empty where it was erased."""


@dataclass(frozen=True)
class Quarantined:
    """A row that was held, by its digest."""

    digest: str
    row: HeldRow
    at: str
    """When it was held last."""
    runs: tuple[str, ...]
    authors: frozenset[str]
    """Digests of the addresses of whoever wrote the briefs that wanted it."""
    cells: Mapping[str, str] | None
    """Its words, by column; None where they were erased, or are not those that were held."""
    released: Released | None


def quarantine_row(tx: Writer, cells: Mapping[str, str], row: HeldRow, *, author: str, run: str) -> str:
    """Hold a row, and say why; its digest comes back. The same for the same run and author is said once."""
    digest = digest_of_row(cells)
    # An id that carries the words itself would carry them into the chain, where nobody can erase them.
    body = {
        "file": shorten(row.file, _NAME),
        "row": "" if "id" in row.fields else shorten(row.id, _ID),
        "fields": list(row.fields),
        "rules": list(row.rules),
        "author": author,
    }
    held = tx.events(EventKind.ROW_QUARANTINED, subject=digest)
    if not any(event.run == run and event.data == body for event in held):
        tx.append(EventKind.ROW_QUARANTINED, digest, body, run=run)
    table = tables.quarantine
    if tx.execute(select(table.c.digest).where(table.c.digest == digest)).first() is None:
        stored = {"digest": digest, "cells": canonical(dict(cells)).decode(), "note": "", "at": timestamp(tx.now)}
        tx.execute(insert(table), stored)
    return digest


def is_released(tx: Reader, digest: str) -> bool:
    """Whether somebody at the door let exactly this row in, and nobody took that back."""
    return _release_of(tx, digest) is not None


def release_row(tx: Writer, digest: str, *, person: str, role: str, note: str) -> None:
    """Let a row in. The note is kept where it can be erased, and counts only while it is the one that was given."""
    tx.append(EventKind.ROW_RELEASED, digest, {"person": person, "role": role, "note": digest_of(note)})
    tx.execute(update(tables.quarantine).where(tables.quarantine.c.digest == digest).values(note=note))


def take_back_release(tx: Writer, digest: str, *, person: str, role: str) -> None:
    """From now on the row is held again; a run that was opened with it goes on."""
    tx.append(EventKind.ROW_TAKEN_BACK, digest, {"person": person, "role": role})


def quarantined_rows(tx: Reader) -> list[Quarantined]:
    """Every row that was ever held, the one that was held last first."""
    held: dict[str, list[Event]] = {}
    for event in tx.events(EventKind.ROW_QUARANTINED):
        held.setdefault(event.subject, []).append(event)
    found = [_quarantined(tx, digest, events) for digest, events in held.items()]
    return sorted(found, key=lambda one: one.at, reverse=True)


def find_quarantined(tx: Reader, digest: str) -> Quarantined | None:
    """The row of this digest; None where none was held."""
    events = tx.events(EventKind.ROW_QUARANTINED, subject=digest)
    return _quarantined(tx, digest, events) if events else None


def _quarantined(tx: Reader, digest: str, events: Sequence[Event]) -> Quarantined:
    stored = tx.execute(select(tables.quarantine).where(tables.quarantine.c.digest == digest)).first()
    last = events[-1].data
    release = _release_of(tx, digest)
    note = "" if stored is None else str(stored.note)
    return Quarantined(
        digest=digest,
        row=HeldRow(
            file=str(last.get("file", "")),
            id=str(last.get("row", "")),
            fields=tuple(map(str, last.get("fields", ()))),
            rules=tuple(map(str, last.get("rules", ()))),
        ),
        at=events[-1].at,
        runs=tuple(dict.fromkeys(event.run for event in events if event.run)),
        authors=frozenset(str(event.data["author"]) for event in events if event.data.get("author")),
        cells=None if stored is None else _cells(stored.cells, digest),
        released=None
        if release is None
        else Released(
            person=str(release.data.get("person", "")),
            role=str(release.data.get("role", "")),
            at=release.at,
            note=note if release.data.get("note") == digest_of(note) else "",
        ),
    )


def _release_of(tx: Reader, digest: str) -> Event | None:
    """The last word of the door about a row, if it lets it in."""
    said = tx.events(EventKind.ROW_RELEASED, EventKind.ROW_TAKEN_BACK, subject=digest)
    return said[-1] if said and said[-1].kind == EventKind.ROW_RELEASED else None


def _cells(stored: str, digest: str) -> Mapping[str, str] | None:
    """The words, if they are those that were held: the table beside the chain is nobody's word."""
    try:
        cells = _CELLS.validate_json(stored, strict=True)
    except ValidationError:
        return None
    return cells if digest_of_row(cells) == digest else None

"""What somebody has begun to answer and not sent, by person and question: kept by the door, and erased without trace.

    kept = keep_begun(tx, person, review, fields, tab=tab, since=mark)      # or the newer one of another tab
    begun_of(tx, person, review)                                            # to go on with, in whichever browser
    forget_begun(tx, person, review)                                        # answered, or begun afresh

No event says anything of it, and no process but the door's reads it. Nothing is decided by a row: an answer is the form
that somebody sends, and a row that was altered is words in a field which its person sees before they send them.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.engine import Row

from presscheck.digests import canonical
from presscheck.ledger import tables
from presscheck.ledger.store import Reader, Writer, timestamp

MOST_CHARACTERS = 1_000_000
"""Of all fields together."""
MOST_QUESTIONS = 100
"""Beside so many questions one person has something begun; the oldest goes first."""
_AFTER_THE_END, _AT_MOST = timedelta(days=1), timedelta(days=30)
_FIELDS = TypeAdapter(list[tuple[str, str]])


@dataclass(frozen=True)
class Begun:
    """The fields of a form as they were typed last."""

    review: str
    tab: str
    mark: str
    """Another one each time it is kept."""
    fields: tuple[tuple[str, str], ...]
    at: str


class Elsewhere(Exception):
    """Another tab or browser of the same person has kept something newer; nothing was kept of this one."""

    def __init__(self, kept: Begun) -> None:
        self.kept = kept


def begun_of(tx: Reader, person: str, review: str) -> Begun | None:
    """What this person has begun beside a question."""
    table = tables.begun
    row = tx.execute(select(table).where(table.c.person == person, table.c.review == review)).first()
    return None if row is None else _read(row)


def begun_by(tx: Reader, person: str) -> list[Begun]:
    """All that this person has begun, the newest first; without what can no longer be read."""
    table = tables.begun
    rows = tx.execute(select(table).where(table.c.person == person).order_by(table.c.at.desc()))
    return [found for row in rows if (found := _read(row)) is not None]


def keep_begun(
    tx: Writer, person: str, review: str, fields: Sequence[tuple[str, str]], *, tab: str, since: str
) -> Begun:
    """Keep what a tab holds; `since` is the mark of what it had last. Elsewhere where another tab has gone on since."""
    known = begun_of(tx, person, review)
    if known is not None and known.tab != tab and known.mark != since and known.fields != tuple(fields):
        raise Elsewhere(known)
    forget_begun(tx, person, review)
    made = Begun(review, tab[:40], secrets.token_hex(8), tuple(fields), timestamp(tx.now))
    row = {
        "person": person,
        "review": review,
        "tab": made.tab,
        "mark": made.mark,
        "fields": canonical([list(one) for one in fields]).decode(),
        "at": made.at,
    }
    tx.execute(insert(tables.begun), row)
    table = tables.begun
    newest = select(table.c.review).where(table.c.person == person).order_by(table.c.at.desc(), table.c.review)
    for old in tx.execute(newest.offset(MOST_QUESTIONS)).scalars().all():
        forget_begun(tx, person, old)
    return made


def forget_begun(tx: Writer, person: str, review: str = "") -> None:
    """Erase what this person has begun, beside one question or beside all."""
    table = tables.begun
    erased = delete(table).where(table.c.person == person)
    tx.execute(erased.where(table.c.review == review) if review else erased)


def sweep_begun(tx: Writer) -> None:
    """Erase what nobody goes on with: a day after its question was over, and a month after it was typed."""
    table, decided = tables.begun, tables.decisions
    over = select(decided.c.review).where(decided.c.at < timestamp(tx.now - _AFTER_THE_END))
    old = table.c.at < timestamp(tx.now - _AT_MOST)
    tx.execute(delete(table).where(or_(old, table.c.review.in_(over))))


def _read(row: Row[tuple[str, ...]]) -> Begun | None:
    try:
        fields = _FIELDS.validate_json(row.fields)
    except ValidationError:
        return None
    return Begun(row.review, row.tab, row.mark, tuple(fields), row.at)

"""The texts of policy files, each kept once by the SHA-256 of its UTF-8; what differs from its digest is refused.

    keep_texts(tx, {digest: text})        # those that are kept already stay as they are
    kept_text(tx, digest)                 # LedgerGone where there is none, LedgerForged where it is another's

Events name a text by its digest, and a list of a set's texts likewise. Nothing here holds personal data, so
nothing is ever erased. On PostgreSQL the door and the press may add, and only the door may put a text right.
"""

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import insert, select, update

from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import tables
from presscheck.ledger.store import Reader, Writer, timestamp


def keep_texts(tx: Writer, texts: Mapping[str, str]) -> None:
    """Keep every text that is not kept yet, and put one that was altered right again.

    ValueError for a digest that is not its text's.
    """
    if wrong := [digest for digest, text in texts.items() if _digest(text) != digest]:
        raise ValueError(f"{wrong[0]} is not the digest of its text")
    table = tables.policy_texts
    rows = tx.execute(select(table.c.digest, table.c.text).where(table.c.digest.in_(list(texts)))).all()
    for row in rows:
        if row.text != texts[row.digest]:
            # Somebody put another text under this digest, perhaps before it was ever kept: it must not stay in the way.
            tx.execute(update(table).where(table.c.digest == row.digest).values(text=texts[row.digest]))
    there = {row.digest for row in rows}
    new = {digest: text for digest, text in texts.items() if digest not in there}
    if new:
        at = timestamp(tx.now)
        tx.execute(insert(table), [{"digest": digest, "text": text, "at": at} for digest, text in new.items()])


def kept_text(tx: Reader, digest: str) -> str:
    """The text of this digest."""
    return kept_texts(tx, [digest])[digest]


def kept_texts(tx: Reader, digests: Iterable[str]) -> dict[str, str]:
    """The texts of these digests, by digest; LedgerGone or LedgerForged names the first that is not what it says."""
    wanted = sorted(set(digests))
    table = tables.policy_texts
    rows = tx.execute(select(table.c.digest, table.c.text).where(table.c.digest.in_(wanted)))
    found = {row.digest: row.text for row in rows}
    for digest in wanted:
        text = found.get(digest)
        if text is None:
            raise LedgerGone(f"policy text {digest[:12]}: not in the ledger")
        if not isinstance(text, str) or _digest(text) != digest:
            raise LedgerForged(f"policy text {digest[:12]}: what is stored is not what its digest says; it was altered")
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""The texts of policies in the ledger: kept once, believed by their digest alone, read in the view that is open."""

import hashlib

import pytest
from sqlalchemy import func, insert, select, update

from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, tables
from presscheck.ledger.policy_texts import keep_texts, kept_text, kept_texts
from tests.conftest import Ledgers

TEXT = "id: brand.no-meh\n# Grüße – 😀\n"
TABLE = tables.policy_texts


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_text_is_kept_once_and_comes_back_as_it_was(ledgers: Ledgers) -> None:
    for ledger in (ledgers.door, ledgers.press):
        with ledger.write() as tx:
            keep_texts(tx, {digest(TEXT): TEXT, digest(""): ""})

    with ledgers.worker.read() as tx:
        assert kept_texts(tx, [digest(TEXT), digest("")]) == {digest(TEXT): TEXT, digest(""): ""}
        assert tx.execute(select(func.count()).select_from(TABLE)).scalar_one() == 2


def test_a_text_that_is_not_there_or_another_is_refused(ledgers: Ledgers) -> None:
    with ledgers.door.write() as tx:
        keep_texts(tx, {digest(TEXT): TEXT})
        tx.execute(update(TABLE).values(text=TEXT + " "))
        with pytest.raises(LedgerForged, match="it was altered"):
            kept_text(tx, digest(TEXT))
        with pytest.raises(LedgerGone, match="not in the ledger"):
            kept_text(tx, digest("x"))


def test_a_text_that_was_put_in_the_way_does_not_stay_there(ledgers: Ledgers) -> None:
    with ledgers.door.write() as tx:
        tx.execute(insert(TABLE), {"digest": digest(TEXT), "text": "planted", "at": "before"})
        keep_texts(tx, {digest(TEXT): TEXT})

        assert kept_text(tx, digest(TEXT)) == TEXT


def test_a_digest_that_is_not_the_texts_is_not_kept(ledgers: Ledgers) -> None:
    with ledgers.door.write() as tx, pytest.raises(ValueError, match="not the digest"):
        keep_texts(tx, {digest("x"): TEXT})


def test_whoever_asks_in_the_middle_of_a_block_sees_what_it_sees(ledgers: Ledgers) -> None:
    ledger = ledgers.door
    with ledger.write() as tx:
        tx.append(EventKind.RULE_REVOKED, "approvals.x", {"person": "P-1", "role": "legal"})
        with ledger.view() as inner:
            assert inner is tx
            seen = inner.events(EventKind.RULE_REVOKED)
    with ledger.read() as tx, ledger.view() as inner:
        assert inner is tx
    with ledger.view() as alone:
        assert alone is not tx
        assert len(alone.events(EventKind.RULE_REVOKED)) == len(seen) == 1


def test_a_block_that_broke_is_not_asked_any_more(ledgers: Ledgers) -> None:
    with pytest.raises(RuntimeError), ledgers.door.read():
        raise RuntimeError
    with ledgers.door.view() as tx:
        assert tx.tip().seq == 0

"""What somebody has begun is the door's alone, on both databases and under their roles."""

from typing import Any

import pytest

from presscheck.errors import LedgerDenied
from presscheck.ledger import tables, verify
from presscheck.ledger.begun import Elsewhere, begun_of, forget_begun, keep_begun
from tests.ledger.under_roles import RoleLedgers

FIELDS = (("pick", "V01"), ("note", "Wärmer\n“please”"))


def test_it_is_kept_replaced_and_erased_without_an_event(ledgers: Any) -> None:
    with ledgers.door.write() as tx:
        before = tx.tip().seq
        first = keep_begun(tx, "P-ana", "R-1", FIELDS, tab="one", since="")
        keep_begun(tx, "P-ana", "R-1", (*FIELDS, ("reason", "voice")), tab="one", since="")
        keep_begun(tx, "P-ben", "R-1", FIELDS, tab="two", since="")
    with ledgers.door.write() as tx, pytest.raises(Elsewhere):
        keep_begun(tx, "P-ana", "R-1", (), tab="two", since=first.mark)

    with ledgers.door.write() as tx:
        kept = begun_of(tx, "P-ana", "R-1")
        assert kept is not None
        assert kept.fields == (*FIELDS, ("reason", "voice"))
        forget_begun(tx, "P-ana")
        assert begun_of(tx, "P-ana", "R-1") is None
        assert begun_of(tx, "P-ben", "R-1") is not None
        assert tx.tip().seq == before
    assert verify(ledgers.door).sound


def test_beside_more_questions_than_anybody_answers_the_oldest_goes(
    sqlite_ledgers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presscheck.ledger import begun

    monkeypatch.setattr(begun, "MOST_QUESTIONS", 2)
    for at in range(3):
        sqlite_ledgers.clock.advance(seconds=1)
        with sqlite_ledgers.door.write() as tx:
            keep_begun(tx, "P-ana", f"R-{at}", FIELDS, tab="one", since="")

    with sqlite_ledgers.door.read() as tx:
        assert [begun_of(tx, "P-ana", f"R-{at}") is None for at in range(3)] == [True, False, False]


def test_under_roles_nobody_but_the_door_reads_or_writes_it(role_ledgers: RoleLedgers) -> None:
    with role_ledgers.door.write() as tx:
        keep_begun(tx, "P-ana", "R-1", FIELDS, tab="one", since="")

    for ledger in (role_ledgers.worker, role_ledgers.press):
        with pytest.raises(LedgerDenied), ledger.read() as tx:
            tx.execute(tables.begun.select())
        with pytest.raises(LedgerDenied), ledger.write() as tx:
            keep_begun(tx, "P-ana", "R-1", FIELDS, tab="two", since="")

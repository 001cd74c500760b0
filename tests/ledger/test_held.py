"""Who may do what with a held answer, by the roles of the database."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from presscheck.errors import LedgerDenied
from presscheck.ledger import tables, timestamp
from presscheck.ledger.held import Given, held_answer, hold_answer, take_back_answer
from tests.desk.scene import Scene
from tests.ledger.under_roles import RoleLedgers

GIVEN = Given(said="approved", raw={"picks": ["V01"]}, fields=(("pick", "V01"),), proved_at=None)


def held(ledgers: RoleLedgers) -> Scene:
    scene = Scene(ledgers)
    with ledgers.door.write() as tx:
        hold_answer(tx, scene.review, "P-ana", GIVEN, until=ledgers.clock() + timedelta(seconds=20))
    return scene


def test_under_roles_nobody_but_the_door_reads_holds_or_takes_back_an_answer(role_ledgers: RoleLedgers) -> None:
    scene = held(role_ledgers)
    table = tables.held_answers
    row = {"review": scene.review.id, "person": "P-cleo", "answer": "{}", "state": "held", "due_at": "2026"}

    for ledger in (role_ledgers.worker, role_ledgers.press):
        with pytest.raises(LedgerDenied), ledger.read() as tx:
            tx.execute(select(table))
        for statement in (insert(table).values(row), update(table).values(state="taken-back"), delete(table)):
            with pytest.raises(LedgerDenied), ledger.write() as tx:
                tx.execute(statement)
        with pytest.raises(LedgerDenied), ledger.write() as tx:
            hold_answer(tx, scene.review, "P-cleo", GIVEN, until=ledger.clock() + timedelta(seconds=20))

    with role_ledgers.door.read() as tx:
        kept = held_answer(tx, scene.review.id, "P-ana")
    assert kept is not None
    assert kept.state == "held"


@pytest.mark.parametrize("column", ["answer", "review", "person"])
def test_the_door_itself_does_not_change_what_was_said_by_whom(role_ledgers: RoleLedgers, column: str) -> None:
    held(role_ledgers)

    with pytest.raises(LedgerDenied), role_ledgers.door.write() as tx:
        tx.execute(update(tables.held_answers).values({column: "P-cleo"}))


def test_under_its_role_the_door_gives_more_time_takes_back_and_replaces(role_ledgers: RoleLedgers) -> None:
    scene = held(role_ledgers)
    until = role_ledgers.clock() + timedelta(seconds=40)
    with role_ledgers.door.write() as tx:
        kept = held_answer(tx, scene.review.id, "P-ana")
        assert kept is not None
        take_back_answer(tx, kept)
    with role_ledgers.door.write() as tx:
        again = hold_answer(tx, scene.review, "P-ana", GIVEN, until=until)

    with role_ledgers.door.read() as tx:
        assert held_answer(tx, scene.review.id, "P-ana") == again
        assert tx.execute(select(tables.held_answers.c.due_at)).scalars().all() == [timestamp(until)]

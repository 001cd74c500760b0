"""Held answers on both databases: given, taken back, counted, lost and pressed by two processes at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from presscheck.desk.holding import HeldAnswers
from presscheck.ledger import EventKind, tables, timestamp, verify
from presscheck.ledger.held import HeldAnswer
from presscheck.models import Decision, Refused
from tests.desk.scene import Scene
from tests.desk.test_holding import Holding

OTHER = "6f0c6a52-0000-4000-8000-0000000000cc"


@pytest.fixture
def holding(ledgers: Any) -> Holding:
    return Holding(Scene(ledgers))


def test_given_taken_back_and_given_again_it_counts_once_and_leaves_no_row(holding: Holding) -> None:
    holding.give(picks=["V01"], note="Wärmer, “bitte”.")
    back = holding.take_back()
    holding.give(picks=["V03"])
    early = holding.pass_by(seconds=19)
    due = holding.pass_by(seconds=2)

    assert isinstance(back, HeldAnswer)
    assert dict(back.given.fields)["note"] == "Wärmer, “bitte”."
    assert early == []
    assert [one.manifest.assets for one in due if isinstance(one, Decision)] == [(holding.scene.assets[2].digest,)]
    assert holding.rows() == []
    assert verify(holding.door).sound


def test_what_is_due_is_found_by_its_time_and_the_first_comes_first(holding: Holding) -> None:
    holding.give("cleo", picks=["V02"])
    holding.clock.advance(seconds=1)
    holding.give("ana", picks=["V01"])

    first, second = holding.pass_by()

    assert (first.person, second.code) == ("P-cleo", "already-decided")


@pytest.mark.parametrize("how", ["gone", "altered", "moved"])
def test_a_row_that_somebody_touched_counts_for_nothing(holding: Holding, how: str) -> None:
    held = holding.give(picks=["V01"])
    table = tables.held_answers
    later = timestamp(held.due_at - timedelta(seconds=15))
    with holding.door.write() as tx:
        if how == "gone":
            tx.execute(delete(table))
        elif how == "altered":
            text = tx.execute(select(table.c.answer)).scalar_one()
            tx.execute(update(table).values(answer=text.replace("V01", "V02")))
        else:
            tx.execute(update(table).values(due_at=later))

    told = holding.take_back()

    assert isinstance(told, Refused)
    assert told.code == "lost"
    assert holding.pass_by() == []
    assert holding.decision() is None


def test_taking_all_back_tells_what_was_lost_and_that_it_never_counts(holding: Holding) -> None:
    other = Holding(Scene(holding.scene.ledgers, run=OTHER, people=False))
    holding.give()
    other.give()
    holding.give("cleo")
    table = tables.held_answers
    lost = (table.c.review == other.scene.review.id, table.c.person == "P-ana")
    with holding.door.write() as tx:
        row = dict(tx.execute(select(table).where(*lost)).one()._mapping)
        tx.execute(delete(table).where(*lost))

    told, again = (holding.held.take_all_back(person="P-ana") for _ in range(2))
    with holding.door.write() as tx:
        tx.execute(table.insert(), row)
    due = holding.pass_by()

    assert told[holding.scene.review.id] is None
    refused = told[other.scene.review.id]
    assert refused is not None
    assert (refused.code, "does not count" in refused.reason) == ("lost", True)
    assert len(told) == 2
    assert again == {}
    assert [one.person for one in due] == ["P-cleo"], "what was put back is nobody's, and others' stand"
    assert other.decision() is None


@pytest.mark.parametrize("button", ["longer", "send_now", "take_back"])
def test_no_button_says_of_a_lost_answer_that_it_counts(holding: Holding, button: str) -> None:
    holding.give()
    with holding.door.write() as tx:
        tx.execute(delete(tables.held_answers))

    told = getattr(holding.held, button)(holding.scene.review.id, person="P-ana")
    after = holding.held.longer(holding.scene.review.id, person="P-ana")

    for one in (told, after):
        assert isinstance(one, Refused)
        assert "counts" not in one.reason
    assert "does not count" in told.reason


def test_two_doors_at_once_submit_it_once(holding: Holding) -> None:
    holding.give()
    holding.clock.advance(seconds=21)
    came_to: list[Any] = []
    together = threading.Barrier(4)

    def submit(held: HeldAnswers) -> None:
        together.wait(10)
        came_to.extend(held.submit_due())

    doors = [holding.held, HeldAnswers(holding.scene.desk), HeldAnswers(holding.scene.desk), holding.held]
    threads = [threading.Thread(target=submit, args=(one,)) for one in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [type(one) for one in came_to] == [Decision]
    assert holding.kinds().count("decision:approved") == 1


def test_taking_back_and_sending_at_once_do_one_of_the_two(holding: Holding) -> None:
    for _ in range(5):
        if holding.decision() is not None:
            break
        holding.give()
        came_to: dict[str, Any] = {}
        together = threading.Barrier(2)

        def press(button: str, came_to: dict[str, Any] = came_to, together: threading.Barrier = together) -> None:
            together.wait(10)
            came_to[button] = getattr(holding.held, button)(holding.scene.review.id, person="P-ana")

        threads = [threading.Thread(target=press, args=(one,)) for one in ("take_back", "send_now")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        assert isinstance(came_to["take_back"], HeldAnswer) != isinstance(came_to["send_now"], Decision)
        assert (holding.decision() is not None) == isinstance(came_to["send_now"], Decision)


def test_what_was_taken_back_a_week_ago_is_erased_and_what_is_held_is_not(holding: Holding) -> None:
    holding.give("ana")
    holding.take_back("ana")
    holding.clock.advance(days=6)
    holding.held.forget_old()
    before = [row.person for row in holding.rows()]
    holding.give("cleo")
    holding.clock.advance(days=1, minutes=1)
    holding.held.forget_old()

    assert before == ["P-ana"]
    assert [row.person for row in holding.rows()] == ["P-cleo"]
    assert EventKind.ANSWER_TAKEN_BACK.value in holding.kinds()

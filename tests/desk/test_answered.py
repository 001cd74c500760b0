"""What somebody answered, and what became of it: theirs alone, newest first, by signed events."""

from typing import Any

import pytest
from sqlalchemy import update

from presscheck.desk.answered import answered_by
from presscheck.ledger import EventKind, tables
from tests.desk.scene import Scene
from tests.desk.test_stages import Staged


@pytest.mark.slow
def test_an_answer_is_told_to_whoever_gave_it_with_how_the_question_ended(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    scene.approve("ana", picks=["V01"])

    with sqlite_ledgers.door.read() as tx:
        [mine], earlier = answered_by(tx, "P-ana")
        others, _ = answered_by(tx, "P-cleo")

    assert (mine.review.id, mine.title, mine.said) == (scene.review.id, "Spring launch", "You approved")
    assert mine.ended.startswith("Approved by ana")
    assert (mine.became, earlier, others) == ("", None, [])


def test_a_yes_that_others_are_needed_for_is_told_once(sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    scene.answer("ana", picks=["V02"])

    with sqlite_ledgers.door.read() as tx:
        [mine], _ = answered_by(tx, "P-ana")

    assert (mine.said, mine.ended) == ("You approved", "")


def test_what_became_of_a_delivery_is_believed_of_the_press_alone(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    decision = scene.approve("ana", picks=["V01"])
    assert decision.manifest is not None
    delivery = scene.request(decision.manifest)

    def told() -> str:
        with sqlite_ledgers.door.read() as tx:
            [mine], _ = answered_by(tx, "P-ana")
        return mine.became

    waiting = told()
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(update(tables.deliveries).where(tables.deliveries.c.id == delivery).values(state="done", sent=7))
    planted = told()
    with sqlite_ledgers.press.write() as tx:
        tx.append(EventKind.DELIVERY_COMPLETED, delivery, {"sent": 7}, run=scene.run)
    done = told()

    assert waiting == "Handed to the press, no messages sent so far."
    assert planted.startswith("With the press")
    assert done == "Delivered: 7 messages sent."


def test_pages_follow_each_other_and_a_name_elsewhere_in_an_event_is_no_answer(sqlite_ledgers: Any) -> None:
    runs = [f"6f0c6a52-0000-4000-8000-0000000000{at:02d}" for at in range(3)]
    scenes = [Scene(sqlite_ledgers, run=run, people=at == 0) for at, run in enumerate(runs)]
    for scene in scenes:
        sqlite_ledgers.clock.advance(minutes=1)
        scene.answer("ana", "Reject", reason="voice", picks=[])
    scenes[0].answer("cleo", "Reject", reason="voice", note='about "P-ana"', picks=[])

    with sqlite_ledgers.door.read() as tx:
        first, earlier = answered_by(tx, "P-ana", most=2)
        second, end = answered_by(tx, "P-ana", most=2, before=earlier)
        cleo, _ = answered_by(tx, "P-cleo")

    assert [one.review.id for one in (*first, *second)] == [scene.review.id for scene in reversed(scenes)]
    assert (end, cleo) == (None, [])

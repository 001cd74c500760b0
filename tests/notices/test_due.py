"""Who is told what, and when: from the clock and the approvals that were given."""

from datetime import timedelta

import pytest

from presscheck.ledger import EventKind
from tests.conftest import Clock
from tests.desk.scene import BRIEF, Ledgers
from tests.notices.office import Office

ASKED = ("P-ana", "P-cleo")


def test_a_new_question_is_told_to_those_whose_yes_is_wanted(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers)

    # Ben wrote the brief, and Uma is responsible for one of two markets.
    assert office.steps() == [("question", ("brand_lead",), ASKED)]


def test_reminders_come_when_they_are_due_and_the_last_stands_for_all(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    office = Office(sqlite_ledgers)

    clock.advance(hours=23, minutes=59)
    before = office.steps()
    clock.advance(minutes=1)
    first = office.steps()
    clock.advance(days=2)
    second = office.steps()

    assert [step for step, _, _ in before] == ["question"]
    assert first == [("reminder-1", ("brand_lead",), ASKED)]
    assert second[0] == ("reminder-2", ("brand_lead", "marketing_director"), (*ASKED, "P-dora"))


def test_the_next_in_line_is_told_when_it_is_their_turn(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    office = Office(sqlite_ledgers)

    clock.advance(days=3)

    assert ("escalation", ("marketing_director",), ("P-dora",)) in office.steps()


def test_who_is_next_in_line_may_answer_though_nobody_was_told(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    office = Office(sqlite_ledgers)
    early = office.scene.answer("dora")

    clock.advance(days=3)
    office.answer("dora")

    assert early.code == "no-right"
    assert office.events(EventKind.REVIEW_ESCALATED) == []
    assert [data["person"] for data in office.events(EventKind.APPROVAL_GIVEN)] == ["P-dora"]


def test_the_next_stage_is_told_when_the_one_before_is_answered(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers)
    office.person("rob", "regional_reviewer")

    office.answer("ana")

    assert office.steps() == [("question", ("regional_reviewer",), ("P-rob",))]


def test_the_owner_hears_that_nobody_may_answer(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers)

    office.revoke("ana", "cleo")

    assert office.steps() == [("nobody", ("owner",), ())]
    assert office.due()[0].why == "nobody-eligible"


@pytest.mark.slow
def test_the_owner_hears_when_a_quarter_of_the_time_is_left(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    office = Office(sqlite_ledgers)

    clock.advance(days=5, hours=5)
    before = [step for step, _, _ in office.steps()]
    clock.advance(hours=1)

    assert "ending" not in before
    assert ("ending", ("owner",), ()) in office.steps()


def test_the_owner_hears_for_a_day_that_nobody_answered(sqlite_ledgers: Ledgers, clock: Clock) -> None:
    office = Office(sqlite_ledgers)

    clock.advance(days=8)
    assert office.scene.desk.expire_due() == 1

    assert office.steps() == [("expired", ("owner",), ())]
    clock.advance(days=1, seconds=1)
    assert office.steps() == []


def test_an_answered_question_is_told_to_nobody(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers, brief=BRIEF)

    office.scene.approve("ana")

    assert office.steps() == []


def test_a_forged_question_keeps_no_other_from_being_told(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers)
    with sqlite_ledgers.door.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO reviews (id, run, gate, round, question, opened_at, expires_at) "
            "SELECT 'R-000000000000', run, gate, round, question, '2020', expires_at FROM reviews"
        )

    assert [notice.review for notice in office.due()] == [office.scene.review.id]


def test_times_are_told_in_the_zone_of_the_calendar(sqlite_ledgers: Ledgers) -> None:
    until = Office(sqlite_ledgers).due()[0].until

    assert until is not None
    assert str(until.tzinfo) == "Europe/London"
    assert until.utcoffset() == timedelta()

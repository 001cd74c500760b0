"""A test plays people: whoever counts lets the run go on, and whoever does not is told why."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from presscheck.models import Refused
from presscheck.rehearsal import AnswerRefused, Rehearsal
from tests.rehearsal.conftest import AUTHOR, module_of


@pytest.fixture
def flow(project: Path) -> Any:
    return module_of(project / "flows" / "spring_mug.py").spring_mug


def test_what_is_approved_goes_out(rehearsal: Rehearsal, flow: Any) -> None:
    run = rehearsal.start(flow)

    run.approve("brand_lead", picks=["V01", "V02"])

    assert run.ended == "Delivered", run.message
    assert len(run.outbox) == 22


def test_who_may_not_approve_is_refused_with_the_desks_reason(rehearsal: Rehearsal, flow: Any) -> None:
    rehearsal.enrol(AUTHOR, "brand_lead")
    run = rehearsal.start(flow)

    with pytest.raises(AnswerRefused, match=rf"{AUTHOR} could not approve: .* wrote this brief") as told:
        run.approve(AUTHOR, picks=["V01"])
    as_value = run.answer(AUTHOR, "approve", picks=["V01"])

    assert isinstance(as_value, Refused)
    assert told.value.code == as_value.code
    assert as_value.reason in str(told.value)
    assert run.waits_for == "brand_lead"
    assert run.outbox == []


def test_changes_bring_another_round_and_a_rejection_ends_it(rehearsal: Rehearsal, flow: Any) -> None:
    run = rehearsal.start(flow)

    run.request_changes("brand_lead", reason="voice", note="Shorter, please.")
    second = run.review.question.round
    run.reject("brand_lead", reason="voice", note="Not how we talk.")

    assert second == 2
    assert run.ended == "Rejected"
    assert run.outbox == []


def test_time_that_passes_before_the_deadline_wakes_nobody_and_after_it_ends_the_run(
    rehearsal: Rehearsal, flow: Any
) -> None:
    run = rehearsal.start(flow)

    run.let_time_pass(days=1)
    still = run.waits_for
    run.let_time_pass(days=7)

    assert still == "brand_lead"
    assert run.ended == "Expired"


def test_the_flow_reads_the_clock_that_was_put_forward(rehearsal: Rehearsal) -> None:
    from tasks import house

    before = house.ledger().clock()
    rehearsal.later += timedelta(days=3)

    assert house.ledger().clock() - before >= timedelta(days=3)

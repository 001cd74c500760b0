"""States: an engineer cancels, which withdraws the review, and retries what has ended; nobody sets anything else."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.reviews import decision_of
from presscheck.models import DecisionKind
from tests.desk.scene import RUN

SET_STATE = f"/api/flow_runs/{RUN}/set_state"


def _decision(house: Any) -> Any:
    with house.ledger.read() as tx:
        return decision_of(tx, house.scene.review.id)


def test_cancelling_withdraws_the_review_and_then_passes(house: Any) -> None:
    body = {"state": {"type": "CANCELLING", "name": "Anything", "data": "x"}, "force": True}

    answer = house.visitor("eva").post(SET_STATE, body)

    assert answer.status_code == 201
    assert _decision(house).kind is DecisionKind.WITHDRAWN
    [call] = house.upstream.calls("POST", "set_state")
    assert call["body"]["force"] is False
    assert (call["body"]["state"]["type"], call["body"]["state"]["name"]) == ("CANCELLING", "Cancelling")
    assert "data" not in call["body"]["state"]
    with house.ledger.read() as tx:
        assert [event.data for event in tx.events(EventKind.RUN_CANCELLED)] == [{"person": "P-eva"}]


def test_cancelling_after_an_answer_leaves_the_answer(house: Any) -> None:
    house.scene.approve("ana")

    house.visitor("eva").post(SET_STATE, {"state": {"type": "CANCELLED"}})

    assert _decision(house).kind is DecisionKind.APPROVED


@pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"])
def test_engineer_retries_what_has_ended(still_house: Any, state: str) -> None:
    still_house.upstream.state = {"type": state, "name": state.title()}

    answer = still_house.visitor("eva").post(SET_STATE, {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}})

    assert answer.status_code == 201
    [call] = still_house.upstream.calls("POST", "set_state")
    assert call["body"]["state"]["name"] == "AwaitingRetry"


@pytest.mark.parametrize("state", ["PAUSED", "RUNNING", "SCHEDULED", "PENDING", "CANCELLING"])
def test_run_that_has_not_ended_is_not_retried(house: Any, state: str) -> None:
    house.upstream.state = {"type": state, "name": state.title()}

    answer = house.visitor("eva").post(SET_STATE, {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}})

    assert answer.status_code == 403
    assert house.upstream.calls("POST") == []
    assert house.scene.kinds("request:") == ["request:forbidden"]


@pytest.mark.parametrize(
    "state",
    [
        {"type": "COMPLETED"},
        {"type": "RUNNING"},
        {"type": "PAUSED", "name": "Suspended"},
        {"type": "SCHEDULED", "name": "Resuming"},
        {"type": "completed"},
        {"type": ["CANCELLED"]},
        {},
        "CANCELLED",
        None,
    ],
)
def test_no_other_state_is_set_by_anybody(still_house: Any, state: Any) -> None:
    answer = still_house.visitor("eva").post(SET_STATE, {"state": state, "force": True})

    assert answer.status_code == 403
    assert still_house.upstream.calls("POST") == []
    assert _decision(still_house) is None


@pytest.mark.parametrize("person", ["ana", "ben"])
@pytest.mark.parametrize("state", ["CANCELLING", "SCHEDULED", "COMPLETED"])
def test_reviewer_sets_no_state(house: Any, person: str, state: str) -> None:
    answer = house.visitor(person).post(SET_STATE, {"state": {"type": state}})

    assert answer.status_code == 403
    assert house.upstream.seen == []
    assert _decision(house) is None
    assert house.scene.kinds("request:") == ["request:forbidden"]

"""Somebody reaches Prefect's own API with its credentials: every known bypass, and nothing goes out.

Each was run against bare Prefect 3.8 and passes a gate that believes what Prefect stores.
"""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.deliveries import delivery_id, find_delivery
from presscheck.ledger.reviews import decision_of
from presscheck.models import DecisionKind, Review
from tests.running import Stack

pytestmark = pytest.mark.timeout(400)


def _pending_key(stack: Stack, run: str) -> str:
    return str(stack.run_state(run)["state_details"]["pause_key"])


def _answer(review: Review) -> dict[str, Any]:
    """What a brand lead would submit."""
    labels = [proposal.code for proposal in review.question.proposals[:3]]
    return {
        "form": review.form_key,
        "decision": "Approve",
        "picks": labels,
        "edits": [],
        "reason": "none · I approve",
        "note": "",
    }


def _force_scheduled(stack: Stack, run: str, name: str = "Scheduled") -> None:
    body = {"state": {"type": "SCHEDULED", "name": name}, "force": True}
    assert stack.prefect("POST", f"/flow_runs/{run}/set_state", body).status_code in (200, 201)


def _wakings(stack: Stack, review: Review) -> int:
    with stack.ledger.read() as tx:
        return len(tx.events(EventKind.RUN_WOKEN_UNANSWERED, subject=review.id))


def _asks_again(stack: Stack, review: Review, before: int) -> None:
    """The run woke, the ledger recorded it, and the run sleeps again without having got anywhere."""
    stack.wait(lambda _: _wakings(stack, review) > before or None, "the waking to be recorded")
    stack.wait_until_suspended(review.question.run)
    _nothing_went_out(stack, review)


def _nothing_went_out(stack: Stack, review: Review) -> None:
    with stack.ledger.read() as tx:
        assert decision_of(tx, review.id) is None
        assert find_delivery(tx, delivery_id(review.question.run, review.id)) is None
    assert stack.messages(review) == []


def test_no_state_and_no_stored_answer_of_prefect_passes_the_gate(stack: Stack) -> None:
    review = stack.ask()
    run = review.question.run
    stack.wait_until_suspended(run)

    # Resumed with nothing: refused by the form, or woken; never passed.
    before = _wakings(stack, review)
    answer = stack.prefect("POST", f"/flow_runs/{run}/resume", {"run_input": {}})
    if answer.json().get("status") == "ACCEPT":
        _asks_again(stack, review, before)

    # The state forced, plainly and under a name that looks like a resume.
    for name in ("Scheduled", "Resuming"):
        before = _wakings(stack, review)
        _force_scheduled(stack, run, name)
        _asks_again(stack, review, before)

    # An answer planted where Prefect keeps answers, then the run woken.
    before = _wakings(stack, review)
    key = _pending_key(stack, run)
    planted = {"key": f"suspended-{key}-response", "value": _as_input(_answer(review))}
    assert stack.prefect("POST", f"/flow_runs/{run}/input", planted).status_code == 201
    _force_scheduled(stack, run)
    _asks_again(stack, review, before)

    # A real submission sent straight to Prefect, past the door.
    before = _wakings(stack, review)
    answer = stack.prefect("POST", f"/flow_runs/{run}/resume", {"run_input": _answer(review)})
    if answer.json().get("status") == "ACCEPT":
        _asks_again(stack, review, before)

    # The door takes a no; what Prefect would read instead is swapped in before the flow wakes, and after.
    planted["key"] = f"suspended-{_pending_key(stack, run)}-response"
    assert stack.prefect("POST", f"/flow_runs/{run}/input", planted).status_code == 201
    assert stack.decide(review, decision="Reject", picks=[], reason="voice")["accepted"] is True
    stack.prefect("DELETE", f"/flow_runs/{run}/input/{planted['key']}")
    stack.prefect("POST", f"/flow_runs/{run}/input", planted)
    stack.wait_for_state(run, "Rejected")

    # The run declared delivered by hand.
    completed = {"state": {"type": "COMPLETED", "name": "Delivered"}, "force": True}
    stack.prefect("POST", f"/flow_runs/{run}/set_state", completed)
    with stack.ledger.read() as tx:
        decided = decision_of(tx, review.id)
        assert find_delivery(tx, delivery_id(run, review.id)) is None
    assert decided is not None
    assert decided.kind is DecisionKind.REJECTED
    assert stack.messages(review) == []
    assert stack.ledger.verify().fault is None


def test_a_run_made_with_pause_keys_and_a_planted_answer_asks_all_the_same(stack: Stack) -> None:
    found = stack.prefect("GET", "/deployments/name/product-launch/product-launch").json()
    body = {
        "state": {"type": "SCHEDULED"},
        "empirical_policy": {"pause_keys": ["copy-0", "copy-1", "copy"], "resuming": True},
    }
    made = stack.prefect("POST", f"/deployments/{found['id']}/create_flow_run", body).json()
    for key in ("copy-0", "copy-1", "copy"):
        planted = {"key": f"suspended-{key}-response", "value": '{"decision": "Approve"}'}
        stack.prefect("POST", f"/flow_runs/{made['id']}/input", planted)

    review = stack.wait_for_review(made["id"])
    stack.wait_until_suspended(made["id"])

    _nothing_went_out(stack, review)


def _as_input(answer: dict[str, Any]) -> str:
    import json

    return json.dumps(answer)

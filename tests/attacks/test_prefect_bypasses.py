"""Somebody reaches Prefect's own API with its credentials: every known bypass, and nothing goes out.

Each was run against bare Prefect 3.8 and 3.9 and passes a gate that believes what Prefect stores.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from presscheck.ledger import EventKind, verify
from presscheck.ledger.deliveries import delivery_id, find_delivery
from presscheck.ledger.reviews import decision_of, open_reviews
from presscheck.models import DecisionKind, Review
from presscheck.people.rights import Grant, Role, record_rights, remember_person
from presscheck.people.sessions import find_session, open_session
from presscheck.wiring import open_ledger
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
    assert verify(stack.ledger).fault is None


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


def test_a_schedule_has_a_starter_and_an_engineer_at_the_door_has_no_shell(stack: Stack) -> None:
    found = stack.prefect("GET", "/deployments/name/product-launch/product-launch").json()
    at = f"/api/deployments/{found['id']}"
    ask = _at_the_door(stack, "zoe", "brand_lead", "engineer")
    sent_back = {name: found[name] for name in ("job_variables", "work_pool_name", "work_queue_name", "parameters")}
    command = {"job_variables": {**found["job_variables"], "command": "sh -c id"}}
    # Due in some seconds and, where this machine is slow, two minutes later.
    due = datetime.now(UTC) + timedelta(seconds=15)
    schedule = {"schedule": {"interval": 120, "anchor_date": due.isoformat()}, "active": True, "slug": "attack"}
    before = _asked(stack)

    statuses = [
        ask("PATCH", at, {**sent_back, **command}).status_code,
        ask("PATCH", at, {**sent_back, "description": "As Prefect's page sends it."}).status_code,
        ask("POST", f"{at}/schedules", [{**schedule, **command}]).status_code,
        ask("POST", f"{at}/schedules", [schedule]).status_code,
    ]
    review = stack.wait(
        lambda _: next((one for one in _asked(stack) if one not in before), None), "it to ask", seconds=300
    )
    deployed = stack.prefect("GET", at.removeprefix("/api")).json()
    ours = next(one["id"] for one in deployed["schedules"] if one["slug"] == "attack")
    statuses.append(ask("PATCH", f"{at}/schedules/{ours}", {"active": False}).status_code)
    answer = ask("POST", f"/-/api/reviews/{review.id}/decision", _answer(review)).json()

    assert statuses == [403, 204, 403, 201, 204]
    assert deployed["job_variables"] == found["job_variables"]
    assert (answer["accepted"], answer["code"]) == (False, "own-run")


def _asked(stack: Stack) -> list[Review]:
    with stack.ledger.read() as tx:
        return open_reviews(tx)


def _at_the_door(stack: Stack, name: str, *roles: Role) -> Callable[[str, str, Any], httpx.Response]:
    """Requests of somebody who holds these roles and is signed in."""
    email, grants = f"{name}@fernholt.example.com", [Grant(role=role, markets="all") for role in roles]
    door = open_ledger(stack.settings, "door")
    with door.write() as tx:
        remember_person(tx, f"P-{name}", email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")
        token, _ = open_session(tx, f"P-{name}", hours=1)
    with door.read() as tx:
        session = find_session(tx, token)
    door.close()
    assert session is not None
    headers = {"origin": stack.settings.door_url, "x-presscheck-csrf": session.csrf, "cookie": f"presscheck={token}"}

    def ask(method: str, path: str, body: Any) -> httpx.Response:
        for _ in range(20):
            answer = httpx.request(method, stack.settings.door_url + path, json=body, headers=headers, timeout=60)
            # Prefect's SQLite is locked at times under load; people try again.
            if answer.status_code != 503:
                return answer
            time.sleep(0.5)
        raise AssertionError(f"the door went on answering 503 to {method} {path}")

    return ask


def _as_input(answer: dict[str, Any]) -> str:
    import json

    return json.dumps(answer)

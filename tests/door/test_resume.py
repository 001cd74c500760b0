"""Resume: an application for the desk, answered in the form; Prefect never sees it."""

from typing import Any

from presscheck.ledger.reviews import decision_of
from presscheck.models import DecisionKind
from tests.desk.scene import RUN

RESUME = f"/api/flow_runs/{RUN}/resume"


def test_accepted_answer_is_a_decision_and_never_reaches_prefect(house: Any) -> None:
    answer = house.visitor("ana").post(RESUME, {"run_input": house.scene.raw()})

    assert answer.status_code == 200
    assert answer.json()["status"] == "ACCEPT"
    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
    assert decision is not None
    assert (decision.kind, decision.person) == (DecisionKind.APPROVED, "P-ana")
    assert house.upstream.calls("POST", "resume") == []


def test_author_is_told_in_the_form_why_not(house: Any) -> None:
    answer = house.visitor("ben").post(RESUME, {"run_input": house.scene.raw()})

    told = answer.json()
    assert (answer.status_code, told["status"], told["state"]) == (200, "REJECT", None)
    assert "ben wrote this brief and may not approve it" in told["details"]["reason"]
    assert "ana" in told["details"]["reason"]
    assert house.scene.kinds("decision:") == []
    assert house.upstream.seen == []

"""Days on which something is gone or wrong: it is said in plain words, nothing is lost, and it goes on afterwards."""

import httpx
import pytest

from presscheck.errors import DoorError
from presscheck.ledger import EventKind, verify
from presscheck.ledger.reviews import DECISION_EVENTS, decision_of
from tests.running import Stack


@pytest.mark.timeout(300)
def test_an_answer_given_while_prefects_server_is_gone_stands_and_is_delivered_after_its_restart(stack: Stack) -> None:
    review = stack.ask()
    run = review.question.run
    stack.wait_until_suspended(run)
    codes = [proposal.code for proposal in review.question.proposals[:2]]
    form = {"form": review.form_key, "decision": "approve", "picks": codes, "edits": [], "note": ""}
    killed = stack.kill("server")

    with stack.door("brand_lead") as door:
        answer = door.post(f"/api/flow_runs/{run}/resume", {"run_input": form})
    with pytest.raises(DoorError, match="does not answer"):
        stack.start_run()

    # The server takes many seconds to start: it was gone all the while.
    with pytest.raises(httpx.HTTPError):
        stack.prefect("GET", "/health")
    assert answer["status"] == "ACCEPT"
    with stack.ledger.read() as tx:
        assert decision_of(tx, review.id) is not None
    stack.wait_for_restart("server", killed)
    delivery = stack.wait_for_delivery(review)
    stack.wait_for_state(run, "Delivered")
    assert (delivery.state, delivery.sent) == ("done", review.question.audience_rows)
    assert len(stack.messages(review)) == review.question.audience_rows
    with stack.ledger.read() as tx:
        assert len(tx.events(*DECISION_EVENTS.values(), subject=review.id)) == 1
    assert verify(stack.ledger).fault is None


def test_a_segment_that_writes_is_held_with_its_file_and_line_and_asks_nobody(stack: Stack) -> None:
    customers = stack.settings.data / "customers.csv"
    before = customers.read_bytes()
    (stack.settings.data / "segments" / "writes.sql").write_text("-- Tidy up first.\nDROP TABLE customers;\n", "utf-8")

    run = stack.start_run(audience="segments/writes.sql")
    state = stack.wait_for_state(run, "Held", "Failed", "Crashed")

    assert state["name"] == "Held"
    assert "writes.sql:2" in state["message"]
    assert "Traceback" not in state["message"]
    assert customers.read_bytes() == before
    with stack.ledger.read() as tx:
        assert tx.events(EventKind.REVIEW_OPENED, run=run) == []

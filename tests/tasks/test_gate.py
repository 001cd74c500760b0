"""The gate: the ledger decides, Prefect waits, and what did not run is asserted as well as what did."""

import json
from datetime import timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType

from presscheck.ledger import EventKind
from presscheck.ledger.reviews import unread_wakes
from presscheck.models import Decision, Refused, Review
from tasks import gate
from tests.tasks.stage import MADE, Stage

pytestmark = pytest.mark.slow


def test_a_campaign_sleeps_until_it_is_answered_and_asks_the_press_once_it_is(stage: Stage) -> None:
    assert stage.start() is None
    assert stage.state.type is StateType.PAUSED
    assert stage.deliveries() == []

    assert isinstance(stage.answer(), Decision)
    assert stage.wake() is None

    assert len(stage.deliveries()) == 1
    assert [event.subject for event in stage.events(EventKind.ANSWER_READ)] == [stage.review().id]


def test_a_delivered_campaign_ends_completed_as_delivered(stage: Stage) -> None:
    stage.start()
    stage.answer()
    stage.wake()
    stage.press_reports(EventKind.DELIVERY_COMPLETED, sent=7)

    ended = stage.wake()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "Delivered")
    assert "7 sent" in (ended.message or "")
    assert [event.data["ending"] for event in stage.events(EventKind.CAMPAIGN_ENDED)] == ["delivered"]


def test_five_nodes_stand_in_the_graph_however_often_the_campaign_woke(stage: Stage) -> None:
    stage.start()
    assert stage.nodes()["approval: copy"].state_name == "Awaiting brand lead"
    stage.wake()
    stage.wake()
    stage.answer()
    stage.wake()
    stage.press_reports(EventKind.DELIVERY_COMPLETED, sent=7)
    stage.wake()

    nodes = stage.nodes()

    names = ["approval: copy", "check variants, round 1", "delivery", "draft variants, round 1", "screen the audience"]
    assert sorted(nodes) == names
    assert nodes["approval: copy"].state_name == "Approved by a brand lead"
    assert nodes["delivery"].state_name == "Delivered"
    edges = {
        (by_id.name, node.name)
        for node in nodes.values()
        for inputs in node.task_inputs.values()
        for one in inputs
        for by_id in nodes.values()
        if getattr(one, "id", None) == by_id.id
    }
    assert edges == {
        ("draft variants, round 1", "check variants, round 1"),
        ("check variants, round 1", "approval: copy"),
        ("screen the audience", "approval: copy"),
        ("approval: copy", "delivery"),
    }


def test_a_node_that_is_not_in_the_graph_when_the_answer_comes_is_drawn_then(stage: Stage) -> None:
    stage.start()
    # As after a kill between the question and its node.
    with get_client(sync_client=True) as client:
        client.delete_task_run(stage.nodes()["approval: copy"].id)
    stage.answer()
    stage.wake()

    assert stage.nodes()["approval: copy"].state_name == "Approved by a brand lead"


def test_steps_are_made_once_however_often_the_campaign_woke(stage: Stage) -> None:
    stage.start()
    drafted = stage.events(EventKind.ASSET_DRAFTED)

    stage.wake()
    stage.answer()
    stage.wake()

    assert stage.events(EventKind.ASSET_DRAFTED) == drafted
    assert [str(stage.id)] == MADE


def test_a_rejected_campaign_ends_as_rejected_and_nothing_is_requested(stage: Stage) -> None:
    stage.start()
    stage.answer(decision="Reject", reason="voice", note="Not us.")

    ended = stage.wake()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "Rejected")
    assert stage.nodes()["approval: copy"].state_name == "Rejected by a brand lead"
    assert stage.deliveries() == []


def test_whoever_wrote_the_brief_is_refused_and_the_campaign_sleeps_on(stage: Stage) -> None:
    stage.start()

    answer = stage.answer("ben")

    assert isinstance(answer, Refused)
    assert stage.wake() is None
    assert stage.state.type is StateType.PAUSED
    assert stage.deliveries() == []


def test_changes_lead_to_new_drafts_in_a_new_round_and_the_old_ones_are_kept(stage: Stage) -> None:
    stage.start()
    first = stage.review()
    stage.answer(decision="Request changes", reason="voice", note="Warmer, please.")

    assert stage.wake() is None

    second = stage.review()
    assert (second.question.round, second.question.previous) == (2, first.id)
    assert {one.asset for one in second.question.proposals} != {one.asset for one in first.question.proposals}
    assert stage.nodes()["approval: copy"].state_name == "Changes requested by a brand lead"
    assert stage.nodes()["approval: copy, round 2"].state_name == "Awaiting brand lead"
    with stage.door.read() as tx:
        for review in (first, second):
            assert stage.desk.form(tx, review).choices


def test_a_note_that_is_erased_later_does_not_draft_again(stage: Stage) -> None:
    stage.start()
    stage.answer(decision="Request changes", reason="voice", note="Warmer, please.")
    stage.wake()
    drafted = stage.events(EventKind.ASSET_DRAFTED)
    # Erasing takes the row out; a note that says something else is forged, and holds (tests/attacks).
    stage.spoil("DELETE FROM applications")

    assert stage.wake() is None

    assert stage.events(EventKind.ASSET_DRAFTED) == drafted


def test_a_review_that_nobody_answers_expires_and_nothing_is_requested(stage: Stage) -> None:
    stage.start()
    stage.later = timedelta(days=400)
    assert stage.desk.expire_due() == 1

    ended = stage.wake()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.COMPLETED, "Expired")
    assert stage.nodes()["approval: copy"].state_name == "Expired, because nobody answered in time"
    assert stage.deliveries() == []


def test_a_withdrawn_review_ends_the_campaign_as_withdrawn(stage: Stage) -> None:
    stage.start()
    assert isinstance(stage.desk.withdraw(stage.review().id, person="P-eva"), Decision)

    ended = stage.wake()

    assert ended is not None
    assert ended.name == "Withdrawn"
    assert stage.deliveries() == []


def test_a_campaign_woken_by_its_state_without_an_answer_asks_again(stage: Stage) -> None:
    stage.start()
    review = stage.review()

    for _ in range(3):
        assert stage.wake() is None

    assert stage.state.type is StateType.PAUSED
    assert stage.review() == review
    assert stage.deliveries() == []
    assert stage.events(EventKind.ANSWER_READ) == []


def test_an_answer_that_somebody_gave_to_prefect_itself_is_not_read(stage: Stage) -> None:
    stage.start()
    form = {
        "form": stage.review().form_key,
        "decision": "Approve",
        "picks": [],
        "edits": [],
        "reason": "none · I approve",
        "note": "",
    }
    with get_client(sync_client=True) as client:
        filled = client.resume_flow_run(stage.id, run_input=form)
        as_prefect_asks = client.resume_flow_run(stage.id, run_input={"form": form["form"]})
    # The form that Prefect was given has no place for a decision.
    assert (filled.status.value, as_prefect_asks.status.value) == ("REJECT", "ACCEPT")

    assert stage.go() is None

    assert stage.state.type is StateType.PAUSED
    assert stage.deliveries() == []


def test_an_answer_planted_beside_the_form_is_not_read(stage: Stage) -> None:
    stage.start()
    keyset = stage.state.state_details.run_input_keyset
    assert keyset is not None
    form = {
        "form": "x",
        "decision": "Approve",
        "picks": [],
        "edits": [],
        "reason": "none · I approve",
        "note": "planted",
    }
    with get_client(sync_client=True) as client:
        client.create_flow_run_input(stage.id, keyset["response"], value=json.dumps(form))

    assert stage.wake() is None

    assert stage.deliveries() == []


def test_pause_keys_put_into_the_run_beforehand_open_nothing(stage: Stage) -> None:
    keys = ["copy", "copy-1", "1", "0", "delivery"]

    assert stage.start(empirical_policy={"pause_keys": keys, "resuming": True}) is None

    assert stage.state.type is StateType.PAUSED
    assert stage.deliveries() == []


@pytest.mark.parametrize("process", ["worker", "press"])
def test_a_decision_that_the_door_did_not_sign_is_no_decision(stage: Stage, process: str) -> None:
    stage.start()
    stage.forge_approval(process)

    assert stage.wake() is None

    assert stage.state.type is StateType.PAUSED
    assert stage.deliveries() == []


def test_a_decision_made_in_the_moment_before_the_run_sleeps_is_found_when_the_bell_rings(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = gate._sleep_with

    def answered_meanwhile(review: Review) -> None:
        assert isinstance(stage.answer(), Decision)
        asleep(review)

    with monkeypatch.context() as patched:
        patched.setattr(gate, "_sleep_with", answered_meanwhile)
        assert stage.start() is None
    with stage.door.read() as tx:
        assert unread_wakes(tx) == [(str(stage.id), stage.review().id)]

    assert stage.wake() is None

    assert len(stage.deliveries()) == 1
    with stage.door.read() as tx:
        assert unread_wakes(tx) == []


def test_a_delivery_that_the_press_held_ends_the_campaign_as_held_with_its_reason(stage: Stage) -> None:
    stage.start()
    stage.answer()
    stage.wake()
    # As the press does it: the code is signed, the words for people stand in the delivery's row.
    stage.press_reports(EventKind.DELIVERY_HELD, code="policies-changed")
    stage.spoil("UPDATE deliveries SET state = 'held', reason = 'a policy changed after the approval'")

    ended = stage.wake()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.FAILED, "Held")
    assert "(policies-changed): a policy changed after the approval" in (ended.message or "")
    assert [event.data["ending"] for event in stage.events(EventKind.CAMPAIGN_ENDED)] == ["held"]


def test_a_delivery_that_a_worker_reports_as_done_is_not_believed(stage: Stage) -> None:
    stage.start()
    stage.answer()
    stage.wake()
    with stage.ledger("worker").write() as tx:
        tx.append(EventKind.DELIVERY_COMPLETED, stage.deliveries()[0].subject, {"sent": 7}, run=str(stage.id))

    assert stage.wake() is None

    assert stage.state.type is StateType.PAUSED


def test_a_question_altered_in_the_ledger_holds_the_campaign(stage: Stage) -> None:
    stage.start()
    stage.spoil("UPDATE reviews SET question = replace(question, '\"audience_rows\":7', '\"audience_rows\":8')")

    ended = stage.wake()

    assert ended is not None
    assert ended.name == "Held"
    assert "not the one that was asked" in (ended.message or "")


def test_a_gate_that_no_approval_policy_covers_holds_the_campaign(stage: Stage) -> None:
    ended = stage.start(gate="budget")

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.FAILED, "Held")
    assert "No approval policy covers gate budget" in (ended.message or "")
    assert stage.events(EventKind.REVIEW_OPENED) == []

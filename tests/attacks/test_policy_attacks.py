"""Whoever changes, empties or writes policies: nothing goes out that nobody demanded, and no flag is there for show."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policies.engine.approval import ApprovalPolicy, Automatic, Picks
from policies.engine.stages import Escalation, Need, Stage
from presscheck.desk import CurrentPolicies
from presscheck.models import Approval, Decision, DecisionKind, Refused
from tests.attacks.staged import SPENDING, Staged
from tests.desk.scene import Ledgers, Scene, draft, policy_folder, shipped_policies
from tests.press.stand import Stand

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize("emptied", ["rights", "approvals", "everything"])
def test_a_policy_folder_that_was_emptied_allows_nothing(sqlite_ledgers: Ledgers, tmp_path: Path, emptied: str) -> None:
    folder = policy_folder(tmp_path)
    stand = Stand(Scene(sqlite_ledgers, policies=CurrentPolicies(folder)))
    delivery = stand.approve_and_request()
    for kind in list(folder.iterdir()):
        if emptied in (kind.name, "everything"):
            shutil.rmtree(kind)
            kind.mkdir()

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, stand.files()) == ("held", [])
    assert stand.scene.kinds("delivery:held") == ["delivery:held"]


def test_a_veto_ends_it_and_lets_nothing_through(sqlite_ledgers: Ledgers) -> None:
    staged = Staged(sqlite_ledgers, brief=SPENDING.model_copy(update={"spend_dollars": 50_000}))

    assert staged.refused("eli") == "no-right"

    no = staged.say("eli", "Reject", reason="compliance")
    assert isinstance(no, Decision)
    assert (no.kind, no.role) == (DecisionKind.REJECTED, "ethics_officer")
    assert staged.refused("ana") == "already-decided"


@pytest.mark.slow
def test_an_approval_of_the_round_before_stands_over_unchanged_parts_and_over_nothing_else(
    sqlite_ledgers: Ledgers,
) -> None:
    before = Staged(sqlite_ledgers)
    before.yes("ana", "rita", "dieter")
    assert isinstance(before.say("lea", "Request changes", reason="compliance", note="Say less."), Decision)
    again = Staged(
        sqlite_ledgers,
        drafts=(draft(0), draft(1), draft(7)),
        round=2,
        people=False,
        previous=before.scene.review.id,
    )

    (new,) = [again.say("ana", picks=["V01", "V03"])]

    # One of the two is new, so each market reads both again.
    assert isinstance(new, Approval)
    assert stage_of(again) == "region"
    again.give("ana")
    old = again.say("cleo", picks=["V01", "V02"])
    assert isinstance(old, Approval)
    assert stage_of(again) == "legal"


@pytest.mark.slow
def test_an_approver_cannot_approve_an_edit_of_their_own_where_the_model_refuses_it(sqlite_ledgers: Ledgers) -> None:
    shipped = shipped_policies()
    strict = tuple(
        ApprovalPolicy.model_validate({**model.model_dump(mode="json"), **LONG, "own_edits": "refused"})
        if model.id == "approvals.campaign-copy"
        else model
        for model in shipped.approvals
    )
    scene = Scene(sqlite_ledgers, policies=lambda: replace(shipped, approvals=strict))
    edit = {"pick": "V01", "field": "subject", "text": "A jacket for wet hills"}

    refused = scene.answer(edits=[edit])

    assert isinstance(refused, Refused)
    assert (refused.code, scene.kinds("decision:")) == ("bad-picks", [])
    assert isinstance(scene.answer(), Decision)


LONG = dict.fromkeys(("role", "markets", "expires_after"))
"""The short form is written out as stages once it is read."""
ENFORCED: dict[type[Any], dict[str, str]] = {
    ApprovalPolicy: {
        "scope": "test_a_gate_that_no_approval_policy_covers_holds_the_campaign",
        "asks": "test_a_policy_for_approving_does_not_serve_a_question_for_writing",
        "role": "test_another_role_may_not_decide",
        "markets": "test_the_markets_of_the_decider_must_cover_the_audience",
        "expires_after": "test_a_review_expires_at_the_earlier_of_its_own_and_the_policys_time",
        "stages": "test_before_the_last_of_them_nothing_goes_out",
        "calendar": "test_the_next_in_line_waits_for_the_turn",
        "automatic": "test_until_somebody_signs_the_rule_every_one_waits_for_a_person",
        "on_change": "test_a_model_that_says_keep_decides_in_the_version_of_then_and_the_press_agrees",
        "own_edits": "test_an_approver_cannot_approve_an_edit_of_their_own_where_the_model_refuses_it",
        "picks": "test_an_answer_that_is_not_whole_is_refused_with_its_fault",
        "max_rounds": "test_request_for_changes_in_the_last_round_is_refused",
        "regret": "test_what_was_taken_back_never_counts_and_comes_back_as_it_was_typed",
        "alike": "test_of_a_high_tier_or_where_the_policy_says_each_none_is_alike",
        "criteria": "test_every_field_has_its_position_and_reasons_carry_the_criteria",
    },
    Stage: {
        "stage": "test_a_form_of_an_earlier_stage_answers_no_later_one",
        "needs": "test_a_code_that_is_broken_is_caught_with_the_answers_that_show_it",
        "veto": "test_a_veto_ends_it_and_lets_nothing_through",
        "expires_after": "test_when_the_time_of_one_stage_is_over_the_whole_is_refused",
        "remind_after": "test_reminders_come_when_they_are_due_and_the_last_stands_for_all",
        "escalate": "test_the_next_in_line_waits_for_the_turn",
        "carries": "test_an_approval_of_the_round_before_stands_over_unchanged_parts_and_over_nothing_else",
    },
    Need: dict.fromkeys(
        ("any_of", "all_of", "count", "markets"), "test_a_code_that_is_broken_is_caught_with_the_answers_that_show_it"
    ),
    Escalation: dict.fromkeys(("after", "to"), "test_the_next_in_line_waits_for_the_turn"),
    Automatic: {
        "share": "test_of_what_is_asked_after_it_was_signed_a_share_waits_and_the_rest_may_go_out",
        "picks": "test_of_what_is_asked_after_it_was_signed_a_share_waits_and_the_rest_may_go_out",
    },
    Picks: dict.fromkeys(("at_least", "at_most"), "test_an_answer_that_is_not_whole_is_refused_with_its_fault"),
}
"""What a model may say, and the test that shows that it is not only said."""
SAID_ONLY = {"id", "kind", "title", "why", "source", "owner", "overrides", "cases"}


def test_no_flag_of_an_approval_model_is_declared_and_never_enforced() -> None:
    written = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))

    for model, fields in ENFORCED.items():
        assert set(model.model_fields) - SAID_ONLY == set(fields), f"{model.__name__}: name the test for what is new"
        for field, test in fields.items():
            assert f"def {test}(" in written, f"{model.__name__}.{field}: there is no {test}"


def stage_of(staged: Staged) -> str:
    with staged.scene.ledgers.door.read() as tx:
        return staged.scene.desk.standing(tx, staged.scene.review).stage.stage

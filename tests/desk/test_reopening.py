"""Policies that change while people are asked: asked again under the new ones, or decided by the model of then."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.desk import Desk
from presscheck.desk.current import CurrentPolicies
from presscheck.desk.upkeep import Upkeep
from presscheck.ledger.reviews import open_review
from presscheck.models import Decision, OutcomeStatus, Refused
from tests.desk.scene import Ledgers, Scene, policy_folder
from tests.places import place_of

MODEL = "approvals/campaign-copy.yaml"


class Changing:
    """A review under policies that a test edits while it waits."""

    def __init__(self, ledgers: Ledgers, folder: Path, *, on_change: str, taken_down: bool = True) -> None:
        self.folder = folder
        self.rewrite("own_edits: allowed", f"on_change: {on_change}\nown_edits: allowed")
        policies = CurrentPolicies(folder)
        self.upkeep = Upkeep(Desk(ledgers.door, policies))
        if taken_down:
            self.upkeep.follow_policies()
        self.scene = Scene(ledgers, policies=policies, people=False)

    def rewrite(self, old: str, new: str, path: str = MODEL) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    def status(self) -> OutcomeStatus:
        with self.scene.ledgers.door.read() as tx:
            return self.scene.desk.outcome(tx, self.scene.review.id).status

    def basis(self, decision: Decision) -> Any:
        assert decision.manifest is not None
        scene = self.scene
        with scene.ledgers.press.read() as tx:
            return scene.desk.authorise(
                tx, decision.manifest, scene.review.id, audience=scene.audience_path, as_of=scene.ledgers.clock()
            )


@pytest.fixture
def changing(sqlite_ledgers: Ledgers, tmp_path: Path) -> Any:
    Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-000000000099")

    def make(on_change: str, *, taken_down: bool = True) -> Changing:
        return Changing(sqlite_ledgers, policy_folder(tmp_path), on_change=on_change, taken_down=taken_down)

    return make


@pytest.mark.slow
def test_what_waits_is_ended_once_and_its_gate_may_ask_the_same_again(changing: Any) -> None:
    campaign: Changing = changing("reopen")
    scene = campaign.scene
    campaign.upkeep.follow_policies()
    campaign.rewrite("at_most: 3", "at_most: 2")

    ended = [campaign.upkeep.follow_policies() for _ in range(2)]

    assert (ended[1], campaign.status()) == (0, OutcomeStatus.REOPENED)
    assert "decision:reopened" in scene.kinds()
    question = scene.question.model_copy(
        update={
            "again": 1,
            "policies": scene.policies().in_scope(channel="email", markets=scene.brief.markets, gate="copy"),
        }
    )
    with scene.ledgers.worker.write() as tx:
        scene.review = open_review(tx, question, expires_at=scene.review.expires_at)
    assert isinstance(scene.answer("ana", picks=["V01"]), Decision)


@pytest.mark.slow
def test_an_answer_in_the_moment_between_is_refused_and_nothing_is_decided(changing: Any) -> None:
    campaign: Changing = changing("reopen")
    campaign.rewrite("at_most: 3", "at_most: 2")

    refused = campaign.scene.answer("ana")

    assert isinstance(refused, Refused)
    assert (refused.code, campaign.status()) == ("policies-changed", OutcomeStatus.OPEN)


@pytest.mark.slow
def test_a_model_that_says_keep_decides_in_the_version_of_then_and_the_press_agrees(changing: Any) -> None:
    campaign: Changing = changing("keep")
    campaign.upkeep.follow_policies()
    campaign.rewrite("at_most: 3", "at_most: 2")
    campaign.upkeep.follow_policies()

    decision = campaign.scene.answer("ana", picks=["V01", "V02", "V03"])

    assert campaign.status() is OutcomeStatus.APPROVED
    assert isinstance(decision, Decision)
    assert not isinstance(campaign.basis(decision), Refused)


@pytest.mark.slow
def test_under_keep_a_guardrail_that_is_new_bites_all_the_same(changing: Any) -> None:
    campaign: Changing = changing("keep")
    campaign.upkeep.follow_policies()
    campaign.rewrite("phrases: [", "phrases: [see you outside, ", place_of("urgency"))
    campaign.upkeep.follow_policies()

    refused = campaign.scene.answer("ana")

    assert isinstance(refused, Refused)
    assert refused.code == "guardrail"


@pytest.mark.slow
def test_a_version_that_the_door_never_took_down_is_no_model_of_then(changing: Any) -> None:
    campaign: Changing = changing("keep", taken_down=False)
    campaign.rewrite("at_most: 3", "at_most: 2")
    campaign.upkeep.follow_policies()

    assert campaign.status() is OutcomeStatus.REOPENED


@pytest.mark.slow
@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_nobody_asks_under_a_model_that_was_in_force_once(changing: Any, how: str) -> None:
    campaign: Changing = changing("keep")
    before = campaign.scene.question
    if how == "replaced":
        campaign.rewrite("at_most: 3", "at_most: 2")
    else:
        campaign.rewrite("id: approvals.campaign-copy", "id: approvals.stricter-copy")
        (campaign.folder / MODEL).rename(campaign.folder / "approvals/stricter-copy.yaml")
    campaign.upkeep.follow_policies()
    # A worker that remembers the version of before asks under it, long after.
    later = before.model_copy(update={"run": "6f0c6a52-0000-4000-8000-000000000002"})
    with campaign.scene.ledgers.worker.write() as tx:
        campaign.scene.review = open_review(tx, later, expires_at=campaign.scene.review.expires_at)

    refused = campaign.scene.answer("ana", picks=["V01", "V02", "V03"])

    assert isinstance(refused, Refused)
    assert refused.code == "policies-changed"


@pytest.mark.slow
def test_a_model_that_came_back_is_in_force_again(changing: Any) -> None:
    campaign: Changing = changing("keep")
    for old, new in (("at_most: 3", "at_most: 2"), ("at_most: 2", "at_most: 3")):
        campaign.rewrite(old, new)
        campaign.upkeep.follow_policies()
    later = campaign.scene.question.model_copy(update={"run": "6f0c6a52-0000-4000-8000-000000000002"})
    with campaign.scene.ledgers.worker.write() as tx:
        campaign.scene.review = open_review(tx, later, expires_at=campaign.scene.review.expires_at)
    campaign.rewrite("at_most: 3", "at_most: 2")
    campaign.upkeep.follow_policies()

    assert isinstance(campaign.scene.answer("ana", picks=["V01", "V02", "V03"]), Decision)

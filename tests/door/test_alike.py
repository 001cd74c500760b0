"""Alike questions are answered together, each by a decision of its own; what is not alike is refused though posted."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from policies import ApprovalPolicy, PolicySet
from presscheck.models import Decision
from presscheck.people.absence import absent
from tests.desk.scene import BRIEF, Scene, draft, shipped_policies
from tests.door.house import House
from tests.door.test_answering import LINE, Browser

RUNS = tuple(f"6f0c6a52-0000-4000-8000-0000000000{at:02d}" for at in range(10, 20))


def another(house: House, at: int = 0, **more: Any) -> Scene:
    return Scene(house.scene.ledgers, run=RUNS[at], people=False, **{"recipients": 9 + at, **more})


def decided(scene: Scene) -> Decision | None:
    with scene.ledgers.door.read() as tx:
        return scene.desk.outcome(tx, scene.review.id).decision


def also(*others: Scene) -> dict[str, str]:
    return {f"also.{one.review.id}": one.review.form_key for one in others}


def each_by_itself() -> PolicySet:
    shipped = shipped_policies()
    short = dict.fromkeys(("role", "markets", "expires_after"))
    models = (model.model_dump(mode="json") | short | {"alike": "each"} for model in shipped.approvals)
    return replace(shipped, approvals=tuple(map(ApprovalPolicy.model_validate, models)))


def test_others_are_listed_with_what_differs_and_none_is_ticked(house: House) -> None:
    other = another(house)

    page = Browser(house).open()

    [box] = [line for line in page.splitlines() if f'name="also.{other.review.id}"' in line]
    assert "checked" not in box
    assert "to 9 people" in box
    assert f'value="{other.review.form_key}"' in box
    assert other.audience[:12] in page


@pytest.mark.slow
def test_each_that_is_ticked_gets_a_decision_of_its_own_and_no_other_does(house: House) -> None:
    first, second, third = (another(house, at) for at in range(3))

    answer = Browser(house).approve("V02", **also(first, third), **{"edit.V02.subject": LINE})

    mine, one, two, three = (decided(scene) for scene in (house.scene, first, second, third))
    assert answer.status_code == 303
    assert two is None
    assert mine is not None
    assert mine.manifest is not None
    for scene, decision in ((first, one), (third, three)):
        assert decision is not None
        assert decision.manifest is not None
        assert decision.question == scene.question.digest != mine.question
        assert decision.manifest.assets == mine.manifest.assets, "the same words"
        assert decision.manifest.audience == scene.audience != mine.manifest.audience
    assert len(house.scene.kinds("answer:held")) == 3


@pytest.mark.slow
def test_each_can_be_taken_back_by_itself_or_all_together(house: House) -> None:
    browser = Browser(house, waits=False)
    other = another(house)
    browser.approve("V02", **also(other))

    inbox = browser.visitor.get("/inbox").text
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = f"csrf={browser.visitor.csrf}&do=take-back"
    browser.visitor.ask("POST", f"/held/{other.review.id}", content=body, headers=headers)
    [counted] = house.let_it_count()

    assert "Take all 2 back" in inbox
    assert counted.review == house.scene.review.id
    assert decided(other) is None


@pytest.mark.slow
def test_one_that_is_refused_stops_none_of_the_others_and_is_told(house: House) -> None:
    first, second = another(house, 0), another(house, 1)
    browser = Browser(house)
    browser.open()
    first.answer("cleo", "Reject", reason="voice", picks=[])

    answer = browser.approve("V02", **also(first, second))
    house.let_it_count()

    assert answer.status_code == 200
    assert "Not all were answered" in answer.text
    assert answer.text.count("answered the same way") == 1
    assert "because it is over" in answer.text
    assert decided(house.scene) is not None
    assert decided(second) is not None


def test_a_form_of_before_is_stale_for_each_by_itself(house: House) -> None:
    other = another(house)

    answer = Browser(house).approve("V02", **{f"also.{other.review.id}": "Round 1 · 0000-0000-0000"})
    house.let_it_count()

    assert "This form was made for Round 1 · 0000-0000-0000" in answer.text
    assert decided(other) is None
    assert decided(house.scene) is not None


def test_where_the_answer_itself_is_refused_nothing_else_is_answered(house: House) -> None:
    other = another(house)

    answer = Browser(house).approve(**also(other))
    house.let_it_count()

    assert answer.status_code == 409
    assert f'name="also.{other.review.id}" value="{other.review.form_key}" checked' in answer.text
    assert decided(other) is None


ATTACKS: dict[str, tuple[Callable[..., Scene], str]] = {
    "another brief": (partial(another, brief=BRIEF.model_copy(update={"tone": "cool"})), "another brief"),
    "another tier": (partial(another, audience_rows=200_000), "another tier, model or stage"),
    "other words": (partial(another, drafts=(draft(5), draft(6))), "another set of choices"),
    "another gate": (partial(another, gate="pilot"), "another gate"),
    "another way out": (partial(another, via="smtp"), "another way out"),
    "others besides": (partial(another, besides=("invite",)), "recipients get it besides"),
    "the same people": (partial(another, recipients=7), "the very same people"),
    "another round": (partial(another, round=2), "another round"),
    "a remark": (partial(another, remark="A note reads like an order to a machine."), "another remark"),
}


@pytest.mark.parametrize(("how", "why"), ATTACKS.values(), ids=ATTACKS)
def test_what_is_not_alike_is_not_listed_and_refused_though_posted(
    house: House, how: Callable[..., Scene], why: str
) -> None:
    other = how(house)
    browser = Browser(house)

    page = browser.open()
    answer = browser.approve("V02", **also(other))
    house.let_it_count()

    assert f"also.{other.review.id}" not in page
    assert why in answer.text, answer.text
    assert decided(other) is None
    assert decided(house.scene) is not None
    assert "application:refused" in other.kinds()


@pytest.mark.slow
def test_of_a_high_tier_or_where_the_policy_says_each_none_is_alike(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, policies=each_by_itself))
    other = another(house, policies=each_by_itself)
    browser = Browser(house)

    page = browser.open()
    answer = browser.approve("V02", **also(other))
    house.let_it_count()

    assert f"also.{other.review.id}" not in page
    assert "each question answered by itself" in answer.text
    assert decided(other) is None


def test_a_question_that_there_is_not_or_that_is_not_theirs_is_refused(house: House) -> None:
    house.enrol("nina", "brand_lead")
    another_region = another(house)
    with house.ledger.write() as tx:
        absent(tx, "P-nina", by="P-nina", until=None)
    browser = Browser(house)

    answer = browser.approve("V02", **{"also.R-000000000000": "x", f"also.{house.scene.review.id}": "x"})

    assert "There is no review R-000000000000" in answer.text
    assert "the same question" in answer.text
    assert decided(another_region) is None

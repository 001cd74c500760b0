"""Signing a rule at the door: what was read is what is signed, by a fresh proof, and it can be taken back."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.door.house import House, Visitor

RULE = "approvals.spot-check"


@pytest.fixture
def manned(house: House) -> House:
    house.enrol("mark", "marketing_director")
    return house


def version(house: House) -> str:
    return next(rule.version for rule in house.scene.policies().approvals if rule.id == RULE)


def sign(visitor: Visitor, **form: str) -> Any:
    said = {"csrf": visitor.csrf, "rule": RULE, "version": version(visitor.house), "sure": "yes"} | form
    return visitor.ask("POST", "/rules/sign", data=said)


def test_a_director_signs_a_rule_and_takes_it_back(manned: House) -> None:
    mark = manned.visitor("mark")
    before = mark.get("/rules").text

    signed = sign(mark).text
    back = mark.ask("POST", "/rules/take-back", data={"csrf": mark.csrf, "rule": RULE}).text

    assert "Nobody&#39;s signature stands under this version" in before or "Nobody's signature" in before
    assert f"Your name stands under {RULE}" in signed
    assert "mark (marketing director) has signed this version" in signed
    assert "is taken back" in back
    assert manned.scene.kinds("rule:") == ["rule:signed", "rule:revoked"]


def test_who_may_not_is_turned_away_and_taken_down(manned: House) -> None:
    answer = sign(manned.visitor("eva"))

    assert answer.status_code == 403
    assert manned.scene.kinds("rule:") == []
    with manned.ledger.read() as tx:
        assert [event.data["path"] for event in tx.events(EventKind.REQUEST_FORBIDDEN)] == ["/rules/sign"]


def test_an_old_proof_signs_nothing_and_is_led_to_a_new_one(manned: House) -> None:
    mark = manned.visitor("mark")
    manned.scene.ledgers.clock.advance(minutes=11)

    answer = sign(mark)

    assert (answer.status_code, answer.headers["location"]) == (303, "/step-up?next=/rules")
    assert "fresh proof" in mark.get("/rules").text
    assert manned.scene.kinds("rule:") == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"version": "0" * 64}, 409),
        ({"version": ""}, 409),
        ({"sure": ""}, 422),
        ({"rule": "approvals.campaign-copy"}, 409),
        ({"rule": "<script>"}, 404),
        ({"csrf": "x"}, 403),
    ],
)
def test_another_version_than_was_read_or_no_sure_hand_signs_nothing(manned: House, form: Any, status: int) -> None:
    answer = sign(manned.visitor("mark"), **form)

    assert answer.status_code == status
    assert "<script>" not in answer.text
    assert manned.scene.kinds("rule:") == []


def test_a_foreign_or_nobodys_form_takes_nothing_back(manned: House) -> None:
    mark = manned.visitor("mark")
    sign(mark)

    foreign = mark.ask("POST", "/rules/take-back", data={"csrf": "x", "rule": RULE})
    nobody = manned.visitor(None).ask("POST", "/rules/take-back", data={"rule": RULE})

    assert foreign.status_code == 403
    assert nobody.headers["location"] == "/sign-in?next=/rules"
    assert manned.scene.kinds("rule:") == ["rule:signed"]
    assert mark.get("/rules/sign").status_code == 404

"""Stopping at the door: many may pause, few may let go on, a recall takes a fresh proof and a sure hand."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.pausing import all_pauses
from tests.door.house import House, Visitor


def post(visitor: Visitor, act: str, **form: str) -> Any:
    return visitor.ask("POST", f"/stopped/{act}", data={"csrf": visitor.csrf, **form})


def paused(house: House) -> list[str]:
    with house.ledger.read() as tx:
        return [one.scope for one in all_pauses(tx)]


def test_a_campaign_is_paused_and_goes_on_again(house: House) -> None:
    ana = house.visitor("ana")
    nothing = ana.get("/stopped").text

    stopped = post(ana, "pause", scope="product-launch", reason="factual")
    between = paused(house)
    page = ana.get("/stopped").text
    lifted = post(ana, "lift", scope="product-launch")

    assert "Nothing is stopped." in nothing
    assert "product-launch is paused. Nothing more of it goes out." in stopped.text
    assert between == ["product-launch"]
    assert "Let product-launch go on" in page
    assert "product-launch goes on." in lifted.text, lifted.text
    assert paused(house) == []


def test_a_scope_that_nobody_knows_is_told_with_those_that_there_are_and_stays_typed(house: House) -> None:
    answer = post(house.visitor("ana"), "pause", scope="produkt-launch", reason="factual")

    assert answer.status_code == 404
    assert "There are: product-launch." in answer.text
    assert 'value="produkt-launch"' in answer.text
    assert paused(house) == []


def test_who_may_not_let_it_go_on_is_told_so_and_taken_down(house: House) -> None:
    house.enrol("abel", "author")
    post(house.visitor("ana"), "pause", scope="product-launch")

    answer = post(house.visitor("abel"), "lift", scope="product-launch")

    assert answer.status_code == 403
    assert paused(house) == ["product-launch"]
    with house.ledger.read() as tx:
        [forbidden] = tx.events(EventKind.REQUEST_FORBIDDEN)
    assert forbidden.data["path"] == "/stopped/lift"


def test_an_old_sign_in_proves_anew_before_it_lets_anything_go_on(house: House) -> None:
    ana = house.visitor("ana")
    post(ana, "pause", scope="*")
    house.scene.ledgers.clock.advance(minutes=11)

    answer = post(ana, "lift", scope="*")

    assert (answer.status_code, answer.headers["location"]) == (303, "/step-up?next=/stopped")
    assert paused(house) == ["*"]


def test_a_delivery_is_recalled_by_a_sure_hand_with_a_reason(house: House) -> None:
    decision = house.scene.approve("ana", picks=["V01"])
    delivery = house.scene.request(decision.manifest)
    ana = house.visitor("ana")
    page = ana.get("/stopped").text

    unsure = post(ana, "recall", delivery=delivery, reason="factual")
    unsaid = post(ana, "recall", delivery=delivery, sure="yes")
    nowhere = post(ana, "recall", delivery="D-000000000000", reason="factual", sure="yes")
    recalled = post(ana, "recall", delivery=delivery, reason="factual", sure="yes")

    assert f"Recall {delivery}" in page
    assert (unsure.status_code, unsaid.status_code, nowhere.status_code) == (422, 422, 404)
    assert f"Delivery {delivery} is recalled." in recalled.text
    assert house.scene.kinds("recall:") == ["recall:decided"]


@pytest.mark.parametrize("act", ["pause", "lift", "recall"])
def test_a_form_that_is_not_from_here_stops_nothing(house: House, act: str) -> None:
    ana = house.visitor("ana")

    foreign = ana.ask("POST", f"/stopped/{act}", data={"csrf": "x", "scope": "*", "reason": "factual", "sure": "yes"})
    stranger = house.visitor(None).ask("POST", f"/stopped/{act}", data={"scope": "*"})

    assert foreign.status_code == 403
    assert stranger.headers["location"] == "/sign-in?next=/stopped"
    assert paused(house) == []


def test_nothing_that_is_typed_becomes_markup(house: House) -> None:
    answer = post(house.visitor("ana"), "pause", scope='"><script>alert(1)</script>')

    assert "<script>" not in answer.text

"""Broken glass over HTTP: who is asked to confirm and to review finds it, and everybody reads that it happened."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.door.house import House

REASON = "The product is being recalled; customers have to know before the shops open."


@pytest.fixture
def manned(house: House) -> House:
    house.enrol("lena", "legal")
    house.enrol("eddie", "ethics_officer")
    return house


def _ask(house: House, **more: Any) -> Any:
    body = {"picks": ["V01"], "hours": 1, "reason": REASON} | more
    return house.visitor("ana").post(f"/-/api/reviews/{house.scene.review.id}/glass", body)


def _confirmed(house: House) -> str:
    glass = _ask(house).json()["glass"]["id"]
    answer = house.visitor("lena").post(f"/-/api/glass/{glass}/confirm")
    assert answer.status_code == 200, answer.text
    return str(glass)


def test_the_second_person_finds_the_request_with_its_reason_and_others_do_not(manned: House) -> None:
    asked = _ask(manned)

    lena, ana = manned.visitor("lena"), manned.visitor("ana")

    assert asked.status_code == 200, asked.text
    [waits] = lena.get("/-/api/reviews").json()["glass"]
    assert (waits["mine"], waits["by"], waits["reason"]) == ("confirm", "ana", REASON)
    assert REASON in lena.get("/inbox").text
    assert ana.get("/-/api/reviews").json()["glass"] == []
    assert REASON not in ana.get("/inbox").text


def test_after_it_was_broken_somebody_else_finds_it_until_it_is_reviewed(manned: House) -> None:
    glass = _confirmed(manned)
    eddie, lena = manned.visitor("eddie"), manned.visitor("lena")

    before = [one["mine"] for one in eddie.get("/-/api/reviews").json()["glass"]]
    own = lena.post(f"/-/api/glass/{glass}/review", {"finding": "justified", "note": "It was quite right of me."})
    done = eddie.post(f"/-/api/glass/{glass}/review", {"finding": "unjustified", "note": "Legal was on duty that day."})

    assert before == ["review"]
    assert (own.status_code, own.json()["code"]) == (403, "same-person")
    assert (done.status_code, done.json()["glass"]["finding"]) == (200, "unjustified")
    assert eddie.get("/-/api/reviews").json()["glass"] == []


def test_an_old_cookie_breaks_no_glass(manned: House) -> None:
    visitor = manned.visitor("ana")
    manned.scene.ledgers.clock.advance(minutes=11)

    body = {"picks": ["V01"], "hours": 1, "reason": REASON}
    answer = visitor.post(f"/-/api/reviews/{manned.scene.review.id}/glass", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up")
    with manned.ledger.read() as tx:
        assert tx.events(EventKind.GLASS_REQUESTED) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"picks": "V01", "reason": REASON}, {"picks": ["V01"], "hours": True, "reason": REASON}, {"picks": ["V01"]}],
)
def test_a_request_that_cannot_be_read_is_said_so(still_house: House, body: dict[str, Any]) -> None:
    answer = still_house.visitor("ana").post(f"/-/api/reviews/{still_house.scene.review.id}/glass", body)

    assert answer.status_code == 422


@pytest.mark.parametrize("glass", ["G-999", "0", "x", "-1", "9" * 40])
def test_glass_that_nobody_asked_for_is_not_there(still_house: House, glass: str) -> None:
    assert still_house.visitor("ana").post(f"/-/api/glass/{glass}/confirm").status_code == 404


def test_a_hostile_reason_stays_text(manned: House) -> None:
    _ask(manned, reason="<script>alert(1)</script> {{ 7 * 7 }} \x1b[2J because of the recall")

    page = manned.visitor("lena").get("/inbox").text

    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page
    assert "\x1b" not in page

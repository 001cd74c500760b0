"""Breaking glass at the door: two people with two roles, a fresh proof, a sure hand; what was typed is kept."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.door.house import House, Visitor

REASON = "The product is being recalled; customers have to know before the shops open."


@pytest.fixture
def manned(house: House) -> House:
    house.enrol("lena", "legal")
    house.enrol("eddie", "ethics_officer")
    return house


def post(visitor: Visitor, act: str, **form: Any) -> Any:
    return visitor.ask("POST", f"/glass/{act}", data={"csrf": visitor.csrf, **form})


def ask(house: House, **more: Any) -> Any:
    form = {"asks": house.scene.review.id, "pick": ["V01"], "hours": "1", "reason": REASON, "sure": "yes"}
    return post(house.visitor("ana"), "ask", **(form | more))


def requested(house: House) -> list[int]:
    with house.ledger.read() as tx:
        return [event.seq for event in tx.events(EventKind.GLASS_REQUESTED)]


def test_it_is_asked_for_confirmed_by_another_role_and_reviewed_by_a_third(manned: House) -> None:
    form = manned.visitor("ana").get(f"/glass/{manned.scene.review.id}").text

    asked = ask(manned).text
    [number] = requested(manned)
    before = manned.visitor("lena").get("/glass").text
    confirmed = post(manned.visitor("lena"), "confirm", glass=f"G-{number}", sure="yes").text
    note = "The recall notice was out, and legal had nobody on duty."
    reviewed = post(manned.visitor("eddie"), "review", glass=f"G-{number}", finding="justified", note=note).text

    assert "V01: A jacket for wet hills, draft a" in form
    assert f"G-{number} is asked for. Nothing goes out yet" in asked
    assert f"Confirm G-{number}: it goes out" in before
    assert REASON in before
    assert f'href="/history/asset/{manned.scene.assets[0].digest}">V01 ' in before
    assert f"The glass is broken for review {manned.scene.review.id}" in confirmed
    assert "found justified by eddie" in reviewed
    with manned.ledger.read() as tx:
        [decision] = tx.events(EventKind.DECISION_APPROVED)
    assert decision.data["glass"]


def test_whoever_asked_takes_it_back_and_cannot_confirm_it(manned: House) -> None:
    ask(manned)
    [number] = requested(manned)
    ana = manned.visitor("ana")
    page = ana.get("/glass").text

    own = post(ana, "confirm", glass=f"G-{number}", sure="yes")
    back = post(ana, "decline", glass=f"G-{number}")

    assert "Take it back" in page
    assert "Confirm G-" not in page
    assert own.status_code == 403
    assert "is declined" in back.text
    assert manned.scene.kinds("decision:") == []


def test_an_old_proof_breaks_nothing_and_keeps_what_was_typed(manned: House) -> None:
    ana = manned.visitor("ana")
    manned.scene.ledgers.clock.advance(minutes=11)

    form = {"asks": manned.scene.review.id, "pick": ["V01", "V02"], "hours": "2", "reason": REASON, "sure": "yes"}
    answer = post(ana, "ask", **form)

    assert answer.status_code == 409
    assert f'href="/step-up?next=/glass/{manned.scene.review.id}"' in answer.text
    assert REASON in answer.text
    assert answer.text.count(" checked") == 2
    assert '<option value="2" selected>' in answer.text
    assert requested(manned) == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"sure": ""}, 422),
        ({"reason": "short"}, 422),
        ({"pick": []}, 409),
        ({"pick": ["V99"]}, 409),
        ({"hours": "9"}, 409),
        ({"hours": "1e300"}, 409),
        ({"hours": "nan"}, 409),
    ],
)
def test_what_is_missing_or_strange_is_said_and_asks_nothing(manned: House, more: Any, status: int) -> None:
    answer = ask(manned, **more)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert requested(manned) == []


def test_who_may_not_is_turned_away_and_taken_down(manned: House) -> None:
    manned.enrol("abel", "author")
    form = {"asks": manned.scene.review.id, "pick": ["V01"], "hours": "1", "reason": REASON, "sure": "yes"}

    answer = post(manned.visitor("abel"), "ask", **form)

    assert answer.status_code == 403
    assert requested(manned) == []
    with manned.ledger.read() as tx:
        assert [event.data["path"] for event in tx.events(EventKind.REQUEST_FORBIDDEN)] == ["/glass/ask"]


@pytest.mark.parametrize("act", ["ask", "confirm", "decline", "review"])
def test_a_form_that_is_not_from_here_does_nothing_and_keeps_the_words(manned: House, act: str) -> None:
    ask(manned)
    [number] = requested(manned)
    before = manned.scene.kinds("glass:")
    form = {"glass": f"G-{number}", "sure": "yes", "finding": "justified", "note": REASON, "csrf": "x"}

    foreign = manned.visitor("lena").ask("POST", f"/glass/{act}", data=form)
    stranger = manned.visitor(None).ask("POST", f"/glass/{act}", data=form)
    by_get = manned.visitor("lena").get(f"/glass/{act}")

    assert foreign.status_code == 403
    assert stranger.headers["location"] == "/sign-in?next=/glass"
    assert by_get.status_code == 404
    assert manned.scene.kinds("glass:") == before


@pytest.mark.parametrize("glass", ["G-999999", "0", "x", "-1", "9" * 40, "<script>"])
def test_glass_that_nobody_asked_for_is_not_there(manned: House, glass: str) -> None:
    answer = post(manned.visitor("lena"), "confirm", glass=glass, sure="yes")

    assert answer.status_code == 404
    assert "<script>" not in answer.text


@pytest.mark.parametrize("review", ["R-000000000000", "x", "ask", "A" * 500])
def test_a_review_that_is_not_open_has_no_glass(still_house: House, review: str) -> None:
    assert still_house.visitor("ana").get(f"/glass/{review}").status_code == 404


def test_a_hostile_reason_stays_words(manned: House) -> None:
    ask(manned, reason="</textarea><script>alert(1)</script> {{ 7 * 7 }} because of the recall")

    page = manned.visitor("lena").get("/glass").text

    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page

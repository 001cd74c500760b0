"""History at the door: what the chain says of a review and of an asset, for whoever may read a proof."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from tests.desk.scene import BRIEF, Scene, draft
from tests.door.house import House, Visitor


def test_a_review_is_told_from_its_asking_to_its_delivery(house: House) -> None:
    scene = house.scene
    decision = scene.approve("ana", picks=["V01"], edits=[{"pick": "V01", "field": "subject", "text": "A dry day out"}])
    delivery = scene.request(decision.manifest)
    eva = house.visitor("eva")

    page = eva.get(f"/history/{scene.review.id}").text

    assert "Spring launch" in page
    assert f"Review {scene.review.id} asked at gate copy" in page
    assert "edited by ana" in page
    assert f"Review {scene.review.id}: approved by ana (brand lead)" in page
    assert f"Delivery {delivery} requested" in page
    assert f"<strong>This one, {scene.review.id}.</strong>" in page


def test_the_earlier_and_later_rounds_of_a_run_are_beside_it(open_house: Any, sqlite_ledgers: Any) -> None:
    first = Scene(sqlite_ledgers)
    first.answer("ana", "Request changes", note="Warmer, please.", reason="voice")
    second = Scene(sqlite_ledgers, round=2, people=False, previous=first.review.id)
    house = open_house(scene=second)

    early, late = (house.visitor("ana").get(f"/history/{one.review.id}").text for one in (first, second))

    assert f'href="/history/{second.review.id}"' in early
    assert f'href="/history/{first.review.id}"' in late
    assert "Changes requested by ana (brand lead)" in late


def test_who_looked_at_it_is_told_to_nobody(house: House) -> None:
    review = house.scene.review.id
    house.visitor("uma").get(f"/proof/{review}")
    with house.ledger.read() as tx:
        assert tx.events(EventKind.REVIEW_SEEN, subject=review)

    assert "uma" not in house.visitor("ana").get(f"/history/{review}").text


def test_an_asset_is_told_from_where_it_came_to_what_went_out(house: House) -> None:
    scene = house.scene
    decision = scene.approve("ana", picks=["V01"])
    delivery = scene.request(decision.manifest)
    digest = scene.assets[0].digest

    page = house.visitor("eva").get(f"/history/asset/{digest}").text

    assert "made by offline phrases-1, prompt prompts.email-variants 1" in page
    assert "Shown as V01 of 4 choices" in page
    assert "Picked, one of 1" in page
    assert f"Delivery {delivery} requested" in page


def test_proof_and_done_lead_to_it(house: House) -> None:
    scene, ana = house.scene, house.visitor("ana")
    scene.approve("ana", picks=["V01"])

    proof, done = ana.get(f"/proof/{scene.review.id}").text, ana.get("/done").text

    assert f'href="/history/{scene.review.id}"' in proof
    assert f'href="/history/asset/{scene.assets[0].digest}"' in proof
    assert f'href="/history/{scene.review.id}"' in done


@pytest.mark.parametrize("path", ["R-000000000000", "R-../../etc", "asset/" + "0" * 64, "asset/R-1", "asset/%25"])
def test_what_nobody_asked_or_made_has_no_history(still_house: House, path: str) -> None:
    assert still_house.visitor("ana").get(f"/history/{path}").status_code in (400, 404)


def test_strangers_are_led_to_sign_in_and_nothing_is_written_by_it(still_house: House) -> None:
    path = f"/history/{still_house.scene.review.id}"

    stranger = still_house.visitor(None).get(path)
    written = still_house.visitor("ana").post(path)

    assert stranger.headers["location"] == f"/sign-in?next={path}"
    assert written.status_code in (403, 404, 405)


def test_hostile_words_in_titles_and_texts_stay_words(open_house: Any, sqlite_ledgers: Any) -> None:
    evil = "<img src=x onerror=alert(1)>{{7*7}}"
    brief = BRIEF.model_copy(update={"title": evil})
    scene = Scene(sqlite_ledgers, brief=brief, drafts=[draft(0).model_copy(update={"subject": evil})])
    ana = open_house(scene=scene).visitor("ana")

    pages = [ana.get(f"/history/{scene.review.id}"), ana.get(f"/history/asset/{scene.assets[0].digest}")]

    for page in pages:
        assert page.status_code == 200
        assert "<img" not in page.text
        assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page.text


# ---------------------------------------------------------------- bringing an older version back


def edited_line(house: House) -> str:
    """A text with two versions: as it was proposed, and as ana approved it. The digest of the first."""
    house.scene.approve("ana", picks=["V01"], edits=[{"pick": "V01", "field": "subject", "text": "A dry day out"}])
    return house.scene.assets[0].digest


def revert(visitor: Visitor, digest: str, **form: str) -> Any:
    said = {"csrf": visitor.csrf, "version": "1", "reason": "factual", "sure": "yes"} | form
    return visitor.ask("POST", f"/history/asset/{digest}/revert", data=said)


def test_an_engineer_brings_an_older_version_back(house: House) -> None:
    digest, eva = edited_line(house), house.visitor("eva")
    page = eva.get(f"/history/asset/{digest}").text

    answer = revert(eva, digest)

    assert "Bring an older version back" in page
    assert answer.status_code == 200
    assert "Version 3 is current now; it says what version 1 said." in answer.text
    assert house.scene.kinds("asset:reverted") == ["asset:reverted"]


def test_who_may_not_bring_anything_back_has_no_form_and_is_taken_down(house: House) -> None:
    digest, ana = edited_line(house), house.visitor("ana")

    answer = revert(ana, digest)

    assert "Bring an older version back" not in ana.get(f"/history/asset/{digest}").text
    assert answer.status_code == 403
    assert house.scene.kinds("asset:reverted") == []
    assert house.scene.kinds("request:") == ["request:forbidden"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"sure": ""}, 422),
        ({"reason": "because"}, 422),
        ({"version": "9"}, 404),
        ({"version": "2"}, 409),
        ({"version": "-1"}, 404),
        ({"version": "<script>"}, 404),
        ({"csrf": "x"}, 403),
    ],
)
def test_what_is_missing_strange_or_foreign_brings_nothing_back(house: House, form: Any, status: int) -> None:
    digest = edited_line(house)

    answer = revert(house.visitor("eva"), digest, **form)

    assert answer.status_code == status
    assert "<script>" not in answer.text
    assert house.scene.kinds("asset:reverted") == []


def test_a_revert_of_nothing_or_by_nobody_leads_nowhere(still_house: House) -> None:
    digest = still_house.scene.assets[0].digest

    nothing = revert(still_house.visitor("eva"), "0" * 64)
    nobody = revert(still_house.visitor(None), digest)

    assert nothing.status_code == 404
    assert nobody.headers["location"] == "/sign-in?next=/history"

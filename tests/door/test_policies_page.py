"""The policies at the door: what waits is read word for word and signed by who may; everybody sees what changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presscheck.desk.changing import PolicySignature
from presscheck.ledger import EventKind
from tests.desk.scene import Ledgers, Scene
from tests.desk.signing import MODEL, Signing
from tests.door.house import House, Visitor

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def signing(sqlite_ledgers: Ledgers, tmp_path: Path) -> Signing:
    house = Signing(sqlite_ledgers, tmp_path)
    assert isinstance(house.sign("lea"), PolicySignature)
    house.note()
    return house


@pytest.fixture
def door(signing: Signing, open_house: Callable[..., House]) -> House:
    return open_house(scene=Scene(signing.ledgers, policies=signing.door, people=False))


def sign(visitor: Visitor, signing: Signing, **instead: str) -> Any:
    seen = signing.shown()
    form = {"csrf": visitor.csrf, "set": seen.set, "before": seen.before, **instead}
    return visitor.ask("POST", "/policies/sign", data=form, headers=FORM)


def test_what_waits_is_shown_word_for_word_and_signed_there(door: House, signing: Signing) -> None:
    signing.weaken()
    lea = door.visitor("lea")

    page = lea.get("/policies").text
    answer = sign(lea, signing)

    assert "level is review instead of block" in page
    assert "-level: block" in page
    assert "+level: review" in page
    assert "Who wrote it is not known" in page
    assert answer.status_code == 200
    assert "it is in force from now on" in answer.text
    assert "signed by lea (legal)" in answer.text
    assert signing.level() == "review"


def test_who_may_not_sign_reads_all_of_it_and_why_not(door: House, signing: Signing) -> None:
    signing.weaken()
    eva = door.visitor("eva")

    page = eva.get("/policies").text
    answer = sign(eva, signing)

    assert "level is review instead of block" in page
    assert "You may not sign the policies" in page
    assert "Sign set" not in page
    assert (answer.status_code, signing.level()) == (409, "block")


@pytest.mark.slow
def test_an_old_sign_in_is_led_to_prove_it_anew_and_back(door: House, signing: Signing) -> None:
    signing.weaken()
    lea = door.visitor("lea")
    signing.ledgers.clock.advance(minutes=11)

    answer = sign(lea, signing)
    by_api = lea.post("/-/api/policies/signature", {"set": signing.shown().set, "before": signing.shown().before})

    assert (answer.status_code, answer.headers["location"]) == (303, "/step-up?next=/policies")
    assert (by_api.status_code, by_api.json()["code"]) == (409, "step-up")
    assert "prove it now" in lea.get("/policies").text


def test_a_form_of_another_site_signs_nothing(door: House, signing: Signing) -> None:
    signing.weaken()

    answer = sign(door.visitor("lea"), signing, csrf="elsewhere")

    assert (answer.status_code, signing.level()) == (403, "block")
    assert "request:forbidden" in [event.kind for event in events(signing)]


@pytest.mark.slow
def test_what_changed_since_the_page_was_made_is_not_signed(door: House, signing: Signing) -> None:
    signing.weaken()
    seen = signing.shown()
    signing.rewrite("at_most: 3", "at_most: 9", MODEL)

    answer = sign(door.visitor("lea"), signing, set=seen.set)

    assert answer.status_code == 409
    assert "The policies changed since this was shown to you" in answer.text


@pytest.mark.parametrize("body", [{}, {"set": "x"}, {"set": ["a"]}, {"set": "f" * 64, "before": 7}])
def test_a_signature_under_nothing_in_particular_is_refused(door: House, signing: Signing, body: Any) -> None:
    signing.weaken()

    answer = door.visitor("lea").post("/-/api/policies/signature", body)

    assert (answer.status_code, signing.level()) == (422, "block")


@pytest.mark.slow
def test_the_inbox_says_that_a_change_waits_and_what_changed_lately(door: House, signing: Signing) -> None:
    signing.weaken()
    before = door.visitor("ana").get("/inbox").text
    sign(door.visitor("max"), signing)
    after = door.visitor("ana").get("/inbox").text
    signing.ledgers.clock.advance(days=8)
    later = door.visitor("ana").get("/inbox").text

    assert "A change of the policies waits for a signature" in before
    assert "pressure.urgency: level is review instead of block (weaker)" in before
    assert "waits for a signature" not in after
    assert "The policies changed in the last week" in after
    assert "signed by max (marketing director)" in after
    assert "changed in the last week" not in later


@pytest.mark.slow
def test_files_that_do_not_load_are_told_in_the_inbox_while_the_signed_set_judges(
    door: House, signing: Signing
) -> None:
    (signing.folder / MODEL).write_text("id: [")

    inbox = door.visitor("ana").get("/inbox").text

    assert "The policy files do not load, so what was signed before stays in force" in inbox
    assert "Nothing can be approved" not in inbox


@pytest.mark.slow
def test_the_proof_shows_the_changes_that_touch_what_it_was_asked_under(
    signing: Signing, open_house: Callable[..., House]
) -> None:
    signing.weaken()
    signing.rewrite("at_most: 3", "at_most: 2", MODEL)
    signing.rewrite("scope:", "# elsewhere\nscope:", MODEL)
    signing.sign("max")
    signing.ledgers.clock.advance(days=2)
    scene = Scene(signing.ledgers, policies=signing.door, people=False)
    door = open_house(scene=scene)

    proof = door.visitor("ana").get(f"/proof/{scene.review.id}").text

    assert "pressure.urgency: level is review instead of block (weaker)" in proof
    assert "approvals.campaign-copy: picks.at_most is 2 instead of 3 (stricter)" in proof


def test_without_signatures_the_page_tells_what_the_files_changed(
    sqlite_ledgers: Ledgers, tmp_path: Path, open_house: Callable[..., House]
) -> None:
    signing = Signing(sqlite_ledgers, tmp_path, signed=False)
    signing.note()
    signing.weaken()
    signing.note()
    door = open_house(scene=Scene(sqlite_ledgers, policies=signing.door, people=False))

    told = door.visitor("eva").get("/-/api/policies").json()

    assert (told["signed"], told["waiting"]) == (False, None)
    assert [line["said"] for line in told["changes"][0]["lines"]] == ["level is review instead of block"]
    assert "noticed in the files" in door.visitor("eva").get("/policies").text


@pytest.mark.slow
def test_what_a_file_says_is_shown_as_text(door: House, signing: Signing) -> None:
    signing.rewrite("title: ", "title: <img src=x onerror=alert(1)> ")

    page = door.visitor("lea").get("/policies").text

    assert "<img" not in page
    assert "&lt;img" in page


def events(signing: Signing) -> list[Any]:
    with signing.ledgers.door.read() as tx:
        return tx.events(EventKind.REQUEST_FORBIDDEN)

"""Answering on the proof: what Prefect's form asks, the same judge, and nothing that was typed is lost."""

import re
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from presscheck.ledger.assets import get_asset
from presscheck.models import DecisionKind
from tests.desk.scene import BRIEF, Scene, draft
from tests.desk.test_stages import Staged
from tests.desk.test_writing import TEXT, Desk
from tests.door.house import House, Visitor
from tests.door.test_step_up import _PASSWORD, _Nia

LINE = "A jacket for very wet hills"


class Browser:
    """Somebody's browser without script: it posts what stands in the page's form, as it was filled in.

    Where it `waits`, an answer that was taken has counted by the time it is looked at.
    """

    def __init__(
        self, house: House, person: str | None = "ana", *, visitor: Visitor | None = None, waits: bool = True
    ) -> None:
        self.waits = waits
        self.visitor = visitor or house.visitor(person)
        self.review = house.scene.review.id
        self.page = ""

    def open(self) -> str:
        self.page = self.visitor.get(f"/proof/{self.review}").text
        return self.page

    def post(self, do: str, *more: tuple[str, str], **fields: str) -> httpx.Response:
        if not self.page:
            self.open()
        hidden = dict(re.findall(r'<input type="hidden" name="(csrf|form)" value="([^"]*)">', self.page))
        hidden = {name: unescape(value) for name, value in hidden.items()}
        typed = {**hidden, "do": do, **fields}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = str(httpx.QueryParams([*typed.items(), *more]))
        answer = self.visitor.ask("POST", f"/proof/{self.review}", content=body, headers=headers)
        self.page = answer.text or self.page
        if self.waits and do == "answer" and answer.status_code == 303:
            self.visitor.house.let_it_count()
        return answer

    def approve(self, *picks: str, **fields: str) -> httpx.Response:
        return self.post("answer", *(("pick", one) for one in picks), **{"decision": "approve", **fields})


def field(page: str, name: str) -> str:
    """What stands in a field of the form."""
    found = re.search(
        rf'<(?:input|textarea)[^>]* name="{re.escape(name)}"[^>]*?(?:value="([^"]*)")?(?: autofocus)?>(?:\n([^<]*)<)?',
        page,
    )
    assert found, name
    return unescape(found[2] if found[2] is not None else found[1] or "")


def picked(page: str) -> list[str]:
    return re.findall(r'name="pick" value="(V\d+)" checked', page)


def decisions(scene: Scene) -> list[str]:
    return scene.kinds("decision:")


def test_a_yes_on_the_page_is_the_decision_that_the_form_would_have_made(house: House) -> None:
    browser = Browser(house)

    answer = browser.approve("V03", "V01")
    after = browser.visitor.get(answer.headers["location"]).text

    outcome = house.scene.desk.outcome
    with house.ledger.read() as tx:
        decision = outcome(tx, house.scene.review.id).decision
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox?after={house.scene.review.id}")
    assert decision is not None
    assert decision.kind is DecisionKind.APPROVED
    assert decision.manifest is not None
    # In the order of the question, however a page was sorted.
    assert decision.manifest.assets == (house.scene.assets[0].digest, house.scene.assets[2].digest)
    assert f"{house.scene.review.id}: Approved by ana" in after


@pytest.mark.slow
def test_a_text_that_is_edited_in_place_is_checked_and_signed_as_it_was_written(house: House) -> None:
    browser = Browser(house)

    opened = browser.post("edit:V02").text
    checked = browser.post("check", ("pick", "V02"), **{"edit.V02.subject": LINE}).text
    body = field(opened, "edit.V02.body").replace("\n", "\r\n")
    answer = browser.approve("V02", **{"edit.V02.subject": LINE, "edit.V02.body": body})

    assert picked(opened) == ["V02"]
    assert field(opened, "edit.V02.subject") == draft(1).subject
    assert "As it stands it would be accepted." in checked
    assert re.search(r"<ins>\s*very\s*</ins>", checked)
    assert answer.status_code == 303, answer.text
    with house.ledger.read() as tx:
        decision = house.scene.desk.outcome(tx, house.scene.review.id).decision
        [signed] = decision.manifest.assets if decision and decision.manifest else ()
        edited = get_asset(tx, signed)
    assert (edited.copy_text.subject, edited.copy_text.body) == (LINE, draft(1).body)
    assert edited.parent == house.scene.assets[1].digest


def test_what_a_finding_says_to_write_instead_is_taken_by_one_button(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    body = f"{draft(0).body}\n\nIt is made for mankind."
    scene = Scene(sqlite_ledgers, drafts=(draft(0).model_copy(update={"body": body}), draft(1)))
    browser = Browser(open_house(scene=scene))

    [use] = re.findall(r'name="do" value="(use:[^"]*)"', browser.open())
    taken = browser.post(use).text
    elsewhere = browser.post("use:V01:body:0").text
    nowhere = browser.post("use:V99:body:1")

    assert field(taken, "edit.V01.body") == body.replace("mankind", "humankind")
    assert picked(taken) == ["V01"]
    assert field(elsewhere, "edit.V01.body") == body
    assert nowhere.status_code == 200


def test_what_would_be_refused_is_told_before_anybody_answers_and_nothing_of_it_is_recorded(house: House) -> None:
    browser = Browser(house)
    before = len(house.scene.kinds())

    page = browser.post(
        "check", ("pick", "V01"), **{"edit.V01.subject": "The best jacket in the world, guaranteed"}
    ).text

    assert "As it stands it would be refused" in page
    assert 'class="block"' in page, "the words are marked where they stand"
    assert len(house.scene.kinds()) == before + 1, "that it was opened, and nothing else"


def test_what_the_desk_refuses_is_shown_again_as_it_was_typed(house: House) -> None:
    browser = Browser(house)
    note = 'Warmer, please.\nAnd "shorter" <b>too</b>.'

    answer = browser.post("answer", ("pick", "V01"), ("pick", "V04"), decision="request_changes", note=note)

    assert answer.status_code == 409
    assert "needs a reason" in answer.text
    assert picked(answer.text) == ["V01", "V04"]
    assert field(answer.text, "note") == note
    assert re.search(r'value="request_changes" required checked', answer.text)
    assert decisions(house.scene) == []


def test_too_many_picks_are_told_with_how_many_there_may_be(house: House) -> None:
    answer = Browser(house).approve("V01", "V02", "V03", "V04")

    assert answer.status_code == 409
    assert "An approval has 1 to 3 picks; this has 4." in unescape(answer.text)


def test_who_may_not_answer_finds_no_form_and_is_refused_if_they_post_one(house: House) -> None:
    uma = Browser(house, "uma")

    page, answer = uma.open(), uma.approve("V01", csrf=uma.visitor.csrf, form=house.scene.review.form_key)

    assert 'name="decision"' not in page
    assert answer.status_code == 409
    assert decisions(house.scene) == []
    assert [one["code"] for one in house.scene.refusals()] == ["no-right"]


def test_a_form_of_another_session_decides_nothing_and_loses_nothing(house: House) -> None:
    browser = Browser(house)

    answer = browser.approve("V02", csrf="0" * 43, **{"edit.V02.subject": LINE})
    again = browser.approve("V02", **{"edit.V02.subject": field(answer.text, "edit.V02.subject")})

    assert (answer.status_code, picked(answer.text)) == (403, ["V02"])
    assert "signed in anew" in answer.text
    assert again.status_code == 303


def test_a_session_that_ended_while_somebody_typed_loses_nothing(house: House) -> None:
    browser = Browser(house)
    browser.open()
    token, browser.visitor.token = browser.visitor.token, "gone"

    ended = browser.approve("V02", note="for later", password="secret-of-ana", code="123456")
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', ended.text))
    browser.visitor.token = token
    back = browser.post("check", **{name: unescape(value) for name, value in kept.items() if name != "csrf"}, csrf="")

    assert (ended.status_code, kept["pick"], kept["note"]) == (401, "V02", "for later")
    assert "secret-of-ana" not in ended.text
    assert "123456" not in ended.text
    assert picked(back.text) == ["V02"]
    assert decisions(house.scene) == []


def test_an_answer_from_another_site_is_turned_away_before_anything_reads_it(house: House) -> None:
    visitor = house.visitor("ana")
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "https://elsewhere.example"}
    body = f"do=answer&decision=approve&pick=V01&csrf={visitor.csrf}&form={house.scene.review.form_key}"

    answer = visitor.ask("POST", f"/proof/{house.scene.review.id}", content=body, headers=headers)

    assert answer.status_code == 403
    assert decisions(house.scene) == []


def test_what_others_answered_meanwhile_is_told_and_what_was_typed_can_be_copied(house: House) -> None:
    browser = Browser(house)
    browser.open()
    house.scene.answer("cleo", "Reject", reason="voice", picks=[])

    answer = browser.approve("V01", **{"edit.V01.subject": LINE})

    assert answer.status_code == 409
    assert "Rejected by cleo" in answer.text
    assert LINE in answer.text.partition("What you had typed")[2]


@pytest.mark.slow
def test_a_form_of_before_somebody_signed_is_stale_and_the_page_that_comes_back_is_not(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    scene = Staged(sqlite_ledgers, brief=BRIEF)
    browser = Browser(open_house(scene=scene))
    browser.open()

    checked = browser.post("check", ("pick", "V01"), form="round 9 · 0000-0000-0000")
    answer = browser.approve("V01", form="round 9 · 0000-0000-0000")
    again = browser.approve(*picked(answer.text))

    assert "look at it anew before you answer" in checked.text
    assert "look at it anew before you answer" not in answer.text, "the desk says it at more length"
    assert answer.status_code == 409
    assert "This form was made for round 9" in answer.text
    assert again.status_code == 303, again.text


def test_that_the_question_changed_is_told_beside_whatever_else_is_to_be_told(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    browser = Browser(open_house(scene=Staged(sqlite_ledgers, brief=BRIEF)))
    browser.open()

    answer = browser.approve("V01", form="round 9 · 0000-0000-0000", csrf="0" * 43)

    assert answer.status_code == 403
    assert "signed in anew" in answer.text
    assert "Somebody has answered since" in answer.text


@pytest.mark.slow
def test_the_next_stage_signs_exactly_what_was_picked(open_house: Callable[..., House], sqlite_ledgers: Any) -> None:
    scene = Staged(sqlite_ledgers)
    house = open_house(scene=scene)
    scene.answer("ana", picks=["V02"])
    rita = Browser(house, "rita")

    page = rita.open()
    answer = rita.approve(**{"edit.V02.subject": LINE})
    refused = rita.page
    accepted = rita.approve()

    assert 'name="pick"' not in page
    assert "Edit V02" not in page
    assert "cannot be edited" in refused, answer.status_code
    assert accepted.status_code == 303
    assert "Your yes counts." in rita.visitor.get(accepted.headers["location"]).text


def test_the_next_question_that_waits_opens_by_itself(house: House) -> None:
    other = Scene(house.scene.ledgers, run="6f0c6a52-0000-4000-8000-0000000000cc", people=False)

    answer = Browser(house).approve("V01")

    assert answer.headers["location"] == f"/proof/{other.review.id}?after={house.scene.review.id}"


@pytest.fixture
def nia(open_house: Callable[..., House], sqlite_ledgers: Any) -> _Nia:
    return _Nia(open_house(scene=Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6000}))))


@pytest.mark.slow
def test_who_has_to_prove_anew_who_they_are_does_it_in_the_answer(nia: _Nia) -> None:
    browser = Browser(nia.house, visitor=nia.browser)

    page = browser.open()
    unproved = browser.approve("V01")
    wrong = browser.approve("V01", password=_PASSWORD, code="000000")
    right = browser.approve(*picked(wrong.text), password=_PASSWORD, code=nia.code)

    assert 'name="password"' in page
    assert unproved.status_code == 409
    assert wrong.status_code == 403
    assert "You were not recognised" in wrong.text
    assert _PASSWORD not in wrong.text
    assert right.status_code == 303, right.text
    assert "presscheck=" in right.headers["set-cookie"]
    assert len(nia.house.scene.kinds("approval:")) == 1


@pytest.mark.slow
def test_the_fifth_wrong_code_ends_the_session_and_loses_nothing(nia: _Nia) -> None:
    browser = Browser(nia.house, visitor=nia.browser)

    answers = [browser.approve("V03", password="wrong", code="000000", note=f"try {at}") for at in range(5)]

    assert [one.status_code for one in answers] == [403, 403, 403, 403, 401]
    assert 'name="pick" value="V03"' in answers[-1].text
    assert nia.browser.get("/-/api/session").status_code == 401


@pytest.fixture
def writing(open_house: Callable[..., House], sqlite_ledgers: Any) -> House:
    desk = Desk(sqlite_ledgers)
    scene = SimpleNamespace(**{**vars(desk.scene), "review": desk.writing, "kinds": desk.scene.kinds})
    return open_house(scene=scene)


def test_a_text_is_written_on_the_page_and_a_machine_s_own_words_are_told_at_once(writing: House) -> None:
    browser = Browser(writing, "wren")
    typed = {f"text.{name}": text for name, text in TEXT.items()}

    page = browser.open()
    copied = browser.post("check", **{**typed, "text.body": draft(0).body}).text
    handed = browser.post("answer", ("pick", "V02"), **typed, decision="approve")

    assert "Hand in" in page
    assert "Drew on V01" in page
    assert "almost word for word" in copied
    assert field(copied, "text.subject") == TEXT["subject"]
    assert handed.status_code == 303
    assert writing.scene.kinds("decision:") == ["decision:written"]


HOSTILE = '"></textarea><script>alert(1)</script>'


def test_nothing_that_is_typed_becomes_markup_or_another_field(house: House) -> None:
    browser = Browser(house)

    page = browser.post(
        "check",
        ("pick", HOSTILE),
        (f"edit.V01.{HOSTILE}", "x"),
        (f"edit.{HOSTILE}.subject", "x"),
        **{"edit.V01.subject": HOSTILE, "note": HOSTILE, "decision": HOSTILE, "reason": HOSTILE},
    ).text

    assert "<script>" not in page
    assert field(page, "edit.V01.subject") == HOSTILE


@pytest.mark.parametrize("do", ["", "edit:V99", "undo:V99", "edit", "approve", "answer:V01"])
def test_a_button_that_there_is_not_decides_nothing(house: House, do: str) -> None:
    answer = Browser(house).post(do, ("pick", "V01"))

    assert answer.status_code in (200, 409)
    assert decisions(house.scene) == []


def test_a_check_while_typing_tells_what_is_found_and_keeps_nothing(house: House) -> None:
    ana, path = house.visitor("ana"), f"/-/api/reviews/{house.scene.review.id}/check"
    fields = [["form", house.scene.review.form_key], ["pick", "V01"], ["edit.V01.subject", "Hurry, only three left"]]
    before = len(house.scene.kinds())

    told = ana.post(path, {"fields": fields}).json()
    clean = ana.post(path, {"fields": [["form", house.scene.review.form_key], ["pick", "V01"]]}).json()

    assert {one["level"] for one in told["drafts"]["V01"]} == {"block"}
    assert told["refused"].startswith("V01: subject: ")
    assert clean == {"refused": "", "drafts": {}}
    assert len(house.scene.kinds()) == before


@pytest.mark.slow
def test_nobody_keeps_the_door_busy_with_long_texts_and_what_they_typed_stays(house: House) -> None:
    browser, path = Browser(house), f"/-/api/reviews/{house.scene.review.id}/check"
    long = "a warm jacket " * 1_400
    fields = [["pick", "V01"], *([f"edit.V0{at}.body", long] for at in range(1, 5))]
    answers = [browser.visitor.post(path, {"fields": fields}).status_code for _ in range(13)]

    checked = browser.post("check", ("pick", "V01"), **{"edit.V01.body": long})
    answered = browser.approve("V02")

    assert answers[0] == 200
    assert answers[-1] == 429
    assert checked.status_code == 429
    assert field(checked.text, "edit.V01.body").strip() == long.strip()
    assert "go on in a moment" in checked.text
    assert answered.status_code == 303, "an answer is taken all the same"


@pytest.mark.parametrize("fields", [None, {}, "pick", ["pick"], [["pick"]], [["pick", 1]], [["a", "b", "c"]], [None]])
def test_a_check_of_anything_but_fields_is_told_what_they_are(house: House, fields: Any) -> None:
    answer = house.visitor("ana").post(f"/-/api/reviews/{house.scene.review.id}/check", {"fields": fields})

    assert answer.status_code == 422
    assert "list of pairs" in answer.json()["error"]


def test_nothing_is_checked_for_strangers_nor_of_a_question_that_is_over(house: House) -> None:
    path = f"/-/api/reviews/{house.scene.review.id}/check"

    stranger = house.visitor(None).post(path, {"fields": []})
    house.scene.approve("ana")
    over = house.visitor("cleo").post(path, {"fields": []})
    nowhere = house.visitor("cleo").post("/-/api/reviews/R-000000000000/check", {"fields": []})

    assert (stranger.status_code, over.status_code, nowhere.status_code) == (401, 409, 409)


def test_what_was_answered_stands_on_the_page_of_what_is_done(house: House) -> None:
    browser = Browser(house)
    empty = browser.visitor.get("/done").text
    browser.post("answer", decision="reject", reason="voice", note="No.")

    done = browser.visitor.get("/done?before=zz").text

    assert "You have answered nothing yet." in empty
    assert "You rejected" in done
    assert f"/proof/{house.scene.review.id}" in done
    assert "You have answered nothing yet." in house.visitor("cleo").get("/done").text

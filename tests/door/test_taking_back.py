"""Taking an answer back at the door: the line that says how long, its buttons, and nobody's but one's own."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from presscheck.ledger import tables
from presscheck.models import DecisionKind
from tests.desk.scene import Scene
from tests.desk.test_writing import TEXT, Desk
from tests.door.house import House
from tests.door.test_answering import LINE, Browser, field, picked

OTHER = "6f0c6a52-0000-4000-8000-0000000000cc"


class Hand(Browser):
    """A browser that presses the buttons of the line, too."""

    def press(self, do: str, page: str, *, review: str = "", csrf: str = "") -> httpx.Response:
        token = csrf or re.findall(r'name="csrf" value="([^"]*)"', page)[0]
        here = (re.findall(r'name="next" value="([^"]*)"', page) or ["/inbox"])[0]
        body = str(httpx.QueryParams({"csrf": token, "next": here, "do": do}))
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.visitor.ask("POST", f"/held/{review or self.review}", content=body, headers=headers)

    def inbox(self) -> str:
        return self.visitor.get("/inbox").text


@pytest.fixture
def hand(house: House) -> Hand:
    return Hand(house, waits=False)


def outcome(house: House) -> Any:
    with house.ledger.read() as tx:
        return house.scene.desk.outcome(tx, house.scene.review.id).decision


def test_the_next_question_opens_with_the_line_and_the_first_is_offered_no_more(house: House, hand: Hand) -> None:
    other = Scene(house.scene.ledgers, run=OTHER, people=False)

    answer = hand.approve("V02")
    after = hand.visitor.get(answer.headers["location"]).text
    inbox = hand.inbox()

    assert answer.headers["location"] == f"/proof/{other.review.id}?after={house.scene.review.id}"
    assert "Approved: Spring launch." in after
    assert '<span class="left">20 s</span> to take it back' in after
    assert "1 question waits for you." in inbox
    assert "Send it now" in inbox
    assert outcome(house) is None


def test_a_closed_tab_and_a_session_that_ended_change_nothing(house: House, hand: Hand) -> None:
    hand.approve("V02")
    hand.visitor.post("/-/api/sign-out")

    [decision] = house.let_it_count()

    assert decision.kind is DecisionKind.APPROVED
    assert outcome(house) == decision


def test_what_is_taken_back_opens_as_it_was_typed_and_is_answered_otherwise(house: House, hand: Hand) -> None:
    hand.post("answer", ("pick", "V02"), decision="approve", note="Mind the hood.", **{"edit.V02.subject": LINE})

    back = hand.press("take-back", hand.inbox())
    page = hand.open()
    none = house.let_it_count()
    again = hand.post("answer", decision="reject", reason="voice")

    assert (back.status_code, back.headers["location"]) == (303, f"/proof/{house.scene.review.id}")
    assert "You have taken your answer back, and it does not count." in page
    assert picked(page) == ["V02"]
    assert (field(page, "edit.V02.subject"), field(page, "note")) == (LINE, "Mind the hood.")
    assert re.search(r'value="approve" required checked', page)
    assert none == []
    assert again.status_code == 303
    [decision] = house.let_it_count()
    assert decision.kind is DecisionKind.REJECTED


def test_what_was_taken_back_can_be_begun_afresh(house: House, hand: Hand) -> None:
    hand.post("answer", ("pick", "V02"), decision="approve", note="Mind the hood.")
    hand.press("take-back", hand.inbox())
    hand.open()

    afresh = hand.post("afresh")
    page = hand.open()

    assert afresh.status_code == 303
    assert picked(page) == []
    assert field(page, "note") == ""


def test_taking_back_after_it_counts_says_plainly_that_it_is_too_late(house: House, hand: Hand) -> None:
    hand.approve("V02")
    inbox = hand.inbox()
    house.let_it_count()

    late = hand.press("take-back", inbox)

    assert late.status_code == 409
    assert "It is too late: your answer was submitted at" in late.text
    assert len(house.scene.kinds("decision:")) == 1


def test_send_it_now_goes_back_to_the_page_that_it_stands_on(house: House, hand: Hand) -> None:
    hand.approve("V02")

    sent = hand.press("send", hand.inbox())
    after = hand.visitor.get(sent.headers["location"]).text

    assert sent.headers["location"] == f"/inbox?after={house.scene.review.id}"
    assert "Approved by ana" in after
    assert "Take back" not in after


def test_one_more_minute_is_one_more_minute(house: House, hand: Hand) -> None:
    hand.approve("V02")

    hand.press("longer", hand.inbox())
    still = house.let_it_count()
    inbox = hand.inbox()
    later = house.let_it_count(60)

    assert still == []
    assert '<span class="left">59 s</span>' in inbox
    assert len(later) == 1


@pytest.mark.slow
def test_a_second_tab_answers_nothing_and_is_shown_what_it_typed(house: House, hand: Hand) -> None:
    second = Hand(house, visitor=hand.visitor, waits=False)
    second.open()
    hand.approve("V02")

    refused = second.post("answer", decision="reject", reason="voice", note="Colder.")
    shown = hand.open()

    assert refused.status_code == 409
    assert "You have answered this already" in refused.text
    assert "Colder." in refused.text
    assert 'name="decision"' not in shown, "there is nothing to answer while an answer is held"
    [decision] = house.let_it_count()
    assert decision.kind is DecisionKind.APPROVED


@pytest.mark.slow
def test_with_the_cookie_of_somebody_else_nothing_of_mine_is_taken_back_or_sent(house: House, hand: Hand) -> None:
    hand.approve("V02")
    cleo = Hand(house, "cleo", waits=False)
    theirs = cleo.open()

    answers = [cleo.press(do, theirs, csrf=cleo.visitor.csrf) for do in ("take-back", "send", "longer", "forget")]
    foreign = cleo.press("take-back", theirs, csrf=hand.visitor.csrf)
    stranger = Hand(house, None, waits=False).press("take-back", theirs, csrf="0" * 43)

    assert [one.status_code for one in answers] == [409, 409, 409, 303]
    assert foreign.status_code == 403
    assert stranger.headers["location"].startswith("/sign-in")
    assert "Take back" not in theirs, "whoever else looks sees no answer before it counts"
    [decision] = house.let_it_count()
    assert decision.person == "P-ana"


def test_an_answer_that_did_not_count_is_told_everywhere_with_all_that_was_typed(house: House, hand: Hand) -> None:
    hand.post("answer", decision="request_changes", reason="voice", note="Warmer, <b>please</b>.")
    house.scene.answer("cleo", "Reject", reason="voice", picks=[])
    house.let_it_count()

    inbox, proof = hand.inbox(), hand.open()
    hand.press("forget", inbox)

    for page in (inbox, proof):
        assert "rejected by cleo" in page
    assert "did not count when it was submitted" in inbox
    assert "Warmer, &lt;b&gt;please&lt;/b&gt;." in proof.partition("What you had typed")[2]
    assert "did not count" not in hand.inbox()


def test_a_text_that_was_handed_in_comes_back_whole(open_house: Callable[..., House], sqlite_ledgers: Any) -> None:
    desk = Desk(sqlite_ledgers)
    house = open_house(scene=desk.scene)
    hand = Hand(house, "wren", waits=False)
    hand.review = desk.writing.id
    hand.post("answer", decision="approve", **{f"text.{name}": words for name, words in TEXT.items()})

    line = hand.inbox()
    hand.press("take-back", line)
    page = hand.open()

    assert "Handed in" in line
    assert field(page, "text.subject") == TEXT["subject"]


@pytest.mark.parametrize("do", ["take-back", "send", "longer"])
def test_of_an_answer_that_somebody_erased_each_button_says_that_it_does_not_count(
    house: House, hand: Hand, do: str
) -> None:
    hand.approve("V02")
    inbox = hand.inbox()
    with house.ledger.write() as tx:
        tx.execute(delete(tables.held_answers))

    told = hand.press(do, inbox)

    assert told.status_code == 409
    assert "it does not count" in told.text
    assert 'name="decision"' in told.text, "and it can be answered again"
    assert house.let_it_count() == []


def test_taking_all_back_tells_of_those_that_somebody_erased(house: House, hand: Hand) -> None:
    other = Scene(house.scene.ledgers, run=OTHER, people=False)
    hand.approve("V02")
    second = Hand(house, visitor=hand.visitor, waits=False)
    second.review = other.review.id
    second.open()
    second.approve("V02")
    inbox = hand.inbox()
    with house.ledger.write() as tx:
        tx.execute(delete(tables.held_answers).where(tables.held_answers.c.review == other.review.id))

    told = hand.press("take-back", inbox, review="all")
    again = hand.press("take-back", inbox, review="all")

    assert "Take all 2 back" in inbox
    assert told.status_code == 409
    assert "it does not count" in told.text
    assert f'action="/proof/{other.review.id}' in told.text
    assert (again.status_code, again.headers["location"]) == (303, "/inbox")
    assert house.let_it_count() == []


def test_the_api_answers_at_once_as_ever(house: House) -> None:
    told = house.visitor("ana").post(
        f"/-/api/reviews/{house.scene.review.id}/decision", json=house.scene.raw(picks=["V01"])
    )

    assert told.json()["accepted"]
    assert outcome(house) is not None
    assert "answer:held" not in house.scene.kinds()


class Beside(Hand):
    """The next question in whose own form the buttons stand: all that is typed there comes along."""

    def __init__(self, house: House) -> None:
        super().__init__(house, waits=False)
        self.first = self.review
        other = Scene(house.scene.ledgers, run=OTHER, people=False)
        self.approve("V02")
        self.review = other.review.id
        self.open()

    def along(self, do: str, *, to: str = "", **typed: str) -> httpx.Response:
        names = ("csrf", "form", "tab", "since", "next")
        hidden = {name: re.findall(rf'name="{name}" value="([^"]*)"', self.page)[0] for name in names}
        body = str(httpx.QueryParams({**hidden, "pick": "V03", "do": do, **typed}))
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.visitor.ask("POST", f"/held/{to or self.first}", content=body, headers=headers)


TYPED = {"note": "Mind the hood.", "edit.V03.subject": LINE, "comment.V01.words": "Why?"}


@pytest.mark.parametrize("do", ["take-back", "send", "longer"])
def test_what_was_typed_on_the_next_page_comes_along_and_is_here_again(house: House, do: str) -> None:
    beside = Beside(house)

    answer = beside.along(do, **TYPED, password="correct horse", code="123456")
    page = beside.open()

    assert answer.status_code == 303
    assert "What you had begun" in page
    assert {name: field(page, name).strip() for name in TYPED} == TYPED
    assert picked(page) == ["V03"]
    assert "correct horse" not in page


def test_the_buttons_lie_in_the_page_s_form_and_enter_presses_none_of_them(house: House) -> None:
    page = Beside(house).page

    buttons = re.findall(r'<button[^>]*form="answer"[^>]*>', page)

    assert 'value="check"' in buttons[0], "what Enter presses is the first button of the form"
    assert f'value="take-back" form="answer" formaction="/held/{house.scene.review.id}" formnovalidate' in buttons[1]


def test_no_button_of_it_answers_the_question_that_it_stands_beside(house: House) -> None:
    beside = Beside(house)

    beside.along("take-back", decision="approve")
    beside.along("answer", decision="approve")
    house.let_it_count()

    assert house.scene.kinds("decision:") == []


def test_whose_session_has_ended_loses_nothing_and_takes_nothing_back(house: House) -> None:
    beside = Beside(house)
    beside.visitor.post("/-/api/sign-out")

    kept = beside.along("take-back", **TYPED, password="correct horse")

    assert kept.status_code == 401
    assert f'action="/proof/{beside.review}"' in kept.text
    assert f'name="note" value="{TYPED["note"]}"' in kept.text
    assert "correct horse" not in kept.text
    assert len(house.let_it_count()) == 1


def test_a_form_that_is_not_of_this_session_takes_nothing_back_and_keeps_what_was_typed(house: House) -> None:
    beside = Beside(house)

    refused = beside.along("take-back", **TYPED, csrf="x" * 43)

    assert refused.status_code == 403
    assert field(refused.text, "note").strip() == TYPED["note"]
    assert len(house.let_it_count()) == 1


def test_where_another_tab_has_gone_on_it_is_taken_back_and_this_page_stays_with_what_was_typed(house: House) -> None:
    beside, other = Beside(house), Browser(house)
    other.review = beside.review
    other.post("check", note="Of another tab.", tab="0" * 16)

    told = beside.along("take-back", **TYPED)

    assert told.status_code == 409
    assert f"Of your answer to {beside.first}: it is taken back" in told.text
    assert "You have gone on with this in another tab" in told.text
    assert field(told.text, "note").strip() == TYPED["note"]
    assert field(beside.open(), "note").strip() == "Of another tab."
    assert house.let_it_count() == []


def test_an_empty_page_erases_nothing_that_another_tab_has_begun(house: House) -> None:
    beside, other = Beside(house), Browser(house)
    other.review = beside.review
    other.post("check", note="Of another tab.", tab="0" * 16)

    answer = beside.along("take-back", pick="")

    assert answer.status_code == 303
    assert field(beside.open(), "note").strip() == "Of another tab."

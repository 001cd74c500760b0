"""Comments at the door: in the page's own form and by the API, by everybody who reads, and never an answer."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from presscheck.ledger import EventKind, tables
from tests.desk.scene import Scene, draft
from tests.desk.test_stages import Staged
from tests.door.house import House, Visitor
from tests.door.test_answering import Browser, field, picked

QUOTE, WORDS = "keeps the rain out", "Shorter, please."
FIELDS = {"comment.V02.part": "body", "comment.V02.quote": QUOTE, "comment.V02.words": WORDS}


def made(house: House) -> list[dict[str, Any]]:
    with house.ledger.read() as tx:
        return [event.data for event in tx.events(EventKind.COMMENT_MADE)]


def post(visitor: Visitor, house: House, path: str = "", **body: Any) -> Any:
    return visitor.post(f"/-/api/reviews/{house.scene.review.id}/comments{path}", body)


def said(house: House, person: str = "ana", **body: Any) -> str:
    answer = post(
        house.visitor(person), house, **({"words": WORDS, "draft": "V02", "quote": QUOTE, "part": "body"} | body)
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["comment"])


def test_a_comment_on_the_page_stands_at_its_words_and_all_else_that_was_typed_stays(house: House) -> None:
    browser = Browser(house)

    answer = browser.post("comment:V02", ("pick", "V01"), note="keep this", **FIELDS)

    assert answer.status_code == 200
    assert f'<mark class="said" title="comment 1" data-numbers="1">{QUOTE}</mark>' in answer.text
    assert WORDS in answer.text
    assert (picked(answer.text), field(answer.text, "note")) == (["V01"], "keep this")
    assert field(answer.text, "comment.V02.words").strip() == ""
    assert house.scene.kinds("decision:") == []


def test_what_is_not_taken_is_said_beside_its_fields_and_they_stay(house: House) -> None:
    answer = Browser(house).post("comment:V02", **{**FIELDS, "comment.V02.quote": "not in it"})

    assert answer.status_code == 409
    assert "These words do not stand in the body" in answer.text.split('id="V02"')[1].split('id="V03"')[0]
    assert field(answer.text, "comment.V02.words").strip() == WORDS
    assert made(house) == []


def test_who_may_not_answer_comments_in_a_form_that_asks_no_decision(house: House) -> None:
    uma = Browser(house, "uma")

    page = uma.open()
    answer = uma.post("comment:all", csrf=uma.visitor.csrf, **{"comment.all.words": "Is the price right?"})

    assert 'name="decision"' not in page
    assert 'form="talking"' in page
    assert "Is the price right?" in answer.text
    assert [one["person"] for one in made(house)] == ["P-uma"]


def test_legal_comments_before_its_stage_and_the_first_stage_reads_it(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Staged(sqlite_ledgers))

    said(house, "rita", words="Not in the US.")

    assert "Not in the US." in Browser(house).open()


def test_an_answer_with_a_comment_that_was_not_sent_is_not_taken_and_loses_nothing(house: House) -> None:
    browser = Browser(house)

    answer = browser.approve("V01", **FIELDS)

    assert answer.status_code == 409
    assert "have typed a comment and not sent it" in answer.text
    assert field(answer.text, "comment.V02.quote") == QUOTE
    assert house.scene.kinds("decision:") == []


def test_who_is_seen_beside_it_is_mentioned_by_name_and_who_is_not_is_told_with_nothing_lost(house: House) -> None:
    browser = Browser(house)

    listed = browser.open().split('id="called"')[1].split("</datalist>")[0]
    refused = browser.post("comment:all", note="keep this", **{"comment.all.words": "Look, @eva and @cleo"})
    taken = browser.post("comment:all", **{"comment.all.words": "Look, @Cleo"})

    assert 'value="cleo"' in listed
    assert 'value="eva"' not in listed, "an engineer is not beside it"
    assert 'value="ana"' not in listed, "nobody calls themselves"
    assert refused.status_code == 409
    assert "Nobody beside this question is called “@eva”: write " in unescape(refused.text)
    assert field(refused.text, "comment.all.words").strip() == "Look, @eva and @cleo"
    assert field(refused.text, "note") == "keep this"
    assert taken.status_code == 200
    assert "Look, @cleo" in taken.text
    assert [one["mentions"] for one in made(house)] == [["P-cleo"]]


def test_changes_are_requested_by_comments_alone(house: House) -> None:
    said(house)

    answer = Browser(house).post("answer", decision="request_changes", reason="voice")

    assert answer.status_code == 303
    assert house.scene.kinds("decision:") == ["decision:changes-requested"]


@pytest.mark.slow
def test_the_buttons_under_a_comment_answer_settle_reopen_and_take_it_back(house: House) -> None:
    comment, browser = said(house, "uma"), Browser(house)

    answered = browser.post(f"comment:{comment}", **{f"comment.{comment}.words": "Why?"}).text
    settled = browser.post(f"resolve:{comment}").text
    reopened = browser.post(f"reopen:{comment}").text
    uma = Browser(house, "uma")
    gone = uma.post(f"erase:{comment}", csrf=uma.visitor.csrf).text

    assert "Why?" in answered
    assert "together with 1 open comment; so it may stay empty.<" in answered
    assert "open comment" not in settled
    assert "settled by ana" in settled
    assert 'class="said"' not in settled, "what is settled is marked no more"
    assert "settled by" not in reopened
    assert "Taken back." in gone
    assert WORDS not in gone
    assert house.scene.kinds("decision:") == []


@pytest.mark.parametrize("act", ["resolve", "reopen", "erase"])
def test_who_may_not_settle_or_take_back_another_s_comment_is_refused_and_it_is_taken_down(
    house: House, act: str
) -> None:
    comment, uma = said(house), Browser(house, "uma")

    page = uma.open()
    by_form = uma.post(f"{act}:{comment}", csrf=uma.visitor.csrf)
    by_api = post(uma.visitor, house, f"/{comment}/{act}")

    assert f"{act}:{comment}" not in page, "there is no button for it"
    assert (by_form.status_code, by_api.status_code) == (409, 403)
    assert [one.kind for one in events(house, EventKind.REQUEST_FORBIDDEN)] == ["request:forbidden"] * 2
    assert house.scene.kinds("comment:") == ["comment:made"]


def events(house: House, kind: EventKind) -> list[Any]:
    with house.ledger.read() as tx:
        return tx.events(kind)


def test_a_stranger_reads_and_says_nothing(house: House) -> None:
    said(house)
    stranger = house.visitor(None)

    assert stranger.get(f"/-/api/reviews/{house.scene.review.id}/comments").status_code == 401
    assert post(stranger, house, words="Hello").status_code == 401
    form = Browser(house, visitor=stranger)
    form.page = "not opened"
    ended = form.post("comment:all", **{"comment.all.words": "Hello"})
    assert (ended.status_code, len(made(house))) == (401, 1)
    assert 'name="comment.all.words" value="Hello"' in ended.text, "who was signed out goes on with it"


def test_a_form_from_elsewhere_says_nothing(house: House) -> None:
    browser = Browser(house)

    answer = browser.post("comment:V02", csrf="x", **FIELDS)
    api = browser.visitor.post(
        f"/-/api/reviews/{house.scene.review.id}/comments", {"words": WORDS}, headers={"x-presscheck-csrf": "x"}
    )

    assert (answer.status_code, api.status_code) == (403, 403)
    assert field(answer.text, "comment.V02.words").strip() == WORDS
    assert made(house) == []


HOSTILE = '"></textarea><script>alert(1)</script>\u202e\u200b'


@pytest.mark.slow
def test_markup_in_a_comment_is_text_wherever_it_is_shown(house: House) -> None:
    comment = said(house, words=HOSTILE)
    post(house.visitor("uma"), house, words=HOSTILE, answers=comment)
    shown = Browser(house).open()
    page = Browser(house).post("comment:V01", **{"comment.V01.words": HOSTILE, "comment.V01.quote": HOSTILE}).text

    assert "<script>alert" not in page
    assert "\u202e" not in shown
    assert page.count("&lt;script&gt;alert(1)") >= 3


@pytest.mark.parametrize(
    "body",
    [
        {"words": 7},
        {"words": "x", "start": "3"},
        {"words": "x", "start": True},
        {"words": "x", "draft": ["V01"]},
        {},
        {"words": "x", "draft": "f" * 64},
        {"words": "x", "draft": "V01", "quote": "jacket", "start": 99_999},
        {"words": "x", "draft": "V01", "quote": "jacket", "start": -1},
        {"words": "@P-nobody"},
        {"words": "x" * 2_001},
    ],
)
def test_what_says_nothing_or_stands_nowhere_is_refused_by_the_api(still_house: House, body: dict[str, Any]) -> None:
    assert post(still_house.visitor(), still_house, **body).status_code == 422
    assert made(still_house) == []


def test_a_question_or_an_act_that_there_is_not_is_not_there(still_house: House) -> None:
    visitor = still_house.visitor()

    assert visitor.get("/-/api/reviews/R-000000000000/comments").status_code == 404
    assert visitor.post("/-/api/reviews/R-000000000000/comments", {"words": "x"}).status_code == 404
    assert post(visitor, still_house, "/C-000000000000/resolve").status_code == 404
    assert post(visitor, still_house, "/C-000000000000/comment").status_code == 404


def test_no_word_of_a_comment_answers_the_question(house: House) -> None:
    said(house, words='approve {"decision": "approve", "picks": ["V01"]}')
    browser = Browser(house)
    fields = {"comment.all.words": "approve", "comment.all.decision": "approve", "comment.all.pick": "V01"}

    answer = browser.post("comment:all", ("pick", "V01"), decision="approve", **fields)

    assert answer.status_code == 200
    assert house.scene.kinds("decision:") == house.scene.kinds("approval:") == []


def test_a_row_with_other_words_is_told_and_its_words_are_not(house: House) -> None:
    comment = said(house)
    with house.scene.ledgers.door.engine.begin() as db:
        db.execute(tables.comments.update().values(content='{"salt": "", "words": "Approve them all."}'))

    page = Browser(house).open()
    [told] = house.visitor().get(f"/-/api/reviews/{house.scene.review.id}/comments").json()["comments"]

    assert "not the words that were signed" in unescape(page)
    assert "Approve them all." not in page
    assert (told["id"], told["altered"], told["words"]) == (comment, True, "")


def test_nobody_floods_a_question_with_comments(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from presscheck.desk import comments

    monkeypatch.setattr(comments, "MOST_OF_ONE", 2)
    ana = house.visitor()

    answers = [post(ana, house, words=f"{at}").status_code for at in range(4)]

    assert answers == [200, 200, 429, 429]
    assert post(house.visitor("uma"), house, words="mine").status_code == 200


def test_the_next_round_reads_on_the_proof_what_was_asked_of_which_words(house: House) -> None:
    said(house)
    house.scene.answer("ana", "Request changes", reason="voice", note="See the comments.", picks=[])
    later = Scene(house.scene.ledgers, drafts=(draft(5),), round=2, people=False, previous=house.scene.review.id)

    page = unescape(house.visitor().get(f"/proof/{later.review.id}").text)
    before = house.visitor().get(f"/proof/{house.scene.review.id}").text

    assert f"ana on “{QUOTE}” (V02, body): “{WORDS}”" in page
    assert "Comment on V02" not in before, "a question that is over is talked about no more"
    assert WORDS in before


def test_where_many_drafts_are_folded_the_one_that_was_commented_on_stays_open(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=tuple(draft(at) for at in range(8))))

    page = Browser(house).post("comment:V02", **FIELDS).text

    folded = dict(re.findall(r'id="(V\d+)">.*?<details class="one"( open)?>', page, re.DOTALL))
    assert [code for code, is_open in folded.items() if is_open] == ["V02"]


def test_of_many_drafts_each_has_a_button_that_opens_its_fields(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    browser = Browser(open_house(scene=Scene(sqlite_ledgers, drafts=tuple(draft(at) for at in range(8)))))

    closed = browser.open()
    page = browser.post("say:V04", ("pick", "V01"), **{"comment.V04.quote": QUOTE, "comment.V04.start": "5"}).text

    assert 'name="comment.V04.words"' not in closed
    assert field(page, "comment.V04.quote") == QUOTE
    assert 'name="comment.V04.start" value="5"' in page
    assert 'name="comment.V05.words"' not in page
    assert picked(page) == ["V01"]

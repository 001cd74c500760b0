"""What somebody has begun on a proof is here again, for them alone, and decides nothing."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from presscheck.ledger import tables
from presscheck.ledger.begun import MOST_CHARACTERS, sweep_begun
from tests.conftest import Clock
from tests.desk.scene import Scene, draft
from tests.desk.test_stages import Staged
from tests.desk.test_writing import TEXT
from tests.door.house import House, Visitor
from tests.door.test_answering import LINE, Browser, decisions, field, picked, writing

__all__ = ["writing"]
AGAIN = "is here again"


def rows(house: House) -> list[Any]:
    with house.ledger.read() as tx:
        return list(tx.execute(select(tables.begun)))


def keep(visitor: Visitor, house: House, *fields: tuple[str, str], tab: str = "one", since: str = "") -> Any:
    path = f"/-/api/reviews/{house.scene.review.id}/begun"
    return visitor.post(path, {"fields": [list(one) for one in fields], "tab": tab, "since": since})


def test_what_was_picked_edited_and_typed_is_here_again_in_another_browser(house: House) -> None:
    begun = Browser(house)
    typed = {"edit.V02.subject": LINE, "note": "warmer", "comment.V01.words": "Why?", "decision": "request_changes"}
    begun.post("check", ("pick", "V02"), **typed)

    page = Browser(house).open()

    assert AGAIN in page
    assert picked(page) == ["V02"]
    assert (field(page, "edit.V02.subject"), field(page, "note")) == (LINE, "warmer")
    assert field(page, "comment.V01.words") == "Why?"
    assert 'value="request_changes" required checked' in page
    assert decisions(house.scene) == []


def test_nobody_else_finds_it_and_nothing_of_it_is_in_the_chain(house: House) -> None:
    ana, before = Browser(house), len(house.scene.kinds())
    ana.open()
    ana.post("check", ("pick", "V02"), note="for my eyes")
    keep(ana.visitor, house, ("note", "for my eyes"))
    count = len(house.scene.kinds())

    page = Browser(house, "cleo").open()

    assert AGAIN not in page
    assert "for my eyes" not in page
    assert count == before + 1, "that it was opened"


def test_passwords_codes_and_tokens_are_never_kept(house: House) -> None:
    browser = Browser(house)

    browser.post("check", password="secret-of-ana", code="123456", note="x")
    [row] = rows(house)
    by_form = row.fields
    secrets = (("password", "secret-of-ana"), ("code", "123456"), ("csrf", "t"))
    keep(browser.visitor, house, *secrets, ("note", "y"), tab=row.tab)
    [row] = rows(house)

    assert not re.search("secret-of-ana|123456|csrf", by_form + row.fields)
    assert '"y"' in row.fields


def test_start_afresh_erases_it(house: House) -> None:
    browser = Browser(house)
    browser.post("check", ("pick", "V02"))

    answer = browser.post("afresh")

    assert (answer.status_code, rows(house)) == (303, [])
    assert AGAIN not in browser.open()


def test_it_is_erased_when_the_answer_is_given(house: House) -> None:
    browser = Browser(house)
    browser.post("check", ("pick", "V02"))

    assert browser.approve("V02").status_code == 303
    assert rows(house) == []


def test_an_answer_that_is_refused_is_kept_as_it_was_typed(house: House) -> None:
    Browser(house).post("answer", ("pick", "V01"), decision="request_changes", note="keep me")

    assert field(Browser(house).open(), "note") == "keep me"


def test_it_is_erased_when_the_person_leaves(house: House) -> None:
    Browser(house, "uma").post("comment:all", csrf=house.visitor("uma").csrf, **{"comment.V09.words": "x"})
    uma = house.visitor("uma")
    keep(uma, house, ("comment.all.words", "later"))
    house.enrol("root", "administrator")
    house.enrol("other", "administrator")

    assert len(rows(house)) == 1
    assert house.accounts.revoke("P-uma", by="P-root") is None
    assert rows(house) == []


def test_it_is_erased_a_day_after_the_question_is_over(house: House, clock: Clock) -> None:
    keep(house.visitor("cleo"), house, ("note", "too late"))
    house.scene.approve()
    with house.ledger.write() as tx:
        sweep_begun(tx)
    assert len(rows(house)) == 1, "it may still be asked again"

    clock.advance(days=2)
    with house.ledger.write() as tx:
        sweep_begun(tx)
    assert rows(house) == []


def test_of_two_tabs_the_newer_wins_and_the_older_is_told(house: House) -> None:
    ana = house.visitor()
    first = keep(ana, house, ("note", "from one"), tab="one").json()["mark"]
    taken = keep(ana, house, ("note", "from two"), tab="two", since=first)
    refused = keep(ana, house, ("note", "from one again"), tab="one", since=first)
    page = field(Browser(house).open(), "note")
    instead = keep(ana, house, ("note", "from one again"), tab="one", since=refused.json()["mark"])

    assert (taken.status_code, refused.status_code, instead.status_code) == (200, 409, 200)
    assert "another tab or browser, at 09:00 UTC" in refused.json()["error"]
    assert page == "from two"
    assert field(Browser(house).open(), "note") == "from one again"


@pytest.mark.slow
def test_an_older_tab_without_a_script_is_told_and_loses_nothing(house: House) -> None:
    older = Browser(house)
    older.open()
    Browser(house).post("check", ("pick", "V01"), note="newer", tab="two")

    told = older.post("check", ("pick", "V02"), note="older", tab="one")
    again = field(Browser(house).open(), "note")
    since = re.search(r'name="since" value="(\w+)"', told.text)
    assert since
    older.post("check", ("pick", "V02"), note="older", tab="one", since=since[1])

    assert "You have gone on with this in another tab" in told.text
    assert (field(told.text, "note"), again) == ("older", "newer")
    assert field(Browser(house).open(), "note") == "older"


def test_what_was_begun_goes_on_where_the_question_is_asked_again_and_what_is_gone_is_named(
    house: House, sqlite_ledgers: Any
) -> None:
    keep(
        house.visitor("cleo"), house, ("pick", "V02"), ("pick", "V01"), ("edit.V03.subject", LINE),
        ("comment.V02.words", "Why?"), ("note", "n"), ("decision", "approve"),
    )  # fmt: skip
    house.scene.answer("ana", "Request changes", reason="voice", note="Others.", picks=[])
    later = Scene(sqlite_ledgers, drafts=(draft(2), draft(8), draft(1)), round=2, people=False)

    page = unescape(house.visitor("cleo").get(f"/proof/{later.review.id}").text)

    assert picked(page) == ["V03"], "V02 of before is V03 now"
    assert field(page, "edit.V01.subject") == LINE
    assert field(page, "comment.V03.words") == "Why?"
    assert "Not asked about any more: V01." in page
    assert "required checked" not in page, "a decision of another question is none of this one"


@pytest.mark.slow
def test_what_was_taken_back_is_newer_than_what_was_begun_beside_another_question(
    house: House, sqlite_ledgers: Any
) -> None:
    keep(house.visitor(), house, ("pick", "V02"), ("note", "of the round before"))
    house.scene.answer("cleo", "Request changes", reason="voice", note="Others.", picks=[])
    house.scene = Scene(sqlite_ledgers, drafts=(draft(2), draft(8), draft(1)), round=2, people=False)
    browser = Browser(house, waits=False)
    browser.post("answer", ("pick", "V01"), decision="approve", note="of now")
    house.app.state.door.held.take_back(house.scene.review.id, person="P-ana")

    page = browser.open()

    assert (field(page, "note"), picked(page)) == ("of now", ["V01"])
    browser.post("afresh")
    assert (field(browser.open(), "note"), picked(browser.page), rows(house)) == ("", [], [])


def test_while_an_answer_can_be_taken_back_nothing_else_is_kept_in_its_place(house: House) -> None:
    browser = Browser(house, waits=False)
    browser.post("answer", ("pick", "V01"), decision="approve")

    answer = keep(house.visitor(), house, ("pick", "V03"), ("note", "of another tab"), tab="two")

    assert answer.status_code == 423
    assert "Take the answer back first" in answer.json()["error"]
    assert rows(house) == []


@pytest.mark.parametrize("no_text", ["\ud800", "\0"])
def test_what_is_no_text_is_kept_as_a_mark_and_breaks_nothing(house: House, no_text: str) -> None:
    ana, path = house.visitor(), f"/-/api/reviews/{house.scene.review.id}/begun"
    body = json.dumps({"fields": [["note", f"a{no_text}b"]], "tab": "one", "since": ""})

    answer = ana.ask("POST", path, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 200
    assert [json.loads(row.fields) for row in rows(house)] == [[["note", "a\ufffdb"]]]


def test_what_was_begun_before_somebody_signed_says_that_the_question_changed(
    open_house: Callable[..., House], sqlite_ledgers: Any
) -> None:
    scene = Staged(sqlite_ledgers)
    house = open_house(scene=scene)
    rita = Browser(house, "rita")
    keep(rita.visitor, house, ("form", "round 9 · 0000-0000-0000"), ("note", "mine"))
    scene.answer("ana", picks=["V02"])

    page = rita.open()

    assert field(page, "note") == "mine"
    assert "look at it anew before you answer" in page


def test_at_the_writing_gate_a_text_is_here_again(writing: House) -> None:
    Browser(writing, "wren").post("check", ("pick", "V02"), **{f"text.{name}": text for name, text in TEXT.items()})

    page = Browser(writing, "wren").open()

    assert field(page, "text.subject") == TEXT["subject"]
    assert picked(page) == ["V02"]


def test_a_comment_that_is_being_written_is_here_again_for_who_may_not_answer(house: House) -> None:
    uma = house.visitor("uma")
    keep(uma, house, ("comment.V01.words", "Is it"), ("comment.V01.part", "body"))

    page = Browser(house, "uma").open()

    assert AGAIN in page
    assert field(page, "comment.V01.words") == "Is it"


def test_a_row_that_somebody_altered_decides_nothing_and_stays_text(house: House) -> None:
    keep(house.visitor(), house, ("note", "x"))
    hostile = '[["decision", "approve"], ["pick", "V01"], ["note", "</textarea><script>alert(1)</script>"]]'
    for stored in (hostile, "nonsense", '{"a": 1}'):
        with house.scene.ledgers.door.engine.begin() as db:
            db.execute(tables.begun.update().values(fields=stored))
        page = Browser(house).open()
        assert "<script>alert" not in page
        assert (AGAIN in page) == (stored == hostile)
    assert decisions(house.scene) == []


def test_more_than_the_door_keeps_is_told_and_stays_on_its_page(house: House) -> None:
    long = "a warm jacket " * 35_000
    refused = keep(house.visitor(), house, ("edit.V01.body", long), ("edit.V02.body", long), ("edit.V03.body", long))
    bare = house.visitor().ask(
        "POST",
        f"/proof/{house.scene.review.id}",
        content="note=" + "a" * 1_100_000,
        headers={"content-type": "application/x-www-form-urlencoded", "accept": "text/html"},
    )

    assert refused.status_code == 413
    assert bare.status_code == 413
    assert "your browser still has what you typed" in bare.text
    assert rows(house) == []


def test_too_many_characters_are_told_before_the_door_s_own_limit(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presscheck.door import begun

    monkeypatch.setattr(begun, "MOST_CHARACTERS", 100)

    refused = keep(house.visitor(), house, ("note", "x" * 101))
    page = Browser(house).post("check", note="x" * 101)

    assert (refused.status_code, refused.json()["mark"]) == (413, "")
    assert "more than the door keeps" in page.text
    assert len(field(page.text, "note")) == 101
    assert MOST_CHARACTERS == 1_000_000


@pytest.mark.parametrize(
    "body", [{}, {"fields": "x", "tab": "1", "since": ""}, {"fields": [["a"]], "tab": "1", "since": ""},
             {"fields": [], "tab": 1, "since": ""}, {"fields": []}]
)  # fmt: skip
def test_what_is_no_form_is_not_kept(still_house: House, body: Any) -> None:
    path = f"/-/api/reviews/{still_house.scene.review.id}/begun"

    assert still_house.visitor().post(path, body).status_code == 422


def test_a_stranger_and_a_page_from_elsewhere_keep_nothing(house: House) -> None:
    path = f"/-/api/reviews/{house.scene.review.id}/begun"
    body = {"fields": [["note", "x"]], "tab": "1", "since": ""}

    stranger = house.visitor(None).post(path, body)
    foreign = house.visitor().post(path, body, headers={"x-presscheck-csrf": "x"})
    Browser(house).post("check", csrf="x", note="x")

    assert (stranger.status_code, foreign.status_code, rows(house)) == (401, 403, [])


def test_nothing_is_kept_of_a_question_that_is_over_or_that_there_is_not(house: House) -> None:
    house.scene.approve()
    path = "/-/api/reviews/R-000000000000/begun"

    assert keep(house.visitor(), house, ("note", "x")).json() == {"mark": ""}
    house.visitor().post(path, {"fields": [["note", "x"]], "tab": "1", "since": ""})
    assert rows(house) == []

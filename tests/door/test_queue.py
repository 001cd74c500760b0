"""What else waits beside a proof: in the inbox's order, for its reader alone, a column where there is room."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from playwright.sync_api import sync_playwright
from sqlalchemy import update

from presscheck.ledger import tables
from tests.desk.scene import BRIEF, Scene, draft
from tests.door.house import House
from tests.door.test_access_in_the_browser import violations
from tests.door.test_answering import Browser
from tests.door.test_answering_in_the_browser import opened, shot


def another(house: House, number: int, **more: Any) -> Scene:
    run = f"6f0c6a52-0000-4000-8000-0000000001{number:02d}"
    return Scene(house.scene.ledgers, run=run, people=False, **more)


def queue(house: House, person: str = "ana", review: str = "") -> str:
    page = house.visitor(person).get(f"/proof/{review or house.scene.review.id}").text
    return page.partition('class="queue"')[2].partition("</nav>")[0]


def listed(told: str) -> list[str]:
    return re.findall(r'href="/proof/(R-[0-9a-f]+)"', told)


def test_what_waits_stands_beside_it_the_most_at_stake_first_and_where_one_is(house: House) -> None:
    soon = another(house, 1, expires_in=timedelta(hours=5), drafts=[draft(7)])
    much = another(house, 2, brief=BRIEF.model_copy(update={"spend_dollars": 6_000}))

    told = queue(house)

    assert listed(told) == [much.review.id, soon.review.id, house.scene.review.id]
    assert f'href="/proof/{house.scene.review.id}" aria-current="page"' in told
    assert "3 questions wait for you" in told
    assert "high risk" in told
    assert "answer in 5 hours" in told
    assert "A jacket for wet hills, draft h" in told, "several runs of one brief are told apart by their words"


def test_it_shows_nobody_what_is_not_theirs_and_nothing_where_nothing_else_waits(house: House) -> None:
    alone = queue(house)
    another(house, 1)

    assert alone == ""
    assert queue(house, "uma") == "", "uma has the right for one market of two"
    assert len(listed(queue(house))) == 2


def test_what_one_has_answered_and_can_take_back_waits_no_more(house: House) -> None:
    other = another(house, 1)
    third = another(house, 2)

    Browser(house, waits=False).approve("V01")

    assert set(listed(queue(house, review=other.review.id))) == {other.review.id, third.review.id}


def test_one_that_nobody_signed_hides_no_other_and_no_title_is_markup(house: House) -> None:
    evil = another(house, 1, brief=BRIEF.model_copy(update={"title": "<script>alert(1)</script>"}))
    forged = another(house, 2)
    assert len(listed(queue(house))) == 3
    with house.ledger.write() as tx:
        table = tables.reviews
        tx.execute(update(table).where(table.c.id == forged.review.id).values(question="{}"))

    told = queue(house)

    assert sorted(listed(told)) == sorted([evil.review.id, house.scene.review.id])
    assert "<script" not in told
    assert "<script>alert(1)</script>" in unescape(told)


def test_of_many_the_first_ten_are_listed_and_the_inbox_has_the_others(house: House) -> None:
    for number in range(1, 12):
        another(house, number, drafts=[draft(0)], recipients=1)

    told = queue(house)

    assert len(listed(told)) == 10
    assert "12 questions wait for you" in told
    assert 'href="/inbox?mine=1"' in told


def test_it_is_a_column_where_there_is_room_and_behind_the_answer_where_there_is_not(
    open_house: Any, sqlite_ledgers: Any, chromium: str
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    another(house, 1)
    places: dict[int, str] = {}

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = opened(browser, house, script=True)
        for width in (1920, 1280, 1279, 320):
            page.set_viewport_size({"width": width, "height": 900})
            column, main = (page.locator(one).bounding_box() for one in (".queue", "main"))
            assert column is not None
            assert main is not None
            beside = column["x"] + column["width"] <= main["x"] and column["y"] <= main["y"]
            places[width] = "beside" if beside else "under" if column["y"] >= main["y"] + main["height"] else "over it"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            shot(page, f"queue-{width}", whole=width == 320)
        assert violations(page) == []
        browser.close()

    assert places == {1920: "beside", 1280: "beside", 1279: "under", 320: "under"}

"""Commenting in Chromium: C on selected words with script, the page's own fields without; axe finds nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.desk.scene import Scene
from tests.door.offered import Offered, segment
from tests.door.test_access_in_the_browser import violations
from tests.door.test_answering_in_the_browser import FIFTY, WITH_A_FINDING, opened, shot
from tests.door.test_comments import made, said


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


SELECT = """([within, words]) => {
  const walk = document.createTreeWalker(document.querySelector(within), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walk.currentNode, at);
    range.setEnd(walk.currentNode, at + words.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
}"""


def test_words_are_selected_commented_on_and_marked_with_findings_as_they_were(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(*FIFTY[:2], WITH_A_FINDING)))
    said(house, "uma", draft="V03", part="body", quote="people who walk", words="Who else?")
    page = opened(browser, house, script=True)

    page.evaluate(SELECT, ["#V03 [data-part=body]", "only three"])
    page.keyboard.press("c")
    page.keyboard.type("Too pushy.")
    page.keyboard.type(" Right, @cl")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("?")
    shot(page, "comments-called")
    page.get_by_role("button", name="Comment on V03", exact=True).click()
    page.get_by_text("Too pushy. Right, @cleo ?").first.wait_for()

    [_, last] = made(house)
    start, end = last["span"]
    assert last["mentions"] == ["P-cleo"], "Tab and Enter fill in the name that was begun"
    assert (last["field"], WITH_A_FINDING.body[start:end]) == ("body", "only three")
    assert page.locator("#V03 mark.said").count() == 2
    assert page.locator("#V03 mark.said mark.block").count() == 1, "what the rules found is marked as it was"
    assert violations(page) == []
    shot(page, "comments", whole=True)
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    shot(page, "comments-320")
    page.context.close()


def test_c_on_the_words_of_a_cell_comments_on_that_cell(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Offered(sqlite_ledgers, segment(12)))
    page = opened(browser, house, script=True)

    # “10” stands in other cells, too: where it begins says which is meant.
    page.evaluate(SELECT, ["#V01 .rows tbody tr:nth-child(10) td:nth-child(2)", "10"])
    page.keyboard.press("c")
    page.keyboard.type("So few?")
    page.get_by_role("button", name="Comment on V01", exact=True).click()
    page.get_by_text("So few?").first.wait_for()

    assert page.locator("tr:nth-child(10) td:nth-child(2) > mark.said").inner_text() == "10"
    assert page.locator("mark.said").count() == 1
    shot(page, "comments-cell", whole=True)
    page.context.close()


def test_who_may_not_answer_comments_by_keyboard_alone_without_a_script(browser: Browser, open_house: Any) -> None:
    house = open_house()
    page = browser.new_context(java_script_enabled=False, color_scheme="dark").new_page()
    cookie = {"name": "presscheck", "value": house.visitor("uma").token, "url": house.url, "sameSite": "Strict"}
    page.context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    page.goto(f"{house.url}/proof/{house.scene.review.id}")

    page.locator("#V01 .talk > summary").focus()
    page.keyboard.press("Enter")
    page.locator("[name='comment.V01.words']").focus()
    page.keyboard.type("Is the price right?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#V01 .comments").get_by_text("Is the price right?").wait_for()

    assert [one["person"] for one in made(house)] == ["P-uma"]
    shot(page, "comments-dark", whole=True)
    page.context.close()

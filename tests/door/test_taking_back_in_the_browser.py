"""Taking an answer back in Chromium: U on the next question brings the last one back, and the line is for everybody."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.desk.scene import Scene
from tests.door.test_access_in_the_browser import violations
from tests.door.test_answering_in_the_browser import FIFTY, answered, opened, shot

OTHER = "6f0c6a52-0000-4000-8000-0000000000cc"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def test_u_takes_the_last_answer_back_with_all_that_was_chosen(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY[:6]))
    Scene(sqlite_ledgers, run=OTHER, people=False)
    page = opened(browser, house, script=True)

    for key in ("j", "j", "Space", "a", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/proof/*?after=*")
    page.locator(".left", has_not_text="20 s").wait_for()
    shot(page, "held")
    box = page.locator(".left").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 900, "the line is in sight also where the page has gone on to the first draft"
    page.keyboard.press("u")
    page.wait_for_url(f"**/proof/{house.scene.review.id}")

    assert page.get_by_text("You have taken your answer back").is_visible()
    assert page.get_by_label("Pick V02").is_checked()
    shot(page, "taken-back")
    assert answered(house) is None
    page.context.close()


def test_without_a_script_what_was_typed_beside_the_button_is_there_again(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    other = Scene(sqlite_ledgers, run=OTHER, people=False)
    page = opened(browser, house)
    page.get_by_label("Pick V01").check()
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Send my answer").click()

    page.get_by_role("button", name="Edit V02").click()
    page.get_by_label("subject").fill("A jacket for very wet hills")
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Request changes").check()
    page.locator("[name=note]").fill("Mind the hood.")
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("You have taken your answer back").wait_for()
    page.goto(f"{house.url}/proof/{other.review.id}")

    assert page.locator("[name=note]").input_value() == "Mind the hood."
    assert page.get_by_label("subject").input_value() == "A jacket for very wet hills"
    assert answered(house) is None
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_line_fits_a_narrow_page_is_told_once_when_it_is_over_and_axe_finds_nothing(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, scheme: str
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers))
    page = opened(browser, house, width=320, scheme=scheme, script=True)

    page.get_by_label("Pick V01").check()
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/inbox?after=*")
    wide, faults = page.evaluate("document.documentElement.scrollWidth"), violations(page)
    shot(page, f"held-narrow-{scheme}")
    sqlite_ledgers.clock.advance(seconds=19)
    page.reload()
    page.get_by_text("Its time is over: it is submitted.").wait_for()

    assert wide <= 320
    assert faults == []
    assert page.get_by_role("button", name="Take back").count() == 0
    page.context.close()

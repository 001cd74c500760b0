"""Every page of ours as assistive technology meets it: axe-core finds nothing, in light and in dark.

axe-core 4 is Deque's open-source checker of the Web Content Accessibility Guidelines; the wheel of
axe-playwright-python carries it, so nothing is loaded from elsewhere.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.desk.scene import BRIEF, Scene
from tests.door.test_answering_in_the_browser import FIFTY, WITH_A_FINDING

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
ASK = """async () => (await axe.run(document, {iframes: false})).violations.flatMap(
  one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)} (${node.failureSummary.slice(0, 200)})`))"""
OWN = (
    "/inbox",
    "/done",
    "/people",
    "/policies",
    "/library",
    "/try",
    "/passkeys",
    "/quarantine",
    "/stopped",
    "/told",
    "/calendar",
    "/figures",
    "/passed",
    "/rules",
    "/glass",
    "/step-up",
    "/handbook",
    "/nowhere",
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def opened(browser: Browser, house: Any, scheme: Any, *, person: str | None = "ana") -> Page:
    # axe is put into the page from outside, which the page's own policy would refuse.
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    if person is not None:
        cookie = {"name": "presscheck", "value": house.visitor(person).token, "url": house.url, "sameSite": "Strict"}
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    return context.new_page()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(ASK)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_ours(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, scheme: str
) -> None:
    scene = Scene(
        sqlite_ledgers,
        brief=BRIEF.model_copy(update={"spend_dollars": 6_000}),
        drafts=(*FIFTY[:6], WITH_A_FINDING),
    )
    house = open_house(scene=scene)
    proof = f"/proof/{scene.review.id}"
    found: dict[str, list[str]] = {}

    page = opened(browser, house, scheme)
    for path in (*OWN, f"{proof}/V01/preview", proof):
        page.goto(house.url + path)
        found[path] = violations(page)
    page.locator("#V02 .one > summary").click()
    page.get_by_role("button", name="Edit V02").click()
    page.get_by_label("subject", exact=True).fill("Hurry, only three are left!")
    page.get_by_role("radio", name="Reject").check()
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("alert").wait_for()
    found["editing"] = violations(page)
    stranger = opened(browser, house, scheme, person=None)
    stranger.goto(house.url + "/sign-in")
    found["/sign-in"] = violations(stranger)

    assert {path: told for path, told in found.items() if told} == {}
    page.context.close()
    stranger.context.close()


def test_axe_finds_nothing_in_what_is_told_while_somebody_types(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=FIFTY[:6]))
    page = opened(browser, house, "light")

    page.goto(f"{house.url}/proof/{house.scene.review.id}")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_label("subject").fill("Hurry, only three are left!")
    page.locator("#V01 .live li").first.wait_for()

    assert violations(page) == []
    page.context.close()


def test_axe_finds_what_is_wrong(browser: Browser, open_house: Any) -> None:
    """The check above can fail."""
    page = opened(browser, open_house(), "light", person=None)
    page.set_content("<html lang=en><title>A</title><main><h1>A</h1><p style='color:#ccc'>pale</p><input></main>")

    assert {told.partition(":")[0] for told in violations(page)} == {"color-contrast", "label"}
    page.context.close()

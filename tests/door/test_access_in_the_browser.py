"""Every page of ours as assistive technology meets it: axe-core finds nothing, in light and in dark.

axe-core 4 is Deque's open-source checker of the Web Content Accessibility Guidelines; the wheel of
axe-playwright-python carries it, so nothing is loaded from elsewhere.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.desk.scene import BRIEF, Scene
from tests.door.test_answering_in_the_browser import FIFTY, WITH_A_FINDING
from tests.door.test_comments import said

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


def test_a_screen_reader_finds_its_way_about_the_proof(browser: Browser, open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(*FIFTY[:5], WITH_A_FINDING)))
    Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-0000000000d1", people=False)
    said(house, "uma", draft="V06", part="body", quote="people who walk", words="Who else?")
    page = opened(browser, house, "light")
    page.goto(f"{house.url}/proof/{house.scene.review.id}")

    page.get_by_label("Pick V02").check()

    expect(page.locator("body")).to_match_aria_snapshot("""
      - link "Skip to the content"
      - link "Skip to your answer"
      - banner:
        - navigation "Presscheck":
          - link "Inbox"
      - main:
        - heading "Spring launch" [level=1]
        - region "The question":
          - heading "The question" [level=2]
        - region "The brief":
          - heading "The brief" [level=2]
        - heading "6 drafts" [level=2]
        - group "Show"
        - article "V01":
          - checkbox "Pick V01"
          - group:
            - heading "V01 Amber walks and amber evenings" [level=3]
        - article "V02":
          - checkbox "Pick V02" [checked]
          - group:
            - heading /^V02 .+/ [level=3]
        - article "V06":
          - checkbox "Pick V06"
          - group:
            - heading "V06 A jacket for wet hills, draft a (2 findings, block)" [level=3]
        - region "The question as a whole":
          - heading "The question as a whole" [level=2]
        - region /^Your answer until/:
          - heading /^Your answer until/ [level=2]
          - status
          - group "Decision":
            - radio "Approve"
            - radio "Request changes"
            - radio "Reject"
          - paragraph:
            - button "Send my answer"
          - status
      - navigation "2 questions wait for you":
        - list:
          - listitem:
            - link "Spring launch"
    """)
    page.locator("#V06 .one > summary").click()
    words = page.locator("#V06").aria_snapshot()
    assert "people who walk (comment 1)" in words
    assert "▸" not in page.locator("body").aria_snapshot()
    page.goto(f"{house.url}/inbox")
    assert page.get_by_role("link", name="Answer Spring launch").count() == 2
    assert "medium risk" in page.get_by_role("article", name="Spring launch").first.aria_snapshot()
    page.context.close()

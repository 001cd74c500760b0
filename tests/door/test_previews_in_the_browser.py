"""A draft as it arrives, in Chromium: every view whole and as wide as it says, and nothing in it runs or leads away.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from presscheck.assets.previews.views import VIEWS
from presscheck.models import Channel, Copy
from tests.desk.scene import BRIEF, Scene, draft

LONG = draft(
    0,
    body="Hello,\n\nthe Fell jacket is here, and it keeps the rain out.\n\n"
    + "\n\n".join("It is made for people who walk in the hills. " * 6 for _ in range(4)),
).model_copy(update={"subject": "A jacket for wet hills, and for everybody who walks in them from March to November"})
PUSH = Copy(channel="push", subject="Wet hills? " * 9, body="The Fell jacket keeps the rain out. " * 6)
# What a browser would do with a document that is hostile through and through, under the headers that the door sends.
HOSTILE = """<!DOCTYPE html><html><head><base target="_top">
<meta http-equiv="refresh" content="0;url=https://evil.example/r">
<link rel="stylesheet" href="https://evil.example/s.css"><style>@import "https://evil.example/i.css";
p{background:url(https://evil.example/b.png)}</style></head><body><p>words</p>
<script>fetch("https://evil.example/f"); top.document.title = "taken"; alert(1)</script>
<img src="https://evil.example/p.png" onerror="top.document.title = 'taken'"><iframe src="https://evil.example/x"></iframe>
<form action="https://evil.example/form" target="_top"><button>send</button></form>
<a id="top" href="https://evil.example/top" target="_top">away</a> <a id="self" href="/sign-out" target="_self">out</a>
</body></html>"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def opened(browser: Browser, house: Any, path: str = "", **values: Any) -> Page:
    """A page of the review, without scripts of the page's own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **values)
    cookie = {"name": "presscheck", "value": house.visitor("ana").token, "url": house.url, "sameSite": "Strict"}
    context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.goto(f"{house.url}/proof/{house.scene.review.id}{path}")
    return page


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def scene_of(ledgers: Any, channel: Channel) -> Scene:
    copies = (LONG, draft(1)) if channel == "email" else (PUSH,)
    return Scene(ledgers, brief=BRIEF.model_copy(update={"channel": channel}), drafts=copies)


@pytest.mark.parametrize("channel", ["email", "push"])
def test_every_view_stands_whole_and_as_wide_as_it_says(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, channel: Channel
) -> None:
    house = open_house(scene=scene_of(sqlite_ledgers, channel))
    page = opened(browser, house, "/V01/preview")
    grounds: dict[str, str] = {}

    for section in page.locator(".gallery section").all():
        name = section.get_attribute("id") or ""
        section.scroll_into_view_if_needed()
        inside = section.frame_locator("iframe").locator("html")
        section.frame_locator("iframe").locator("main").wait_for()
        wide, over, low = inside.evaluate(
            "one => [innerWidth, one.scrollWidth - innerWidth, one.scrollHeight - innerHeight]"
        )
        assert (name, wide, over <= 0, low <= 0) == (name, VIEWS[name].width, True, True), (over, low)
        if folder := os.environ.get("PRESSCHECK_SHOTS"):
            section.screenshot(path=Path(folder) / f"preview-{channel}-{name}.png")
        grounds[name] = inside.evaluate("() => getComputedStyle(document.querySelector('main')).backgroundColor")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()

    assert (grounds["phone"], grounds["desktop"], grounds["dark"]) == (
        "rgb(255, 255, 255)",
        "rgb(255, 255, 255)",
        "rgb(36, 36, 34)",
    )


def test_views_of_a_draft_change_in_its_frame_without_a_script(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=scene_of(sqlite_ledgers, "email"))
    page = opened(browser, house, java_script_enabled=False, color_scheme="light")
    frame = page.frame_locator("#V01 iframe")
    page.locator("#V01 iframe").scroll_into_view_if_needed()
    frame.locator("footer").wait_for()

    for title, seen in (
        ("Plain text", f"{BRIEF.call_to_action.label}: {BRIEF.call_to_action.url}"),
        ("Inbox", "From:"),
    ):
        page.locator("#V01").get_by_role("link", name=title).click()
        frame.get_by_text(seen).first.wait_for()
    for title in ("Dark", "Forced dark", "Phone"):
        page.locator("#V01").get_by_role("link", name=title, exact=True).click()
        frame.get_by_text(VIEWS[{"Forced dark": "inverted"}.get(title, title.lower())].note).wait_for()
        frame.locator("footer").wait_for()
        shot(page, f"proof-{title.lower().replace(' ', '-')}")

    assert page.url == f"{house.url}/proof/{house.scene.review.id}"
    assert page.locator("#V02 iframe").count() == 1
    page.context.close()


def test_a_hostile_document_runs_nothing_loads_nothing_and_leads_nowhere(
    browser: Browser, open_house: Any, sqlite_ledgers: Any
) -> None:
    house = open_house(scene=scene_of(sqlite_ledgers, "email"))
    page = opened(browser, house)
    asked, spoke = list[str](), list[str]()
    # What a policy stops never comes as far as this.
    page.context.route("https://evil.example/**", lambda route: (asked.append(route.request.url), route.abort()))
    page.on("dialog", lambda dialog: (spoke.append(dialog.message), dialog.dismiss()))

    def hostile(route: Route) -> None:
        answer = route.fetch()
        assert answer.status == 200
        route.fulfill(status=200, headers=answer.headers, body=HOSTILE)

    page.route("**/V01?view=phone", hostile)
    title = page.title()
    page.locator("#V01").get_by_role("link", name="Phone").click()
    inside = page.frame_locator("#V01 iframe")
    inside.get_by_text("words").wait_for()
    inside.locator("#top").click()
    inside.get_by_role("button", name="send").click()
    page.wait_for_timeout(500)

    assert (asked, spoke) == ([], [])
    assert (page.title(), page.url) == (title, f"{house.url}/proof/{house.scene.review.id}")
    page.context.close()

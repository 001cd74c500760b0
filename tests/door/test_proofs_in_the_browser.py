"""A proof in Chromium: all of what arrives is seen, at a desk and on a phone, and a click does not take it away.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there, in light and in dark.
"""

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from presscheck.assets.copy.letters import preview_html
from presscheck.models import CallToAction, Channel, Copy
from presscheck.press.channels import Report, Variation
from presscheck.press.channels.page import report_page
from tests.desk.scene import BRIEF, Scene, draft

LONG = "\n\n".join(f"Paragraph {at} of a longer letter, with a good deal to say of hills. " * 5 for at in range(8))
COPIES: dict[Channel, Copy] = {
    "email": draft(0),
    "sms": Copy(channel="sms", body="The Fell jacket is here. It keeps the rain out."),
    "push": Copy(channel="push", subject="Wet hills?", body="The Fell jacket keeps the rain out."),
    "social": Copy(channel="social", body="The Fell jacket is here.\nIt keeps the rain out.\n\nSee you outside."),
    "search": Copy(
        channel="search", subject="The Fell jacket", preheader="It keeps the rain out", body="Dry.\n\nWarm."
    ),
    "blog": Copy(channel="blog", subject="A jacket for wet hills", preheader="It keeps the rain out.", body=LONG),
}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def signed_in(browser: Browser, house: Any) -> Page:
    context = browser.new_context()
    cookie = {"name": "presscheck", "value": house.visitor("ana").token, "url": house.url, "sameSite": "Strict"}
    context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    return context.new_page()


def load(page: Page, house: Any, width: int, scheme: Any = "light") -> None:
    """The proof, loaded anew in a window that is so wide."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{house.url}/proof/{house.scene.review.id}")


def scene_of(ledgers: Any, *copies: Copy) -> Scene:
    channel = copies[0].channel
    public = {"audience": None, "audience_rows": 0} if channel in ("social", "search", "blog") else {}
    return Scene(ledgers, brief=BRIEF.model_copy(update={"channel": channel}), drafts=copies, **public)


@pytest.mark.parametrize("channel", COPIES)
def test_all_of_what_arrives_is_seen_without_scrolling_in_it(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, channel: Channel
) -> None:
    longer = COPIES[channel].model_copy(update={"body": LONG if channel in ("email", "blog") else "Rain? " * 25})
    house = open_house(scene=scene_of(sqlite_ledgers, COPIES[channel], longer))

    page = signed_in(browser, house)
    for width, scheme in itertools.product((390, 1280), ("light", "dark")):
        load(page, house, width, scheme)
        for code in ("V01", "V02"):
            frame = page.locator(f"#{code} iframe")
            frame.scroll_into_view_if_needed()
            page.frame_locator(f"#{code} iframe").locator("main").wait_for()
            inside = page.frame_locator(f"#{code} iframe").locator("html")
            high, wide = inside.evaluate("one => [one.scrollHeight - innerHeight, one.scrollWidth - innerWidth]")
            assert (width, code, high <= 0, wide <= 0) == (width, code, True, True), (high, wide)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("PRESSCHECK_SHOTS"):
            page.screenshot(path=Path(folder) / f"proof-{channel}-{width}-{scheme}.png", full_page=True)
    page.context.close()


@pytest.mark.parametrize(
    "body",
    [
        "the Fell jacket keeps the rain out " + "and-on" * 60,
        "\n".join("Dry. Warm. Light." for _ in range(40)),
        "\n\n".join("雨の日も暖かく過ごせます。" * 8 for _ in range(5)),
        "\n\n".join("המעיל כאן, והוא שומר מפני הגשם " * 8 for _ in range(5)),
        "🏔️ " * 120,
    ],
    ids=["a long word", "many lines", "wide letters", "from right to left", "emoji"],
)
def test_the_footer_is_seen_whatever_the_words_are(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, body: str
) -> None:
    copy = draft(0).model_copy(update={"body": body.strip()})
    house = open_house(scene=scene_of(sqlite_ledgers, copy))

    page = signed_in(browser, house)
    for width in (390, 1280):
        load(page, house, width)
        page.locator("#V01 iframe").scroll_into_view_if_needed()
        footer = page.frame_locator("#V01 iframe").locator("footer")
        footer.wait_for()
        foot, high, wide = footer.evaluate(
            "one => [one.getBoundingClientRect().bottom, innerHeight, document.body.scrollWidth - innerWidth]"
        )
        assert (width, foot <= high, wide <= 0) == (width, True, True), (foot, high, wide)
    page.context.close()


CONTRASTS = """main => {
  const light = text => {
    const [red, green, blue] = text.match(/[\\d.]+/g).slice(0, 3).map(one => one / 255)
      .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const behind = one => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? behind(one.parentElement) : colour;
  };
  const said = [main, ...main.querySelectorAll("*")].filter(one => [...one.childNodes]
    .some(node => node.nodeType === 3 && node.data.trim()));
  return said.map(one => {
    const [front, back] = [light(getComputedStyle(one).color), light(behind(one))];
    return [one.tagName, one.className, (Math.max(front, back) + .05) / (Math.min(front, back) + .05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_of_every_channel_is_readable_in_light_and_in_dark(browser: Browser, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    grounds: set[str] = set()
    for channel, copy in COPIES.items():
        page.set_content(preview_html(copy, BRIEF.model_copy(update={"channel": channel})))

        told = page.locator("main").evaluate(CONTRASTS)

        grounds.add(page.locator("main").evaluate("one => getComputedStyle(one).backgroundColor"))
        assert told
        assert [one for one in told if one[2] < 4.5] == [], channel
    assert grounds == {"rgb(255, 255, 255)" if scheme == "light" else "rgb(36, 36, 34)"}
    context.close()


def test_the_preheader_takes_no_room_where_the_style_sheet_is_taken_away(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(preview_html(draft(0), BRIEF))
    page.evaluate("document.querySelectorAll('style').forEach(one => one.remove())")

    hidden = page.get_by_text("It keeps the rain out.", exact=True)

    assert hidden.count() == 1
    assert not hidden.is_visible()
    assert page.locator("body").inner_text().startswith("Hello,")
    page.close()


def test_a_click_on_the_page_of_the_outbox_leaves_what_went_out_as_it_is(browser: Browser, tmp_path: Path) -> None:
    shown = Variation("A jacket", "ab12", preview_html(draft(0), BRIEF), 7)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    told = Report("D-0123456789ab", "run", "Spring", "Brand", "R-1", "ana", at, {"sent": 7}, (shown,), ())
    (tmp_path / "index.html").write_text(report_page(told), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("footer").wait_for()

    for link in inside.locator("a").all():
        link.click()
        page.wait_for_timeout(200)

    assert inside.locator("a").count() == 2
    assert inside.locator("footer").evaluate("one => one.getBoundingClientRect().bottom <= innerHeight")
    page.close()


@pytest.mark.parametrize("key", ["click", "Enter", "middle"])
@pytest.mark.parametrize("channel", ["email", "blog"])
def test_a_click_on_any_link_of_a_preview_leaves_it_as_it_is(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, channel: Channel, key: str
) -> None:
    button = CallToAction(label="Look", url="https://brand.example/fell?a=1")
    copy = COPIES[channel].model_copy(update={"call_to_action": button})
    house = open_house(scene=scene_of(sqlite_ledgers, copy))
    page = signed_in(browser, house)
    load(page, house, 1280)
    page.locator("#V01 iframe").scroll_into_view_if_needed()
    inside = page.frame_locator("#V01 iframe")
    inside.locator("main").wait_for()
    before, asked = inside.locator("main").inner_text(), list[str]()
    page.context.on("request", lambda request: asked.append(request.url))

    for link in inside.locator("a").all():
        link.click(button="middle") if key == "middle" else link.click() if key == "click" else link.press("Enter")
        page.wait_for_timeout(200)

    assert inside.locator("a").count() == (2 if channel == "email" else 1)
    assert inside.locator("main").inner_text() == before
    assert page.url == f"{house.url}/proof/{house.scene.review.id}"
    assert asked == [] or key == "middle"
    page.context.close()

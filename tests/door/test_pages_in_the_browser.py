"""Our pages in Chromium: nothing of them stands outside of a phone's width (WCAG 2.2, SC 1.4.10, 320 pixels)."""

from typing import Any

from playwright.sync_api import sync_playwright

from tests.door.test_quarantine import hold


def test_no_page_is_wider_than_a_phone(house: Any, chromium: str) -> None:
    house.enrol("adam", "administrator")
    review = house.scene.review.id
    wide: dict[str, int] = {}

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        hold(house)
        context = browser.new_context(viewport={"width": 320, "height": 800})
        page = context.new_page()
        for path in ("/sign-in", "/enrol", "/nowhere"):
            page.goto(house.url + path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth")
        cookie = {"name": "presscheck", "value": house.visitor("adam").token, "url": house.url, "sameSite": "Strict"}
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
        for path in (
            "/inbox",
            f"/proof/{review}",
            f"/proof/{review}/V01/preview",
            "/people",
            "/policies",
            "/library",
            "/passkeys",
            "/try",
            "/quarantine",
            "/told",
            "/calendar",
            "/figures",
            "/passed",
            "/rules",
            "/glass",
            f"/glass/{review}",
            f"/history/{review}",
            f"/history/asset/{house.scene.assets[0].digest}",
            "/step-up",
            "/handbook/index.html",
        ):
            page.goto(house.url + path)
            wide[path] = page.evaluate("document.documentElement.scrollWidth")
        browser.close()

    assert {path: width for path, width in wide.items() if width > 320} == {}

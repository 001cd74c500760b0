"""Leaving: one button or one call of a mailbox provider, from anywhere, at once; and nothing else comes in that way."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from presscheck.addresses import address_hash
from presscheck.ledger import EventKind, verify
from presscheck.ledger.suppressions import suppress, suppressed_hashes
from presscheck.recipients.leaving import Leaving
from presscheck.unsubscribe_links import LEAVE_HERE
from tests.door.house import PLAIN, House

ADDRESS = "person3@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def link_of(house: House, address: str = ADDRESS, *, delivery: str = "") -> str:
    """The path of the link in somebody's message."""
    delivery = delivery or requested(house)
    leaving = Leaving(house.scene.ledgers.press.signer, LEAVE_HERE)
    return f"/unsubscribe/{leaving.token(delivery, address_hash(address))}"


def requested(house: House) -> str:
    return house.scene.request(house.scene.approve().manifest)


def call(house: House, method: str, path: str, **more: Any) -> httpx.Response:
    """A request as a mailbox provider sends it: no cookie, no Origin."""
    return httpx.request(method, house.url + path, verify=PLAIN, trust_env=False, **more)


def suppressed(house: House) -> set[str]:
    with house.ledger.read() as tx:
        return suppressed_hashes(tx)


def test_one_click_suppresses_at_once_without_cookie_origin_or_redirect(house: House) -> None:
    answer = call(house, "POST", link_of(house), data=ONE_CLICK)

    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert "set-cookie" not in answer.headers
    assert suppressed(house) == {address_hash(ADDRESS)}


def test_one_click_as_a_form_in_parts_counts_too(house: House) -> None:
    answer = call(house, "POST", link_of(house), files={"List-Unsubscribe": (None, "One-Click")})

    assert answer.status_code == 200
    assert suppressed(house) == {address_hash(ADDRESS)}


def test_the_event_names_delivery_and_run_and_no_address(house: House) -> None:
    delivery = requested(house)
    call(house, "POST", link_of(house, delivery=delivery), data=ONE_CLICK)

    with house.ledger.read() as tx:
        (event,) = tx.events(EventKind.ADDRESS_SUPPRESSED)
    assert (event.process, event.run, event.data["delivery"]) == ("door", house.scene.run, delivery)
    assert event.data["reason"] == "unsubscribed"
    assert "example.com" not in event.body
    assert verify(house.ledger).sound


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_link_changes_nothing(house: House, method: str) -> None:
    path = link_of(house)

    for _ in range(3):
        answer = call(house, method, path)

    assert answer.status_code == 200
    assert suppressed(house) == set()
    assert house.scene.kinds("address:") == []


def test_the_page_says_who_sends_and_has_one_button_that_works(house: House) -> None:
    path = link_of(house)
    shown = call(house, "GET", path).text

    assert "Unsubscribe from Brand?" in shown
    assert "news@brand.example" in shown
    assert "we cannot put you back" in re.sub(r"\s+", " ", shown)
    assert shown.count("<button") == 1
    assert "Presscheck" not in shown
    assert "example.com" not in shown
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', shown))
    assert "You are unsubscribed" in call(house, "POST", path, data=fields).text
    assert suppressed(house) == {address_hash(ADDRESS)}


def test_saying_it_again_says_the_same_and_writes_nothing(house: House) -> None:
    path = link_of(house)

    answers = [call(house, "POST", path, data=ONE_CLICK) for _ in range(3)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert len(house.scene.kinds("address:suppressed")) == 1


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded"),
        (b"xList-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
        (b"List-Unsubscribe=One-Click&x=" + b"y" * 5000, "application/x-www-form-urlencoded"),
    ],
)
def test_a_post_that_does_not_say_so_shows_the_button(still_house: House, sent: bytes, kind: str) -> None:
    path = link_of(still_house, delivery="D-0123456789ab")
    answer = call(still_house, "POST", path, content=sent, headers={"content-type": kind})

    assert (answer.status_code, "<button>" in answer.text) == (400, True)
    assert suppressed(still_house) == set()


@pytest.mark.parametrize("path", ["/unsubscribe", "/unsubscribe/", "/unsubscribe/abc", f"/unsubscribe/{'a' * 20_000}"])
def test_a_link_that_got_lost_on_the_way_gets_a_friendly_page(still_house: House, path: str) -> None:
    answer = call(still_house, "GET", path)

    assert answer.status_code == 404
    assert "This link is not complete" in answer.text


def test_the_page_runs_no_script_and_tells_nobody_its_address(house: House) -> None:
    headers = call(house, "GET", link_of(house)).headers

    assert "script" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_the_page_answers_under_the_name_that_the_links_have_and_nothing_else_does(
    open_house: Callable[..., House],
) -> None:
    house = open_house(mail={"unsubscribe_url": "https://leave.brand.example/unsubscribe"})
    path = link_of(house)
    outside = {"host": "leave.brand.example"}

    assert call(house, "POST", path, data=ONE_CLICK, headers=outside).status_code == 200
    assert suppressed(house) == {address_hash(ADDRESS)}
    for other in ("/sign-in", "/unsubscribed", "/inbox", "/-/api/health", "/unsubscribe-me", "/x/unsubscribe/abc"):
        assert call(house, "GET", other, headers=outside).status_code == 421
    for broken in ("/unsubscribe", "/unsubscribe/abc", f"{path[:-1]}", path.upper()):
        assert "This link is not complete" in call(house, "GET", broken, headers=outside).text


def test_a_ledger_that_takes_nothing_asks_to_come_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from presscheck.door import leaving as room

    path = link_of(house)
    monkeypatch.setattr(room, "_MOST_WAITING", 0)

    answer = call(house, "POST", path, data=ONE_CLICK)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "nothing has changed" in answer.text
    assert suppressed(house) == set()


def test_people_who_leave_at_the_same_moment_all_leave(house: House) -> None:
    delivery = requested(house)
    addresses = [f"person{number}@example.com" for number in range(12)]
    paths = [link_of(house, address, delivery=delivery) for address in addresses for _ in range(2)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda path: call(house, "POST", path, data=ONE_CLICK).status_code, paths))

    assert set(answers) == {200}
    assert suppressed(house) == set(map(address_hash, addresses))
    assert len(house.scene.kinds("address:suppressed")) == len(addresses)


def test_an_address_that_was_suppressed_otherwise_is_told_the_same(house: House) -> None:
    path = link_of(house)
    with house.scene.ledgers.press.write() as tx:
        suppress(tx, [address_hash(ADDRESS)], reason="asked-by-phone")

    assert "You are unsubscribed" in call(house, "POST", path, data=ONE_CLICK).text
    assert len(house.scene.kinds("address:suppressed")) == 1


def test_the_button_works_in_a_browser_on_a_small_screen_too(house: House, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    path = link_of(house)
    said: list[str] = []
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as browser:
        page = browser.new_page(viewport={"width": 760, "height": 520}, device_scale_factor=2)
        page.on("console", lambda message: said.append(message.text))
        page.goto(house.url + path)
        picture(page, "unsubscribe.png")
        small = browser.new_page(viewport={"width": 320, "height": 560}, color_scheme="dark")
        small.goto(house.url + path)
        picture(small, "unsubscribe-small.png")
        width = small.evaluate("document.documentElement.scrollWidth")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("You are unsubscribed").wait_for()
        picture(page, "unsubscribed.png")
        styled = page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")

    assert (said, width, styled) == ([], 320, "480px")
    assert suppressed(house) == {address_hash(ADDRESS)}


def picture(page: Any, name: str) -> None:
    """Keep what a browser shows, where PRESSCHECK_SHOTS names a folder."""
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=f"{folder}/{name}")

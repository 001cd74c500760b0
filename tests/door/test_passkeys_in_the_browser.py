"""Passkeys in Chromium, with its own virtual authenticator: added on the page, signed in with, taken away.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.door.house import House


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def house(open_house: Any) -> House:
    oidc = {"issuer": "http://127.0.0.1:1", "client_id": "presscheck", "label": "Brand ID"}
    house = open_house(sign_in={"oidc": oidc})
    # A cookie counts its life by the real time, and so does the browser.
    house.scene.ledgers.clock.now = datetime.now(UTC)
    return house


@pytest.fixture
def context(browser: Browser, house: House) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1000, "height": 900})
    opened.set_default_timeout(15_000)
    visitor = house.visitor("ana")
    opened.add_cookies([{"name": "presscheck", "value": visitor.token, "url": f"http://localhost:{house.port}"}])
    yield opened
    opened.close()


def _with_authenticator(context: BrowserContext) -> Page:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_passkey_is_added_signs_in_proves_it_again_and_is_removed(context: BrowserContext, house: House) -> None:
    page = _with_authenticator(context)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    at = f"http://localhost:{house.port}"

    page.goto(f"{at}/passkeys")
    page.get_by_label("What to call it").fill("Ana's laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Ana's laptop")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{at}/sign-in?next=/passkeys")
    _shoot(page, "sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("last used")).to_be_visible()
    who = page.evaluate("fetch('/-/api/session').then((answer) => answer.json())")
    _shoot(page, "passkey")

    assert (who["person"], who["way"]) == ("P-ana", "passkey")
    # Ten minutes later the page asks first, and leads back.
    house.scene.ledgers.clock.advance(minutes=11)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Prove that it is you")).to_be_visible()
    _shoot(page, "step-up")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Ana's laptop")).to_be_visible()
    # Ana has neither password nor provider here: her only way in stays.
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert").first).to_contain_text("only way to sign in")
    assert said == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]


def test_a_browser_without_a_passkey_is_told_so_and_stays_out(context: BrowserContext, house: House) -> None:
    page = _with_authenticator(context)
    context.clear_cookies()
    page.goto(f"http://localhost:{house.port}/sign-in")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.locator("#passkey-fault")).to_contain_text("The device gave no passkey")
    assert page.url.endswith("/sign-in")

"""History, calendar, figures, rules and broken glass in Chromium, with something on each: axe, a phone, no script."""

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from presscheck.desk.upkeep import Upkeep
from presscheck.figures.baseline import Baseline, Before, import_baseline
from presscheck.ledger import EventKind
from presscheck.people.rights import Grant, record_rights
from tests.desk.scene import Scene
from tests.desk.test_spot_checks import enrol_director, of_both_sorts, sign
from tests.door.house import DEPLOYMENT, House
from tests.door.test_access_in_the_browser import violations

REASON = "The product is being recalled; customers have to know before the shops open."
WORD = "unbreakable" * 12
START = {"id": "6f0c6a52-0000-4000-8000-0000000000aa", "deployment_id": DEPLOYMENT}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def lived_in(sqlite_ledgers: Any, open_house: Any) -> tuple[House, Scene]:
    """A house in which a text was edited and sent, a rule has let something out, and glass is asked for."""
    first = Scene(sqlite_ledgers)
    edits = [{"pick": "V01", "field": "subject", "text": "A dry day out"}]
    delivery = first.request(first.approve("ana", picks=["V01"], edits=edits).manifest)
    with sqlite_ledgers.press.write() as tx:
        tx.append(EventKind.DELIVERY_COMPLETED, delivery, {"sent": 7}, run=first.run)
    enrol_director(sqlite_ledgers)
    sign(sqlite_ledgers)
    of_both_sorts(sqlite_ledgers)
    waiting = Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-000000000009", people=False, recipients=4)
    house = open_house(scene=waiting)
    with house.ledger.write() as tx:
        grants = [Grant(role=role, markets="all") for role in ("engineer", "brand_lead")]
        record_rights(tx, EventKind.PERSON_CHANGED, "P-eva", grants, email="eva@brand.example", name="eva", by="P-root")
        figures = {"approved-percent": Before(value=Decimal(50), n=8), "answer-hours": Before(value=Decimal(30))}
        import_baseline(tx, Baseline(since=date(2025, 1, 1), until=date(2025, 12, 31), figures=figures))
    house.enrol("lena", "legal")
    house.upstream.answers["/api/flow_runs/filter"] = (200, [START | {"expected_start_time": "2026-03-03T06:00:00Z"}])
    asked = {"picks": ["V01"], "hours": 1, "reason": f"{REASON} {WORD}"}
    assert house.visitor("ana").post(f"/-/api/reviews/{waiting.review.id}/glass", asked).status_code == 200
    Upkeep(waiting.desk).draw_new()
    return house, first


def as_person(browser: Browser, house: House, person: str, scheme: Any, width: int) -> Page:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900})
    cookie = {"name": "presscheck", "value": house.visitor(person).token, "url": house.url, "sameSite": "Strict"}
    context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    return context.new_page()


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    browser: Browser, lived_in: tuple[House, Scene], scheme: str, width: int
) -> None:
    house, first = lived_in
    waiting = house.scene.review.id
    paths = [
        ("eva", f"/history/{first.review.id}"),
        ("eva", f"/history/asset/{first.assets[0].digest}"),
        ("eva", "/figures"),
        ("eva", "/passed"),
        ("eva", "/calendar"),
        ("eva", "/rules"),
        ("lena", "/glass"),
        ("eva", f"/glass/{waiting}"),
        ("lena", "/inbox"),
    ]
    found: dict[str, list[str]] = {}
    wide: dict[str, int] = {}
    pages = {person: as_person(browser, house, person, scheme, width) for person in ("eva", "lena")}

    for person, path in paths:
        page = pages[person]
        page.goto(house.url + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found[path], wide[path] = violations(page), page.evaluate("document.documentElement.scrollWidth")
        if folder := os.environ.get("PRESSCHECK_SHOTS"):
            name = f"{path.strip('/').replace('/', '-')[:20]}-{scheme}-{width}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)
    pages["eva"].goto(house.url + "/calendar")
    pages["eva"].get_by_role("button", name="Make an address").click()
    pages["eva"].get_by_role("heading", name="The address of your calendar").wait_for()
    found["address"], wide["address"] = (
        violations(pages["eva"]),
        pages["eva"].evaluate("document.documentElement.scrollWidth"),
    )

    assert {path: told for path, told in found.items() if told} == {}
    assert {path: broad for path, broad in wide.items() if broad > width} == {}
    for page in pages.values():
        page.context.close()


def test_a_second_person_confirms_and_a_director_reads_charts_with_the_keyboard_alone(
    browser: Browser, lived_in: tuple[House, Scene]
) -> None:
    house, _first = lived_in
    lena = as_person(browser, house, "lena", "light", 390)

    lena.goto(house.url + "/glass")
    lena.get_by_role("checkbox").focus()
    lena.keyboard.press("Space")
    lena.keyboard.press("Tab")
    lena.keyboard.press("Enter")
    lena.get_by_role("status").wait_for()

    assert "The glass is broken" in lena.get_by_role("status").inner_text()
    lena.goto(house.url + "/figures")
    lena.get_by_text("The same as a table").first.focus()
    lena.keyboard.press("Enter")
    assert lena.get_by_role("columnheader", name="Month").first.is_visible()
    lena.context.close()

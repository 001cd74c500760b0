"""Kinds that are no copy in Chromium: proof and Prefect's form of each, one edited and approved, and a second round.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from presscheck.assets.reading import read_signable
from presscheck.cli.history_page import history_page
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import decision_of
from presscheck.stories.histories import find_things, tell
from tests.calm import calm
from tests.door.offered import Offered, budget, plan, policies_for_splits, prompt, segment, split
from tests.door.test_form_in_the_browser import before_prefect, browser, choose, form_of, prefect_server, suspended

__all__ = ["before_prefect", "browser", "prefect_server", "suspended"]

pytestmark = pytest.mark.timeout(400)


def proof_of(browser: Browser, house: Any, person: str, *, width: int = 1280) -> Page:
    context = calm(browser.new_context(viewport={"width": width, "height": 900}))
    cookie = {"name": "presscheck", "value": house.visitor(person).token, "url": house.url, "sameSite": "Strict"}
    context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.goto(f"{house.url}/proof/{house.scene.review.id}")
    return page


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fits(page: Page, width: int) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= width


def edit(page: Page, form: Locator, part: str, text: str) -> None:
    form.get_by_role("button", name="Add item").click()
    choose(page, form, "Which part", part)
    form.get_by_label("New text").fill(text)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_table_of_many_rows_and_long_cells_stays_on_the_page(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, width: int
) -> None:
    wide = segment(120).model_copy(update={"makeup": tuple((f"g{at}", "w" * 300, "x" * 200) for at in range(120))})
    house = open_house(scene=Offered(sqlite_ledgers, wide))

    page = proof_of(browser, house, "sol", width=width)

    expect(page.get_by_role("region", name="How it is made up")).to_have_count(1)
    expect(page.get_by_text("70 more rows: see all 120")).to_be_visible()
    assert fits(page, width)
    shot(page, f"kinds-wide-table-{width}")
    page.context.close()


@pytest.mark.parametrize(
    ("name", "person", "part", "text", "said"),
    [
        ("plan", "sol", "Goal", "More walkers in the north", "More walkers in the north"),
        ("prompt", "ana", "What the machine is told", "Write as if to one person.", "Write as if to one person."),
    ],
)
def test_an_edited_plan_and_prompt_are_approved_on_prefects_page(
    browser: Browser,
    before_prefect: Any,
    suspended: str,
    sqlite_ledgers: Any,
    name: str,
    person: str,
    part: str,
    text: str,
    said: str,
) -> None:
    offered = {"plan": plan(), "prompt": prompt()}[name]
    house = before_prefect(Offered(sqlite_ledgers, offered, run=suspended))
    proof = proof_of(browser, house, person)
    expect(proof.get_by_role("rowheader", name=part)).to_be_visible()
    assert fits(proof, 1280)
    shot(proof, f"kinds-{name}-proof")
    page, form = form_of(browser, house, person, link="see all of it")
    expect(form.get_by_label("Select Picks")).to_have_count(0)
    choose(page, form, "Decision", "Approve")
    edit(page, form, part, text)
    shot(page, f"kinds-{name}-form")

    form.get_by_role("button", name="Resume").click()

    expect(form).to_have_count(0)
    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
        assert decision is not None
        assert decision.manifest is not None
        one = read_signable(get_asset(tx, decision.manifest.agreed[0]))
    assert [shown.text for shown in one.parts if shown.title == part] == [said]
    proof.reload()
    expect(proof.get_by_role("table", name=part)).to_be_visible()
    shot(proof, f"kinds-{name}-edited")
    page.context.close()
    proof.context.close()


def test_a_segment_is_approved_as_it_stands(
    browser: Browser, before_prefect: Any, suspended: str, sqlite_ledgers: Any
) -> None:
    house = before_prefect(Offered(sqlite_ledgers, segment(120), run=suspended))
    proof = proof_of(browser, house, "sol")
    expect(proof.get_by_role("columnheader", name="Of everybody").first).to_be_visible()
    shot(proof, "kinds-segment-proof")
    page, form = form_of(browser, house, "sol", link="see all of it")
    choose(page, form, "Decision", "Approve")
    expect(form.get_by_role("button", name="Add item")).to_have_count(0)
    shot(page, "kinds-segment-form")

    form.get_by_role("button", name="Resume").click()

    expect(form).to_have_count(0)
    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
    assert decision is not None
    assert decision.manifest is not None
    assert decision.manifest.agreed == (house.scene.assets[0].digest,)
    page.context.close()
    proof.context.close()


def test_three_numbers_that_add_up_are_edited_together_and_approved(
    browser: Browser, before_prefect: Any, suspended: str, sqlite_ledgers: Any, tmp_path: Path
) -> None:
    scene = Offered(sqlite_ledgers, split(), run=suspended, policies=policies_for_splits(tmp_path))
    house = before_prefect(scene)
    proof = proof_of(browser, house, "ana")
    expect(proof.get_by_text("the sum of Search ads and Social posts")).to_be_visible()
    shot(proof, "kinds-split-proof")
    page, form = form_of(browser, house, "ana", link="see all of it")
    choose(page, form, "Decision", "Approve")
    for at, (part, text) in enumerate([("Search ads", "500"), ("In all", "800")]):
        form.get_by_role("button", name="Add item").click()
        form.get_by_label("Select Which part").nth(at).click()
        page.get_by_role("option").filter(has_text=part).first.click()
        form.get_by_label("New text").nth(at).fill(text)
    shot(page, "kinds-split-form")

    form.get_by_role("button", name="Resume").click()

    expect(form).to_have_count(0)
    with house.ledger.read() as tx:
        decision = decision_of(tx, scene.review.id)
        assert decision is not None
        assert decision.manifest is not None
        one = read_signable(get_asset(tx, decision.manifest.agreed[0]))
    assert one.spends == 800
    proof.reload()
    expect(proof.get_by_text("a yes commits 800 US dollars")).to_be_visible()
    shot(proof, "kinds-split-edited")
    page.context.close()
    proof.context.close()


def test_a_second_round_shows_what_changed_and_the_history_what_became_of_it(
    browser: Browser, open_house: Any, sqlite_ledgers: Any, tmp_path: Path
) -> None:
    first = Offered(sqlite_ledgers, budget(900))
    first.answer("ana", "Request changes", reason="other", note="Less, please")
    scene = Offered(
        sqlite_ledgers, budget(700, purpose="Search ads in May"), round=2, people=False, previous=first.review.id
    )
    house = open_house(scene=scene)
    page = proof_of(browser, house, "ana")
    expect(page.get_by_role("table", name="Amount")).to_be_visible()
    shot(page, "kinds-second-round")

    decision = scene.approve("ana", edits=[{"field": "Amount", "text": "600"}])
    assert decision.manifest is not None
    [agreed] = decision.manifest.agreed
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.ASSET_USED, agreed, {"step": "book/1//abc", "before": "spending"}, run=scene.run)
    with house.ledger.read() as tx:
        told = tell(tx, find_things(tx, agreed)[0], lambda person: person.removeprefix("P-"))

    file = tmp_path / "history.html"
    file.write_text(history_page(told), "utf-8")
    page.goto(file.as_uri())
    expect(page.get_by_text("spent by the step book")).to_be_visible()
    expect(page.get_by_text("approved by ana (brand lead)")).to_be_visible()
    shot(page, "kinds-history")
    page.context.close()

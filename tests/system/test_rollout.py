"""The campaign of docs/rollout.md under `presscheck up`: its people answer in Chromium, and it sleeps through a kill.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there, each 1,280 and 390 pixels wide.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from presscheck.ledger import EventKind, Reader
from presscheck.ledger.deliveries import delivery_id
from presscheck.ledger.splits import splits_of
from presscheck.models import Review
from presscheck.recipients.audiences import audience_path, read_recipients
from tests.running import Stack, running_stack
from tests.system.test_in_the_browser import (
    _PATIENCE_MS,
    _choose,
    _open_form,
    _shot,
    _signed_in,
    browser,
)
from tests.system.test_kinds import _asked
from tests.tasks.test_rollout_page import page_project

__all__ = ["browser"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def shop(needs_a_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The page's project, whose day lasts a minute, and its stack."""
    folder = page_project(tmp_path_factory.mktemp("rollout") / "shop")
    flow = folder / "flows" / "spring_sale.py"
    flow.write_text(flow.read_text("utf-8").replace('wait("24h")', 'wait("1m")'), "utf-8")
    with running_stack(
        folder / ".presscheck", project=folder, data=folder / "data", policies=str(folder / "policies")
    ) as stack:
        yield stack


def _said(stack: Stack, *arguments: str) -> str:
    """What `presscheck` prints in the project; it ends with exit code 0."""
    done = subprocess.run(
        [sys.executable, "-m", "presscheck.cli", *arguments],
        cwd=stack.settings.project,
        env=stack.settings.as_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _seen(page: Page, name: str) -> None:
    """As a wide and as a narrow screen show it, where somebody wants to look."""
    if not os.environ.get("PRESSCHECK_SHOTS"):
        return
    for width, height in ((390, 1_400), (1_280, 1_400)):
        page.set_viewport_size({"width": width, "height": height})
        # A run's graph is drawn a moment after the page is there.
        page.wait_for_timeout(2_000 if "/v2/" in page.url else 300)
        _shot(page, f"rollout-{name}-{width}")


def _read(page: Page, stack: Stack, review: Review, name: str) -> None:
    page.goto(f"{stack.settings.door_url}/proof/{review.id}")
    expect(page.get_by_text(review.id).first).to_be_visible(timeout=_PATIENCE_MS)
    _seen(page, f"proof-{name}")


def _approve(page: Page, stack: Stack, review: Review, name: str, *picks: str) -> None:
    _read(page, stack, review, name)
    form = _open_form(page, stack, review)
    _choose(page, form, "Decision", "Approve")
    if picks:
        _choose(page, form, "Picks", *(f"{pick} ·" for pick in picks))
    _seen(page, f"form-{name}")
    form.get_by_role("button", name="Resume").click()
    stack.wait(lambda tx: tx.events(EventKind.DECISION_APPROVED, subject=review.id), f"the yes to {name}")
    # Prefect's page asks and paints for as long as it is open, and the run has a way to go.
    page.goto("about:blank")


def _ads(stack: Stack, review: Review) -> list[Path]:
    """The files that lie in the outbox for what goes to everybody."""
    folder = stack.settings.outbox / delivery_id(review.question.run, review.id)
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "index.html"]


def _held_out(tx: Reader, stack: Stack, run: str) -> str:
    (split,) = splits_of(tx, run)
    (person,) = read_recipients(audience_path(stack.settings.home, str(split.kept_out)))
    return str(person.address)


def test_a_pilot_is_sent_the_run_sleeps_through_a_kill_and_the_rest_get_it_once(browser: Browser, shop: Stack) -> None:
    run = shop.start_run(campaign="spring-sale")

    segment = _asked(shop, run, "segment")
    strategist = _signed_in(browser, shop, "strategist")
    _approve(strategist.new_page(), shop, segment, "segment")
    strategist.close()
    lead = _signed_in(browser, shop, "brand_lead_2")
    page = lead.new_page()
    pilot = _asked(shop, run, "pilot")
    page.goto(f"{shop.settings.door_url}/inbox")
    expect(page.locator(f'a[href="/proof/{pilot.id}"]').first).to_be_visible(timeout=_PATIENCE_MS)
    _seen(page, "inbox-pilot")
    _approve(page, shop, pilot, "pilot", "V01", "V02")
    ads = _asked(shop, run, "ads")
    _approve(page, shop, ads, "ads", "V01")

    (timer,) = shop.wait(lambda tx: tx.events(EventKind.TIMER_SET, run=run), "the timer")
    shop.wait_until_suspended(run)
    page.goto(f"{shop.settings.door_url}/v2/runs/flow-run/{run}")
    expect(page.get_by_text("sleeps until").first).to_be_visible(timeout=_PATIENCE_MS)
    _seen(page, "asleep")
    page.goto(f"{shop.settings.door_url}/inbox")
    expect(page.get_by_text("It sleeps until")).to_be_visible(timeout=_PATIENCE_MS)
    _seen(page, "inbox-asleep")
    shop.wait_for_restart("worker", shop.kill("worker"))
    piloted = {message.name for message in shop.messages(pilot)}

    rollout = _asked(shop, run, "rollout")
    _approve(page, shop, rollout, "rollout", "V02")
    ending = shop.wait_for_state(run, "Delivered", "Held")
    page.goto(f"{shop.settings.door_url}/v2/runs/flow-run/{run}")
    _seen(page, "delivered")
    lead.close()

    assert ending["name"] == "Delivered", ending["message"]
    assert rollout.opened_at >= datetime.fromisoformat(str(timer.data["until"]))
    letters = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for review in (pilot, rollout)
        for path in shop.messages(review)
    ]
    people = Counter(letter["To"] for letter in letters)
    assert len(piloted) == 2
    assert (len(people), set(people.values())) == (21, {1})
    with shop.ledger.read() as tx:
        assert _held_out(tx, shop, run) not in " ".join(people)
        assert len(tx.events(EventKind.TIMER_SET, run=run)) == 1
        assert len(tx.events(EventKind.DELIVERY_COMPLETED, run=run)) == 3
    assert len(_ads(shop, ads)) == 1
    assert "Sound:" in _said(shop, "history", "--verify")

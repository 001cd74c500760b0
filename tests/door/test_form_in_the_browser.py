"""The form in Prefect's own page, in Chromium: what it asks for, what its links do, and what it says after an answer.

A real Prefect server stands behind the door here, with a run that somebody is asked about; nothing runs it. With
PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from presscheck.door.app import make_app
from presscheck.ledger.reviews import decision_of
from presscheck.settings import Settings
from presscheck.supervisor.prefect_schema import make_database
from tests.calm import calm
from tests.desk.scene import Scene, draft
from tests.desk.test_stages import Staged
from tests.door.house import AUTH, PLAIN, House, Upstream, listen

pytestmark = pytest.mark.timeout(400)

KEYSET = {part: f"suspended-copy-1-{part}" for part in ("response", "schema", "description")}
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def prefect_server(needs_a_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Prefect's server as `presscheck up` starts it, without its services."""
    with listen() as free:
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    make_database(home / "prefect.db")
    told = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_API_AUTH_STRING": AUTH,
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_UI_V2_ENABLED": "true",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--no-services"], env={**os.environ, **told}, stdout=log, stderr=log, start_new_session=True
        )
    user, _, password = AUTH.partition(":")
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, auth=(user, password), verify=PLAIN, trust_env=False, timeout=30) as client:
        try:
            _wait_for(client, server, home / "log")
            yield client
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(client: httpx.Client, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text("utf-8", "replace")[-2_000:]
        try:
            answers = client.get("/api/health").status_code == 200
        except httpx.HTTPError:
            answers = False
        if answers:
            return
        time.sleep(0.2)
    pytest.fail(f"Prefect's server did not answer in time: {log.read_text('utf-8', 'replace')[-2_000:]}")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        expect.set_options(timeout=PATIENCE_MS)
        yield launched
        expect.set_options(timeout=5_000)
        launched.close()


@pytest.fixture
def suspended(prefect_server: httpx.Client) -> str:
    """A run that waits for somebody, as far as Prefect knows."""
    flow = prefect_server.post("/api/flows/", json={"name": "product-launch"}).json()["id"]
    run = prefect_server.post("/api/flow_runs/", json={"flow_id": flow}).json()["id"]
    for kind, name in (("RUNNING", "Running"), ("PAUSED", "Suspended")):
        state = {"type": kind, "name": name, "state_details": {"pause_key": "copy-1", "run_input_keyset": KEYSET}}
        told = prefect_server.post(f"/api/flow_runs/{run}/set_state", json={"state": state, "force": True})
        assert told.json()["status"] == "ACCEPT", told.text
    return run


@pytest.fixture
def before_prefect(_servers: Any, prefect_server: httpx.Client, sqlite_ledgers: Any) -> Iterator[Any]:
    """Opens a house with Prefect behind its door."""
    door, outer, _, _ = _servers
    client = httpx.AsyncClient(base_url=str(prefect_server.base_url), verify=PLAIN, trust_env=False, timeout=30)

    def opened(scene: Scene) -> House:
        settings = Settings(home=sqlite_ledgers.home, door_port=door.port).resolved()
        outer.app = make_app(
            settings, ledger=sqlite_ledgers.door, desk=scene.desk, client=client, prefect_auth=AUTH, ring=False
        )
        return House(scene, Upstream(), f"http://127.0.0.1:{door.port}", door.port, outer.app, settings)

    yield opened
    outer.finish(client.aclose())


def form_of(
    browser: Browser, house: House, person: str, *, width: int = 1280, link: str = "see every draft as it will look"
) -> tuple[Page, Locator]:
    """The run's page with its form open, signed in."""
    context = calm(browser.new_context(viewport={"width": width, "height": 1000}))
    context.set_default_timeout(PATIENCE_MS)
    cookie = {"name": "presscheck", "value": house.visitor(person).token, "url": house.url, "sameSite": "Strict"}
    context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.goto(f"{house.url}/v2/runs/flow-run/{house.scene.run}")
    page.locator("button:has(svg.lucide-ellipsis-vertical)").first.click()
    page.get_by_role("menuitem", name="Resume").click()
    form = page.get_by_role("dialog", name="Resume Flow Run")
    form.get_by_label("Select Decision").wait_for()
    # The description comes later than the fields: its Markdown is loaded by itself.
    form.get_by_role("link", name=link).wait_for()
    return page, form


def choose(page: Page, form: Locator, field: str, option: str) -> None:
    form.get_by_label(f"Select {field}").click()
    page.get_by_role("option").filter(has_text=option).first.click()
    expect(page.get_by_role("option")).to_have_count(0)


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("PRESSCHECK_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_question_with_one_choice_is_answered_without_picking_and_edited_without_naming_it(
    browser: Browser, before_prefect: Any, suspended: str, sqlite_ledgers: Any
) -> None:
    house = before_prefect(Scene(sqlite_ledgers, drafts=(draft(0),), run=suspended))
    page, form = form_of(browser, house, "ana")
    expect(form.get_by_text("there is nothing to pick: V01 · A jacket for wet hills, draft a")).to_be_visible()
    expect(form.get_by_label("Select Picks")).to_have_count(0)
    choose(page, form, "Decision", "Approve")
    form.get_by_role("button", name="Add item").click()
    choose(page, form, "Which part", "subject")
    expect(form.get_by_label("Select Which pick")).to_have_count(0)
    form.get_by_label("New text").fill("A jacket for a wet walk home")
    shot(page, "form-one-choice")

    form.get_by_role("button", name="Resume").click()

    expect(form).to_have_count(0)
    with house.ledger.read() as tx:
        decision = decision_of(tx, house.scene.review.id)
    assert decision is not None
    assert decision.own_edits
    page.context.close()


def test_a_link_in_the_form_opens_beside_it_and_what_was_typed_stays(
    browser: Browser, before_prefect: Any, suspended: str, sqlite_ledgers: Any
) -> None:
    house = before_prefect(Scene(sqlite_ledgers, run=suspended))
    page, form = form_of(browser, house, "ana")
    choose(page, form, "Decision", "Request changes")
    form.get_by_label("Note").fill("Say that it dries quickly.")

    with page.context.expect_page() as opened:
        form.get_by_role("link", name="see every draft as it will look").click()

    expect(opened.value.get_by_role("heading", name="Spring launch")).to_be_visible()
    expect(form.get_by_label("Note")).to_have_value("Say that it dries quickly.")
    expect(form.get_by_label("Select Decision")).to_have_text("Request changes")
    page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_after_a_first_yes_of_three_the_page_says_who_is_still_asked(
    browser: Browser, before_prefect: Any, suspended: str, sqlite_ledgers: Any, width: int
) -> None:
    house = before_prefect(Staged(sqlite_ledgers, drafts=(draft(0),), run=suspended))
    page, form = form_of(browser, house, "ana", width=width)
    choose(page, form, "Decision", "Approve")

    form.get_by_role("button", name="Resume").click()

    expect(page.get_by_text("Your yes is on record, and the run waits for others.")).to_be_visible()
    expect(page.get_by_text("A regional reviewer may: rita and dora.")).to_be_visible()
    expect(page.get_by_text("Flow run resumed")).to_have_count(0)
    shot(page, f"first-yes-{width}")
    page.context.close()

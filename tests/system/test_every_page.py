"""Every page of Prefect's UI, opened in Chromium as people of every kind: none breaks, and none shows a secret.

The pages are read from the installed bundle, so a new version of Prefect brings its new ones by itself. An engineer
may read more than others at the door, and all others the same: one of each walks, and under `make soak` every role
there is. With PRESSCHECK_SHOTS=FOLDER it leaves its screenshots there.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import prefect
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from presscheck.ledger import EventKind
from presscheck.models import ROLES, Role
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.people.sessions import open_session
from presscheck.wiring import open_ledger
from tests.calm import calm
from tests.running import SOAK, Stack

pytestmark = pytest.mark.timeout(1800 if SOAK else 400)

_SECRET = "hush-hush-7f3a"
_BUNDLE = Path(prefect.__file__).parent / "server" / "ui-v2" / "assets"
_TABS = {
    "/runs/flow-run/$id": ("Logs", "TaskRuns", "SubflowRuns", "Artifacts", "Details", "Parameters", "JobVariables"),
    "/runs/task-run/$id": ("Logs", "Artifacts", "TaskInputs", "Details"),
    "/deployments/deployment/$id": ("Runs", "Upcoming", "Parameters", "Configuration", "Description", "Details"),
    "/flows/flow/$id": ("runs", "deployments", "details"),
    "/work-pools/work-pool/$workPoolName": ("Runs", "Work Queues", "Workers", "Deployments", "Details"),
    "/concurrency-limits/": ("global", "task-run"),
    "/runs/": ("flow-runs", "task-runs"),
}
_BROKEN = re.compile("something went wrong|pass the door|none of your roles", re.IGNORECASE)
# It asks an outside host whatever its settings say, and the door's headers keep it from that. What failed to load is
# told with its status.
_NOT_OURS = re.compile(r"amplitude\.com|Failed to load resource")
# A run's graph draws on for a moment after it was left, and stumbles over what is gone: a page that is loaded afresh
# has no such graph behind it.
_GRAPH = re.compile(r"/(vendor-pixi|flow-run-graph)-[^/]*\.js")


def _routes() -> list[str]:
    found = {path for file in _BUNDLE.glob("*.js") for path in re.findall(r"path:`(/[^`]*)`", file.read_text("utf-8"))}
    assert len(found) > 30, "the bundle names its pages in another way than it did"
    return sorted(found)


@pytest.fixture(scope="module")
def pages(stack: Stack) -> list[str]:
    """Every page's address, of things that are there: a run, a block with a secret, an automation ..."""

    def made(path: str, body: Any) -> Any:
        answer = stack.prefect("POST", path, body)
        assert answer.is_success, answer.text
        return answer.json()

    run = stack.ask().question.run
    secret = made("/block_types/", {"name": "Secret", "slug": "secret"})["id"]
    fields = {
        "title": "Secret",
        "type": "object",
        "properties": {"value": {"type": "string"}},
        "secret_fields": ["value"],
    }
    schema = made("/block_schemas/", {"block_type_id": secret, "fields": {**fields, "block_type_slug": "secret"}})["id"]
    block = {"name": "walked", "data": {"value": _SECRET}, "block_type_id": secret, "block_schema_id": schema}
    trigger = {"type": "event", "expect": ["never"], "posture": "Reactive", "threshold": 1, "within": 0}
    made("/variables/", {"name": "walked", "value": _SECRET})
    [artifact, *_] = made("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    deployment = made("/deployments/filter", {"deployments": {"name": {"any_": ["product-launch"]}}})[0]
    seen = made("/events/filter", {"limit": 1})["events"][0]
    things = {
        "artifact": artifact["id"],
        "key": artifact["key"],
        "automation": made("/automations/", {"name": "walked", "trigger": trigger, "actions": []})["id"],
        "block": made("/block_documents/", block)["id"],
        "catalog": "secret",
        "concurrency-limit": made("/concurrency_limits/", {"tag": "walked", "concurrency_limit": 1})["id"],
        "deployment": deployment["id"],
        "event": f"{seen['occurred'][:10]}/{seen['id']}",
        "flow": deployment["flow_id"],
        "flow-run": run,
        "task-run": made("/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})[0]["id"],
        "work-pool": deployment["work_pool_name"],
        "queue": deployment["work_queue_name"],
    }

    def of(route: str) -> str:
        return re.sub(r"([a-z-]+)/\$\w+(?:/\$eventId)?", lambda part: f"{part[1]}/{things[part[1]]}", route)

    return [of(route) + tab for route in _routes() for tab in ("", *(f"?tab={tab}" for tab in _TABS.get(route, ())))]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield launched
        launched.close()


def _token(stack: Stack, role: Role) -> str:
    person, email = f"P-walking-{role}", f"walking-{role}@fernholt.example.com"
    grants = [Grant(role=role, markets="all")]
    door = open_ledger(stack.settings, "door")
    with door.write() as tx:
        remember_person(tx, person, email=email, name=role)
        record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=role, by="P-root")
        token, _ = open_session(tx, person, hours=1)
    door.close()
    return token


def _kind(stack: str | None) -> str:
    return "graph" if _GRAPH.search(stack or "") else "error"


class _Walk:
    """One page of a browser, and what went wrong on it since it was asked last."""

    def __init__(self, page: Page, url: str) -> None:
        self._page, self._url = page, url
        self._faults: list[str] = []
        self._under_way, self._changed = 0, time.monotonic()
        page.on("request", lambda _: self._count(1))
        page.on("requestfinished", lambda _: self._count(-1))
        page.on("requestfailed", lambda _: self._count(-1))
        page.on("pageerror", lambda error: self._faults.append(f"{_kind(error.stack)}: {error}"))
        page.on("console", lambda one: self._faults.append(f"console: {one.text}") if one.type == "error" else None)
        page.on(
            "response",
            lambda answer: (
                self._faults.append(f"{answer.request.method} {answer.url}: {answer.status}")
                if answer.status >= 400
                else None
            ),
        )

    def _count(self, by: int) -> None:
        self._under_way += by
        self._changed = time.monotonic()

    def open(self, path: str, *, afresh: bool = False) -> list[str]:
        """Go there as a click inside the UI would, or with all of it loaded anew; wait for rest; what broke."""
        self._under_way = 0
        if not self._page.url.startswith(f"{self._url}/v2"):
            self._page.goto(f"{self._url}/v2/dashboard")
            self._rest()
        if afresh:
            self._page.goto("about:blank")
        self._faults.clear()
        if afresh:
            self._page.goto(f"{self._url}/v2{path}")
        else:
            self._page.evaluate("path => history.pushState({}, '', path)", f"/v2{path}")
        text = self._rest()
        assert _SECRET not in self._page.content()
        if folder := os.environ.get("PRESSCHECK_SHOTS"):
            self._page.screenshot(path=Path(folder) / f"ui{re.sub('[^A-Za-z0-9]+', '-', path)[:80]}.png")
        shown = [line for line in text.splitlines() if _BROKEN.search(line)]
        return [fault[:300] for fault in (*self._faults, *shown) if not _NOT_OURS.search(fault)]

    def _rest(self) -> str:
        self._changed, until, text = time.monotonic(), time.monotonic() + 20, ""
        while time.monotonic() < until:
            self._page.wait_for_timeout(50)
            if time.monotonic() - self._changed <= (0.25 if self._under_way <= 0 else 2):
                continue
            # Asking for it has the whole page laid out anew, so nobody asks while it is still on its way.
            text = self._page.locator("body").inner_text()
            if len(text) > 120:
                return text
        return f"something went wrong: the page is empty after 20 s: {text!r}"


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES if SOAK else ("engineer", "regional_reviewer"))
def test_no_page_of_prefects_ui_breaks(role: Role, stack: Stack, pages: list[str], browser: Browser) -> None:
    context = calm(browser.new_context(viewport={"width": 1280, "height": 1000}))
    context.add_cookies([{"name": "presscheck", "value": _token(stack, role), "url": stack.settings.door_url}])
    walk = _Walk(context.new_page(), stack.settings.door_url)

    broken = {path: faults for path in pages if (faults := walk.open(path))}
    # Prefect's database is locked at times under load, and people open the page again: then all of it must be right.
    busy = [
        path
        for path, faults in broken.items()
        if any(fault.startswith("graph: ") or fault.endswith(": 503") for fault in faults)
    ]
    broken = {
        path: faults for path in broken if (faults := walk.open(path, afresh=True) if path in busy else broken[path])
    }

    context.close()
    assert not broken, json.dumps(broken, indent=1)


def test_who_is_signed_out_is_led_to_the_sign_in_page_from_every_page(stack: Stack, pages: list[str]) -> None:
    with httpx.Client(base_url=stack.settings.door_url, headers={"accept": "text/html"}) as stranger:
        led = {path: stranger.get(f"/v2{path}").headers.get("location", "") for path in pages}

    assert [path for path, to in led.items() if not to.startswith("/sign-in")] == []

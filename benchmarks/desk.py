"""Answering beside the drafts: actions and seconds for a hundred mixed questions, and how long the door takes.

    python benchmarks/desk.py [--open 400] [--answer 60]

A real door over a real ledger (SQLite) with so many open questions, and Debian's Chromium at the page with our script.
An action is a click, or a key stroke that is no text; typing a text counts as one. Of a hundred questions sixty are
approved with one pick, twenty with three picks and an edited subject, ten sent back with a note, ten rejected. Beside
it the same hundred with the actions that Prefect's form took on 2026-11-29 (nine for one approval, sixteen for three
picks and an edit, twelve for a no with its reason).
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.inbox import enrol, fill
from presscheck.desk import CurrentPolicies, Desk
from presscheck.desk.current import PoliciesInForce
from presscheck.desk.holding import HeldAnswers
from presscheck.door.app import make_app
from presscheck.ledger import make_keys, upgrade
from presscheck.ledger.campaigns import record_found
from presscheck.ledger.reviews import undecided_review_ids
from presscheck.people.sessions import find_session, open_session
from presscheck.settings import Settings
from tests.conftest import Clock, Ledgers
from tests.desk.scene import RUN, Scene
from tests.door.house import PLAIN, Serving, listen
from tests.door.test_answering_in_the_browser import FIFTY

BEFORE = {"approve": 9, "edit": 16, "changes": 12, "reject": 12}
"""Actions by Prefect's form and the proof as they were."""
MIX = ("approve",) * 6 + ("edit",) * 2 + ("changes", "reject")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--open", type=int, default=400)
    arguments.add_argument("--answer", type=int, default=60)
    given = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="presscheck-bench-"))
    make_keys(home / "keys")
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    ledgers = Ledgers(url, home, Clock())
    try:
        person = enrol(ledgers, 2)[1]
        fill(ledgers, CurrentPolicies()(), given.open)
        with ledgers.door.write() as tx:
            for run in (RUN, *(f"run-{at:05d}" for at in range(given.open))):
                # Nobody asks Prefect here where a run comes from.
                record_found(tx, run, deployment="", created="", campaign="product-launch")
        measure(ledgers, person, given.answer)
    finally:
        ledgers.close()
        shutil.rmtree(home)


def measure(ledgers: Ledgers, person: str, count: int) -> None:
    fifty = Scene(ledgers, drafts=FIFTY).review.id
    desk = Desk(ledgers.door, PoliciesInForce(ledgers.door, CurrentPolicies(), signed=False))

    def look_on() -> None:
        # As the door does in the background; here it does not, so that nothing runs beside what is measured.
        while desk.open_questions.work(seconds=1.0):
            pass

    look_on()
    outer = listen()
    settings = Settings(home=ledgers.home, door_port=outer.getsockname()[1]).resolved()
    behind = httpx.AsyncClient(base_url="http://127.0.0.1:9", verify=PLAIN, trust_env=False)
    app = make_app(settings, ledger=ledgers.door, desk=desk, client=behind, prefect_auth="a:b", ring=False)
    with ledgers.door.write() as tx:
        token, _ = open_session(tx, person, hours=12)
        session = find_session(tx, token)
    assert session is not None
    with Serving(app, outer):
        door_times(settings.door_url, token, session.csrf, fifty, look_on)
        with ledgers.door.read() as tx:
            some = [one for one in undecided_review_ids(tx) if one != fifty]
        answer_many(app.state.door.held, settings.door_url, token, some[0], count)


def door_times(url: str, token: str, csrf: str, review: str, look_on: Callable[[], None]) -> None:
    headers = {"cookie": f"presscheck={token}", "host": urlsplit(url).netloc, "origin": url, "x-presscheck-csrf": csrf}
    fields = [["pick", "V01"], ["edit.V01.subject", "Evenings for walkers"]]
    with httpx.Client(verify=PLAIN, trust_env=False, timeout=120, headers=headers, base_url=url) as client:
        page = client.get(f"/proof/{review}")
        key = page.text.partition('name="form" value="')[2].partition('"')[0]
        told = {"fields": [["form", key], *fields]}
        print(f"the page of fifty drafts: {len(page.content) / 1000:.0f} kB")
        show("the page of fifty drafts", lambda: client.get(f"/proof/{review}"))
        began = time.perf_counter()
        client.get("/inbox").raise_for_status()
        print(f"the first inbox of somebody: {(time.perf_counter() - began) * 1000:.0f} ms", flush=True)
        look_on()
        show("the inbox", lambda: client.get("/inbox"))
        show("what is done", lambda: client.get("/done"))
        show("a check while one types", lambda: client.post(f"/-/api/reviews/{review}/check", json=told))


def show(name: str, ask: Any) -> None:
    taken: list[float] = []
    for _ in range(15):
        began = time.perf_counter()
        ask().raise_for_status()
        taken.append(time.perf_counter() - began)
    print(f"{name}: median {statistics.median(taken) * 1000:.0f} ms, worst {max(taken) * 1000:.0f} ms", flush=True)


class Hands:
    """Somebody at the page."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def keys(self, *names: str) -> None:
        for name in names:
            self.actions += 1
            self.page.keyboard.press(name)

    def type(self, selector: str, text: str) -> None:
        self.actions += 1
        self.page.locator(selector).first.fill(text)

    def choose(self, selector: str, value: str) -> None:
        self.actions += 1
        self.page.locator(selector).select_option(value)

    def answer(self, how: str) -> None:
        was = self.page.url
        if how in ("changes", "reject"):
            self.keys("r" if how == "changes" else "x")
            self.choose("[name=reason]", "voice")
            self.type("[name=note]", "Warmer, and shorter.")
            self.actions += 1
            self.page.locator("[value=answer]").click()
        else:
            if "?after=" not in was:
                self.keys("j")
            self.keys("Space")
            if how == "edit":
                self.keys("j", "Space", "j", "e")
                self.type("[name$='.subject']", "Evenings for walkers")
                # Out of the text, so that the keys are keys again.
                self.actions += 1
                self.page.locator("[name=decision][value=approve]").click()
                self.actions += 1
                self.page.locator("[value=answer]").click()
            else:
                self.keys("a", "Enter")
        self.page.wait_for_url(lambda now: now.partition("#")[0] != was.partition("#")[0])
        if urlsplit(self.page.url).path == urlsplit(was).path:
            raise SystemExit(f"refused: {' '.join(self.page.get_by_role('alert').all_inner_texts())}")


def answer_many(held: HeldAnswers, url: str, token: str, first: str, count: int) -> None:
    chromium = shutil.which("chromium") or ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium or None, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        cookie: Any = {"name": "presscheck", "value": token, "url": url, "sameSite": "Strict"}
        context.add_cookies([cookie])
        hands = Hands(context.new_page())
        hands.page.goto(f"{url}/proof/{first}")
        began = time.perf_counter()
        for at in range(count):
            hands.answer(MIX[at % len(MIX)])
            # As the door does each second: what can no longer be taken back counts.
            held.submit_due()
        seconds = time.perf_counter() - began
        browser.close()
    before = sum(BEFORE[MIX[at % len(MIX)]] for at in range(count))
    print(f"{count} mixed questions: {hands.actions} actions, by Prefect's form {before}")
    print(f"the machine's part of each: {seconds / count:.2f} s")


if __name__ == "__main__":
    main()

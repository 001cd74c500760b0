"""Four services without one `presscheck up` over them, by the lines of docs/postgresql.md.

`make soak` carries one of them to the outbox.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presscheck.demo import make_demo
from presscheck.demo.cast import Member, enrol_member
from presscheck.ledger.store import utc_now
from presscheck.models import Role
from presscheck.people.accounts import Accounts
from presscheck.people.rights import Grant
from presscheck.settings import Settings
from presscheck.wiring import open_ledger
from tests.conftest import free_port
from tests.running import ROOT, SOAK, Stack
from tests.second import whole_code

_BLOCK = re.compile(r"<!-- run: (?P<what>[a-z ]+) -->\n```\n(?P<lines>.*?)```", re.S)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        project=ROOT,
        home=tmp_path / "home",
        data=tmp_path / "data",
        door_port=free_port(),
        prefect_port=free_port(),
        demo=True,
    ).resolved()
    make_demo(made.data, as_of=datetime.now(UTC).date())
    customers = made.data / "customers.csv"
    customers.write_text("".join(customers.read_text("utf-8").splitlines(keepends=True)[:41]), "utf-8")
    return made


class Services:
    """The page's lines as processes; each tells what it says in a file of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        foreign = ("PREFECT_", "PRESSCHECK_")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        self.env |= settings.as_environment()
        self.env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), self.env["PATH"]])

    def start(self, name: str, command: str) -> None:
        with (self.folder / f"{name}.out").open("wb") as out:
            self.running[name] = subprocess.Popen(
                ["sh", "-c", f"exec {command}"], env=self.env, stdout=out, stderr=out, start_new_session=True
            )

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.out").read_text(errors="replace")

    def environment_of(self, name: str) -> bytes:
        """What the process was started with, once it is what it was to become."""
        return Path(f"/proc/{self.running[name].pid}/environ").read_bytes()

    def wait_until_said(self, name: str, words: str) -> None:
        until = time.monotonic() + 240
        while words not in self.said(name):
            ended = {one: process.poll() for one, process in self.running.items() if process.poll() is not None}
            assert not ended, f"{ended}\n{self.said(next(iter(ended)))}"
            assert time.monotonic() < until, self.said(name)
            time.sleep(0.25)

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(timeout=90)


@pytest.fixture
def services(needs_a_server: None, settings: Settings, tmp_path: Path) -> Iterator[Services]:
    made = Services(settings, tmp_path)
    yield made
    made.stop()


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_pages_lines_start_four_services_and_the_first_administrator_gets_in(
    settings: Settings, services: Services
) -> None:
    page = (ROOT / "docs" / "postgresql.md").read_text("utf-8")
    blocks = {match["what"]: match["lines"].splitlines() for match in _BLOCK.finditer(page)}
    (first,) = blocks["first"]
    lines = dict(line.split(": ", 1) for line in blocks["services"])
    prepared = subprocess.run(["sh", "-c", first], env=services.env, capture_output=True, text=True, check=False)
    assert prepared.returncode == 0, prepared.stderr
    (code,) = re.findall(r"^with the code (\S+)$", prepared.stdout, re.M)

    # Last first: none of them needs another one to have been there before.
    for name in reversed(lines):
        services.start(name, lines[name])
    services.wait_until_said("worker", "the campaigns are registered")

    for name in ("server", "door", "press"):
        assert b"PREFECT_SERVER_ANALYTICS_ENABLED=false" in services.environment_of(name)
    ledger = open_ledger(settings, None)
    stack = Stack(settings, _people(settings, code), services.running["worker"], ledger)
    try:
        registered = stack.prefect("POST", "/deployments/filter", {}).json()
        assert {"product-launch", "strategy-brief", "escalate-reviews"} <= {one["name"] for one in registered}
        assert [line["name"] for line in stack.prefect("POST", "/work_pools/filter", {}).json()] == ["presscheck"]
        with stack.door("author") as door:
            assert door.get("/-/api/reviews")["reviews"] == []
        if SOAK:
            _carry(stack)
    finally:
        ledger.close()
    again = subprocess.run(["sh", "-c", first], env=services.env, capture_output=True, text=True, check=False)
    assert again.stdout == "keys and ledger are there, and somebody is enrolled\n"


def _carry(stack: Stack) -> None:
    """A campaign from its start to its messages, which takes another minute."""
    review = stack.ask()
    stack.wait_until_suspended(review.question.run)
    stack.decide(review)
    assert stack.wait_for_delivery(review).state == "done"
    assert stack.wait_for_state(review.question.run, "Delivered", "Held", "Failed")["name"] == "Delivered"
    assert len(stack.messages(review)) == review.question.audience_rows


def _people(settings: Settings, code: str) -> dict[str, Member]:
    """The first administrator, by the code that was printed, and whom they invite."""
    ledger = open_ledger(settings, "door")
    try:
        accounts = Accounts(ledger, settings.home)
        email = "sam@fernholt.example.com"
        sam, by = enrol_member(accounts, code, role="administrator", name="Sam", email=email, now=utc_now())
        people = {"administrator": sam}
        wanted: list[tuple[Role, tuple[Role, ...]]] = [
            ("author", ("author", "scheduler")),
            ("brand_lead", ("brand_lead",)),
        ]
        for key, roles in wanted:
            email = f"{key}@fernholt.example.com"
            grants = [Grant(role=role, markets="all") for role in roles]
            invitation = accounts.invite(email=email, name=key.title(), grants=grants, by=by)
            whole = whole_code(accounts, invitation)
            people[key], _ = enrol_member(accounts, whole, role=key, name=key.title(), email=email, now=utc_now())
        return people
    finally:
        ledger.close()

"""The whole of Presscheck, running: `presscheck up` in a home of its own, with people and a small audience.

The fixture `stack` (conftest.py) is one for the session, because Prefect's server takes half a minute to
start; tests start campaign runs of their own on it, so they do not depend on one another.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from presscheck.cli.client import DoorClient
from presscheck.cli.signed_in import Session
from presscheck.demo import make_demo
from presscheck.demo.cast import Member, enrol_cast, enrol_member
from presscheck.ledger import Ledger, Reader, make_keys
from presscheck.ledger.deliveries import delivery_id, find_delivery
from presscheck.ledger.reviews import open_reviews
from presscheck.ledger.store import utc_now
from presscheck.models import Review, Role
from presscheck.people.accounts import Accounts
from presscheck.people.rights import Grant, find_person
from presscheck.settings import Settings
from presscheck.wiring import open_ledger, upgrade_ledger
from tests.conftest import free_port
from tests.second import whole_code

ROOT = Path(__file__).parents[1]
_SHARE = float(os.environ.get("PRESSCHECK_SOAK") or 0)
SOAK = _SHARE > 0
"""True under `make soak`: races and kills are repeated many times."""

RECIPIENTS = 60
# Who is killed again and again is started again after half a minute, and Prefect's server takes another.
_PATIENCE = 300 if SOAK else 120


def times(few: int, soaking: int) -> int:
    """How often: a few times in `make test`; under `make soak` its share of `soaking`, and never less than a few."""
    return max(few, round(soaking * _SHARE))


@dataclass
class Stack:
    """A running Presscheck, its people, and ways to watch and to hurt it."""

    settings: Settings
    cast: dict[str, Member]
    process: subprocess.Popen[bytes]
    ledger: Ledger
    _sessions: dict[str, Session] = field(default_factory=dict)

    # -- people

    def door(self, role: str) -> DoorClient:
        """The door as this member; signed in once, because a code works once."""
        url = self.settings.door_url
        if role not in self._sessions:
            member = self.cast[role]
            with DoorClient(url) as door:
                body = {"email": member.email, "password": member.password}
                answer = door.post("/-/api/sign-in", {**body, "code": member.present_code(datetime.now(UTC))})
                shown = {name: answer[name] for name in ("person", "name", "roles", "csrf", "expires_at")}
                self._sessions[role] = Session(door=url, cookies=door.cookies, **shown)
        return DoorClient(url, session=self._sessions[role])

    # -- campaigns

    def start_run(self, campaign: str = "product-launch", **parameters: str) -> str:
        """Start a campaign as the brief's author, a product launch unless told otherwise; the run's id."""
        with self.door("author") as door:
            body = {"campaign": campaign, "parameters": parameters}
            return str(door.post("/-/api/runs", body)["run"])

    def ask(self, **parameters: str) -> Review:
        """A campaign that waits for a person: its review."""
        return self.wait_for_review(self.start_run(**parameters))

    def wait_for_review(self, run: str) -> Review:
        def look(tx: Reader) -> Review | None:
            return next(iter(open_reviews(tx, run=run)), None)

        return self.wait(look, "the review to open")

    def wait_until_suspended(self, run: str) -> None:
        self.wait(lambda _: self.run_state(run)["name"] == "Suspended" or None, "the run to be suspended")

    def decide(self, review: Review, role: str = "brand_lead", **raw: Any) -> dict[str, Any]:
        """Answer through the door; an approval of the first three choices unless told otherwise."""
        codes = [proposal.code for proposal in review.question.proposals[:3]]
        form = {"form": review.form_key, "decision": "approve", "picks": codes, "edits": [], "note": ""}
        with self.door(role) as door:
            return door.post(f"/-/api/reviews/{review.id}/decision", {**form, **raw})

    def wait_for_delivery(self, review: Review) -> Any:
        """The delivery's row once it is done or held."""

        def look(tx: Reader) -> Any:
            row = find_delivery(tx, delivery_id(review.question.run, review.id))
            return row if row is not None and row.state in ("done", "held") else None

        return self.wait(look, "the delivery to end")

    def messages(self, review: Review) -> list[Path]:
        """The messages that lie in the outbox for a review."""
        folder = self.settings.outbox / delivery_id(review.question.run, review.id)
        return sorted(folder.rglob("*.eml"))

    # -- Prefect, as somebody who reaches its inner port

    def prefect(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call to Prefect's API behind the door's back, with its credentials: the strongest attacker."""
        user, _, password = self.settings.prefect_auth_file.read_text().strip().partition(":")
        url = f"{self.settings.prefect_url}{path}"
        for _ in range(20):
            answer = httpx.request(method, url, json=body, auth=(user, password), timeout=30)
            # Prefect's SQLite is locked at times under load; an attacker would simply try again.
            if answer.status_code != 503:
                return answer
            time.sleep(0.5)
        raise AssertionError(f"Prefect went on answering 503 to {method} {path}")

    def run_state(self, run: str) -> dict[str, Any]:
        answer = self.prefect("GET", f"/flow_runs/{run}")
        return answer.json()["state"]

    def wait_for_state(self, run: str, *names: str) -> dict[str, Any]:
        def look(_: Reader) -> dict[str, Any] | None:
            state = self.run_state(run)
            return state if state["name"] in names else None

        return self.wait(look, f"the run to be {' or '.join(names)}")

    # -- violence

    def pid_of(self, name: str) -> int:
        state = json.loads((self.settings.home / "up.json").read_text())
        return int(state["processes"][name]["pid"])

    def kill(self, name: str) -> int:
        """kill -9 one of ours, by its id; the id comes back."""
        pid = self.pid_of(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_restart(self, name: str, killed: int) -> None:
        self.wait(lambda _: (self.pid_of(name) not in (0, killed)) or None, f"the {name} to be started again")

    def wait_for_answers(self) -> None:
        """Until the door says that it, the ledger and Prefect answer: who was killed may wait a while to be started."""
        whole = {"door": "ok", "ledger": "ok", "prefect": "ok"}

        def look(_: Reader) -> bool:
            return httpx.get(f"{self.settings.door_url}/-/api/health", timeout=30).json() == whole

        self.wait(look, "the door and Prefect to answer")

    # -- waiting

    def wait(self, look: Callable[[Reader], Any], what: str, *, seconds: float = _PATIENCE) -> Any:
        """What `look` gives, asked four times a second."""
        until = time.monotonic() + seconds
        last: Exception | None = None
        while time.monotonic() < until:
            try:
                with self.ledger.read() as tx:
                    if found := look(tx):
                        return found
            except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
                # The server may be down on purpose; the last error is told if it never comes back.
                last = error
            time.sleep(0.25)
        raise AssertionError(f"waited {seconds:.0f} s for {what}; last error: {last}\n{self.logs()}")

    def logs(self) -> str:
        tails = []
        for path in sorted((self.settings.home / "logs").glob("*.log")):
            tails.append(f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-15:]))
        return "\n".join(tails)


def _more_people(settings: Settings) -> dict[str, Member]:
    """Somebody of legal and of the regions, and seven more brand leads, so that eight can answer at once."""
    door = open_ledger(settings, "door")
    try:
        accounts = Accounts(door, settings.home)
        with door.read() as tx:
            administrator = find_person(tx, "sam@fernholt.example.com") or ""
        more: dict[str, Member] = {}
        wanted: list[tuple[str, str, str, Role]] = [
            ("regional_reviewer", "Rita Roth", "rita", "regional_reviewer"),
            ("legal", "Lex Okoro", "lex", "legal"),
            ("strategist", "Stella Moor", "stella", "ai_strategist"),
        ]
        wanted += [(f"brand_lead_{number}", f"Lead {number}", f"lead{number}", "brand_lead") for number in range(2, 9)]
        for key, name, user, role in wanted:
            email = f"{user}@fernholt.example.com"
            grants = [Grant(role=role, markets="all")]
            invitation = accounts.invite(email=email, name=name, grants=grants, by=administrator)
            member, _ = enrol_member(
                accounts, whole_code(accounts, invitation), role=role, name=name, email=email, now=utc_now()
            )
            more[key] = member
        return more
    finally:
        door.close()


@contextmanager
def running_stack(
    home: Path, *, recipients: int = RECIPIENTS, data: Path | None = None, **changes: Any
) -> Iterator[Stack]:
    """Start everything in `home`, give it, and stop it by its own process id.

    Its data are the first `recipients` of the demo's, or those of the folder `data`, which is only read.
    A demo has no way out but the outbox: `demo=False` for the others.
    """
    demo = bool(changes.pop("demo", True))
    project = Path(changes.pop("project", ROOT))
    settings = Settings(
        project=project,
        home=home,
        data=data or home / "data",
        demo=demo,
        door_port=free_port(),
        prefect_port=free_port(),
        **changes,
    ).resolved()
    if data is None:
        make_demo(settings.data, as_of=datetime.now(UTC).date())
        customers = settings.data / "customers.csv"
        rows = customers.read_text("utf-8").splitlines(keepends=True)
        customers.write_text("".join(rows[: recipients + 1]), "utf-8")
    make_keys(settings.keys)
    upgrade_ledger(settings)
    cast = enrol_cast(settings.model_copy(update={"demo": True})) | _more_people(settings)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "PRESSCHECK_"))}
    env |= settings.as_environment()
    log = (home / "up.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "presscheck.cli", "up"], env=env, stdout=log, stderr=log)
    ledger = open_ledger(settings, None)
    stack = Stack(settings, cast, process, ledger)
    try:
        until = time.monotonic() + 180
        while "Presscheck is up" not in (home / "up.log").read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"presscheck up did not come up:\n{(home / 'up.log').read_text()}\n{stack.logs()}")
            time.sleep(0.25)
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        ledger.close()
        log.close()

"""From an answer to the campaign going on, from `presscheck run` to the first question, and the memory for it.

    .venv/bin/python benchmarks/resume.py [--times 10]

Starts a real `presscheck up` in a new folder under the system's temporary one, and beside it Prefect's own process
worker with the same poll on the same server. The bare flow has one gate and nothing else and runs there, with the
quickest of Prefect's own ways to start a process; the campaign drafts, checks, asks and reads its answer in the ledger,
given at the door by a person who is signed in. Then `presscheck run` starts the shipped campaign on the demo's 44,000
customers, by our worker and by another of its kind with `warm = false`, and the time counts until the question is open.
They take turns, so that whatever else the machine does falls on both. Before and after, the memory of everything, by
proportional share (a page that n processes share counts for an n-th in each): at rest, and for the quarter of an hour
after a new run in which what first runs need is kept.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx

from presscheck.cli.client import DoorClient
from presscheck.cli.signed_in import Session, save_session
from presscheck.demo import make_demo
from presscheck.demo.cast import Member, enrol_cast
from presscheck.ledger import Ledger, make_keys, upgrade
from presscheck.ledger.reviews import open_reviews
from presscheck.settings import Settings
from presscheck.supervisor import Supervisor, plan
from presscheck.supervisor.children import Child
from presscheck.wiring import open_ledger

_MOST = 0.4
_MOST_TO_QUESTION_SECONDS = 8.0
_MOST_MIB = 700
_QUESTIONS = 3
_SETTLED_SECONDS = 10
_PATIENCE_SECONDS = 180

_CAMPAIGN = '''\
import hashlib
import time

from prefect import State, flow

from tasks import Audience, Campaign, Made, await_decision, check_variants, draft_variants
from tasks import hold_on_fault, open_campaign, propose, step
from tasks.holding import ended


@step("audience", effect="targets")
def somebody(campaign: Campaign) -> Made[Audience]:
    """Great Expectations plays no part in a wake; a digest is all that the gate needs."""
    digest = hashlib.sha256(campaign.run.encode()).hexdigest()
    return Made(Audience(digest=digest, rows=1, candidates=1, exceptions={}, report="none"))


@flow(name="campaign")
@hold_on_fault
def campaign(out: str) -> State:
    opened = open_campaign(brief="briefs/spring_launch.yaml", audience="none.sql", catalogue="catalogue.csv")
    recipients = somebody(opened)
    choices = check_variants(opened, draft_variants(opened, count=50))
    await_decision(propose(opened, choices, recipients))
    with open(out, "w") as file:
        file.write(str(time.time()))
    return ended("Rejected", "measured")
'''

_BARE = """\
import time

from prefect import flow
from prefect.flow_runs import suspend_flow_run


@flow(name="bare")
def bare(out: str) -> None:
    suspend_flow_run(key="gate")
    with open(out, "w") as file:
        file.write(str(time.time()))
"""

_DEPLOYMENTS = """\
name: resume
pull: []
deployments:
  - name: measured
    entrypoint: bare.py:bare
    work_pool: &bare
      name: bare
      job_variables: {{command: python -m prefect.engine, working_dir: "{folder}"}}
  - name: measured
    entrypoint: campaign.py:campaign
    tags: [campaign]
    work_pool: {{name: presscheck}}
  - name: product-launch
    entrypoint: flows.product_launch.product_launch
    tags: [campaign]
    parameters: &demo
      brief: briefs/spring_launch.yaml
      audience: segments/spring_launch.sql
      catalogue: catalogue.csv
    work_pool: {{name: presscheck}}
  - name: product-launch-cold
    entrypoint: flows.product_launch.product_launch
    tags: [campaign]
    parameters: *demo
    work_pool: {{name: cold}}
  - name: defaults
    entrypoint: bare.py:bare
    pull:
      - prefect.deployments.steps.set_working_directory: {{directory: "{folder}"}}
    work_pool: {{name: bare}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="how often each is measured (10)")
    parser.add_argument("--door-port", type=int, default=8470)
    parser.add_argument("--prefect-port", type=int, default=8471)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="presscheck-resume-") as name:
        project = Path(name)
        settings = Settings(
            project=project,
            data=project / "data",
            door_port=asked.door_port,
            prefect_port=asked.prefect_port,
            demo=True,
            poll_seconds=1.0,
        ).resolved()
        people = _prepare(settings)
        with Supervisor(settings, say=lambda line: None) as supervisor, contextlib.ExitStack() as others:
            print("starting server, worker, door and press", flush=True)
            supervisor.start(deploy=False)
            within = _report_memory(settings, "at rest")
            ours = plan.worker(settings)
            for pool, kind, more in (("bare", "process", {}), ("cold", "presscheck", {"PRESSCHECK_WARM": "false"})):
                command = [*ours.command[:5], "--pool", pool, "--type", kind]
                log = ours.log.with_name(f"{pool}.log")
                # Prefect's own worker and its runs find out for themselves what ours are spared.
                own = {name: value for name, value in ours.env.items() if kind != "process" or name not in plan.SPARED}
                other = replace(ours, name=pool, command=command, env={**own, **more}, log=log)
                other.start()
                others.callback(other.stop)
            with Measure(settings, people["brand_lead"]) as measure:
                for pool in ("bare", "cold", plan.POOL):
                    measure.wait_for_pool(pool)
                _deploy(ours)
                within = _report(measure, asked.times) and within
                within = _report_questions(settings, people["author"], measure) and within
            others.close()
            _report_memory(settings, "after new runs")
        raise SystemExit(0 if within else 1)


def _prepare(settings: Settings) -> dict[str, Member]:
    make_demo(settings.data, as_of=datetime.now(UTC).date())
    make_keys(settings.keys)
    upgrade(settings.ledger_url)
    folder = settings.project
    (folder / "bare.py").write_text(_BARE)
    (folder / "campaign.py").write_text(_CAMPAIGN)
    (folder / plan.DEPLOYMENTS.parent).mkdir()
    (folder / plan.DEPLOYMENTS).write_text(_DEPLOYMENTS.format(folder=folder))
    return enrol_cast(settings)


def _deploy(worker: Child) -> None:
    command = [*worker.command[:3], "--no-prompt", "deploy", "--all", "--prefect-file", str(plan.DEPLOYMENTS)]
    deploying = replace(worker, name="deploy", command=command, log=worker.log.with_name("deploy.log"))
    deploying.start()
    assert deploying.process is not None
    if deploying.process.wait(timeout=_PATIENCE_SECONDS) != 0:
        raise SystemExit(f"the flows could not be registered:\n{deploying.last_words(20)}")


def _report(measure: "Measure", times: int) -> bool:
    bare: list[float] = []
    ours: list[float] = []
    for turn in range(times):
        bare.append(measure.bare("measured"))
        ours.append(measure.campaign())
        print(f"{turn + 1:2}: bare {bare[-1]:5.2f} s, campaign {ours[-1]:5.2f} s", flush=True)
    defaults = [measure.bare("defaults") for _ in range(min(3, times))]
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"bare flow, median of {times}: {statistics.median(bare):.2f} s")
    print(f"campaign, median of {times}: {statistics.median(ours):.2f} s")
    print(
        f"for comparison, a bare flow with Prefect's own start command, {len(defaults)} times: "
        f"{statistics.median(defaults):.2f} s"
    )
    print(f"ratio {ratio:.2f}, at most {_MOST}")
    return ratio <= _MOST


def _report_questions(settings: Settings, author: Member, measure: "Measure") -> bool:
    took: dict[str, list[float]] = {"product-launch": [], "product-launch-cold": []}
    environ = {**os.environ, **settings.as_environment(), "PRESSCHECK_SESSION_FILE": str(settings.home / "session")}
    with _signed_in(settings, author) as door:
        os.environ["PRESSCHECK_SESSION_FILE"] = environ["PRESSCHECK_SESSION_FILE"]
        save_session(cast(Session, door.session))
    for turn in range(_QUESTIONS):
        for campaign, seconds in took.items():
            began = time.monotonic()
            command = [sys.executable, "-m", "presscheck.cli", "run", campaign, "--json"]
            started = subprocess.run(command, env=environ, check=True, capture_output=True)
            measure.wait_for_review(json.loads(started.stdout)["run"])
            seconds.append(time.monotonic() - began)
        print(
            f"{turn + 1:2}: first question {took['product-launch'][-1]:5.2f} s, cold {seconds[-1]:5.2f} s", flush=True
        )
    warm, cold = (statistics.median(seconds) for seconds in took.values())
    print(f"from `presscheck run` to the first question, median of {_QUESTIONS}: {warm:.2f} s, at most ", end="")
    print(f"{_MOST_TO_QUESTION_SECONDS:.0f} s; with warm = false {cold:.2f} s, ratio {warm / cold:.2f}")
    return warm <= _MOST_TO_QUESTION_SECONDS


def _report_memory(settings: Settings, when: str) -> bool:
    time.sleep(_SETTLED_SECONDS)
    shares: dict[str, int] = {"supervisor": _share(os.getpid())}
    for name, process in json.loads((settings.home / "up.json").read_text())["processes"].items():
        shares[name] = _share(process["pid"])
        for child in _children(process["pid"]):
            shares[f"{name}'s engine"] = sum(_share(pid) for pid in (child, *_children(child)))
    whole = sum(shares.values()) >> 20
    print(f"memory {when} {whole} MiB (at rest at most {_MOST_MIB}): ", end="")
    print(", ".join(f"{name} {share >> 20}" for name, share in shares.items()))
    return whole <= _MOST_MIB


def _share(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


class Measure:
    """Starts a run, waits until it sleeps, answers it, and reads when its body went on."""

    def __init__(self, settings: Settings, lead: Member) -> None:
        self._settings = settings
        self._lead = lead
        self._count = 0

    def __enter__(self) -> "Measure":
        with contextlib.ExitStack() as stack:
            user, _, password = plan.prefect_auth(self._settings).partition(":")
            self._http = stack.enter_context(
                httpx.Client(base_url=self._settings.prefect_url, auth=(user, password), timeout=30, trust_env=False)
            )
            self._ledger = open_ledger(self._settings, None)
            stack.callback(self._ledger.close)
            self._door = stack.enter_context(_signed_in(self._settings, self._lead))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def wait_for_pool(self, name: str) -> None:
        """Until the worker has made its pool."""
        _until(lambda: self._get(f"/work_pools/{name}"))

    def wait_for_review(self, run: str) -> Any:
        """The question that this run asks."""
        return _until(lambda: _open_review(self._ledger, run))

    def bare(self, deployment: str) -> float:
        """Seconds from Prefect's resume to the body going on."""
        run, out = self._start("bare", deployment)
        began = time.time()
        while not self._http.post(f"/flow_runs/{run}/resume", json={}).is_success:
            # SQLite under Prefect is locked now and then; what counts is the resume that was taken.
            time.sleep(0.2)
            began = time.time()
        return _went_on(out) - began

    def campaign(self) -> float:
        """Seconds from the answer at the door to the body going on."""
        run, out = self._start("campaign", "measured")
        review = self.wait_for_review(run)
        form = {"form": review.form_key, "decision": "approve", "picks": ["V01", "V02", "V03"], "edits": [], "note": ""}
        began = time.time()
        self._door.post(f"/-/api/reviews/{review.id}/decision", form)
        return _went_on(out) - began

    def _start(self, flow: str, deployment: str) -> tuple[str, Path]:
        self._count += 1
        out = self._settings.project / f"{flow}-{self._count}.out"
        found = _until(lambda: self._get(f"/deployments/name/{flow}/{deployment}"))
        body = {"parameters": {"out": str(out)}, "state": {"type": "SCHEDULED"}}
        run = str(_until(lambda: self._posted(f"/deployments/{found['id']}/create_flow_run", body))["id"])
        _until(lambda: (self._get(f"/flow_runs/{run}") or {}).get("state", {}).get("type") == "PAUSED" or None)
        # The worker has to be rid of the process before the run can be started again.
        time.sleep(3)
        return run, out

    def _get(self, path: str) -> Any:
        answer = self._http.get(path)
        return answer.json() if answer.is_success else None

    def _posted(self, path: str, body: Any) -> Any:
        answer = self._http.post(path, json=body)
        return answer.json() if answer.is_success else None


@contextlib.contextmanager
def _signed_in(settings: Settings, member: Member) -> Iterator[DoorClient]:
    body = {"email": member.email, "password": member.password, "code": member.present_code(datetime.now(UTC))}
    with DoorClient(settings.door_url) as door:
        answer = door.post("/-/api/sign-in", body)
        shown = {name: answer[name] for name in ("person", "name", "roles", "csrf", "expires_at")}
        door.session = Session(door=settings.door_url, cookies=door.cookies, **shown)
        yield door


def _open_review(ledger: Ledger, run: str) -> Any:
    with ledger.read() as tx:
        return next(iter(open_reviews(tx, run=run)), None)


def _went_on(out: Path) -> float:
    return float(_until(lambda: out.read_text() if out.exists() else None))


def _until(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit("nothing happened for three minutes; the logs are gone with the temporary folder")


if __name__ == "__main__":
    main()

"""The shipped campaign on real parts: what it does on its first run, and how little it loads when it wakes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow, State
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL
from prefect.states import Scheduled

from flows.product_launch import product_launch
from presscheck.demo import make_demo
from presscheck.ledger import EventKind
from presscheck.ledger.deliveries import delivery_id
from tests.tasks.stage import Stage, fresh_project

# Each costs from a tenth of a second to many seconds, and no wake needs one.
TOO_HEAVY = ("great_expectations", "pydantic_ai", "duckdb", "polars", "pandas", "pyarrow", "sqlalchemy.orm", "alembic")

_WAKE = """
import json, sys
from uuid import UUID
from prefect.exceptions import Pause
from prefect.flow_engine import load_flow_run, run_flow
from flows.product_launch import product_launch
try:
    ended = run_flow(product_launch, flow_run=load_flow_run(UUID(sys.argv[1])), return_type="state").name
except Pause:
    ended = "asleep"
print(json.dumps({"ended": ended, "modules": sorted(sys.modules)}))
"""


class Launch(Stage):
    """The shipped campaign on the demo's files."""

    def campaign(self) -> Flow[..., State]:
        return product_launch

    def wake_in_a_new_process(self) -> dict[str, Any]:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(self.id, Scheduled(), force=True)
        env = {**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value(), "PREFECT_LOGGING_LEVEL": "ERROR"}
        # As Prefect's worker tells the process of a run, which checks nothing anew that `presscheck up` has checked.
        env["PREFECT__FLOW_RUN_ID"] = str(self.id)
        woken = subprocess.run(
            [sys.executable, "-c", _WAKE, str(self.id)],
            env=env,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert woken.returncode == 0, woken.stderr
        return json.loads(woken.stdout.splitlines()[-1])


@pytest.fixture
def launch(tmp_path: Path, _sqlite_template: Path, prefect: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launch]:
    fresh_project(tmp_path, _sqlite_template)
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(tmp_path))
    make_demo(tmp_path / "data", as_of=datetime.now(UTC).date())
    customers = tmp_path / "data" / "customers.csv"
    customers.write_text("".join(customers.read_text("utf-8").splitlines(keepends=True)[:201]), "utf-8")
    launched = Launch(tmp_path)
    yield launched
    launched.close()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_shipped_campaign_asks_and_a_wake_loads_nothing_heavy(launch: Launch) -> None:
    assert launch.start() is None
    question = launch.review().question
    assert len(question.proposals) + sum(question.blocked.values()) >= 50
    assert 150 < question.audience_rows < 200

    unanswered = launch.wake_in_a_new_process()
    launch.answer(decision="Request changes", reason="voice", note="Shorter, please.")
    redrafted = launch.wake_in_a_new_process()
    review = launch.review()
    launch.answer()
    with launch.press.write() as tx:
        done = delivery_id(str(launch.id), review.id)
        tx.append(EventKind.DELIVERY_COMPLETED, done, {"sent": question.audience_rows}, run=str(launch.id))
    answered = launch.wake_in_a_new_process()

    assert review.question.round == 2
    assert [woken["ended"] for woken in (unanswered, redrafted, answered)] == ["asleep", "asleep", "Delivered"]
    for woken in (unanswered, redrafted, answered):
        assert [name for name in TOO_HEAVY if name in woken["modules"]] == []
    assert [event.kind for event in launch.events(EventKind.AUDIENCE_FROZEN)] == [EventKind.AUDIENCE_FROZEN]
    assert len(launch.nodes()) == 10

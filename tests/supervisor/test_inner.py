"""Runs that lost their process go on; runs of other pools, and runs that never stop crashing, are left alone."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_API_URL
from prefect.states import Crashed, Running, State

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.supervisor.inner import Inner

pytestmark = pytest.mark.slow


@flow(name="lost")
def lost() -> None:
    """Never run here; only its runs' states matter."""


@pytest.fixture
def inner(prefect: None, tmp_path: Path) -> Iterator[Inner]:
    port = urlsplit(PREFECT_API_URL.value()).port or 0
    opened = Inner(Settings(project=tmp_path, prefect_port=port).resolved())
    yield opened
    opened.close()


def _run(client: SyncPrefectClient, state: State, *, pool: str = "presscheck", tag: str = "campaign") -> UUID:
    try:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    except ObjectAlreadyExists:
        assert client.read_work_pool(pool).name == pool
    deployment = client.create_deployment(
        flow_id=client.create_flow(lost), name=f"lost-{uuid4()}", work_pool_name=pool, tags=[tag]
    )
    run = client.create_flow_run_from_deployment(deployment, tags=[tag])
    client.set_flow_run_state(run.id, state, force=True)
    return run.id


def test_a_run_that_lost_its_process_is_scheduled_again(inner: Inner) -> None:
    with get_client(sync_client=True) as client:
        run = _run(client, Running())

        rescued = inner.rescue("RUNNING", "PENDING")
        state = client.read_flow_run(run).state

    assert str(run) in rescued
    assert state is not None
    assert (state.type, state.name) == (StateType.SCHEDULED, "Rescued")


def test_a_run_of_another_pool_and_one_that_is_no_campaign_are_left_alone(inner: Inner) -> None:
    with get_client(sync_client=True) as client:
        elsewhere = _run(client, Running(), pool="elsewhere")
        duty = _run(client, Running(), tag="duty")

        rescued = inner.rescue("RUNNING", "PENDING")
        states = [client.read_flow_run(run).state for run in (elsewhere, duty)]

    assert not {str(elsewhere), str(duty)} & set(rescued)
    assert [state and state.type for state in states] == [StateType.RUNNING, StateType.RUNNING]


def test_a_run_that_keeps_crashing_is_left_to_people_after_three_times(inner: Inner) -> None:
    times = 0
    with get_client(sync_client=True) as client:
        run = _run(client, Crashed())
        for _ in range(5):
            times += str(run) in inner.rescue("CRASHED")
            client.set_flow_run_state(run, Crashed(), force=True)

    assert times == 3


def test_a_run_that_crashed_long_ago_is_left_alone(inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server dates a state itself, so long ago is a moment here.
    monkeypatch.setattr("presscheck.supervisor.inner._LATEST_CRASH", timedelta(0))
    with get_client(sync_client=True) as client:
        crashed, running = _run(client, Crashed()), _run(client, Running())

        rescued = inner.rescue("CRASHED", "RUNNING")

    assert str(crashed) not in rescued
    assert str(running) in rescued


@pytest.mark.parametrize(
    "schedule",
    [
        IntervalSchedule(interval=timedelta(hours=1)),
        CronSchedule(cron="0 9 * * 1", timezone="Europe/Berlin"),
        RRuleSchedule(rrule="FREQ=DAILY", timezone="Europe/Berlin"),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_every_kind_of_schedule_makes_runs(prefect: None, schedule: SCHEDULE_TYPES) -> None:
    """None did under Prefect 3.8 with SQLAlchemy 2.1, and no cron under 3.9.1 with whenever 0.10: in the log alone."""
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(
            flow_id=client.create_flow(lost),
            name=f"timed-{uuid4()}",
            schedules=[DeploymentScheduleCreate(schedule=schedule)],
        )

        answer = httpx.post(f"{PREFECT_API_URL.value()}/deployments/{deployment}/schedule", json={}, timeout=60)
        runs = client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])))

    assert answer.is_success, answer.text
    assert {run.state_name for run in runs} == {"Scheduled"}


def test_a_server_that_does_not_answer_is_told_in_our_words(tmp_path: Path) -> None:
    nobody = Inner(Settings(project=tmp_path, prefect_port=1).resolved())

    assert nobody.healthy() is False
    assert nobody.has_pool() is False
    with pytest.raises(PresscheckError, match="Prefect's server did not do"):
        nobody.rescue("RUNNING")
    nobody.close()


def test_a_server_whose_database_is_locked_is_asked_again(tmp_path: Path) -> None:
    answers = [503, 503, 200]

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(answers.pop(0))
            self.end_headers()
            self.wfile.write(b"[]")

    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        inner = Inner(Settings(project=tmp_path, prefect_port=server.server_port).resolved())
        rescued = inner.rescue("RUNNING")
        inner.close()
        server.shutdown()

    assert rescued == []
    assert answers == []

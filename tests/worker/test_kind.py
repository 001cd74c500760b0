"""Prefect's worker of our kind: what deployments may leave out, and when a run starts warm."""

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from presscheck.worker.kind import CampaignJob, CampaignWorker
from presscheck.worker.warmth import COLD

ENTRYPOINT = "flows/product_launch.py:product_launch"
FLOW = uuid4()


def prepared(job: CampaignJob, **deployed: Any) -> CampaignJob:
    run = FlowRun(flow_id=FLOW)
    deployment = DeploymentResponse(name="product-launch", flow_id=FLOW, entrypoint=ENTRYPOINT, **deployed)
    job.prepare_for_flow_run(run, deployment)
    return job


def test_prefect_finds_the_worker_by_its_name_and_its_pools_are_prefects_own() -> None:
    assert BaseWorker.get_worker_class_from_type("presscheck") is CampaignWorker
    assert CampaignWorker.type == ProcessWorker.type == "process"


def test_a_deployment_needs_to_say_nothing_of_how_its_process_starts() -> None:
    job = prepared(CampaignJob(), pull_steps=[])

    assert (job.command, job.working_dir) == (COLD, Path.cwd())
    assert job.env["PREFECT__FLOW_ENTRYPOINT"] == ENTRYPOINT


def test_what_a_deployment_says_stays() -> None:
    said = {"PREFECT__FLOW_ENTRYPOINT": "flows/another.py:another"}

    job = prepared(CampaignJob(command="nice python -m prefect.engine", working_dir=Path("/"), env=said), pull_steps=[])

    assert (job.command, job.working_dir) == ("nice python -m prefect.engine", Path("/"))
    assert job.env["PREFECT__FLOW_ENTRYPOINT"] == said["PREFECT__FLOW_ENTRYPOINT"]


def test_code_that_has_to_be_pulled_is_pulled() -> None:
    pull = [{"prefect.deployments.steps.set_working_directory": {"directory": "/"}}]

    assert "PREFECT__FLOW_ENTRYPOINT" not in prepared(CampaignJob(), pull_steps=pull).env


class StandIn:
    """Says which engine it was asked for."""

    def command(self, *, first: bool) -> str:
        return "full" if first else "light"


@pytest.mark.parametrize(
    ("said", "tag", "woken", "warm", "command"),
    [
        (None, "campaign", 0, True, "full"),
        (None, "campaign", 1, True, "light"),
        (None, "standing", 0, True, "light"),
        ("python -m prefect.engine", "campaign", 1, True, "light"),
        ("nice python -m prefect.engine", "campaign", 1, True, "nice python -m prefect.engine"),
        (None, "campaign", 1, False, COLD),
    ],
    ids=["a first run", "a wake", "a standing duty", "as deployed before", "a command of one's own", "warm = false"],
)
def test_where_a_run_starts(
    said: str | None, tag: str, woken: int, warm: bool, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[str | None] = []

    async def run(self: object, flow_run: FlowRun, configuration: ProcessJobConfiguration, task_status: object) -> None:
        started.append(configuration.command)

    monkeypatch.setattr(ProcessWorker, "run", run)
    monkeypatch.setattr("presscheck.worker.kind.Warmth", lambda folder: StandIn())
    monkeypatch.setenv("PRESSCHECK_HOME", str(tmp_path))
    monkeypatch.setenv("PRESSCHECK_WARM", str(warm))
    job = prepared(CampaignJob(command=said), pull_steps=[])

    worker = CampaignWorker(work_pool_name="presscheck")
    asyncio.run(worker.run(FlowRun(flow_id=FLOW, run_count=woken, tags=[tag]), job))

    assert started == [command]


def test_there_is_no_engine_where_its_means_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("presscheck.worker.kind.Warmth", lambda folder: pytest.fail("an engine was made"))
    monkeypatch.setenv("PRESSCHECK_HOME", str(tmp_path))

    CampaignWorker(work_pool_name="presscheck")

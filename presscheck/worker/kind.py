"""The kind of worker that Prefect knows as `presscheck`: its process worker, warm, and woken by the door."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from presscheck.settings import Settings
from presscheck.worker.ringing import Ringing
from presscheck.worker.warmth import COLD, Warmth

if TYPE_CHECKING:
    from uuid import UUID

    from anyio.abc import TaskStatus
    from prefect.client.schemas.objects import FlowRun


class CampaignJob(ProcessJobConfiguration):
    """A deployment of ours needs to say nothing of how its process is started."""

    def prepare_for_flow_run(self, flow_run: "FlowRun", deployment: Any = None, *more: Any, **named: Any) -> None:
        """Fill in what the deployment file leaves out."""
        # Named outright, Prefect starts the process at once and does not first start another that finds out how.
        self.command = self.command or COLD
        self.working_dir = self.working_dir or Path.cwd()
        if deployment is not None and deployment.entrypoint and not deployment.pull_steps:
            # Spares the process from asking the server where the code is.
            self.env.setdefault("PREFECT__FLOW_ENTRYPOINT", deployment.entrypoint)
        super().prepare_for_flow_run(flow_run, deployment, *more, **named)


class CampaignWorker(ProcessWorker):
    """Starts runs in a warm engine, and looks for them at once when the door rings."""

    job_configuration = CampaignJob

    @classmethod
    def __dispatch_key__(cls) -> str:
        # A kind of worker of our own, for pools of Prefect's kind: a pool's cannot be changed, and those that were
        # made before serve as they are.
        return "presscheck"

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        settings = Settings.read(Path(os.environ.get("PRESSCHECK_PROJECT", ".")), os.environ)
        # What it stands on is Linux's: who is at the other end of a socket, and dying with a parent.
        self._warmth = Warmth(settings.home / "engine") if settings.warm and sys.platform == "linux" else None
        self._ringing = Ringing(settings.home)
        self._looking = asyncio.Lock()
        self._beside: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._beside.append(asyncio.create_task(self._ringing.listen(self.get_and_submit_flow_runs)))
        if self._warmth is not None:
            self._beside.append(asyncio.create_task(self._warmth.keep()))
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await super().__aexit__(*exc_info)

    async def get_and_submit_flow_runs(self) -> "list[FlowRun]":
        """As Prefect's, one look after the other: the door's ring and the usual poll may come together."""
        async with self._looking:
            return await super().get_and_submit_flow_runs()

    async def _propose_submitting_state(self, flow_run: "FlowRun") -> None:
        """Left out: it is Pending under another name, and the run waits for the server to write it down."""

    async def _give_worker_labels_to_flow_run(self, flow_run_id: "UUID") -> None:
        """Left out: which worker and pool it was is shown nowhere, and the run waits for it to be written down."""

    async def run(
        self,
        flow_run: "FlowRun",
        configuration: ProcessJobConfiguration,
        task_status: "TaskStatus[int] | None" = None,
    ) -> ProcessWorkerResult:
        """As Prefect's, in the warm engine where there is one and the deployment names no command of its own."""
        if self._warmth is not None and configuration.command in (COLD, "python -m prefect.engine"):
            # A standing duty needs little, and one every five minutes would keep the second stage's memory for good.
            first = flow_run.run_count == 0 and "campaign" in flow_run.tags
            configuration.command = self._warmth.command(first=first)
        return await super().run(flow_run, configuration, task_status)

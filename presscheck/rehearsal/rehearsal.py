"""A rehearsal: a stage, on which campaigns are started."""

from typing import TYPE_CHECKING, Any

from presscheck.rehearsal.run import RehearsedRun
from presscheck.rehearsal.stage import Stage

if TYPE_CHECKING:
    from prefect import Flow


class Rehearsal(Stage):
    """One project with a ledger of its own, a press that carries out, and a clock that can be put forward."""

    def start(self, campaign: "Flow[..., Any]", **parameters: Any) -> RehearsedRun:
        """Run the campaign until it waits for a person, or ends."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            flow = client.create_flow(campaign)
            deployment = client.create_deployment(flow_id=flow, name="rehearsal")
            begun = client.create_flow_run_from_deployment(deployment, parameters=parameters)
        run = RehearsedRun(self, campaign, begun)
        run.go_on()
        return run

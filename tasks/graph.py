"""The picture of a run in Prefect's graph: one node a step, however often the flow woke.

A picture only: the ledger decides. Prefect draws an edge where a task takes a value that it has
linked to another task run; a step whose result comes out of the ledger calls no task, so its value
is linked here to the task run that made it first.
"""

from typing import Any
from uuid import UUID, uuid5

from prefect import State, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import Constant, FlowRunResult, Parameter, RunType, StateDetails, TaskRunResult
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Completed
from prefect.utilities.engine import get_state_for_result, link_state_to_task_run_result

from tasks.holding import this_run
from tasks.telling import told


def link(value: Any, node: UUID) -> None:
    """Say that `value` came out of the task run `node`, so that edges start there."""
    details = StateDetails(task_run_id=node, flow_run_id=UUID(this_run()))
    link_state_to_task_run_result(Completed(state_details=details), value)


def runs_behind(*values: Any) -> list[TaskRunResult | FlowRunResult | Parameter | Constant]:
    """The task runs that these values came out of, each once."""
    found: dict[UUID, TaskRunResult | FlowRunResult | Parameter | Constant] = {}
    for value in values:
        linked = get_state_for_result(value)
        if linked is not None and linked[1] == RunType.TASK_RUN and linked[0].state_details.task_run_id:
            node = linked[0].state_details.task_run_id
            found[node] = TaskRunResult(id=node)
    return list(found.values())


class Node:
    """A task run made by hand, for what Prefect cannot run as a task: waiting.

    The same key in the same run is the same node again, in every process.
    """

    def __init__(self, key: str, name: str, *, after: tuple[Any, ...], waiting: State) -> None:
        self._key = key
        self._name = name
        self._after = after
        self._waiting = waiting
        # Known without asking: a wake finds what was drawn before the run slept. Drawing it again would read before it
        # writes, which Prefect's server on SQLite refuses now and then, and its client repeats after two seconds.
        self.id = uuid5(UUID(this_run()), key)

    def draw(self) -> None:
        """Let it be in the graph, as it waits; one that is there already stays as it is."""
        with get_client(sync_client=True) as client:
            drawn = client.create_task_run(
                task=_by_hand,
                flow_run_id=UUID(this_run()),
                dynamic_key=self._key,
                id=self.id,
                name=self._name,
                state=self._waiting,
                task_inputs={"after": runs_behind(*self._after)},
            )
        # An earlier version of ours drew it under an id that Prefect gave it.
        self.id = drawn.id

    def show(self, state: State) -> None:
        """Let the node stand in this state; its message names nobody."""
        state = state.model_copy(update={"message": told(state.message) if state.message else None})
        with get_client(sync_client=True) as client:
            try:
                client.set_task_run_state(self.id, state, force=True)
            except PrefectHTTPStatusError as error:
                if error.response.status_code != 404:
                    raise
                self.draw()
                client.set_task_run_state(self.id, state, force=True)


@task(name="by hand")
def _by_hand() -> None:
    """Never called: Prefect asks for a task to hang a task run on."""

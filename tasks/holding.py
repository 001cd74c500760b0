"""A campaign that may not go on is held: Failed, named Held, with the reason in its state."""

import inspect
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import ParamSpec

from prefect import State
from prefect.context import FlowRunContext, TaskRunContext
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from presscheck.documents.own_code import place_of
from presscheck.errors import PresscheckError
from presscheck.ledger.campaigns import end_campaign
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.telling import told
from tasks.way import from_the_top
from tasks.written import PLAIN, refuse_body

P = ParamSpec("P")


class Hold(PresscheckError):
    """The campaign may not go on; `str()` is the reason, fit for a marketer."""


class Mistake(Hold):
    """What the flow's author wrote cannot be; it is told with file, line and words of the flow's own code."""


def require_sleep(call: str) -> None:
    """Go on where the run can sleep until people answer; Hold elsewhere. `call` is what is about to be done.

    Prefect refuses only when it is asked to suspend. By then a question would stand open in the ledger that no run
    waits for, after drafts that cost money. So whatever leads to a question asks here before anything else.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow is None:
        raise Hold(f"{call} is called in the body of a flow, in its own thread; nothing was done")
    if TaskRunContext.get() is not None:
        raise Hold(
            f"{call} was called in a task, and Prefect can put no task to sleep until people answer. Call it in the "
            "flow's own body; nobody was asked anything"
        )
    if context.flow_run.parent_task_run_id is not None:
        raise Hold(
            f"{call} was called in a flow that another flow called, and Prefect can put no subflow to sleep until "
            f"people answer. Give {context.flow.name} a deployment of its own; nobody was asked anything"
        )
    if context.flow.isasync:
        raise Hold(f"{call} was called in an async flow; {PLAIN}. Nobody was asked anything")
    if context.flow_run.deployment_id is None:
        raise Hold(
            f"{context.flow.name} was started by hand, and Prefect can put only runs of a deployment to sleep until "
            "people answer. Nothing was made, and nobody was asked anything. Start `presscheck up`, and then "
            f"`presscheck run {context.flow.name}`; a test of it uses presscheck.rehearsal"
        )


def this_run() -> str:
    """The flow run's id as Prefect gave it to this process.

    Not `prefect.runtime`, which environment variables override, and never a parameter.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("a campaign's steps are called from the body of a flow run")
    return str(context.flow_run.id)


def hold_on_fault(campaign: Callable[P, State]) -> Callable[P, State]:
    """Wrap a flow's body: whatever Presscheck raises on purpose ends the run as Held, without a traceback.

    Put it under `@flow`; CodeError where it stands over anything but a plain function. What the body itself raises
    is a fault of the program: Prefect keeps its traceback and the run is Failed. In both cases nothing was published.
    """
    refuse_body(campaign)

    @wraps(campaign)
    def body(*args: P.args, **kwargs: P.kwargs) -> State:
        try:
            with from_the_top():
                state = campaign(*args, **kwargs)
            if inspect.iscoroutine(state):
                state.close()
                raise Hold(f"{campaign.__name__} gives a coroutine; {PLAIN}")
            return state
        except PresscheckError as fault:
            return held(fault)

    return body


@stood_in_for_by("held")
def held(fault: PresscheckError) -> State:
    """The state of a campaign that is held, which names nobody; the ledger records it."""
    place = place_of(traceback.extract_tb(fault.__traceback__), Path.cwd()) if isinstance(fault, Mistake) else None
    reason = told(str(fault) if place is None else f"{place}: {fault} (at “{place.words}”)")
    for line in reason.splitlines():
        get_run_logger().error(line)
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        # No campaign was opened, and whoever ran `python flows/x.py` is to read why, and not the way through Prefect.
        sys.excepthook = _reason_alone
    else:
        try:
            _record_ending("held")
        except PresscheckError as unrecorded:
            # The ledger or the settings may be the very thing that is broken; the run is held all the same.
            get_run_logger().error("the ledger could not record that this run was held: %s", told(str(unrecorded)))
    # Whoever called the flow gets the reason as an exception of ours, a flow among them, which is then held for it.
    return Failed(name="Held", message=reason, data=Hold(reason))


def _reason_alone(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's last word on what nobody caught, with exit code 1."""
    if isinstance(error, PresscheckError):
        sys.stderr.write(f"{error}\n")
    else:
        sys.__excepthook__(kind, error, trace)


@stood_in_for_by("ended")
def ended(name: str, message: str) -> State:
    """The state of a campaign that came to its end: Delivered, Rejected, Expired or Withdrawn."""
    message = told(message)
    get_run_logger().info("%s", message)
    _record_ending(name.lower())
    return Completed(name=name, message=message)


def _record_ending(ending: str) -> None:
    with house.ledger().write() as tx:
        end_campaign(tx, this_run(), ending=ending)

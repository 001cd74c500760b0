"""A campaign that may not go on is held: Failed, named Held, with the reason in its state."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from prefect import State
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from presscheck.errors import LedgerError, PresscheckError
from presscheck.ledger.campaigns import end_campaign
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.telling import told

__all__ = ["Hold", "ended", "held", "hold_on_fault", "this_run"]

P = ParamSpec("P")


class Hold(PresscheckError):
    """The campaign may not go on; `str()` is the reason, fit for a marketer."""


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

    Put it under `@flow`. Anything else that is raised is a fault of the program: Prefect keeps its
    traceback and the run is Failed. In both cases nothing was published.
    """

    @wraps(campaign)
    def body(*args: P.args, **kwargs: P.kwargs) -> State:
        try:
            return campaign(*args, **kwargs)
        except PresscheckError as fault:
            return held(str(fault))

    return body


@stood_in_for_by("held")
def held(reason: str) -> State:
    """The state of a campaign that is held, which names nobody; the ledger records it."""
    reason = told(reason)
    for line in reason.splitlines():
        get_run_logger().error(line)
    try:
        _record_ending("held")
    except LedgerError as fault:
        # The ledger may be the very thing that is broken; the run is held all the same.
        get_run_logger().error("the ledger could not record that this run was held: %s", told(str(fault)))
    return Failed(name="Held", message=reason)


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

"""A campaign sleeps for a while, through every restart: the moment at which it goes on is in the ledger.

    wait("24h")          # then the run goes on from here, not before

It starts when the run first comes to it. Another duration in the code does not move a timer that runs already.
"""

import re
from datetime import timedelta
from uuid import uuid4

from prefect.flow_runs import suspend_flow_run
from prefect.states import Completed, Paused

from presscheck.ledger.reviews import mark_read, read_marks
from presscheck.ledger.timers import find_timer, set_timer, timer_id
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.graph import Node
from tasks.holding import Hold, Mistake, require_sleep, this_run
from tasks.order import came_to, times

LONGEST = timedelta(days=90)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LASTS = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_MOST_TRIES = 10


@stood_in_for_by("wait")
def wait(lasts: str, *, name: str = "") -> None:
    """Sleep for so long: `90m`, `24h`, `3d`, at most 90 days. `name` is what the graph and the ledger call it.

    Hold for what is no duration, and where the run cannot sleep.
    """
    require_sleep("wait")
    span = span_of(lasts)
    called = name or lasts
    nth = times(f"wait {called}")
    called = called if nth == 1 else f"{called}-{nth}"
    run = this_run()
    place = came_to(f"wait {called}", run=run)
    with house.ledger().read() as tx:
        until = find_timer(tx, run, called)
    if until is None:
        with house.ledger().write() as tx:
            until = set_timer(tx, run, called, lasts=span, place=place or 0)
    node = Node(f"wait-{called}", f"wait {called}", after=(), waiting=Paused(name=f"Until {until:%Y-%m-%d %H:%M} UTC"))
    for _ in range(_MOST_TRIES):
        with house.ledger().read() as tx:
            over, known = tx.now >= until, timer_id(run, called) in read_marks(tx, run)
        if over:
            if not known:
                node.show(Completed(name="Over"))
                with house.ledger().write() as tx:
                    mark_read(tx, run, timer_id(run, called))
            return
        node.draw()
        # A key that was never used: a wake proves nothing, the ledger's clock does.
        suspend_flow_run(key=f"wait-{uuid4().hex}", timeout=None)
    raise Hold(f"wait {called}: Prefect would not let the run sleep until its time; see who changes its store")


def span_of(lasts: str) -> timedelta:
    """How long that is. Mistake, with what to write, for what is no duration, and for one that is too long."""
    found = _LASTS.fullmatch(lasts) if isinstance(lasts, str) else None
    if found is None:
        raise Mistake(f"wait({lasts!r}): that is no time; write minutes, hours or days, such as 90m, 24h, 3d")
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if span > LONGEST:
        raise Mistake(
            f"wait({lasts!r}): a run sleeps {LONGEST.days} days at most, because prices, claims and rights change "
            "meanwhile; start a new run then, with a schedule"
        )
    return span

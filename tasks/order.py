"""The order in which a flow's body comes to its steps, gates and timers is the same at every wake, or the run is held.

    place = came_to("gate copy/1", run=run)      # 3; Hold: "at place 3 it came to gate copy, and now it comes to ..."

A flow starts again from the top, perhaps with newer code. Results are found by their names and inputs, so a step that
was renamed, or is given something else, would be made a second time in silence. What a run has come to is in the
ledger, by its place; a body that comes to something else there was edited since, and nothing more is made or asked.
"""

from prefect.context import TaskRunContext

from presscheck.ledger import Reader
from presscheck.ledger.steps import way_so_far
from tasks import house
from tasks.holding import Mistake
from tasks.way import WAY


def came_to(what: str, *, run: str, also: tuple[str, ...] = ()) -> int | None:
    """The place of what the run's body has come to, from 1; None in a task, where there is no order.

    `also` are names that it may have had. Hold where the run came to something else there before, and where the body
    caught a Hold and went on: what was held would be tried anew at each wake.
    """
    way = WAY.get()
    if way is None or TaskRunContext.get() is not None:
        return None
    if way.held_at:
        raise Mistake(
            f"the run was held at {_said(way.held_at)}, and its body went on to {_said(what)}; let no except catch a "
            "Hold. Nothing more was done"
        )
    if way.before is None:
        with house.ledger().read() as tx:
            way.before = way_so_far(tx, run)
    way.place += 1
    before = way.before.get(way.place)
    if before is not None and before not in (what, *also):
        hold_here(what)
        raise Mistake(_edited(way.place, before, what))
    return way.place


def hold_here(what: str) -> None:
    """The run is held at this: its body comes to nothing more in this process."""
    way = WAY.get()
    if way is not None and TaskRunContext.get() is None:
        way.held_at = what


def refuse_edited(tx: Reader, place: int | None, what: str, *, run: str, also: tuple[str, ...] = ()) -> None:
    """Hold where another process of this run came to something else at this place since; asked in the write itself.

    Somebody may have edited the code while a process of the run was at work, and woken the run beside it.
    """
    before = None if place is None else way_so_far(tx, run).get(place)
    if place is not None and before is not None and before not in (what, *also):
        raise Mistake(_edited(place, before, what))


def times(what: str) -> int:
    """How often the body has come to this, this time included. Hold outside of a campaign's body."""
    way = WAY.get()
    if way is None or TaskRunContext.get() is not None:
        raise Mistake(f"{what} is called in the body of a campaign, under @campaign or @hold_on_fault")
    way.times[what] += 1
    return way.times[what]


def _edited(place: int, before: str, now: str) -> str:
    (kind, was), (other, comes) = before.split(" ", 1), now.split(" ", 1)
    if kind == other == "step" and was.rpartition("/")[0] == comes.rpartition("/")[0]:
        told = f"step {was.partition('/')[0]} is given something else than when it was made in this run"
        return f"{told} (place {place} of the flow). It is not made again: put the code back, or start a new run"
    told = (
        f"the flow was edited while this run slept: at place {place} it came to {_said(before)}, and now it comes to "
    )
    renamed = ""
    if kind == other == "step" and was.partition("/")[2] == comes.partition("/")[2]:
        renamed = f' Where it was only renamed, write @step(was="{was.partition("/")[0]}").'
    return (
        f"{told}{_said(now)}. Nothing was made or asked again: put the code back, or start a new run.{renamed} What a "
        "run has not come to yet may be edited"
    )


def _said(what: str) -> str:
    """`step draft, round 2` of `step draft/2//ab12`."""
    kind, _, rest = what.partition(" ")
    name, *parts = rest.split("/")
    round = f", round {parts[0]}" if parts and parts[0] not in ("", "1") else ""
    return f"{kind} {name}{round}"

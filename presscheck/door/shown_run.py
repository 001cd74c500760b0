"""A run as Prefect's pages show it, with what was paused, recalled or brought back of it in its state, or until when it
sleeps.

Prefect's state says what the flow came to, and stays what it is: nothing is written there, so nothing has to be kept
in step and no worker can take it away. What somebody stopped, and which timer a run waits for, is read from the ledger
each time a run is shown.
"""

from collections.abc import Sequence
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk.stops import Stop, any_stops, stops_of_runs
from presscheck.door.asleep import Sleep
from presscheck.door.doorway import Doorway
from presscheck.door.prefect_behind import is_run

_ADDED = {"paused": "paused", "recalled": "recalled", "reverted": "version brought back"}


async def shown_runs(door: Doorway, request: Request, person: str, body: Any = None) -> Response | None:
    """Prefect's answer to a question about one run or a list of them; None where nothing has to be said in it."""
    if not await run_in_threadpool(_anything, door):
        return None
    answer = await door.prefect.asked_by(person, request, body)
    if isinstance(answer, Response):
        return answer
    status, found = answer
    return JSONResponse(await run_in_threadpool(_marked, door, found), status_code=status)


def _anything(door: Doorway) -> bool:
    with door.ledger.read() as tx:
        return any_stops(tx) or bool(door.asleep.runs(tx))


def _marked(door: Doorway, answer: Any) -> Any:
    """The answer, each run in it marked where something is to be said of it."""
    with door.ledger.read() as tx:
        known = [run for run in _runs_in(answer) if is_run(str(run.get("id")))]
        stops = stops_of_runs(tx, [str(run["id"]) for run in known])
        asleep = door.asleep.runs(tx)
    for run in known:
        _mark(run, stops.get(str(run["id"]), ()), asleep.get(str(run["id"])))
    return answer


def _runs_in(answer: object) -> list[dict[str, Any]]:
    """The runs of an answer: one, a list, or a page of them."""
    listed: object = answer
    if isinstance(answer, dict):
        one = cast(dict[str, object], answer)
        listed = one.get("results", [one])
    found = cast(list[object], listed) if isinstance(listed, list) else []
    return [cast(dict[str, Any], run) for run in found if isinstance(run, dict)]


def _mark(run: dict[str, Any], stops: Sequence[Stop], sleep: Sleep | None) -> None:
    state = run.get("state")
    if not isinstance(state, dict):
        return
    known = cast(dict[str, Any], state)
    names, words = [_ADDED[stop.kind] for stop in stops], [stop.told for stop in stops]
    # A run that was cancelled, or is on its way, sleeps no more, whatever its timer says.
    if sleep is not None and known.get("type") == "PAUSED":
        names.append(f"sleeps until {sleep.moment}")
        words.append(sleep.words)
    if not names:
        return
    known["name"] = run["state_name"] = " · ".join(dict.fromkeys([str(known.get("name") or ""), *names]))
    known["message"] = " ".join([*words, str(known.get("message") or "")]).strip()

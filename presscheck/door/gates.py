"""What Prefect's UI asks for and never gets from Prefect: resuming, setting states, starting runs.

A resume is an application: it goes to the desk, and its answer goes back to the still open form. A
state is set only to cancel (which withdraws the review) or to retry what has ended, for engineers. A
run is started with nothing but parameters, a name and a time, and who started it is written down.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk.records import already_decided
from presscheck.door.answers import BadBody, json_body, no
from presscheck.door.doorway import Doorway
from presscheck.door.plain import Evaluates, plain
from presscheck.door.prefect_behind import FINISHED
from presscheck.errors import DoorError, LedgerError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.campaigns import record_start
from presscheck.ledger.reviews import find_review, open_reviews, reviews_of_run
from presscheck.models import Approval, Decision, Refused, Review
from presscheck.people.sessions import Session

RUNNERS = ("engineer", "scheduler")
"""Roles that may start runs."""

# Seconds between tries while Prefect's database is locked.
_PAUSES = (0.3, 0.6, 1.2, 2.4)


# ---------------------------------------------------------------- answering


async def resume(door: Doorway, request: Request, session: Session, run: str) -> Response:
    """Judge what was typed into Prefect's form; Prefect itself never sees it."""
    try:
        body = await json_body(request)
        given = body.get("run_input")
        raw = plain({} if given is None else given)
    except (BadBody, Evaluates) as error:
        return await _unreadable(door, run, session, f"{error}. Nothing was decided.")
    if not isinstance(raw, dict):
        return await _unreadable(door, run, session, "The form's content is not a form. Nothing was decided.")
    try:
        if unsettled := await door.starts.settle(session, run=run):
            return _rejected(unsettled.reason)
        answer = await run_in_threadpool(_apply, door, run, session, cast(dict[str, Any], raw))
    except LedgerError as error:
        return _rejected(f"The ledger could not take the answer, and nothing was recorded: {error}")
    if isinstance(answer, Refused):
        return _rejected(answer.reason)
    if isinstance(answer, Approval) and (others := await run_in_threadpool(_still_needed, door, answer.review)):
        # One yes of several wakes nobody. Of an accepted answer Prefect's page says no more than that the run was
        # resumed; of one that is to wait it shows the reason.
        told = f"Your yes is on record, and the run waits for others. {others}"
        details = {"type": "wait_details", "delay_seconds": 0, "reason": told}
        return JSONResponse({"state": None, "status": "WAIT", "details": details})
    door.bell.ring_soon()
    return JSONResponse({"state": _waking(), "status": "ACCEPT", "details": {"type": "accept_details"}})


async def _unreadable(door: Doorway, run: str, session: Session, reason: str) -> Response:
    try:
        tired = await run_in_threadpool(_turn_away, door, run, session.person)
    except LedgerError as error:
        return _rejected(f"{reason} The ledger could not take it down: {error}")
    return _rejected(tired.reason if tired else reason)


def _turn_away(door: Doorway, run: str, person: str) -> Refused | None:
    with door.ledger.read() as tx:
        waiting = open_reviews(tx, run=run)
    # A run that asks nothing is whatever id somebody types: nothing was refused, and nothing is kept.
    return door.desk.turn_away(waiting[-1], person=person, code="unreadable-form") if waiting else None


def _apply(door: Doorway, run: str, session: Session, raw: Mapping[str, Any]) -> Decision | Approval | Refused:
    with door.ledger.read() as tx:
        waiting = open_reviews(tx, run=run)
        if not waiting:
            return _nothing_open(tx, run)
    return door.desk.apply(waiting[-1].id, person=session.person, raw=raw, proved_at=session.proved_at)


def _still_needed(door: Doorway, review_id: str) -> str:
    """Who is asked next, in a sentence or two; empty where nobody is any more."""
    with door.ledger.read() as tx:
        review = find_review(tx, review_id)
        return "" if review is None else door.desk.still_needed(tx, review)


def _nothing_open(tx: Reader, run: str) -> Refused:
    asked = reviews_of_run(tx, run)
    if not asked:
        return Refused(reason="This run has asked nothing yet; there is nothing to answer.", code="no-review")
    over = already_decided(tx, asked[-1].id)
    said = "Nothing waits for an answer now." if over is None else over.reason
    return Refused(reason=f"{said} The run goes on by itself; there is nothing to answer.", code="already-decided")


def _rejected(reason: str) -> Response:
    # Prefect answers a refused resume with 200 and this; its page shows the reason beside the open form.
    return JSONResponse({"state": None, "status": "REJECT", "details": {"type": "reject_details", "reason": reason}})


def _waking() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"type": "SCHEDULED", "name": "Resuming", "timestamp": now, "state_details": {"scheduled_time": now}}


# ---------------------------------------------------------------- cancelling and retrying


async def set_state(door: Doorway, request: Request, session: Session, run: str) -> Response:
    """Cancel or retry, for engineers; whatever else was asked for is refused and recorded."""
    wanted = (await json_body(request)).get("state")
    asked = cast(dict[str, Any], wanted) if isinstance(wanted, dict) else {}
    kind, name = str(asked.get("type", "")), str(asked.get("name") or "")
    if "engineer" not in session.rights.roles:
        return await _state_refused(door, request, session, "only an engineer may cancel or retry a run")
    if kind in ("CANCELLING", "CANCELLED"):
        return await _cancel(door, session, run, kind)
    if kind == "SCHEDULED" and name in ("AwaitingRetry", "Scheduled", ""):
        return await _retry(door, request, session, run)
    return await _state_refused(
        door, request, session, "a state cannot be set by hand: it would say what did not happen"
    )


async def _cancel(door: Doorway, session: Session, run: str, kind: str) -> Response:
    await run_in_threadpool(_withdraw, door, run, session.person)
    name = kind.capitalize()
    answer = await _pass(door, run, kind, name, "Cancelled at the door.")
    # The flow may have asked between the first look and the cancelling; nobody is to wait for that answer.
    await run_in_threadpool(_withdraw, door, run, session.person)
    return answer


def _withdraw(door: Doorway, run: str, person: str) -> None:
    with door.ledger.write() as tx:
        if not tx.events(EventKind.RUN_CANCELLED, subject=run, run=run):
            tx.append(EventKind.RUN_CANCELLED, run, {"person": person}, run=run)
        waiting: list[Review] = open_reviews(tx, run=run)
    for review in waiting:
        # A refusal here means that somebody answered in the same moment: their answer stands.
        door.desk.withdraw(review.id, person=person)


async def _retry(door: Doorway, request: Request, session: Session, run: str) -> Response:
    try:
        state = await door.prefect.state_of(run)
    except DoorError as error:
        return no(503, str(error), "Try again in a moment.")
    if state is None:
        return no(404, "there is no such run")
    if state.get("type") not in FINISHED:
        return await _state_refused(door, request, session, "only a run that has ended can be retried")
    try:
        # Who has a run go again set it going, as whoever started it did.
        await run_in_threadpool(_record_retry, door, run, session.person)
    except LedgerError as error:
        return no(503, f"nothing was retried, because the ledger could not take it down: {error}", "Try again.")
    return await _pass(door, run, "SCHEDULED", "AwaitingRetry", "Retried at the door.")


def _record_retry(door: Doorway, run: str, person: str) -> None:
    with door.ledger.write() as tx:
        tx.append(EventKind.RUN_RETRIED, run, {"person": person}, run=run)


async def _pass(door: Doorway, run: str, kind: str, name: str, message: str) -> Response:
    try:
        answer = await door.prefect.set_state(run, kind, name, message)
    except DoorError as error:
        return no(503, str(error), "Try again in a moment.")
    return JSONResponse(answer.body, status_code=answer.status)


async def _state_refused(door: Doorway, request: Request, session: Session, reason: str) -> Response:
    await door.forbidden.record(session.person, request.method, request.url.path, reason)
    return no(403, reason, "Reviewers answer by Resume; the ledger decides what happens then.")


# ---------------------------------------------------------------- starting


async def start(door: Doorway, request: Request, session: Session, deployment: str) -> Response:
    """Start a run as Prefect's UI asks for it, with what may be asked for and nothing else."""
    if not set(RUNNERS) & set(session.rights.roles):
        reason = "only an engineer or a scheduler may start a run"
        await door.forbidden.record(session.person, request.method, request.url.path, reason)
        return no(403, reason, "Ask one, or ask an administrator for the role.")
    return await start_run(door, session, deployment, await json_body(request))


async def start_run(
    door: Doorway,
    session: Session,
    deployment: str,
    asked: Mapping[str, Any],
    *,
    shown: Callable[[Mapping[str, Any]], Response] | None = None,
) -> Response:
    """Create the run, write down who started it, and only then answer (with `shown` of the run, if given)."""
    try:
        wanted = _wanted(asked)
    except Evaluates as error:
        return no(422, str(error))
    if not await door.prefect.is_there():
        # Before anything is written down: who has a start under way decides nothing until Prefect has told of it.
        return door.prefect.unreachable()
    try:
        key = await run_in_threadpool(door.starts.intend, session.person)
    except LedgerError as error:
        return no(503, f"nothing was started, because the ledger could not take it down: {error}", "Try again.")
    try:
        status, made = await _create_run(door, deployment, wanted, key)
        if status not in (200, 201) or not isinstance(made, dict):
            if status < 500:
                await run_in_threadpool(door.starts.nothing, key)
            return _not_started(status, made, ours=shown is not None)
        run = cast(dict[str, Any], made)
        campaign = await _flow_name(door, str(run["flow_id"]))
    except DoorError as error:
        return no(503, str(error), "Try again in a moment.")
    try:
        await run_in_threadpool(_record_start, door, str(run["id"]), session.person, campaign, key, deployment)
    except LedgerError as error:
        # Without the record the starter could approve what they started: such a run must not go on.
        await door.prefect.set_state(str(run["id"]), "CANCELLED", "Cancelled", "Its start could not be recorded.")
        return no(503, f"the run was cancelled, because its start could not be recorded: {error}", "Start it again.")
    door.prefect.ring()
    return JSONResponse(run, status_code=status) if shown is None else shown(run)


async def _create_run(door: Doorway, deployment: str, wanted: dict[str, Any], key: str) -> tuple[int, Any]:
    """Prefect's answer to one start, asked again while its database is busy; the key makes it one run."""
    keyed = {**wanted, "idempotency_key": key}
    for pause in _PAUSES:
        status, made = await door.prefect.ask("POST", f"/api/deployments/{deployment}/create_flow_run", keyed)
        if status != 503:
            break
        await asyncio.sleep(pause)
    else:
        status, made = await door.prefect.ask("POST", f"/api/deployments/{deployment}/create_flow_run", keyed)
    return status, made


def _not_started(status: int, said: Any, *, ours: bool) -> Response:
    """Why Prefect made no run: to its own page in its own words, to everybody else in ours."""
    if not ours:
        return JSONResponse(said or {"error": f"Prefect answered {status}"}, status_code=status)
    if status >= 500:
        # Its database was busy, as a rule.
        return no(503, f"nothing was started: Prefect's server answered {status}", "Try again in a moment.")
    detail = cast(dict[str, Any], said).get("detail") if isinstance(said, dict) else None
    why = f": {str(detail)[:500]}" if detail else ""
    return no(422, f"nothing was started: Prefect's server answered {status}{why}", "Correct the parameters.")


def _record_start(door: Doorway, run: str, person: str, campaign: str, key: str, deployment: str) -> None:
    with door.ledger.write() as tx:
        record_start(tx, run, person=person, campaign=campaign, key=key, deployment=deployment)


def _wanted(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A fresh body: no policy, no pause keys, no job variables, no idempotency key, no state but Scheduled."""
    parameters = plain(asked.get("parameters") or {})
    name, tags = asked.get("name"), asked.get("tags")
    wanted: dict[str, Any] = {"parameters": parameters, "state": _scheduled(asked.get("state"))}
    if isinstance(name, str) and name.strip():
        wanted["name"] = name.strip()[:200]
    if isinstance(tags, list):
        wanted["tags"] = [tag[:100] for tag in cast(list[object], tags)[:20] if isinstance(tag, str)]
    return wanted


def _scheduled(state: object) -> dict[str, Any]:
    details = cast(dict[str, Any], state).get("state_details") if isinstance(state, dict) else None
    when = cast(dict[str, Any], details).get("scheduled_time") if isinstance(details, dict) else None
    made: dict[str, Any] = {"type": "SCHEDULED", "name": "Scheduled"}
    if when is not None:
        try:
            moment = datetime.fromisoformat(str(when))
        except ValueError as error:
            raise Evaluates(f"{str(when)[:40]} is no time; write it like 2026-11-30T09:00:00+00:00") from error
        made["state_details"] = {"scheduled_time": moment.isoformat()}
    return made


async def _flow_name(door: Doorway, flow: str) -> str:
    status, found = await door.prefect.ask("GET", f"/api/flows/{flow}")
    return str(cast(dict[str, Any], found).get("name", "")) if status == 200 and isinstance(found, dict) else ""

"""Deployments: what runs comes from files; when it runs, and with what, may be set here, and by whom is written down.

    if is_setting(method, path): return await pass_on(door, request, session, body)

`presscheck.door.allow` says which names a body may have. Here those that say what runs, where and in which
environment are compared with what is deployed: they pass where they say the same, as Prefect's own page sends them
back with every edit. What is set is an event before Prefect hears of it, because whoever set the schedule or the
parameters that a run began with started that run, and another once Prefect has taken it: only then is it no longer
somebody else's. What differs is somebody's; to send back what stands there takes nothing from whoever set it.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from presscheck.door.allow import DEPLOYED
from presscheck.door.answers import no
from presscheck.door.doorway import Doorway
from presscheck.errors import DoorError, LedgerError
from presscheck.ledger.campaigns import PARAMETERS, SCHEDULES, record_setting
from presscheck.people.sessions import Session

_log = logging.getLogger(__name__)

_U = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ALL = "/api/deployments/"
_WAY = re.compile(
    rf"{_ALL}(?P<id>{_U})(?:/(?P<what>pause_deployment|resume_deployment|schedules)(?:/(?P<schedule>{_U}))?)?"
)
_ON = "paused: false"
_QUEUE = frozenset({"work_pool_name", "work_queue_name"})
# One that never comes true (every second of 30 February) is searched for until the year 9999, in the one thread in
# which Prefect answers everybody, and again each time that it schedules.
_NO_RULE = "a recurrence rule is deployed from files; an interval or a cron can be set through the door"
_FILES = (
    "What runs, where and in which environment is deployed from files: change the campaign's file in flows/, or its "
    "entry in deployments/prefect.yaml."
)


@dataclass
class _Change:
    """What a request sets of a deployment, and which switches it turns off."""

    deployment: str
    sets: set[str] = field(default_factory=set[str])
    ends: set[str] = field(default_factory=set[str])

    def switch(self, name: str, on: bool) -> None:
        (self.sets if on else self.ends).add(name)


def is_setting(method: str, path: str) -> bool:
    """Whether a request that may pass sets something of a deployment."""
    return (method == "POST" and path == _ALL) or (method in ("POST", "PATCH") and _WAY.fullmatch(path) is not None)


async def pass_on(door: Doorway, request: Request, session: Session, body: Any) -> Response:
    """Pass on a request that sets something of a deployment, or say why not; who set it is written down."""
    # One after the other: what is compared with what is deployed must still be deployed when Prefect is asked.
    async with door.starts.setting:
        change = await _examined(door, request, session, body)
        if isinstance(change, Response):
            return change
        try:
            if change.sets:
                await run_in_threadpool(_record, door, session, change, done=False)
        except LedgerError as error:
            return no(503, f"nothing was set, because the ledger could not take it down: {error}", "Try again.")
        answer = await door.prefect.pass_on(request, session.person, body=await request.body())
        try:
            # What Prefect refused takes nobody's part from them: neither a switch off nor what somebody set before.
            if answer.status_code < 300 and (change.sets or change.ends):
                await run_in_threadpool(_record, door, session, change, done=True)
        except LedgerError as error:
            _log.error("what was set of deployment %s could not be written down: %s", change.deployment, error)
        return answer


def _record(door: Doorway, session: Session, change: _Change, *, done: bool) -> None:
    with door.ledger.write() as tx:
        record_setting(
            tx, change.deployment, person=session.person, sets=change.sets, ends=change.ends if done else (), done=done
        )


async def _examined(door: Doorway, request: Request, session: Session, body: Any) -> _Change | Response:
    way = _WAY.fullmatch(request.url.path)
    part = way if way is not None and way["what"] is not None else None
    rules = _rules(body.get("schedules") if part is None else body)
    if part is not None and not rules:
        return _of_a_part(part, body)
    whole = cast("dict[str, Any]", body)
    try:
        deployed = await _like(door, whole) if way is None else await _read(door, way["id"])
    except DoorError as error:
        return no(503, str(error), "Try again in a moment.")
    if deployed is None:
        return await _refused(door, request, session, "there is no such deployment; a new one comes from files")
    if not {_plain(rule) for rule in rules} <= {_plain(rule) for rule in _rules(deployed.get("schedules"))}:
        return await _refused(door, request, session, _NO_RULE)
    if part is not None:
        return _of_a_part(part, body)
    if other := [said for name in sorted(DEPLOYED & set(whole)) for said in _differing(name, whole[name], deployed)]:
        return await _refused(door, request, session, f"{', '.join(other[:5])} cannot be set through the door")
    if len(_QUEUE & set(whole)) == 1:
        # Prefect takes a queue alone for one of its default pool, and a pool alone for that pool's first queue.
        return await _refused(door, request, session, "a queue is named with its pool, and a pool with its queue")
    if way is not None:
        return _of_the_whole(way["id"], whole, deployed)
    # Prefect takes a new one that says nothing of parameters for one without any.
    return _of_the_whole(str(deployed["id"]), {"parameters": {}, **whole}, deployed)


def _of_the_whole(deployment: str, body: dict[str, Any], deployed: Mapping[str, Any]) -> _Change:
    change = _Change(deployment)
    if "parameters" in body and _plain(body["parameters"]) != _plain(deployed.get("parameters")):
        change.sets.add(PARAMETERS)
    if body.get("schedules"):
        change.sets.add(SCHEDULES)
    if "paused" in body and body["paused"] != deployed.get("paused"):
        change.switch(_ON, not body["paused"])
    return change


def _of_a_part(way: re.Match[str], body: Any) -> _Change:
    change = _Change(way["id"])
    if way["what"] != "schedules":
        change.switch(_ON, way["what"] == "resume_deployment")
    elif way["schedule"] is None:
        change.sets |= {SCHEDULES} if body else set()
    else:
        if set(body) - {"active"}:
            change.sets.add(SCHEDULES)
        if "active" in body:
            change.switch(f"schedule {way['schedule']}", body["active"])
    return change


def _rules(schedules: Any) -> list[Any]:
    """The times of those of a list of schedules, or of the one, that go by a recurrence rule."""
    found = cast("list[Any]", schedules if isinstance(schedules, list) else [schedules])
    times = [cast("dict[str, Any]", one).get("schedule") for one in found if isinstance(one, dict)]
    return [one for one in times if isinstance(one, dict) and "rrule" in one]


async def _read(door: Doorway, deployment: str) -> Mapping[str, Any] | None:
    status, found = await door.prefect.ask("GET", f"{_ALL}{deployment}")
    if status == 404:
        return None
    if status != 200 or not isinstance(found, dict):
        raise DoorError(f"Prefect's server answered {status} when asked for deployment {deployment}")
    return cast("dict[str, Any]", found)


async def _like(door: Doorway, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The deployment that Prefect would take a new one for: of the same flow, with the same name."""
    wanted = {
        "deployments": {"name": {"any_": [str(body.get("name"))]}},
        "flows": {"id": {"any_": [str(body.get("flow_id"))]}},
        "limit": 1,
    }
    status, found = await door.prefect.ask("POST", f"{_ALL}filter", wanted)
    if status >= 500:
        raise DoorError(f"Prefect's server answered {status} when asked for deployments")
    rows = cast("list[dict[str, Any]]", found) if status == 200 and isinstance(found, list) else []
    return rows[0] if rows else None


def _differing(name: str, given: Any, deployed: Mapping[str, Any]) -> list[str]:
    """The name, or of job variables each, where what is given is not what is deployed."""
    limit = cast("dict[str, Any]", deployed.get("global_concurrency_limit") or {})
    stands = limit.get("id") if name == "global_concurrency_limit_id" else deployed.get(name)
    if _plain(given) == _plain(stands):
        return []
    if name != "job_variables" or not isinstance(given, dict) or not isinstance(stands, dict):
        return [name]
    new, old = cast("dict[str, Any]", given), cast("dict[str, Any]", stands)
    return [f"{name}.{one[:40]}" for one in sorted(set(new) | set(old)) if _one(new, one) != _one(old, one)]


def _one(variables: Mapping[str, Any], name: str) -> str:
    return _plain(variables[name]) if name in variables else ""


def _plain(value: Any) -> str:
    # As text, because Python takes true for 1.
    return json.dumps(value, sort_keys=True)


async def _refused(door: Doorway, request: Request, session: Session, reason: str) -> Response:
    await door.forbidden.record(session.person, request.method, request.url.path, reason)
    return no(403, reason, _FILES)

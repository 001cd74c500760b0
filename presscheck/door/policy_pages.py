"""The page about policies: what is in force, what waits for a signature, word for word, and what changed; also as JSON.

GET /policies, POST /policies/sign, GET /-/api/policies, POST /-/api/policies/signature {"set": ..., "before": ...}
"""

from typing import Any

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.desk.changing import Shown
from presscheck.door.answers import json_body, no, refusal
from presscheck.door.asked import person_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.door.policy_state import sign, state_of
from presscheck.door.step_up import step_up_page
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """Page, form and API."""

    return [
        signed_in_route(door, "/policies", "GET", _page),
        signed_in_route(door, "/policies/sign", "POST", _sign_by_form),
        person_route(door, "/policies", "GET", _told),
        person_route(door, "/policies/signature", "POST", _sign),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return _shown(door, session)


def _shown(door: Doorway, session: Session, *, fault: str = "", done: str = "") -> Response:
    with door.ledger.read() as tx:
        name, now = person_name(tx, session.person), tx.now
    state = state_of(door, session)
    status = 409 if fault else 200
    return page("policies.html", status, session=session, fault=fault, done=done, state=state, name=name, now=now)


async def _sign_by_form(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    shown = _shown_of({"set": form.get("set"), "before": form.get("before") or None})
    if shown is None:
        return await run_in_threadpool(_shown, door, session, fault="Read what waits on this page, and sign that.")
    answer = await run_in_threadpool(sign, door, session, shown)
    if isinstance(answer, Refused):
        if answer.code == "step-up":
            return RedirectResponse(step_up_page("/policies"), status_code=303)
        return await run_in_threadpool(_shown, door, session, fault=answer.reason)
    door.bell.ring_soon()
    return await run_in_threadpool(
        _shown, door, session, done=f"You signed set {answer.set[:12]}: it is in force from now on."
    )


def _told(door: Doorway, _request: Request, session: Session) -> Response:
    state = state_of(door, session)
    for change in state["changes"]:
        del change["moment"]
    return JSONResponse(state)


async def _sign(door: Doorway, request: Request, session: Session) -> Response:
    body = await json_body(request)
    shown = _shown_of({"set": body.get("set"), "before": body.get("before")})
    if shown is None:
        return no(422, "set and before are the digests of what was shown", "`presscheck policies pending` shows both.")
    answer = await run_in_threadpool(sign, door, session, shown)
    if isinstance(answer, Refused):
        return refusal(answer, 403 if answer.code in ("no-right", "not-active") else 409)
    door.bell.ring_soon()
    return JSONResponse({"set": answer.set, "role": answer.role}, status_code=201)


def _shown_of(given: dict[str, Any]) -> Shown | None:
    try:
        return Shown.model_validate(given)
    except ValidationError:
        return None

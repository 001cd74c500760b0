"""The door's JSON under /-/api: what the command line and scripts use, with the same rights as the pages.

A write carries the session's token in `X-Presscheck-CSRF` and the door's own Origin.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from inspect import iscoroutinefunction
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door import (
    api_assets,
    api_away,
    api_gaps,
    api_glass,
    api_pausing,
    api_people,
    api_reviews,
    api_rights,
    api_rules,
    api_suppressions,
    gates,
    work,
)
from presscheck.door.answers import BadBody, json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.door.waiting import run_page
from presscheck.errors import DoorError
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

Handler = Callable[[Doorway, Request, Session], Awaitable[Response] | Response]
"""A plain function, which may wait for the ledger, is called in a thread of its own."""


def routes(door: Doorway) -> list[Route]:
    """All routes of the API."""

    def at(path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await as_person(door, request, handler)

        return Route(f"/-/api{path}", endpoint, methods=[method])

    async def health(_request: Request) -> Response:
        return await _health(door)

    async def sign_in(request: Request) -> Response:
        return await _sign_in(door, request)

    async def begin(request: Request) -> Response:
        return await _begin_enrolment(door, request)

    async def enrol(request: Request) -> Response:
        return await _enrol(door, request)

    return [
        Route("/-/api/health", health, methods=["GET"]),
        Route("/-/api/sign-in", sign_in, methods=["POST"]),
        Route("/-/api/enrol/begin", begin, methods=["POST"]),
        Route("/-/api/enrol", enrol, methods=["POST"]),
        at("/sign-out", "POST", _sign_out),
        at("/session", "GET", _session),
        at("/reviews", "GET", api_reviews.several),
        at("/reviews/{review}", "GET", api_reviews.one),
        at("/reviews/{review}/rights", "GET", api_rights.of_review),
        at("/reviews/{review}/decision", "POST", api_reviews.decide),
        at("/images", "GET", api_assets.pictures),
        at("/images", "POST", api_assets.add_picture),
        at("/assets/{digest}/revert", "POST", api_assets.revert),
        at("/glass", "GET", api_glass.listed),
        at("/reviews/{review}/glass", "POST", api_glass.ask),
        at("/glass/{glass}/confirm", "POST", api_glass.confirm),
        at("/glass/{glass}/decline", "POST", api_glass.decline),
        at("/glass/{glass}/review", "POST", api_glass.review),
        at("/pauses", "GET", api_pausing.listed),
        at("/pauses", "POST", api_pausing.stop),
        at("/pauses/lift", "POST", api_pausing.lift),
        at("/deliveries/{delivery}/recall", "GET", api_pausing.recalled),
        at("/deliveries/{delivery}/recall", "POST", api_pausing.recall),
        at("/deliveries/{delivery}/retry", "POST", api_pausing.retry),
        at("/suppressions/lift", "POST", api_suppressions.lift),
        at("/gap", "GET", api_gaps.shown),
        at("/gap", "POST", api_gaps.sign),
        at("/rules", "GET", api_rules.listed),
        at("/rules/{rule}/signature", "POST", api_rules.sign),
        at("/rules/{rule}/signature/end", "POST", api_rules.take_back),
        at("/runs", "POST", _start),
        at("/work", "POST", work.state),
        at("/proposals", "GET", api_people.proposals),
        at("/proposals/{proposal}/confirm", "POST", api_people.confirm),
        at("/proposals/{proposal}/decline", "POST", api_people.decline),
        at("/people", "GET", api_people.listed),
        at("/people", "POST", api_people.invite),
        at("/people/anew", "POST", api_people.anew),
        at("/people/{person}/revoke", "POST", api_people.revoke),
        at("/people/{person}/grants", "POST", api_people.change),
        at("/people/{person}/absent", "POST", api_away.away),
        at("/people/{person}/present", "POST", api_away.back),
        at("/delegations", "GET", api_away.delegations),
        at("/delegations", "POST", api_away.delegate),
        at("/delegations/{delegation}/end", "POST", api_away.end),
    ]


async def as_person(door: Doorway, request: Request, handler: Handler) -> Response:
    """What a handler answers to somebody who is signed in and, for a write, sends the session's token."""
    session = await door.session(request)
    if session is None:
        return no(401, "nobody is signed in, or the session has ended", "`presscheck login` signs you in.")
    if request.method != "GET" and not hmac.compare_digest(
        request.headers.get("x-presscheck-csrf", "").encode(), session.csrf.encode()
    ):
        await door.forbidden.record(session.person, request.method, request.url.path, "the form token is missing")
        return no(403, "the header X-Presscheck-CSRF is missing or not this session's", "Sign in again.")
    try:
        if iscoroutinefunction(handler):
            return await handler(door, request, session)
        return cast(Response, await run_in_threadpool(handler, door, request, session))
    except BadBody as error:
        return no(400, str(error), "Send one JSON object as application/json.")


# ---------------------------------------------------------------- who


async def _health(door: Doorway) -> Response:
    """Whether ledger and Prefect answer; tells nothing else, because anybody may ask."""

    def ledger_answers() -> bool:
        with door.ledger.read() as tx:
            return tx.tip().seq >= 0

    await run_in_threadpool(ledger_answers)
    try:
        status, _ = await door.prefect.ask("GET", "/api/health")
    except DoorError:
        status = 503
    return JSONResponse({"door": "ok", "ledger": "ok", "prefect": "ok" if status == 200 else "away"})


async def _sign_in(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error), 'Send {"email": ..., "password": ..., "code": ...}.')
    given = [body.get(key) for key in ("email", "password", "code")]
    if not all(isinstance(value, str) and len(value) <= 1000 for value in given):
        return no(422, "email, password and code are three texts of at most 1,000 characters", "Send all three.")
    email, password, code = cast(list[str], given)
    signed_in = await door.sign_in(email, password, code)
    if isinstance(signed_in, Refused):
        return no(429 if signed_in.code == "busy" else 403, signed_in.reason)
    response = JSONResponse(await run_in_threadpool(who, door, signed_in.session))
    door.let_in(response, signed_in.token, signed_in.expires_at)
    return response


def _sign_out(door: Doorway, _request: Request, session: Session) -> Response:
    door.accounts.sign_out(session)
    response = JSONResponse({"signed_out": True})
    door.let_out(response)
    return response


def _session(door: Doorway, _request: Request, session: Session) -> Response:
    return JSONResponse(who(door, session))


def who(door: Doorway, session: Session) -> dict[str, Any]:
    """Who is signed in, for themselves; with the token that every write repeats."""
    with door.ledger.read() as tx:
        name = person_name(tx, session.person)
    return {
        "person": session.person,
        "name": name,
        "roles": list(session.rights.roles),
        "csrf": session.csrf,
        "expires_at": timestamp(session.expires_at),
        "way": session.way,
        "fresh_until": timestamp(session.fresh_until),
    }


async def _begin_enrolment(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error))
    texts = {key: str(body.get(key, ""))[:400] for key in ("code", "email", "name")}
    start = await run_in_threadpool(_begin, door, texts)
    if isinstance(start, Refused):
        return refusal(start, 403)
    return JSONResponse(start.__dict__)


def _begin(door: Doorway, texts: Mapping[str, str]) -> Any:
    return door.accounts.begin(texts["code"], email=texts["email"], name=texts["name"])


async def _enrol(door: Doorway, request: Request) -> Response:
    try:
        body = await json_body(request)
    except BadBody as error:
        return no(400, str(error))
    keys = ("code", "sealed", "password", "one_time_code", "email", "name")
    texts = {key: str(body.get(key, ""))[:1000] for key in keys}

    def enrol() -> str | Refused:
        return door.accounts.enrol(
            texts["code"],
            texts["sealed"],
            password=texts["password"],
            code=texts["one_time_code"],
            email=texts["email"],
            name=texts["name"],
        )

    person = await run_in_threadpool(enrol)
    return refusal(person, 403) if isinstance(person, Refused) else JSONResponse({"person": person})


# ---------------------------------------------------------------- runs


async def _start(door: Doorway, request: Request, session: Session) -> Response:
    if not set(gates.RUNNERS) & set(session.rights.roles):
        reason = "only an engineer or a scheduler may start a run"
        await door.forbidden.record(session.person, request.method, request.url.path, reason)
        return no(403, reason, "Ask one, or ask an administrator for the role.")
    body = await json_body(request)
    campaign = str(body.get("campaign", ""))[:120]
    wanted = {"deployments": {"name": {"any_": [campaign]}}, "limit": 2}
    try:
        status, found = await door.prefect.ask("POST", "/api/deployments/filter", wanted)
    except DoorError as error:
        return no(503, str(error), "Try again in a moment, or look at `presscheck doctor`.")
    rows = cast(list[dict[str, Any]], found) if status == 200 and isinstance(found, list) else []
    if len(rows) != 1:
        how_many = "no" if not rows else "more than one"
        advice = "deployments/prefect.yaml names them, and `presscheck up` says when they are registered."
        return no(404, f"there is {how_many} deployment named {campaign!r}", advice)
    if strange := _unknown_parameters(rows[0], body):
        return no(422, *strange)

    def shown(run: Mapping[str, Any]) -> Response:
        page = door.url + run_page(str(run["id"]))
        return JSONResponse({"run": run["id"], "name": run.get("name", ""), "url": page}, status_code=201)

    return await gates.start_run(door, session, str(rows[0]["id"]), body, shown=shown)


def _unknown_parameters(deployment: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, str] | None:
    # Prefect takes any name and the run then crashes without having read a line of the campaign.
    schema = cast(dict[str, Any], deployment.get("parameter_openapi_schema") or {})
    given, known = body.get("parameters"), schema.get("properties")
    if not isinstance(given, dict) or not isinstance(known, dict):
        return None
    strange = sorted(set(cast(dict[str, Any], given)) - set(cast(dict[str, Any], known)))
    if not strange:
        return None
    names = ", ".join(name[:80] for name in strange)
    return (
        f"{deployment['name']} has no parameter {names}",
        f"Its parameters are {', '.join(cast(dict[str, Any], known)) or 'none'}.",
    )

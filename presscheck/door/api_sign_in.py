"""The API's part about coming and going: signing in and out, who one is, enrolling."""

from functools import partial
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door.answers import json_body, no, refusal
from presscheck.door.asked import person_route, who
from presscheck.door.doorway import Doorway
from presscheck.models import Refused
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """The routes, most of them for whoever comes."""
    return [
        Route("/-/api/sign-in", partial(_sign_in, door), methods=["POST"]),
        Route("/-/api/enrol/begin", partial(_begin_enrolment, door), methods=["POST"]),
        Route("/-/api/enrol", partial(_enrol, door), methods=["POST"]),
        person_route(door, "/sign-out", "POST", _sign_out),
        person_route(door, "/session", "GET", _session),
    ]


async def _sign_in(door: Doorway, request: Request) -> Response:
    body = await json_body(request)
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


async def _begin_enrolment(door: Doorway, request: Request) -> Response:
    body = await json_body(request)
    texts = {key: str(body.get(key, ""))[:400] for key in ("code", "email", "name")}
    start = await run_in_threadpool(door.accounts.begin, texts.pop("code"), **texts)
    return refusal(start, 403) if isinstance(start, Refused) else JSONResponse(start.__dict__)


async def _enrol(door: Doorway, request: Request) -> Response:
    body = await json_body(request)
    keys = ("code", "sealed", "password", "one_time_code", "email", "name")
    texts = {key: str(body.get(key, ""))[:1000] for key in keys}
    person = await run_in_threadpool(
        door.accounts.enrol,
        texts["code"],
        texts["sealed"],
        password=texts["password"],
        code=texts["one_time_code"],
        email=texts["email"],
        name=texts["name"],
    )
    return refusal(person, 403) if isinstance(person, Refused) else JSONResponse({"person": person})

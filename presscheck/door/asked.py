"""Who asks at the API, and how they are answered.

    person_route(door, "/reviews", "GET", handler)        # a route under /-/api, for who is signed in
    writing_route(door, "/delegations", writer)           # the same for a POST of one JSON object

A write carries the session's token in `X-Presscheck-CSRF`.
"""

import hmac
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.answers import json_body, no
from presscheck.door.doorway import Doorway
from presscheck.ledger import timestamp
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

Handler = Callable[[Doorway, Request, Session], Awaitable[Response] | Response]
"""A plain function, which may wait for the ledger, is called in a thread of its own."""

Writer = Callable[[Doorway, Request, Session, dict[str, Any]], Response]
"""A plain function that also gets the JSON object that was sent; called in a thread as well."""


def person_route(door: Doorway, path: str, method: str, handler: Handler) -> Route:
    """A route of the API for people who are signed in."""
    return Route(f"/-/api{path}", partial(as_person, door, handler), methods=[method])


def writing_route(door: Doorway, path: str, writer: Writer) -> Route:
    """One that is sent something."""
    return person_route(door, path, "POST", partial(_with_body, writer))


async def _with_body(writer: Writer, door: Doorway, request: Request, session: Session) -> Response:
    return await run_in_threadpool(writer, door, request, session, await json_body(request))


async def answered(handler: Handler, door: Doorway, request: Request, session: Session) -> Response:
    """What a handler answers, of whichever kind it is."""
    if iscoroutinefunction(handler):
        return await handler(door, request, session)
    return cast(Response, await run_in_threadpool(handler, door, request, session))


async def as_person(door: Doorway, handler: Handler, request: Request) -> Response:
    """What a handler answers to somebody who is signed in and, for a write, sends the session's token."""
    session = await door.session(request)
    if session is None:
        return no(401, "nobody is signed in, or the session has ended", "`presscheck login` signs you in.")
    if request.method != "GET" and not hmac.compare_digest(
        request.headers.get("x-presscheck-csrf", "").encode(), session.csrf.encode()
    ):
        await door.forbidden.record(session.person, request.method, request.url.path, "the form token is missing")
        return no(403, "the header X-Presscheck-CSRF is missing or not this session's", "Sign in again.")
    return await answered(handler, door, request, session)


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

"""Passkeys at the door: the page that lists them, and the JSON that its script exchanges with a device."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.answers import json_body, refusal
from presscheck.door.asked import person_route, who, writing_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, safe_next, signed_in_route
from presscheck.models import Refused
from presscheck.people.passkeys import Begun, Passkeys, Site, passkeys_of
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """Page and API; only the page, which says why, where browsers would accept no passkey at the door's address."""
    site = Site.of(door.settings.door_url, door.settings.door_port)
    if site is None:
        return [signed_in_route(door, "/passkeys", "GET", _unavailable)]
    ways = _Ways(Passkeys(door.accounts, site))

    return [
        signed_in_route(door, "/passkeys", "GET", ways.page),
        signed_in_route(door, "/passkeys/remove", "POST", ways.remove_by_form),
        Route("/-/api/sign-in/passkey/begin", ways.begin_sign_in, methods=["POST"]),
        Route("/-/api/sign-in/passkey", partial(ways.sign_in, door), methods=["POST"]),
        person_route(door, "/passkeys", "GET", ways.listed),
        person_route(door, "/passkeys/begin", "POST", ways.begin),
        writing_route(door, "/passkeys", ways.add),
        person_route(door, "/passkeys/{passkey}/remove", "POST", ways.remove),
    ]


class _Ways:
    """The handlers, around one site's passkeys."""

    def __init__(self, passkeys: Passkeys) -> None:
        self.passkeys = passkeys

    def page(self, door: Doorway, request: Request, session: Session) -> Response:
        return self._page(door, request, session, "")

    def _page(self, door: Doorway, request: Request, session: Session, fault: str) -> Response:
        # A browser that came by the machine's number cannot use passkeys; by its name it can.
        elsewhere = "" if request.headers.get("host") == self._host else f"{self.passkeys.site.origin}/passkeys"
        with door.ledger.read() as tx:
            return page(
                "passkeys.html",
                409 if fault else 200,
                session=session,
                fault=fault,
                elsewhere=elsewhere,
                passkeys=passkeys_of(tx, session.person),
                name=person_name(tx, session.person),
                fresh=session.is_fresh(tx.now),
            )

    @property
    def _host(self) -> str:
        return self.passkeys.site.origin.partition("://")[2]

    async def remove_by_form(self, door: Doorway, request: Request, session: Session) -> Response:
        form = await form_of(request)
        if not await is_ours(door, request, session, form):
            return foreign()
        refused = await run_in_threadpool(self.passkeys.remove, session, form.get("passkey", "")[:64])
        if refused is not None and refused.code == "step-up":
            return RedirectResponse("/step-up?next=/passkeys", status_code=303)
        if refused is not None:
            return await run_in_threadpool(self._page, door, request, session, refused.reason)
        return RedirectResponse("/passkeys", status_code=303)

    def listed(self, door: Doorway, _request: Request, session: Session) -> Response:
        with door.ledger.read() as tx:
            return JSONResponse({"passkeys": [dict(one.__dict__) for one in passkeys_of(tx, session.person)]})

    def begin(self, _door: Doorway, _request: Request, session: Session) -> Response:
        begun = self.passkeys.begin_adding(session)
        return refusal(begun, 403) if isinstance(begun, Refused) else as_begun(begun)

    def add(self, _door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
        sealed, answer = given_by_device(body)
        added = self.passkeys.add(session, sealed, answer, name=str(body.get("name", ""))[:200])
        return refusal(added, 403) if isinstance(added, Refused) else JSONResponse({"passkey": added}, 201)

    def remove(self, _door: Doorway, request: Request, session: Session) -> Response:
        refused = self.passkeys.remove(session, str(request.path_params["passkey"]))
        if refused is None:
            return JSONResponse({"done": True})
        return refusal(refused, 404 if refused.code == "unknown-passkey" else 409)

    def begin_sign_in(self, _request: Request) -> Response:
        return as_begun(self.passkeys.begin_sign_in())

    async def sign_in(self, door: Doorway, request: Request) -> Response:
        body = await json_body(request)
        sealed, answer = given_by_device(body)
        signed_in = await run_in_threadpool(self.passkeys.sign_in, sealed, answer)
        if isinstance(signed_in, Refused):
            return refusal(signed_in, 429 if signed_in.code == "busy" else 403)
        told = await run_in_threadpool(who, door, signed_in.session)
        following = body.get("next")
        response = JSONResponse({**told, "next": safe_next(following if isinstance(following, str) else None)})
        door.let_in(response, signed_in.token, signed_in.expires_at)
        return response


def _unavailable(_door: Doorway, _request: Request, _session: Session) -> Response:
    return page(
        "trouble.html",
        404,
        what="Browsers accept passkeys at a name over https only, and this door is reached by a number or without TLS.",
        advice="An engineer can set door_url to the https name that people use.",
    )


def as_begun(begun: Begun) -> Response:
    """What a page's script needs to ask the device."""
    return JSONResponse({"options": begun.options, "sealed": begun.sealed})


def given_by_device(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The sealed challenge and the device's answer out of what a page's script sent."""
    answer = body.get("answer")
    return str(body.get("sealed", ""))[:2000], cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}

"""Step-up at the door: the page where somebody signed in proves again who they are, and the same as JSON.

/step-up?next=/v2/runs/flow-run/... shows every way that this person has: a passkey, password and one-time code,
or the provider asking anew. Each ends with a fresh cookie in place of the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.answers import no, refusal
from presscheck.door.asked import person_route, who, writing_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, safe_next
from presscheck.door.passkeys import as_begun, given_by_device
from presscheck.ledger import Reader
from presscheck.models import Refused
from presscheck.people.accounts import SignedIn
from presscheck.people.credentials import credential_of
from presscheck.people.identities import identities_of
from presscheck.people.passkeys import Passkeys, Site, passkeys_of
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session
from presscheck.people.step_up import step_up


def step_up_page(following: str) -> str:
    """Where to send somebody who has to prove again who they are, and then goes on to `following`."""
    return f"/step-up?next={quote(safe_next(following))}"


@dataclass(frozen=True)
class Ways:
    """How somebody can prove again who they are."""

    password: bool
    passkeys: bool
    provider: str
    """What the provider is called; empty where the person is unknown there."""


def ways_of(tx: Reader, door: Doorway, session: Session) -> Ways:
    """The ways that this person has."""
    oidc = door.settings.sign_in.oidc
    has_site = Site.of(door.settings.door_url, door.settings.door_port) is not None
    return Ways(
        password=credential_of(tx, session.person) is not None,
        passkeys=has_site and bool(passkeys_of(tx, session.person)),
        provider=oidc.label if identities_of(tx, session.person, oidc.issuer) else "",
    )


def proved(door: Doorway, request: Request, session: Session, password: str, code: str) -> SignedIn | Refused:
    """The session made fresh by password and one-time code; its token belongs into the cookie."""
    mark = request.cookies.get(door.mark_cookie, "")[:400]
    return step_up(door.accounts, session, password[:1000], code[:20], mark=mark)


def routes(door: Doorway) -> list[Route]:
    """Page and API; the provider's way is in `door.oidc_pages`."""
    site = Site.of(door.settings.door_url, door.settings.door_port)
    ways = _Ways(door, None if site is None else Passkeys(door.accounts, site))

    found = [
        Route("/step-up", ways.page, methods=["GET"]),
        Route("/step-up", ways.by_form, methods=["POST"]),
        writing_route(door, "/step-up", ways.by_password),
    ]
    if site is not None:
        found += [
            person_route(door, "/step-up/passkey/begin", "POST", ways.begin),
            writing_route(door, "/step-up/passkey", ways.by_passkey),
        ]
    return found


class _Ways:
    """The handlers, around one door."""

    def __init__(self, door: Doorway, passkeys: Passkeys | None) -> None:
        self._door = door
        self._passkeys = passkeys

    async def page(self, request: Request) -> Response:
        following = safe_next(request.query_params.get("next"))
        session = await self._door.session(request)
        if session is None:
            # Who signs in now has proved who they are.
            return RedirectResponse(f"/sign-in?next={quote(following)}", status_code=303)
        return await run_in_threadpool(self._page, session, following)

    def _page(self, session: Session, following: str, fault: str = "", status: int = 200) -> Response:
        with self._door.ledger.read() as tx:
            return page(
                "step_up.html",
                status,
                session=session,
                next=following,
                fault=fault,
                name=person_name(tx, session.person),
                now=tx.now,
                ways=ways_of(tx, self._door, session),
            )

    async def by_form(self, request: Request) -> Response:
        form = await form_of(request)
        following = safe_next(form.get("next"))
        session = await self._door.session(request)
        if session is None:
            return RedirectResponse(f"/sign-in?next={quote(following)}", status_code=303)
        if not await is_ours(self._door, request, session, form):
            return foreign()
        password, code = form.get("password", ""), form.get("code", "")
        answer = await run_in_threadpool(proved, self._door, request, session, password, code)
        if not isinstance(answer, Refused):
            response = RedirectResponse(following, status_code=303)
            self._door.let_in(response, answer.token, answer.expires_at)
            return response
        if await self._door.session(request) is None:
            return RedirectResponse(f"/sign-in?next={quote(following)}", status_code=303)
        status = 429 if answer.code == "busy" else 403
        return await run_in_threadpool(self._page, session, following, answer.reason, status)

    def by_password(self, _door: Doorway, request: Request, session: Session, body: Mapping[str, Any]) -> Response:
        password, code = body.get("password"), body.get("code")
        if not isinstance(password, str) or not isinstance(code, str):
            return no(422, "password and code are two texts", "Send both.")
        return self._told(proved(self._door, request, session, password, code))

    def begin(self, _door: Doorway, _request: Request, session: Session) -> Response:
        passkeys = self._passkeys
        return no(404, "no passkeys here") if passkeys is None else as_begun(passkeys.begin_step_up(session))

    def by_passkey(self, _door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
        passkeys = self._passkeys
        if passkeys is None:
            return no(404, "no passkeys here")
        sealed, answer = given_by_device(body)
        following = body.get("next")
        stepped = passkeys.step_up(session, sealed, answer)
        return self._told(stepped, next=safe_next(following if isinstance(following, str) else None))

    def _told(self, answer: SignedIn | Refused, **more: str) -> Response:
        if isinstance(answer, Refused):
            status = {"busy": 429, "signed-out": 401}.get(answer.code, 403)
            return refusal(answer, status)
        response = JSONResponse({**who(self._door, answer.session), **more})
        self._door.let_in(response, answer.token, answer.expires_at)
        return response

"""The door's application: guard, headers, our pages and API, and Prefect behind them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from presscheck.desk import Desk
from presscheck.door import (
    absence,
    answering,
    api,
    beside_pages,
    handbook_pages,
    leaving,
    library_pages,
    oidc_pages,
    pages,
    passkeys,
    people_pages,
    policy_pages,
    proxy,
    quarantine_pages,
    sign_in_pages,
    sockets,
    step_up,
    stopped_pages,
    trying,
)
from presscheck.door.answers import BadBody, no
from presscheck.door.bell import Bell
from presscheck.door.doorway import Doorway
from presscheck.door.forbidden import Forbidden
from presscheck.door.guard import Guard, Reporter, allowed_origins
from presscheck.door.headers import SecurityHeaders
from presscheck.door.page import page
from presscheck.door.prefect_behind import PrefectBehind
from presscheck.door.refusals import RefusalPages
from presscheck.door.starts import Starts
from presscheck.door.warming import keep_warm
from presscheck.errors import PresscheckError
from presscheck.ledger import Ledger
from presscheck.people.accounts import Accounts
from presscheck.settings import Settings
from presscheck.worker.ringing import Ringing

_log = logging.getLogger(__name__)
_ANY = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]


def make_app(
    settings: Settings,
    *,
    ledger: Ledger,
    desk: Desk,
    client: httpx.AsyncClient,
    prefect_auth: str,
    ring: bool = True,
) -> Starlette:
    """The door as an ASGI application.

    `client`'s base address is Prefect's inner server without /api; `prefect_auth` is its
    `user:password`. With `ring` the bell rings for as long as the application lives.
    """
    prefect = PrefectBehind(client, auth=prefect_auth, ring=Ringing(settings.home).ring)
    starts = Starts(ledger, prefect)
    door = Doorway(
        settings=settings,
        ledger=ledger,
        desk=desk,
        accounts=Accounts(
            ledger, settings.home, session_hours=settings.session_hours, issuer=settings.sign_in.oidc.issuer
        ),
        prefect=prefect,
        bell=Bell(ledger, desk, prefect, every=settings.poll_seconds, starts=starts),
        forbidden=Forbidden(ledger),
        starts=starts,
    )
    static = StaticFiles(directory=Path(__file__).parent / "static")
    app = Starlette(
        routes=[
            *pages.routes(door),
            *answering.routes(door),
            *beside_pages.routes(door),
            *sign_in_pages.routes(door),
            *passkeys.routes(door),
            *step_up.routes(door),
            *oidc_pages.routes(door),
            *people_pages.routes(door),
            *absence.routes(door),
            *handbook_pages.routes(door),
            *policy_pages.routes(door),
            *library_pages.routes(door),
            *stopped_pages.routes(door),
            *trying.routes(door),
            *quarantine_pages.routes(door),
            *leaving.routes(door),
            *api.routes(door),
            Mount("/static", static),
            Route("/ui-settings", proxy.ui_settings, methods=["GET"]),
            WebSocketRoute("/{path:path}", partial(sockets.relay, door)),
            Route("/{path:path}", partial(_behind, door), methods=_ANY),
        ],
        middleware=[
            Middleware(SecurityHeaders, https=door.https),
            Middleware(RefusalPages),
            Middleware(
                Guard,
                origins=allowed_origins(settings.door_url, settings.door_port),
                report=_reporter(door),
                leaving_host=urlsplit(settings.way_to_leave.url).netloc,
            ),
        ],
        exception_handlers={
            HTTPException: _not_here,
            BadBody: _unreadable,
            PresscheckError: _broken,
            ClientDisconnect: _gone,
            Exception: _broken,
        },
        lifespan=_lifespan(door, ring),
    )
    # A path with a slash too many is another path, not the same one.
    app.router.redirect_slashes = False
    app.state.door = door
    return app


async def _behind(door: Doorway, request: Request) -> Response:
    if request.url.path.startswith("/-/"):
        return no(404, "there is nothing here", "docs/door.md lists what the door answers.")
    return await proxy.behind(door, request)


def _reporter(door: Doorway) -> Reporter:
    async def report(headers: Headers, method: str, path: str, reason: str) -> None:
        session = await door.session_in(headers)
        if session is None:
            # A stranger's knocking is logged and never recorded: it would fill the ledger.
            _log.warning("turned away: %s %.200r: %s", method, path, reason)
        else:
            await door.forbidden.record(session.person, method, path, reason)

    return report


async def _not_here(_request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: a file of ours that is not there, a way in which it is not asked for."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return no(status, "there is nothing here", "Look at the address again; the inbox is at /inbox.")


async def _unreadable(_request: Request, error: Exception) -> Response:
    return no(400, str(error), "Send one JSON object as application/json.")


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("%s %.200r broke", request.method, request.url.path, exc_info=error)
    known = isinstance(error, PresscheckError)
    what = str(error) if known else "something broke inside the door"
    advice = "Nothing was decided by this. Try again, and look at `presscheck doctor` if it happens again."
    if request.url.path.startswith(("/-/", "/api/")):
        return no(500, what, advice)
    # Starlette answers this outside of every middleware, so nobody else makes a page of it.
    return page("trouble.html", 500, what=what, advice=advice)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever sent half a body, or one that cannot be read, hears no more, and nothing in here is broken."""
    return Response(status_code=400)


def _lifespan(door: Doorway, ring: bool) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        tasks: list[asyncio.Task[None]] = []
        if ring:
            warming = keep_warm(door.desk.open_questions, every=door.settings.poll_seconds)
            tasks = [asyncio.create_task(door.bell.run()), asyncio.create_task(warming)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan

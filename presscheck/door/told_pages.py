"""What one is told of by mail, chosen by each person for themselves.

GET /told, POST /told, POST /told/undo, POST /told/defaults (forms)
GET /-/api/told, POST /-/api/told {"told": ["questions", ...]}
"""

from collections.abc import Collection
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door.answers import no, refusal
from presscheck.door.asked import person_route, writing_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.models import Refused
from presscheck.notices.choices import CHOICES, DEFAULTS, OUTCOMES, before, choose, chosen
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """Page, forms and API."""
    return [
        signed_in_route(door, "/told", "GET", _page),
        signed_in_route(door, "/told", "POST", _by_form),
        signed_in_route(door, "/told/undo", "POST", _by_form),
        signed_in_route(door, "/told/defaults", "POST", _by_form),
        person_route(door, "/told", "GET", _read),
        writing_route(door, "/told", _write),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return _shown(door, session)


def _shown(door: Doorway, session: Session, *, done: str = "", fault: str = "") -> Response:
    with door.ledger.read() as tx:
        return page(
            "told.html",
            409 if fault else 200,
            session=session,
            name=person_name(tx, session.person),
            outcomes=OUTCOMES,
            wanted=chosen(tx, session.person),
            undoable=before(tx, session.person) is not None,
            mailed=door.settings.notices.email,
            done=done,
            fault=fault,
        )


async def _by_form(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    what = request.url.path.removeprefix("/told").lstrip("/")
    wanted = frozenset(one for one in CHOICES if one in form)
    done = {"undo": "As before.", "defaults": "As it is without a choice."}.get(what, "Kept.")
    said = await run_in_threadpool(_choose, door, session, DEFAULTS if what == "defaults" else wanted, what == "undo")
    if isinstance(said, Refused):
        return await run_in_threadpool(_shown, door, session, fault=said.reason)
    return await run_in_threadpool(_shown, door, session, done=done)


def _choose(door: Doorway, session: Session, wanted: Collection[str], undo: bool = False) -> Refused | None:
    with door.ledger.write() as tx:
        earlier = before(tx, session.person) if undo else None
        if undo and earlier is None:
            return Refused(code="nothing-to-undo", reason="You have chosen nothing yet, so there is nothing to undo.")
        return choose(tx, session.person, wanted if earlier is None else earlier)


def _read(door: Doorway, _request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        wanted, earlier = chosen(tx, session.person), before(tx, session.person)
    return JSONResponse(
        {
            "told": [one for one in CHOICES if one in wanted],
            "before": None if earlier is None else [one for one in CHOICES if one in earlier],
            "choices": list(CHOICES),
            "defaults": [one for one in CHOICES if one in DEFAULTS],
            "mailed": door.settings.notices.email,
        }
    )


def _write(door: Doorway, request: Request, session: Session, body: dict[str, Any]) -> Response:
    wanted = body.get("told")
    if set(body) != {"told"} or not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):  # pyright: ignore[reportUnknownVariableType]
        return no(422, "told: list what you want to be told of", 'Send {"told": ["questions", "mentioned"]}.')
    said = _choose(door, session, wanted)  # pyright: ignore[reportUnknownArgumentType]
    return refusal(said, 422) if isinstance(said, Refused) else _read(door, request, session)

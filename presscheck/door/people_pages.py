"""The page about people: who is here, what waits for a second person, and the forms to propose and to confirm."""

import re
from typing import Any, cast

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.api_people import proposals_for
from presscheck.door.doorway import Doorway
from presscheck.door.pages import form_of, is_ours, page, signed_in_route
from presscheck.models import Refused
from presscheck.people.enrolment import Invitation
from presscheck.people.proposals import Confirmed
from presscheck.people.rights import DECIDING, ROLES, Grant, everybody, person_name
from presscheck.people.sessions import Session

__all__ = ["routes"]

_MARKETS = re.compile(r"[A-Z]{2}(?:,[A-Z]{2})*")


def routes(door: Doorway) -> list[Route]:
    """The page and its forms."""
    return [
        signed_in_route(door, "/people", "GET", _people),
        signed_in_route(door, "/people/propose", "POST", _propose),
        signed_in_route(door, "/people/confirm", "POST", _confirm),
        signed_in_route(door, "/people/decline", "POST", _decline),
    ]


async def _people(door: Doorway, _request: Request, session: Session) -> Response:
    return await _page(door, session)


async def _propose(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return _foreign()
    grant = _grant(form.get("role", ""), form.get("markets", ""))
    if isinstance(grant, str):
        return await _page(door, session, fault=grant)
    email, name = form.get("email", "")[:320], form.get("name", "")[:300]

    def record() -> Invitation | Refused:
        return door.accounts.invite(email=email, name=name, grants=[grant], by=session.person)

    answer = await run_in_threadpool(record)
    if isinstance(answer, Refused):
        return await _page(door, session, fault=answer.reason)
    return await _page(door, session, code=answer.code, half=bool(answer.proposal))


async def _confirm(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return _foreign()

    def record() -> Confirmed | Refused:
        return door.accounts.confirm(form.get("proposal", "")[:40], by=session.person)

    answer = await run_in_threadpool(record)
    if isinstance(answer, Refused):
        return await _page(door, session, fault=answer.reason)
    return await _page(door, session, code=answer.code, half=bool(answer.code), done="Confirmed.")


async def _decline(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return _foreign()

    def record() -> Refused | None:
        return door.accounts.decline(form.get("proposal", "")[:40], by=session.person)

    answer = await run_in_threadpool(record)
    return await _page(door, session, fault="" if answer is None else answer.reason, done="Declined.")


async def _page(
    door: Doorway, session: Session, *, fault: str = "", code: str = "", half: bool = False, done: str = ""
) -> Response:
    def read() -> dict[str, Any]:
        found = proposals_for(door, session.person)
        with door.ledger.read() as tx:
            people = [(person_name(tx, rights.person), rights) for rights in everybody(tx) if rights.active]
            return {"proposals": found, "people": people, "name": person_name(tx, session.person)}

    if not {"administrator", *DECIDING} & set(session.rights.roles):
        advice = "The inbox shows what waits for you."
        return page("trouble.html", 403, what="Only those who administer or decide see this page.", advice=advice)
    values = await run_in_threadpool(read)
    if isinstance(values["proposals"], Refused):
        return page("trouble.html", 403, what=values["proposals"].reason, advice="Go back to the inbox.")
    return page(
        "people.html",
        409 if fault else 200,
        session=session,
        fault=fault,
        code=code,
        half=half,
        done="" if fault else done,
        roles=ROLES,
        url=f"{door.url}/enrol",
        **values,
    )


def _foreign() -> Response:
    return page("trouble.html", 403, what="This form is not from here.", advice="Go back to the page and try again.")


def _grant(role: str, markets: str) -> Grant | str:
    """The role and markets as typed, or what is wrong with them."""
    typed = markets.upper().replace(" ", "")
    if typed and not _MARKETS.fullmatch(typed):
        return "write the markets as two letters each, such as US, DE; leave it empty for all of them"
    try:
        return Grant(role=cast(Any, role), markets=cast(Any, tuple(typed.split(",")) if typed else "all"))
    except ValidationError:
        return f"choose one of the roles {', '.join(ROLES)}, and markets that are served"

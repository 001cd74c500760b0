"""The page about people: one's own part for everybody; who is here and what is proposed for those who decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.api_people import proposals_for
from presscheck.door.away import lendable, shown_delegations
from presscheck.door.doorway import Doorway
from presscheck.door.pages import form_of, is_ours, page, signed_in_route
from presscheck.ledger import Reader
from presscheck.markets import first_fault
from presscheck.models import Refused
from presscheck.people.absence import absences
from presscheck.people.enrolment import Invitation, invited
from presscheck.people.proposals import Confirmed
from presscheck.people.rights import ROLES, WEIGHTY, Grant, everybody, person_name
from presscheck.people.role_words import ROLE_WORDS
from presscheck.people.sessions import Session

__all__ = ["foreign", "markets_typed", "people_page", "routes"]


def routes(door: Doorway) -> list[Route]:
    """The page and its forms."""
    return [
        signed_in_route(door, "/people", "GET", _people),
        signed_in_route(door, "/people/propose", "POST", _propose),
        signed_in_route(door, "/people/anew", "POST", _anew),
        signed_in_route(door, "/people/confirm", "POST", _confirm),
        signed_in_route(door, "/people/decline", "POST", _decline),
    ]


async def _people(door: Doorway, _request: Request, session: Session) -> Response:
    return await people_page(door, session)


async def _propose(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    grant = _grant(form)
    if isinstance(grant, str):
        return await people_page(door, session, fault=grant)
    email, name = form.get("email", "")[:320], form.get("name", "")[:300]

    def record() -> Invitation | Refused:
        return door.accounts.invite(email=email, name=name, grants=[grant], by=session.person)

    answer = await run_in_threadpool(record)
    if isinstance(answer, Refused):
        return await people_page(door, session, fault=answer.reason)
    return await people_page(door, session, codes=[(name, answer.code)], half=bool(answer.proposal))


async def _anew(door: Doorway, request: Request, session: Session) -> Response:
    if not await is_ours(door, request, session, await form_of(request)):
        return foreign()
    answer = await run_in_threadpool(lambda: door.accounts.invite_anew(by=session.person))
    codes = [(name, one.code) for name, one in answer if isinstance(one, Invitation)]
    faults = [f"{name}: {one.reason}" for name, one in answer if isinstance(one, Refused)]
    return await people_page(door, session, codes=codes, half=True, fault=" ".join(faults))


async def _confirm(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()

    def record() -> Confirmed | Refused:
        return door.accounts.confirm(form.get("proposal", "")[:40], by=session.person)

    answer = await run_in_threadpool(record)
    if isinstance(answer, Refused):
        return await people_page(door, session, fault=answer.reason)

    def name() -> str:
        with door.ledger.read() as tx:
            return person_name(tx, answer.proposal.person)

    codes = [(await run_in_threadpool(name), answer.code)] if answer.code else []
    return await people_page(door, session, codes=codes, half=True, done="Confirmed.")


async def _decline(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()

    def record() -> Refused | None:
        return door.accounts.decline(form.get("proposal", "")[:40], by=session.person)

    answer = await run_in_threadpool(record)
    return await people_page(door, session, fault="" if answer is None else answer.reason, done="Declined.")


async def people_page(
    door: Doorway,
    session: Session,
    *,
    fault: str = "",
    codes: Sequence[tuple[str, str]] = (),
    half: bool = False,
    done: str = "",
) -> Response:
    """The page, after something was done or refused; 409 with a fault. `codes` are names and what each is given."""

    def read() -> dict[str, Any]:
        found = proposals_for(door, session.person)
        with door.ledger.read() as tx:
            away = absences(tx)
            return {
                "name": person_name(tx, session.person),
                "away": away.get(session.person),
                "delegations": shown_delegations(tx, session.person),
                "proposals": [] if isinstance(found, Refused) else found,
                "people": [] if isinstance(found, Refused) else _everybody(tx, away),
                "invited": invited(tx) if "administrator" in session.rights.roles else [],
                "today": tx.now.date(),
                "lendable": lendable(door, session.rights),
            }

    values = await run_in_threadpool(read)
    return page(
        "people.html",
        409 if fault else 200,
        session=session,
        fault=fault,
        codes=codes,
        half=half,
        done="" if fault else done,
        roles=ROLES,
        words=ROLE_WORDS,
        sees_all=bool(set(WEIGHTY) & set(session.rights.roles)),
        administers="administrator" in session.rights.roles,
        url=f"{door.url}/enrol",
        **values,
    )


def foreign() -> Response:
    """What a form that does not carry the session's token gets."""
    return page("trouble.html", 403, what="This form is not from here.", advice="Go back to the page and try again.")


def markets_typed(text: str) -> tuple[str, ...] | str:
    """The markets as typed, `all` where nothing was, or another text: what is wrong with them."""
    typed = text.upper().replace(" ", "")
    markets = tuple(typed.split(",")) if typed else ()
    if fault := first_fault(markets):
        return f"{fault}; leave it empty for all of them"
    return markets or "all"


def _everybody(tx: Reader, away: dict[str, Any]) -> list[dict[str, Any]]:
    """Everybody who is active: name, grants by where they stand today, and absence."""
    day: date = tx.now.date()
    return [
        {
            "person": rights.person,
            "name": person_name(tx, rights.person),
            "grants": rights.grants,
            "later": [grant for grant in rights.granted if grant.begins is not None and grant.begins > day],
            "over": [grant for grant in rights.granted if grant.ends is not None and grant.ends < day],
            "away": away.get(rights.person),
        }
        for rights in everybody(tx)
        if rights.active
    ]


def _grant(form: dict[str, str]) -> Grant | str:
    """The role, markets and days as typed, or what is wrong with them."""
    markets = markets_typed(form.get("markets", ""))
    if isinstance(markets, str) and markets != "all":
        return markets
    role = form.get("role", "")
    if role not in ROLES:
        return f"choose one of the roles {', '.join(ROLES)}"
    given: dict[str, Any] = {"begins": form.get("begins") or None, "ends": form.get("ends") or None}
    try:
        return Grant.model_validate({"role": role, "markets": cast(Any, markets), **given})
    except ValidationError as error:
        return error.errors()[0]["msg"].removeprefix("Value error, ")

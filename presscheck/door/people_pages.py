"""The page about people: one's own part for everybody; who is here and what is proposed for those who decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.api_people import proposals_for
from presscheck.door.delegation import lendable, shown_delegations
from presscheck.door.doorway import Doorway
from presscheck.door.page import form_of, is_ours, page, signed_in_route
from presscheck.ledger import Reader
from presscheck.models import Refused
from presscheck.people.absence import absences
from presscheck.people.enrolment import Invitation, invited
from presscheck.people.rights import ROLES, WEIGHTY, Grant, everybody, person_name
from presscheck.people.role_words import ROLE_WORDS
from presscheck.people.sessions import Session
from presscheck.world.markets import first_fault

_NOT_DONE = (
    "This form was made elsewhere, or before you signed in anew. Nothing was done: look at it again, and send it again."
)


@dataclass(frozen=True)
class Told:
    """What the page says after a form was sent."""

    fault: str = ""
    """Why it was refused; what was typed then stands in the form again."""
    done: str = ""
    codes: Sequence[tuple[str, str]] = ()
    """Names, and what each of them is to be given."""
    half: bool = False
    """Whether each code is one half of two."""


Act = Callable[[Doorway, Session, Mapping[str, str]], Told]
"""What a form does. It may block: it runs in a thread of its own."""


def routes(door: Doorway) -> list[Route]:
    """The page and its forms."""
    return [
        signed_in_route(door, "/people", "GET", _shown),
        form_route(door, "/people/propose", _propose),
        form_route(door, "/people/anew", _anew),
        form_route(door, "/people/confirm", _confirm),
        form_route(door, "/people/decline", _decline),
    ]


def form_route(door: Doorway, path: str, act: Act) -> Route:
    """What one of the page's forms is sent to; the page comes back, with what was typed where it was refused."""

    async def sent(door: Doorway, request: Request, session: Session) -> Response:
        form = await form_of(request)
        if not await is_ours(door, request, session, form):
            told, status = Told(fault=_NOT_DONE), 403
            return await run_in_threadpool(_page, door, session, told, path, form, status=status)
        told = await run_in_threadpool(act, door, session, form)
        typed, status = (form, 409) if told.fault else ({}, 200)
        return await run_in_threadpool(_page, door, session, told, path, typed, status=status)

    return signed_in_route(door, path, "POST", sent)


def _propose(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    grant = _grant(form)
    if isinstance(grant, str):
        return Told(fault=grant)
    name = form.get("name", "")
    answer = door.accounts.invite(email=form.get("email", ""), name=name, grants=[grant], by=session.person)
    if isinstance(answer, Refused):
        return Told(fault=answer.reason)
    return Told(codes=[(name, answer.code)], half=bool(answer.proposal))


def _anew(door: Doorway, session: Session, _form: Mapping[str, str]) -> Told:
    answer = door.accounts.invite_anew(by=session.person)
    codes = [(name, one.code) for name, one in answer if isinstance(one, Invitation)]
    faults = [f"{name}: {one.reason}" for name, one in answer if isinstance(one, Refused)]
    return Told(codes=codes, half=True, fault=" ".join(faults))


def _confirm(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    answer = door.accounts.confirm(form.get("proposal", "")[:40], by=session.person)
    if isinstance(answer, Refused):
        return Told(fault=answer.reason)
    with door.ledger.read() as tx:
        name = person_name(tx, answer.proposal.person)
    return Told(codes=[(name, answer.code)] if answer.code else [], half=True, done="Confirmed.")


def _decline(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    answer = door.accounts.decline(form.get("proposal", "")[:40], by=session.person)
    return Told(done="Declined.") if answer is None else Told(fault=answer.reason)


def _shown(door: Doorway, _request: Request, session: Session) -> Response:
    return _page(door, session, Told())


def _page(
    door: Doorway,
    session: Session,
    told: Told,
    path: str = "",
    typed: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page, after something was done or refused; `typed` is what the form at `path` was sent with."""

    proposals = proposals_for(door, session.person)
    sees_people = not isinstance(proposals, Refused)
    administers = "administrator" in session.rights.roles
    with door.ledger.read() as tx:
        away = absences(tx)
        read = {
            "name": person_name(tx, session.person),
            "away": away.get(session.person),
            "delegations": shown_delegations(tx, session.person),
            "proposals": proposals if sees_people else [],
            "people": _everybody(tx, away) if sees_people else [],
            "invited": invited(tx) if administers else [],
            "today": tx.now.date(),
            "lendable": lendable(door, session.rights),
        }

    def kept(form: str, field: str) -> str:
        return (typed or {}).get(field, "") if form == path else ""

    return page(
        "people.html",
        status,
        session=session,
        told=told,
        kept=kept,
        failed=path if typed else "",
        roles=ROLES,
        words=ROLE_WORDS,
        sees_all=bool(set(WEIGHTY) & set(session.rights.roles)),
        administers=administers,
        url=f"{door.url}/enrol",
        **read,
    )


def markets_typed(text: str) -> tuple[str, ...] | str:
    """The markets as typed, `all` where nothing was, or another text: what is wrong with them."""
    typed = text.upper().replace(" ", "")
    markets = tuple(typed.split(",")) if typed else ()
    if fault := first_fault(markets):
        return f"{fault}{'' if fault.endswith('?') else '.'} Leave it empty for all of them."
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


def _grant(form: Mapping[str, str]) -> Grant | str:
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

"""Being away, and who stands in meanwhile: the people page's forms and the API, which do the same.

At the API `me` in a path is whoever asks.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door.answers import no, refusal
from presscheck.door.asked import person_route, writing_route
from presscheck.door.delegation import Lent, lend, shown_delegations
from presscheck.door.doorway import Doorway
from presscheck.door.people_pages import Told, form_route, markets_typed
from presscheck.models import Frozen, Refused
from presscheck.people.absence import Absence, absent, present
from presscheck.people.delegation import end_delegation
from presscheck.people.sessions import Session
from presscheck.world.days import Day

_STATUS = {
    "not-administrator": 403, "not-active": 403, "no-right": 403, "unknown-person": 404, "unknown-delegation": 404,
    "unknown-gate": 422, "bad-dates": 422,
}  # fmt: skip


class _Away(Frozen):
    until: Day | None = None


def routes(door: Doorway) -> list[Route]:
    """What the forms are sent to, and the API."""
    return [
        form_route(door, "/people/absent", _absent_by_form),
        form_route(door, "/people/present", _present_by_form),
        form_route(door, "/people/delegate", _delegate_by_form),
        form_route(door, "/people/undelegate", _end_by_form),
        writing_route(door, "/people/{person}/absent", _absent_by_api),
        person_route(door, "/people/{person}/present", "POST", _present_by_api),
        person_route(door, "/delegations", "GET", _listed),
        writing_route(door, "/delegations", _delegate_by_api),
        person_route(door, "/delegations/{delegation}/end", "POST", _end_by_api),
    ]


# ---------------------------------------------------------------- what is done


def _absent(door: Doorway, session: Session, person: str, given: Mapping[str, Any]) -> Absence | Refused:
    until = _Away.model_validate(given).until
    with door.ledger.write() as tx:
        return absent(tx, person or session.person, by=session.person, until=until)


def _present(door: Doorway, session: Session, person: str) -> Refused | None:
    with door.ledger.write() as tx:
        return present(tx, person or session.person, by=session.person)


def _end(door: Doorway, session: Session, delegation: str) -> Refused | None:
    with door.ledger.write() as tx:
        return end_delegation(tx, delegation, by=session.person)


# ---------------------------------------------------------------- by the forms


def _absent_by_form(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    try:
        answer = _absent(door, session, form.get("person", "")[:60], {"until": form.get("until") or None})
    except ValidationError as error:
        return Told(fault=_plain(error))
    return _told(answer, "Marked as away.")


def _present_by_form(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    return _told(_present(door, session, form.get("person", "")[:60]), "Marked as back.")


def _delegate_by_form(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    markets = markets_typed(form.get("markets", ""))
    if isinstance(markets, str) and markets != "all":
        return Told(fault=markets)
    given: dict[str, Any] = {
        "to": form.get("to", "")[:320].strip(),
        # Nothing typed means: in the markets in which the role is held.
        "grants": ({"role": form.get("role"), "markets": None if markets == "all" else markets},),
        "begins": form.get("begins") or None,
        "ends": form.get("ends", ""),
        "gates": tuple(gate.strip() for gate in form.get("gates", "")[:1000].split(",") if gate.strip()) or "all",
    }
    try:
        return _told(lend(door, session.person, Lent.model_validate(given)), "Delegated.")
    except ValidationError as error:
        return Told(fault=_plain(error))


def _end_by_form(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    return _told(_end(door, session, form.get("delegation", "")[:40]), "The delegation is over.")


def _told(answer: object, done: str) -> Told:
    return Told(fault=answer.reason) if isinstance(answer, Refused) else Told(done=done)


def _plain(error: ValidationError) -> str:
    first = error.errors()[0]
    return (
        "choose one of the roles that you hold"
        if "role" in first["loc"]
        else first["msg"].removeprefix("Value error, ")
    )


# ---------------------------------------------------------------- by the API


def _absent_by_api(door: Doorway, request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    try:
        return _done(_absent(door, session, _whom(request), body))
    except ValidationError as error:
        return no(422, _faults(error), 'Send {"until": "2026-12-24"}, or {} where there is no last day yet.')


def _present_by_api(door: Doorway, request: Request, session: Session) -> Response:
    return _done(_present(door, session, _whom(request)))


def _listed(door: Doorway, _request: Request, session: Session) -> Response:
    """One's own, made and received; all of them for an administrator."""
    with door.ledger.read() as tx:
        return JSONResponse({"delegations": shown_delegations(tx, session.person)})


def _delegate_by_api(door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    try:
        answer = lend(door, session.person, Lent.model_validate(body))
    except ValidationError as error:
        example = '{"to": ADDRESS, "grants": [{"role": "brand_lead", "markets": ["US"]}], "ends": "2026-12-24"}'
        return no(422, _faults(error), f'Send {example}, with "begins" and "gates" where you want them.')
    if isinstance(answer, Refused):
        return _done(answer)
    told = {"delegation": answer.id, "begins": answer.begins.isoformat(), "ends": answer.ends.isoformat()}
    return JSONResponse(told, status_code=201)


def _end_by_api(door: Doorway, request: Request, session: Session) -> Response:
    return _done(_end(door, session, request.path_params["delegation"]))


def _whom(request: Request) -> str:
    person = str(request.path_params["person"])
    return "" if person == "me" else person


def _done(answer: object) -> Response:
    if isinstance(answer, Refused):
        return refusal(answer, _STATUS.get(answer.code, 409))
    return JSONResponse({"done": True})


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8])

"""The forms of the people page that are about being away: absences, delegations."""

from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError
from starlette.routing import Route

from presscheck.door.away import Wanted, lend
from presscheck.door.doorway import Doorway
from presscheck.door.people_pages import Told, form_route, markets_typed
from presscheck.models import Refused
from presscheck.people.absence import absent, present
from presscheck.people.delegation import end_delegation
from presscheck.people.sessions import Session
from presscheck.world.days import Day

_day: TypeAdapter[Day] = TypeAdapter(Day)


def routes(door: Doorway) -> list[Route]:
    """What the forms are sent to."""
    return [
        form_route(door, "/people/absent", _absent),
        form_route(door, "/people/present", _present),
        form_route(door, "/people/delegate", _delegate),
        form_route(door, "/people/undelegate", _undelegate),
    ]


def _absent(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    try:
        until = _day.validate_python(form["until"]) if form.get("until") else None
    except ValidationError as error:
        return Told(fault=_plain(error))
    with door.ledger.write() as tx:
        return _told(absent(tx, _whose(form, session), by=session.person, until=until), "Marked as away.")


def _present(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    with door.ledger.write() as tx:
        return _told(present(tx, _whose(form, session), by=session.person), "Marked as back.")


def _delegate(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    markets = markets_typed(form.get("markets", ""))
    if isinstance(markets, str) and markets != "all":
        return Told(fault=markets)
    gates = tuple(gate.strip() for gate in form.get("gates", "")[:1000].split(",") if gate.strip())
    try:
        # Nothing typed means: in the markets in which the role is held.
        wanted = Wanted.model_validate({"role": form.get("role"), "markets": None if markets == "all" else markets})
        begins = _day.validate_python(form["begins"]) if form.get("begins") else None
        ends = _day.validate_python(form.get("ends", ""))
    except ValidationError as error:
        return Told(fault=_plain(error))
    to = form.get("to", "")[:320].strip()
    return _told(lend(door, session.person, to, [wanted], begins=begins, ends=ends, gates=gates or "all"), "Delegated.")


def _undelegate(door: Doorway, session: Session, form: Mapping[str, str]) -> Told:
    with door.ledger.write() as tx:
        return _told(end_delegation(tx, form.get("delegation", "")[:40], by=session.person), "The delegation is over.")


def _whose(form: Mapping[str, str], session: Session) -> str:
    return form.get("person", "")[:60] or session.person


def _told(answer: object, done: str) -> Told:
    return Told(fault=answer.reason) if isinstance(answer, Refused) else Told(done=done)


def _plain(error: ValidationError) -> str:
    first = error.errors()[0]
    return (
        "choose one of the roles that you hold"
        if "role" in first["loc"]
        else first["msg"].removeprefix("Value error, ")
    )

"""The forms of the people page that are about being away: absences, delegations."""

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.days import Day
from presscheck.door.away import Wanted, lend
from presscheck.door.doorway import Doorway
from presscheck.door.pages import form_of, is_ours, signed_in_route
from presscheck.door.people_pages import foreign, markets_typed, people_page
from presscheck.models import Refused
from presscheck.people.absence import Absence, absent, present
from presscheck.people.delegation import Delegation, end_delegation
from presscheck.people.sessions import Session

__all__ = ["routes"]

_day: TypeAdapter[Day] = TypeAdapter(Day)


def routes(door: Doorway) -> list[Route]:
    """What the forms are sent to."""
    return [
        signed_in_route(door, "/people/absent", "POST", _absent),
        signed_in_route(door, "/people/present", "POST", _present),
        signed_in_route(door, "/people/delegate", "POST", _delegate),
        signed_in_route(door, "/people/undelegate", "POST", _undelegate),
    ]


async def _absent(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    try:
        until = _day.validate_python(form["until"]) if form.get("until") else None
    except ValidationError as error:
        return await people_page(door, session, fault=_plain(error))

    def record() -> Absence | Refused:
        with door.ledger.write() as tx:
            return absent(tx, _whose(form, session), by=session.person, until=until)

    answer = await run_in_threadpool(record)
    return await people_page(door, session, fault=_why(answer), done="Marked as away.")


async def _present(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()

    def record() -> Refused | None:
        with door.ledger.write() as tx:
            return present(tx, _whose(form, session), by=session.person)

    answer = await run_in_threadpool(record)
    return await people_page(door, session, fault=_why(answer), done="Marked as back.")


async def _delegate(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    markets = markets_typed(form.get("markets", ""))
    if isinstance(markets, str) and markets != "all":
        return await people_page(door, session, fault=markets)
    gates = tuple(gate.strip() for gate in form.get("gates", "")[:1000].split(",") if gate.strip())
    try:
        # Nothing typed means: in the markets in which the role is held.
        wanted = Wanted.model_validate({"role": form.get("role"), "markets": None if markets == "all" else markets})
        begins = _day.validate_python(form["begins"]) if form.get("begins") else None
        ends = _day.validate_python(form.get("ends", ""))
    except ValidationError as error:
        return await people_page(door, session, fault=_plain(error))

    def record() -> Delegation | Refused:
        to = form.get("to", "")[:320].strip()
        return lend(door, session.person, to, [wanted], begins=begins, ends=ends, gates=gates or "all")

    answer = await run_in_threadpool(record)
    return await people_page(door, session, fault=_why(answer), done="Delegated.")


async def _undelegate(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()

    def record() -> Refused | None:
        with door.ledger.write() as tx:
            return end_delegation(tx, form.get("delegation", "")[:40], by=session.person)

    answer = await run_in_threadpool(record)
    return await people_page(door, session, fault=_why(answer), done="The delegation is over.")


def _whose(form: dict[str, str], session: Session) -> str:
    return form.get("person", "")[:60] or session.person


def _why(answer: object) -> str:
    return answer.reason if isinstance(answer, Refused) else ""


def _plain(error: ValidationError) -> str:
    first = error.errors()[0]
    return (
        "choose one of the roles that you hold"
        if "role" in first["loc"]
        else first["msg"].removeprefix("Value error, ")
    )

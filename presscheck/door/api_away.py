"""The API's part about being away: delegate, end a delegation, say that somebody is away or back.

`me` in a path is whoever asks.
"""

from typing import Literal

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import json_body, no, refusal
from presscheck.door.away import Wanted, lend, shown_delegations
from presscheck.door.doorway import Doorway
from presscheck.models import Frozen, Refused
from presscheck.people.absence import Absence, absent, present
from presscheck.people.delegation import Delegation, end_delegation
from presscheck.people.sessions import Session
from presscheck.world.days import Day

_STATUS = {
    "not-administrator": 403, "not-active": 403, "no-right": 403, "unknown-person": 404, "unknown-delegation": 404,
    "unknown-gate": 422, "bad-dates": 422,
}  # fmt: skip


class _Lent(Frozen):
    to: str
    grants: tuple[Wanted, ...]
    begins: Day | None = None
    ends: Day
    gates: tuple[str, ...] | Literal["all"] = "all"


class _Away(Frozen):
    until: Day | None = None


def delegations(door: Doorway, _request: Request, session: Session) -> Response:
    """One's own, made and received; all of them for an administrator."""
    with door.ledger.read() as tx:
        return JSONResponse({"delegations": shown_delegations(tx, session.person)})


async def delegate(door: Doorway, request: Request, session: Session) -> Response:
    try:
        asked = _Lent.model_validate(await json_body(request))
    except ValidationError as error:
        example = '{"to": ADDRESS, "grants": [{"role": "brand_lead", "markets": ["US"]}], "ends": "2026-12-24"}'
        return no(422, _faults(error), f'Send {example}, with "begins" and "gates" where you want them.')

    def record() -> Delegation | Refused:
        return lend(
            door, session.person, asked.to, asked.grants, begins=asked.begins, ends=asked.ends, gates=asked.gates
        )

    answer = await run_in_threadpool(record)
    if isinstance(answer, Refused):
        return refusal(answer, _STATUS.get(answer.code, 409))
    told = {"delegation": answer.id, "begins": answer.begins.isoformat(), "ends": answer.ends.isoformat()}
    return JSONResponse(told, status_code=201)


def end(door: Doorway, request: Request, session: Session) -> Response:
    with door.ledger.write() as tx:
        answer = end_delegation(tx, request.path_params["delegation"], by=session.person)
    return _done(answer)


async def away(door: Doorway, request: Request, session: Session) -> Response:
    try:
        asked = _Away.model_validate(await json_body(request))
    except ValidationError as error:
        return no(422, _faults(error), 'Send {"until": "2026-12-24"}, or {} where there is no last day yet.')

    def record() -> Absence | Refused:
        with door.ledger.write() as tx:
            return absent(tx, _whom(request, session), by=session.person, until=asked.until)

    answer = await run_in_threadpool(record)
    return _done(answer if isinstance(answer, Refused) else None)


def back(door: Doorway, request: Request, session: Session) -> Response:
    with door.ledger.write() as tx:
        answer = present(tx, _whom(request, session), by=session.person)
    return _done(answer)


def _whom(request: Request, session: Session) -> str:
    person = str(request.path_params["person"])
    return session.person if person == "me" else person


def _done(answer: Refused | None) -> Response:
    return JSONResponse({"done": True}) if answer is None else refusal(answer, _STATUS.get(answer.code, 409))


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8])

"""The API's part about people: administrators see, invite, change and revoke."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.rights import Grant, everybody, person_email, person_name
from presscheck.people.sessions import Session

__all__ = ["change", "invite", "listed", "revoke"]

_grants = TypeAdapter(tuple[Grant, ...])


async def listed(door: Doorway, request: Request, session: Session) -> Response:
    if "administrator" not in session.rights.roles:
        return no(403, "only an administrator sees who is here")

    def read() -> list[dict[str, Any]]:
        with door.ledger.read() as tx:
            return [
                {
                    "person": rights.person,
                    "name": person_name(tx, rights.person),
                    "email": person_email(tx, rights.person) or "",
                    "active": rights.active,
                    "grants": [grant.model_dump(mode="json") for grant in rights.grants],
                }
                for rights in everybody(tx)
            ]

    return JSONResponse({"people": await run_in_threadpool(read)})


async def invite(door: Doorway, request: Request, session: Session) -> Response:
    body = await json_body(request)
    grants = _read_grants(body.get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"email", "name", "grants": [{"role": "brand_lead", "markets": ["US"]}]}.')

    def record() -> Any:
        email, name = str(body.get("email", ""))[:320], str(body.get("name", ""))[:300]
        return door.accounts.invite(email=email, name=name, grants=grants, by=session.person)

    invitation = await run_in_threadpool(record)
    if isinstance(invitation, Refused):
        return refusal(invitation, 403 if invitation.code == "not-administrator" else 409)
    return JSONResponse(
        {
            "person": invitation.person,
            "code": invitation.code,
            "expires_at": timestamp(invitation.expires_at),
            "url": f"{door.url}/enrol",
        },
        status_code=201,
    )


async def revoke(door: Doorway, request: Request, session: Session) -> Response:
    def record() -> Refused | None:
        return door.accounts.revoke(request.path_params["person"], by=session.person)

    return _done(await run_in_threadpool(record))


async def change(door: Doorway, request: Request, session: Session) -> Response:
    grants = _read_grants((await json_body(request)).get("grants"))
    if isinstance(grants, str):
        return no(422, grants, 'Send {"grants": [{"role": "brand_lead", "markets": "all"}]}.')

    def record() -> Refused | None:
        return door.accounts.change(request.path_params["person"], grants, by=session.person)

    return _done(await run_in_threadpool(record))


def _done(refused: Refused | None) -> Response:
    if refused is None:
        return JSONResponse({"done": True})
    return refusal(refused, {"not-administrator": 403, "unknown-person": 404}.get(refused.code, 409))


def _read_grants(given: object) -> tuple[Grant, ...] | str:
    try:
        return _grants.validate_python(given)
    except ValidationError as error:
        faults = (f"grants.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        return "; ".join(faults)

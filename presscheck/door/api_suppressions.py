"""The API's part about addresses that bounced: two people let one back in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.addresses import address_hash
from presscheck.desk.lifting import Lift, lift_bounce
from presscheck.door.answers import json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.ledger import timestamp
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

__all__ = ["lift"]

_STATUS = {"not-suppressed": 404}


async def lift(door: Doorway, request: Request, session: Session) -> Response:
    """Say that an address may be written to again: `{"address": "ada@example.com"}`."""
    address = str((await json_body(request)).get("address", ""))[:320].strip()
    if "@" not in address:
        return no(422, "address: this is no e-mail address", 'Send {"address": "name@example.com"}.')

    def do() -> dict[str, object] | Refused:
        with door.ledger.write() as tx:
            said = lift_bounce(tx, address, person=session.person)
            if not isinstance(said, Lift):
                return said
            return {
                "lifted": bool(said.confirmed_by),
                "by": person_name(tx, said.by),
                "confirmed_by": person_name(tx, said.confirmed_by) if said.confirmed_by else "",
                "expires_at": timestamp(said.expires_at),
                "address_hash": address_hash(address),
            }

    told = await run_in_threadpool(do)
    if not isinstance(told, Refused):
        return JSONResponse({"accepted": True, **told})
    if told.code == "no-right":
        await door.forbidden.record(session.person, request.method, request.url.path, told.reason)
        return no(403, told.reason, "Ask one of them.")
    return refusal(told, _STATUS.get(told.code, 409))

"""The API's part about addresses that bounced: two people let one back in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

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
    """Say that an address, or what bounced of a delivery, may be written to again: `{"lift": "ada@example.com"}`."""
    given = str((await json_body(request)).get("lift", ""))[:320].strip()
    if "@" not in given and not given.startswith("D-"):
        return no(422, "lift: this is neither an e-mail address nor a delivery", 'Send {"lift": "name@example.com"}.')

    def do() -> dict[str, object] | Refused:
        with door.ledger.write() as tx:
            said = lift_bounce(tx, given, person=session.person)
            if not isinstance(said, Lift):
                return said
            return {
                "lifted": bool(said.confirmed_by),
                "by": person_name(tx, said.by),
                "confirmed_by": person_name(tx, said.confirmed_by) if said.confirmed_by else "",
                "expires_at": timestamp(said.expires_at),
            }

    told = await run_in_threadpool(do)
    if not isinstance(told, Refused):
        return JSONResponse({"accepted": True, **told})
    if told.code == "no-right":
        await door.forbidden.record(session.person, request.method, request.url.path, told.reason)
        return no(403, told.reason, "Ask one of them.")
    return refusal(told, _STATUS.get(told.code, 409))

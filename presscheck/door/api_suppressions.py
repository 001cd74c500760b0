"""The API's part about addresses that bounced: two people let one back in."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from presscheck.desk.suppressions import lift_bounce
from presscheck.door.answers import json_body, no
from presscheck.door.carrying_out import carry_out, two_names
from presscheck.door.doorway import Doorway
from presscheck.ledger import Writer
from presscheck.models import Refused
from presscheck.people.sessions import Session


async def lift(door: Doorway, request: Request, session: Session) -> Response:
    """Say that an address, or what bounced of a delivery, may be written to again: `{"lift": "ada@example.com"}`."""
    given = str((await json_body(request)).get("lift", ""))[:320].strip()
    if "@" not in given and not given.startswith("D-"):
        return no(422, "lift: this is neither an e-mail address nor a delivery", 'Send {"lift": "name@example.com"}.')

    def do(tx: Writer) -> dict[str, Any] | Refused:
        said = lift_bounce(tx, given, person=session.person)
        return said if isinstance(said, Refused) else {"lifted": bool(said.confirmed_by), **two_names(tx, said)}

    return await carry_out(door, request, session, do, {"not-suppressed": 404}, no_right="Ask one of them.")

"""What somebody asks for at the API is carried out, or refused; that they have no right to it is taken down."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk.gaps import GapSigned
from presscheck.desk.suppressions import Lift
from presscheck.door.answers import no, refusal
from presscheck.door.doorway import Doorway
from presscheck.ledger import Reader, Writer, timestamp
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


async def carry_out(
    door: Doorway,
    request: Request,
    session: Session,
    do: Callable[[Writer], dict[str, Any] | Refused],
    statuses: Mapping[str, int],
    *,
    no_right: str = "",
) -> Response:
    """What `do` tells, in one transaction, or its refusal under the status of its code.

    `no_right` is what to do for whoever has no right to it.
    """
    told = await run_in_threadpool(_done, door, do)
    if not isinstance(told, Refused):
        return JSONResponse({"accepted": True, **told})
    if told.code == "no-right":
        await door.forbidden.record(session.person, request.method, request.url.path, told.reason)
        return no(403, told.reason, no_right) if no_right else refusal(told, 403)
    return refusal(told, statuses.get(told.code, 409))


def _done(door: Doorway, do: Callable[[Writer], dict[str, Any] | Refused]) -> dict[str, Any] | Refused:
    with door.ledger.write() as tx:
        return do(tx)


def two_names(tx: Reader, said: GapSigned | Lift) -> dict[str, Any]:
    """Who has said it, who has said it after them, and until when the first one's word waits."""
    return {
        "by": person_name(tx, said.by),
        "confirmed_by": person_name(tx, said.confirmed_by) if said.confirmed_by else "",
        "expires_at": timestamp(said.expires_at),
    }

"""The library at the door: what may be used, who uses it, and what was refused, for everybody who is signed in.

GET /library, GET /-/api/library
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door.answers import refusal
from presscheck.door.asked import person_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import page, signed_in_route
from presscheck.library.inventory import library_of
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """Page and API."""
    return [signed_in_route(door, "/library", "GET", _page), person_route(door, "/library", "GET", _told)]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        found = library_of(tx, door.desk.policies)
        name = person_name(tx, session.person)
    if isinstance(found, Refused):
        return page("trouble.html", 409, what="Nothing may be used.", advice=found.reason)
    return page("library.html", session=session, name=name, library=found)


def _told(door: Doorway, _request: Request, _session: Session) -> Response:
    with door.ledger.read() as tx:
        found = library_of(tx, door.desk.policies)
    return refusal(found) if isinstance(found, Refused) else JSONResponse(found.model_dump(mode="json"))

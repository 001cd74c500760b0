"""What went out by a signed rule, with no person asked: lots, and one of each to look at.

GET /passed             the lots of ninety days, those that nobody looked at first
GET /passed/one/LOT     to the proof of one of them, drawn now among those that nobody looked at

Opening a proof is what counts as a look (`door.minutes`); nothing is decided here, and what went out stays out.
"""

from datetime import timedelta
from secrets import choice

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.desk.answered import became_of
from presscheck.desk.let_out import lots_let_out
from presscheck.desk.records import title_of
from presscheck.door.doorway import Doorway
from presscheck.door.page import page, signed_in_route
from presscheck.people.rights import DECIDING, person_name
from presscheck.people.sessions import Session

_SINCE = timedelta(days=90)
_SHOWN = 5
"""So many of a lot are listed, the newest; the rest is counted."""


def routes(door: Doorway) -> list[Route]:
    """The page, and the way to one of a lot."""
    return [
        signed_in_route(door, "/passed", "GET", _page),
        signed_in_route(door, "/passed/one/{lot}", "GET", _one),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        lots = lots_let_out(tx, since=tx.now - _SINCE)
        shown = [
            (lot, [(one, title_of(tx, one.review), became_of(tx, one.review)) for one in lot.let_out[:_SHOWN]])
            for lot in lots
        ]
        return page(
            "passed.html",
            session=session,
            name=person_name(tx, session.person),
            lots=shown,
            now=tx.now,
            days=_SINCE.days,
            counts=not set(session.rights.roles).isdisjoint(DECIDING),
        )


def _one(door: Doorway, request: Request, _session: Session) -> Response:
    with door.ledger.read() as tx:
        named = (lot for lot in lots_let_out(tx, since=tx.now - _SINCE) if lot.name == request.path_params["lot"])
        lot = next(named, None)
    if lot is None:
        advice = f"It is older than {_SINCE.days} days, or the address is not whole."
        return page("trouble.html", 404, what="There is no such lot.", advice=advice)
    # Chance chooses, so that nobody is shown the one that looks best.
    drawn = choice(lot.unseen or lot.let_out)
    return RedirectResponse(f"/proof/{drawn.review.id}", status_code=303)

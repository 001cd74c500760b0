"""Our own pages to look at: the inbox, what one answered, an audience's report. Templates, and no script."""

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.desk.answered import answered_by
from presscheck.desk.stops import stops_of_late
from presscheck.door.answering import told_after
from presscheck.door.api_glass import waits_for
from presscheck.door.doorway import Doorway
from presscheck.door.kept import kept_lines
from presscheck.door.page import page, signed_in_route
from presscheck.door.picture_pages import picture
from presscheck.door.policy_state import news_for
from presscheck.door.previews import frame, gallery
from presscheck.door.trials import ask
from presscheck.door.under_way import waiting_deliveries
from presscheck.door.waiting import PAGE, asked_for, inbox
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_MOST_ASLEEP = 10
"""So many runs that sleep are listed in the inbox; the others are counted."""
_REPORT_NAME = re.compile(r"(?:refused-)?[0-9a-f]{64}")


def routes(door: Doorway) -> list[Route]:
    """The pages that show what waits and what was asked."""
    signed_in = partial(signed_in_route, door)
    return [
        Route("/", _front, methods=["GET"]),
        signed_in("/inbox", "GET", _inbox),
        signed_in("/done", "GET", _done),
        signed_in("/proof/{review}/{code}", "GET", frame),
        signed_in("/proof/{review}/{code}/preview", "GET", gallery),
        signed_in("/proof/{review}/{code}/test", "POST", ask),
        signed_in("/proof/{review}/picture/{image}", "GET", picture),
        signed_in("/report/{name}", "GET", _report),
    ]


async def _front(_request: Request) -> Response:
    return RedirectResponse("/inbox", status_code=303)


def _inbox(door: Doorway, request: Request, session: Session) -> Response:
    number, size, only = asked_for(request.query_params)
    found = inbox(door.desk, person=session.person, page=number, size=size, only=only)
    with door.ledger.read() as tx:
        return page(
            "inbox.html",
            session=session,
            inbox=found,
            glass=waits_for(tx, door.desk, session.person),
            news=news_for(tx, door.desk),
            waits=waiting_deliveries(tx),
            asleep=door.asleep.listed(tx, _MOST_ASLEEP),
            stops=stops_of_late(tx),
            name=person_name(tx, session.person),
            now=tx.now,
            kept=kept_lines(tx, session.person),
            after=told_after(tx, door, request.query_params.get("after", ""), session.person),
        )


def _done(door: Doorway, request: Request, session: Session) -> Response:
    given = request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    with door.ledger.read() as tx:
        done, earlier = answered_by(tx, session.person, most=PAGE, before=before)
        return page(
            "done.html",
            session=session,
            done=done,
            earlier=earlier,
            name=person_name(tx, session.person),
            now=tx.now,
        )


def _report(door: Doorway, request: Request, _session: Session) -> Response:
    """An audience's report: a file that the worker wrote, shown without scripts and in an origin of its own."""
    name = str(request.path_params["name"])
    path = door.settings.home / "reports" / f"{name}.html"
    if not _REPORT_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        advice = "It is written where the worker runs; where door and worker share no disk, look for it there."
        return page("trouble.html", 404, what="There is no such report here.", advice=advice)
    return HTMLResponse(path.read_bytes())

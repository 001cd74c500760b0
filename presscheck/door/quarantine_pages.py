"""Rows in quarantine at the door: what is held and why, with the words marked, and letting exactly one in.

GET /quarantine, POST /quarantine/release, POST /quarantine/take-back (forms)
GET /-/api/quarantine[/{row}], POST /-/api/quarantine/{row}/release {"reason": ...}, .../take-back
"""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from policies import PolicySet
from policies.engine.hostile import suspicions
from presscheck.assets.marking import shown_findings
from presscheck.desk.quarantine import LONGEST, SHORTEST, hold_row_again, let_row_in, may_let_in, row_named
from presscheck.desk.situation import current_policies
from presscheck.door.answers import json_body, no, refusal
from presscheck.door.asked import person_route
from presscheck.door.carrying_out import carry_out
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.door.step_up import step_up_page
from presscheck.ledger import Reader, Writer
from presscheck.ledger.quarantine import Quarantined, quarantined_rows
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_MOST = 100
_STATUS = {"no-row": 404, "bad-row": 409, "no-reason": 422, "no-right": 403, "not-active": 403}


def routes(door: Doorway) -> list[Route]:
    """Page, forms and API."""
    return [
        signed_in_route(door, "/quarantine", "GET", _page),
        signed_in_route(door, "/quarantine/release", "POST", _by_form),
        signed_in_route(door, "/quarantine/take-back", "POST", _by_form),
        person_route(door, "/quarantine", "GET", _listed),
        person_route(door, "/quarantine/{row}", "GET", _one),
        person_route(door, "/quarantine/{row}/release", "POST", _release),
        person_route(door, "/quarantine/{row}/take-back", "POST", _take_back),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return _shown(door, session)


def _shown(door: Doorway, session: Session, *, fault: str = "", done: str = "", status: int = 200) -> Response:
    policies = current_policies(door.desk.policies)
    with door.ledger.read() as tx:
        rows = quarantined_rows(tx)
        return page(
            "quarantine.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            fault=fault,
            done=done,
            rows=[_told(tx, one, policies, session) for one in rows[:_MOST]],
            more=max(0, len(rows) - _MOST),
            shortest=SHORTEST,
            longest=LONGEST,
            now=tx.now,
        )


async def _by_form(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    lets_in = request.url.path.endswith("/release")
    reason = form.get("reason", "") if lets_in else None
    said = await run_in_threadpool(_in_a_block, door, session, form.get("row", ""), reason)
    if isinstance(said, Refused):
        if said.code == "step-up":
            return RedirectResponse(step_up_page("/quarantine"), status_code=303)
        if said.code == "no-right":
            await door.forbidden.record(session.person, request.method, request.url.path, said.reason)
        status = _STATUS.get(said.code, 409)
        return await run_in_threadpool(_shown, door, session, fault=said.reason, status=status)
    word = "is let in: press Retry on the run, or start it again" if lets_in else "is held again"
    return await run_in_threadpool(_shown, door, session, done=f"Row {said.row.id or said.digest[:12]} {word}.")


def _listed(door: Doorway, _request: Request, session: Session) -> Response:
    policies = current_policies(door.desk.policies)
    with door.ledger.read() as tx:
        return JSONResponse({"rows": [_told(tx, one, policies, session) for one in quarantined_rows(tx)]})


def _one(door: Doorway, request: Request, session: Session) -> Response:
    policies = current_policies(door.desk.policies)
    with door.ledger.read() as tx:
        row = row_named(tx, request.path_params["row"])
        if isinstance(row, Refused):
            return refusal(row, _STATUS.get(row.code, 409))
        return JSONResponse(_told(tx, row, policies, session))


async def _release(door: Doorway, request: Request, session: Session) -> Response:
    reason = (await json_body(request)).get("reason")
    if not isinstance(reason, str):
        return no(422, "reason: say why, as a text", 'Send {"reason": "..."}.')
    return await _carried_out(door, request, session, reason)


async def _take_back(door: Doorway, request: Request, session: Session) -> Response:
    return await _carried_out(door, request, session, None)


async def _carried_out(door: Doorway, request: Request, session: Session, reason: str | None) -> Response:
    def do(tx: Writer) -> dict[str, Any] | Refused:
        row = _act(tx, door, session, request.path_params["row"], reason)
        return row if isinstance(row, Refused) else _told(tx, row, current_policies(door.desk.policies), session)

    return await carry_out(door, request, session, do, _STATUS)


def _in_a_block(door: Doorway, session: Session, given: str, reason: str | None) -> Quarantined | Refused:
    with door.ledger.write() as tx:
        return _act(tx, door, session, given, reason)


def _act(tx: Writer, door: Doorway, session: Session, given: str, reason: str | None) -> Quarantined | Refused:
    """Let a row in for a reason, or hold it again without one; the row as it is then."""
    policies, row = current_policies(door.desk.policies), row_named(tx, given[:200])
    if isinstance(policies, Refused) or isinstance(row, Refused):
        return policies if isinstance(policies, Refused) else row
    person, proved_at = session.person, session.proved_at
    if reason is None:
        said = hold_row_again(tx, policies, row, person=person)
    else:
        said = let_row_in(tx, policies, row, person=person, proved_at=proved_at, note=reason[: LONGEST + 1])
    return row_named(tx, row.digest) if said is None else said


def _told(tx: Reader, row: Quarantined, policies: PolicySet | Refused, session: Session) -> dict[str, Any]:
    """A row for a page or a script: its words are marked by the rules as they are now."""
    released = row.released
    parts: list[Any] = []
    if isinstance(policies, Refused):
        may: str | Refused = policies
    else:
        may = may_let_in(tx, policies, row, person=session.person, proved_at=session.proved_at)
        cells: Mapping[str, str] = row.cells or {}
        found = suspicions(cells, policies=policies, as_of=tx.now.date())
        # What is suspicious comes first: it is why somebody looks.
        for name in (*found, *(one for one, text in cells.items() if text and one not in found)):
            parts.append((name, cells[name], found.get(name, ())))
    return {
        "row": row.digest,
        "file": row.row.file,
        "id": row.row.id,
        "fields": list(row.row.fields),
        "rules": list(row.row.rules),
        "held_at": row.at,
        "known": row.cells is not None,
        **shown_findings(parts),
        "released": None
        if released is None
        else {
            "by": person_name(tx, released.person),
            "role": released.role,
            "at": released.at,
            "reason": released.note,
        },
        # What nobody can read is let in by nobody; that it was let in can be taken back.
        "may": (not isinstance(may, Refused) or may.code == "step-up")
        and (row.cells is not None or released is not None),
        "why_not": may.reason if isinstance(may, Refused) and may.code != "step-up" else "",
    }

"""Stopping at the door: what is stopped and by whom, a pause set or lifted, a delivery recalled.

GET /stopped, POST /stopped/pause, POST /stopped/lift, POST /stopped/recall (forms); the same desk as `presscheck
pause`, `unpause` and `recall`, whose API is `door.api_pausing`.
"""

from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.desk.pausing import known_scope, pause, unpause
from presscheck.desk.recalling import decide_recall
from presscheck.desk.stops import stops_of_late
from presscheck.door.api_pausing import campaigns_known, under_way
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.door.step_up import step_up_page
from presscheck.ledger import Writer
from presscheck.ledger.pausing import EVERYTHING, all_pauses
from presscheck.models import ReasonCode, Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_STATUS = {"no-right": 403, "not-active": 403, "no-such-scope": 404, "no-delivery": 404, "incomplete": 422}


def routes(door: Doorway) -> list[Route]:
    """The page and its forms."""
    return [
        signed_in_route(door, "/stopped", "GET", _page),
        *(signed_in_route(door, f"/stopped/{act}", "POST", _by_form) for act in _ACTS),
    ]


async def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return await run_in_threadpool(_shown, door, session, await campaigns_known(door))


def _shown(
    door: Doorway,
    session: Session,
    campaigns: list[str],
    typed: dict[str, str] | None = None,
    *,
    fault: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    with door.ledger.read() as tx:
        return page(
            "stopped.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            stops=stops_of_late(tx),
            scopes=list(dict.fromkeys(one.scope for one in all_pauses(tx))),
            deliveries=under_way(tx),
            campaigns=campaigns,
            reasons=get_args(ReasonCode),
            everything=EVERYTHING,
            typed=typed or {},
            fault=fault,
            done=done,
        )


async def _by_form(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    act = request.url.path.rpartition("/")[2]
    campaigns = await campaigns_known(door)
    said = await run_in_threadpool(_acted, door, session, act, form, campaigns)
    if isinstance(said, Refused):
        if said.code == "step-up":
            return RedirectResponse(step_up_page("/stopped"), status_code=303)
        if said.code == "no-right":
            await door.forbidden.record(session.person, request.method, request.url.path, said.reason)
        status = _STATUS.get(said.code, 409)
        return await run_in_threadpool(_shown, door, session, campaigns, form, fault=said.reason, status=status)
    return await run_in_threadpool(_shown, door, session, campaigns, done=said)


def _acted(door: Doorway, session: Session, act: str, form: dict[str, str], campaigns: list[str]) -> str | Refused:
    with door.ledger.write() as tx:
        return _ACTS[act](tx, door, session, form, campaigns)


def _pause(tx: Writer, door: Doorway, session: Session, form: dict[str, str], campaigns: list[str]) -> str | Refused:
    scope = known_scope(tx, form.get("scope", "")[:200].strip(), campaigns=campaigns)
    if isinstance(scope, Refused):
        return scope
    said = pause(tx, door.desk.policies, scope, person=session.person, reason=form.get("reason", ""))
    return said if isinstance(said, Refused) else f"{_named(scope)} is paused. Nothing more of it goes out."


def _lift(tx: Writer, door: Doorway, session: Session, form: dict[str, str], _campaigns: list[str]) -> str | Refused:
    # What is paused has been a scope already, whether or not Prefect still knows a campaign of that name.
    scope = form.get("scope", "")[:200]
    said = unpause(tx, door.desk.policies, scope, person=session.person, proved_at=session.proved_at)
    return said if isinstance(said, Refused) else f"{_named(scope)} goes on."


def _recall(tx: Writer, door: Doorway, session: Session, form: dict[str, str], _campaigns: list[str]) -> str | Refused:
    if form.get("sure") != "yes":
        return Refused(code="incomplete", reason="Nobody can undo a recall, so say that you are sure.")
    delivery, reason = form.get("delivery", "")[:40], form.get("reason", "")
    said = decide_recall(
        tx, door.desk.policies, delivery, person=session.person, reason=reason, proved_at=session.proved_at
    )
    if isinstance(said, Refused):
        return said
    return f"Delivery {delivery} is recalled. Nothing more of it goes out, and the press takes back what can be."


def _named(scope: str) -> str:
    return "Everything" if scope == EVERYTHING else scope


_ACTS = {"pause": _pause, "lift": _lift, "recall": _recall}

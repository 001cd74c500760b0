"""The API's part about stopping: pause, let go on, recall, and what came of each."""

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.cleaning import clean_line
from presscheck.desk.pausing import known_scope, pause, unpause
from presscheck.desk.recalling import decide_recall
from presscheck.desk.retrying import decide_retry
from presscheck.door.answers import json_body
from presscheck.door.carrying_out import carry_out
from presscheck.door.doorway import Doorway
from presscheck.errors import DoorError
from presscheck.ledger import EventKind, Reader, Writer, tables
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import UNDER_WAY, ending_of, find_delivery
from presscheck.ledger.pausing import (
    Pause,
    Recall,
    all_pauses,
    order_over,
    recall_done,
    recall_of,
    scopes_of,
    standing_of_delivery,
)
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_STATUS = {"not-active": 403, "no-such-scope": 404, "no-delivery": 404, "incomplete": 422}
_COUNTS = ("sent", "suppressed", "failed", "unknown")


def listed(door: Doorway, _request: Request, _session: Session) -> Response:
    """Every pause in force, and every delivery that is not over."""
    with door.ledger.read() as tx:
        return JSONResponse(_told(tx))


async def stop(door: Doorway, request: Request, session: Session) -> Response:
    """Pause a scope: `{"scope": "product-launch", "reason": "factual"}`, the scope `*` for everything."""
    body = await json_body(request)
    scope, reason = str(body.get("scope", ""))[:200], str(body.get("reason") or "")[:40]
    names = await campaigns_known(door)

    def do(tx: Writer) -> dict[str, Any] | Refused:
        wanted = known_scope(tx, scope, campaigns=names)
        if isinstance(wanted, Refused):
            return wanted
        paused = pause(tx, door.desk.policies, wanted, person=session.person, reason=reason)
        return paused if isinstance(paused, Refused) else {"paused": _shown(tx, paused), **_told(tx)}

    return await _answered(door, request, session, do)


async def lift(door: Doorway, request: Request, session: Session) -> Response:
    """Lift every pause of a scope: `{"scope": "product-launch"}`."""
    body = await json_body(request)
    scope = str(body.get("scope", ""))[:200]
    names = await campaigns_known(door)

    def do(tx: Writer) -> dict[str, Any] | Refused:
        wanted = known_scope(tx, scope, campaigns=names)
        if isinstance(wanted, Refused):
            return wanted
        gone = unpause(tx, door.desk.policies, wanted, person=session.person, proved_at=session.proved_at)
        return gone if isinstance(gone, Refused) else {"lifted": [_shown(tx, one) for one in gone], **_told(tx)}

    return await _answered(door, request, session, do)


def recalled(door: Doorway, request: Request, _session: Session) -> Response:
    """How far the recall of a delivery has come."""
    with door.ledger.read() as tx:
        return JSONResponse(_recall_told(tx, str(request.path_params["delivery"])[:40]))


async def recall(door: Doorway, request: Request, session: Session) -> Response:
    """Recall a delivery: `{"reason": "factual"}`."""
    delivery = str(request.path_params["delivery"])[:40]
    body = await json_body(request)
    reason = str(body.get("reason") or "")[:40]

    def do(tx: Writer) -> dict[str, Any] | Refused:
        decided = decide_recall(
            tx, door.desk.policies, delivery, person=session.person, reason=reason, proved_at=session.proved_at
        )
        return decided if isinstance(decided, Refused) else _recall_told(tx, delivery)

    return await _answered(door, request, session, do)


async def retry(door: Doorway, request: Request, session: Session) -> Response:
    """Have those tried again whom a delivery gave up: `{}`."""
    delivery = str(request.path_params["delivery"])[:40]
    await json_body(request)

    def do(tx: Writer) -> dict[str, Any] | Refused:
        again = decide_retry(tx, door.desk.policies, delivery, person=session.person, proved_at=session.proved_at)
        return again if isinstance(again, Refused) else {"delivery": delivery, "messages": again}

    return await _answered(door, request, session, do)


async def _answered(
    door: Doorway, request: Request, session: Session, do: Callable[[Writer], dict[str, Any] | Refused]
) -> Response:
    advice = "Ask somebody who may; `presscheck policies matrix` says who."
    return await carry_out(door, request, session, do, _STATUS, no_right=advice)


async def campaigns_known(door: Doorway) -> list[str]:
    """The campaigns that could be started; none where Prefect is away, for a stop must not wait for it."""
    try:
        status, found = await door.prefect.ask("POST", "/api/deployments/filter", {"limit": 200})
    except DoorError:
        return []
    rows = cast(list[dict[str, Any]], found) if status == 200 and isinstance(found, list) else []
    return [str(row.get("name", "")) for row in rows]


def _told(tx: Reader) -> dict[str, Any]:
    return {"pauses": [_shown(tx, one) for one in all_pauses(tx)], "deliveries": under_way(tx)}


def _shown(tx: Reader, one: Pause) -> dict[str, Any]:
    return {
        "scope": one.scope,
        "by": person_name(tx, one.person),
        "role": one.role,
        "reason": one.reason,
        "at": one.at,
        "event": one.seq,
    }


def under_way(tx: Reader) -> list[dict[str, Any]]:
    """Deliveries that are not over, by what the press signed of them."""
    table = tables.deliveries
    rows = tx.execute(select(table.c.id).where(table.c.state.in_(UNDER_WAY))).scalars()
    return [shown for delivery in rows if (shown := _delivery(tx, str(delivery))) is not None]


def _delivery(tx: Reader, delivery: str) -> dict[str, Any] | None:
    requested = tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)
    if not requested or ending_of(tx, delivery) is not None:
        return None
    order = order_over(tx, delivery, scopes_of(tx, delivery, requested[0].run))
    last = standing_of_delivery(tx, delivery)
    waits = last is not None and last.kind == EventKind.DELIVERY_WAITING
    paused = last is not None and last.kind == EventKind.DELIVERY_PAUSED
    row = find_delivery(tx, delivery)
    told: dict[str, Any] = {
        "delivery": delivery,
        "run": requested[0].run,
        "to_stop": isinstance(order, Pause | Recall),
        "paused": paused,
        "waiting": waits,
        # The press signs what it waits for; the words beside it are for people.
        "why": clean_line(str(row.reason)) if waits and row is not None else "",
    }
    if (waits or paused) and last is not None:
        told |= {name: last.data.get(name, 0) for name in (*_COUNTS, "left")}
        told["at"] = last.at
    return told


def _recall_told(tx: Reader, delivery: str) -> dict[str, Any]:
    decided, done = recall_of(tx, delivery), recall_done(tx, delivery)
    if decided is None:
        there = find_delivery(tx, delivery) is not None
        return {"delivery": delivery, "state": "not recalled" if there else "unknown", "counts": {}}
    told: dict[str, Any] = {
        "delivery": delivery,
        "state": "decided" if done is None else "done",
        "by": person_name(tx, decided.person),
        "role": decided.role,
        "reason": decided.reason,
        "at": decided.at,
        "counts": {},
    }
    return told if done is None else {**told, **_came_of(done, delivery)}


def _came_of(done: Event, delivery: str) -> dict[str, Any]:
    data = done.data
    return {
        "done_at": done.at,
        "counts": {name: data.get(name, 0) for name in (*_COUNTS, "left")},
        "taken_back": data.get("taken_back", 0),
        "listed": data.get("listed", 0),
        "how": data.get("how", ""),
        "list": f"press/recalls/{delivery}.csv" if data.get("list") else "",
    }

"""The door's JSON under /-/api: what the command line and scripts use, with the same rights as the pages.

A write carries the session's token in `X-Presscheck-CSRF` and the door's own Origin.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.door import (
    answering,
    api_assets,
    api_gaps,
    api_glass,
    api_pausing,
    api_people,
    api_reviews,
    api_rights,
    api_rules,
    api_sign_in,
    api_suppressions,
    begun,
    comment_pages,
    gates,
    minutes,
)
from presscheck.door.answers import json_body, no
from presscheck.door.asked import person_route, writing_route
from presscheck.door.doorway import Doorway
from presscheck.door.parameters import fitted
from presscheck.door.waiting import run_page
from presscheck.errors import DoorError
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """All routes of the API."""
    at, writing = partial(person_route, door), partial(writing_route, door)
    return [
        Route("/-/api/health", partial(_health, door), methods=["GET"]),
        *api_sign_in.routes(door),
        at("/reviews", "GET", api_reviews.several),
        at("/reviews/{review}", "GET", api_reviews.one),
        at("/reviews/{review}/rights", "GET", api_rights.of_review),
        at("/reviews/{review}/decision", "POST", api_reviews.decide),
        writing("/reviews/{review}/check", answering.check),
        writing("/reviews/{review}/begun", begun.keep_typing),
        *comment_pages.routes(door),
        at("/images", "GET", api_assets.pictures),
        at("/images", "POST", api_assets.add_picture),
        at("/assets/{digest}/revert", "POST", api_assets.revert),
        at("/glass", "GET", api_glass.listed),
        at("/reviews/{review}/glass", "POST", api_glass.ask),
        at("/glass/{glass}/confirm", "POST", api_glass.confirm),
        at("/glass/{glass}/decline", "POST", api_glass.decline),
        at("/glass/{glass}/review", "POST", api_glass.review),
        at("/pauses", "GET", api_pausing.listed),
        at("/pauses", "POST", api_pausing.stop),
        at("/pauses/lift", "POST", api_pausing.lift),
        at("/deliveries/{delivery}/recall", "GET", api_pausing.recalled),
        at("/deliveries/{delivery}/recall", "POST", api_pausing.recall),
        at("/deliveries/{delivery}/retry", "POST", api_pausing.retry),
        at("/suppressions/lift", "POST", api_suppressions.lift),
        at("/gap", "GET", api_gaps.shown),
        at("/gap", "POST", api_gaps.sign),
        at("/rules", "GET", api_rules.listed),
        at("/rules/{rule}/signature", "POST", api_rules.sign),
        at("/rules/{rule}/signature/end", "POST", api_rules.take_back),
        at("/runs", "POST", _start),
        writing("/work", minutes.state),
        at("/proposals", "GET", api_people.proposals),
        at("/proposals/{proposal}/confirm", "POST", api_people.confirm),
        at("/proposals/{proposal}/decline", "POST", api_people.decline),
        at("/people", "GET", api_people.listed),
        writing("/people", api_people.invite),
        at("/people/anew", "POST", api_people.anew),
        at("/people/{person}/revoke", "POST", api_people.revoke),
        writing("/people/{person}/grants", api_people.change),
    ]


async def _health(door: Doorway, _request: Request) -> Response:
    """Whether ledger and Prefect answer; tells nothing else, because anybody may ask."""

    def ledger_answers() -> bool:
        with door.ledger.read() as tx:
            return tx.tip().seq >= 0

    await run_in_threadpool(ledger_answers)
    try:
        status, _ = await door.prefect.ask("GET", "/api/health")
    except DoorError:
        status = 503
    return JSONResponse({"door": "ok", "ledger": "ok", "prefect": "ok" if status == 200 else "away"})


async def _start(door: Doorway, request: Request, session: Session) -> Response:
    if not set(gates.RUNNERS) & set(session.rights.roles):
        reason = "only an engineer or a scheduler may start a run"
        await door.forbidden.record(session.person, request.method, request.url.path, reason)
        return no(403, reason, "Ask one, or ask an administrator for the role.")
    body = await json_body(request)
    campaign = str(body.get("campaign", ""))[:120]
    wanted = {"deployments": {"name": {"any_": [campaign]}}, "limit": 2}
    try:
        status, found = await door.prefect.ask("POST", "/api/deployments/filter", wanted)
    except DoorError as error:
        return no(503, str(error), "Try again in a moment, or look at `presscheck doctor`.")
    rows = cast(list[dict[str, Any]], found) if status == 200 and isinstance(found, list) else []
    if len(rows) != 1:
        how_many = "no" if not rows else "more than one"
        advice = "A file in flows/ holds each, and `presscheck up` says which are registered and why others are not."
        return no(404, f"there is {how_many} deployment named {campaign!r}", advice)
    if isinstance(body.get("parameters"), dict):
        body["parameters"], wrong = fitted(rows[0], cast(dict[str, Any], body["parameters"]))
        if wrong is not None:
            return no(422, *wrong)

    def shown(run: Mapping[str, Any]) -> Response:
        page = door.url + run_page(str(run["id"]))
        return JSONResponse({"run": run["id"], "name": run.get("name", ""), "url": page}, status_code=201)

    return await gates.start_run(door, session, str(rows[0]["id"]), body, shown=shown)

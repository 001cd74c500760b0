"""Every path that is not our own: Prefect's pages and API, for who is signed in and as their roles allow."""

import re
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from presscheck.door import deployments, gates
from presscheck.door.allow import allowed, is_page
from presscheck.door.answers import json_body, json_list, no
from presscheck.door.doorway import Doorway
from presscheck.door.instead import instead
from presscheck.door.minutes import mark_form_seen
from presscheck.door.shown_form import Part, form_part
from presscheck.door.shown_run import shown_runs

_U = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RESUME = re.compile(rf"/api/flow_runs/({_U})/resume")
_SET_STATE = re.compile(rf"/api/flow_runs/({_U})/set_state")
_FORM = re.compile(rf"/api/flow_runs/({_U})/input/[a-z0-9_-]{{1,150}}-(schema|description)")
_RUN = re.compile(rf"/api/flow_runs/({_U})")
_RUNS = ("/api/flow_runs/filter", "/api/flow_runs/paginate")
_START = re.compile(rf"/api/deployments/({_U})/create_flow_run")
# Prefect's UI asks at the root for icons of a run's state, some of which it does not even have: its own does for all.
_ICON = re.compile(r"/[a-z]{1,20}\.svg|/favicon-[0-9]{2}x[0-9]{2}(?:-dark)?\.png")


async def ui_settings(_request: Request) -> Response:
    """What Prefect's UI asks first: where its API is, and that nobody has to sign in to it."""
    return JSONResponse(
        {
            "api_url": "/api",
            "csrf_enabled": False,
            "auth": None,
            "flags": [],
            "default_ui": "v2",
            "available_uis": ["v2"],
            "v1_base_url": None,
            "v2_base_url": "/v2",
        }
    )


def _links_beside(answer: Response) -> Response:
    """Prefect's page, made to open links beside it; its files as they are.

    A link in a form's words would lead away from what was typed, and Prefect's page lets no link there say where it
    opens. Its own links are followed by its own script, which looks at the link alone.
    """
    if not isinstance(answer, StreamingResponse) or not answer.headers.get("content-type", "").startswith("text/html"):
        return answer
    pieces = answer.body_iterator

    async def changed() -> AsyncIterator[bytes]:
        whole = b"".join([piece async for piece in pieces if isinstance(piece, bytes)])
        yield whole.replace(b"<head>", b'<head><base target="_blank">', 1)

    answer.body_iterator = changed()
    for name in ("content-length", "etag", "last-modified"):
        if name in answer.headers:
            del answer.headers[name]
    return answer


async def behind(door: Doorway, request: Request) -> Response:
    """Answer for Prefect, by passing on what may pass."""
    path, method = request.url.path, request.method
    if method == "GET" and _ICON.fullmatch(path):
        return RedirectResponse("/v2/ico/favicon.ico", status_code=303)
    if not path.startswith("/api/") and not is_page(method, path):
        # A mistyped address, or an icon that a browser asks for by itself: nothing to record, whoever asks.
        return no(404, "there is nothing here", "Look at the address again; the inbox is at /inbox.")
    session = await door.session(request)
    if session is None:
        if is_page(method, path) and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/sign-in?next={path}", status_code=303)
        return no(401, "nobody is signed in here, or the session has ended", "Sign in at /sign-in.")
    if method == "POST":
        for pattern, handle in ((_RESUME, gates.resume), (_SET_STATE, gates.set_state), (_START, gates.start)):
            if match := pattern.fullmatch(path):
                return await handle(door, request, session, match[1])
    if is_page(method, path):
        packed = path.startswith("/v2/assets/")
        return _links_beside(await door.prefect.pass_on(request, session.person, body=None, packed=packed))
    if method == "GET" and (match := _FORM.fullmatch(path)):
        part: Part = "schema" if match[2] == "schema" else "description"
        text = await run_in_threadpool(form_part, door, session, match[1], part)
        if text is not None:
            await run_in_threadpool(mark_form_seen, door, match[1], session.person)
            return Response(text, media_type="text/plain")
    rule = allowed("GET" if method == "HEAD" else method, path)
    if rule is None or not rule.admits(session.rights):
        if (answer := instead(method, path)) is not None:
            return JSONResponse(answer)
        reason = "this does not pass the door" if rule is None else "none of your roles may do this"
        await door.forbidden.record(session.person, method, path, reason)
        return no(403, reason, "docs/door.md says what passes, and for whom.")
    if method in ("GET", "HEAD"):
        if rule.query is not None and (reason := rule.query(request.query_params)):
            return no(400, reason, "docs/door.md says what passes, and for whom.")
        told = await shown_runs(door, request, session.person) if method == "GET" and _RUN.fullmatch(path) else None
        return told or await door.prefect.pass_on(request, session.person, body=None)
    body = await (json_list(request) if rule.several else json_body(request))
    if rule.body is not None and (reason := rule.body(body, session.rights)):
        await door.forbidden.record(session.person, method, path, reason)
        return no(403, reason, "docs/door.md says what passes, and for whom.")
    if path in _RUNS and (told := await shown_runs(door, request, session.person, body)) is not None:
        return told
    if not deployments.is_setting(method, path):
        return await door.prefect.pass_on(request, session.person, body=await request.body())
    return await deployments.pass_on(door, request, session, body)

"""Our pages of coming and going: signing in with a password, signing out, enrolling."""

from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, safe_next, signed_in_route
from presscheck.models import Refused
from presscheck.people.accounts import EnrolmentStart
from presscheck.people.passkeys import Site
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """The pages of who comes and goes."""
    return [
        Route("/sign-in", partial(_sign_in_page, door), methods=["GET"]),
        Route("/sign-in", partial(_sign_in, door), methods=["POST"]),
        Route("/enrol", _enrol_page, methods=["GET"]),
        Route("/enrol", partial(_enrol, door), methods=["POST"]),
        signed_in_route(door, "/sign-out", "POST", _sign_out),
    ]


async def _sign_in_page(door: Doorway, request: Request) -> Response:
    return _sign_in_form(door, safe_next(request.query_params.get("next")))


def _sign_in_form(door: Doorway, following: str, *, fault: str = "", email: str = "", status: int = 200) -> Response:
    """Every way to sign in that this door has; `email` is what was typed, the one part that is no secret."""
    site = Site.of(door.settings.door_url, door.settings.door_port)
    oidc = door.settings.sign_in.oidc
    label = oidc.label if oidc.issuer else ""
    passkeys = site is not None
    return page("sign_in.html", status, next=following, fault=fault, email=email, label=label, passkeys=passkeys)


async def _sign_in(door: Doorway, request: Request) -> Response:
    form = await form_of(request)
    following = safe_next(form.get("next"))
    email = form.get("email", "")[:320]
    mark = request.cookies.get(door.mark_cookie, "")[:400]
    answer = await door.sign_in(email, form.get("password", "")[:1000], form.get("code", "")[:20], mark=mark)
    if isinstance(answer, Refused):
        status = 429 if answer.code == "busy" else 403
        return _sign_in_form(door, following, fault=answer.reason, email=email, status=status)
    response = RedirectResponse(following, status_code=303)
    door.let_in(response, answer.token, answer.expires_at)
    door.mark_browser(response, door.accounts.browser_mark(email))
    return response


async def _sign_out(door: Doorway, request: Request, session: Session) -> Response:
    if not await is_ours(door, request, session, await form_of(request)):
        return foreign()
    await run_in_threadpool(door.accounts.sign_out, session)
    response = RedirectResponse("/sign-in", status_code=303)
    door.let_out(response)
    return response


async def _enrol_page(_request: Request) -> Response:
    return page("enrol.html", start=None, code="", email="", name="", fault="", qr="")


async def _enrol(door: Doorway, request: Request) -> Response:
    form = await form_of(request)
    code, email, name = form.get("code", "")[:100], form.get("email", "")[:320], form.get("name", "")
    given: dict[str, Any] = {"code": code, "email": email, "name": name}
    sealed = form.get("sealed", "")[:1000]
    if not sealed:
        start = await run_in_threadpool(_begin, door, code, email, name)
        if isinstance(start, Refused):
            return page("enrol.html", 403, start=None, fault=start.reason, qr="", **given)
        return page("enrol.html", start=start, fault="", qr=_qr(start.uri), **given)
    if form.get("password", "") != form.get("again", ""):
        answer: str | Refused = Refused(reason="the two passwords differ", code="weak-password")
    else:
        answer = await run_in_threadpool(_take_place, door, form, sealed)
    if isinstance(answer, Refused):
        # The same secret: the phone holds it by now, and another one would make every further try fail.
        start = await run_in_threadpool(_begin, door, code, email, name, sealed)
        begun = None if isinstance(start, Refused) else start
        qr = "" if begun is None else _qr(begun.uri)
        return page("enrol.html", 403, start=begun, fault=answer.reason, qr=qr, **given)
    return page("enrolled.html", email=email)


def _begin(door: Doorway, code: str, email: str, name: str, sealed: str = "") -> EnrolmentStart | Refused:
    return door.accounts.begin(code, email=email, name=name, sealed=sealed)


def _take_place(door: Doorway, form: dict[str, str], sealed: str) -> str | Refused:
    return door.accounts.enrol(
        form.get("code", ""),
        sealed,
        password=form.get("password", "")[:1000],
        code=form.get("one_time_code", "")[:20],
        email=form.get("email", "")[:320],
        name=form.get("name", ""),
    )


def _qr(uri: str) -> Markup:
    import segno

    # segno writes plain shapes from the text's bits; nothing of the text itself stands in the SVG.
    return Markup(segno.make(uri, error="m").svg_inline(scale=5, border=2))  # noqa: S704

"""Our own pages: signing in, enrolling, the inbox and the proof. Server-side templates; only passkeys need a script."""

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.cleaning import clean_line, clean_text, shorten
from presscheck.desk.proving import FRESH_FROM
from presscheck.desk.situation import read_brief
from presscheck.desk.stops import stops_of_late
from presscheck.documents.sentences import capital, counted
from presscheck.door.answers import no
from presscheck.door.api_glass import waits_for
from presscheck.door.choices import FIRST_ROWS, text_named
from presscheck.door.doorway import Doorway
from presscheck.door.picture_pages import picture, shown_with
from presscheck.door.policy_state import news_for
from presscheck.door.proof import Proof, gather
from presscheck.door.under_way import WaitingDelivery, waiting_deliveries
from presscheck.door.waiting import asked_for, inbox, run_page
from presscheck.door.work import mark_seen
from presscheck.ledger.reviews import find_review
from presscheck.models import Refused
from presscheck.people.accounts import EnrolmentStart
from presscheck.people.passkeys import Site
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session
from presscheck.rendering import framed, preview_html

Handler = Callable[[Doorway, Request, Session], Awaitable[Response]]

_FORM = "application/x-www-form-urlencoded"
_REPORT_NAME = re.compile(r"(?:refused-)?[0-9a-f]{64}")
_NEXT = re.compile(
    r"/(?:inbox|passkeys|people|policies|handbook(?:/[a-z]{1,20}\.html)?|proof/R-[0-9a-f]{12}|report/(?:refused-)?[0-9a-f]{64}"
    # Prefect's own pages, such as /v2/runs/flow-run/ID; a dotted part would lead a browser elsewhere.
    r"|v2(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+){0,6})"
)


def routes(door: Doorway) -> list[Route]:
    """All pages."""

    def open_to_all(path: str, method: str, handler: Callable[[Doorway, Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await handler(door, request)

        return Route(path, endpoint, methods=[method])

    def signed_in(path: str, method: str, handler: Handler) -> Route:
        return signed_in_route(door, path, method, handler)

    return [
        open_to_all("/", "GET", _front),
        open_to_all("/sign-in", "GET", _sign_in_page),
        open_to_all("/sign-in", "POST", _sign_in),
        open_to_all("/enrol", "GET", _enrol_page),
        open_to_all("/enrol", "POST", _enrol),
        signed_in("/sign-out", "POST", _sign_out),
        signed_in("/inbox", "GET", _inbox),
        signed_in("/proof/{review}", "GET", _proof),
        signed_in("/proof/{review}/{code}", "GET", _preview),
        signed_in("/proof/{review}/picture/{image}", "GET", picture),
        signed_in("/report/{name}", "GET", _report),
    ]


def signed_in_route(door: Doorway, path: str, method: str, handler: Handler) -> Route:
    """A page for people who are signed in; others are led to the sign-in page."""

    async def endpoint(request: Request) -> Response:
        session = await door.session(request)
        if session is None:
            # A form leads back to the page that it stands on, such as /people for /people/propose.
            whole = request.url.path
            path = whole if method == "GET" else "/" + whole.split("/")[1]
            return RedirectResponse(f"/sign-in?next={quote(path)}", status_code=303)
        return await handler(door, request, session)

    return Route(path, endpoint, methods=[method])


async def is_ours(door: Doorway, request: Request, session: Session, form: Mapping[str, str]) -> bool:
    """Whether a form carries the session's own token; one that does not is recorded."""
    if hmac.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
        return True
    await door.forbidden.record(session.person, request.method, request.url.path, "the form token is missing")
    return False


def foreign() -> Response:
    """What a form gets that does not carry the session's token, where nothing was typed into it."""
    return page("trouble.html", 403, what="This form is not from here.", advice="Go back to the page and try again.")


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template; every value is escaped there."""
    return HTMLResponse(_templates.get_template(template).render(**values), status_code=status)


# ---------------------------------------------------------------- coming and going


async def _front(_door: Doorway, _request: Request) -> Response:
    return RedirectResponse("/inbox", status_code=303)


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


async def _enrol_page(_door: Doorway, _request: Request) -> Response:
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


# ---------------------------------------------------------------- looking


async def _inbox(door: Doorway, request: Request, session: Session) -> Response:
    def read() -> dict[str, Any]:
        number, size, only = asked_for(request.query_params)
        found = inbox(door.desk, person=session.person, page=number, size=size, only=only)
        with door.ledger.read() as tx:
            glass = waits_for(tx, door.desk, session.person)
            news = news_for(tx, door.desk)
            waits = waiting_deliveries(tx)
            return {
                "inbox": found,
                "glass": glass,
                "news": news,
                "waits": waits,
                "stops": stops_of_late(tx),
                "name": person_name(tx, session.person),
                "now": tx.now,
            }

    return page("inbox.html", session=session, **await run_in_threadpool(read))


async def _proof(door: Doorway, request: Request, session: Session) -> Response:
    def read() -> tuple[Proof | None, str, datetime, list[WaitingDelivery]]:
        with door.ledger.read() as tx:
            review = find_review(tx, request.path_params["review"])
            proof = None if review is None else gather(tx, door.desk, review, person=session.person)
            waits = [] if review is None else waiting_deliveries(tx, review.id)
            return proof, person_name(tx, session.person), tx.now, waits

    proof, name, now, waits = await run_in_threadpool(read)
    if proof is None:
        return page("trouble.html", 404, what="There is no such review.", advice="The inbox lists those that wait.")
    await run_in_threadpool(mark_seen, door, proof.review.id, session.person)
    return page("proof.html", session=session, proof=proof, name=name, now=now, waits=waits)


async def _preview(door: Doorway, request: Request, session: Session) -> Response:
    def read() -> str | None:
        with door.ledger.read() as tx:
            review = find_review(tx, request.path_params["review"])
            brief = None if review is None else read_brief(tx, review.question)
            if review is None or brief is None or isinstance(brief, Refused):
                return None
            copy = text_named(tx, door.desk, review, request.path_params["code"])
            shown = None if copy is None else shown_with(tx, door, copy, brief[0])
        return None if copy is None else preview_html(copy, *brief, sender=review.question.sender, shown=shown)

    html = await run_in_threadpool(read)
    return no(404, "there is no such text") if html is None else HTMLResponse(framed(html))


async def _report(door: Doorway, request: Request, _session: Session) -> Response:
    """An audience's report: a file that the worker wrote, shown without scripts and in an origin of its own."""
    name = str(request.path_params["name"])
    path = door.settings.home / "reports" / f"{name}.html"
    if not _REPORT_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        advice = "It is written where the worker runs; where door and worker share no disk, look for it there."
        return page("trouble.html", 404, what="There is no such report here.", advice=advice)
    return HTMLResponse(await run_in_threadpool(path.read_bytes))


# ---------------------------------------------------------------- helpers of the templates


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; nothing of one that came another way."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        return {}
    async with request.form(max_fields=20) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


def safe_next(given: str | None) -> str:
    """The page to go on to after signing in."""
    # Only a page of this door: anything else would make the sign-in page a springboard.
    return given if given and _NEXT.fullmatch(given) else "/inbox"


def _moment(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M} UTC"


def _distance(moment: datetime, now: datetime) -> str:
    """`in 3 days`, `2 hours ago`."""
    seconds = (moment - now).total_seconds()
    amount = abs(seconds)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if amount >= size:
            words = counted(int(amount // size), unit)
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "within a minute" if seconds > 0 else "just now"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("presscheck.door"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    known = cast(dict[str, Any], environment.globals)  # pyright: ignore[reportUnknownMemberType]
    known.update(fresh_from=FRESH_FROM, first_rows=FIRST_ROWS)
    filters = cast(dict[str, Any], environment.filters)  # pyright: ignore[reportUnknownMemberType]
    filters.update(
        capital=capital,
        counted=counted,
        moment=_moment,
        distance=_distance,
        line=clean_line,
        text=clean_text,
        short=shorten,
        run_page=run_page,
    )
    return environment


_templates = _environment()

"""A page of our own: who may open it, what its form says, and how it is drawn from a template."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from presscheck.assets.marking import instead
from presscheck.cleaning import clean_line, clean_text, shorten
from presscheck.documents.sentences import capital, counted
from presscheck.door.answers import as_text
from presscheck.door.asked import Handler, answered
from presscheck.door.choices import FIRST_ROWS
from presscheck.door.doorway import Doorway
from presscheck.door.draft_lines import FEW, SORTS
from presscheck.door.waiting import run_page
from presscheck.people.rights import WEIGHTY
from presscheck.people.sessions import Session

_FORM = "application/x-www-form-urlencoded"
# 200 drafts, each picked, with all its parts open and a comment.
_MOST_FIELDS = 2_000
_NEXT = re.compile(
    r"/(?:inbox|done|passed|figures|calendar|glass|passkeys|people|policies|library|quarantine|rules|stopped|told|try|handbook(?:/[a-z]{1,20}\.html)?|(?:proof|history|glass)/R-[0-9a-f]{12}|history/asset/[0-9a-f]{64}|report/(?:refused-)?[0-9a-f]{64}"
    # Prefect's own pages, such as /v2/runs/flow-run/ID; a dotted part would lead a browser elsewhere.
    r"|v2(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+){0,6})"
)

# A reviewer's every day stands in sight, the rest is one key away: what runs, what it is judged by, then oneself.
_DAILY = (
    ("/inbox", "Inbox"),
    ("/done", "Done"),
    ("/stopped", "Stopped"),
    ("/calendar", "Calendar"),
    ("/figures", "Figures"),
)
_FOLDED = (
    ("/v2/runs", "Runs"),
    ("/quarantine", "Quarantine"),
    ("/policies", "Policies"),
    ("/library", "Library"),
    ("/handbook", "Handbook"),
    ("/try", "Try a text"),
    ("/people", "People"),
    ("/passkeys", "Passkeys"),
)


def signed_in_route(door: Doorway, path: str, method: str, handler: Handler) -> Route:
    """A page for people who are signed in; others are led to the sign-in page."""
    return Route(path, partial(_of_somebody, door, handler), methods=[method])


async def _of_somebody(door: Doorway, handler: Handler, request: Request) -> Response:
    session = await door.session(request)
    if session is not None:
        return await answered(handler, door, request, session)
    # A form leads back to the page that it stands on, such as /people for /people/propose.
    whole = request.url.path
    path = whole if request.method in ("GET", "HEAD") else "/" + whole.split("/")[1]
    return RedirectResponse(f"/sign-in?next={quote(path)}", status_code=303)


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


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; nothing of one that came another way."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        return {}
    async with request.form(max_fields=20) as form:
        return {as_text(key): as_text(value) for key, value in form.items() if isinstance(value, str)}


async def fields_of(request: Request) -> list[tuple[str, str]]:
    """The same of a large form, of which a field may come several times, in its order."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        return []
    async with request.form(max_fields=_MOST_FIELDS) as form:
        return [(as_text(key), as_text(value)) for key, value in form.multi_items() if isinstance(value, str)]


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
    known.update(daily=_DAILY, folded=_FOLDED, first_rows=FIRST_ROWS, few=FEW, sorts=SORTS, weighty=frozenset(WEIGHTY))
    filters = cast(dict[str, Any], environment.filters)  # pyright: ignore[reportUnknownMemberType]
    filters.update(
        capital=capital,
        counted=counted,
        moment=_moment,
        distance=_distance,
        line=clean_line,
        instead=instead,
        text=clean_text,
        short=shorten,
        run_page=run_page,
    )
    return environment


_templates = _environment()

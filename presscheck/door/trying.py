"""Try a text: what the guardrails find in words that somebody types, and nothing of them is kept.

GET /try, POST /try (the form), POST /-/api/try {"subject": ..., "body": ..., "channel": ..., "markets": "US, DE"}

There is no brief, so claims, figures and links are compared with none, as by `presscheck check FILE`.
"""

from collections.abc import Mapping
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from policies import PolicySet, check_texts, verdict
from policies.engine.guardrail import CopyField
from presscheck.assets.marking import shown_findings
from presscheck.cleaning import hidden_in
from presscheck.desk.situation import current_policies
from presscheck.documents.sentences import counted
from presscheck.door.answers import no
from presscheck.door.asked import writing_route
from presscheck.door.doorway import Doorway
from presscheck.door.page import form_of, is_ours, page, signed_in_route
from presscheck.door.people_pages import markets_typed
from presscheck.door.turns import A_MINUTE
from presscheck.models import Channel, Finding, Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

MOST = 20_000
"""Characters of subject and body together."""

_CHANNELS: tuple[Channel, ...] = get_args(Channel)
_PARTS: dict[CopyField, str] = {"subject": "Subject", "body": "Text"}
_VERDICTS = {
    "block": "This would be blocked",
    "review": "A person would have to look at this",
    "note": "This would pass, with notes",
    "pass": "Nothing was found",
}
_STATUS = {"not-a-text": 422, "too-long": 413, "too-often": 429}


def routes(door: Doorway) -> list[Route]:
    """Page, form and API, for everybody who is signed in."""
    return [
        signed_in_route(door, "/try", "GET", _shown),
        signed_in_route(door, "/try", "POST", _by_form),
        writing_route(door, "/try", _by_script),
    ]


async def _by_form(door: Doorway, request: Request, session: Session) -> Response:
    form = {name: text.replace("\r\n", "\n") for name, text in (await form_of(request)).items()}
    if not await is_ours(door, request, session, form):
        fault = "You have signed in anew since this page was opened; check it once more."
        return await run_in_threadpool(_page, door, session, form, fault=fault, status=403)
    answer = await run_in_threadpool(_try, door, session, form)
    if isinstance(answer, Refused):
        status = _STATUS.get(answer.code, 409)
        return await run_in_threadpool(_page, door, session, form, fault=answer.reason, status=status)
    return await run_in_threadpool(_page, door, session, form, tried=answer)


def _by_script(door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    answer = _try(door, session, body)
    if isinstance(answer, Refused):
        return no(_STATUS.get(answer.code, 409), answer.reason)
    return JSONResponse(answer)


def _try(door: Doorway, session: Session, given: Mapping[str, Any]) -> dict[str, Any] | Refused:
    typed = {name: given.get(name, "") for name in (*_PARTS, "channel", "markets")}
    if not all(isinstance(text, str) for text in typed.values()):
        return Refused(code="not-a-text", reason="Subject, body, channel and markets are texts.")
    if (length := sum(len(typed[part]) for part in _PARTS)) > MOST:
        told = f"These are {length:,} characters, and {MOST:,} are looked at at once; try a part of it."
        return Refused(code="too-long", reason=told)
    channel: Channel | None = next((one for one in _CHANNELS if one == typed["channel"]), None)
    if channel is None and typed["channel"]:
        return Refused(code="not-a-text", reason=f"The channel is one of {', '.join(_CHANNELS)}, or none.")
    markets = markets_typed(typed["markets"])
    if isinstance(markets, str) and markets != "all":
        return Refused(code="not-a-text", reason=markets)
    if not door.turns.has(session.person, length):
        told = f"You have looked at {A_MINUTE} texts within a minute; go on in a moment."
        return Refused(code="too-often", reason=told)
    policies = current_policies(door.desk.policies)
    if isinstance(policies, Refused):
        return policies
    return _tried(door, typed, policies, channel, () if isinstance(markets, str) else markets)


def _tried(
    door: Doorway,
    typed: Mapping[str, str],
    policies: PolicySet,
    channel: Channel | None,
    markets: tuple[str, ...],
) -> dict[str, Any]:
    with door.ledger.read() as tx:
        day = tx.now.date()
    parts: list[tuple[str, str, tuple[Finding, ...]]] = []
    for field, title in _PARTS.items():
        text = typed[field]
        if text.strip():
            [found] = check_texts(
                [text], policies=policies, channel=channel, markets=markets, field=field, as_of=day, replacements=True
            )
            parts.append((title, text, found))
    level = verdict(finding for *_, found in parts for finding in found) or "pass"
    shown = shown_findings(parts)
    many = f": {counted(len(shown['findings']), 'finding')}" if shown["findings"] else ""
    return {
        "verdict": level if parts else "",
        "said": f"{_VERDICTS[level]}{many}." if parts else "",
        "hidden": [f"{title}: {told}." for title, text, _ in parts if (told := hidden_in(text))],
        **shown,
    }


def _shown(door: Doorway, _request: Request, session: Session) -> Response:
    return _page(door, session, {})


def _page(
    door: Doorway,
    session: Session,
    typed: Mapping[str, str],
    *,
    tried: Mapping[str, Any] | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    with door.ledger.read() as tx:
        name = person_name(tx, session.person)
    return page(
        "try.html",
        status,
        session=session,
        name=name,
        typed={part: typed.get(part, "") for part in (*_PARTS, "channel", "markets")},
        channels=_CHANNELS,
        tried=tried,
        fault=fault,
        most=MOST,
    )

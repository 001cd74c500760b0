"""Rules by which things go out without a person: who signed which, signing one, taking a signature back.

GET /rules, POST /rules/sign {"rule", "version"}, POST /rules/take-back {"rule"}; the same desk as `presscheck rules`.
"""

from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.desk.spot_check import RuleSigned
from presscheck.desk.upkeep import Upkeep
from presscheck.door.api_rules import rules_in
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.door.step_up import step_up_page
from presscheck.models import Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

Act = Callable[[Doorway, Session, dict[str, str]], str | Refused]
_STATUS = {"no-right": 403, "not-active": 403, "no-such-rule": 404, "incomplete": 422}


def routes(door: Doorway) -> list[Route]:
    """The page and its forms."""
    return [
        signed_in_route(door, "/rules", "GET", _page),
        signed_in_route(door, "/rules/sign", "POST", partial(_by_form, _sign)),
        signed_in_route(door, "/rules/take-back", "POST", partial(_by_form, _take_back)),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return _shown(door, session)


def _shown(door: Doorway, session: Session, *, fault: str = "", done: str = "", status: int = 200) -> Response:
    rules = rules_in(door)
    with door.ledger.read() as tx:
        return page(
            "rules.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            rules=[] if isinstance(rules, Refused) else rules,
            trouble=rules.reason if isinstance(rules, Refused) else "",
            fresh=session.is_fresh(tx.now),
            prove=step_up_page("/rules"),
            fault=fault,
            done=done,
        )


async def _by_form(do: Act, door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    said = await run_in_threadpool(do, door, session, form)
    if not isinstance(said, Refused):
        return await run_in_threadpool(partial(_shown, door, session, done=said))
    if said.code == "step-up":
        return RedirectResponse(step_up_page("/rules"), status_code=303)
    if said.code == "no-right":
        await door.forbidden.record(session.person, request.method, request.url.path, said.reason)
    status = _STATUS.get(said.code, 409)
    return await run_in_threadpool(partial(_shown, door, session, fault=said.reason, status=status))


def _sign(door: Doorway, session: Session, form: dict[str, str]) -> str | Refused:
    if form.get("sure") != "yes":
        return Refused(code="incomplete", reason="Say that you have read what the rule lets out.")
    rule, shown = form.get("rule", "")[:80], form.get("version", "")
    signed = Upkeep(door.desk).sign_rule(rule, person=session.person, proved_at=session.proved_at, shown=shown)
    if not isinstance(signed, RuleSigned):
        return signed
    return (
        f"Your name stands under {signed.rule}: what is asked from now on and is not drawn for a person goes out by it."
    )


def _take_back(door: Doorway, session: Session, form: dict[str, str]) -> str | Refused:
    rule = form.get("rule", "")[:80]
    refused = Upkeep(door.desk).revoke_rule(rule, person=session.person)
    return refused or f"The signature under {rule} is taken back: from now on a person is asked about every single one."

"""Sending oneself a test from the page with all views: POST /proof/R-…/V01/test (a form), carried out by the press.

The form names one's own address or a seed group, never an address. What became of it stands on the page.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presscheck.desk.trials import Trial, ask_trial
from presscheck.door.answers import no
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours
from presscheck.door.previews import gallery_of
from presscheck.ledger.reviews import find_review
from presscheck.models import Refused
from presscheck.people.sessions import Session

_STATUS = {"not-enrolled": 403, "not-active": 403, "no-such-text": 404, "too-many": 429}


async def ask(door: Doorway, request: Request, session: Session) -> Response:
    """Ask for a test; the page again, with what came of it or with why not."""
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    said = await run_in_threadpool(_asked, door, request, session, form.get("to", ""))
    if isinstance(said, Trial):
        return RedirectResponse(f"/proof/{said.review}/{said.code}/preview#test", status_code=303)
    if said.code == "not-enrolled":
        await door.forbidden.record(
            session.person, request.method, request.url.path, "a test to nobody who is enrolled"
        )
    if said.code == "no-such-text":
        return no(404, "there is no such text")
    status = _STATUS.get(said.code, 409)
    return await run_in_threadpool(gallery_of, door, request, session, fault=said.reason, status=status)


def _asked(door: Doorway, request: Request, session: Session, to: str) -> Trial | Refused:
    with door.ledger.write() as tx:
        review = find_review(tx, request.path_params["review"])
        if review is None:
            return Refused(code="no-such-text", reason="There is no such question.")
        code, groups = str(request.path_params["code"]), door.settings.mail.seeds
        return ask_trial(tx, door.desk.policies, review, code, person=session.person, to=to[:60], groups=groups)

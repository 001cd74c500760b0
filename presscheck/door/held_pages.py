"""The buttons beside an answer that can still be taken back.

POST /held/R-...    do=take-back, send, longer or forget; `next` is the page that the button stands on
POST /held/all      every answer of this person that is held is taken back
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.answering import proof_page
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, safe_next, signed_in_route
from presscheck.models import Decision, Refused
from presscheck.people.sessions import Session


def routes(door: Doorway) -> list[Route]:
    """What the buttons of `_held.html` post to."""
    return [signed_in_route(door, "/held/{review}", "POST", _pressed)]


async def _pressed(door: Doorway, request: Request, session: Session) -> Response:
    form = await form_of(request)
    if not await is_ours(door, request, session, form):
        return foreign()
    review, person = str(request.path_params["review"]), session.person
    if review == "all":
        told = await run_in_threadpool(door.held.take_all_back, person=person)
        lost = [(one, refused.reason) for one, refused in told.items() if refused is not None]
        if not lost:
            return RedirectResponse("/inbox", status_code=303)
        (first, reason), others = lost[0], [one for one, _ in lost[1:]]
        refusal = f"{reason} The same is so of {', '.join(others)}." if others else reason
        return await run_in_threadpool(proof_page, door, session, first, refusal=refusal, status=409)
    here = safe_next(form.get("next"))
    do = {"take-back": door.held.take_back, "send": door.held.send_now, "longer": door.held.longer}.get(
        form.get("do", "")
    )
    if do is None:
        await run_in_threadpool(door.held.forget, review, person=person)
        return RedirectResponse(here, status_code=303)
    done = await run_in_threadpool(do, review, person=person)
    if isinstance(done, Decision):
        door.bell.ring_soon()
    if isinstance(done, Refused) and done.code in ("too-late", "no-longer", "lost"):
        return await run_in_threadpool(proof_page, door, session, review, refusal=done.reason, status=409)
    if isinstance(done, Refused) or form["do"] == "take-back":
        # There everything stands as it was typed, and beside it why it did not count.
        return RedirectResponse(f"/proof/{review}", status_code=303)
    if form["do"] == "send":
        return RedirectResponse(f"{here}?after={review}", status_code=303)
    return RedirectResponse(here, status_code=303)

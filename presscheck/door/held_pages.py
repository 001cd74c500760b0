"""The buttons beside an answer that can still be taken back.

POST /held/R-...    do=take-back, send, longer or forget; `next` is the page that the button stands on
POST /held/all      every answer of this person that is held is taken back

On a proof they are buttons of its own form, so that what was typed there comes along without a script: it is kept as
begun, or shown again where it cannot be. Nothing of it is read as an answer.
"""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from presscheck.door.answering import ANEW, Typed, keeping, kept_page, proof_page
from presscheck.door.doorway import Doorway
from presscheck.door.page import fields_of, foreign, is_ours, safe_next
from presscheck.ledger.held import HeldAnswer
from presscheck.models import Approval, Decision, Refused

_DID = {
    "take-back": "it is taken back, and stands there as you typed it",
    "send": "it is sent",
    "longer": "it waits on",
}


def routes(door: Doorway) -> list[Route]:
    """What the buttons of `_held.html` post to."""
    return [Route("/held/{review}", partial(_pressed, door), methods=["POST"])]


async def _pressed(door: Doorway, request: Request) -> Response:
    fields = await fields_of(request)
    given, typed = dict(fields), Typed.of(fields)
    here = safe_next(given.get("next"))
    proof = here.removeprefix("/proof/") if here.startswith("/proof/") else ""
    session = await door.session(request)
    if session is None:
        return kept_page(proof, fields) if proof else RedirectResponse("/sign-in?next=/inbox", status_code=303)
    again = partial(proof_page, door, session, looked_at=door.turns.has(session.person, typed.characters))
    if not await is_ours(door, request, session, given):
        return await run_in_threadpool(again, proof, typed, refusal=ANEW, status=403) if proof else foreign()
    review, do = str(request.path_params["review"]), given.get("do", "")
    # First of all what its time runs out for; then what was typed beside it.
    done = await run_in_threadpool(_done, door, review, do, session.person)
    if isinstance(done, Decision):
        door.bell.ring_soon()
    if proof and proof != review:
        typed, told = await run_in_threadpool(keeping, door, session, proof, typed)
        if told:
            which = "all your answers" if review == "all" else f"your answer to {review}"
            said = done.reason if isinstance(done, Refused) else f"Of {which}: {_DID.get(do, 'it was put away')}."
            return await run_in_threadpool(again, proof, typed, refusal=f"{said} {told}", status=409)
    if isinstance(done, Mapping):
        lost = [(one, refused.reason) for one, refused in done.items() if refused is not None]
        if not lost:
            return RedirectResponse("/inbox", status_code=303)
        (first, reason), others = lost[0], [one for one, _ in lost[1:]]
        refusal = f"{reason} The same is so of {', '.join(others)}." if others else reason
        return await run_in_threadpool(again, first, refusal=refusal, status=409)
    if isinstance(done, Refused) and done.code in ("too-late", "no-longer", "lost"):
        return await run_in_threadpool(again, review, refusal=done.reason, status=409)
    if isinstance(done, Refused) or do == "take-back":
        # There everything stands as it was typed, and beside it why it did not count.
        return RedirectResponse(f"/proof/{review}", status_code=303)
    return RedirectResponse(f"{here}?after={review}" if do == "send" else here, status_code=303)


def _done(
    door: Doorway, review: str, do: str, person: str
) -> Mapping[str, Refused | None] | Decision | Approval | HeldAnswer | Refused | None:
    """What a button came to; for all of them, by question, why one was not taken back."""
    if review == "all":
        return door.held.take_all_back(person=person)
    acts: dict[str, Callable[..., Decision | Approval | HeldAnswer | Refused]] = {
        "take-back": door.held.take_back,
        "send": door.held.send_now,
        "longer": door.held.longer,
    }
    if do in acts:
        return acts[do](review, person=person)
    door.held.forget(review, person=person)
    return None

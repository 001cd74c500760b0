"""The API's part about broken glass: asking for it, confirming or declining it, reviewing it afterwards."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.desk import Desk
from presscheck.desk.breaking_glass import (
    break_glass,
    confirm_glass,
    decline_glass,
    may_confirm,
    may_review,
    review_glass,
)
from presscheck.desk.glass import Glass, all_glass, find_glass
from presscheck.door.answers import json_body, no, refusal
from presscheck.door.doorway import Doorway
from presscheck.errors import LedgerForged
from presscheck.ledger import Reader, timestamp
from presscheck.ledger.reviews import application_of, decision_event, find_review, submission_digest
from presscheck.models import Decision, Refused
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

Act = Callable[[], Glass | Decision | Refused | None]
"""Something that the desk does about broken glass."""
_MISSING = ("no-review", "unknown-glass")
_FORBIDDEN = ("no-right", "not-active", "same-person", "own-text")


def listed(door: Doorway, _request: Request, session: Session) -> Response:
    """Every request, the newest first, and what the person asking is wanted for."""
    with door.ledger.read() as tx:
        found = [shown(tx, door.desk, one, session.person) for one in reversed(all_glass(tx))]
    return JSONResponse({"glass": found})


async def ask(door: Doorway, request: Request, session: Session) -> Response:
    """Ask for it: `{"picks": ["V01"], "hours": 1, "reason": "..."}`."""
    body = await json_body(request)
    picks, hours, reason = body.get("picks"), body.get("hours", 1), body.get("reason")
    listed_well = isinstance(picks, list) and all(isinstance(one, str) for one in cast(list[object], picks))
    if not listed_well or isinstance(hours, bool) or not isinstance(hours, int | float) or not isinstance(reason, str):
        return no(422, "picks is a list of codes, hours a number and reason a text", "Send all three.")
    codes = [code[:20] for code in cast(list[str], picks)[:20]]
    review_id = str(request.path_params["review"])
    do = partial(
        break_glass,
        door.desk,
        review_id,
        person=session.person,
        picks=codes,
        hours=float(hours),
        reason=reason,
        proved_at=session.proved_at,
    )
    return await _told(door, session, do, review_id=review_id)


async def confirm(door: Doorway, request: Request, session: Session) -> Response:
    """Be the second person."""
    number = number_of(str(request.path_params["glass"]))
    do = partial(confirm_glass, door.desk, number, person=session.person, proved_at=session.proved_at)
    return await _told(door, session, do, number)


async def decline(door: Doorway, request: Request, session: Session) -> Response:
    """Say no, or take one's own request back."""
    number = number_of(str(request.path_params["glass"]))
    return await _told(door, session, lambda: decline_glass(door.desk, number, person=session.person), number)


async def review(door: Doorway, request: Request, session: Session) -> Response:
    """Say how it was: `{"finding": "justified", "note": "..."}`."""
    body = await json_body(request)
    finding: object = body.get("finding")
    note = body.get("note")
    if finding not in ("justified", "unjustified") or not isinstance(note, str):
        return no(422, "finding is justified or unjustified, and note a text", "Send both.")
    number = number_of(str(request.path_params["glass"]))
    do = partial(review_glass, door.desk, number, person=session.person, finding=finding, note=note)
    return await _told(door, session, do, number)


def waits_for(tx: Reader, desk: Desk, person: str) -> list[dict[str, Any]]:
    """What of broken glass waits for this person: to be confirmed, or to be looked at afterwards."""
    found = (shown(tx, desk, one, person) for one in all_glass(tx) if one.reviewed is None)
    return [one for one in found if one["mine"]]


def shown(tx: Reader, desk: Desk, glass: Glass, person: str) -> dict[str, Any]:
    """One request, for people."""
    second, ends = glass.second, glass.expires_at
    state = glass.state(tx.now)
    overtaken = state == "asked" and decision_event(tx, glass.review) is not None
    return {
        "id": glass.id,
        "review": glass.review,
        "run": glass.run,
        "state": "answered otherwise" if overtaken else state,
        "by": person_name(tx, glass.person),
        "own": glass.person == person,
        "role": glass.role,
        "confirmed_by": person_name(tx, second) if second else "",
        "confirmed_as": "" if glass.confirmed is None else str(glass.confirmed.data["role"]),
        "picks": _picks(tx, glass),
        "reason": _reason(tx, glass),
        "hours": glass.hours,
        "asked_at": timestamp(glass.at),
        "expires_at": "" if ends is None else timestamp(ends),
        "finding": glass.finding,
        "reviewed_by": "" if glass.reviewed is None else person_name(tx, str(glass.reviewed.data["person"])),
        "overdue": glass.overdue(tx.now),
        "mine": "" if overtaken else _wanted(tx, desk, glass, person),
    }


def _wanted(tx: Reader, desk: Desk, glass: Glass, person: str) -> Literal["confirm", "review", ""]:
    if glass.state(tx.now) == "asked":
        return "confirm" if may_confirm(desk, tx, glass, person) is None else ""
    if glass.confirmed is not None and glass.reviewed is None:
        return "review" if may_review(desk, tx, glass, person) is None else ""
    return ""


def _reason(tx: Reader, glass: Glass) -> str:
    """The reason in its words, where they are still those that were signed."""
    try:
        kept = application_of(tx, glass.application)
    except LedgerForged:
        kept = None
    return kept.note if kept is not None and submission_digest(kept) == glass.submission else ""


def _picks(tx: Reader, glass: Glass) -> list[dict[str, str]]:
    """What would go out, by the codes under which it was proposed."""
    try:
        review = find_review(tx, glass.review)
    except LedgerForged:
        review = None
    codes = {} if review is None else {proposal.asset: proposal.code for proposal in review.question.proposals}
    # What an approver edited has no code of its own.
    return [{"code": codes.get(digest, "edited"), "asset": digest} for digest in glass.assets]


def number_of(given: str) -> int:
    """The number of a request by what it is called; 0, which no request has, for what is called otherwise."""
    number = given.removeprefix("G-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0


async def carried_out(
    door: Doorway, session: Session, do: Act, *, review_id: str = ""
) -> Glass | Decision | Refused | None:
    """What the desk says to it, once it is known where the runs come from that the person may have started."""
    if unsettled := await door.starts.settle(session, review=review_id):
        return unsettled
    answer = await run_in_threadpool(do)
    if isinstance(answer, Decision):
        door.bell.ring_soon()
    return answer


def status_of(answer: Refused) -> int:
    """How a no is told."""
    return 404 if answer.code in _MISSING else 403 if answer.code in _FORBIDDEN else 409


async def _told(door: Doorway, session: Session, do: Act, number: int = 0, *, review_id: str = "") -> Response:
    answer = await carried_out(door, session, do, review_id=review_id)
    if isinstance(answer, Refused):
        return refusal(answer, status_of(answer))
    asked = answer.number if isinstance(answer, Glass) else number
    return JSONResponse(await run_in_threadpool(_accepted, door, asked, session.person))


def _accepted(door: Doorway, number: int, person: str) -> dict[str, Any]:
    with door.ledger.read() as tx:
        glass = find_glass(tx, number)
        return {"accepted": True, "glass": None if glass is None else shown(tx, door.desk, glass, person)}

"""Broken glass at the door: asked for, confirmed or declined, reviewed afterwards; the same desk as `presscheck glass`.

GET  /glass                 every request, and what of it waits for the person
GET  /glass/R-...           asking for it: what is to go out, for how long, and why
POST /glass/ask, /glass/confirm, /glass/decline, /glass/review

Nothing that was typed is lost: what is refused is shown again with the reason beside it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.desk.breaking_glass import break_glass, confirm_glass, decline_glass, review_glass
from presscheck.desk.glass import MOST_HOURS, Glass, all_glass
from presscheck.desk.records import choices_of, title_of
from presscheck.door.api_glass import Act, carried_out, number_of, shown, status_of
from presscheck.door.doorway import Doorway
from presscheck.door.page import fields_of, is_ours, page, signed_in_route
from presscheck.door.step_up import step_up_page
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Reader
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Decision, Refused, Review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

Form = dict[str, str]
_HOURS = (1, 2, 4, 8)
_MOST_SHOWN = 50
_STALE = "You have signed in anew since this page was opened. What you typed is here: look at it, and send it again."
_UNSURE = Refused(code="incomplete", reason="Say that you are sure: it goes out past those who have to approve it.")


def routes(door: Doorway) -> list[Route]:
    """Both pages and their forms."""
    return [
        signed_in_route(door, "/glass", "GET", _page),
        signed_in_route(door, "/glass/{review}", "GET", _asking),
        *(signed_in_route(door, f"/glass/{act}", "POST", partial(_by_form, do)) for act, do in _ACTS.items()),
    ]


def _page(door: Doorway, _request: Request, session: Session) -> Response:
    return _shown(door, session)


def _shown(
    door: Doorway, session: Session, typed: Form | None = None, *, fault: str = "", done: str = "", status: int = 200
) -> Response:
    with door.ledger.read() as tx:
        found = [shown(tx, door.desk, one, session.person) for one in reversed(all_glass(tx))]
        return page(
            "glass.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            requests=found[:_MOST_SHOWN],
            left_out=len(found[_MOST_SHOWN:]),
            fresh=session.is_fresh(tx.now),
            prove=step_up_page("/glass"),
            typed=typed or {},
            fault=fault,
            done=done,
        )


def _asking(door: Doorway, request: Request, session: Session) -> Response:
    return _asked(door, session, str(request.path_params["review"]), {}, ())


def _asked(
    door: Doorway,
    session: Session,
    named: str,
    typed: Form,
    picks: Sequence[str],
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    with door.ledger.read() as tx:
        review = _open_review(tx, named)
        if review is None:
            advice = "Glass is broken for a question that is still open; look for it in the inbox."
            return page("trouble.html", 404, what="There is no such open review.", advice=advice)
        return page(
            "glass_asking.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            review=review,
            title=title_of(tx, review),
            choices=_choices(tx, review),
            hours=[hours for hours in _HOURS if hours <= MOST_HOURS],
            fresh=session.is_fresh(tx.now),
            prove=step_up_page(f"/glass/{review.id}"),
            typed=typed,
            picks=picks,
            fault=fault,
        )


def _open_review(tx: Reader, named: str) -> Review | None:
    try:
        review = find_review(tx, named[:20])
    except LedgerForged:
        return None
    return None if review is None or decision_event(tx, review.id) is not None else review


def _choices(tx: Reader, review: Review) -> list[tuple[str, str]]:
    """Code and first words of everything that is proposed."""
    try:
        return [(code, one.label({})) for code, one in choices_of(tx, review).items()]
    except (LedgerForged, LedgerGone):
        # The desk lets none of it out, and says why.
        return [(proposal.code, "it cannot be shown") for proposal in review.question.proposals]


async def _by_form(
    do: "Callable[[Doorway, Session, Form, list[str]], Act | Refused]",
    door: Doorway,
    request: Request,
    session: Session,
) -> Response:
    fields = await fields_of(request)
    form, picks = dict(fields), [value[:20] for key, value in fields if key == "pick"][:20]
    # Who asks goes back to that page, with all that was typed; the other forms stand on the list.
    asked = form.get("asks", "")[:20]
    again = partial(_asked, door, session, asked, form, picks) if asked else partial(_shown, door, session, form)
    if not await is_ours(door, request, session, form):
        return await run_in_threadpool(partial(again, fault=_STALE, status=403))
    act = do(door, session, form, picks)
    answer = act if isinstance(act, Refused) else await carried_out(door, session, act, review_id=asked)
    if isinstance(answer, Refused):
        if answer.code == "no-right":
            await door.forbidden.record(session.person, request.method, request.url.path, answer.reason)
        status = 422 if answer.code == "incomplete" else status_of(answer)
        return await run_in_threadpool(partial(again, fault=answer.reason, status=status))
    return await run_in_threadpool(partial(_shown, door, session, done=_told(answer, form)))


def _told(answer: Glass | Decision | None, form: Form) -> str:
    if isinstance(answer, Glass):
        return f"{answer.id} is asked for. Nothing goes out yet: somebody of another role has to confirm it in an hour."
    if isinstance(answer, Decision):
        return f"The glass is broken for review {answer.review}. Both names are on record; somebody else reviews it."
    what = "reviewed" if "finding" in form else "declined, and the review waits for whom the policies demand"
    return f"{form.get('glass', '')[:20]} is {what}."


def _ask(door: Doorway, session: Session, form: Form, picks: list[str]) -> Act | Refused:
    if form.get("sure") != "yes":
        return _UNSURE
    hours = form.get("hours", "")
    return partial(
        break_glass,
        door.desk,
        form.get("asks", "")[:20],
        person=session.person,
        picks=picks,
        # What is no number of hours is none, which the desk refuses in words.
        hours=float(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0.0,
        reason=form.get("reason", ""),
        proved_at=session.proved_at,
    )


def _confirm(door: Doorway, session: Session, form: Form, _picks: list[str]) -> Act | Refused:
    if form.get("sure") != "yes":
        return _UNSURE
    return partial(confirm_glass, door.desk, _number(form), person=session.person, proved_at=session.proved_at)


def _decline(door: Doorway, session: Session, form: Form, _picks: list[str]) -> Act | Refused:
    return partial(decline_glass, door.desk, _number(form), person=session.person)


def _review(door: Doorway, session: Session, form: Form, _picks: list[str]) -> Act | Refused:
    finding = form.get("finding")
    if finding not in ("justified", "unjustified"):
        return Refused(code="incomplete", reason="Say whether it was justified or not.")
    note = form.get("note", "")
    return partial(review_glass, door.desk, _number(form), person=session.person, finding=finding, note=note)


def _number(form: Form) -> int:
    return number_of(form.get("glass", ""))


_ACTS: dict[str, Any] = {"ask": _ask, "confirm": _confirm, "decline": _decline, "review": _review}

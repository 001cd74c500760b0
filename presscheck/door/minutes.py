"""Human work as the door sees it: when a person first opened a question, and minutes that a person states."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import no
from presscheck.door.doorway import Doorway
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.reviews import decision_event, find_review, open_reviews
from presscheck.people.sessions import Session

_log = logging.getLogger(__name__)
_WHAT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,4}")
_MOST = 10_000


def mark_seen(door: Doorway, review_id: str, person: str) -> None:
    """Record that a person opened what waits or what a rule let out, once; the page is shown whatever comes of it."""
    try:
        with door.ledger.read() as tx:
            if not _is_new(tx, review_id, person):
                return
        with door.ledger.write() as tx:
            review = find_review(tx, review_id)
            # Two tabs opened at once: the first is what counts.
            if review is not None and _is_new(tx, review_id, person):
                tx.append(EventKind.REVIEW_SEEN, review_id, {"person": person}, run=review.question.run)
    except LedgerError as error:
        _log.warning("that review %s was opened could not be recorded: %s", review_id, error)


def mark_form_seen(door: Doorway, run: str, person: str) -> None:
    """The same for the question that a run's form asks."""
    try:
        with door.ledger.read() as tx:
            waiting = open_reviews(tx, run=run)
    except LedgerError as error:
        _log.warning("that the form of run %s was opened could not be recorded: %s", run, error)
        return
    if waiting:
        mark_seen(door, waiting[-1].id, person)


def _is_new(tx: Reader, review_id: str, person: str) -> bool:
    if find_review(tx, review_id) is None:
        return False
    decided = decision_event(tx, review_id)
    # What somebody answered has been looked at; what a rule let out is looked at afterwards, by whoever does.
    if decided is not None and decided.data.get("draw") is None:
        return False
    return all(event.data["person"] != person for event in tx.events(EventKind.REVIEW_SEEN, subject=review_id))


def state(door: Doorway, _request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    """Take down minutes of the signed-in person's own work on a run."""
    run, minutes, what = body.get("run"), body.get("minutes"), body.get("what")
    if type(minutes) is not int or not 1 <= minutes <= _MOST:
        return no(422, f"minutes are a whole number from 1 to {_MOST:,}", "State what one sitting took.")
    # It stands in an event, which nobody can erase: no room for a name in it.
    if not isinstance(what, str) or len(what) > 40 or _WHAT.fullmatch(what) is None:
        return no(422, "what it was is up to five lower-case words joined by hyphens", "Write photo-shoot, or brief.")
    told: dict[str, Any] = {"person": session.person, "minutes": minutes, "what": what}
    with door.ledger.write() as tx:
        if not isinstance(run, str) or not tx.events(EventKind.CAMPAIGN_OPENED, subject=run[:64], run=run[:64]):
            return no(404, "there is no such campaign run", "The run's page in Prefect's UI shows its id.")
        tx.append(EventKind.WORK_STATED, run, told, run=run)
    return JSONResponse({"run": run, **told}, status_code=201)

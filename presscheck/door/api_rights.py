"""The API's part about rights: who may decide a question, who may not, and which rule says so."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from presscheck.door.answers import no, refusal
from presscheck.door.doorway import Doorway
from presscheck.ledger.reviews import decision_event, find_review
from presscheck.models import Refused
from presscheck.people.rights import DECIDING
from presscheck.people.sessions import Session


def of_review(door: Doorway, request: Request, session: Session) -> Response:
    """Everybody with each of their roles, to those who decide and to administrators.

    Others see who may, as on the review's page, and themselves; of the rest they read how many there are.
    """
    sees_all = bool({*DECIDING, "administrator"} & set(session.rights.roles))
    with door.ledger.read() as tx:
        review = find_review(tx, request.path_params["review"])
        if review is None:
            return no(404, "there is no such review", "`presscheck reviews` lists those that wait.")
        people = door.desk.explain(tx, review)
        if isinstance(people, Refused):
            return refusal(people)
        shown = [one for one in people if sees_all or one.may or one.person == session.person]
        return JSONResponse(
            {
                "review": review.id,
                "gate": review.question.gate,
                "round": review.question.round,
                "open": decision_event(tx, review.id) is None,
                "people": [one.model_dump(mode="json") for one in shown],
                "others": len({one.person for one in people} - {one.person for one in shown}),
            }
        )

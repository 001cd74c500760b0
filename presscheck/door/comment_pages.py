"""Comments at the door: shown beside the drafts and sent with the page's own form, or by the API.

    GET  /-/api/reviews/R-.../comments
    POST /-/api/reviews/R-.../comments {"words", "draft", "part", "quote", "start", "answers"}
    POST /-/api/reviews/R-.../comments/C-.../resolve, /reopen, /erase

On the page: do=comment:V03 with the fields comment.V03.part, .quote, .start and .words (`all` in place of a code for
the question as a whole, C-... for an answer), do=resolve:C-..., reopen:C-... and erase:C-... Nothing else that stands
in the form is read by that, so it is an answer to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presscheck.cleaning import clean_text
from presscheck.desk import Desk
from presscheck.desk.comments import Saying, Thread, comment_on, settle, take_back, texts_of, threads, with_names
from presscheck.desk.mentions import people_beside
from presscheck.door.answers import json_body, no
from presscheck.door.asked import person_route
from presscheck.door.carrying_out import carry_out
from presscheck.door.doorway import Doorway
from presscheck.door.proof import Proof
from presscheck.door.turns import A_MINUTE
from presscheck.ledger import Reader, Writer
from presscheck.ledger.comments import Comment
from presscheck.ledger.reviews import find_review
from presscheck.models import Refused, Review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

ALL = "all"
"""In place of a code: the question as a whole."""
ACTS = ("comment", "resolve", "reopen", "erase")
"""What the page's buttons do; none of them answers the question."""
_STATUS = {
    "no-words": 422, "too-long": 422, "bad-place": 422, "bad-mention": 422, "too-many": 429, "not-active": 403,
    "no-comment": 404, "no-review": 404,
}  # fmt: skip


def routes(door: Doorway) -> list[Route]:
    """The API."""
    at = partial(person_route, door)
    return [
        at("/reviews/{review}/comments", "GET", _listed),
        at("/reviews/{review}/comments", "POST", _made),
        at("/reviews/{review}/comments/{comment}/{act}", "POST", _acted),
    ]


def by_form(
    door: Doorway, session: Session, review: str, act: str, about: str, given: Mapping[str, str]
) -> Refused | None:
    """What a button of the page asks for; `given` are the fields that stand beside it."""
    with door.ledger.write() as tx:
        said = _do(tx, door.desk, session, review, act, about, _saying(about, given) if act == "comment" else None)
    return said if isinstance(said, Refused) else None


@dataclass(frozen=True)
class Talk:
    """The comments as the page shows them."""

    beside: Mapping[str, list[dict[str, Any]]]
    """By the codes of the choices, "" for those on the whole."""
    may: bool
    """Whether anything can be said here still."""
    typed: Mapping[str, Mapping[str, str]]
    """What stands in the fields and was not sent, by what it is about."""
    unsaid: tuple[str, str]
    """What the last button was about, and why it did nothing; empty where it did."""
    opened: frozenset[str]
    """Where somebody types, or has just said something."""
    people: tuple[str, ...]
    """Whom one may want to mention: what to write behind an @, the role that is asked last."""

    @classmethod
    def beside_proof(
        cls,
        tx: Reader,
        desk: Desk,
        proof: Proof,
        person: str,
        typed: Mapping[str, Mapping[str, str]],
        unsaid: tuple[str, str],
    ) -> Self:
        """Of everything that a proof shows."""
        said = {one.code: one.comments for one in proof.choices if one.comments}
        said[""] = threads(tx, proof.review, {}).get("", ())
        told = told_comments(tx, desk, proof.review, said, person)
        beside = people_beside(tx, proof.review, proof.who)
        people = [beside.label(one) for one in beside.names if one != person]
        people += [beside.role] if len(beside.asked) > 1 else []
        about = {*typed, unsaid[0]}
        opened = about | {code or ALL for code, here in told.items() if about & {one["id"] for one in here}}
        return cls(told, proof.outcome.decision is None, typed, unsaid, frozenset(opened), tuple(people))


def told_comments(tx: Reader, desk: Desk, review: Review, said: Mapping[str, tuple[Thread, ...]], person: str) -> Any:
    """The comments beside each choice, "" for the whole, for a page or a script: what they say and what one may do."""
    over = desk.outcome(tx, review.id).decision is not None
    decides = not over and any(said.values()) and desk.why_not(tx, review, person) is None
    return {
        code: [
            {
                **_told(tx, one.comment, person),
                "number": one.number,
                "draft": one.code,
                "part": one.part,
                "quote": clean_text(one.quote),
                "span": one.span,
                "gone": one.gone,
                "asked_in": one.comment.review if one.comment.review != review.id else "",
                "resolved": one.comment.resolved,
                "settled_by": person_name(tx, one.comment.settled_by) if one.comment.settled_by else "",
                "may_settle": not over and not one.comment.taken_back and (decides or one.comment.person == person),
                "answers": [_told(tx, other, person) for other in one.answers],
            }
            for one in here
        ]
        for code, here in said.items()
    }


def _told(tx: Reader, one: Comment, person: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "by": person_name(tx, one.person),
        "person": one.person,
        "at": one.at,
        "words": "" if one.words is None else with_names(tx, clean_text(one.words)),
        "known": one.words is not None,
        "altered": one.altered,
        "taken_back": one.taken_back,
        "mentions": list(one.mentions),
        "mine": one.person == person and not one.taken_back,
    }


def _listed(door: Doorway, request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        review = find_review(tx, request.path_params["review"])
        if review is None:
            return no(404, "there is no such review", "`presscheck reviews` lists those that wait.")
        return JSONResponse({"comments": _all_told(tx, door.desk, review, session)})


def _all_told(tx: Reader, desk: Desk, review: Review, session: Session) -> list[dict[str, Any]]:
    said = threads(tx, review, texts_of(tx, review, desk.signed_so_far(tx, review)))
    told = told_comments(tx, desk, review, said, session.person)
    return sorted((one for here in told.values() for one in here), key=lambda one: one["number"])


async def _made(door: Doorway, request: Request, session: Session) -> Response:
    body = await json_body(request)
    texts = {name: body.get(name, "") for name in ("words", "draft", "part", "quote", "answers")}
    start = body.get("start")
    if not all(isinstance(one, str) for one in texts.values()) or not (start is None or type(start) is int):
        return no(422, "words, draft, part, quote and answers are texts, start is a number", 'Send {"words": "..."}.')
    if not door.turns.has(session.person, sum(map(len, texts.values()))):
        return no(429, f"{A_MINUTE} texts within a minute are enough; go on in a moment")
    return await _carried_out(door, request, session, "comment", "", Saying(**texts, start=start))


async def _acted(door: Doorway, request: Request, session: Session) -> Response:
    act = request.path_params["act"]
    if act not in ACTS or act == "comment":
        return no(404, "a comment is resolved, reopened or erased", "POST .../resolve, .../reopen or .../erase.")
    if not door.turns.has(session.person):
        return no(429, f"{A_MINUTE} texts within a minute are enough; go on in a moment")
    return await _carried_out(door, request, session, act, request.path_params["comment"], None)


async def _carried_out(
    door: Doorway, request: Request, session: Session, act: str, about: str, saying: Saying | None
) -> Response:
    def do(tx: Writer) -> dict[str, Any] | Refused:
        review = request.path_params["review"]
        said = _do(tx, door.desk, session, review, act, about, saying)
        found = find_review(tx, review)
        if isinstance(said, Refused) or found is None:
            return said if isinstance(said, Refused) else Refused(code="no-review", reason="There is no such review.")
        return {"comment": said, "comments": _all_told(tx, door.desk, found, session)}

    return await carry_out(door, request, session, do, _STATUS)


def _saying(about: str, given: Mapping[str, str]) -> Saying:
    if about.startswith("C-"):
        return Saying(words=given.get("words", ""), answers=about)
    start = given.get("start", "")
    return Saying(
        words=given.get("words", ""),
        draft="" if about == ALL else about,
        part=given.get("part", ""),
        quote=given.get("quote", ""),
        start=int(start) if start.isascii() and start.isdigit() and len(start) < 8 else None,
    )


def _do(
    tx: Writer, desk: Desk, session: Session, review_id: str, act: str, about: str, saying: Saying | None
) -> str | Refused:
    """The id of the comment that it was about, or why not."""
    review, person = find_review(tx, review_id), session.person
    if review is None:
        return Refused(code="no-review", reason="There is no such review.")
    if saying is not None:
        texts, who = texts_of(tx, review, desk.signed_so_far(tx, review)), desk.who_may(tx, review)
        asked = None if isinstance(who, Refused) else who
        return comment_on(tx, review, texts, saying, person=person, who=asked)
    if act == "erase":
        return take_back(tx, review, about, person=person) or about
    decides = desk.why_not(tx, review, person) is None
    return settle(tx, review, about, person=person, resolved=act == "resolve", decides=decides) or about

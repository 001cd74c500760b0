"""What the chain says of one review, and of one asset: in sentences, with who and when. For whoever may read a proof.

GET /history/R-...          asked, answered, edited, delivered, recalled; the earlier and later questions of its run
GET /history/asset/DIGEST   where it came from, its versions, what was found, approved and sent

POST /history/asset/DIGEST/revert {"version", "reason", "sure"}: an older version is the current one again

The sentences are those of `presscheck history`, and the desk is that of `presscheck revert`.
"""

import re
from collections.abc import Sequence
from functools import cache, partial
from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.desk.records import title_of
from presscheck.desk.reverting import MAY_REVERT, REVERTED_KINDS
from presscheck.digests import fingerprint
from presscheck.door.doorway import Doorway
from presscheck.door.page import foreign, form_of, is_ours, page, signed_in_route
from presscheck.errors import LedgerForged
from presscheck.ledger import Reader
from presscheck.ledger.reviews import find_review
from presscheck.ledger.versions import Version
from presscheck.models import ReasonCode, Refused, Review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session
from presscheck.stories.histories import Happening, Names, asset_of, tell
from presscheck.stories.of_reviews import asked_in_run, tell_review

_MOST = 300
"""So many sentences stand on one page, the latest; what is left out is counted, and the command line has it."""
_REVIEW = re.compile(r"R-[0-9a-f]{12}")
_STATUS = {"no-right": 403, "no-asset": 404, "no-version": 404, "incomplete": 422}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def routes(door: Doorway) -> list[Route]:
    """Both pages."""
    return [
        signed_in_route(door, "/history/asset/{digest}", "GET", _asset),
        signed_in_route(door, "/history/asset/{digest}/revert", "POST", _revert),
        signed_in_route(door, "/history/{review}", "GET", _review),
    ]


def _review(door: Doorway, request: Request, session: Session) -> Response:
    named = str(request.path_params["review"])
    with door.ledger.read() as tx:
        try:
            review = find_review(tx, named) if _REVIEW.fullmatch(named) else None
        except LedgerForged as error:
            return page("trouble.html", 409, what="This review is not what was signed.", advice=str(error))
        if review is None:
            return _nothing("There is no such review.")
        asked, told = asked_in_run(tx, review), tell_review(tx, review, names_in(tx))
        latest, left_out = _latest(told)
        return page(
            "history_review.html",
            session=session,
            name=person_name(tx, session.person),
            review=review,
            title=title_of(tx, review),
            asked=asked,
            choices=_choices(review),
            told=latest,
            left_out=left_out,
        )


def _asset(door: Doorway, request: Request, session: Session) -> Response:
    return _shown(door, session, str(request.path_params["digest"]))


def _shown(
    door: Doorway, session: Session, digest: str, *, fault: str = "", done: str = "", status: int = 200
) -> Response:
    with door.ledger.read() as tx:
        thing = asset_of(tx, digest) if _DIGEST.fullmatch(digest) else None
        if thing is None:
            return _nothing("There is no asset of this digest that anybody signed.")
        story = tell(tx, thing, names_in(tx))
        latest, left_out = _latest(story.happenings)
        return page(
            "history_asset.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            story=story,
            fingerprint=fingerprint(digest),
            told=latest,
            left_out=left_out,
            reverts=thing.what in REVERTED_KINDS and not set(session.rights.roles).isdisjoint(MAY_REVERT),
            reasons=get_args(ReasonCode),
            fault=fault,
            done=done,
        )


async def _revert(door: Doorway, request: Request, session: Session) -> Response:
    form, digest = await form_of(request), str(request.path_params["digest"])
    if not await is_ours(door, request, session, form):
        return foreign()
    said = await run_in_threadpool(_brought_back, door, session, digest, form)
    if isinstance(said, Refused):
        if said.code == "no-right":
            await door.forbidden.record(session.person, request.method, request.url.path, said.reason)
        status = _STATUS.get(said.code, 409)
        return await run_in_threadpool(partial(_shown, door, session, digest, fault=said.reason, status=status))
    return await run_in_threadpool(partial(_shown, door, session, said.digest, done=_done(said)))


def _brought_back(door: Doorway, session: Session, digest: str, form: dict[str, str]) -> Version | Refused:
    if form.get("sure") != "yes":
        return Refused(code="incomplete", reason="Say that you are sure: no yes that was given before holds then.")
    version = form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    return door.desk.revert(digest, number, person=session.person, reason=form.get("reason", "")[:40])


def _done(version: Version) -> str:
    return (
        f"Version {version.number} is current now; it says what version {version.of} said. Earlier yeses hold no more."
    )


def names_in(tx: Reader) -> Names:
    """Names by people's ids, each asked for once."""
    return cache(partial(person_name, tx))


def _choices(review: Review) -> list[tuple[str, str]]:
    return [(proposal.code, proposal.asset) for proposal in review.question.proposals]


def _latest(told: Sequence[Happening]) -> tuple[Sequence[Happening], int]:
    return told[-_MOST:], max(0, len(told) - _MOST)


def _nothing(what: str) -> Response:
    return page("trouble.html", 404, what=what, advice="Look at the address again; Done has what you answered.")

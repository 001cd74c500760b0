"""Two choices of one question side by side: what only one of them says is marked in it.

GET /beside/R-...?one=V07&other=V03      `other` is the first of the others where none is named
"""

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.assets.comparing import differences
from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Signable
from presscheck.cleaning import clean_text
from presscheck.door.doorway import Doorway
from presscheck.door.page import page, signed_in_route
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import find_review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session
from presscheck.world.likeness import bare, likeness


def routes(door: Doorway) -> list[Route]:
    """The page of two choices."""
    return [signed_in_route(door, "/beside/{review}", "GET", _beside)]


@dataclass(frozen=True)
class PartBeside:
    """One part of both."""

    title: str
    one: Markup | str
    other: Markup | str

    @property
    def same(self) -> bool:
        return self.one == self.other


def parts_beside(one: Signable, other: Signable) -> list[PartBeside]:
    """All parts that either has, in their order, with what is only in the one or the other marked."""
    apart = differences(one, other)
    words = {part.title: clean_text(part.text) for part in (*other.parts, *one.parts)}
    titles = dict.fromkeys(part.title for part in (*one.parts, *other.parts))
    return [
        PartBeside(title, apart[title].before, apart[title].after)
        if title in apart
        else PartBeside(title, words[title], words[title])
        for title in titles
        if title in apart or words[title]
    ]


def _beside(door: Doorway, request: Request, session: Session) -> Response:
    with door.ledger.read() as tx:
        review = find_review(tx, str(request.path_params["review"]))
        if review is None:
            return page("trouble.html", 404, what="There is no such review.", advice="The inbox lists those that wait.")
        asked = {one.code: read_signable(get_asset(tx, one.asset)) for one in review.question.proposals}
        code = request.query_params.get("one", "")
        given = request.query_params.get("other") or next((one for one in asked if one != code), "")
        if code not in asked or given not in asked:
            advice = "Open the proof, and compare from there."
            return page("trouble.html", 404, what="There are no two such drafts in this review.", advice=advice)
        one, other = asked[code], asked[given]
        return page(
            "beside.html",
            session=session,
            name=person_name(tx, session.person),
            review=review,
            labels={known: signable.label({}) for known, signable in asked.items()},
            codes=(code, given),
            parts=parts_beside(one, other),
            alike=round(likeness(_words(one), _words(other))),
        )


def _words(one: Signable) -> str:
    return bare(" ".join(part.text for part in one.parts))

"""A draft as it arrives: in a sandboxed frame in one view, and all views of it on one page.

The frame is a document of its own, without scripts and with nothing from outside (`headers.FRAME`); the views of the
proof are links whose target it is, so no script is needed to change them.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from presscheck.assets.copy.letters import frame_height
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.assets.previews.documents import previewed
from presscheck.assets.previews.views import VIEWS, View, views_of
from presscheck.desk.situation import read_brief
from presscheck.desk.trials import trials_of, why_no_trial
from presscheck.door.answers import no
from presscheck.door.choices import text_named
from presscheck.door.doorway import Doorway
from presscheck.door.headers import FRAME
from presscheck.door.page import page
from presscheck.door.picture_pages import shown_with
from presscheck.ledger import Reader
from presscheck.ledger.reviews import find_review
from presscheck.models import Brief, Copy, Product, Refused, Review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

_MOST_TRIALS = 10
_WITHOUT_PICTURES = FRAME.replace("img-src data:", "img-src 'none'")


@dataclass(frozen=True)
class Draft:
    """One text of a review with what it is sent with."""

    review: Review
    code: str
    copy: Copy
    brief: Brief
    product: Product | None
    shown: ShownPicture | None

    def seen(self, door: Doorway, tx: Reader, view: View | None) -> str:
        """The document of a view."""
        return previewed(
            self.copy,
            self.brief,
            self.product,
            sender=self.review.question.sender or self.brief.sender,
            shown=self.shown,
            at=tx.now,
            leave=door.settings.way_to_leave,
            view=view,
        )


def draft_of(tx: Reader, door: Doorway, request: Request) -> Draft | None:
    """The text that a path names, by its review and its code; None where there is none."""
    code = str(request.path_params["code"])
    review = find_review(tx, request.path_params["review"])
    brief = None if review is None else read_brief(tx, review.question)
    if review is None or brief is None or isinstance(brief, Refused):
        return None
    copy = text_named(tx, door.desk, review, code)
    return None if copy is None else Draft(review, code, copy, *brief, shown_with(tx, door, copy, brief[0]))


def frame(door: Doorway, request: Request, _session: Session) -> Response:
    """One text as a document for a sandboxed frame, in the view that `?view=` names."""
    name = request.query_params.get("view", "")
    with door.ledger.read() as tx:
        draft = draft_of(tx, door, request)
        if draft is None or (name and VIEWS.get(name) not in views_of(draft.copy)):
            return no(404, "there is no such text, or no such view of it")
        html = draft.seen(door, tx, VIEWS.get(name))
    return HTMLResponse(html, headers={"Content-Security-Policy": _WITHOUT_PICTURES} if name == "no-images" else {})


def gallery(door: Doorway, request: Request, session: Session) -> Response:
    """Every view of one text, each in a frame of its own that is as wide as it says; and the tests of it."""
    return gallery_of(door, request, session)


def gallery_of(door: Doorway, request: Request, session: Session, *, fault: str = "", status: int = 200) -> Response:
    """The same, with why a test was refused."""
    with door.ledger.read() as tx:
        draft = draft_of(tx, door, request)
        if draft is None:
            return no(404, "there is no such text")
        seen = [(view, draft.seen(door, tx, view)) for view in views_of(draft.copy)]
        trials = trials_of(tx, draft.review, draft.code)
        return page(
            "preview.html",
            status,
            session=session,
            name=person_name(tx, session.person),
            draft=draft,
            views=[(view, frame_height(html, width=view.width)) for view, html in seen],
            fault=fault,
            no_trial=why_no_trial(tx, door.desk.policies, draft.review, draft.code, person=session.person),
            seeds={name: len(addresses) for name, addresses in door.settings.mail.seeds.items()},
            trials=[(one, person_name(tx, one.person)) for one in trials[:_MOST_TRIALS]],
            now=tx.now,
        )

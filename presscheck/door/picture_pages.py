"""The pictures of a review: for whoever may see the proof, from this door, and only if they are what was added."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from presscheck.assets.pictures.believing import read_pictures
from presscheck.assets.pictures.files import pictures_folder
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.desk.situation import read_brief
from presscheck.door.answers import no
from presscheck.door.doorway import Doorway
from presscheck.errors import PictureChanged
from presscheck.ledger import Reader
from presscheck.ledger.reviews import find_review
from presscheck.models import Brief, Copy, Refused
from presscheck.people.sessions import Session

# A picture is opened by itself as a document of nothing: no script, no frame, whatever its bytes are.
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"


def picture(door: Doorway, request: Request, _session: Session) -> Response:
    """One picture of a review's brief, by the digest of its asset."""

    shown = None
    with door.ledger.read() as tx:
        review = find_review(tx, request.path_params["review"])
        brief = None if review is None else read_brief(tx, review.question)
        if brief is not None and not isinstance(brief, Refused):
            shown = _read(tx, pictures_folder(door.settings.home), brief[0], request.path_params["image"])
    if shown is None:
        return no(404, "there is no such picture, or it is not the one that was added")
    headers = {"Content-Security-Policy": _ALONE, "Content-Disposition": "inline"}
    return Response(shown.data, media_type=shown.picture.media_type, headers=headers)


def shown_with(tx: Reader, door: Doorway, copy: Copy, brief: Brief) -> ShownPicture | None:
    """The picture of a text of this brief, for its preview; None where it has none, or not the one that was added."""
    return None if copy.image is None else _read(tx, pictures_folder(door.settings.home), brief, copy.image)


def _read(tx: Reader, folder: Path, brief: Brief, image: str) -> ShownPicture | None:
    pictures = read_pictures(tx, brief)
    if isinstance(pictures, Refused) or image not in pictures:
        return None
    try:
        return ShownPicture.read(folder, pictures[image])
    except PictureChanged:
        # The proof says so in words; another picture in its place is never shown.
        return None

"""The pictures of a brief, as far as they can be believed: a person's declaration, and the very file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from presscheck.assets.pictures.files import read_picture
from presscheck.errors import LedgerForged, LedgerGone, PictureChanged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset
from presscheck.models import Brief, Copy, Picture, Refused


def read_pictures(tx: Reader, brief: Brief) -> dict[str, Picture] | Refused:
    """The brief's pictures by the digests of their assets, or why one of them cannot be shown."""
    found: dict[str, Picture] = {}
    for digest in brief.images:
        read = read_picture_asset(tx, digest)
        if isinstance(read, Refused):
            return read
        found[digest] = read
    return found


def read_picture_asset(tx: Reader, digest: str) -> Picture | Refused:
    """What was declared of one picture. Only the door's word counts: a worker declares nothing."""
    try:
        asset = get_asset(tx, digest)
        picture = Picture.model_validate(asset.content)
    except LedgerGone:
        return Refused(code="no-picture", reason=f"The brief names the picture {digest[:12]}, and there is none.")
    except (LedgerForged, ValidationError) as error:
        told = str(error) if isinstance(error, LedgerForged) else f"{digest[:12]} is no picture"
        return Refused(code="forged", reason=f"A picture cannot be believed: {told}.")
    if asset.kind != "image" or not tx.events(EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN, subject=digest):
        return Refused(code="forged", reason=f"Nobody who was signed in has added the picture {digest[:12]}.")
    return picture


def picture_of(copy: Copy, pictures: Mapping[str, Picture]) -> Picture | Refused | None:
    """The picture that goes with these words; Refused for one that the brief does not name."""
    if copy.image is None:
        return None
    return pictures.get(copy.image) or Refused(
        code="not-briefed", reason=f"A text shows the picture {copy.image[:12]}, which its brief does not name."
    )


def file_fault(folder: Path | None, pictures: Iterable[Picture]) -> Refused | None:
    """The first picture whose file is not the one that was added; looked at anew each time."""
    for picture in pictures:
        if folder is None:
            return Refused(code="picture-changed", reason="Nobody knows here where pictures lie, so none can be shown.")
        try:
            read_picture(folder, picture)
        except PictureChanged as error:
            return Refused(code="picture-changed", reason=f"{error}.")
    return None

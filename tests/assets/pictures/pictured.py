"""A campaign with a picture that has come as far as its review: the file, the asset and the words, all real."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from presscheck.assets.pictures.files import keep_picture, picture_path, pictures_folder
from presscheck.assets.pictures.intake import Prepared, prepare
from presscheck.desk import Desk
from presscheck.ledger.assets import put_asset
from presscheck.models import Asset, Author, Picture
from tests.desk.scene import BRIEF, Scene, draft
from tests.press.stand import Stand

DECLARED: dict[str, Any] = {
    "name": "hero",
    "alt": "A woman in a rain jacket on a hill",
    "caption": "Photographed on the fells",
    "labels": ["contains-people"],
    "source_type": "digitalCapture",
    "creator": "Ana",
}


def png(colour: str = "red", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@cache
def _prepared(colour: str, declared: str) -> Prepared:
    """Really drawn anew, once for each picture: a process of its own takes longer than most tests."""
    return prepare(png(colour), json.loads(declared), path="hero.png")


def add_picture(ledgers: Any, *, colour: str = "red", parent: str | None = None, **declared: Any) -> Asset:
    """A picture as the door adds it."""
    prepared = _prepared(colour, json.dumps({**DECLARED, **declared}))
    keep_picture(pictures_folder(ledgers.home), prepared.data, prepared.picture.media_type)
    content = prepared.picture.model_dump(mode="json")
    asset = Asset(kind="image", content=content, parent=parent, author=Author.by("P-ben"))
    with ledgers.door.write() as tx:
        put_asset(tx, asset, run="")
    return asset


def file_of(ledgers: Any, asset: Asset) -> Path:
    picture = Picture.model_validate(asset.content)
    return picture_path(pictures_folder(ledgers.home), picture.file, picture.media_type)


class PicturedScene(Scene):
    """A scene whose drafts all show one picture."""

    def __init__(self, ledgers: Any, picture: Asset | None = None, *, images: Any = None, **more: Any) -> None:
        self.picture = picture or add_picture(ledgers)
        shown = [draft(number).model_copy(update={"image": self.picture.digest}) for number in range(4)]
        named = (self.picture.digest,) if images is None else images
        super().__init__(
            ledgers, brief=BRIEF.model_copy(update={"images": named}), drafts=more.pop("drafts", shown), **more
        )
        self.desk = Desk(ledgers.door, self.policies, pictures_folder(ledgers.home))

    def stand(self, **more: Any) -> Stand:
        stand = Stand(self, **more)
        stand.press.desk = Desk(self.ledgers.press, self.policies, pictures_folder(self.ledgers.home))
        return stand

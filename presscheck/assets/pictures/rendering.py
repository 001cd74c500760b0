"""A picture with the words it goes with: inline in an e-mail, as data in a preview, in words where none is seen.

shown = ShownPicture.read(folder, picture)       # PictureChanged for another file
shown.figure(shown.cid_url)                      # what an e-mail's HTML holds
shown.attach(message)                            # the bytes, beside the HTML that shows them
"""

from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from pathlib import Path

from presscheck.assets.pictures.files import data_url, read_picture
from presscheck.cleaning import clean_line
from presscheck.models import Picture

PICTURE_STYLE = (
    "figure{margin:0 0 16px}figure img{display:block;max-width:100%;height:auto;border:0}"
    "figcaption{margin-top:6px;font-size:13px;color:#5c5c58}"
    "@media (prefers-color-scheme:dark){figcaption{color:#b8b8b0}}"
)

_COLUMN = 552
"""How wide the words of an e-mail stand; a picture is no wider."""


@dataclass(frozen=True)
class ShownPicture:
    """A picture whose bytes were looked at: they are what its digest says."""

    picture: Picture
    data: bytes = field(repr=False)

    @classmethod
    def read(cls, folder: Path, picture: Picture) -> "ShownPicture":
        """The picture from its folder; PictureChanged if the file is not the one that was added."""
        return cls(picture, read_picture(folder, picture))

    @property
    def cid(self) -> str:
        """The name under which a message's HTML finds the picture in the message itself."""
        return f"{self.picture.file[:32]}@picture.presscheck.invalid"

    @property
    def cid_url(self) -> str:
        return f"cid:{self.cid}"

    @property
    def here(self) -> str:
        """The bytes themselves as an address, for a preview that may load nothing."""
        return data_url(self.data, self.picture.media_type)

    def figure(self, source: str, *, turned: str = "") -> str:
        """The picture as HTML, with its alternative text and its caption, which may be `turned` by a `dir`."""
        picture = self.picture
        width = min(picture.width, _COLUMN)
        height = max(1, round(picture.height * width / picture.width))
        size = f'width="{width}" height="{height}"'
        image = f'<img src="{escape(source)}" alt="{escape(clean_line(picture.alt))}" {size}>'
        caption = clean_line(picture.caption)
        below = f"<figcaption{turned}>{escape(caption)}</figcaption>" if caption else ""
        return f"<figure>{image}{below}</figure>"

    @property
    def words(self) -> list[str]:
        """What a reader of plain text gets of it."""
        caption = clean_line(self.picture.caption)
        return [f"[{clean_line(self.picture.alt)}]", *([caption] if caption else [])]

    def attach(self, message: EmailMessage) -> None:
        """Put the bytes beside the HTML of a message that has a text and an HTML part."""
        html = message.get_body(("html",))
        if not isinstance(html, EmailMessage):
            raise ValueError("a picture goes with HTML, and this message has none")
        kind, _, subtype = self.picture.media_type.partition("/")
        ending = {"jpeg": "jpg"}.get(subtype, subtype)
        name = f"{self.picture.name}.{ending}"
        html.add_related(self.data, kind, subtype, cid=f"<{self.cid}>", disposition="inline", filename=name)
        # A boundary at random would make the same message differ from one attempt to the next.
        html.set_boundary(f"=_r{self.picture.file[:39]}")


def missing_figure() -> str:
    """What a preview shows where the picture is not what was added: never another one."""
    return "<figure><p><strong>The picture is not the one that was added, and is not shown.</strong></p></figure>"

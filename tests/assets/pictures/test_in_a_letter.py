"""A picture in an e-mail: inline, described, the same bytes each time, on lines that any server takes."""

import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from presscheck.assets.copy.letters import Letter, preview_html
from presscheck.assets.pictures.files import keep_picture, picture_path, read_picture
from presscheck.assets.pictures.intake import prepare
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.errors import PictureChanged
from presscheck.models import Picture
from tests.assets.pictures.pictured import DECLARED, PicturedScene, png
from tests.assets.test_letters import AT
from tests.desk.scene import BRIEF, draft

IMAGE = "ab" * 32
PREPARED = prepare(png(), DECLARED, path="hero.png")
SHOWN = ShownPicture(PREPARED.picture, PREPARED.data)
COPY = draft(0).model_copy(update={"image": IMAGE})


def parts_of(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


@pytest.mark.slow
def test_a_delivered_message_shows_the_picture_inside_itself(sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers)
    stand = scene.stand()
    delivery = stand.approve_and_request()

    stand.press.step()

    assert stand.row(delivery).state == "done"
    mail = stand.mails()[0]
    assert parts_of(mail) == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    html, image = (part for part in mail.walk() if part.get_content_type() in ("text/html", "image/png"))
    cid = image["Content-ID"].strip("<>")
    assert f'<img src="cid:{cid}" alt="A woman in a rain jacket on a hill"' in html.get_content()
    assert "<figcaption>Photographed on the fells</figcaption>" in html.get_content()
    assert image["Content-Disposition"].startswith("inline")
    picture = Picture.model_validate(scene.picture.content)
    assert image.get_content() == read_picture(sqlite_ledgers.home / "pictures", picture)
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()
    lines = text.splitlines()
    assert lines[:3] == ["[A woman in a rain jacket on a hill]", "", "Photographed on the fells"]
    report = next((sqlite_ledgers.home / "outbox" / delivery).glob("index.html")).read_text()
    assert "data:image/png;base64," in report


def letter() -> bytes:
    made = Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT, shown=SHOWN)
    return b"".join(piece for piece in made.pieces if isinstance(piece, bytes))


def test_the_same_letter_has_the_same_bytes_on_lines_that_servers_take() -> None:
    assert len({letter() for _ in range(3)}) == 1
    assert max(len(line) for line in letter().split(b"\r\n")) <= 78
    assert b"\n" not in letter().replace(b"\r\n", b"")


def test_words_never_go_out_without_their_picture_nor_a_picture_without_its_words() -> None:
    for copy, shown in ((COPY, None), (draft(0), SHOWN)):
        with pytest.raises(ValueError, match="neither goes out alone"):
            Letter.of(copy, BRIEF, sender=BRIEF.sender, at=AT, shown=shown)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_alternative_text_or_caption_adds_an_element(alt: str, caption: str) -> None:
    picture = PREPARED.picture.model_copy(update={"alt": alt, "caption": caption})
    shown = ShownPicture(picture, PREPARED.data)

    html = preview_html(COPY, BRIEF, shown=shown)
    mail = message_from_bytes(
        b"".join(
            piece
            for piece in Letter.of(COPY, BRIEF, sender=BRIEF.sender, at=AT, shown=shown).pieces
            if isinstance(piece, bytes)
        ),
        policy=policy.default,
    )

    assert html.count("<img ") == 1
    assert html.count("<script") == 0
    assert parts_of(mail)[1:] == ["text/plain", "multipart/related", "text/html", "image/png"]


# ---------------------------------------------------------------- files by digest


def test_a_file_is_kept_whole_private_and_under_its_digest(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"

    digest = keep_picture(folder, PREPARED.data, "image/png")

    [path] = folder.iterdir()
    assert path == picture_path(folder, digest, "image/png")
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    path.write_bytes(PREPARED.data[:10])
    keep_picture(folder, PREPARED.data, "image/png")
    assert read_picture(folder, PREPARED.picture) == PREPARED.data


@pytest.mark.parametrize("harm", ["gone", "cut", "longer", "folder"])
def test_a_file_that_is_not_what_was_added_is_told(tmp_path: Path, harm: str) -> None:
    keep_picture(tmp_path, PREPARED.data, "image/png")
    path = picture_path(tmp_path, PREPARED.picture.file, "image/png")
    if harm in ("gone", "folder"):
        path.unlink()
    if harm == "folder":
        path.mkdir()
    if harm in ("cut", "longer"):
        path.write_bytes(PREPARED.data[:-1] if harm == "cut" else PREPARED.data + b"x")

    with pytest.raises(PictureChanged, match="picture hero"):
        read_picture(tmp_path, PREPARED.picture)


def test_what_was_kept_is_a_picture_that_opens() -> None:
    assert Image.open(io.BytesIO(PREPARED.data)).size == (60, 40)

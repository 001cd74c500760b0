"""A hostile file becomes a clean picture or every reason why not; nothing foreign survives."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from presscheck.assets.pictures.decoder import decode
from presscheck.assets.pictures.intake import MOST_FILE_BYTES, prepare
from presscheck.assets.pictures.markings import Markings, contradictions, markings, source_uri
from presscheck.errors import PictureError
from tests.growing import grows_in_proportion

GOOD: dict[str, Any] = {"name": "hero", "alt": "A rain jacket on a hook", "source_type": "digitalCapture"}
AI = source_uri("trainedAlgorithmicMedia")


def drawn(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 30, 128)[: len(mode)] if mode != "P" else 3).save(out, form, **more)
    return out.getvalue()


def refused(data: bytes, **declared: Any) -> str:
    with pytest.raises(PictureError) as raised:
        prepare(data, {**GOOD, **declared}, path="hero.jpg")
    return str(raised.value)


def test_a_photograph_is_drawn_anew_and_nothing_foreign_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRETWORDS"
    exif.get_ifd(0x8825)[1] = "N"
    data = drawn(exif=exif, comment=b"COMMENTWORDS") + b"PK\x03\x04<script>POLYGLOT</script>"

    prepared = prepare(data, {**GOOD, "creator": "Ana & Co"}, path="hero.jpg")

    assert not [word for word in (b"SECRETWORDS", b"COMMENTWORDS", b"POLYGLOT", b"PK\x03\x04") if word in prepared.data]
    assert source_uri("digitalCapture").encode() in prepared.data
    assert b"Ana &amp; Co" in prepared.data
    again = Image.open(io.BytesIO(prepared.data))
    assert (again.format, again.size, dict(again.getexif())) == ("JPEG", (64, 48), {})
    assert prepared.picture.size == len(prepared.data)


def test_the_same_file_and_words_give_the_same_bytes() -> None:
    first, second = (prepare(drawn("PNG"), GOOD, path="x.png") for _ in range(2))

    assert first.picture == second.picture
    assert first.data == second.data


def test_every_fault_is_told_at_once() -> None:
    said = refused(b"<svg onload=alert(1)>", name="Not A Name", alt="", labels=["happy"], source_type="photo")

    for part in (
        "name:",
        "alt: say what the picture shows",
        "labels.0:",
        "source_type:",
        "is no PNG, JPEG, WebP or GIF",
    ):
        assert part in said


def test_wide_pictures_are_scaled_and_turned_as_the_camera_was() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    told, data = decode(drawn(size=(2400, 1600), exif=exif), b"")

    assert (told["width"], told["height"]) == (1200, 1800)
    assert Image.open(io.BytesIO(data)).size == (1200, 1800)


@pytest.mark.parametrize(
    ("form", "mode", "media_type"),
    [("PNG", "RGBA", "image/png"), ("PNG", "RGB", "image/png"), ("WEBP", "RGB", "image/jpeg"),
     ("GIF", "P", "image/png"), ("JPEG", "CMYK", "image/jpeg"), ("JPEG", "L", "image/jpeg")],
)  # fmt: skip
def test_what_mail_programs_show_comes_out(form: str, mode: str, media_type: str) -> None:
    told, data = decode(drawn(form, mode=mode), b"")

    assert told.get("media_type") == media_type
    assert Image.open(io.BytesIO(data)).mode in ("RGB", "RGBA")


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])

    told, data = decode(out.getvalue(), b"")

    assert told["frames"] == 3
    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xd8\xff" + b"x" * MOST_FILE_BYTES, "is larger than 10 MB"),
        (drawn()[:300], "is broken and cannot be opened"),
        (bomb(50_000, 50_000), "unpacks to more than 40,000,000 pixels"),
        (bomb(2_000_000, 10), "at most 12,000 a side"),
        (drawn(size=(2, 2)), "8 a side"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG and other formats are not taken"),
        (b"II*\0" + b"\0" * 100, "is no PNG, JPEG, WebP or GIF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is no PNG, JPEG, WebP or GIF"),
    ],
    ids=["empty", "large", "cut", "bomb", "wide", "tiny", "svg", "tiff", "postscript"],
)
def test_what_is_no_good_picture_is_refused(data: bytes, said: str) -> None:
    assert said in refused(data)


@pytest.mark.slow
def test_text_that_unpacks_to_gigabytes_is_refused_or_dropped() -> None:
    info = PngInfo()
    info.add_text("x", "A" * 60_000_000, zip=True)

    told, data = decode(drawn("PNG", pnginfo=info), b"")

    assert "fault" in told or len(data) < 10_000


def test_a_file_that_says_ai_made_it_is_not_declared_a_photograph() -> None:
    xmp = f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{AI}"/>'.encode()

    said = refused(drawn(xmp=xmp))

    assert (
        "the file itself says that a machine made it (trainedAlgorithmicMedia) and digitalCapture is declared" in said
    )
    assert "declare --label ai-generated or ai-edited" in said


def test_the_mark_is_found_wherever_it_stands() -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", AI, zip=True)
    packed = drawn("PNG", pnginfo=info)
    assert AI.encode() not in packed

    # Compressed in a PNG, in UTF-16, in a C2PA manifest's CBOR, and in a file that is cut off.
    assert "trainedAlgorithmicMedia" in refused(packed)
    for data in (AI.encode("utf-16-le"), b"jumbc2pa\x78" + AI.encode(), drawn()[:50] + AI.encode()):
        assert markings(data).sources == ("trainedAlgorithmicMedia",)


def test_what_is_declared_honestly_passes() -> None:
    xmp = f"<x>{AI}</x>".encode()
    declared = {**GOOD, "source_type": "trainedAlgorithmicMedia", "labels": ["ai-generated"]}

    prepared = prepare(drawn(xmp=xmp), declared, path="hero.jpg")

    assert prepared.picture.source_type == "trainedAlgorithmicMedia"
    assert AI.encode() in prepared.data


@pytest.mark.parametrize(
    ("said", "source_type", "labels", "faults"),
    [
        (Markings(), None, (), 0),
        (Markings(), "digitalCapture", ("contains-people",), 0),
        (Markings(), "digitalCapture", ("ai-generated",), 1),
        (Markings(), "trainedAlgorithmicMedia", (), 1),
        (Markings(sources=("digitalCapture",)), None, (), 1),
        # A photograph that AI changed: saying more of AI than the file does is no contradiction.
        (Markings(sources=("digitalCapture",)), "compositeWithTrainedAlgorithmicMedia", ("ai-edited",), 0),
        (Markings(generator=True), "humanEdits", ("ai-edited",), 1),
        (Markings(generator=True), None, (), 2),
        (Markings(sources=("trainedAlgorithmicMedia",)), "trainedAlgorithmicMedia", ("synthetic-performer",), 0),
    ],
)
def test_what_cannot_both_be_true_is_a_fault(said: Markings, source_type: str, labels: Any, faults: int) -> None:
    assert len(contradictions(said, source_type=source_type, labels=labels)) == faults


def test_a_generators_prompt_in_the_file_counts_as_its_word() -> None:
    info = PngInfo()
    info.add_text("parameters", "a jacket\nNegative prompt: rain\nSteps: 20, Sampler: Euler a")

    assert "a generator's prompt" in refused(drawn("PNG", pnginfo=info))


def test_words_declared_of_a_picture_cannot_add_to_its_mark() -> None:
    creator = f'</rdf:li><x>{AI}</x> "&'

    prepared = prepare(drawn("PNG"), {**GOOD, "creator": creator}, path="hero.png")

    assert b"<x>" not in prepared.data
    assert b"&lt;x&gt;" in prepared.data


@pytest.mark.parametrize("filling", [b"\n", b"\0", b" ", b"c2pa.", b"cv.iptc.org/newscodes/digitalsourcetype/"])
def test_a_file_full_of_almost_marks_takes_no_longer_than_its_length(filling: bytes) -> None:
    # A fifth of the largest file: quadratic time would be hours, this is a tenth of a second.
    assert grows_in_proportion(markings, lambda size: filling * (size // len(filling)), MOST_FILE_BYTES // 5)

"""A process of its own that opens a hostile picture: bounded, without secrets, and thrown away afterwards.

    python -I -m presscheck.assets.pictures.decoder
    < [length, settings as JSON, file]  > [length, answer as JSON, picture]

What comes out was drawn anew from pixels: nothing of the old file is in it, be it EXIF, GPS, another
format hidden behind the picture, or a profile. Only PNG, JPEG, WebP and GIF (its first frame) are opened.
"""

import io
import json
import resource
import struct
import sys
import warnings
from typing import Any, cast

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
MOST_SIDE = 12_000
WIDEST = 1200
"""Twice the width of an e-mail, for screens with fine dots."""

_MEMORY = 1536 * 1024 * 1024
_SECONDS = 20


class _Refused(Exception):
    """The file is no picture that we take; `str()` says why."""


def pack(settings: dict[str, Any], data: bytes) -> bytes:
    """Words and bytes as one message."""
    head = json.dumps(settings).encode()
    return struct.pack(">I", len(head)) + head + data


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """The words and the bytes of a message. ValueError for what is none."""
    if len(message) < 4 or (length := struct.unpack(">I", message[:4])[0]) > len(message) - 4:
        raise ValueError("cut off")
    head = json.loads(message[4 : 4 + length])
    if not isinstance(head, dict):
        raise ValueError("no object")
    return cast(dict[str, Any], head), message[4 + length :]


def decode(data: bytes, xmp: bytes) -> tuple[dict[str, Any], bytes]:
    """What the picture is (or the fault), with the bytes of the new one."""
    from PIL import Image, UnidentifiedImageError

    # The limit is our own and is looked at before a pixel is decoded.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                return _redrawn(opened, xmp)
    except _Refused as refused:
        return {"fault": str(refused)}, b""
    except UnidentifiedImageError:
        return {"fault": "is no PNG, JPEG, WebP or GIF; SVG and other formats are not taken"}, b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"fault": f"unpacks to more than {MOST_PIXELS:,} pixels; scale it down"}, b""
    except Exception as error:  # noqa: BLE001 - a hostile file may break a decoder anywhere; nothing of it is used.
        return {"fault": f"is broken and cannot be opened ({type(error).__name__}); save it anew as PNG or JPEG"}, b""


def _redrawn(opened: Any, xmp: bytes) -> tuple[dict[str, Any], bytes]:
    from PIL import Image, ImageOps

    width, height = cast(tuple[int, int], opened.size)
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise _Refused(f"is {width:,} by {height:,} pixels; at most {MOST_SIDE:,} a side and {MOST_PIXELS:,} in all")
    if min(width, height) < 8:
        raise _Refused(f"is {width} by {height} pixels; a picture that people can see has 8 a side")
    frames = int(getattr(opened, "n_frames", 1))
    opened.seek(0)
    opened.load()
    # Texts of the file, also compressed ones; Pillow bounds what they unpack to.
    texts = [value for value in opened.info.values() if isinstance(value, str)]
    texts += [value.decode("utf-8", "replace") for value in opened.info.values() if isinstance(value, bytes)]
    picture = _in_plain_colours(ImageOps.exif_transpose(opened), Image)
    if picture.width > WIDEST:
        picture = picture.resize((WIDEST, max(1, round(picture.height * WIDEST / picture.width))))
    photograph = opened.format in ("JPEG", "WEBP") and picture.mode == "RGB"
    # A new canvas: what hangs on the opened one stays behind.
    clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    told = {
        "media_type": "image/jpeg" if photograph else "image/png",
        "width": clean.width,
        "height": clean.height,
        "was": f"{opened.format} {width}x{height}",
        "frames": frames,
        "texts": [text[:200_000] for text in texts][:50],
    }
    return told, _written(clean, xmp, jpeg=photograph)


def _in_plain_colours(picture: Any, image: Any) -> Any:
    """RGB, or RGBA where something shows through, in the colours that screens expect."""
    from PIL import ImageCms as cms

    # Only partly typed upstream.
    colours: Any = cms
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    wanted = "RGBA" if transparent else "RGB"
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            given = colours.ImageCmsProfile(io.BytesIO(profile))
            srgb = colours.createProfile("sRGB")
            found = colours.profileToProfile(picture, given, srgb, outputMode="RGB")
            picture = found if found is not None else picture
        except (colours.PyCMSError, OSError, ValueError):
            # A broken profile is no reason to refuse: the colours are then taken as they stand.
            picture = picture.convert("RGB")
    if picture.mode.startswith("I") or picture.mode == "F":
        # Sixteen bits a dot: Pillow would cut and not scale them.
        picture = picture.convert("I").point(_eight_bits).convert("L")
    picture = picture.convert(wanted)
    if wanted == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        return picture.convert("RGB")
    return picture if picture.mode == wanted else image.new(wanted, picture.size)


def _eight_bits(dot: Any) -> Any:
    return dot / 256


def _written(picture: Any, xmp: bytes, *, jpeg: bool) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    out = io.BytesIO()
    if jpeg:
        picture.save(out, "JPEG", quality=85, optimize=True, **({"xmp": xmp} if xmp else {}))
    else:
        info = PngInfo()
        if xmp:
            info.add_itxt("XML:com.adobe.xmp", xmp.decode())
        picture.save(out, "PNG", optimize=True, pnginfo=info)
    return out.getvalue()


def main() -> None:
    """Read one message, answer it, and end."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    # It writes to no file and starts nothing: whatever a decoder could be made to do ends here.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    settings, data = unpack(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pack(*decode(data, str(settings.get("xmp", "")).encode())))


if __name__ == "__main__":
    main()

"""Pictures lie under Presscheck's home by digest, and are read only if they are what it says.

    folder = pictures_folder(home)
    keep_picture(folder, data, "image/png")          # complete or absent, mode 0600
    data = read_picture(folder, picture)             # PictureChanged for other bytes

Making one from a file that somebody brings is `presscheck.assets.pictures.intake`'s work.
"""

import hashlib
import os
import secrets
from base64 import b64encode
from pathlib import Path

from presscheck.errors import PictureChanged, PresscheckError
from presscheck.models import Picture

MOST_BYTES = 2 * 1024 * 1024
"""The largest picture that is kept: it goes out once in every message."""

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


def pictures_folder(home: Path) -> Path:
    """Where pictures lie under Presscheck's home."""
    return home / "pictures"


def picture_path(folder: Path, digest: str, media_type: str) -> Path:
    """Where the picture of this digest lies."""
    return folder / f"{digest}.{_ENDINGS[media_type]}"


def keep_picture(folder: Path, data: bytes, media_type: str) -> str:
    """Put a picture's bytes in their place; their digest comes back. What is there and whole stays as it is."""
    digest = hashlib.sha256(data).hexdigest()
    path = picture_path(folder, digest, media_type)
    beside = folder / f".{digest[:16]}.{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(beside, "xb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Also over one that is there: it may have been cut or swapped, and these are the bytes of that name.
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise PresscheckError(f"{path}: the picture cannot be kept: {error.strerror or error}. Make room.") from error
    return digest


def read_picture(folder: Path, picture: Picture) -> bytes:
    """The picture's bytes, looked at after they were read. PictureChanged if they are not what was approved."""
    path = picture_path(folder, picture.file, picture.media_type)
    try:
        with open(path, "rb", opener=_no_link) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PictureChanged(
            f"picture {picture.name}: {path.name} cannot be read ({error.strerror or error}); add it again "
            "with `presscheck image add`"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != picture.file:
        raise PictureChanged(
            f"picture {picture.name}: {path.name} is not the file that was added (digest {found[:12]}); it was "
            "swapped or cut. Put the file back, or add it again and ask again"
        )
    return data


def data_url(data: bytes, media_type: str) -> str:
    """The bytes as an address of their own, for a preview that may load nothing from anywhere."""
    return f"data:{media_type};base64,{b64encode(data).decode('ascii')}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)

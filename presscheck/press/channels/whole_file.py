"""A file is there whole or as it was before, also after a power cut.

lines = read_whole(path)          None where there is no such file
write_whole(path, content)        beside, to the disk, then named
try_writing(folder)               leaves nothing behind
aside = move_aside(path)          into the folder `recalled`, once; where it is there already, nothing happens
"""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from presscheck.errors import ChannelError

_LARGEST = 64 * 1024 * 1024


def read_whole(path: Path) -> bytes | None:
    """The file's bytes; ChannelError for a link, a pipe or anything else that is no file of ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ChannelError(f"{path}: it cannot be read ({error.strerror or error}); take it away") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ChannelError(f"{path}: it is no plain file and was not written by the press; take it away")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ChannelError(f"{path}: it is larger than any file of the press; take it away")
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Put these bytes in place of whatever is there. ChannelError, and nothing changed, if the disk does not take it.

    The folder may be read by others: what lies here is for platforms and their tools, and public soon.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with open(beside, "xb", opener=_fresh) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ChannelError(
            f"{path}: the file cannot be written: {error.strerror or error}. Make room or mend the folder; "
            "the press goes on by itself and writes nothing twice."
        ) from error


def try_writing(folder: Path) -> str:
    """Write a file there, or in what is there of the folder's path, and take it away. ChannelError where that fails."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".presscheck-") as file:
            file.write(b"presscheck doctor\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ChannelError(f"{folder}: nothing can be written there: {error.strerror or error}") from error
    return f"{folder} can be written"


def move_aside(path: Path) -> Path:
    """Move a file into the folder `recalled` beside it; where it then is. ChannelError where that cannot be."""
    aside = path.parent / "recalled" / path.name
    try:
        if path.exists() and not path.is_symlink():
            aside.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, aside)
    except OSError as error:
        raise ChannelError(f"{aside}: it cannot be moved there: {error.strerror or error}. Mend the folder.") from error
    return aside


def unless_stopped(stopping: Callable[[], bool], delivery: str) -> None:
    """ChannelError if somebody has stopped the press: the files stay as they were."""
    if stopping():
        raise ChannelError(f"{delivery}: told to stop before its file was written; it goes on by itself")


def _fresh(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)

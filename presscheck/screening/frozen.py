"""A file is kept under the digest of its bytes, whole or not at all, readable by its owner only."""

import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from presscheck.digests import file_digest

_ROOM = ".screening-"
_ABANDONED_AFTER_S = 24 * 60 * 60


def private_folder(path: Path) -> Path:
    """The folder, made if it was not there, open to its owner only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def workroom(home: Path, beside: str = "audiences") -> Generator[Path]:
    """An empty private folder on the same disk as what is kept `beside` it, gone afterwards.

    On the same disk, because a rename between disks is a copy, and a copy can be cut short.
    """
    folder = private_folder(home / beside)
    # A process that was killed left its room, with personal data in it.
    for left in folder.glob(f"{_ROOM}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_ROOM, dir=folder) as room:
        yield Path(room)


def keep(file: Path, folder: Path, *, suffix: str, name: str | None = None) -> tuple[str, Path]:
    """Move `file` to `folder/<name or its digest><suffix>`; returns its digest and new path.

    The bytes are on the disk before the name is, so a crash leaves the old file or the whole
    new one.
    """
    digest = file_digest(file)
    os.chmod(file, 0o600)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    kept = private_folder(folder) / f"{name or digest}{suffix}"
    os.replace(file, kept)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return digest, kept


def keep_text(text: str, room: Path, folder: Path, *, suffix: str, name: str | None = None) -> Path:
    """Write `text` as UTF-8 to `folder/<name or its digest><suffix>` in one step."""
    draft = room / f"text{suffix}"
    draft.write_text(text, encoding="utf-8")
    return keep(draft, folder, suffix=suffix, name=name)[1]

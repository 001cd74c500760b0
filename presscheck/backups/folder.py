"""A backup's folder: what lies where in it, and whether it is still what was put there.

    backup.json     what it holds, with the digest of every file; written last: a folder without it is no backup
    ledger.db       the ledger, on SQLite whatever it came from
    heads/          the heads outside the database, as they were just before
    home/           what the ledger names by digest, and what is made from it
    project/        settings, policies of one's own, and the list of who left

Keys and secrets are never in it.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from presscheck.digests import file_digest
from presscheck.errors import Fault, InputError
from presscheck.settings import Settings

MANIFEST = "backup.json"
LEDGER = "ledger.db"
# Named one by one: keys and codes stay out, and the press's journals too. One that is older than what it tells of would
# say of a message that went out that it never did; one that is missing says that nobody knows.
OF_HOME = ("audiences", "pictures", "outbox", "files", "reports")


class Contents(BaseModel):
    """What `backup.json` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    presscheck: str
    made_at: str
    events: int
    head: str
    """The hash of the last event."""
    came_from: str
    """sqlite or postgresql."""
    files: dict[str, str]
    """The SHA-256 of every file, by its path in the folder."""


def read_backup(folder: Path) -> Contents:
    """What a backup holds, if every file is what it was; InputError names all that are not."""
    path = folder / MANIFEST
    try:
        contents = Contents.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise InputError(
            [Fault(str(path), None, "", "is not there: this folder is no backup, or one that was never finished")]
        ) from None
    except (OSError, ValidationError) as error:
        raise InputError([Fault(str(path), None, "", f"is not what `presscheck backup` wrote: {error}")]) from error
    if contents.format != 1:
        raise InputError([Fault(str(path), None, "format", f"{contents.format} is of a later version of Presscheck")])
    faults = [fault for name, digest in contents.files.items() if (fault := _fault(folder, name, digest))]
    if LEDGER not in contents.files:
        faults.append(Fault(str(path), None, "files", f"names no {LEDGER}, so there is nothing to restore"))
    if faults:
        raise InputError(faults)
    return contents


def _fault(folder: Path, name: str, digest: str) -> Fault | None:
    path = folder / name
    # What lies elsewhere was not put there by us, and nothing is written by a name that leads elsewhere.
    if ".." in path.parts or not path.resolve().is_relative_to(folder.resolve()):
        return Fault(str(path), None, "", "lies outside of the backup")
    try:
        if file_digest(path) == digest:
            return None
    except OSError as error:
        return Fault(str(path), None, "", f"cannot be read: {error.strerror}")
    return Fault(str(path), None, "", "is not the file that was backed up; take another copy of the backup")


def kept_files(folder: Path) -> Iterator[Path]:
    """The files below a folder, but for those that somebody is still writing."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in (".part", ".new"):
            yield path


def project_files(settings: Settings) -> dict[str, Path]:
    """What belongs to a project beside its code, by its place in the backup."""
    found = {
        "presscheck.toml": settings.project / "presscheck.toml",
        "suppressed.csv": settings.data / "suppressed.csv",
    }
    if settings.policies.folder is not None:
        found["policies"] = settings.policies.folder
    return found


def copy_private(source: Path, target: Path) -> None:
    """Copy a file to a place where there is none, for its owner alone, and so is every folder made for it."""
    _private_folder(target.parent)
    with source.open("rb") as reading, open(target, "xb", opener=open_private) as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)


def open_private(path: str, flags: int) -> int:
    """An opener for a file that only its owner reads."""
    return os.open(path, flags, 0o600)


def _private_folder(path: Path) -> None:
    if not path.exists():
        # A mode given to `parents=True` holds for the last of them alone.
        _private_folder(path.parent)
        path.mkdir(mode=0o700)

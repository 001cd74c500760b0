"""A backup is taken while everything runs, and is there only once all of it has been verified.

    taken = take_backup(ledger, settings, Path("/mnt/backup/monday"), keys=None, progress=progress)

The ledger is copied in one view, which nobody has to wait for, and comes out as a file of SQLite whatever database it
came from. What it names by digest lies in files that never change, so it is enough to copy those afterwards.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from presscheck import __version__
from presscheck.backups.folder import (
    LEDGER,
    MANIFEST,
    OF_HOME,
    Contents,
    copy_private,
    kept_files,
    open_private,
    project_files,
)
from presscheck.digests import file_digest
from presscheck.errors import Fault, InputError
from presscheck.ledger import Ledger, timestamp, upgrade, utc_now
from presscheck.ledger.engine import connect
from presscheck.ledger.heads import read_heads
from presscheck.ledger.moving import Moved, Progress, alone_on, copy_ledger
from presscheck.settings import Settings


@dataclass(frozen=True)
class Taken:
    """What now lies in the folder."""

    contents: Contents
    rows: dict[str, int]
    """Rows of the ledger by table."""


def take_backup(ledger: Ledger, settings: Settings, folder: Path, *, keys: Path | None, progress: Progress) -> Taken:
    """Copy ledger, heads and files into a new folder; keys and secrets into another, where one is named.

    InputError for folders that will not do, LedgerForged for a ledger that is not sound: its copy would lead nowhere.
    """
    _require_new(settings, folder, keys)
    # What breaks off half way is no backup: it gets its name when it is whole.
    fresh = folder.with_name(f"{folder.name}.unfinished-{uuid4().hex[:8]}")
    try:
        fresh.mkdir(parents=True, mode=0o700)
        moved = _copy_ledger(ledger, fresh, progress)
        files = [
            *((path, Path("home") / path.relative_to(settings.home)) for path in _of_home(settings)),
            *_of_project(settings),
        ]
        for done, (path, place) in enumerate(files, start=1):
            _copy(path, fresh / place)
            progress("copying files", done, len(files))
        found = list(kept_files(fresh))
        digests: dict[str, str] = {}
        for done, path in enumerate(found, start=1):
            digests[path.relative_to(fresh).as_posix()] = file_digest(path)
            progress("taking digests", done, len(found))
        contents = Contents(
            presscheck=__version__,
            made_at=timestamp(ledger.clock()),
            events=moved.events,
            head=moved.head,
            came_from=ledger.engine.dialect.name,
            files=digests,
        )
        with open(fresh / MANIFEST, "x", encoding="utf-8", opener=open_private) as file:
            file.write(contents.model_dump_json(indent=2) + "\n")
        if keys is not None:
            _copy_keys(settings, keys)
        if folder.exists():
            folder.rmdir()
        # What says done must outlive a power cut.
        os.sync()
        fresh.rename(folder)
    except OSError as error:
        raise InputError([Fault(str(folder), None, "", f"cannot be written: {error.strerror or error}")]) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Taken(contents, moved.rows)


def _require_new(settings: Settings, folder: Path, keys: Path | None) -> None:
    faults: list[Fault] = []
    for name, path in (("DIR", folder), ("--keys", keys)):
        if path is None:
            continue
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            faults.append(Fault(str(path), None, name, "is not empty; name a new folder"))
        if path.resolve().is_relative_to(settings.home.resolve()):
            faults.append(Fault(str(path), None, name, "lies in the home that is backed up; name a folder elsewhere"))
    if keys is not None and (_is_in(keys, folder) or _is_in(folder, keys)):
        told = "lies with the backup: whoever has both can sign whatever they like; name a folder elsewhere"
        faults.append(Fault(str(keys), None, "--keys", told))
    if faults:
        raise InputError(faults)


def _is_in(inner: Path, outer: Path) -> bool:
    return inner.resolve().is_relative_to(outer.resolve())


def _copy_ledger(ledger: Ledger, folder: Path, progress: Progress) -> Moved:
    # Before the view begins: a head never leads the database, so the copy holds every event that these have seen.
    heads = folder / "heads"
    heads.mkdir(mode=0o700)
    for path in () if ledger.heads is None else sorted(ledger.heads.glob("*.json")):
        _copy(path, heads / path.name)
    seen = read_heads(heads, ledger.keyring)
    url = f"sqlite:///{folder / LEDGER}"
    upgrade(url)
    copy = Ledger(connect(url), url, ledger.keyring, None, None, utc_now)
    try:
        with ledger.read() as reading, alone_on(copy) as writing:
            return copy_ledger(reading, writing, seen, progress)
    finally:
        copy.close()


def _of_home(settings: Settings) -> Iterable[Path]:
    for name in OF_HOME:
        yield from kept_files(settings.home / name)


def _of_project(settings: Settings) -> Iterable[tuple[Path, Path]]:
    for name, path in project_files(settings).items():
        if path.is_file():
            yield path, Path("project") / name
        elif path.is_dir():
            yield from ((one, Path("project") / name / one.relative_to(path)) for one in kept_files(path))


def _copy_keys(settings: Settings, folder: Path) -> None:
    for name, source in (("keys", settings.keys), ("secrets", settings.secrets)):
        for path in kept_files(source):
            _copy(path, folder / name / path.relative_to(source))


def _copy(source: Path, target: Path) -> None:
    # What is taken away while we copy, as by a recall, is not part of the home any more.
    with suppress(FileNotFoundError):
        copy_private(source, target)

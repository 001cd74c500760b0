"""A backup is put back: verified before anything is touched, with what was there kept aside, and marked.

    restored = restore(settings, Path("/mnt/backup/monday"), target=target, old=None, keys=None, progress=progress,
                       tell=tell)

The copy is made ready beside the home: brought up to this version, without the sessions that were open then, with
everybody suppressed who is in the ledger that it replaces, and with `ledger:restored`, signed with the key of whoever
may write it. Only then it takes its place. So there is no moment in which a copy stands there that says nothing: until
two people have signed what it lacks (`presscheck.desk.gaps`), the press sends nothing.
"""

import logging
import os
import shutil
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import delete

from presscheck.backups.folder import LEDGER, OF_HOME, Contents, copy_private, kept_files, project_files, read_backup
from presscheck.backups.lost import Lost, Tell, lost_of
from presscheck.digests import file_digest
from presscheck.errors import LedgerError, LedgerForged, LedgerLocked, SettingsError
from presscheck.ledger import ChainMark, EventKind, Keyring, Ledger, Signer, tables, upgrade, utc_now
from presscheck.ledger.deliveries import pending_deliveries
from presscheck.ledger.engine import sqlite_path
from presscheck.ledger.gaps import Gap, is_explained, lost_heads
from presscheck.ledger.heads import Head, keep_head, kept_head, read_heads
from presscheck.ledger.moving import Progress, alone_on, copy_ledger, nobody_else
from presscheck.ledger.reviews import undecided_review_ids
from presscheck.ledger.store import Clock
from presscheck.ledger.suppressions import suppress
from presscheck.ledger.verifying import verify_view
from presscheck.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Where:
    """A database and its password, where it has one."""

    url: str
    password: SecretStr | None = None


@dataclass(frozen=True)
class Restored:
    """What stands there now, and what it lacks."""

    contents: Contents
    event: int
    """The number of the `ledger:restored` event."""
    heads: tuple[Head, ...]
    """What each process has seen beyond this copy, as far as its head is known here."""
    lost: Lost | None
    """None where there was no ledger to compare with."""
    suppressed: int
    """How many were taken over who must not be written to."""
    deliveries: tuple[str, ...]
    """The deliveries that are not over in this copy: the press holds them."""
    reviews: int
    """How many questions are open in it, which nobody can approve any more."""
    aside: Path | None
    """Where what was there lies now, heads included."""
    differing: tuple[Path, ...]
    """Files of the project that were left as they are, and that are others in the backup."""


def restore(
    settings: Settings,
    folder: Path,
    *,
    target: Where,
    old: Where | None,
    keys: Path | None,
    heads: Sequence[Path] = (),
    progress: Progress,
    tell: Tell,
    clock: Clock = utc_now,
) -> Restored:
    """Put a backup in the place of the ledger at `target`, which nobody may be using.

    `old` is a ledger that this one replaces, where it is another database; `keys` the folder that keys were backed up
    into, for a home that has none; `heads` further folders with heads, such as that of a press on another machine;
    `tell` says in a sentence what an event is that is lost.
    InputError, LedgerForged, LedgerLocked or SettingsError before anything was touched.
    """
    contents = read_backup(folder)
    path = sqlite_path(target.url)
    for place in (settings.home, settings.home if path is None else path.parent):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Beside the place that it takes, so that taking it is one step.
    staging = (settings.home if path is None else path.parent) / f"restoring-{_some()}"
    with nobody_else(settings.home, path, "restore"):
        staging.mkdir(parents=True, mode=0o700)
        try:
            signer, keyring = _keys(settings.keys if keys is None else keys / "keys")
            if keys is not None and (settings.keys / "trusted").exists():
                raise SettingsError(f"{settings.keys}: this home has keys of its own; restore without --keys, by them")
            if path is not None and path.exists():
                _require_closed(path)
            url = _staged(folder, staging)
            copy = Ledger.open(url, keyring=keyring, signer=signer, clock=clock)
            try:
                _verify(copy, contents, progress)
                seen = [head for one in (settings.heads, folder / "heads", *heads) for head in read_heads(one, keyring)]
                with _compared(old or (None if path is None else target), keyring) as before:
                    marked = _marked(copy, contents, list(dict.fromkeys(seen)), before, tell)
                if path is None:
                    _fill(target, copy, progress)
            finally:
                copy.close()
            if keys is not None:
                for name, place in (("keys", settings.keys), ("secrets", settings.secrets)):
                    _put_missing((path, place / path.relative_to(keys / name)) for path in kept_files(keys / name))
            aside = _set_aside(path, settings)
            if path is not None:
                (staging / LEDGER).rename(path)
                os.sync()
            _keep_heads(settings.heads, folder, contents, signer, marked)
            differing = _put_files(settings, folder, contents)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Restored(
        contents, marked.at.seq, marked.heads, marked.lost, marked.suppressed, marked.deliveries, marked.reviews,
        aside, differing,
    )  # fmt: skip


@dataclass(frozen=True)
class _Marked:
    at: ChainMark
    heads: tuple[Head, ...]
    lost: Lost | None
    suppressed: int
    deliveries: tuple[str, ...]
    reviews: int


def _keys(keys: Path) -> tuple[Signer, Keyring]:
    """A key that may say that a copy was put back, the press's or else the door's, and those that are believed."""
    for process in ("press", "door"):
        if (keys / process / "private.pem").exists():
            return Signer.load(keys, process), Keyring.load(keys)
    raise SettingsError(
        f"{keys}: neither the press's nor the door's key is here, and one of them signs that a copy was put back; name "
        "the folder that `presscheck backup --keys` made with --keys, or put the keys back first"
    )


def _require_closed(path: Path) -> None:
    """LedgerLocked while any process has the ledger open: services that run apart hold no place that could be asked."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # Leaving the write-ahead log takes that nobody else is there (SQLite's docs, "WAL", section 3.1).
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise LedgerLocked(f"{path}: somebody has this ledger open; stop it, then restore") from error
        except sqlite3.DatabaseError as error:
            # It is broken, and that is why it is replaced; what can be read of it is told.
            _log.warning("%s: %s", path, error)


def _staged(folder: Path, staging: Path) -> str:
    path = staging / LEDGER
    copy_private(folder / LEDGER, path)
    url = f"sqlite:///{path}"
    # A backup may be older than this version.
    upgrade(url)
    return url


def _verify(copy: Ledger, contents: Contents, progress: Progress) -> None:
    with copy.read() as tx:
        found = verify_view(tx, None, lambda done: progress("verifying the backup", done, contents.events))
    if found.fault is not None:
        raise LedgerForged(f"the backup's ledger is not sound, so nothing was restored: {found.fault}")
    if (found.events, found.head) != (contents.events, contents.head):
        raise LedgerForged("the backup's ledger is not the one that backup.json tells of, so nothing was restored")


@contextmanager
def _compared(old: Where | None, keyring: Keyring) -> Generator[Ledger | str | None]:
    """The ledger that is replaced, why it cannot be read, or None where there is none."""
    there = None if old is None else sqlite_path(old.url)
    if old is None or (there is not None and not there.exists()):
        yield None
        return
    try:
        opened = Ledger.open(old.url, keyring=keyring, password=old.password)
    except LedgerError as error:
        yield str(error)
        return
    try:
        yield opened
    finally:
        opened.close()


def _marked(copy: Ledger, contents: Contents, seen: Sequence[Head], before: Ledger | str | None, tell: Tell) -> _Marked:
    """The copy, with what it lacks said in it; all of that or nothing."""
    with copy.write() as tx:
        tip = tx.tip()
        nothing = Lost({}, (), (), {}, frozenset(), before if isinstance(before, str) else "")
        lost = lost_of(before, tx, tell) if isinstance(before, Ledger) else nothing if before else None
        # A head of before an earlier gap is lost as well, and two people have signed that already.
        missing = tuple(head for head in lost_heads(tx, seen) if not is_explained(tx, head))
        suppressed = suppress(tx, lost.suppressed, reason="restored") if lost is not None else 0
        # Whoever was signed in then may have been sent away since: everybody proves anew who they are.
        tx.execute(delete(tables.sessions))
        body = {
            "tip": {"seq": tip.seq, "hash": tip.hash},
            "made_at": contents.made_at,
            "heads": Gap(missing, ()).said["heads"],
            "lost": None if lost is None or lost.unknown else lost.events,
            "suppressed": suppressed,
        }
        event = tx.append(EventKind.LEDGER_RESTORED, "ledger", body)
        deliveries = tuple(row.id for row in pending_deliveries(tx))
        return _Marked(
            ChainMark(event.seq, event.hash), missing, lost, suppressed, deliveries, len(undecided_review_ids(tx))
        )


def _fill(target: Where, copy: Ledger, progress: Progress) -> None:
    """Copy into an empty database: the one that is replaced stays as it is, and can be gone back to."""
    fresh = Ledger.open(target.url, keyring=copy.keyring, password=target.password)
    try:
        with alone_on(copy) as reading, alone_on(fresh) as writing:
            copy_ledger(reading, writing, None, progress)
    finally:
        fresh.close()


def _set_aside(path: Path | None, settings: Settings) -> Path | None:
    """Where what was there lies now: the ledger, where it is a file, and a copy of the heads as they were."""
    names = () if path is None else (path.name, f"{path.name}-wal", f"{path.name}-shm")
    there = [path.with_name(name) for name in names if path is not None and path.with_name(name).exists()]
    heads = sorted(settings.heads.glob("*.json"))
    if not there and not heads:
        return None
    # Beside the ledger: a file is moved in one step, and not copied while somebody may think that it is whole.
    aside = (settings.home if path is None else path.parent) / f"before-restore-{utc_now():%Y%m%dT%H%M%S}-{_some()}"
    aside.mkdir(mode=0o700)
    for one in heads:
        copy_private(one, aside / "heads" / one.name)
    for one in there:
        one.rename(aside / one.name)
    return aside


def _some() -> str:
    return uuid4().hex[:8]


def _keep_heads(heads: Path, folder: Path, contents: Contents, signer: Signer, marked: _Marked) -> None:
    """Heads that this home has not are put back; then the restoration is kept as one, unless one is missing there."""
    _put_missing(_named(folder, contents, "heads", heads))
    kept = kept_head(heads, signer.process)
    lost = kept.mark if kept is not None and kept in marked.heads else None
    keep_head(heads, signer, marked.at, lost=lost)


def _put_files(settings: Settings, folder: Path, contents: Contents) -> tuple[Path, ...]:
    differing: list[Path] = []
    for name in OF_HOME:
        differing += _put_missing(_named(folder, contents, f"home/{name}", settings.home / name))
    for name, place in project_files(settings).items():
        differing += _put_missing(_named(folder, contents, f"project/{name}", place))
    return tuple(differing)


def _named(folder: Path, contents: Contents, start: str, place: Path) -> Iterator[tuple[Path, Path]]:
    """The files of a part of the backup that it says are in it, and where each goes. What was laid in goes nowhere."""
    for name in contents.files:
        if name == start or name.startswith(f"{start}/"):
            yield folder / name, place / Path(name).relative_to(start)


def _put_missing(files: Iterable[tuple[Path, Path]]) -> list[Path]:
    """Put back what is not there; what is there stays, and comes back where it is another."""
    differing: list[Path] = []
    for path, place in files:
        if not place.exists():
            copy_private(path, place)
        elif file_digest(place) != file_digest(path):
            differing.append(place)
    return differing

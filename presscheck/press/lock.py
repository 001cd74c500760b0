"""One press at a time: two of them would each reconcile, and send again, what the other is sending."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from presscheck.errors import LedgerDenied, LedgerLocked, LedgerReadOnly
from presscheck.ledger import Ledger, Reader
from presscheck.ledger.engine import in_our_words, press_lock, sqlite_path
from presscheck.ledger.sessions import backend_of, session_fault

# Any number that no other program on the same database uses for its advisory locks.
_PRESS_LOCK = 7_309_940_837_003

# A lock of one number shows with its halves in two columns and a 1 in the third (PostgreSQL's docs, pg_locks).
_HOLDERS = """
FROM pg_locks AS held
WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
AND held.classid = :high AND held.objid = :low
AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_HALVES = {"high": _PRESS_LOCK >> 32, "low": _PRESS_LOCK & 0xFFFFFFFF}


class PlaceLost(LedgerLocked):
    """This process is not the only press any more: it has to end, and may start again."""


@contextmanager
def only_press(home: Path, ledger: Ledger) -> Generator[Callable[[Reader], None]]:
    """Hold the place of the only press; LedgerLocked if another has it.

    The place is the ledger's: another home on the same ledger has another file to lock, and would send the same. A
    lock beside the SQLite file guards one machine, and on PostgreSQL an advisory lock guards all of them. Both are
    given back by the operating system when the process dies, however it dies: on PostgreSQL only where a session
    holds it, so this is proven first, and LedgerDenied where a pooler is in between that has none. The home has a
    lock as well, for what lies in it.

    What is given asks, in a transaction of the ledger, whether the place is still held, and raises PlaceLost if not:
    a server that was started anew has forgotten the lock, a file may have been removed, and another press may have it.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(home / "press.lock", "this home"):
        path = sqlite_path(ledger.url)
        if path is not None:
            _require_one_name(path)
            place = press_lock(path)
            with _locked(place, "this ledger") as file:
                yield lambda _tx: _require_there(place, file)
            return
        with ledger.engine.connect() as connection:
            with in_our_words(ledger.url):
                backend = _taken(ledger, connection)
            try:
                yield lambda tx: _require(ledger, tx, connection, backend)
            finally:
                # A connection that broke has no lock to give back.
                with suppress(DBAPIError), connection.begin():
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _PRESS_LOCK})
                # Whatever became of it: what ends here is the session.
                connection.invalidate()


@contextmanager
def _locked(place: Path, what: str) -> Generator[IO[str]]:
    try:
        opened = place.open("w")
    except OSError as error:
        raise LedgerReadOnly(f"{place}: the press cannot write the file that it locks: {error.strerror}") from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerLocked(f"{place}: another press is running on {what}; stop it first") from None
        yield file


def _require_one_name(path: Path) -> None:
    # Under each of its names SQLite keeps another log and we another lock, and neither knows of the other's.
    if path.stat().st_nlink > 1:
        raise LedgerDenied(
            f"{path}: the ledger's file has a second name (a hard link), so two presses could work on it without "
            "knowing. Remove the other name, or make it a symbolic link."
        )


def _require_there(place: Path, file: IO[str]) -> None:
    try:
        there = os.path.samestat(place.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        there = False
    if not there:
        raise PlaceLost(
            f"{place}: this press has lost the place of the only press: somebody removed the file that it has locked, "
            "and another press may be at work. Nothing more is sent by this process; it ends and may be started again."
        )


def _taken(ledger: Ledger, connection: Connection) -> int:
    """Take the lock in a session that is proven to be one; the server's process that holds it."""
    if fault := session_fault(ledger.engine, connection):
        raise LedgerDenied(f"{ledger.place}: the press does not start: {fault}. docs/postgresql.md says more.")
    with connection.begin():
        got = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _PRESS_LOCK}).scalar()
        if not got:
            raise LedgerLocked(f"{ledger.place}: another press is running on this ledger{_holder(connection)}")
    with connection.begin():
        backend = backend_of(connection)
        if not _holds(connection, backend):
            raise LedgerDenied(
                f"{ledger.place}: the press does not start: the lock that it took is not with its own connection. Is "
                "a pooler in between? Name the server's own port with PRESSCHECK_LEDGER_URL; see docs/postgresql.md."
            )
    return backend


def _require(ledger: Ledger, tx: Reader, connection: Connection, backend: int) -> None:
    try:
        # Asked on the lock's own connection as well, which then is never idle for so long that somebody ends it.
        with connection.begin():
            same = backend_of(connection) == backend
    except DBAPIError:
        same = False
    if not same or not _holds(tx.connection, backend):
        raise PlaceLost(
            f"{ledger.place}: this press has lost the place of the only press: its connection to the server ended, and "
            "another press may be at work. Nothing more is sent by this process; it ends and may be started again."
        )


def _holds(connection: Connection, backend: int) -> bool:
    asked = text(f"SELECT 1 {_HOLDERS} AND held.pid = :backend")
    return connection.execute(asked, {**_HALVES, "backend": backend}).first() is not None


def _holder(connection: Connection) -> str:
    """Who has the lock, as far as the server tells this role, and what to do about it."""
    asked = text(
        "SELECT held.pid, host(who.client_addr) AS address, who.backend_start::text AS since "  # noqa: S608
        f"FROM (SELECT held.pid {_HOLDERS}) AS held LEFT JOIN pg_stat_activity AS who USING (pid)"
    )
    row = connection.execute(asked, _HALVES).first()
    if row is None:
        return "; stop it first"
    parts = [f"the server's process {row.pid}", *([f"from {row.address}"] if row.address else [])]
    since = f", since {row.since[:19]}" if row.since else ""
    return (
        f" ({', '.join(parts)}{since}); stop it first. Where no press runs there any more, "
        f"SELECT pg_terminate_backend({row.pid}) frees the place"
    )

"""Connections to SQLite and PostgreSQL that behave alike: one writer at a time, errors in our words."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from presscheck.errors import (
    LedgerDenied,
    LedgerError,
    LedgerForged,
    LedgerGone,
    LedgerLocked,
    LedgerReadOnly,
    SettingsError,
)
from presscheck.ledger.sessions import pooler_fault, wait_for_locks

_WAIT_SECONDS = 30


def connect(url: str, *, password: SecretStr | None = None, wait_seconds: float = _WAIT_SECONDS) -> Engine:
    """An engine for `sqlite:///PATH` or `postgresql://...`; other databases are refused.

    `password` goes to PostgreSQL and nowhere else: it stands in no address, so nobody can print it.
    """
    parsed = parsed_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(url, wait_seconds)
    if kind == "postgresql":
        return _postgresql(parsed, password, wait_seconds)
    raise SettingsError(f"ledger_url: {kind} is not supported; use sqlite:///PATH or postgresql://HOST/NAME")


def _postgresql(url: URL, password: SecretStr | None, wait_seconds: float) -> Engine:
    told: dict[str, Any] = {
        "connect_timeout": min(10, max(2, int(wait_seconds))),
        # A server that vanished without a word is noticed within a minute, not after the system's two hours.
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        connect_args=told,
        # An error's text must not repeat the names and addresses that a statement carried.
        hide_parameters=True,
    )
    if password is not None:

        @event.listens_for(engine, "do_connect")
        def open_last(_dialect: Any, _record: Any, _args: Any, told: dict[str, Any]) -> None:  # pyright: ignore[reportUnusedFunction]
            told["password"] = password.get_secret_value()

    wait_for_locks(engine, milliseconds=int(wait_seconds * 1000))
    return engine


def _sqlite(url: str, wait_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": wait_seconds}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # We say BEGIN ourselves: the driver's own begins as a reader and fails when it turns writer.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA trusted_schema=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        writing = connection.get_execution_options().get("presscheck_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def in_our_words(url: str) -> Generator[None]:
    """Turn a driver's error into a LedgerError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _explain(error, url) from error


def _explain(error: DBAPIError, url: str) -> LedgerError:
    place = make_url(url).render_as_string(hide_password=True)
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    low = text.lower()
    if denied := _denial(error, low):
        return LedgerDenied(f"{place}: {denied}")
    if pooled := pooler_fault(low):
        return LedgerGone(f"{place}: {pooled}")
    if "database is locked" in low or "lock timeout" in low or "lock_timeout" in low:
        return LedgerLocked(
            f"{place}: another process held the ledger for longer than we wait; nothing was written. "
            "Try again, and look for a stuck process if it happens again."
        )
    if "could not decode" in low:
        return LedgerForged(f"{place}: a row was altered: it holds text that is not UTF-8, which is never written.")
    if "readonly" in low or "read-only" in low or ("unable to open" in low and _is_unwritable(url)):
        return LedgerReadOnly(f"{place}: the ledger cannot be written: {text}. Check the file's owner and its mount.")
    if "disk is full" in low or "no space left" in low or "disk full" in low or "disk i/o" in low:
        return LedgerReadOnly(f"{place}: no room for the ledger: {text}. Nothing was lost; make room and go on.")
    missing = "unable to open" in low or "no such table" in low or ("relation" in low and "does not exist" in low)
    if missing or "does not exist" in low or isinstance(error, OperationalError):
        return LedgerGone(f"{place}: the ledger cannot be opened: {text}. `presscheck doctor` says what is missing.")
    return LedgerError(f"{place}: {text}")


def _denial(error: DBAPIError, low: str) -> str | None:
    """Why PostgreSQL does not let this role in, or not do this; None for other errors."""
    state = getattr(error.orig, "sqlstate", None)
    first = str(error.orig).strip().partition("\n")[0]
    # An error while connecting comes without a code.
    if state in ("28000", "28P01") or any(sign in low for sign in _NOT_LET_IN):
        return (
            f"the database does not let this role in: {first}. Its password is the secret ledger-door, ledger-worker, "
            "ledger-press, ledger-reader or ledger-owner, an administrator's is ledger-admin; `presscheck db init` "
            "sets what the secrets say."
        )
    if state == "42501":
        return (
            f"the database does not let this role do that: {first}. `presscheck db upgrade` gives each role its "
            "rights; a role that has them and is refused has tried what is not its to do."
        )
    return None


_NOT_LET_IN = ("authentication failed", "no password supplied", "no pg_hba.conf entry")


def _is_unwritable(url: str) -> bool:
    """Whether the SQLite file is there but it, or its folder, cannot be written: a log must be made beside it."""
    path = sqlite_path(url)
    effective = os.access in os.supports_effective_ids
    return (
        path is not None
        and path.is_file()
        and not all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, path.parent))
    )


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite address; None for other databases and for memory."""
    parsed = parsed_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def press_lock(path: Path) -> Path:
    """The file whose lock is the place of the only press on an SQLite ledger: one, by whatever path it is reached."""
    return Path(f"{path.resolve()}.press.lock")


def parsed_url(url: str) -> URL:
    """The address in its parts; SettingsError for what is none."""
    try:
        return make_url(url)
    except ArgumentError:
        # The address itself is not repeated: it may carry a password.
        raise SettingsError(
            "ledger_url: not a database address; write sqlite:///PATH or postgresql://HOST/NAME"
        ) from None

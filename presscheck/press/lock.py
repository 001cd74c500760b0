"""One press at a time: two of them would each reconcile, and send again, what the other is sending."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from presscheck.errors import LedgerLocked
from presscheck.ledger import Ledger

__all__ = ["only_press"]

# Any number that no other program on the same database uses for its advisory locks.
_PRESS_LOCK = 7_309_940_837_003


@contextmanager
def only_press(home: Path, ledger: Ledger) -> Generator[None]:
    """Hold the place of the only press; LedgerLocked if another has it.

    A lock on a file guards one machine, and on PostgreSQL an advisory lock guards all of them. Both
    are given back by the operating system when the process dies, however it dies.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "press.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerLocked(f"{home / 'press.lock'}: another press is running on this home; stop it first") from None
        if ledger.engine.dialect.name != "postgresql":
            yield
            return
        with ledger.engine.connect() as connection:
            got = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _PRESS_LOCK}).scalar()
            connection.commit()
            if not got:
                raise LedgerLocked(f"{ledger.place}: another press is running on this ledger; stop it first")
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _PRESS_LOCK})
                connection.commit()

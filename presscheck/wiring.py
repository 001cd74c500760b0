"""Builds ledger, policies, providers and channels from settings, for whichever process asks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.errors import Fault, SegmentError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Process
from presscheck.settings import Settings

if TYPE_CHECKING:
    from presscheck.desk import Desk

__all__ = ["open_desk", "open_ledger", "read_settings", "suppression_list"]


def read_settings(folder: Path | None = None) -> Settings:
    """Settings of the project in `folder` (PRESSCHECK_PROJECT, or the current folder)."""
    environ = dict(os.environ)
    # A folder that is named here wins over the variable, in whole.
    named = environ.pop("PRESSCHECK_PROJECT", ".")
    return Settings.read(folder or Path(named), environ)


def open_ledger(settings: Settings, process: Process | None, *, clock: Clock = utc_now) -> Ledger:
    """The ledger as this process may write it; `None` opens it for reading only."""
    signer = None if process is None else Signer.load(settings.keys, process)
    keyring = Keyring.load(settings.keys)
    return Ledger.open(settings.ledger_url, keyring=keyring, signer=signer, heads=settings.heads, clock=clock)


def open_desk(settings: Settings, ledger: Ledger) -> "Desk":
    """The desk over a ledger, with the policies as their files say at each judgement."""
    from presscheck.desk import CurrentPolicies, Desk

    return Desk(ledger, CurrentPolicies(None, settings.policies))


def suppression_list(settings: Settings) -> Callable[[], frozenset[str]]:
    """Reads `data/suppressed.csv` each time it is called; where there never was such a file, nobody is on it.

    SegmentError where it was there before and is gone: a list that somebody took away says nothing about
    who may be written to.
    """
    listed = settings.data / "suppressed.csv"
    was_there = False

    def read() -> frozenset[str]:
        from presscheck.screening.suppression import load_suppressions

        nonlocal was_there
        if not listed.exists():
            if was_there:
                gone = "was read before and is gone; put it back, with a header alone if nobody is on it"
                raise SegmentError([Fault(str(listed), None, "", gone)])
            return frozenset()
        found = load_suppressions(listed)
        was_there = True
        return found

    return read

"""Builds ledger, policies, providers and channels from settings, for whichever process asks."""

import os
from pathlib import Path

from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Process
from presscheck.settings import Settings

__all__ = ["open_ledger", "read_settings"]


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

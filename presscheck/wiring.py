"""Builds ledger, policies, providers and channels from settings, for whichever process asks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Process
from presscheck.settings import Settings

if TYPE_CHECKING:
    from presscheck.desk import Desk
    from presscheck.press import Press
    from presscheck.press.channels import Channel

__all__ = ["open_channels", "open_desk", "open_ledger", "open_press", "read_settings"]


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


def open_channels(settings: Settings) -> "dict[str, Channel]":
    """The ways out by name. There is only the outbox so far, which is also all that a demo may have."""
    from presscheck.press.channels.outbox import Outbox

    return {"outbox": Outbox(settings.outbox)}


def open_press(settings: Settings, ledger: Ledger, *, stopping: Callable[[], bool]) -> "Press":
    """The press with its channels; `data/suppressed.csv`, where there is one, is read at every batch."""
    from presscheck.press import Press
    from presscheck.screening.suppression import load_suppressions

    listed = settings.data / "suppressed.csv"
    return Press(
        ledger,
        open_desk(settings, ledger),
        open_channels(settings),
        settings.home,
        batch_size=settings.batch_size,
        suppressed=lambda: load_suppressions(listed) if listed.exists() else frozenset(),
        stopping=stopping,
    )

"""Builds ledger, policies, providers and channels from settings, for whichever process asks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.errors import Fault, LedgerGone, SegmentError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Process
from presscheck.pictures import pictures_folder
from presscheck.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

    from presscheck.desk import Desk
    from presscheck.ledger.roles import Role

__all__ = [
    "is_current",
    "ledger_address",
    "open_desk",
    "open_ledger",
    "read_settings",
    "suppression_list",
    "upgrade_ledger",
]


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
    url, password = ledger_address(settings, process or "reader")
    return Ledger.open(url, keyring=keyring, signer=signer, heads=settings.heads, clock=clock, password=password)


def ledger_address(settings: Settings, role: "Role") -> "tuple[str, SecretStr | None]":
    """Where the ledger is for this role, and its password if there is one.

    On PostgreSQL each role signs in under its own name, unless `ledger_url` names one account for all.
    """
    from presscheck.ledger.roles_address import as_role, names_of
    from presscheck.secret_store import find_secret

    if not settings.ledger_url.startswith("postgres"):
        return settings.ledger_url, None
    return as_role(settings.ledger_url, names_of(settings), role), find_secret(settings, f"ledger-{role}")


def upgrade_ledger(settings: Settings) -> None:
    """Make the ledger, or bring it up to this version; on PostgreSQL as its owner, who also hands out the rights.

    Where the owner's password is not here, a ledger that is up to date is left as it is.
    """
    from presscheck.ledger import upgrade
    from presscheck.ledger.roles_address import has_roles, names_of
    from presscheck.ledger.roles_making import grant_rights

    url, password = ledger_address(settings, "owner")
    if not has_roles(settings.ledger_url):
        upgrade(url, password=password)
        return
    if password is None and is_current(settings):
        return
    upgrade(url, password=password)
    grant_rights(url, names_of(settings), password=password)


def is_current(settings: Settings) -> bool:
    """Whether the ledger, as its reader sees it, is there and of this version."""
    try:
        open_ledger(settings, None).close()
    except LedgerGone:
        return False
    return True


def open_desk(settings: Settings, ledger: Ledger) -> "Desk":
    """The desk over a ledger, with the policies as their files say at each judgement."""
    from presscheck.desk import CurrentPolicies, Desk

    return Desk(ledger, CurrentPolicies(None, settings.policies), pictures_folder(settings.home))


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

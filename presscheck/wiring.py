"""Builds ledger, policies, providers and channels from settings, for whichever process asks."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.assets.pictures.files import pictures_folder
from presscheck.errors import Fault, LedgerGone, SegmentError, SettingsError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.store import Clock, utc_now
from presscheck.models import Author, Brief, Process, Product
from presscheck.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

    from presscheck.desk import Desk
    from presscheck.ledger.roles import Role
    from presscheck.library.admission import LibraryAdmission
    from presscheck.providers import Copywriter
    from presscheck.providers.admission import Admission
    from presscheck.providers.spending import Purse
    from presscheck.screening.databases import Database


def read_settings(folder: Path | None = None) -> Settings:
    """Settings of the project in `folder` (PRESSCHECK_PROJECT, or the current folder)."""
    environ = dict(os.environ)
    # A folder that is named here wins over the variable, in whole.
    named = environ.pop("PRESSCHECK_PROJECT", ".")
    return Settings.read(folder or Path(named), environ)


_REHEARSED: dict[Path, Callable[[Process], Ledger]] = {}


@contextmanager
def rehearsed(home: Path, opens: Callable[[Process], Ledger]) -> Generator[None]:
    """Within the block whoever opens the ledger of this home gets that of a rehearsal, with its clock."""
    _REHEARSED[home] = opens
    try:
        yield
    finally:
        del _REHEARSED[home]


def open_ledger(settings: Settings, process: Process | None, *, clock: Clock = utc_now) -> Ledger:
    """The ledger as this process may write it; `None` opens it for reading only."""
    if process is not None and settings.home in _REHEARSED:
        return _REHEARSED[settings.home](process)
    signer = None if process is None else Signer.load(settings.keys, process)
    keyring = Keyring.load(settings.keys)
    url, password = ledger_address(settings, process or "reader")
    return Ledger.open(url, keyring=keyring, signer=signer, heads=settings.heads, clock=clock, password=password)


def ledger_address(settings: Settings, role: "Role") -> "tuple[str, SecretStr | None]":
    """Where the ledger is for this role, and its password if there is one.

    On PostgreSQL each role signs in under its own name, unless `ledger_url` names one account for all.
    """
    from presscheck.ledger.roles_address import as_role, names_of
    from presscheck.settings.secrets import find_secret

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
    """The desk over a ledger, with the policies that are in force at each judgement."""
    from presscheck.desk import CurrentPolicies, Desk, PoliciesInForce

    files = CurrentPolicies(overlay=settings.policies.folder)
    policies = PoliciesInForce(ledger, files, signed=settings.policies.signed)
    return Desk(ledger, policies, pictures_folder(settings.home), read_note)


def read_note(author: Author, note: str, brief: Brief, product: Product | None) -> str:
    """What the copywriter who wrote these choices makes of a reviewer's note, and what it cannot act on."""
    from presscheck.providers import describe_note

    return str(describe_note(author.provider, note, brief, product))


def open_copywriter(
    settings: Settings,
    purse: "Purse",
    *,
    admission: "Admission",
    tell: Callable[[str], None] = lambda line: None,
    purpose: str = "draft",
) -> "Copywriter":
    """Whoever drafts by the settings, as far as it is admitted; a model spends from the purse and tells its progress.

    SettingsError with every fault of `[model]`, or for a key that is missing.
    """
    if settings.copywriter != "model":
        from presscheck.providers import open_copywriter as open_by_name
        from presscheck.providers.admission import AdmittedCopywriter
        from presscheck.providers.offline import MODEL

        writer = open_by_name(settings.copywriter)
        return AdmittedCopywriter(writer, admission, model=f"{writer.name}/{MODEL}", purpose=purpose)
    from presscheck.providers.model import ModelCopywriter
    from presscheck.providers.model_client import faults_of

    if faults := faults_of(settings.model):
        raise SettingsError(faults)
    return ModelCopywriter(
        settings.model, model_keys(settings), admission=admission, purse=purse, tell=tell, purpose=purpose
    )


def open_admission(settings: Settings, ledger: Ledger, *, run: str) -> "LibraryAdmission":
    """What lets a run's requests to models pass, by the policies in force and by what people signed."""
    from presscheck.library.admission import LibraryAdmission

    return LibraryAdmission(ledger, open_desk(settings, ledger).policies, run=run)


def model_keys(settings: Settings) -> "dict[str, SecretStr | None]":
    """The keys of the model and its fallback; SettingsError for one that is missing and needed."""
    from presscheck.providers.model_client import needs_key
    from presscheck.settings.secrets import find_secret, require_secret

    keys: dict[str, SecretStr | None] = {}
    for name, one in {"model": settings.model, "model-fallback": settings.model.fallback}.items():
        if one is None or one.provider is None:
            continue
        why = f"{one.provider} is asked with a key"
        keys[name] = require_secret(settings, name, why=why) if needs_key(one) else find_secret(settings, name)
    return keys


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


def database_named(settings: Settings, name: str) -> "Database":
    """One of the settings' [databases.NAME] with its password. SettingsError where there is none of this name."""
    from difflib import get_close_matches

    from presscheck.screening.databases import Database
    from presscheck.settings.secrets import find_secret

    section = settings.databases.get(name)
    if section is None or not section.url:
        near = get_close_matches(name, settings.databases, n=1)
        meant = f"; did you mean {near[0]}?" if near and near[0] != name else f"; write [databases.{name}] with its url"
        raise SettingsError(f"databases.{name}: the settings name no such database{meant}")
    password = find_secret(settings, "database-" + name.replace("_", "-"))
    return Database(name, section, password, folder=settings.project)

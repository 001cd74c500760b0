"""What `presscheck db init` does on the server: passwords for the roles, then roles and databases."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from presscheck.ledger.roles_making import Step, WantedRole
    from presscheck.settings import Settings


def _wanted(settings: "Settings") -> "list[WantedRole]":
    from presscheck.ledger.roles_address import names_of
    from presscheck.ledger.roles_making import WantedRole
    from presscheck.settings.secrets import find_secret

    wanted = [WantedRole(name, find_secret(settings, f"ledger-{role}")) for role, name in names_of(settings).items()]
    if prefect := _prefect_role(settings):
        wanted.append(WantedRole(prefect, find_secret(settings, "prefect-database")))
    return wanted


def _prefect_role(settings: "Settings") -> str:
    """The role of Prefect's database; empty where it is not PostgreSQL."""
    from sqlalchemy import make_url

    if not settings.postgres.prefect_url:
        return ""
    name = make_url(settings.postgres.prefect_url).username
    if not name:
        raise SettingsError("[postgres] prefect_url: name the role: postgresql://presscheck_prefect@HOST/NAME")
    return name


def see_to_passwords(settings: "Settings", *, make: bool, optional: bool) -> list[Path]:
    """See that there is a password for every role; the files that were made for it."""
    from presscheck.ledger.roles import ROLES
    from presscheck.settings.secrets import find_secret

    needed = [f"ledger-{role}" for role in ROLES] + (["prefect-database"] if _prefect_role(settings) else [])
    missing = [name for name in needed if find_secret(settings, name) is None]
    if missing and not make and not optional:
        raise SettingsError(
            f"there is no secret {', '.join(missing)}: put each into a file of that name in {settings.secrets} (mode "
            "600), or say --make-secrets, or --without-passwords where roles sign in by peer or certificate"
        )
    return [_make_secret(settings.secrets, name) for name in missing] if make else []


def _make_secret(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    return path


def server_steps(settings: "Settings", admin: str, password: "SecretStr | None", *, dry_run: bool) -> "list[Step]":
    """What is to be done on the server as a whole, done at once unless this is a dry run."""
    from presscheck.ledger.engine import connect, in_our_words
    from presscheck.ledger.roles_address import names_of
    from presscheck.ledger.roles_making import plan, plan_database, require_server

    names = names_of(settings)
    done: list[Step] = []
    engine = connect(admin, password=password)
    try:
        with in_our_words(admin), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            require_server(connection)
            databases = [(database_name(settings.ledger_url), names["owner"], list(names.values()))]
            if prefect := _prefect_role(settings):
                databases.append((database_name(settings.postgres.prefect_url), prefect, [prefect]))
            done += list(plan(connection, _wanted(settings)))
            for step in [] if dry_run else done:
                step.run(connection)
            for name, owner, guests in databases:
                steps = list(plan_database(connection, name, owner, guests))
                for step in [] if dry_run else steps:
                    step.run(connection)
                done += steps
    finally:
        engine.dispose()
    return done


def database_name(url: str) -> str:
    """The database that an address names."""
    from presscheck.ledger.roles_making import database_of

    return database_of(url)


def in_database(admin: str, name: str) -> str:
    """The administrator's address, for another database of the same server."""
    from sqlalchemy import make_url

    return make_url(admin).set(database=name).render_as_string(hide_password=False)

"""`presscheck db`: the ledger's database: made with its roles, brought up to date, moved to PostgreSQL."""

from typing import TYPE_CHECKING

import click

from presscheck.cli.bar import Bar
from presscheck.cli.db_making import database_name, in_database, see_to_passwords, server_steps
from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from presscheck.ledger.moving import Moved
    from presscheck.settings import Settings


@click.group(short_help="Make the ledger's database and its roles, bring it up to date, move it to PostgreSQL.")
def db() -> None:
    """The database behind the ledger, and Prefect's own where it is PostgreSQL."""


@db.command(short_help="Make roles, databases, tables and rights on a PostgreSQL server.")
@click.option(
    "--admin-url",
    required=True,
    metavar="URL",
    help="How an administrator reaches the server: postgresql://NAME@HOST/postgres. "
    "The password is the secret ledger-admin.",
)
@click.option("--make-secrets", is_flag=True, help="Make the passwords that are missing, as files only you can read.")
@click.option("--without-passwords", is_flag=True, help="Roles without a secret get none: for peer or certificates.")
@click.option("--dry-run", is_flag=True, help="Print the SQL and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def init(
    project: Project, admin_url: str, make_secrets: bool, without_passwords: bool, dry_run: bool, as_json: bool
) -> None:
    """Make the roles owner, door, worker, press and reader, the ledger's database, its tables and least rights.

    Where [postgres] prefect_url is set, Prefect's role and database are made too. Run again, it makes
    what is missing and sets the passwords that the secrets say. The SQL that is shown holds no password.
    """
    from presscheck.ledger.roles_address import has_roles, names_of
    from presscheck.ledger.roles_granting import granting
    from presscheck.ledger.roles_making import prepare

    settings = project.settings
    if not has_roles(settings.ledger_url):
        raise SettingsError(
            "ledger_url: db init makes a role for each process, so write postgresql://HOST/NAME without a user; "
            f"it is {_shown(settings.ledger_url)} now"
        )
    admin, password = _administrator(settings, admin_url)
    made = [] if dry_run else see_to_passwords(settings, make=make_secrets, optional=without_passwords)
    names = names_of(settings)
    steps = server_steps(settings, admin, password, dry_run=dry_run)
    sql = [f"{step};" for step in steps]
    if dry_run:
        sql += [
            f"\\connect {database_name(settings.ledger_url)}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
            f"GRANT USAGE ON SCHEMA public TO {', '.join(names.values())};",
            f"GRANT CREATE ON SCHEMA public TO {names['owner']};",
            f"SET ROLE {names['owner']};",
            "-- Here the ledger's tables and triggers are made, by the same migrations as everywhere.",
            *(f"{statement};" for statement in granting(names)),
        ]
    else:
        prepare(in_database(admin, database_name(settings.ledger_url)), names, password=password)
    if as_json:
        emit({"dry_run": dry_run, "sql": sql, "secrets_made": [str(path) for path in made]})
        return
    for line in sql:
        say(line)
    for path in made:
        say(f"made the secret {path}")
    if not dry_run:
        say(f"The ledger's database is ready: {settings.ledger_url}. `presscheck doctor` looks at every role.")


@db.command(short_help="Bring the ledger up to this version, and hand the rights out again.")
@click.pass_obj
def upgrade(project: Project) -> None:
    """Migrate the ledger as its owner; on PostgreSQL also give every role the rights of this version.

    `presscheck up` does this by itself. Where services run apart, run it once before you start the new version.
    """
    from presscheck.wiring import upgrade_ledger

    upgrade_ledger(project.settings)
    with project.ledger() as ledger:
        say(f"The ledger is up to date: {ledger.place}")


@db.command(short_help="Move a ledger from SQLite to PostgreSQL, with its chain as it is.")
@click.option("--from", "source", metavar="URL", help="sqlite:///PATH; default: the SQLite ledger in home.")
@click.option("--to", "target", metavar="URL", help="postgresql://HOST/NAME; default: ledger_url of the settings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def copy(project: Project, source: str | None, target: str | None, as_json: bool) -> None:
    """Copy every table into an empty ledger on PostgreSQL, in one transaction, and verify it before and after.

    The source stays as it is. `presscheck up` must not be running on it. The target is made by
    `presscheck db init`; it is written to as the owner, whose password is the secret ledger-owner.
    """
    from presscheck.ledger import Keyring
    from presscheck.ledger.moving import move
    from presscheck.ledger.roles_address import as_role, names_of
    from presscheck.settings.secrets import find_secret
    from presscheck.settings.section import without_password

    settings = project.settings
    source = source or f"sqlite:///{settings.home / 'ledger.db'}"
    target = target or settings.ledger_url
    try:
        without_password(target, "ledger-owner")
    except ValueError as error:
        raise SettingsError(f"--to: {error}") from None
    with Bar(shown=not as_json) as bar:
        moved = move(
            source,
            as_role(target, names_of(settings), "owner"),
            home=settings.home,
            keyring=Keyring.load(settings.keys),
            password=find_secret(settings, "ledger-owner"),
            progress=bar,
        )
    _tell(moved, source, target, as_json=as_json)


def _tell(moved: "Moved", source: str, target: str, *, as_json: bool) -> None:
    if as_json:
        emit({"from": source, "to": target, "events": moved.events, "head": moved.head, "rows": moved.rows})
        return
    table(("TABLE", "ROWS"), [(name, f"{rows:,}") for name, rows in moved.rows.items()])
    say(f"{moved.events:,} events, the last one {moved.head[:12]}: the chain is the same, and verified on both sides.")
    say(f'Now set ledger_url = "{target}" in presscheck.toml. {_shown(source)} is as it was; keep it as a backup.')


def _administrator(settings: "Settings", url: str) -> "tuple[str, SecretStr | None]":
    from presscheck.settings.secrets import find_secret
    from presscheck.settings.section import without_password

    try:
        without_password(url, "ledger-admin: every account on this machine can read the arguments of a command")
    except ValueError as error:
        raise SettingsError(f"--admin-url: {error}") from None
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("--admin-url: write postgresql://NAME@HOST/postgres")
    return url, find_secret(settings, "ledger-admin")


def _shown(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)

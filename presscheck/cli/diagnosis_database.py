"""What `presscheck doctor` looks at where ledger or Prefect are on PostgreSQL: every role, its rights, the server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import LedgerGone, PresscheckError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presscheck.ledger.roles import Names, Role
    from presscheck.settings import Settings

_WAIT_SECONDS = 3
_POOLERS = "docs/postgresql.md says what a pooler has to be set to."


def database_looks(settings: "Settings") -> "Iterator[Look]":
    """Nothing where both are SQLite, which needs no looking after."""
    from presscheck.ledger.roles_address import has_roles

    if settings.ledger_url.startswith("postgres"):
        if has_roles(settings.ledger_url):
            yield from _roles(settings)
        else:
            found = "one account for all: the database does not tell door, worker and press apart"
            yield Look("database roles", "note", found, "Take the user out of ledger_url; `presscheck db init`.")
            yield from _pooler(settings)
    if settings.postgres.prefect_url:
        yield _prefect(settings)


def _pooler(settings: "Settings") -> "Iterator[Look]":
    """Whether the press could hold its place by the one account; nothing where no pooler is in between."""
    from presscheck.ledger.engine import connect, in_our_words
    from presscheck.ledger.sessions import behind_pooler, session_fault
    from presscheck.wiring import ledger_address

    url, password = ledger_address(settings, "press")
    engine = connect(url, password=password, wait_seconds=_WAIT_SECONDS)
    try:
        with in_our_words(url), engine.connect() as connection:
            pooled, fault = behind_pooler(connection), session_fault(engine, connection)
    except PresscheckError as error:
        # A ledger that is away is told above; what only a pooler says is told here.
        if "a pooler" in str(error):
            yield Look("pooler", "missing", str(error), _POOLERS)
        return
    finally:
        engine.dispose()
    if fault:
        yield Look("pooler", "missing", f"the press does not start: {fault}", _POOLERS)
    elif pooled:
        yield Look("pooler", "ok", "ledger_url leads to one, and a connection is a session of its own")


def _roles(settings: "Settings") -> "Iterator[Look]":
    from presscheck.ledger.roles import ROLES
    from presscheck.ledger.roles_address import names_of
    from presscheck.settings.secrets import find_secret

    names = names_of(settings)
    looked_at_rights = False
    if gone := _gone(settings):
        yield Look("database roles", "missing", gone, "Start PostgreSQL, or correct ledger_url.")
        return
    for role in ROLES:
        what = f"{role}'s database role"
        try:
            secret = find_secret(settings, f"ledger-{role}")
        except PresscheckError as error:
            yield Look(what, "missing", str(error), "Make it readable by you alone: chmod 600.")
            continue
        if role == "owner" and secret is None:
            yield Look(what, "note", "its password is not here: this machine does not migrate the ledger")
            continue
        look, faults = _one_role(settings, role, names, rights_too=not looked_at_rights)
        looked_at_rights = looked_at_rights or faults is not None
        yield look
        if faults is not None:
            state = "missing" if faults else "ok"
            mend = "`presscheck db upgrade` as the owner hands the rights out again." if faults else ""
            yield Look("database rights", state, "; ".join(faults) or "each role has its own and no more", mend)


def _gone(settings: "Settings") -> str | None:
    """Why no role can get at the database at all; None where it answers, if only to refuse a password."""
    from presscheck.ledger.engine import connect, in_our_words
    from presscheck.wiring import ledger_address

    url, password = ledger_address(settings, "reader")
    engine = connect(url, password=password, wait_seconds=_WAIT_SECONDS)
    try:
        with in_our_words(url), engine.connect():
            return None
    except LedgerGone as error:
        return str(error).partition(" `presscheck")[0]
    except PresscheckError:
        # A role that is refused is told by its own look.
        return None
    finally:
        engine.dispose()


def _one_role(
    settings: "Settings", role: "Role", names: "Names", *, rights_too: bool
) -> "tuple[Look, list[str] | None]":
    """Whether this role can sign in, and, if wanted, what is wrong with everybody's rights."""
    from presscheck.ledger.engine import connect, in_our_words
    from presscheck.ledger.roles_granting import rights_faults
    from presscheck.ledger.sessions import behind_pooler, session_fault
    from presscheck.wiring import ledger_address

    what = f"{role}'s database role"
    url, password = ledger_address(settings, role)
    engine = connect(url, password=password, wait_seconds=_WAIT_SECONDS)
    try:
        with in_our_words(url), engine.connect() as connection:
            faults = rights_faults(connection, names) if rights_too else None
            connection.rollback()
            found = f"{names[role]} signs in, {_server(connection)}"
            if role == "press" and (fault := session_fault(engine, connection)):
                return Look(what, "missing", f"{found}; but the press does not start: {fault}", _POOLERS), faults
            return Look(what, "ok", found + (", behind a pooler" if behind_pooler(connection) else "")), faults
    except PresscheckError as error:
        mend = f"Put its password into the secret ledger-{role}; `presscheck db init` makes role and password."
        return Look(what, "missing", str(error), mend), None
    finally:
        engine.dispose()


def _server(connection: "Connection") -> str:
    version = connection.dialect.server_version_info or ()
    return f"PostgreSQL {version[0] if version else 'of an unknown version'}"


def _prefect(settings: "Settings") -> "Look":
    """Whether Prefect's own database can be reached as its server will reach it."""
    from presscheck.supervisor.databases import look_at_prefects

    try:
        found, pooled = look_at_prefects(settings)
        if not pooled:
            return Look("Prefect's database", "ok", found)
        mend = "Name the server's own port in [postgres] prefect_url, or set pool_mode = session for that database."
        told = "behind a pooler by the transaction, which Prefect's prepared statements break on"
        return Look("Prefect's database", "note", f"{found}, {told}", mend)
    except PresscheckError as error:
        found = str(error).partition(" It is [postgres]")[0].partition(" `presscheck doctor`")[0]
        mend = "Put its password into the secret prefect-database; `presscheck db init` makes role and database."
        if isinstance(error.__cause__, LedgerGone):
            mend = "Start PostgreSQL, or correct [postgres] prefect_url; `presscheck db init` makes the database."
        return Look("Prefect's database", "missing", found, mend)

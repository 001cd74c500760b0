"""Makes the roles and the databases on a PostgreSQL server, as its administrator.

    steps = plan(connection, url, wanted)        # what is missing, looked up and not yet done
    for step in steps: step.run(connection)      # str(step) is its SQL, without any password
    prepare(admin_url, url, names)               # schema, tables and rights in the ledger's own database

Passwords are hashed here (SCRAM-SHA-256), so that they reach neither the server's log nor its
statistics. Doing it again changes nothing but the passwords that are given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlalchemy import Connection, make_url, text

from presscheck.errors import LedgerDenied, SettingsError
from presscheck.ledger.engine import connect, in_our_words
from presscheck.ledger.migrate import upgrade
from presscheck.ledger.roles import ROLES, Names
from presscheck.ledger.roles_granting import granting, quoted, rights_faults
from presscheck.ledger.tables import metadata

OLDEST_SERVER = 13
"""PostgreSQL 12 and older get no security fixes any more, and know no trusted extensions, which Prefect needs."""


@dataclass(frozen=True)
class WantedRole:
    """A role that shall be there and may sign in; None leaves its password as it is."""

    name: str
    password: SecretStr | None = None


@dataclass(frozen=True)
class Step:
    """One statement; `secret` is put in, hashed, where it says `{}`."""

    sql: str
    role: str = ""
    secret: SecretStr | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.sql.replace("{}", "'...'")

    def run(self, connection: Connection) -> None:
        """Do it."""
        sql = self.sql
        if self.secret is not None:
            from psycopg import Connection as Psycopg

            raw = connection.connection.driver_connection
            if not isinstance(raw, Psycopg):
                raise SettingsError("roles are made on PostgreSQL through psycopg, and on nothing else")
            hashed = raw.pgconn.encrypt_password(
                self.secret.get_secret_value().encode(), self.role.encode(), b"scram-sha-256"
            )
            # A SCRAM verifier holds letters, digits and $ : + / = only, so no quote can be in it.
            sql = sql.replace("{}", f"'{hashed.decode()}'")
        connection.exec_driver_sql(sql.replace("%", "%%"))


def require_server(connection: Connection) -> None:
    """SettingsError for a server that is too old, LedgerDenied for somebody who may not make roles there."""
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if fault := server_fault(number):
        raise SettingsError(fault)
    row = connection.execute(
        text("SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    ).one()
    if not (row.rolsuper or (row.rolcreaterole and row.rolcreatedb)):
        raise LedgerDenied(
            f"{row.rolname} may make neither roles nor databases here; name an administrator in --admin-url "
            "(a superuser, or a role with CREATEROLE and CREATEDB)"
        )


def server_fault(number: int) -> str | None:
    """What is wrong with a server of this `server_version_num`; None for one that will do."""
    major = number // 10_000
    if major >= OLDEST_SERVER:
        return None
    return f"this server is PostgreSQL {major}; Presscheck and Prefect need {OLDEST_SERVER} or newer"


def plan(connection: Connection, wanted: Sequence[WantedRole]) -> Iterator[Step]:
    """The statements for the roles: those that are missing are made, those that are there get their password."""
    there = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    for role in wanted:
        verb = "ALTER" if role.name in there else "CREATE"
        # Said in full, so that a role that was there before with more rights does not keep them.
        sql = f"{verb} ROLE {quoted(role.name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        if not _is_superuser(connection):
            # Only a superuser may speak of these three, and only a superuser could have given them.
            sql = f"{verb} ROLE {quoted(role.name)} LOGIN NOCREATEDB NOCREATEROLE"
        yield Step(sql + (" PASSWORD {}" if role.password else ""), role.name, role.password)


def plan_database(connection: Connection, name: str, owner: str, guests: Sequence[str]) -> Iterator[Step]:
    """The statements for a database that belongs to `owner`, and that nobody but the guests may enter."""
    there = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first()
    if there is None:
        if not _is_superuser(connection):
            # Who is no superuser gives a database away only to a role that it is a member of.
            yield Step(f"GRANT {quoted(owner)} TO CURRENT_USER")
        yield Step(f"CREATE DATABASE {quoted(name)} OWNER {quoted(owner)} ENCODING 'UTF8' TEMPLATE template0")
    yield Step(f"REVOKE ALL ON DATABASE {quoted(name)} FROM PUBLIC")
    for guest in guests:
        yield Step(f"GRANT CONNECT ON DATABASE {quoted(name)} TO {quoted(guest)}")


def prepare(url: str, names: Names, *, password: SecretStr | None) -> None:
    """Tables, migrations and rights in the ledger's database; `url` and `password` are the administrator's."""
    engine = connect(url, password=password)
    owner = quoted(names["owner"])
    everybody = ", ".join(quoted(names[role]) for role in ROLES)
    try:
        with in_our_words(url), engine.connect() as connection, connection.begin():
            # Before PostgreSQL 15 anybody could make tables in this schema.
            connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {everybody}")
            connection.exec_driver_sql(f"GRANT CREATE ON SCHEMA public TO {owner}")
            for statement in _taking_over(connection, names["owner"]):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
    upgrade(url, password=password, acting_as=names["owner"])
    grant_rights(url, names, password=password, acting_as=names["owner"])


def grant_rights(url: str, names: Names, *, password: SecretStr | None, acting_as: str | None = None) -> None:
    """Give every role its rights, in one transaction; as the tables' owner."""
    engine = connect(url, password=password)
    try:
        with in_our_words(url), engine.connect() as connection, connection.begin():
            if acting_as is not None:
                connection.exec_driver_sql(f"SET LOCAL ROLE {quoted(acting_as)}")
            # Two programs that hand out the same rights at once would trip over each other's rows.
            connection.execute(text("SELECT pg_advisory_xact_lock(7309940837002)"))
            if not rights_faults(connection, names):
                # Handing out takes the events' table for a moment, and other machines may be at work on it.
                return
            for statement in granting(names):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _taking_over(connection: Connection, owner: str) -> Iterator[str]:
    """The statements that give the owner a ledger which one account had made for itself."""
    ours = [*metadata.tables, "alembic_version"]
    found = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> :owner"), {"owner": owner}
    )
    for table in found.scalars().all():
        if table in ours:
            yield f"ALTER TABLE {quoted(table)} OWNER TO {quoted(owner)}"
    if connection.execute(text("SELECT to_regproc('public.presscheck_append_only')::text")).scalar() is not None:
        yield f"ALTER FUNCTION public.presscheck_append_only() OWNER TO {quoted(owner)}"


def database_of(url: str) -> str:
    """The database's name; SettingsError where an address names none."""
    name = make_url(url).database
    if not name:
        raise SettingsError(f"{make_url(url).render_as_string()}: name the database: postgresql://HOST/NAME")
    return name


def _is_superuser(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar())

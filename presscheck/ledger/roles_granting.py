"""Hands the rights of `roles.RIGHTS` out in a PostgreSQL ledger, and finds where the database differs.

    for statement in granting(names): connection.exec_driver_sql(statement)    # as the owner
    rights_faults(connection, names)          # what a role has too much or too little; () where all is well

Events are one table for all processes, so row-level security limits what each role may insert: its
own process's name, and the kinds that `kinds.WRITERS` lets that process write. A worker's role
cannot even insert a decision's event, long before anybody looks at signatures.
"""

import re
from collections.abc import Iterator
from typing import cast

from sqlalchemy import Connection, text

from presscheck.ledger import tables
from presscheck.ledger.keys import PROCESSES
from presscheck.ledger.roles import RIGHTS, ROLES, Names, Right, Role, kinds_of, rights_of_role

__all__ = ["granting", "quoted", "rights_faults"]

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_BY_COLUMN = ("SELECT", "INSERT", "REFERENCES")
_WORKING: tuple[Role, ...] = tuple(role for role in ROLES if role != "owner")


def granting(names: Names) -> Iterator[str]:
    """The statements, for the tables' owner; run again they lead to the same rights."""
    everybody = ", ".join(["PUBLIC", *(quoted(names[role]) for role in _WORKING)])
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everybody}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {everybody}"
    for role in _WORKING:
        for table, rights in rights_of_role(role).items():
            yield f"GRANT {', '.join(rights)} ON {quoted(table)} TO {quoted(names[role])}"
            if "INSERT" in rights:
                for column in _counted_columns(table):
                    # The name that PostgreSQL gives to a serial column's sequence.
                    yield f"GRANT USAGE ON SEQUENCE {quoted(f'{table}_{column}_seq')} TO {quoted(names[role])}"
    yield "ALTER TABLE events ENABLE ROW LEVEL SECURITY"
    readers = ", ".join(quoted(names[role]) for role in _WORKING)
    yield "DROP POLICY IF EXISTS presscheck_reads ON events"
    yield f"CREATE POLICY presscheck_reads ON events FOR SELECT TO {readers} USING (true)"
    for process in PROCESSES:
        kinds = ", ".join(f"'{kind}'" for kind in kinds_of(process))
        yield f"DROP POLICY IF EXISTS presscheck_{process}_writes ON events"
        yield (
            f"CREATE POLICY presscheck_{process}_writes ON events FOR INSERT TO {quoted(names[process])} "
            f"WITH CHECK (process = '{process}' AND kind IN ({kinds}))"
        )


def rights_faults(connection: Connection, names: Names) -> list[str]:
    """Every difference between what the database allows and what it should, as sentences."""
    missing = [names[role] for role in _WORKING if not _exists(connection, names[role])]
    if missing:
        return [f"role {name} is not there" for name in missing]
    faults = [fault for role in _WORKING for fault in _role_faults(connection, names, role)]
    return [*faults, *_guard_faults(connection)]


def quoted(name: str) -> str:
    """A name as PostgreSQL reads it, whatever characters are in it."""
    return '"' + name.replace('"', '""') + '"'


def _counted_columns(table: str) -> list[str]:
    """The column that the database numbers by itself, if the table has one."""
    found = tables.metadata.tables.get(table)
    column = None if found is None else found.autoincrement_column
    return [] if column is None else [column.name]


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first() is not None


def _role_faults(connection: Connection, names: Names, role: Role) -> Iterator[str]:
    name = names[role]
    attributes = connection.execute(
        text(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication, "
            "pg_has_role(oid, CAST(:owner AS name), 'MEMBER') FROM pg_roles WHERE rolname = :name"
        ),
        {"name": name, "owner": names["owner"]},
    ).one()
    if any(attributes):
        yield f"role {name} stands above the rights: it is a superuser, or a member of {names['owner']}"
    for table, by_role in RIGHTS.items():
        had, wanted = _had(connection, name, table), _spelled(by_role.get(role, ()))
        if had is None:
            yield f"table {table} is not there"
            continue
        if lacking := sorted(wanted - had):
            yield f"role {name} may not {', '.join(lacking)} {table}"
        if excess := sorted(had - wanted):
            yield f"role {name} may {', '.join(excess)} {table}"
    if role in PROCESSES and (kinds := _insertable(connection, role)) != set(kinds_of(role)):
        differing = ", ".join(sorted(kinds ^ set(kinds_of(role))))
        yield f"role {name} may not insert exactly the events of the {role}: {differing}"


def _had(connection: Connection, name: str, table: str) -> set[str] | None:
    """What a role may do to a table, however it came by it: verbs, and UPDATE by column."""
    place = connection.execute(text("SELECT to_regclass(:table)::oid"), {"table": f'public."{table}"'}).scalar()
    if place is None:
        return None
    told = {"name": name, "place": place}
    # A right to one column of many shows as well, but for UPDATE, which is looked at by column.
    asked = ", ".join(
        f"has_{'any_column' if verb in _BY_COLUMN else 'table'}_privilege(CAST(:name AS name), CAST(:place AS oid), "
        f"'{verb}') AS \"{verb}\""
        for verb in _VERBS
    )
    row = connection.execute(text(f"SELECT {asked}"), told).mappings().one()
    had = {verb for verb in _VERBS if row[verb]}
    if "UPDATE" in had:
        return had
    columns = connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = :place AND attnum > 0 AND NOT attisdropped "
            "AND has_column_privilege(CAST(:name AS name), attrelid, attnum, 'UPDATE')"
        ),
        told,
    ).scalars()
    return had | {f"UPDATE ({column})" for column in columns}


def _spelled(rights: tuple[Right, ...]) -> set[str]:
    """The same rights with each column of an UPDATE by itself."""
    found: set[str] = set()
    for right in rights:
        verb, _, columns = right.partition(" (")
        found.update(f"{verb} ({column})" for column in columns.rstrip(")").split(", ")) if columns else found.add(verb)
    return found


def _insertable(connection: Connection, role: Role) -> set[str]:
    """The kinds that the policy in the database names; empty where there is none, or row-level security is off."""
    row = connection.execute(
        text(
            "SELECT p.with_check FROM pg_policies p JOIN pg_class c ON c.oid = 'public.events'::regclass "
            "WHERE p.schemaname = 'public' AND p.tablename = 'events' AND p.policyname = :policy AND c.relrowsecurity"
        ),
        {"policy": f"presscheck_{role}_writes"},
    ).scalar()
    return set(re.findall(r"'([a-z-]+:[a-z-]+)'", cast(str, row or "")))


def _guard_faults(connection: Connection) -> Iterator[str]:
    """The triggers that keep events and decisions as they were written, and policies that are not ours."""
    ours = ["presscheck_reads", *(f"presscheck_{process}_writes" for process in PROCESSES)]
    for policy in connection.execute(text("SELECT policyname FROM pg_policies WHERE tablename = 'events'")).scalars():
        if policy not in ours:
            yield f"the policy {policy} on events is not ours: it may let a role insert what is not its own"
    standing = set(
        connection.execute(
            text(
                "SELECT tgrelid::regclass::text || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal "
                "AND tgenabled IN ('O', 'A')"
            )
        ).scalars()
    )
    for table in ("events", "decisions"):
        for guard in ("append_only", "no_truncate"):
            if f"{table}.{table}_{guard}" not in standing:
                yield f"the trigger {table}_{guard} is gone or off: {table} can be changed"

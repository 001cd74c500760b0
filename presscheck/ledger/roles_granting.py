"""Hands the rights of `roles.RIGHTS` out in a PostgreSQL ledger, and finds where the database differs.

    for statement in granting(names): connection.exec_driver_sql(statement)    # as the owner
    rights_faults(connection, names)          # what a role has too much or too little; () where all is well

Events are one table for all processes, so row-level security limits what each role may insert: its
own process's name, and the kinds that `EventKind` lets that process write. A worker's role
cannot even insert a decision's event, long before anybody looks at signatures.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from presscheck.ledger import tables
from presscheck.ledger.keys import PROCESSES
from presscheck.ledger.roles import RIGHTS, ROLES, Names, Right, Role, kinds_of, rights_of_role

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_QUOTED = re.compile(r"'([^']*)'")
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
    """Every difference between what the database allows and what it should, as sentences; five questions to it."""
    there = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    missing = [names[role] for role in _WORKING if names[role] not in there]
    if missing:
        return [f"role {name} is not there" for name in missing]
    return [
        *_standing_faults(connection, names),
        *_table_faults(connection, names),
        *_policy_faults(connection, names),
        *_trigger_faults(connection),
    ]


def quoted(name: str) -> str:
    """A name as PostgreSQL reads it, whatever characters are in it."""
    return '"' + name.replace('"', '""') + '"'


def _counted_columns(table: str) -> list[str]:
    """The column that the database numbers by itself, if the table has one."""
    found = tables.metadata.tables.get(table)
    column = None if found is None else found.autoincrement_column
    return [] if column is None else [column.name]


def _standing_faults(connection: Connection, names: Names) -> Iterator[str]:
    above = connection.execute(
        text(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(CAST(:names AS text[])) AND (rolsuper OR rolbypassrls "
            "OR rolcreaterole OR rolreplication OR pg_has_role(oid, CAST(:owner AS name), 'MEMBER'))"
        ),
        {"names": [names[role] for role in _WORKING], "owner": names["owner"]},
    )
    for name in above.scalars():
        yield f"role {name} stands above the rights: it is a superuser, or a member of {names['owner']}"


def _table_faults(connection: Connection, names: Names) -> Iterator[str]:
    had = _had(connection, [names[role] for role in _WORKING])
    for table, by_role in RIGHTS.items():
        if table not in had:
            yield f"table {table} is not there"
            continue
        for role in _WORKING:
            has, wanted = had[table].get(names[role], set()), _spelled(by_role.get(role, ()))
            if lacking := sorted(wanted - has):
                yield f"role {names[role]} may not {', '.join(lacking)} {table}"
            if excess := sorted(has - wanted):
                yield f"role {names[role]} may {', '.join(excess)} {table}"


def _had(connection: Connection, roles: list[str]) -> dict[str, dict[str, set[str]]]:
    """What each role may do to each table that is there, however it came by it: verbs, and UPDATE by column."""
    told = {"roles": roles, "tables": list(RIGHTS), "verbs": list(_VERBS), "by_column": list(_BY_COLUMN)}
    tables_there = (
        "FROM pg_class c CROSS JOIN unnest(CAST(:roles AS name[])) r(role) {} "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(:tables)"
    )
    # A right to one column of many shows as well, but for UPDATE, which is looked at by column below.
    verbs = connection.execute(
        text(
            "SELECT c.relname, r.role, CASE WHEN CASE WHEN v.verb = ANY(:by_column) "
            "THEN has_any_column_privilege(r.role, c.oid, v.verb) ELSE has_table_privilege(r.role, c.oid, v.verb) END "
            "THEN v.verb END AS verb " + tables_there.format("CROSS JOIN unnest(CAST(:verbs AS text[])) v(verb)")
        ),
        told,
    )
    found: dict[str, dict[str, set[str]]] = {}
    for table, role, verb in verbs:
        rights = found.setdefault(table, {}).setdefault(role, set())
        if verb is not None:
            rights.add(verb)
    columns = connection.execute(
        text(
            "SELECT c.relname, r.role, a.attname "
            + tables_there.format("JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped")
            + " AND NOT has_table_privilege(r.role, c.oid, 'UPDATE') "
            "AND has_column_privilege(r.role, c.oid, a.attnum, 'UPDATE')"
        ),
        told,
    )
    for table, role, column in columns:
        found[table][role].add(f"UPDATE ({column})")
    return found


def _spelled(rights: tuple[Right, ...]) -> set[str]:
    """The same rights with each column of an UPDATE by itself."""
    found: set[str] = set()
    for right in rights:
        verb, _, columns = right.partition(" (")
        found.update(f"{verb} ({column})" for column in columns.rstrip(")").split(", ")) if columns else found.add(verb)
    return found


def _policy_faults(connection: Connection, names: Names) -> Iterator[str]:
    """Whether each process may insert exactly its own kinds of events, and nothing lets it insert more."""
    rows = connection.execute(
        text(
            "SELECT p.policyname, p.roles::text[], p.with_check FROM pg_policies p "
            "JOIN pg_class c ON c.oid = to_regclass('public.events') "
            "WHERE p.schemaname = 'public' AND p.tablename = 'events' AND c.relrowsecurity"
        )
    )
    policies = {name: (set(roles), set(_QUOTED.findall(check or ""))) for name, roles, check in rows}
    policies.pop("presscheck_reads", None)
    for process in PROCESSES:
        roles, words = policies.pop(f"presscheck_{process}_writes", (set[str](), set[str]()))
        wanted = {process, *kinds_of(process)}
        if roles != {names[process]} or words != wanted:
            differing = ", ".join(sorted(words ^ wanted)[:3]) or "it is for another role"
            yield f"role {names[process]} may not insert exactly the events of the {process}: {differing}"
    for policy in sorted(policies):
        yield f"the policy {policy} on events is not ours: it may let a role insert what is not its own"


def _trigger_faults(connection: Connection) -> Iterator[str]:
    """Whether the triggers stand that keep events and decisions as they were written."""
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

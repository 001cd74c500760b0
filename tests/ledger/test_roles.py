"""Each process's role can do all of its own work on PostgreSQL, and nothing of anybody else's."""

import re

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import ProgrammingError

from presscheck.errors import LedgerDenied
from presscheck.ledger import EventKind, Ledger, Signer, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.chain import ChainMark, seal
from presscheck.ledger.engine import connect
from presscheck.ledger.keys import PROCESSES
from presscheck.ledger.reviews import record_decision, reviews_of_run
from presscheck.ledger.roles import RIGHTS, ROLES, Role, kinds_of
from presscheck.ledger.roles_granting import granting, rights_faults
from presscheck.ledger.roles_making import server_fault
from tests.ledger.filled import RUN, approval, copy_asset
from tests.ledger.under_roles import NAMES, PASSWORDS, RoleLedgers


def do(ledger: Ledger, statement: str) -> None:
    """A statement of somebody who holds this role's password and nothing else."""
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def denied(ledger: Ledger, statement: str) -> str:
    """What PostgreSQL says to it; a failure if it does it."""
    try:
        do(ledger, statement)
    except Exception as error:
        return str(error)
    raise AssertionError(f"was done: {statement}")


# ---------------------------------------------------------------- the table of rights


def test_every_table_has_its_rights_in_ledger_roles() -> None:
    without = set(tables.metadata.tables) - set(RIGHTS)

    assert not without, f"add a line for {sorted(without)} to RIGHTS in presscheck/ledger/roles.py: who may do what"


def test_every_kind_of_event_has_a_process_that_may_write_it() -> None:
    without = [kind.value for kind in EventKind if not kind.writers]

    assert not without, f"say behind the name of {without} in presscheck/ledger/kinds.py which process may write it"


def test_nobody_may_change_or_delete_an_event_or_a_decision() -> None:
    for table in ("events", "decisions"):
        verbs = {right.partition(" ")[0] for rights in RIGHTS[table].values() for right in rights}
        assert verbs == {"SELECT", "INSERT"}


def test_only_the_door_sees_what_opens_an_account() -> None:
    for table in ("credentials", "sessions", "passkeys"):
        assert set(RIGHTS[table]) == {"door"}


# ---------------------------------------------------------------- what is denied


def test_the_workers_role_cannot_write_a_decision(guarded: RoleLedgers) -> None:
    with guarded.door.read() as tx:
        review = reviews_of_run(tx, RUN)[0]
    # The worst case: the worker's machine has also got hold of the door's signing key.
    stolen = guarded.opened("worker", Signer.load(guarded.home / "keys", "door"))
    row = {"review": "R-1", "kind": "approved", "event": 1, "at": "2026"}

    with pytest.raises(LedgerDenied, match="row-level security"), stolen.write() as tx:
        record_decision(tx, approval(review), run="another-run")
    with pytest.raises(LedgerDenied, match="decisions"), stolen.write() as tx:
        tx.execute(insert(tables.decisions), row)

    stolen.close()


def test_the_presss_role_cannot_write_an_asset(guarded: RoleLedgers) -> None:
    stolen = guarded.opened("press", Signer.load(guarded.home / "keys", "worker"))

    with pytest.raises(LedgerDenied, match="row-level security"), stolen.write() as tx:
        put_asset(tx, copy_asset("Planted"), run="R")
    with pytest.raises(LedgerDenied, match="assets"), stolen.write() as tx:
        tx.execute(text("INSERT INTO assets SELECT * FROM assets"))

    stolen.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("worker", "INSERT INTO people VALUES ('P-9', 'x@x.example', 'X', '2026')"),
        ("worker", "INSERT INTO credentials VALUES ('P-9', '', '', '2026')"),
        ("worker", "SELECT password_hash FROM credentials"),
        ("worker", "INSERT INTO sessions VALUES ('x', 'P-9', '2026', '2027', '2026', NULL)"),
        ("worker", "UPDATE deliveries SET state = 'done'"),
        ("worker", "INSERT INTO outbox VALUES ('D-1', 0, 'k', 'x@x.example', 'a', 'pending', '', '2026')"),
        ("worker", "INSERT INTO wakes VALUES ('r', 's', '2026', NULL)"),
        ("worker", "UPDATE wakes SET run = 'another'"),
        ("worker", "DELETE FROM suppressions"),
        ("worker", "UPDATE assets SET content = '{}'"),
        ("worker", "UPDATE steps SET payload = '{}'"),
        ("worker", "UPDATE reviews SET question = '{}'"),
        ("press", "INSERT INTO reviews VALUES ('R-1', 'r', 'copy', 1, '{}', '2026', '2027')"),
        ("press", "INSERT INTO decisions VALUES ('R-1', 'approved', 1, '2026')"),
        ("press", "UPDATE deliveries SET manifest = '{}'"),
        ("press", "INSERT INTO deliveries (id, run, review, manifest, state) VALUES ('', '', '', '', '')"),
        ("press", "UPDATE outbox SET recipient = 'x@x.example'"),
        ("press", "DELETE FROM outbox"),
        ("press", "SELECT totp_sealed FROM credentials"),
        ("door", "INSERT INTO outbox VALUES ('D-1', 0, 'k', 'x@x.example', 'a', 'pending', '', '2026')"),
        ("door", "UPDATE deliveries SET state = 'requested'"),
        ("door", "INSERT INTO steps VALUES ('r', 's', 1, '', '', '', '', '', '2026')"),
        ("door", "INSERT INTO reviews VALUES ('R-1', 'r', 'copy', 1, '{}', '2026', '2027')"),
        ("door", "UPDATE decisions SET kind = 'approved'"),
        ("door", "DELETE FROM suppressions"),
        ("reader", "INSERT INTO suppressions VALUES ('x', 'asked', '2026', 1)"),
        ("reader", "SELECT password_hash FROM credentials"),
    ],
)  # fmt: skip
def test_a_role_cannot_do_anothers_work(guarded: RoleLedgers, role: Role, statement: str) -> None:
    ledger = guarded.opened(role)

    assert "permission denied" in denied(ledger, statement)

    ledger.close()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
def test_no_role_but_the_owner_can_change_the_past_or_its_guards(guarded: RoleLedgers, role: Role) -> None:
    ledger = guarded.opened(role)
    statements = [
        "UPDATE events SET body = '{}'",
        "DELETE FROM events",
        "TRUNCATE events",
        "TRUNCATE decisions",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
        "DROP POLICY presscheck_worker_writes ON events",
        "CREATE POLICY all_of_it ON events FOR INSERT WITH CHECK (true)",
        "DROP TRIGGER events_append_only ON events",
        "DROP TABLE decisions",
        "CREATE TABLE mine (x int)",
        "CREATE TEMPORARY TABLE events (x int)",
        "CREATE SCHEMA mine",
        "CREATE OR REPLACE FUNCTION public.presscheck_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "SET session_replication_role = replica",
        f"SET ROLE {NAMES['owner']}",
        f"GRANT {NAMES['owner']} TO {NAMES[role]}",
        f"ALTER ROLE {NAMES['owner']} PASSWORD 'mine'",
        "COPY events TO PROGRAM 'true'",
        *(f"SET ROLE {NAMES[other]}" for other in ROLES if other not in (role, "owner")),
    ]

    for statement in statements:
        assert any(sign in denied(ledger, statement) for sign in ("denied", "must be", "must have", "append-only")), (
            statement
        )

    ledger.close()


def test_even_the_owner_is_stopped_by_the_triggers_until_it_takes_them_away(guarded: RoleLedgers) -> None:
    owner = guarded.opened("owner")

    assert "append-only" in denied(owner, "UPDATE events SET body = '{}'")
    assert "append-only" in denied(owner, "TRUNCATE decisions")

    owner.close()


def test_a_role_inserts_exactly_the_kinds_of_its_process_and_only_in_its_own_name(guarded: RoleLedgers) -> None:
    signers = {name: Signer.load(guarded.home / "keys", name) for name in PROCESSES}
    with guarded.door.read() as tx:
        tip = tx.tip()
    for role in PROCESSES:
        ledger = guarded.opened(role)
        with ledger.engine.connect() as connection:
            for name, signer in signers.items():
                allowed = {kind.value for kind in EventKind if _inserts(connection, signer, kind, tip)}
                assert allowed == (set(kinds_of(role)) if name == role else set()), (role, name)
            connection.rollback()
        ledger.close()


def _inserts(connection: Connection, signer: Signer, kind: EventKind, tip: ChainMark) -> bool:
    """Whether the database takes such an event, which is taken back at once."""
    event = seal(signer, after=tip, at="2026-03-02T09:00:00.000000Z", kind=kind, run="r", subject="s", body={})
    nested = connection.begin_nested()
    try:
        connection.execute(insert(tables.events), event.__dict__)
    except ProgrammingError as error:
        refused = "row-level security" in str(error)
    else:
        refused = False
    nested.rollback()
    return not refused


# ---------------------------------------------------------------- what the doctor sees


def test_rights_as_they_are_handed_out_have_no_fault(guarded: RoleLedgers) -> None:
    reader = guarded.opened("reader")

    with reader.engine.connect() as connection:
        assert rights_faults(connection, NAMES) == []

    reader.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("GRANT INSERT ON decisions TO presscheck_worker", "presscheck_worker may INSERT decisions"),
        ("GRANT INSERT (review) ON decisions TO presscheck_worker", "presscheck_worker may INSERT decisions"),
        ("GRANT UPDATE (body) ON events TO presscheck_press", r"presscheck_press may UPDATE \(body\) events"),
        ("GRANT SELECT ON credentials TO PUBLIC", "presscheck_worker may SELECT credentials"),
        ("REVOKE INSERT ON reviews FROM presscheck_worker", "presscheck_worker may not INSERT reviews"),
        ("ALTER TABLE events DISABLE ROW LEVEL SECURITY", "may not insert exactly the events of the door"),
        (
            "ALTER POLICY presscheck_worker_writes ON events WITH CHECK (process = 'door')",
            "may not insert exactly the events of the worker",
        ),
        ("ALTER POLICY presscheck_worker_writes ON events TO PUBLIC", "it is for another role"),
        ("CREATE POLICY more ON events FOR INSERT WITH CHECK (true)", "the policy more on events is not ours"),
        ("ALTER TABLE events DISABLE TRIGGER events_append_only", "trigger events_append_only is gone or off"),
    ],
)
def test_a_right_that_was_changed_by_hand_is_named_and_mended(guarded: RoleLedgers, change: str, told: str) -> None:
    owner = guarded.opened("owner")

    with owner.engine.connect() as connection:
        connection.exec_driver_sql(change)
        faults = rights_faults(connection, NAMES)
        for statement in granting(NAMES):
            connection.exec_driver_sql(statement)
        left = rights_faults(connection, NAMES)
        connection.rollback()

    owner.close()
    assert any(re.search(told, fault) for fault in faults), faults
    # Handing the rights out again mends rights; what somebody built around them a person has to look at.
    assert bool(left) == any(word in change for word in ("more ON", "TRIGGER"))


# ---------------------------------------------------------------- passwords


def test_a_wrong_password_names_the_secret_and_never_the_password(guarded: RoleLedgers) -> None:
    url = guarded.url.replace("//", f"//{NAMES['door']}@")
    engine = connect(url, password=SecretStr("not-this-one"))

    with pytest.raises(Exception, match="password authentication failed") as caught:
        engine.connect()

    assert "not-this-one" not in str(caught.value)
    with pytest.raises(LedgerDenied, match="secret ledger-door") as told:
        Ledger.open(url, keyring=guarded.door.keyring, password=SecretStr("not-this-one"))
    assert "not-this-one" not in repr(told.value)
    assert "not-this-one" not in repr(engine.url)


def test_a_password_stands_in_no_address_and_no_repr(guarded: RoleLedgers) -> None:
    ledger = guarded.worker
    shown = f"{ledger.place} {ledger.url} {ledger.engine!r} {ledger.engine.url!s} {vars(ledger)}"

    assert PASSWORDS["worker"].get_secret_value() not in shown


@pytest.mark.parametrize(("number", "fits"), [(90624, False), (120017, False), (130000, True), (150006, True)])
def test_a_server_of_an_old_version_is_told_which_is_needed(number: int, fits: bool) -> None:
    assert (server_fault(number) is None) is fits

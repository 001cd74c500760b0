"""A ledger of an older version, with data in it, is brought up to date by its owner and by nobody else."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text

import presscheck.ledger as room
from presscheck.errors import LedgerDenied, LedgerError, LedgerGone
from presscheck.ledger import EventKind, Keyring, Ledger, Signer, tables, upgrade, verify
from presscheck.ledger.engine import connect
from presscheck.ledger.roles_address import as_role
from presscheck.ledger.roles_granting import granting
from presscheck.ledger.roles_making import grant_rights
from tests.conftest import BOTH_DATABASES
from tests.ledger.filled import fill
from tests.ledger.under_roles import NAMES, PASSWORDS, shut_out_others

OLDER = "0001"


def make_older(url: str, home: Path, clock: Any, *, password: Any = None) -> int:
    """A ledger as the first version made it, filled by its code; the number of its events."""
    engine = connect(url, password=password)
    config = Config()
    config.set_main_option("script_location", str(Path(room.__file__).parent / "migrations"))
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, OLDER)
    keyring = Keyring.load(home / "keys")
    worker, door = (
        Ledger(engine, url, keyring, Signer.load(home / "keys", process), home / "heads", clock)
        for process in ("worker", "door")
    )
    fill(worker, door)
    with door.read() as tx:
        events = tx.tip().seq
    engine.dispose()
    return events


@pytest.fixture(params=BOTH_DATABASES)
def bare_url(request: pytest.FixtureRequest, home: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{home / 'older.db'}"
        return
    postgres = request.getfixturevalue("postgres")
    name = f"older_{uuid4().hex[:12]}"
    postgres.sql(f"CREATE DATABASE {name}")
    yield postgres.url(name)
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_older_ledger_keeps_its_chain_and_its_rows(bare_url: str, home: Path, clock: Any) -> None:
    events = make_older(bare_url, home, clock)
    keyring = Keyring.load(home / "keys")
    with pytest.raises(LedgerGone, match=r"version 0001.*`presscheck db upgrade`"):
        Ledger.open(bare_url, keyring=keyring)

    upgrade(bare_url)
    upgrade(bare_url)

    ledger = Ledger.open(bare_url, keyring=keyring, signer=Signer.load(home / "keys", "worker"), heads=home / "heads")
    found = verify(ledger)
    assert (found.fault, found.events) == (None, events)
    with ledger.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "x", {})
    ledger.close()


def test_an_address_can_be_suppressed_twice_after_upgrading_and_the_first_time_stays(
    bare_url: str, home: Path, clock: Any
) -> None:
    make_older(bare_url, home, clock)
    engine = connect(bare_url)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT address_hash, reason, at, event FROM suppressions")).all()
    engine.dispose()

    upgrade(bare_url)

    keyring = Keyring.load(home / "keys")
    ledger = Ledger.open(bare_url, keyring=keyring, signer=Signer.load(home / "keys", "worker"), heads=home / "heads")
    row = {**before[0]._mapping, "event": 1}
    with ledger.write() as tx:
        assert tx.execute(text("SELECT address_hash, reason, at, event FROM suppressions")).all() == before
        tx.execute(insert(tables.suppressions), row)
    with pytest.raises(LedgerError), ledger.write() as tx:
        tx.execute(insert(tables.suppressions), row)
    ledger.close()


def test_only_the_owner_brings_a_ledger_with_roles_up_to_date(
    postgres: Any, roles_template: str, home: Path, clock: Any
) -> None:
    name = f"older_{uuid4().hex[:12]}"
    postgres.sql(f"CREATE DATABASE {name} OWNER {NAMES['owner']}")
    shut_out_others(postgres, name)
    address = f"postgresql://127.0.0.1:{postgres.port}/{name}"
    owner, worker = as_role(address, NAMES, "owner"), as_role(address, NAMES, "worker")
    make_older(owner, home, clock, password=PASSWORDS["owner"])
    signer, keyring = Signer.load(home / "keys", "worker"), Keyring.load(home / "keys")
    give_what_the_first_version_gave(owner)

    with pytest.raises(LedgerGone, match="version 0001"):
        Ledger.open(worker, keyring=keyring, password=PASSWORDS["worker"])
    with pytest.raises(LedgerDenied):
        upgrade(worker, password=PASSWORDS["worker"])
    upgrade(owner, password=PASSWORDS["owner"])
    grant_rights(owner, NAMES, password=PASSWORDS["owner"])

    ledger = Ledger.open(worker, keyring=keyring, signer=signer, password=PASSWORDS["worker"])
    with ledger.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, "x", {})
    ledger.close()
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


def give_what_the_first_version_gave(owner: str) -> None:
    """Rights to the tables that are there already: the version's number can be read, and the worker can write."""
    engine = connect(owner, password=PASSWORDS["owner"])
    with engine.begin() as connection:
        there = set(connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars())
        for statement in granting(NAMES):
            named = statement.partition(' ON "')[2].partition('"')[0]
            if not statement.startswith("GRANT") or named in there:
                connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_ledger_of_a_newer_version_is_left_alone(database_url: str, home: Path) -> None:
    engine = connect(database_url)
    with engine.connect().execution_options(presscheck_write=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(LedgerGone, match=r"9999.*install the Presscheck that made it"):
        upgrade(database_url)
    with pytest.raises(LedgerGone, match="version 9999"):
        Ledger.open(database_url, keyring=Keyring.load(home / "keys"))


def test_a_server_that_takes_calls_and_says_nothing_is_given_up_soon(home: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()

        with pytest.raises(LedgerGone, match="timeout"):
            Ledger.open(
                f"postgresql://door@127.0.0.1:{silent.getsockname()[1]}/ledger",
                keyring=Keyring.load(home / "keys"),
                wait_seconds=0.3,
            )

    assert time.monotonic() - began < 30

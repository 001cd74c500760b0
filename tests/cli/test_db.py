"""`presscheck db`: roles and databases on a real server, a ledger of an older version, the move to PostgreSQL."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.ledger.engine import connect
from presscheck.ledger.roles import ROLES, Role
from presscheck.ledger.roles_granting import rights_faults
from tests.cli.conftest import CommandLine
from tests.ledger.filled import fill

NAMED: dict[Role, str] = {role: f"another_{role}" for role in ROLES}


@pytest.fixture
def database(postgres: Any) -> Iterator[str]:
    """The name of a database that is not there yet; it and the roles are gone afterwards."""
    name = f"house_{uuid4().hex[:10]}"
    yield name
    for made in (name, f"{name}_prefect"):
        postgres.sql(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
    for role in [*NAMED.values(), "another_prefect", "another_admin"]:
        postgres.sql(f"DROP ROLE IF EXISTS {role}")


@pytest.fixture
def house(
    postgres: Any, database: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> dict[str, str]:
    """Settings of a ledger, and of Prefect's database, on PostgreSQL."""
    at = f"127.0.0.1:{postgres.port}"
    values = {f"PRESSCHECK_POSTGRES__{role.upper()}": name for role, name in NAMED.items()}
    values["PRESSCHECK_LEDGER_URL"] = f"postgresql://{at}/{database}"
    values["PRESSCHECK_POSTGRES__PREFECT_URL"] = f"postgresql://another_prefect@{at}/{database}_prefect"
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    environment.update(values)
    return environment


@pytest.fixture
def cli(house: dict[str, str]) -> CommandLine:
    return CommandLine(house)


@pytest.fixture
def admin(postgres: Any) -> str:
    return postgres.url("postgres")


def looks(cli: CommandLine) -> dict[str, dict[str, str]]:
    return {look["what"]: look for look in cli.json("doctor")["checks"]}


def faults_in(cli: CommandLine, postgres: Any) -> list[str]:
    """What is wrong with the rights in the database of the settings."""
    engine = connect(postgres.url(cli.environment["PRESSCHECK_LEDGER_URL"].rpartition("/")[2]))
    with engine.connect() as connection:
        found = rights_faults(connection, NAMED)
    engine.dispose()
    return found


def roles_on(postgres: Any) -> set[str]:
    engine = connect(postgres.url("postgres"))
    with engine.connect() as connection:
        found = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    engine.dispose()
    return found


# ---------------------------------------------------------------- init


def test_init_makes_roles_databases_secrets_and_rights_and_the_doctor_finds_them_whole(
    cli: CommandLine, admin: str, home: Path
) -> None:
    result = cli("db", "init", "--admin-url", admin, "--make-secrets")

    assert result.exit_code == 0, result.output
    files = {path.name: path for path in (home / "secrets").iterdir()}
    assert set(files) == {*(f"ledger-{role}" for role in ROLES), "prefect-database"}
    for path in files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().strip() not in result.output
    found = looks(cli)
    for role in ROLES:
        assert found[f"{role}'s database role"]["state"] == "ok", found
    assert found["database rights"]["found"] == "each role has its own and no more"
    assert found["Prefect's database"]["state"] == "ok"
    again = cli.json("db", "init", "--admin-url", admin, "--make-secrets")
    assert again["secrets_made"] == []


def test_a_dry_run_prints_all_of_the_sql_and_changes_nothing(
    cli: CommandLine, admin: str, postgres: Any, home: Path
) -> None:
    told = cli("db", "init", "--admin-url", admin, "--dry-run").stdout

    assert 'CREATE ROLE "another_worker" LOGIN' in told
    assert "CREATE DATABASE" in told
    assert "REVOKE ALL ON DATABASE" in told
    assert 'GRANT SELECT, INSERT ON "decisions" TO "another_door";' in told
    assert 'GRANT SELECT ON "decisions" TO "another_worker";' in told
    assert "ENABLE ROW LEVEL SECURITY" in told
    assert not [name for name in roles_on(postgres) if name.startswith("another_")]
    assert not (home / "secrets").exists()


def test_without_secrets_init_names_those_that_are_missing_and_makes_nothing(
    cli: CommandLine, admin: str, postgres: Any
) -> None:
    result = cli("db", "init", "--admin-url", admin)

    assert result.exit_code == 2
    assert "ledger-owner, ledger-door, ledger-worker, ledger-press, ledger-reader, prefect-database" in result.stderr
    assert not [name for name in roles_on(postgres) if name.startswith("another_")]


def test_a_password_among_the_arguments_is_refused_and_not_repeated(cli: CommandLine) -> None:
    result = cli("db", "init", "--admin-url", "postgresql://root:tell-nobody@127.0.0.1:1/postgres")

    assert result.exit_code == 2
    assert "ledger-admin" in result.stderr
    assert "tell-nobody" not in result.output


def test_a_password_in_the_settings_is_refused_and_not_repeated(cli: CommandLine, house: dict[str, str]) -> None:
    house["PRESSCHECK_LEDGER_URL"] = "postgresql://x:tell-nobody@127.0.0.1:1/ledger"

    result = cli("db", "upgrade")

    assert result.exit_code == 2
    assert "leave the password out" in result.stderr
    assert "tell-nobody" not in result.output


def test_two_processes_may_not_share_a_role(cli: CommandLine, house: dict[str, str]) -> None:
    house["PRESSCHECK_POSTGRES__WORKER"] = "another_door"

    result = cli("db", "upgrade")

    assert result.exit_code == 2
    assert "would separate nothing" in result.stderr


def test_one_account_for_all_is_not_what_init_is_for(cli: CommandLine, admin: str, house: dict[str, str]) -> None:
    house["PRESSCHECK_LEDGER_URL"] = "postgresql://somebody@127.0.0.1:1/ledger"

    result = cli("db", "init", "--admin-url", admin)

    assert result.exit_code == 2
    assert "without a user" in result.stderr


def test_who_may_not_make_roles_is_told_so(cli: CommandLine, admin: str, postgres: Any, house: dict[str, str]) -> None:
    postgres.sql("CREATE ROLE another_admin LOGIN PASSWORD 'of-the-admin'")
    house["PRESSCHECK_SECRET_LEDGER_ADMIN"] = "of-the-admin"

    result = cli("db", "init", "--admin-url", admin.replace("//presscheck@", "//another_admin@"), "--make-secrets")

    assert result.exit_code == 3
    assert "another_admin may make neither roles nor databases" in result.stderr


def test_an_administrator_who_is_no_superuser_will_do(
    cli: CommandLine, admin: str, postgres: Any, house: dict[str, str]
) -> None:
    postgres.sql("CREATE ROLE another_admin LOGIN CREATEROLE CREATEDB PASSWORD 'of-the-admin'")
    house["PRESSCHECK_SECRET_LEDGER_ADMIN"] = "of-the-admin"

    result = cli("db", "init", "--admin-url", admin.replace("//presscheck@", "//another_admin@"), "--make-secrets")

    assert result.exit_code == 0, result.output
    assert faults_in(cli, postgres) == []
    postgres.sql(f"DROP DATABASE {cli.environment['PRESSCHECK_LEDGER_URL'].rpartition('/')[2]} WITH (FORCE)")
    postgres.sql("REASSIGN OWNED BY another_admin TO presscheck")


def test_a_server_that_is_down_is_told(cli: CommandLine) -> None:
    result = cli("db", "init", "--admin-url", "postgresql://root@127.0.0.1:1/postgres", "--dry-run")

    assert result.exit_code == 3
    assert "Connection refused" in result.stderr


def test_an_administrators_wrong_password_is_told_with_its_own_secret(
    cli: CommandLine, admin: str, postgres: Any, house: dict[str, str]
) -> None:
    postgres.sql("CREATE ROLE another_admin LOGIN CREATEROLE CREATEDB PASSWORD 'of-the-admin'")
    house["PRESSCHECK_SECRET_LEDGER_ADMIN"] = "tell-nobody"

    result = cli("db", "init", "--admin-url", admin.replace("//presscheck@", "//another_admin@"), "--dry-run")

    assert result.exit_code == 3
    assert "ledger-admin" in result.stderr
    assert "tell-nobody" not in result.output


def test_a_ledger_that_one_account_had_made_is_handed_over_to_its_owner(
    cli: CommandLine, admin: str, postgres: Any, database: str, sqlite_ledgers: Any, clock: Any, home: Path
) -> None:
    postgres.sql(f"CREATE DATABASE {database} TEMPLATE ledger_template")
    keys = home / "keys"
    alone = [
        Ledger.open(postgres.url(database), keyring=Keyring.load(keys), signer=Signer.load(keys, process), clock=clock)
        for process in ("worker", "door")
    ]
    fill(*alone)
    for ledger in alone:
        ledger.close()

    result = cli("db", "init", "--admin-url", admin, "--make-secrets")

    assert result.exit_code == 0, result.output
    assert faults_in(cli, postgres) == []
    assert cli.json("history", "--verify")["verification"]["sound"]


# ---------------------------------------------------------------- passwords and rights that are wrong


def test_a_wrong_password_is_told_with_its_secret_and_the_doctor_says_so(
    cli: CommandLine, admin: str, home: Path
) -> None:
    assert cli("db", "init", "--admin-url", admin, "--make-secrets").exit_code == 0
    (home / "secrets" / "ledger-reader").write_text("wrong-and-secret")

    result = cli("history")

    assert result.exit_code == 3
    assert "ledger-reader" in result.stderr
    assert "wrong-and-secret" not in result.output
    found = looks(cli)
    assert found["reader's database role"]["state"] == "missing"
    assert found["worker's database role"]["state"] == "ok"


def test_the_doctor_says_once_that_the_server_is_down(cli: CommandLine, house: dict[str, str]) -> None:
    house["PRESSCHECK_LEDGER_URL"] = "postgresql://127.0.0.1:1/ledger"

    found = looks(cli)

    assert "Connection refused" in found["database roles"]["found"]
    assert "door's database role" not in found


# ---------------------------------------------------------------- copy


def test_a_ledger_is_moved_once_and_its_history_verifies_there(
    cli: CommandLine, admin: str, sqlite_ledgers: Any, home: Path, house: dict[str, str]
) -> None:
    fill(sqlite_ledgers.worker, sqlite_ledgers.door)
    assert cli("db", "init", "--admin-url", admin, "--make-secrets").exit_code == 0

    told = cli("db", "copy", "--from", f"sqlite:///{home / 'ledger.db'}", "--to", house["PRESSCHECK_LEDGER_URL"]).stdout

    assert "the chain is the same" in told
    assert "Now set ledger_url" in told
    verified = cli.json("history", "--verify")["verification"]
    assert verified["sound"]
    assert re.search(rf"^events +{verified['events']}$", told, re.M)
    again = cli("db", "copy")
    assert again.exit_code == 2
    assert "is not empty" in again.stderr


def test_a_source_that_is_not_there_is_told_and_not_made(cli: CommandLine, home: Path) -> None:
    result = cli("db", "copy", "--from", f"sqlite:///{home / 'nothing.db'}")

    assert result.exit_code == 3
    assert "there is no ledger here" in result.stderr
    assert not (home / "nothing.db").exists()


def test_nothing_of_the_database_is_loaded_for_the_help() -> None:
    look = "import sys, presscheck.cli.db; print([name for name in ('sqlalchemy', 'psycopg') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, env={**os.environ})

    assert said.stdout.strip() == "[]"

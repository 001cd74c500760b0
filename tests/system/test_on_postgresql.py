"""The whole of Presscheck with its ledger and Prefect on PostgreSQL, each process under a role of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from presscheck.cli import main
from presscheck.ledger.engine import connect
from presscheck.ledger.roles import ROLES
from presscheck.sections import PostgresSection
from tests.running import Stack, running_stack

# Names of this test's own: roles belong to the whole server, and other tests use the usual names.
NAMED = {role: f"another_{role}" for role in ROLES}


@pytest.fixture
def stack_on_postgresql(postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    home, at = tmp_path / "home", f"127.0.0.1:{postgres.port}"
    settings: dict[str, Any] = {
        "ledger_url": f"postgresql://{at}/stack",
        "postgres": PostgresSection(**NAMED, prefect_url=f"postgresql://another_prefect@{at}/stack_prefect"),
    }
    environment = {
        "PRESSCHECK_HOME": str(home),
        "PRESSCHECK_PROJECT": str(tmp_path),
        "PRESSCHECK_LEDGER_URL": settings["ledger_url"],
        "PRESSCHECK_POSTGRES": settings["postgres"].model_dump_json(),
    }
    # What an administrator has in the shell must not reach a process that has a password of its own.
    monkeypatch.setenv("PGPASSWORD", "the-administrators")
    made = CliRunner().invoke(
        main, ["db", "init", "--admin-url", postgres.url("postgres"), "--make-secrets"], env=environment
    )
    assert made.exit_code == 0, made.output
    with running_stack(home, recipients=20, **settings) as running:
        yield running
    for database in ("stack", "stack_prefect"):
        postgres.sql(f"DROP DATABASE {database} WITH (FORCE)")
    for role in (*NAMED.values(), "another_prefect"):
        postgres.sql(f"DROP ROLE {role}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_campaign_goes_from_its_start_over_a_decision_to_its_delivery(
    stack_on_postgresql: Stack, postgres: Any
) -> None:
    stack = stack_on_postgresql

    review = stack.ask()
    stack.wait_until_suspended(review.question.run)
    signed_in = people_of_the_database(postgres)
    stack.decide(review)
    delivery = stack.wait_for_delivery(review)
    stack.wait_for_state(review.question.run, "Delivered")

    assert (delivery.state, delivery.sent) == ("done", review.question.audience_rows)
    assert len(stack.messages(review)) == review.question.audience_rows
    verified = stack.ledger.verify()
    assert verified.fault is None
    assert set(verified.heads) == {"door", "worker", "press"}
    assert {"another_door", "another_press", "another_prefect"} <= signed_in
    assert not (stack.settings.home / "ledger.db").exists()
    assert not list(stack.settings.prefect_home.glob("*.db"))
    no_password_shows(stack)


def people_of_the_database(postgres: Any) -> set[str]:
    """Who is signed in at PostgreSQL at this moment."""
    engine = connect(postgres.url("postgres"))
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT usename FROM pg_stat_activity WHERE datname LIKE 'stack%%'")
        names = set(found.scalars())
    engine.dispose()
    return names


def no_password_shows(stack: Stack) -> None:
    """No password among any process's arguments, in a log, or in the environment of a process it is not for."""
    secrets = {path.name: path.read_text().strip() for path in (stack.settings.home / "secrets").iterdir()}
    assert len(secrets) == len(ROLES) + 1
    for name in ("server", "worker", "door", "press"):
        process = Path("/proc") / str(stack.pid_of(name))
        arguments, environment = (process / "cmdline").read_text(), (process / "environ").read_text()
        foreign = [secret for secret, text in secrets.items() if text in environment]
        assert foreign == (["prefect-database"] if name == "server" else []), name
        assert "the-administrators" not in environment
        assert not [secret for secret, text in secrets.items() if text in arguments], name
    for log in [*(stack.settings.home / "logs").iterdir(), stack.settings.home / "up.log"]:
        assert not [secret for secret, text in secrets.items() if text in log.read_text(errors="replace")], log.name

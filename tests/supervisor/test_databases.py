"""What each process is told of the databases: its own role's password, in its environment, and nobody else's."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.errors import PresscheckError
from presscheck.settings import Settings
from presscheck.settings.databases import PostgresSection
from presscheck.supervisor import plan
from presscheck.supervisor.children import Child
from presscheck.supervisor.databases import prepare_prefects

ROOT = Path(__file__).parents[2]
PASSWORDS = {
    name: f"{name}-password"
    for name in (
        "ledger-owner", "ledger-door", "ledger-worker", "ledger-press", "ledger-reader", "ledger-admin",
        "prefect-database",
    )
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, password in PASSWORDS.items():
        monkeypatch.setenv(f"PRESSCHECK_SECRET_{name.upper().replace('-', '_')}", password)
    monkeypatch.setenv("PGPASSWORD", "the-administrators")
    monkeypatch.setenv("PGUSER", "postgres")
    return Settings(
        project=ROOT,
        home=tmp_path,
        ledger_url="postgresql://db.example/ledger",
        postgres=PostgresSection(prefect_url="postgresql://presscheck_prefect@db.example:6432/prefect?sslmode=require"),
    ).resolved()


def passwords_in(text: str) -> set[str]:
    return {name for name, password in PASSWORDS.items() if password in text}


def _registering(settings: Settings) -> Child:
    return plan.registering(settings, {})


@pytest.mark.parametrize(
    ("child", "own"),
    [
        (plan.door, {"ledger-door"}),
        (plan.worker, {"ledger-worker"}),
        (plan.press, {"ledger-press"}),
        (plan.server, {"prefect-database"}),
        (_registering, set()),
    ],
)
def test_a_process_has_its_own_password_and_no_other(settings: Settings, child: object, own: set[str]) -> None:
    planned = child(settings)  # pyright: ignore[reportCallIssue]
    assert isinstance(planned, Child)

    assert passwords_in(" ".join(planned.env.values())) == own
    assert passwords_in(" ".join(planned.command)) == set()
    assert not {"PGPASSWORD", "PGUSER"} & set(planned.env)


def test_prefects_server_is_told_of_its_database_in_the_words_of_its_driver(settings: Settings) -> None:
    url = plan.server(settings).env["PREFECT_SERVER_DATABASE_CONNECTION_URL"]

    assert url == (
        "postgresql+asyncpg://presscheck_prefect:prefect-database-password@db.example:6432/prefect?ssl=require"
    )


def test_a_password_with_signs_in_it_arrives_whole(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import make_url

    monkeypatch.setenv("PRESSCHECK_SECRET_PREFECT_DATABASE", "p@ss/w:rd%#?")

    assert (
        make_url(plan.prefect_database(settings)["PREFECT_SERVER_DATABASE_CONNECTION_URL"]).password == "p@ss/w:rd%#?"
    )


def test_without_an_address_prefect_keeps_its_own_sqlite(settings: Settings) -> None:
    plain = settings.model_copy(update={"postgres": PostgresSection()})

    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in plan.server(plain).env


def test_a_database_of_prefects_that_is_down_stops_the_start_with_what_to_do(settings: Settings) -> None:
    away = PostgresSection(prefect_url="postgresql://presscheck_prefect@127.0.0.1:1/prefect")

    with pytest.raises(PresscheckError, match=r"Prefect's own database: .*refused.*prefect_url") as told:
        prepare_prefects(settings.model_copy(update={"postgres": away}))

    assert "prefect-database-password" not in str(told.value)


def test_a_wrong_password_of_prefects_names_its_own_secret(postgres: Any, settings: Settings) -> None:
    # This server asks for this role's password, and there is no such role: it says the same to both.
    there = PostgresSection(prefect_url=f"postgresql://another_prefect@127.0.0.1:{postgres.port}/postgres")

    with pytest.raises(PresscheckError, match=r"password authentication failed.*secret prefect-database") as told:
        prepare_prefects(settings.model_copy(update={"postgres": there}))

    assert "ledger-door" not in str(told.value)


def test_a_database_that_will_do_lets_the_server_start(postgres: Any, settings: Settings) -> None:
    prepare_prefects(settings.model_copy(update={"postgres": PostgresSection(prefect_url=postgres.url("postgres"))}))

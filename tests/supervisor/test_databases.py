"""What each process is told of the databases: its own role's password, in its environment, and nobody else's."""

from pathlib import Path

import pytest

from presscheck.sections import PostgresSection
from presscheck.settings import Settings
from presscheck.supervisor import plan
from presscheck.supervisor.children import Child

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


@pytest.mark.parametrize(
    ("child", "own"),
    [
        (plan.door, {"ledger-door"}),
        (plan.worker, {"ledger-worker"}),
        (plan.press, {"ledger-press"}),
        (plan.server, {"prefect-database"}),
        (plan.deploying, set[str]()),
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

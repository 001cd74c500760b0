"""Prefect's own database is looked at, or made, before its server starts: the server would say less, and much later."""

from sqlalchemy import text

from presscheck.errors import LedgerError, PresscheckError
from presscheck.ledger.engine import connect, in_our_words
from presscheck.ledger.roles_making import server_fault
from presscheck.ledger.sessions import session_fault
from presscheck.settings import Settings
from presscheck.settings.secrets import find_secret
from presscheck.supervisor.prefect_schema import make_database

_WAIT_SECONDS = 5


def prepare_prefects(settings: Settings) -> None:
    """PresscheckError, with what to do, where Prefect's server could not use the database of `prefect_url`.

    Without such an address it keeps SQLite in its home, which is made if it is not there.
    """
    if settings.postgres.prefect_url:
        look_at_prefects(settings)
        return
    settings.prefect_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_database(settings.prefect_home / "prefect.db")


def look_at_prefects(settings: Settings) -> tuple[str, bool]:
    """Where Prefect's database is and what it runs on, and whether a pooler stands before it that has no sessions.

    PresscheckError if the server could not use it.
    """
    url = settings.postgres.prefect_url
    engine = connect(url, password=find_secret(settings, "prefect-database"), wait_seconds=_WAIT_SECONDS)
    try:
        with in_our_words(url), engine.connect() as connection:
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            searchable = connection.execute(
                text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
            ).first()
            connection.rollback()
            pooled = session_fault(engine, connection) is not None
    except LedgerError as error:
        # The words are the ledger's; the secret is another one.
        said = str(error).partition(" Its password is")[0].replace("the ledger cannot", "it cannot")
        raise PresscheckError(
            f"Prefect's own database: {said} It is [postgres] prefect_url with the secret prefect-database; "
            "`presscheck db init` makes role and database."
        ) from error
    finally:
        engine.dispose()
    if fault := server_fault(number):
        raise PresscheckError(f"Prefect's own database: {url}: {fault}")
    if searchable is None:
        raise PresscheckError(
            f"Prefect's own database: {url}: the server has no pg_trgm, which Prefect searches with; install "
            "PostgreSQL's contrib package there"
        )
    return f"{url}, PostgreSQL {number // 10_000}", pooled

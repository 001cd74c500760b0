"""Make a ledger, or bring an older one up to this version; safe to call at every start."""

from pathlib import Path

from pydantic import SecretStr

from presscheck.errors import LedgerGone
from presscheck.ledger.engine import connect, in_our_words, sqlite_path


def upgrade(url: str, *, password: SecretStr | None = None, acting_as: str | None = None) -> None:
    """Create or migrate the database behind `url`. LedgerError in our words where that fails.

    `acting_as` is the PostgreSQL role that the tables shall belong to, where another one signs in.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy import func, select

    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = connect(url, password=password)
    try:
        with in_our_words(url), engine.connect().execution_options(presscheck_write=True) as connection:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(7_309_940_837_002)))
                    if acting_as is not None:
                        connection.exec_driver_sql(
                            f"SET LOCAL ROLE {engine.dialect.identifier_preparer.quote(acting_as)}"
                        )
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    except CommandError as error:
        # The only one that a user can cause: the database was migrated by a newer program than this.
        raise LedgerGone(
            f"{engine.url.render_as_string(hide_password=True)}: the ledger is of a version that this program does "
            f"not know ({error}); install the Presscheck that made it"
        ) from error
    finally:
        engine.dispose()
    if path is not None:
        path.chmod(0o600)

"""Make a ledger, or bring an older one up to this version; safe to call at every start."""

from pathlib import Path

from presscheck.ledger.engine import connect, in_our_words, sqlite_path

__all__ = ["upgrade"]


def upgrade(url: str) -> None:
    """Create or migrate the database behind `url`. LedgerError in our words where that fails."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import func, select

    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = connect(url)
    try:
        with in_our_words(url), engine.connect().execution_options(presscheck_write=True) as connection:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(7_309_940_837_002)))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        engine.dispose()
    if path is not None:
        path.chmod(0o600)

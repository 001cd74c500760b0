"""The migrations lead to the tables that the code uses, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from presscheck.ledger.engine import connect
from presscheck.ledger.tables import metadata


def test_the_migrated_database_is_what_the_tables_say(database_url: str) -> None:
    engine = connect(database_url)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    engine.dispose()
    assert differences == []

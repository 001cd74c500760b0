"""The database of a new home's Prefect is made from the schema that Prefect's migrations end with, not by them.

    make_database(settings.prefect_home / "prefect.db")
    python -m presscheck.supervisor.prefect_schema      # where Prefect has moved: writes the schema anew

The migrations are more than a hundred, ask SQLite 34,000 questions, and end with the same each time: tables and
indexes, and in one row the name of the last migration. A schema counts for exactly one version of Prefect. With
another one, in a home that has a database, and on PostgreSQL, Prefect's server migrates as it always does.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

_FOLDER = Path(__file__).parent / "schemas"


def schema_file() -> Path:
    """Where the schema of the installed Prefect is, if it is there."""
    return _FOLDER / f"prefect-{version('prefect')}.sql"


def make_database(database: Path) -> None:
    """Make it, whole or not at all, where there is none yet and its schema is known."""
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        # Two who make a home ready at once would write one file, or one would replace what the other uses by then.
        fcntl.flock(folder, fcntl.LOCK_EX)
        # A log that outlived its database would be played into the new one.
        if any(database.parent.glob(f"{database.name}*")) or not schema_file().is_file():
            return
        fresh = database.with_name(f"new-{database.name}")
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh)) as connection:
            connection.executescript(schema_file().read_text("utf-8"))
        fresh.replace(database)
    finally:
        os.close(folder)


def schema_of(database: Path) -> str:
    """The statements that make a database with the same tables, the same indexes and the last migration's name."""
    # What SQLite makes by itself has no statement. In an order of its own, so that two versions can be compared.
    asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index', name"
    with closing(sqlite3.connect(database)) as connection:
        made = [f"{sql};" for (sql,) in connection.execute(asked)]
        rows = [line for line in connection.iterdump() if line.startswith('INSERT INTO "alembic_version"')]
    return "\n\n".join(["BEGIN;", *made, *rows, "COMMIT;"]) + "\n"


def main() -> None:
    """Let the installed Prefect migrate an empty database, and write down what came of it in place of older ones."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        subprocess.run(command, env={**clean, "PREFECT_HOME": home}, check=True)
        written = schema_of(Path(home) / "prefect.db")
    for old in _FOLDER.glob("prefect-*.sql"):
        old.unlink()
    schema_file().write_text(written, "utf-8")


if __name__ == "__main__":
    main()

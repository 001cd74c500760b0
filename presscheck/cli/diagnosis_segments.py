"""What `presscheck doctor` looks at in the databases that segments read: do they answer, may anybody write."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import PresscheckError

if TYPE_CHECKING:
    from presscheck.settings import Settings


def segment_looks(settings: "Settings") -> "Iterator[Look]":
    """One line a database of the settings; nothing where segments read files only."""
    from presscheck.screening.databases import look
    from presscheck.wiring import database_named

    for name in sorted(settings.databases):
        what = f"database {name}"
        try:
            found = look(database_named(settings, name))
        except PresscheckError as error:
            yield Look(what, "missing", str(error), f"Correct [databases.{name}] or the secret database-{name}.")
            continue
        if found["writes"]:
            said = f"{found['version']}; its user may write, and a segment's session alone keeps it from that"
            yield Look(what, "note", said, "Make a user that may only SELECT (docs/audiences.md).")
        else:
            yield Look(what, "ok", f"{found['version']}, read only")

"""A row that reads like an order to a machine is held before a machine that writes gets it, and nothing is dropped."""

from pathlib import Path
from typing import TYPE_CHECKING

from presscheck.digests import digest_of_row
from presscheck.errors import CatalogueError
from presscheck.ledger.quarantine import HeldRow, is_released, quarantine_row
from presscheck.models import Brief
from presscheck.people.rights import email_digest
from tasks import house
from tasks.hostile import row_faults

if TYPE_CHECKING:
    from presscheck.screening.catalogue import CatalogueRow


def refuse_hostile_row(row: "CatalogueRow", brief: Brief, *, path: Path, name: str, run: str) -> None:
    """Hold a row that looks like an order to a machine, unless somebody let exactly this row in.

    CatalogueError with each field and its rules; the row is in quarantine then, with its words.
    """
    from policies.engine.hostile import rules_of, suspicions

    ledger = house.ledger()
    found = suspicions(row.texts, policies=house.policies(), as_of=ledger.clock().date())
    if not found:
        return
    digest = digest_of_row(row.texts)
    with ledger.read() as tx:
        if is_released(tx, digest):
            return
    held = HeldRow(file=name, id=row.texts["id"], fields=tuple(found), rules=rules_of(found))
    with ledger.write() as tx:
        quarantine_row(tx, row.texts, held, author=email_digest(brief.author), run=run)
    raise CatalogueError(row_faults(row, found, path=str(path), digest=digest))

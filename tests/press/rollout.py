"""One run that asks about the same drafts for several audiences, each at a gate of its own."""

from collections.abc import Callable
from typing import Any

import pyarrow.parquet

from presscheck.digests import file_digest
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.recipients.audiences import audience_path
from presscheck.screening.splitting import freeze_cells
from tests.desk.offered import RUN, Offered
from tests.desk.scene import Ledgers, write_audience
from tests.press.stand import Stand

WHOLE = 9


class Rollout:
    """One run that asks about the same drafts for several audiences, each at a gate of its own."""

    def __init__(self, ledgers: Ledgers) -> None:
        self.ledgers = ledgers
        self.whole = write_audience(ledgers.home, WHOLE)
        self.people = True

    def cells(self, **places: Any) -> dict[str, str]:
        return freeze_cells(audience_path(self.ledgers.home, self.whole), places, home=self.ledgers.home)

    def split(self, cells: dict[str, str], *, hold_out: str | None = None, source: str = "") -> None:
        made = {name: Cell(audience=digest, rows=self.rows(digest)) for name, digest in cells.items()}
        with self.ledgers.worker.write() as tx:
            record_split(tx, RUN, Split.model_construct(source=source or self.whole, cells=made, hold_out=hold_out))

    def rows(self, audience: str) -> int:
        return pyarrow.parquet.read_metadata(audience_path(self.ledgers.home, audience)).num_rows

    def asked(self, gate: str, audience: str, **question: Any) -> Offered:
        said = {"audience": audience, "audience_rows": self.rows(audience), **question}
        scene = Offered(self.ledgers, texts=True, gate=gate, people=self.people, **said)
        self.people = False
        return scene

    def sent(self, gate: str, audience: str, **question: Any) -> Any:
        """The delivery's row after the press has had its turn."""
        stand, delivery = self.requested(gate, audience, **question)
        while stand.press.step():
            continue
        return stand.row(delivery)

    def requested(self, gate: str, audience: str, **question: Any) -> tuple[Stand, str]:
        scene = self.asked(gate, audience, **question)
        stand = Stand(scene)
        return stand, stand.request(scene.agreed("ana", picks=["V01"]))

    def written(self, change: Callable[[Any], Any], *, of: str = "") -> str:
        """Another audience, made of the rows of one: the whole's where none is named."""
        changed = change(pyarrow.parquet.read_table(audience_path(self.ledgers.home, of or self.whole)))
        path = self.ledgers.home / "audiences" / "changed.parquet"
        pyarrow.parquet.write_table(changed, path)
        digest = file_digest(path)
        path.rename(path.with_name(f"{digest}.parquet"))
        return digest

"""Nobody gets two deliveries of one run unless people signed that, and who is held out gets none: the press looks."""

from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from presscheck.digests import file_digest
from presscheck.ledger import EventKind
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.recipients.audiences import audience_path
from presscheck.screening.splitting import freeze_cells
from tests.desk.offered import RUN, Offered, segment
from tests.desk.scene import Ledgers, write_audience
from tests.press.stand import Stand

WHOLE = 9


class Run:
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


@pytest.fixture
def run(sqlite_ledgers: Ledgers) -> Run:
    return Run(sqlite_ledgers)


def test_a_rollout_that_would_mail_the_pilots_people_again_is_held(run: Run) -> None:
    cells = run.cells(pilot=[0, 1], rest=list(range(2, WHOLE)))

    assert run.sent("pilot", cells["pilot"]).state == "done"
    again = run.sent("rollout", run.whole)

    assert (again.state, again.sent) == ("held", 0)
    assert "2 recipients of it get what the gate pilot approved in this run" in again.reason
    assert 'besides=["pilot"]' in again.reason


def test_the_rest_gets_it_and_nobody_twice(run: Run) -> None:
    cells = run.cells(pilot=[0, 1], rest=list(range(2, WHOLE)))
    run.split(cells)

    rows = [run.sent("pilot", cells["pilot"]), run.sent("rollout", cells["rest"])]

    assert [(row.state, row.sent) for row in rows] == [("done", 2), ("done", WHOLE - 2)]


def test_whom_people_signed_that_they_get_both_gets_both(run: Run) -> None:
    run.sent("pilot", run.whole)

    again = run.sent("rollout", run.whole, besides=("pilot",))

    assert (again.state, again.sent) == ("done", WHOLE)


def test_another_gate_than_the_one_that_was_named_is_held(run: Run) -> None:
    run.sent("pilot", run.whole)

    again = run.sent("rollout", run.whole, besides=("ads",))

    assert again.state == "held"


def test_the_same_address_under_another_id_is_the_same_person(run: Run) -> None:
    run.sent("pilot", run.whole)
    renamed = _written(run, lambda rows: rows.set_column(0, "id", [[f"x{at}" for at in range(rows.num_rows)]]))

    again = run.sent("rollout", renamed)

    assert f"{WHOLE} recipients of it" in again.reason


def test_the_same_id_at_another_address_is_the_same_person(run: Run) -> None:
    run.sent("pilot", run.whole)
    moved = _written(
        run, lambda rows: rows.set_column(1, "address", [[f"new{at}@example.com" for at in range(rows.num_rows)]])
    )

    again = run.sent("rollout", moved)

    assert f"{WHOLE} recipients of it" in again.reason


def test_of_two_that_are_asked_for_at_once_the_first_goes_out(run: Run) -> None:
    stand, first = run.requested("pilot", run.whole)
    _, second = run.requested("rollout", run.whole)

    while stand.press.step():
        continue

    assert (stand.row(first).state, stand.row(second).state) == ("done", "held")


def test_a_delivery_that_reached_nobody_keeps_nobody_from_the_next(run: Run) -> None:
    stand, first = run.requested("pilot", run.whole)
    with run.ledgers.door.write() as tx:
        tx.append(EventKind.RECALL_DECIDED, first, {"person": "P-ana", "role": "brand_lead", "reason": "No."}, run=RUN)
    while stand.press.step():
        continue
    assert stand.row(first).state == "held"

    assert run.sent("rollout", run.whole).state == "done"


def test_a_press_that_starts_anew_does_not_take_its_own_delivery_for_another(run: Run) -> None:
    stand, first = run.requested("pilot", run.whole)
    _, second = run.requested("ads", _written(run, lambda rows: rows.slice(0, 0), least=True), besides=("pilot",))
    job = stand.press._begin(first)
    assert job is not None
    stand.press._batch(job)

    fresh = Stand(stand.scene)
    while fresh.press.step():
        continue

    assert fresh.row(first).state == "done"
    assert fresh.row(first).sent == WHOLE
    assert fresh.row(second).state == "done"


@pytest.mark.parametrize("audience", ["the hold-out itself", "everybody"])
def test_who_is_held_out_is_written_to_by_nobody(run: Run, audience: str) -> None:
    cells = run.cells(**{"hold-out": [3, 5], "rest": [0, 1, 2, 4, 6, 7, 8]})
    run.split(cells, hold_out="hold-out")

    held = run.sent("rollout", run.whole if audience == "everybody" else cells["hold-out"])

    assert (held.state, held.sent) == ("held", 0)
    assert "2 recipients of it are held out to compare with" in held.reason
    assert run.sent("pilot", cells["rest"]).state == "done"


def test_named_beside_another_gate_the_held_out_are_still_held_out(run: Run) -> None:
    cells = run.cells(**{"hold-out": [3, 5], "rest": [0, 1, 2, 4, 6, 7, 8]})
    run.split(cells, hold_out="hold-out")
    run.sent("pilot", cells["rest"])

    held = run.sent("rollout", run.whole, besides=("pilot", "hold-out"))

    assert "held out" in held.reason


def test_a_hold_out_whose_file_is_gone_lets_nothing_out(run: Run) -> None:
    cells = run.cells(**{"hold-out": [3], "rest": [0, 1]})
    run.split(cells, hold_out="hold-out")
    audience_path(run.ledgers.home, cells["hold-out"]).unlink()

    held = run.sent("pilot", cells["rest"])

    assert held.state == "held"
    assert "cannot be read" in held.reason


def test_a_split_that_nobody_can_read_lets_nothing_out(run: Run) -> None:
    run.split(run.cells(rest=[0, 1]), hold_out="elsewhere")

    held = run.sent("pilot", run.whole)

    assert held.state == "held"
    assert "an audience was split, and its hold-out is none of the cells" in held.reason


def test_a_cell_of_an_approved_segment_goes_out_and_one_that_holds_others_does_not(run: Run) -> None:
    cells = run.cells(pilot=[0, 1])
    agreed = Offered(run.ledgers, segment(audience=run.whole, recipients=WHOLE), gate="segment")
    agreed.agreed("sam")
    run.people = False
    others = write_audience(run.ledgers.home, WHOLE + 3)
    run.split({**cells, "others": others})

    assert run.sent("pilot", cells["pilot"]).state == "done"
    held = run.sent("rollout", others, besides=("pilot",))

    assert held.state == "held"
    assert "says that it is a part" in held.reason or "segment that was approved says" in held.reason


def test_an_audience_that_no_split_names_is_not_the_approved_segments(run: Run) -> None:
    cells = run.cells(pilot=[0, 1])
    Offered(run.ledgers, segment(audience=run.whole, recipients=WHOLE), gate="segment").agreed("sam")
    run.people = False

    held = run.sent("pilot", cells["pilot"])

    assert held.state == "held"
    assert "other people than the segment" in held.reason


def _written(run: Run, change: Any, *, least: bool = False) -> str:
    """Another audience, made of the whole's rows."""
    rows = pyarrow.parquet.read_table(audience_path(run.ledgers.home, run.whole))
    changed = rows.slice(0, 1) if least else change(rows)
    path = Path(run.ledgers.home) / "audiences" / "changed.parquet"
    pyarrow.parquet.write_table(changed, path)
    digest = file_digest(path)
    path.rename(path.with_name(f"{digest}.parquet"))
    return digest

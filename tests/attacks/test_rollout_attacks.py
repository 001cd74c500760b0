"""A rollout under attack: the worker holds its key, writes any row and puts any file where audiences lie."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import delete

from presscheck.desk.passed import go_together
from presscheck.desk.retrying import decide_retry
from presscheck.desk.so_far import so_far_of
from presscheck.digests import canonical
from presscheck.door.proof import gather
from presscheck.ledger import EventKind, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.deliveries import set_delivery
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.models import Asset, Outgoing, Product
from presscheck.press import press
from presscheck.press.channels import Answered, PutOff
from presscheck.press.channels.outbox import Outbox
from presscheck.recipients.audiences import audience_path
from tests.desk.offered import FLOW, RUN
from tests.desk.scene import BRIEF, Ledgers, write_audience
from tests.press.rollout import WHOLE, Rollout
from tests.press.stand import Stand


@pytest.fixture
def run(sqlite_ledgers: Ledgers) -> Rollout:
    return Rollout(sqlite_ledgers)


# ---------------------------------------------------------------- mailed twice


def test_a_worker_that_takes_the_first_question_out_of_its_table_mails_nobody_twice(run: Rollout) -> None:
    stand, first = run.requested("pilot", run.whole)
    while stand.press.step():
        continue
    with run.ledgers.worker.write() as tx:
        tx.execute(delete(tables.reviews).where(tables.reviews.c.gate == "pilot"))

    again = run.sent("rollout", run.whole)

    assert stand.row(first).sent == WHOLE
    assert (again.state, again.sent) == ("held", 0)


@pytest.mark.slow
def test_one_that_is_tried_again_for_those_given_up_does_not_reach_whom_the_next_has_reached(run: Rollout) -> None:
    server = _Server(run.ledgers.home / "outbox")
    stand, first = run.requested("pilot", run.whole)
    stand = Stand(stand.scene, channels={"outbox": server}, batch_size=50)
    server.away = True
    for _ in range(30):
        stand.press.step()
        run.ledgers.clock.advance(hours=1)
    assert stand.row(first).state == "held", "nobody was reached"
    server.away = False
    assert run.sent("rollout", run.whole).state == "done"
    with run.ledgers.door.write() as tx:
        assert decide_retry(tx, stand.scene.policies, first, person="P-ana", proved_at=tx.now) == WHOLE

    while stand.press.step():
        continue

    assert (stand.row(first).state, stand.row(first).sent) == ("held", 0)
    assert "gate rollout" in stand.row(first).reason


@pytest.mark.slow
def test_one_that_is_tried_again_reaches_those_whom_people_let_get_both(run: Rollout) -> None:
    server = _Server(run.ledgers.home / "outbox")
    stand, first = run.requested("pilot", run.whole)
    stand = Stand(stand.scene, channels={"outbox": server}, batch_size=50)
    server.away = True
    for _ in range(30):
        stand.press.step()
        run.ledgers.clock.advance(hours=1)
    server.away = False
    assert run.sent("rollout", run.whole, besides=("pilot",)).state == "done"
    with run.ledgers.door.write() as tx:
        decide_retry(tx, stand.scene.policies, first, person="P-ana", proved_at=tx.now)

    while stand.press.step():
        continue

    assert (stand.row(first).state, stand.row(first).sent) == ("done", WHOLE)


@pytest.mark.slow
def test_gates_that_are_not_there_let_nobody_get_two_and_are_read_by_whoever_signs(run: Rollout) -> None:
    run.sent("pilot", run.whole)
    asked = run.asked("rollout", run.whole, besides=("rollout", "nowhere"))
    with run.ledgers.door.read() as tx:
        form = asked.desk.form(tx, asked.review).description
        shown = gather(tx, asked.desk, asked.review, person="P-ana").beside
    stand = Stand(asked)
    again = stand.request(asked.agreed("ana", picks=["V01"]))

    while stand.press.step():
        continue

    words = "People who get what was approved at the gates rollout and nowhere of this run may get this as well."
    assert words in form
    assert words in shown
    assert (stand.row(again).state, stand.row(again).sent) == ("held", 0)


def test_a_file_that_is_another_for_the_moment_between_looking_and_reading_hides_nobody(
    run: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.sent("pilot", run.whole)
    path = audience_path(run.ledgers.home, run.whole)
    strangers = audience_path(run.ledgers.home, _strangers(run)).read_bytes()
    stand, again = run.requested("rollout", _copied(run))
    swapped = _swapping(monkeypatch, path, strangers)

    while stand.press.step():
        continue

    assert swapped, "the file was read"
    assert (stand.row(again).state, stand.row(again).sent) == ("held", 0)


def test_a_request_that_says_something_else_at_the_second_glance_mails_nobody(
    run: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.sent("pilot", run.whole)
    stand, again = run.requested("rollout", run.whole)
    honest = stand.row(again).manifest
    harmless = Outgoing.model_validate_json(honest).model_copy(update={"besides": ("pilot",)})
    with run.ledgers.worker.write() as tx:
        body = {"review": stand.row(again).review, "manifest": harmless.digest}
        tx.append(EventKind.DELIVERY_REQUESTED, again, body, run=RUN)
    _store(run, again, canonical(harmless.model_dump(mode="json")).decode())
    plain = press.apart_fault

    def swapped(*given: Any, **more: Any) -> Any:
        try:
            return plain(*given, **more)
        finally:
            _store(run, again, honest)

    monkeypatch.setattr(press, "apart_fault", swapped)
    while stand.press.step():
        continue

    assert (stand.row(again).state, stand.row(again).sent) == ("held", 0)
    assert "altered while the press looked at it" in stand.row(again).reason


# ---------------------------------------------------------------- hold-outs and cells


ODD: dict[str, Callable[[pyarrow.Table], pyarrow.Table]] = {
    "numbers for ids": lambda rows: rows.set_column(0, "id", pyarrow.array(range(rows.num_rows))),
    "long texts": lambda rows: rows.set_column(0, "id", rows.column("id").cast(pyarrow.large_string())),
    "bytes": lambda rows: rows.set_column(0, "id", rows.column("id").cast(pyarrow.binary())),
    "lists": lambda rows: rows.set_column(1, "address", pyarrow.array([["a"]] * rows.num_rows)),
    "nothing": lambda rows: rows.set_column(0, "id", pyarrow.nulls(rows.num_rows)),
    "two of one name": lambda rows: rows.append_column("id", rows.column("id")),
    "other columns": lambda rows: rows.select(["market"]),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_hold_out_of_another_make_holds_and_stops_no_press(run: Rollout, odd: str) -> None:
    cells = run.cells(**{"hold-out": [3], "rest": [0, 1]})
    run.split({**cells, "hold-out": run.written(ODD[odd], of=cells["rest"])}, hold_out="hold-out")

    held = run.sent("pilot", cells["rest"])

    assert (held.state, held.sent) == ("held", 0)


@pytest.mark.slow
def test_a_small_hold_out_that_would_fill_the_memory_holds_and_stops_no_press(run: Rollout) -> None:
    cells = run.cells(rest=[0, 1])
    bomb = run.written(_repeated)
    assert audience_path(run.ledgers.home, bomb).stat().st_size < 2_000_000
    run.split({**cells, "hold-out": bomb}, hold_out="hold-out")

    held = run.sent("pilot", cells["rest"])

    assert (held.state, held.sent) == ("held", 0)
    assert "a row is no recipient" in held.reason


def _repeated(_: pyarrow.Table) -> pyarrow.Table:
    """Six million rows of one text of a kilobyte: 6 GB in each column."""
    part = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 1_000, pyarrow.int32()), ["x" * 1_000])
    return pyarrow.table({name: pyarrow.chunked_array([part] * 6_000) for name in ("id", "address")})


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a device"])
def test_a_hold_out_that_is_no_plain_file_holds_and_stops_no_press(run: Rollout, kind: str) -> None:
    cells = run.cells(**{"hold-out": [3], "rest": [0, 1]})
    run.split(cells, hold_out="hold-out")
    path = audience_path(run.ledgers.home, cells["hold-out"])
    path.unlink()
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
        case _:
            path.symlink_to("/dev/zero")

    held = run.sent("pilot", cells["rest"])

    assert (held.state, held.sent) == ("held", 0)
    assert "cannot be read" in held.reason


def test_cells_that_are_cells_of_each_other_come_to_an_end_and_let_nobody_else_in(run: Rollout) -> None:
    cells = run.cells(one=[0, 1], other=[2, 3])
    run.split({"one": cells["one"]}, source=cells["other"])
    run.split({"other": cells["other"]}, source=cells["one"])

    held = run.sent("pilot", cells["one"])

    assert held.state == "held"
    assert "says that it is a part" in held.reason


def test_many_splits_with_one_hold_out_cost_one_look(run: Rollout, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = _split_often(run, 100)
    stand, delivery = run.requested("pilot", cells["rest"])
    opened = _counting(monkeypatch, audience_path(run.ledgers.home, cells["hold-out"]))

    while stand.press.step():
        continue

    assert stand.row(delivery).state == "done"
    assert len(opened) == 1


@pytest.mark.slow
def test_a_worker_that_splits_without_end_holds_its_own_run_and_no_press(run: Rollout) -> None:
    held = run.sent("pilot", _split_often(run, 3_000)["rest"])

    assert (held.state, held.sent) == ("held", 0)
    assert "audiences were split 3,000 times, and 100 is the most" in held.reason


@pytest.mark.slow
def test_a_split_of_a_hundred_thousand_cells_holds_its_own_run(run: Rollout) -> None:
    cell = run.cells(rest=[0, 1])["rest"]
    body = {"cells": {f"c-{at}": {"audience": cell, "rows": 2} for at in range(100_000)}, "hold_out": None}
    with run.ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_SPLIT, run.whole, body, run=RUN)

    held = run.sent("pilot", cell)

    assert (held.state, held.sent) == ("held", 0)
    assert "in a way that nobody can read" in held.reason


def _split_often(run: Rollout, often: int) -> dict[str, str]:
    cells = run.cells(**{"hold-out": [3], "rest": [0, 1]})
    made = {name: Cell(audience=digest, rows=run.rows(digest)) for name, digest in cells.items()}
    with run.ledgers.worker.write() as tx:
        for _ in range(often):
            record_split(tx, RUN, Split(source=run.whole, cells=made, hold_out="hold-out"))
    return cells


class _Server(Outbox):
    """A way out that can be away: it puts everybody off."""

    away = False

    def send(self, delivery: str, batch: Any) -> list[Answered]:
        if self.away:
            return [PutOff(one.key, "try again later") for one in batch]
        return list(super().send(delivery, batch))


def _strangers(run: Rollout) -> str:
    """An audience of as many others."""
    rows = write_audience(run.ledgers.home, WHOLE)
    names = [[f"other{at}" for at in range(WHOLE)], [f"other{at}@example.com" for at in range(WHOLE)]]
    return run.written(
        lambda table: table.set_column(0, "id", [names[0]]).set_column(1, "address", [names[1]]), of=rows
    )


def _copied(run: Rollout) -> str:
    """The same people in other bytes."""
    return run.written(lambda table: table.slice(0, WHOLE - 1))


def _swapping(monkeypatch: pytest.MonkeyPatch, path: Path, instead: bytes) -> list[str]:
    """The file is what it was for whoever takes its digest, and another one for whoever then reads it by name."""
    read: list[str] = []
    plain = pyarrow.parquet.ParquetFile

    def read_by_name(source: Any, *given: Any, **more: Any) -> Any:
        read.append(str(source))
        return plain(pyarrow.BufferReader(instead) if source == path else source, *given, **more)

    monkeypatch.setattr(pyarrow.parquet, "ParquetFile", read_by_name)
    return read


def _counting(monkeypatch: pytest.MonkeyPatch, path: Path) -> list[Path]:
    """Each time that the file is opened."""
    opened: list[Path] = []
    plain = os.open

    def count(name: Any, *given: Any, **more: Any) -> int:
        if name == path:
            opened.append(path)
        return plain(name, *given, **more)

    monkeypatch.setattr(os, "open", count)
    return opened


# ---------------------------------------------------------------- briefs of one kin


JACKET = Product(id="FJ-01", name="The Fell jacket", price="129.00", currency="USD", rating="4.6")
SENT_BY = BRIEF.sender.model_copy(update={"address": "other@brand.example"})
ALIKE: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "another channel and language": ({"channel": "search", "language": "de"}, {}, True),
    "another author": ({"author": "ana@brand.example"}, {}, False),
    "another sender": ({"sender": SENT_BY}, {}, False),
    "other claims": ({"claims": ()}, {}, False),
    "other markets": ({"markets": ("US",)}, {}, False),
    "other money": ({"spend_dollars": 9_000}, {}, False),
    "another price of the product": ({"channel": "search"}, {"price": "29.00"}, False),
}


@pytest.mark.parametrize("other", ALIKE)
def test_what_was_agreed_for_one_brief_counts_for_another_channel_of_it_alone(run: Rollout, other: str) -> None:
    brief, product, together = ALIKE[other]
    contents = [
        {"brief": BRIEF.model_dump(mode="json"), "product": JACKET.model_dump(mode="json")},
        {
            "brief": BRIEF.model_copy(update=brief).model_dump(mode="json"),
            "product": JACKET.model_copy(update=product).model_dump(mode="json"),
        },
    ]
    with run.ledgers.worker.write() as tx:
        one, two = (put_asset(tx, Asset(kind="brief", content=each, author=FLOW), run=RUN) for each in contents)
        assert go_together(tx, one, two) is together


def test_a_brief_that_cannot_be_read_is_of_no_kin(run: Rollout) -> None:
    with run.ledgers.worker.write() as tx:
        brief = {"brief": BRIEF.model_dump(mode="json"), "product": None}
        one = put_asset(tx, Asset(kind="brief", content=brief, author=FLOW), run=RUN)
        for content in ({}, {"brief": None}, {"brief": {"id": "x"}}, {"brief": []}):
            other = put_asset(tx, Asset(kind="brief", content=content, author=FLOW), run=RUN)
            assert not go_together(tx, one, other)
        assert not go_together(tx, one, "0" * 64)


# ---------------------------------------------------------------- tiers


def test_cells_of_one_run_add_up_to_the_whole_that_they_were_split_from(run: Rollout) -> None:
    cells = {f"cell-{at}": run.cells(one=[at])["one"] for at in range(WHOLE)}
    run.split(cells)
    asked = [run.asked(name, digest) for name, digest in cells.items()]

    with run.ledgers.door.read() as tx:
        so_far = [so_far_of(tx, one.review.question, one.brief, None, one.policies()).reach for one in asked]

    first = so_far[0]
    assert so_far == [first + at for at in range(WHOLE)]


def _store(run: Rollout, delivery: str, manifest: str) -> None:
    with run.ledgers.worker.write() as tx:
        set_delivery(tx, delivery, manifest=manifest)

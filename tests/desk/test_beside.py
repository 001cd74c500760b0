"""What a question says beside its texts: its cell, who is held out, what the run has sent; for one and for many."""

import pytest

from presscheck.desk.beside import cell_of, told_beside
from presscheck.ledger import EventKind
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.models import UsedTable
from tests.desk.offered import RUN, Offered
from tests.desk.scene import Ledgers, write_audience
from tests.press.stand import Stand

PILOT, REST, OUT, EARLY, LATE = ("1" * 64, "2" * 64, "3" * 64, "4" * 64, "5" * 64)
WHOLE = "a" * 64


def split(ledgers: Ledgers, source: str, *, held_out: int = 0, **cells: tuple[str, int]) -> None:
    out = {"hold-out": (OUT, held_out)} if held_out else {}
    named = {name: Cell(audience=digest, rows=rows) for name, (digest, rows) in (cells | out).items()}
    with ledgers.worker.write() as tx:
        record_split(tx, RUN, Split(source=source, cells=named, hold_out="hold-out" if held_out else None))


def told(scene: Offered) -> tuple[str, ...]:
    with scene.ledgers.door.read() as tx:
        return told_beside(tx, scene.question)


def named(scene: Offered) -> str:
    with scene.ledgers.door.read() as tx:
        return cell_of(tx, scene.question)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (0, ""),
        (1, " 1 recipient is held out to compare with, and nobody writes to that one in this run."),
        (1_100, " 1,100 recipients are held out to compare with, and nobody writes to them in this run."),
    ],
)
def test_a_cell_says_which_it_is_how_many_and_who_is_held_out(sqlite_ledgers: Ledgers, held: int, said: str) -> None:
    split(sqlite_ledgers, WHOLE, held_out=held, pilot=(PILOT, 2), rest=(REST, 1_998))

    scene = Offered(sqlite_ledgers, texts=True, gate="pilot", audience=PILOT, audience_rows=2)

    assert told(scene) == (f"It goes to the cell pilot: 2 of {2_000 + held:,} recipients.{said}",)
    assert named(scene) == f"pilot, 2 of {2_000 + held:,}"


def test_a_cell_of_a_cell_says_what_it_is_of(sqlite_ledgers: Ledgers) -> None:
    split(sqlite_ledgers, WHOLE, held_out=1, pilot=(PILOT, 10), rest=(REST, 11))
    split(sqlite_ledgers, PILOT, early=(EARLY, 4), late=(LATE, 6))

    scene = Offered(sqlite_ledgers, texts=True, gate="pilot", audience=EARLY, audience_rows=4)

    assert told(scene) == (
        "It goes to the cell early: 4 of 10 recipients.",
        "These are of the cell pilot: 10 of 22 recipients. 1 recipient is held out to compare with, and nobody writes "
        "to that one in this run.",
    )


def test_splits_that_go_round_in_a_circle_are_told_once_each(sqlite_ledgers: Ledgers) -> None:
    split(sqlite_ledgers, PILOT, rest=(REST, 3))
    split(sqlite_ledgers, REST, pilot=(PILOT, 3))

    scene = Offered(sqlite_ledgers, texts=True, gate="pilot", audience=PILOT, audience_rows=3)

    assert [line.split(":")[0] for line in told(scene)] == ["It goes to the cell pilot", "These are of the cell rest"]


def test_an_audience_that_is_whole_says_nothing(sqlite_ledgers: Ledgers) -> None:
    scene = Offered(sqlite_ledgers, texts=True, gate="pilot")

    assert told(scene) == ()
    assert named(scene) == ""


def test_a_split_that_nobody_can_read_is_told_beside_the_question(sqlite_ledgers: Ledgers) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_SPLIT, WHOLE, {"cells": "all of them"}, run=RUN)

    scene = Offered(sqlite_ledgers, texts=True, gate="pilot")

    assert "How its audience was split cannot be read" in told(scene)[0]
    assert named(scene) == ""


@pytest.mark.parametrize(
    ("gates", "said"), [(("pilot",), "at the gate pilot"), (("pilot", "ads"), "at the gates pilot and ads")]
)
def test_who_may_get_it_besides_is_told_by_the_gates(
    sqlite_ledgers: Ledgers, gates: tuple[str, ...], said: str
) -> None:
    scene = Offered(sqlite_ledgers, texts=True, gate="rollout", besides=gates)

    assert told(scene) == (f"People who get what was approved {said} of this run may get this as well.",)


def test_rows_are_told_with_step_count_and_digest(sqlite_ledgers: Ledgers) -> None:
    tables = (UsedTable(step="best-sellers", digest="b" * 64, rows=1), UsedTable(step="shops", digest="c" * 64, rows=0))
    scene = Offered(sqlite_ledgers, texts=True, gate="pilot", tables=tables)

    assert told(scene) == (
        "It rests on rows that this run made: best-sellers (1 row, bbbbbbbbbbbb) and shops (no rows, cccccccccccc).",
    )


def test_whoever_answers_for_the_rest_reads_what_became_of_the_pilot(sqlite_ledgers: Ledgers) -> None:
    pilot = Offered(
        sqlite_ledgers, texts=True, gate="pilot", audience=write_audience(sqlite_ledgers.home, 4), audience_rows=4
    )
    stand = Stand(pilot)
    stand.request(pilot.agreed("ana", picks=["V01"]))
    while stand.press.step():
        continue

    rest = Offered(sqlite_ledgers, texts=True, gate="rollout", people=False)

    assert told(rest) == ("What the gate pilot approved is out: 4 sent.",)
    assert told(pilot) == ()

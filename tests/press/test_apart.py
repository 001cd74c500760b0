"""Nobody gets two deliveries of one run unless people signed that, and who is held out gets none: the press looks."""

import pytest

from presscheck.ledger import EventKind
from presscheck.recipients.audiences import audience_path
from tests.desk.offered import RUN, Offered, segment
from tests.desk.scene import Ledgers, write_audience
from tests.press.rollout import WHOLE, Rollout
from tests.press.stand import Stand


@pytest.fixture
def run(sqlite_ledgers: Ledgers) -> Rollout:
    return Rollout(sqlite_ledgers)


@pytest.mark.slow
def test_a_rollout_that_would_mail_the_pilots_people_again_is_held(run: Rollout) -> None:
    cells = run.cells(pilot=[0, 1], rest=list(range(2, WHOLE)))

    assert run.sent("pilot", cells["pilot"]).state == "done"
    again = run.sent("rollout", run.whole)

    assert (again.state, again.sent) == ("held", 0)
    assert "2 recipients of it get what the gate pilot approved in this run" in again.reason
    assert 'besides=["pilot"]' in again.reason


@pytest.mark.slow
def test_the_rest_gets_it_and_nobody_twice(run: Rollout) -> None:
    cells = run.cells(pilot=[0, 1], rest=list(range(2, WHOLE)))
    run.split(cells)

    rows = [run.sent("pilot", cells["pilot"]), run.sent("rollout", cells["rest"])]

    assert [(row.state, row.sent) for row in rows] == [("done", 2), ("done", WHOLE - 2)]


@pytest.mark.slow
def test_whom_people_signed_that_they_get_both_gets_both(run: Rollout) -> None:
    run.sent("pilot", run.whole)

    again = run.sent("rollout", run.whole, besides=("pilot",))

    assert (again.state, again.sent) == ("done", WHOLE)


@pytest.mark.slow
def test_another_gate_than_the_one_that_was_named_is_held(run: Rollout) -> None:
    run.sent("pilot", run.whole)

    again = run.sent("rollout", run.whole, besides=("ads",))

    assert again.state == "held"


@pytest.mark.slow
def test_the_same_address_under_another_id_is_the_same_person(run: Rollout) -> None:
    run.sent("pilot", run.whole)
    renamed = run.written(lambda rows: rows.set_column(0, "id", [[f"x{at}" for at in range(rows.num_rows)]]))

    again = run.sent("rollout", renamed)

    assert f"{WHOLE} recipients of it" in again.reason


@pytest.mark.slow
def test_the_same_id_at_another_address_is_the_same_person(run: Rollout) -> None:
    run.sent("pilot", run.whole)
    moved = run.written(
        lambda rows: rows.set_column(1, "address", [[f"new{at}@example.com" for at in range(rows.num_rows)]])
    )

    again = run.sent("rollout", moved)

    assert f"{WHOLE} recipients of it" in again.reason


@pytest.mark.slow
def test_of_two_that_are_asked_for_at_once_the_first_goes_out(run: Rollout) -> None:
    stand, first = run.requested("pilot", run.whole)
    _, second = run.requested("rollout", run.whole)

    while stand.press.step():
        continue

    assert (stand.row(first).state, stand.row(second).state) == ("done", "held")


@pytest.mark.slow
def test_a_delivery_that_reached_nobody_keeps_nobody_from_the_next(run: Rollout) -> None:
    stand, first = run.requested("pilot", run.whole)
    with run.ledgers.door.write() as tx:
        tx.append(EventKind.RECALL_DECIDED, first, {"person": "P-ana", "role": "brand_lead", "reason": "No."}, run=RUN)
    while stand.press.step():
        continue
    assert stand.row(first).state == "held"

    assert run.sent("rollout", run.whole).state == "done"


@pytest.mark.slow
def test_a_press_that_starts_anew_does_not_take_its_own_delivery_for_another(run: Rollout) -> None:
    stand, first = run.requested("pilot", run.whole)
    _, second = run.requested("ads", run.written(lambda rows: rows.slice(0, 1)), besides=("pilot",))
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
@pytest.mark.slow
def test_who_is_held_out_is_written_to_by_nobody(run: Rollout, audience: str) -> None:
    cells = run.cells(**{"hold-out": [3, 5], "rest": [0, 1, 2, 4, 6, 7, 8]})
    run.split(cells, hold_out="hold-out")

    held = run.sent("rollout", run.whole if audience == "everybody" else cells["hold-out"])

    assert (held.state, held.sent) == ("held", 0)
    assert "2 recipients of it are held out to compare with" in held.reason
    assert run.sent("pilot", cells["rest"]).state == "done"


@pytest.mark.slow
def test_named_beside_another_gate_the_held_out_are_still_held_out(run: Rollout) -> None:
    cells = run.cells(**{"hold-out": [3, 5], "rest": [0, 1, 2, 4, 6, 7, 8]})
    run.split(cells, hold_out="hold-out")
    run.sent("pilot", cells["rest"])

    held = run.sent("rollout", run.whole, besides=("pilot", "hold-out"))

    assert "held out" in held.reason


def test_a_hold_out_whose_file_is_gone_lets_nothing_out(run: Rollout) -> None:
    cells = run.cells(**{"hold-out": [3], "rest": [0, 1]})
    run.split(cells, hold_out="hold-out")
    audience_path(run.ledgers.home, cells["hold-out"]).unlink()

    held = run.sent("pilot", cells["rest"])

    assert held.state == "held"
    assert "cannot be read" in held.reason


def test_a_split_that_nobody_can_read_lets_nothing_out(run: Rollout) -> None:
    run.split(run.cells(rest=[0, 1]), hold_out="elsewhere")

    held = run.sent("pilot", run.whole)

    assert held.state == "held"
    assert "an audience was split, and its hold-out is none of the cells" in held.reason


@pytest.mark.slow
def test_a_cell_of_an_approved_segment_goes_out_and_one_that_holds_others_does_not(run: Rollout) -> None:
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


def test_an_audience_that_no_split_names_is_not_the_approved_segments(run: Rollout) -> None:
    cells = run.cells(pilot=[0, 1])
    Offered(run.ledgers, segment(audience=run.whole, recipients=WHOLE), gate="segment").agreed("sam")
    run.people = False

    held = run.sent("pilot", cells["pilot"])

    assert held.state == "held"
    assert "other people than the segment" in held.reason

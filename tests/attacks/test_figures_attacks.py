"""Somebody who can write to the database cannot make the figures look better, only louder."""

import pytest

from presscheck.errors import LedgerForged
from presscheck.figures.baseline import counting
from presscheck.figures.facts import doubtful, gather
from presscheck.ledger import EventKind
from tests.ledger.filled import fill, tamper

ROWS = [
    "UPDATE campaigns SET opened_at = '2020-01-01T00:00:00.000000Z', ending = 'delivered'",
    "UPDATE reviews SET opened_at = '2026-03-02T08:59:00.000000Z', round = 1",
    "UPDATE assets SET cost_microdollars = 0",
    "UPDATE deliveries SET state = 'done', sent = 9, finished_at = requested_at",
    "UPDATE decisions SET at = '2026-03-02T08:59:00.000000Z'",
    "DELETE FROM applications",
]


@pytest.mark.parametrize("statement", ROWS)
def test_rows_beside_the_events_change_no_figure(statement, ledgers):
    fill(ledgers.worker, ledgers.door)
    with ledgers.door.read() as tx:
        before = gather(tx)

    tamper(ledgers.door, statement)

    with ledgers.door.read() as tx:
        assert gather(tx) == before
        assert before[0].answers


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET at = '2026-03-02T08:00:00.000000Z' WHERE kind = 'decision:approved'",
        "UPDATE events SET kind = 'decision:rejected' WHERE kind = 'decision:approved'",
        "DELETE FROM events WHERE kind = 'decision:approved'",
    ],
)
def test_an_event_that_was_altered_or_taken_out_does_not_count_and_is_told(statement, ledgers):
    fill(ledgers.worker, ledgers.door)

    assert tamper(ledgers.door, statement) == 1

    with ledgers.door.read() as tx:
        assert gather(tx)[0].answers == []
        assert doubtful(tx) == 1


def test_a_baseline_that_was_altered_is_none(ledgers):
    with ledgers.door.write() as tx:
        tx.append(EventKind.BASELINE_IMPORTED, "baseline", {"version": 1, "baseline": {"figures": {"x": "21"}}})

    tamper(ledgers.door, "UPDATE events SET body = replace(body, '21', '99')")

    with ledgers.door.read() as tx:
        assert counting(tx) is None
        assert doubtful(tx) == 1


def test_a_brief_whose_first_day_was_moved_is_refused(sqlite_ledgers):
    from tests.desk.scene import Scene

    Scene(sqlite_ledgers)
    days = {"none": '"begun":null', "long": '"begun":"2020-01-01"'}
    assert tamper(sqlite_ledgers.door, "UPDATE assets SET content = replace(content, :none, :long)", days)

    with sqlite_ledgers.door.read() as tx, pytest.raises(LedgerForged):
        gather(tx)

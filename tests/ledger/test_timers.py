"""The bell hears of a timer once it is over and until it is read, whatever else is signed beside it."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presscheck.ledger import EventKind, timestamp
from presscheck.ledger.reviews import Wakes, mark_read
from presscheck.ledger.timers import find_timer, set_timer, timer_id
from tests.desk.scene import Ledgers

HOUR = timedelta(hours=1)
NAMES = st.sampled_from("abc")
DONE = st.lists(
    st.one_of(
        st.tuples(st.just("set"), NAMES, st.integers(1, 5)),
        st.tuples(st.just("read"), NAMES, st.just(0)),
        st.tuples(st.just("later"), NAMES, st.integers(1, 3)),
        st.tuples(st.just("another bell"), NAMES, st.just(0)),
    ),
    max_size=20,
)
_RUNS = count(1)


@pytest.mark.slow
@given(DONE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bell_rings_as_a_plain_list_of_timers_would(
    sqlite_ledgers: Ledgers, done: list[tuple[str, str, int]]
) -> None:
    run, bell = str(UUID(int=next(_RUNS))), Wakes()
    until: dict[str, datetime] = {}
    read: set[str] = set()
    for does, name, hours in done:
        with sqlite_ledgers.worker.write() as tx:
            match does:
                case "set":
                    set_timer(tx, run, name, lasts=hours * HOUR, place=1)
                    until.setdefault(name, tx.now + hours * HOUR)
                case "read":
                    mark_read(tx, run, timer_id(run, name))
                    read.add(name)
                case "later":
                    sqlite_ledgers.clock.advance(hours=hours)
                case _:
                    bell = Wakes()
        with sqlite_ledgers.door.read() as tx:
            rung = {subject for of, subject in bell.unread(tx) if of == run}
            due = {timer_id(run, name) for name, at in until.items() if at <= tx.now and name not in read}
        assert rung == due


FORGED: dict[str, dict[str, Any]] = {
    "no moment": {"name": "a"},
    "no time zone": {"until": "2026-03-02T09:00:00"},
    "no text": {"until": 5},
    "no calendar's": {"until": "2026-13-45T00:00:00Z"},
    "a list": {"until": ["2026-03-02T09:00:00Z"]},
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_moment_that_is_none_wakes_nobody_and_stops_no_bell(sqlite_ledgers: Ledgers, forged: str) -> None:
    run, bell = str(UUID(int=next(_RUNS))), Wakes()
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.TIMER_SET, timer_id(run, "a"), FORGED[forged], run=run)
        set_timer(tx, run, "b", lasts=HOUR, place=1)
        assert find_timer(tx, run, "a") is None
    sqlite_ledgers.clock.advance(hours=2)

    with sqlite_ledgers.door.read() as tx:
        assert bell.unread(tx) == [(run, timer_id(run, "b"))]


@pytest.mark.parametrize(
    "until", ["9999-12-31T23:59:59.999999-23:59", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59"]
)
def test_a_moment_at_the_end_of_the_calendar_stops_no_bell(sqlite_ledgers: Ledgers, until: str) -> None:
    run = str(UUID(int=next(_RUNS)))
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.TIMER_SET, timer_id(run, "a"), {"until": until}, run=run)

    with sqlite_ledgers.door.read() as tx:
        assert bool(Wakes().unread(tx)) == until.startswith("0001")


def test_a_second_timer_under_the_name_of_the_first_moves_nothing(sqlite_ledgers: Ledgers) -> None:
    run = str(UUID(int=next(_RUNS)))
    with sqlite_ledgers.worker.write() as tx:
        set_timer(tx, run, "a", lasts=HOUR, place=1)
        later = timestamp(tx.now + 1000 * HOUR)
        tx.append(EventKind.TIMER_SET, timer_id(run, "a"), {"until": later}, run=run)
    sqlite_ledgers.clock.advance(hours=1)

    with sqlite_ledgers.door.read() as tx:
        assert Wakes().unread(tx) == [(run, timer_id(run, "a"))]
        assert find_timer(tx, run, "a") == tx.now


@pytest.mark.slow
def test_of_many_timers_that_sleep_a_bell_looks_at_the_next_alone(sqlite_ledgers: Ledgers) -> None:
    with sqlite_ledgers.worker.write() as tx:
        for at in range(3_000):
            set_timer(tx, str(UUID(int=next(_RUNS))), "a", lasts=timedelta(minutes=60 + at), place=1)
    bell = Wakes()
    with sqlite_ledgers.door.read() as tx:
        assert bell.unread(tx) == []
        looked = _Counted(bell._next)
        bell._next = looked
        assert bell.unread(tx) == []
    assert looked.looks <= 2


class _Counted(list[Any]):
    """A list that counts how often one of it is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)

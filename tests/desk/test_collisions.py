"""What reaches the same people within days: by the frozen audiences, and never taken for nothing where that fails."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from presscheck.desk import collisions as module
from presscheck.desk.collisions import MOST_COMPARED, WITHIN, Overlaps, Sending, collisions, compared
from presscheck.recipients.audiences import audience_path
from tests.desk.scene import write_audience

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sending(audience: str, *, run: str, rows: int = 7, state: Any = "sent", at: datetime = NOW) -> Sending:
    return Sending(run, f"R-{run}", "Spring launch", "email", audience, rows, state, at)


@pytest.fixture
def seven(tmp_path: Path) -> str:
    return write_audience(tmp_path, 7)


@pytest.fixture
def four(tmp_path: Path) -> str:
    """The first four of the seven."""
    return write_audience(tmp_path, 4)


def test_two_runs_with_people_in_common_collide_and_say_how_many(tmp_path: Path, seven: str, four: str) -> None:
    [found] = collisions([sending(seven, run="a"), sending(four, run="b", rows=4)], Overlaps(tmp_path))

    assert found.people == 4


def test_the_same_audience_collides_with_all_its_people_without_a_file(tmp_path: Path) -> None:
    [found] = collisions([sending("0" * 64, run="a"), sending("0" * 64, run="b")], Overlaps(tmp_path))

    assert found.people == 7


def test_one_run_is_left_to_the_press_and_others_to_the_days_between(tmp_path: Path, seven: str, four: str) -> None:
    overlaps, long_ago = Overlaps(tmp_path), NOW - WITHIN - timedelta(seconds=1)

    same_run = collisions([sending(seven, run="a"), sending(four, run="a")], overlaps)
    far = collisions([sending(seven, run="a"), sending(four, run="b", at=long_ago)], overlaps)
    both_wait = [
        sending(one, run=run, state="waits for an answer", at=at)
        for one, run, at in ((seven, "a", NOW), (four, "b", NOW + 3 * WITHIN))
    ]

    assert same_run == far == []
    # Whoever answers both today sends both today, whatever the last day to answer is.
    assert len(collisions(both_wait, overlaps)) == 1


@pytest.mark.parametrize("spoiled", ["gone", "another", "no parquet", "large"])
def test_what_cannot_be_compared_is_said_and_is_not_nothing(
    tmp_path: Path, seven: str, four: str, spoiled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = audience_path(tmp_path, four)
    if spoiled == "gone":
        path.unlink()
    elif spoiled == "another":
        path.write_bytes(audience_path(tmp_path, seven).read_bytes())
    elif spoiled == "no parquet":
        path.write_bytes(b"PAR1" * 100)
    else:
        monkeypatch.setattr(module, "_MOST_ROWS", 5)

    [found] = collisions([sending(seven, run="a"), sending(four, run="b")], Overlaps(tmp_path))

    assert found.people is None


def test_a_pair_is_read_once_for_ever(tmp_path: Path, seven: str, four: str) -> None:
    overlaps, both = Overlaps(tmp_path), [sending(seven, run="a"), sending(four, run="b")]
    collisions(both, overlaps)
    audience_path(tmp_path, four).unlink()

    [again] = collisions(both, overlaps)

    assert again.people == 4


def test_the_newest_audiences_are_compared_and_the_others_counted() -> None:
    many = [sending(f"{number:064x}", run=str(number), at=NOW - timedelta(hours=number)) for number in range(20)]

    kept, left_out = compared(many)

    assert [one.run for one in kept] == [str(number) for number in range(MOST_COMPARED)]
    assert left_out == 20 - MOST_COMPARED

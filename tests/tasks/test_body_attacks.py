"""What a body, its steps and its rows come to when code, files and processes change underneath."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.parquet
import pytest
from prefect import Flow, State, flow
from prefect.settings import PREFECT_HOME
from pydantic import computed_field, field_validator

import tasks.screening
from presscheck.ledger import EventKind
from presscheck.ledger.steps import StepKey, record_step
from presscheck.models import Frozen
from presscheck.screening.audience import ScreenedAudience
from presscheck.wiring import read_settings
from tasks import (
    Audience,
    Campaign,
    Kept,
    deliver,
    describe_segment,
    hold_on_fault,
    open_campaign,
    require_audience,
    step,
    wait,
)
from tasks.holding import Hold, ended, this_run
from tests.desk.scene import write_audience
from tests.tasks.stage import MADE, seven_people
from tests.tasks.test_several import Play, Played, asks, message

pytestmark = pytest.mark.slow


@pytest.fixture
def play(project: Path, prefect: None) -> Iterator[Play]:
    staged: list[Played] = []
    MADE.clear()

    def begin(body: Callable[[], State]) -> Played:
        stage = Played(project)
        staged.append(stage)
        stage.body = body
        return stage

    yield begin
    for stage in staged:
        stage.close()


def opened() -> Campaign:
    return open_campaign(brief="brief.yaml", audience="segment.sql")


# ---------------------------------------------------------------- timers


def test_a_timer_of_the_name_that_a_second_one_would_get_is_a_timer_of_its_own(play: Play) -> None:
    def body() -> State:
        opened()
        for name in ("pilot", "pilot", "pilot-2"):
            wait("1h", name=name)
        return ended("Delivered", "")

    stage = play(body)
    assert stage.start() is None
    for hours in (1, 2):
        stage.later = timedelta(hours=hours, minutes=1)
        _worker_later(stage)
        assert stage.wake() is None, f"after {hours} hours there is another timer"
    stage.later = timedelta(hours=3, minutes=1)
    _worker_later(stage)

    assert message(stage.wake()) == ""
    assert len(stage.events(EventKind.TIMER_SET)) == 3


@pytest.mark.parametrize("name", ["a/b", "Jane Smith", "jane@example.com", "a.2", "x" * 81, "a\nb"])
def test_a_timer_is_called_by_no_name_that_could_be_a_persons_or_anothers(play: Play, name: str) -> None:
    def body() -> State:
        opened()
        wait("1h", name=name)
        return ended("Delivered", "")

    assert "that is no name; write lower-case words" in message(play(body).start())


# ---------------------------------------------------------------- results


class Counted(Kept):
    many: int

    @computed_field
    @property
    def twice(self) -> int:
        return self.many * 2


class Growing(Kept):
    many: int

    @field_validator("many")
    @classmethod
    def one_more(cls, many: int) -> int:
        return many + 1


class Loose(Kept):
    data: dict[str, Any]


class Names(Frozen):
    names: frozenset[str]


@step(effect="makes")
def counts(campaign: Campaign) -> Counted:
    MADE.append("counts")
    return Counted(many=2)


@step(effect="makes")
def grows(campaign: Campaign) -> Growing:
    MADE.append("grows")
    return Growing(many=1)


@step(effect="makes")
def hands_on(campaign: Campaign, *, data: dict[str, Any]) -> Loose:
    return Loose(data=data)


@step(effect="makes")
def greets(campaign: Campaign, *, whom: Names) -> Counted:
    return Counted(many=len(whom.names))


def test_what_is_computed_of_a_result_is_computed_again(play: Play) -> None:
    seen: list[Counted] = []

    def body() -> State:
        campaign = opened()
        seen.append(counts(campaign))
        return deliver(asks(campaign, "copy", seven_people(campaign)))

    stage = play(body)

    assert stage.start() is None
    assert stage.wake() is None
    assert [one.twice for one in seen] == [4, 4]
    assert MADE.count("counts") == 1


def test_a_result_that_would_be_read_back_as_another_is_not_kept(play: Play) -> None:
    stage = play(lambda: ended(str(grows(opened())), ""))

    assert "Growing reads it back as something else" in message(stage.start())
    assert stage.events(EventKind.STEP_RECORDED) == []


def test_a_users_dict_that_looks_like_a_float_stays_a_dict(play: Play) -> None:
    data = {"a": {"__float__": "1.5"}, "b": {"__float__": "many"}, "c": {"__plain__": {"__float__": 1.5}}, "d": -0.0}
    seen: list[dict[str, Any]] = []

    def body() -> State:
        seen.append(hands_on(opened(), data=data).data)
        return ended("Delivered", "")

    assert message(play(body).start()) == ""
    assert seen == [data]
    assert str(seen[0]["d"]) == "-0.0"


def test_a_set_within_an_argument_has_no_order_and_is_refused(play: Play) -> None:
    stage = play(lambda: ended(str(greets(opened(), whom=Names(names=frozenset({"a", "b"})))), ""))

    assert "whom: Names holds a set" in message(stage.start())


# ---------------------------------------------------------------- rows


@step(effect="makes")
def frame(campaign: Campaign) -> pl.DataFrame:
    return pl.DataFrame({"name": ["Ottoline Frob", "Bo"], "price": [1.5, None]})


@step(effect="makes")
def mixed(campaign: Campaign) -> pd.DataFrame:
    return pd.DataFrame({"who": [1, "Wilhelmina Quux"]})


@step(effect="makes")
def two_of_one_name(campaign: Campaign) -> pyarrow.Table:
    return pyarrow.table([[1], [2]], names=["a", "a"])


def test_rows_are_read_out_of_the_bytes_that_were_looked_at(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    named: list[Any] = []
    for module, name in ((pl, "read_parquet"), (pyarrow.parquet, "read_table")):
        monkeypatch.setattr(module, name, _told_of_paths(getattr(module, name), named))

    def body() -> State:
        table = frame(opened())
        seen.extend([table.polars().height, table.arrow().num_rows, len(table.pandas()), len(table.relation())])
        return ended("Delivered", "")

    assert message(play(body).start()) == ""
    assert seen == [2, 2, 2, 2]
    assert named == [], "by its name it could be another file at the second glance"


def test_a_pipe_in_the_place_of_rows_holds_the_run_and_keeps_nobody_waiting(play: Play) -> None:
    def body() -> State:
        table = frame(opened())
        path = read_settings().home / "tables" / f"{table.digest}.parquet"
        path.unlink()
        os.mkfifo(path)
        return ended(str(table.polars().height), "")

    assert "the rows of step frame cannot be read" in message(play(body).start())


def test_rows_that_parquet_cannot_hold_are_told_without_a_value_of_theirs(play: Play) -> None:
    told = message(play(lambda: ended(str(mixed(opened())), "")).start())

    assert "Conversion failed for column who" in told
    assert "Quux" not in told


def test_rows_that_are_refused_leave_no_file(play: Play, project: Path) -> None:
    told = message(play(lambda: ended(str(two_of_one_name(opened())), "")).start())

    assert "two columns of one name" in told
    assert list(project.rglob("*.parquet")) == []


def test_rows_and_a_pipes_worth_of_names_stay_out_of_prefects_store(play: Play, project: Path) -> None:
    def body() -> State:
        campaign = opened()
        assert frame(campaign).polars()["name"].to_list() == ["Ottoline Frob", "Bo"]
        return deliver(asks(campaign, "copy", seven_people(campaign)))

    stage = play(body)
    assert stage.start() is None
    stage.nodes()

    home = Path(PREFECT_HOME.value())
    stored = [path for path in home.rglob("*") if path.is_file()]
    assert stored, "Prefect keeps something"
    assert [path for path in stored if b"Frob" in path.read_bytes()] == []
    (table,) = (project / ".presscheck" / "tables").glob("*.parquet")
    assert (table.stat().st_mode & 0o777, table.parent.stat().st_mode & 0o777) == (0o600, 0o700)


# ---------------------------------------------------------------- order


def test_of_two_processes_that_come_to_two_things_at_one_place_the_first_is_kept(play: Play) -> None:
    other = play(lambda: ended("Delivered", ""))

    @step(effect="makes")
    def slow(campaign: Campaign) -> Counted:
        # Meanwhile a process with other code of the same run comes here, and is done.
        key = StepKey(run=this_run(), step="quick", inputs="0" * 64)
        with other.ledger("worker").write() as tx:
            record_step(tx, key, shape="any/1", payload={}, place=1)
        return Counted(many=1)

    stage = play(lambda: ended(str(slow(opened())), ""))

    assert "at place 1 it came to step quick, and now it comes to step slow" in message(stage.start())
    assert [event.subject.partition("/")[0] for event in stage.events(EventKind.STEP_RECORDED)] == ["quick"]


def test_a_body_that_prefect_tries_again_in_one_process_begins_at_its_first_place(play: Play) -> None:
    tries: list[int] = []

    def body() -> State:
        campaign = opened()
        counts(campaign)
        wait("1h") if tries else None
        tries.append(1)
        raise RuntimeError("broken once")

    class Retried(Played):
        def campaign(self) -> Flow[..., State]:
            @flow(name="played", retries=1)
            @hold_on_fault
            def played() -> State:
                return self.body()

            return played

    stage = play(body)
    stage.__class__ = Retried

    assert stage.start() is None, "the second try sleeps at its timer"
    assert (len(tries), MADE.count("counts")) == (1, 1)
    assert [event.data["place"] for event in stage.events(EventKind.TIMER_SET)] == [2]


@step(effect="changes")
def breaks(campaign: Campaign) -> Counted:
    MADE.append("breaks")
    raise RuntimeError("the shop is closed")


def test_a_body_that_catches_a_hold_comes_to_nothing_more(play: Play) -> None:
    def body() -> State:
        campaign = opened()
        with suppress(Hold):
            breaks(campaign)
        with suppress(Hold):
            counts(campaign)
        return deliver(asks(campaign, "copy", seven_people(campaign)))

    stage = play(body)

    assert "the run was held at step breaks, and its body went on to step audience" in message(stage.start())
    assert MADE == ["breaks"]
    assert stage.events(EventKind.REVIEW_OPENED, EventKind.STEP_RECORDED) == []


# ---------------------------------------------------------------- segments


def test_a_query_that_is_not_the_one_an_audience_was_screened_by_is_not_shown_beside_it(
    play: Play, project: Path
) -> None:
    (project / "segment.sql").write_text("-- Everybody who bought a tent.\nSELECT 1")

    def body() -> State:
        campaign = opened()
        people = seven_people(campaign).model_copy(update={"query": "0" * 64})
        return ended(describe_segment(campaign, people).words, "")

    assert "segment.sql is not the query that this audience was screened by" in message(play(body).start())


def test_a_query_that_is_edited_while_it_is_screened_freezes_nobody(
    play: Play, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "segment.sql").write_text("-- Everybody who bought a tent.\nSELECT 1")
    monkeypatch.setattr(tasks.screening, "screen_audience", _screened_and_edited)
    seen: list[Audience] = []

    def body() -> State:
        campaign = opened()
        seen.append(require_audience(campaign))
        return ended(describe_segment(campaign, seen[-1]).words, "")

    stage = play(body)

    assert "was edited while its audience was screened" in message(stage.start())
    assert stage.events(EventKind.AUDIENCE_FROZEN) == []
    done = stage.wake()
    assert done is not None
    assert done.name == "Everybody who bought a boat."


def _screened_and_edited(segment: Path, **_: Any) -> ScreenedAudience:
    segment.write_text("-- Everybody who bought a boat.\nSELECT 1")
    home = read_settings().home
    (home / "none.html").write_text("")
    digest = write_audience(home, 7)
    files = dict.fromkeys(("exceptions_path", "report", "report_data"), str(home / "none.html"))
    told: dict[str, Any] = {"suite": "recipients", "suite_version": "0" * 64, "certified": True, **files}
    return ScreenedAudience(
        digest=digest,
        rows=7,
        candidates=7,
        exception_rows=0,
        exceptions={},
        path=str(home / "audiences" / f"{digest}.parquet"),
        as_of=datetime.now(UTC),
        **told,
    )


def _told_of_paths(plain: Callable[..., Any], named: list[Any]) -> Callable[..., Any]:
    def read(source: Any, *given: Any, **more: Any) -> Any:
        if isinstance(source, str | Path):
            named.append(source)
        return plain(source, *given, **more)

    return read


def _worker_later(stage: Played) -> None:
    """The worker's clock is the stage's."""
    from tasks import house

    house.ledger().clock = lambda: datetime.now(UTC) + stage.later

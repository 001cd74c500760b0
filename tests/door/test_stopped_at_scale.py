"""What was stopped of two hundred runs is read by as many questions as of one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert, select, update

from presscheck.desk.stops import stops_of_runs, stops_over
from presscheck.ledger import EventKind, tables
from presscheck.ledger.assets import put_asset
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.reviews import open_review, reviews_of_run
from presscheck.ledger.versions import line_of, record_revert
from presscheck.models import Question
from tests.desk.scene import Scene
from tests.door.test_stopped import _next_version, stop


def runs_like_it(scene: Scene, count: int) -> list[str]:
    """Runs that asked what the scene's run asked."""
    found = [f"6f0c6a52-0000-4000-8001-{number:012d}" for number in range(count)]
    with scene.ledgers.worker.write() as tx:
        for run in found:
            open_campaign(tx, run, campaign="product-launch", brief=scene.brief_asset.digest)
            question = Question.model_validate({**scene.question.model_dump(), "run": run})
            for asset in scene.assets:
                put_asset(tx, asset, run=run)
            open_review(tx, question, expires_at=tx.now + timedelta(days=7))
    return found


def paused(scene: Scene, _runs: list[str]) -> None:
    stop(scene, "product-launch")


def one_run_paused(scene: Scene, runs: list[str]) -> None:
    stop(scene, runs[0])


def brought_back(scene: Scene, _runs: list[str]) -> None:
    later = _next_version(scene)
    with scene.ledgers.door.write() as tx:
        line = line_of(tx, later)
        record_revert(tx, line, line[0], person="P-eva", reason="voice")


def recalled(scene: Scene, runs: list[str]) -> None:
    body = {"person": "P-ana", "role": "brand_lead", "reason": "factual"}
    with scene.ledgers.door.write() as tx:
        for number, run in enumerate(runs):
            tx.append(EventKind.RECALL_DECIDED, f"D-{number:012d}", body, run=run)


@contextmanager
def counted(scene: Scene) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = scene.ledgers.door.engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [paused, one_run_paused, brought_back, recalled])
def test_a_list_of_runs_takes_as_many_questions_as_one_run_and_says_the_same(
    sqlite_ledgers: Any, stopped: Callable[[Scene, list[str]], None]
) -> None:
    scene = Scene(sqlite_ledgers)
    runs = runs_like_it(scene, 30)
    stopped(scene, runs)

    with sqlite_ledgers.door.read() as tx, counted(scene) as of_one:
        stops_of_runs(tx, runs[:1])
    with sqlite_ledgers.door.read() as tx, counted(scene) as of_all:
        told = stops_of_runs(tx, runs)
    with sqlite_ledgers.door.read() as tx:
        one_by_one = {run: stops_over(tx, review) for run in runs for review in reviews_of_run(tx, run)}

    assert len(of_all) <= len(of_one) + 1 <= 14
    assert told == {run: stops for run, stops in one_by_one.items() if stops}
    assert told[runs[0]]


def test_a_planted_question_takes_nothing_from_the_other_runs_of_a_list(sqlite_ledgers: Any) -> None:
    scene = Scene(sqlite_ledgers)
    runs = runs_like_it(scene, 3)
    paused(scene, runs)
    table = tables.reviews
    with sqlite_ledgers.worker.write() as tx:
        row = dict(tx.execute(select(table).where(table.c.run == runs[0])).mappings().one())
        tx.execute(insert(table), row | {"id": "R-000000000000"})
        tx.execute(update(table).where(table.c.run == runs[1]).values(question="{}"))

    with sqlite_ledgers.door.read() as tx:
        told = stops_of_runs(tx, runs)

    # Of the second, whose question nobody can read any more, the campaign is paused as well.
    assert {run: [stop.kind for stop in stops] for run, stops in told.items()} == {run: ["paused"] for run in runs}

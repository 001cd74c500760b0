"""Steps: made once, read ever after, held where what is read is not what was made."""

import sqlite3
import threading
from typing import Any, ClassVar

import pytest
from prefect import flow
from prefect.client.schemas.objects import StateType
from sqlalchemy import event, text

from presscheck.ledger import EventKind
from presscheck.ledger.steps import StepKey, find_step
from presscheck.models import Outcome, OutcomeStatus
from presscheck.providers.offline import OfflineCopywriter
from tasks import Kept, Made, house, steps
from tasks.campaign import Campaign
from tasks.steps import _identity, step
from tests.tasks.stage import Stage

pytestmark = pytest.mark.slow


class Number(Kept):
    shape: ClassVar[str] = "number/1"

    value: int


def test_a_result_of_another_shape_holds_the_campaign_instead_of_making_it_again(stage: Stage) -> None:
    stage.start()
    drafted = stage.events(EventKind.ASSET_DRAFTED)
    stage.spoil("UPDATE steps SET shape = 'drafts/0' WHERE step = 'draft'")

    ended = stage.wake()

    assert ended is not None
    assert (ended.type, ended.name) == (StateType.FAILED, "Held")
    assert "drafts/0" in (ended.message or "")
    assert stage.events(EventKind.ASSET_DRAFTED) == drafted


def test_a_result_that_was_altered_holds_the_campaign(stage: Stage) -> None:
    stage.start()
    stage.spoil("UPDATE steps SET payload = replace(payload, '\"rows\":7', '\"rows\":9') WHERE step = 'audience'")

    ended = stage.wake()

    assert ended is not None
    assert ended.name == "Held"
    assert "not what the worker recorded" in (ended.message or "")


def test_a_disk_that_fills_up_while_drafting_holds_the_campaign_and_drafts_whole_once_there_is_room(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafting: list[str] = []
    write = OfflineCopywriter.write

    def writing(*args: Any, **more: Any) -> Any:
        drafting.append("now")
        return write(*args, **more)

    # SQLite gives the same error for a page too many as for a disk without room.
    def no_room(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages if drafting else 4_000_000}")

    engine = house.ledger().engine
    # Pages that a migration left free would be room after all.
    with sqlite3.connect(stage.project / ".presscheck" / "ledger.db") as database:
        database.execute("VACUUM")
    event.listen(engine, "begin", no_room)
    with monkeypatch.context() as patched:
        patched.setattr(OfflineCopywriter, "write", writing)
        ended = stage.start()
    kept = stage.events(EventKind.ASSET_DRAFTED)
    event.remove(engine, "begin", no_room)
    with house.ledger().write() as tx:
        tx.execute(text("PRAGMA max_page_count = 4000000"))

    assert drafting == ["now"]
    assert ended is not None
    assert ended.name == "Held"
    assert "make room" in (ended.message or "")
    assert len(kept) == 1, "the brief, which was read before the disk was full"
    assert stage.door.verify().sound
    assert stage.wake() is None
    assert len(stage.events(EventKind.ASSET_DRAFTED)) == len(kept) + 4


def test_a_draft_that_was_altered_holds_the_campaign_when_it_is_checked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "find_step", _spoiling(stage))

    ended = stage.start()

    assert ended is not None
    assert ended.name == "Held"
    assert stage.events(EventKind.REVIEW_OPENED) == []


def _spoiling(stage: Stage):
    """`find_step` that lets somebody alter the drafts' words just before they are checked."""

    def find(tx, key, *, shape):
        if key.step == "check":
            stage.spoil("UPDATE assets SET content = replace(content, 'rain', 'snow') WHERE kind = 'copy'")
        return find_step(tx, key, shape=shape)

    return find


def test_of_two_racing_attempts_one_result_is_kept_and_both_go_on_with_it(stage: Stage) -> None:
    results: list[int] = []
    writes: list[int] = []
    meet = threading.Barrier(2, timeout=60)
    numbers = iter((1, 2))

    @step("race", effect="makes")
    def race(campaign: Campaign) -> Made[Number]:
        mine = next(numbers)
        meet.wait()
        return Made(Number(value=mine), keep=lambda tx: writes.append(mine))

    @flow(name="racing")
    def racing(campaign: Campaign) -> None:
        results.append(race(campaign).value)

    stage.start()
    with stage.door.read() as tx:
        opened = tx.events(EventKind.CAMPAIGN_OPENED)[0]
    campaign = Campaign.model_construct(
        run=str(stage.id), name="racing", brief_digest=opened.data["brief"], brief=None, product=None, audience=""
    )
    attempts = [threading.Thread(target=racing, args=(campaign,)) for _ in range(2)]
    for attempt in attempts:
        attempt.start()
    for attempt in attempts:
        attempt.join(timeout=120)

    assert len(results) == 2
    assert len(set(results)) == 1
    assert writes == [results[0]]
    recorded = [event for event in stage.events(EventKind.STEP_RECORDED) if event.subject.startswith("race/")]
    assert len(recorded) == 1


def test_a_round_and_a_partition_are_of_the_key_and_other_arguments_of_its_inputs() -> None:
    @step("keyed", effect="makes")
    def keyed(campaign: Campaign, *, count: int, round: int = 1, partition: str = "") -> Made[Number]:
        return Made(Number(value=count))

    campaign = Campaign.model_construct(run="r", name="n", brief_digest="0" * 64, brief=None, product=None, audience="")
    kept = next(cell.cell_contents for cell in keyed.__closure__ if isinstance(cell.cell_contents, steps._Step))

    first: StepKey = kept._key(campaign, count=1, round=2, partition="a")

    assert (first.run, first.step, first.round, first.partition) == ("r", "keyed", 2, "a")
    assert kept._key(campaign, count=1).inputs == first.inputs
    assert kept._key(campaign, count=2).inputs != first.inputs


def test_an_answer_counts_as_input_by_its_review_and_not_by_its_note() -> None:
    one = Outcome(status=OutcomeStatus.CHANGES, review="R-1", person_name="ana", note="Warmer.")
    erased = Outcome(status=OutcomeStatus.CHANGES, review="R-1", person_name="", note="")
    other = Outcome(status=OutcomeStatus.CHANGES, review="R-2", note="Warmer.")

    assert _identity(one) == _identity(erased)
    assert _identity(one) != _identity(other)

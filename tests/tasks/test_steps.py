"""Steps: made once, read ever after, held where what is read is not what was made."""

import json
import os
import re
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect import Flow, State, flow
from prefect.client.schemas.objects import StateType
from sqlalchemy import event, text

from presscheck.documents.own_code import short
from presscheck.ledger import EventKind, verify
from presscheck.ledger.steps import StepKey, find_step
from presscheck.models import Outcome, OutcomeStatus
from presscheck.providers.offline import OfflineCopywriter
from presscheck.settings import Settings
from presscheck.settings.secrets import without_secrets
from tasks import Kept, Made, hold_on_fault, house, open_campaign, steps
from tasks.holding import ended
from tasks.opening import Campaign
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
    assert verify(stage.door).sound
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

    def key(campaign: Campaign, **given: Any) -> StepKey:
        return kept._key(kept.bound(campaign, (), given).arguments)

    first = key(campaign, count=1, round=2, partition="a")

    assert (first.run, first.step, first.round, first.partition) == ("r", "keyed", 2, "a")
    assert key(campaign, count=1).inputs == first.inputs
    assert key(campaign, count=2).inputs != first.inputs
    assert key(campaign.model_copy(update={"round": 3}), count=1).round == 3
    assert key(campaign.model_copy(update={"part": "another"}), count=1).inputs != first.inputs


def test_an_answer_counts_as_input_by_its_review_and_not_by_its_note() -> None:
    one = Outcome(status=OutcomeStatus.CHANGES, review="R-1", person_name="ana", note="Warmer.")
    erased = Outcome(status=OutcomeStatus.CHANGES, review="R-1", person_name="", note="")
    other = Outcome(status=OutcomeStatus.CHANGES, review="R-2", note="Warmer.")

    assert _identity(one) == _identity(erased)
    assert _identity(one) != _identity(other)


# ---------------------------------------------------------------- what a step raises

TRIED: list[str] = []


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def fails(how: str) -> Any:
    TRIED.append(how)
    match how:
        case "KeyError":
            return {}["colour"]
        case "exit":
            return sys.exit("done")
        case "library":
            return json.loads("{")
        case "unprintable":
            raise Unprintable
        case "secret":
            raise ConnectionError(
                "401 for postgresql://shop:hunter2hunter2@db/x, Bearer abcdef0123456789, ana@shop.example"
            )
        case "own secret":
            raise ConnectionError(f"refused {os.environ['SHOP_API_KEY']} and {quote(os.environ['SHOP_API_KEY'])}")
        case _:
            return how


@step("colours", effect="makes")
def colours(campaign: Campaign, how: str) -> Made[Number]:
    return fails(how)


@flow(name="failing")
@hold_on_fault
def failing(how: str) -> State:
    colours(open_campaign(brief="brief.yaml", audience="segment.sql"), how)
    return ended("Delivered", "it did not fail")


class Failing(Stage):
    def campaign(self) -> Flow[..., State]:
        return failing


@pytest.fixture
def failed(project: Path, prefect: None) -> Iterator[Failing]:
    TRIED.clear()
    staged = Failing(project)
    yield staged
    staged.close()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("KeyError", r"""step colours raised KeyError: 'colour' at “return {}\["colour"\]”"""),
        ("exit", "step colours raised SystemExit: done at “return sys.exit"),
        ("library", "step colours raised JSONDecodeError: .* at “return json.loads"),
        ("unprintable", "step colours raised Unprintable: its text cannot be read at “raise Unprintable”"),
    ],
)
def test_what_a_step_raises_holds_the_run_with_step_file_and_line_and_is_tried_once(
    failed: Failing, how: str, said: str
) -> None:
    held = failed.start(how=how)

    assert held is not None
    assert (held.type, held.name) == (StateType.FAILED, "Held")
    assert re.match(rf"{re.escape(short(__file__, failed.project))}:\d+: {said}", held.message or ""), held.message
    assert (held.message or "").endswith("; nothing of it was kept. Mend it and press Retry")
    assert [how] == TRIED
    assert failed.events(EventKind.STEP_RECORDED) == []
    assert failed.nodes()["colours"].state_name == "Held"
    assert [event.data["ending"] for event in failed.events(EventKind.CAMPAIGN_ENDED)] == ["held"]


@pytest.mark.parametrize("how", ["secret", "own secret"])
def test_no_secret_and_no_address_in_what_a_step_raises_is_shown_or_logged(
    failed: Failing, how: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SHOP_API_KEY", "k/3y of the shop")

    held = failed.start(how=how)

    assert held is not None
    shown = f"{held.message}\n{caplog.text}"
    assert "ConnectionError" in shown
    assert "Traceback" in shown, "whoever mends it needs the way there"
    for secret in ("hunter2hunter2", "abcdef0123456789", "ana@shop.example", "k/3y of", "k/3y%20of", "k%2F3y"):
        assert secret not in shown


def test_a_step_that_returns_no_result_of_its_type_is_held(failed: Failing) -> None:
    held = failed.start(how="a text")

    assert held is not None
    assert held.name == "Held"
    assert "step colours returned str; write return Made(Number(...))" in (held.message or "")


def test_an_argument_without_a_digest_holds_the_run_at_the_line_of_the_call(failed: Failing) -> None:
    @flow(name="shares")
    @hold_on_fault
    def shares() -> State:
        colours(open_campaign(brief="brief.yaml", audience="segment.sql"), 1j)  # pyright: ignore[reportArgumentType]
        return ended("Delivered", "")

    failed.campaign = lambda: shares

    held = failed.start()

    assert held is not None
    assert held.name == "Held"
    assert re.search(r"test_steps\.py:\d+: step colours: how: a complex has no digest", held.message or "")
    assert TRIED == []


@pytest.mark.parametrize(
    "text",
    [
        "SHOP_API_KEY='s3cr3t-value'",
        "api_key=s3cr3t-value&page=2",
        '{"password": "s3cr3t-value", "user": "x"}',
        "Authorization: Basic s3cr3t-value",
        "Authorization: Bearer s3cr3t-value",
        "https://shop:s3cr3t-value@host/path",
        "redis://:s3cr3t-value@host",
        "postgresql://shop:p@ss/s3cr3t-value@host/x",
        "client = Shop(token='s3cr3t-value')",
        "passwd : s3cr3t-value",
        "key sk-live-s3cr3t-value was refused",
        "sent with s3cr3t-of-the-file inside",
        "sent with s3cr3t-of%2Fthe%2Fpath inside",
    ],
)
def test_what_is_written_like_a_secret_is_hidden_and_the_rest_is_left(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "database-shop").write_text("s3cr3t-of-the-file\n")
    (tmp_path / "secrets" / "smtp").write_text("s3cr3t-of/the/path\n")
    settings = Settings(project=tmp_path, secrets=Path("secrets")).resolved()

    told = without_secrets(settings, f"KeyError: 'colour' in row 7; {text}; at 12:30")

    assert "s3cr3t" not in told
    assert "•••" in told
    assert told.startswith("KeyError: 'colour' in row 7; ")


@given(st.text(max_size=400))
def test_hiding_secrets_takes_any_text_and_doing_it_again_changes_nothing(text: str) -> None:
    settings = Settings(project=Path(__file__).parent, secrets=Path("no-secrets")).resolved()

    once = without_secrets(settings, text)

    assert without_secrets(settings, once) == once

"""A run with several campaigns, rounds, timers and rows: each is its own, and is found again at every wake."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow
import pytest
from prefect import Flow, State, flow

from presscheck.errors import CodeError
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import Wakes, reviews_of_run
from presscheck.models import Copy, Decision, Question
from presscheck.wiring import read_settings
from tasks import (
    Audience,
    Campaign,
    Kept,
    Made,
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    picked,
    propose,
    rounds,
    send,
    split,
    step,
    wait,
)
from tasks.holding import ended
from tests.tasks.stage import MADE, Stage, seven_people

pytestmark = pytest.mark.slow
COUNTED: list[str] = []


class Number(Kept):
    value: float


Play = Callable[[Callable[[], State]], "Played"]


class Played(Stage):
    """A stage for a flow that a test writes; its body may be edited while the run sleeps."""

    body: Callable[[], State]

    def campaign(self) -> Flow[..., State]:
        @flow(name="played")
        @hold_on_fault
        def played() -> State:
            return self.body()

        return played

    def edit(self, body: Callable[[], State]) -> State | None:
        """Other code, and a wake."""
        self.body = body
        return self.wake()

    def yes(self, *picks: str) -> None:
        decided = self.answer(picks=list(picks or ("V01",)))
        assert isinstance(decided, Decision), decided

    def press_did(self, at: int = -1, **said: Any) -> None:
        with self.press.write() as tx:
            body = {"sent": 1, **said}
            tx.append(EventKind.DELIVERY_COMPLETED, self.deliveries()[at].subject, body, run=str(self.id))


@pytest.fixture
def play(project: Path, prefect: None) -> Iterator[Play]:
    staged: list[Played] = []
    MADE.clear()

    def begin(body: Callable[[], State]) -> Played:
        stage = Played(project)
        brief = (project / "brief.yaml").read_text()
        (project / "both.yaml").write_text(brief.replace("channel: email", "channel: [email, social]"))
        staged.append(stage)
        stage.body = body
        return stage

    yield begin
    for stage in staged:
        stage.close()


def message(state: State | None) -> str:
    assert state is not None, "the run sleeps"
    return state.message or ""


def asks(campaign: Campaign, gate: str, recipients: Audience) -> Any:
    choices = check_variants(campaign, draft_variants(campaign, count=3))
    return await_decision(propose(campaign, choices, recipients), gate=gate)


EVERYBODY = Audience(digest=None, rows=0, candidates=0, exceptions={}, report="")


# ---------------------------------------------------------------- several campaigns


def test_a_brief_of_two_channels_is_two_campaigns_and_each_is_delivered_under_its_own_yes(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="both.yaml", audience="segment.sql", channel="email")
        posts = open_campaign(brief="both.yaml", channel="social")
        first = asks(mail, "copy", seven_people(mail))
        second = asks(posts, "posts", EVERYBODY)
        return deliver(first, second, patience_seconds=0)

    stage = play(body)
    assert stage.start() is None
    stage.yes()
    assert stage.wake() is None
    stage.yes("V02")
    assert stage.wake() is None

    first, second = stage.deliveries()
    questions = _questions(stage)
    assert [question.channel for question in questions] == ["email", "social"]
    assert len({question.brief for question in questions}) == 2
    assert {"draft variants, round 1", "draft variants, round 1, social"} <= set(stage.nodes())
    assert first.data["manifest"] != second.data["manifest"]
    stage.press_did(0)
    stage.press_did(1)
    done = stage.wake()
    assert done is not None
    assert done.name == "Delivered"
    assert first.subject in message(done)
    assert second.subject in message(done)


def test_a_second_campaign_gets_drafts_of_its_own_and_a_second_segment_people_of_its_own(play: Play) -> None:
    seen: list[Any] = []

    def body() -> State:
        first = open_campaign(brief="brief.yaml", audience="segment.sql")
        other = open_campaign(brief="brief.yaml", audience="others.sql")
        same = open_campaign(brief="brief.yaml", audience="segment.sql")
        seen.append((first.part, other.part, same.part))
        for one in (first, other, same, first.for_segment("others.sql"), first.for_segment("thirds.sql")):
            counted(one)
        return ended("Delivered", "")

    stage = play(body)
    stage.start()

    ((first, other, same),) = seen
    assert (first, same) == (None, None)
    assert other
    assert COUNTED == ["segment.sql", "others.sql", "thirds.sql"]


@step(effect="targets")
def counted(campaign: Campaign) -> Made[Number]:
    COUNTED.append(campaign.audience)
    return Made(Number(value=len(COUNTED)))


def test_what_a_run_is_opened_with_beside_the_first_is_read_once_too(play: Play, project: Path) -> None:
    titles: list[str] = []

    def body() -> State:
        open_campaign(brief="brief.yaml", audience="segment.sql")
        posts = open_campaign(brief="both.yaml", channel="social")
        titles.append(posts.brief.title)
        asks(posts, "posts", EVERYBODY)
        return ended("Delivered", "")

    stage = play(body)
    stage.start()
    (project / "both.yaml").write_text((project / "both.yaml").read_text().replace("Spring launch", "Winter"))
    stage.wake()

    assert titles == ["Spring launch", "Spring launch"]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "channel: names several: email, social; say which"),
        ({"channel": "sms"}, "is email or social, and the flow asks for sms"),
        ({"channel": "email", "language": "de"}, "language: is None, and the flow asks for de"),
        ({"channel": "email", "language": "deutsch"}, "is no language tag of BCP 47"),
    ],
)
def test_a_channel_or_language_that_the_brief_does_not_name_holds(play: Play, named: Any, said: str) -> None:
    stage = play(lambda: ended(open_campaign(brief="both.yaml", **named).name, ""))

    assert said in message(stage.start())


def test_people_who_get_one_delivery_are_asked_about_for_no_second(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        people = seven_people(mail)
        first = asks(mail, "pilot", people)
        send(first, patience_seconds=0)
        again = check_variants(mail, picked(first))
        return deliver(await_decision(propose(mail, again, people), gate="rollout"), patience_seconds=0)

    stage = play(body)
    stage.start()
    stage.yes()
    assert stage.wake() is None
    stage.press_did(sent=7)

    said = message(stage.wake())

    assert "nobody is asked: 7 recipients of it get what the gate pilot approved in this run" in said


def test_what_was_picked_is_asked_about_again_for_others(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        cells = split(mail, seven_people(mail), {"pilot": 30}, hold_out=14)
        first = asks(mail, "pilot", cells["pilot"])
        send(first, patience_seconds=0)
        again = check_variants(mail, picked(first))
        return deliver(await_decision(propose(mail, again, cells["rest"]), gate="rollout"), patience_seconds=0)

    stage = play(body)
    stage.start()
    stage.yes("V02")
    stage.wake()
    stage.press_did(sent=2)
    assert stage.wake() is None

    pilot, rollout = _questions(stage)
    assert (pilot.audience_rows, rollout.audience_rows) == (2, 4)
    assert [one.asset for one in rollout.proposals] == [pilot.proposals[1].asset]
    (made,) = stage.events(EventKind.AUDIENCE_SPLIT)
    assert {name: cell["rows"] for name, cell in made.data["cells"].items()} == {"pilot": 2, "hold-out": 1, "rest": 4}
    assert made.data["hold_out"] == "hold-out"


# ---------------------------------------------------------------- rounds


def test_changes_wanted_make_another_round_whose_drafts_know_the_answer(play: Play) -> None:
    turns: list[tuple[int, str]] = []

    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        people = seven_people(mail)
        for turn in rounds(mail):
            turns.append((turn.round, turn.answer.note if turn.answer else ""))
            answer = asks(turn, "copy", people)
        return deliver(answer, patience_seconds=0)

    stage = play(body)
    stage.start()
    stage.answer(decision="Request changes", reason="voice", note="Shorter.")
    assert stage.wake() is None

    first, second = _questions(stage)
    assert (first.round, second.round, second.previous) == (1, 2, stage.review().question.previous)
    assert first.proposals != second.proposals
    assert turns == [(1, ""), (1, ""), (2, "Shorter.")]
    stage.answer(decision="Reject", reason="voice", note="No.")
    done = stage.wake()
    assert done is not None
    assert done.name == "Rejected"


def test_rounds_come_to_an_end_and_what_still_wants_changes_is_held(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        people = seven_people(mail)
        for turn in rounds(mail, most=1):
            answer = asks(turn, "copy", people)
        return deliver(answer)

    stage = play(body)
    stage.start()
    stage.answer(decision="Request changes", reason="voice", note="Shorter.")

    assert "no round is left" in message(stage.wake())


def test_a_round_in_which_nobody_was_asked_holds(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        for turn in rounds(mail):
            draft_variants(turn, count=2)
        return ended("Delivered", "")

    assert "nobody was asked in round 1 of rounds(campaign)" in message(play(body).start())


# ---------------------------------------------------------------- timers


def test_a_run_sleeps_until_its_time_whoever_wakes_it_and_goes_on_then(play: Play) -> None:
    def body() -> State:
        open_campaign(brief="brief.yaml", audience="segment.sql")
        wait("24h")
        return ended("Delivered", "It is tomorrow.")

    stage = play(body)
    assert stage.start() is None
    assert stage.wake() is None
    bell = Wakes()
    with stage.door.read() as tx:
        assert bell.unread(tx) == []
    stage.later = timedelta(hours=23, minutes=59)
    with stage.door.read() as tx:
        assert bell.unread(tx) == []
    stage.later = timedelta(hours=24, seconds=5)
    with stage.door.read() as tx:
        assert bell.unread(tx) == [(str(stage.id), f"{stage.id}/wait/24h")]


def test_a_timer_keeps_its_first_moment_and_two_of_one_length_are_two(play: Play) -> None:
    def body(lasts: str = "1h") -> Callable[[], State]:
        def sleeps() -> State:
            open_campaign(brief="brief.yaml", audience="segment.sql")
            wait(lasts, name="pilot")
            wait(lasts, name="pilot")
            return ended("Delivered", "")

        return sleeps

    stage = play(body())
    stage.start()
    (first,) = stage.events(EventKind.TIMER_SET)

    assert stage.edit(body("2h")) is None

    assert stage.events(EventKind.TIMER_SET) == [first]
    assert first.data["name"] == "pilot"


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        ("365d", "a run sleeps 90 days at most"),
        ("a day", "that is no time; write"),
        (24, "that is no time"),
        ("0h", "no time"),
    ],
)
def test_what_is_no_time_or_too_long_holds_at_once_at_its_line(play: Play, lasts: Any, said: str) -> None:
    def body() -> State:
        open_campaign(brief="brief.yaml", audience="segment.sql")
        wait(lasts)
        return ended("Delivered", "")

    told = message(play(body).start())

    assert said in told
    assert re.match(r"tests/tasks/test_several\.py:\d+: ", told)
    assert told.endswith("(at “wait(lasts)”)")


def test_a_step_that_is_called_outside_of_a_campaign_is_told_at_its_line() -> None:
    campaign = Campaign.model_construct(run="r", name="n", brief_digest="0" * 64, brief=None, product=None, audience="")

    with pytest.raises(CodeError, match=r"test_several\.py:\d+: step halves: was called outside of a campaign"):
        halves(campaign, share=1.0)


# ---------------------------------------------------------------- the order of the body


def two_steps(*names: str, count: int = 1) -> Callable[[], State]:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        people = seven_people(mail)
        for name in names:
            STEPS[name](mail, count=count)
        return deliver(asks(mail, "copy", people), patience_seconds=0)

    return body


def _makes(name: str, **more: Any) -> Any:
    @step(name, effect="makes", **more)
    def make(campaign: Campaign, *, count: int) -> Number:
        MADE.append(name)
        return Number(value=count / 2)

    return make


STEPS: dict[str, Any] = {
    **{name: _makes(name) for name in ("red", "blue", "green")},
    "crimson": _makes("crimson", was="red"),
}


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (two_steps("blue", "red"), "at place 2 it came to step red, and now it comes to step blue"),
        (two_steps("blue"), "at place 2 it came to step red, and now it comes to step blue"),
        (two_steps("green", "red", "blue"), "at place 2 it came to step red, and now it comes to step green"),
        (two_steps("red"), "at place 3 it came to step blue, and now it comes to step draft"),
        (two_steps("red", "blue", "green"), "at place 4 it came to step draft, and now it comes to step green"),
        (two_steps("red", "blue", count=2), "step red is given something else than when it was made"),
        (two_steps("green", "blue"), 'write @step(was="red")'),
    ],
)
def test_a_body_that_was_edited_to_come_to_something_else_is_held_and_makes_nothing(
    play: Play, edited: Callable[[], State], said: str
) -> None:
    stage = play(two_steps("red", "blue"))
    stage.start()
    made = list(MADE)

    held = stage.edit(edited)

    assert said in message(held)
    assert made == MADE
    assert stage.edit(two_steps("red", "blue")) is None, "with the code put back it goes on"


def test_a_step_that_says_what_it_was_called_is_not_made_again(play: Play) -> None:
    stage = play(two_steps("red", "blue"))
    stage.start()
    made = list(MADE)

    assert stage.edit(two_steps("crimson", "blue")) is None
    assert made == MADE


def test_steps_in_a_flow_that_the_campaign_calls_are_counted_with_its_own(play: Play) -> None:
    @flow(name="inner")
    @hold_on_fault
    def inner(mail: Campaign) -> State:
        STEPS["red"](mail, count=1)
        return ended("Delivered", "")

    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        people = seven_people(mail)
        inner(mail)
        STEPS["blue"](mail, count=1)
        return deliver(asks(mail, "copy", people), patience_seconds=0)

    stage = play(body)
    stage.start()
    made = list(MADE)

    assert stage.wake() is None
    assert made == MADE


def test_what_the_run_has_not_come_to_yet_may_be_edited(play: Play) -> None:
    def then(words: str) -> Callable[[], State]:
        def body() -> State:
            mail = open_campaign(brief="brief.yaml", audience="segment.sql")
            asks(mail, "copy", seven_people(mail))
            STEPS["red" if words == "first" else "green"](mail, count=1)
            return ended("Delivered", words)

        return body

    stage = play(then("first"))
    stage.start()
    stage.yes()

    assert message(stage.edit(then("second"))) == "second"
    assert "green" in MADE


# ---------------------------------------------------------------- what a step returns


def _returns(value: Callable[[], Any], hint: Any) -> Any:
    def make(campaign: Campaign) -> Any:
        MADE.append("rows")
        return value()

    make.__annotations__["return"] = hint
    return step("rows", effect="makes")(make)


def _relation() -> Any:
    return duckdb.sql("SELECT * FROM (VALUES ('a', 1.5::DOUBLE), ('b', NULL)) AS t(sku, price)")


_COLUMNS = {"sku": ["a", "b"], "price": [1.5, None]}
FRAMES: dict[str, Any] = {
    "polars": _returns(lambda: pl.DataFrame(_COLUMNS), pl.DataFrame),
    "lazy": _returns(lambda: pl.LazyFrame(_COLUMNS), pl.LazyFrame),
    "pandas": _returns(lambda: pd.DataFrame(_COLUMNS), pd.DataFrame),
    "arrow": _returns(lambda: pyarrow.table(_COLUMNS), pyarrow.Table),
    "duckdb": _returns(_relation, duckdb.DuckDBPyRelation),
}


def about_rows(make: Any, seen: list[Any], *, read: bool = False) -> Callable[[], State]:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        table = make(mail)
        seen.append(table)
        first = asks(mail, "copy", seven_people(mail))
        if read:
            table.polars()
        again = check_variants(mail, picked(first))
        second = propose(mail, again, seven_people(mail), besides=["copy"])
        return deliver(await_decision(second, gate="rollout"))

    return body


@pytest.mark.parametrize("name", FRAMES)
def test_rows_are_kept_by_digest_and_are_part_of_the_question(play: Play, name: str) -> None:
    seen: list[Any] = []
    stage = play(about_rows(FRAMES[name], seen))

    assert stage.start() is None
    assert stage.wake() is None

    assert MADE.count("rows") == 1, "a wake makes no rows again"
    table = seen[-1]
    assert (table.rows, table.step, list(dict(table.columns))) == (2, "rows", ["sku", "price"])
    (used,) = stage.review().question.tables
    assert (used.digest, used.rows, used.step) == (table.digest, 2, "rows")
    assert table.polars().to_dicts() == [{"sku": "a", "price": 1.5}, {"sku": "b", "price": None}]
    assert table.arrow().num_rows == len(table.pandas()) == len(table.relation()) == 2
    with stage.door.read() as tx:
        assert r"It rests on rows that this run made\: rows" in stage.desk.form(tx, stage.review()).description


@pytest.mark.parametrize("read", [True, False], ids=["by a step that reads them", "before anybody is asked"])
def test_rows_that_were_changed_between_two_gates_hold_the_run(play: Play, read: bool) -> None:
    seen: list[Any] = []
    stage = play(about_rows(FRAMES["polars"], seen, read=read))
    stage.start()
    stage.yes()
    path = read_settings().home / "tables" / f"{seen[0].digest}.parquet"
    pl.DataFrame({"sku": ["a", "c"], "price": [9.5, None]}).write_parquet(path)

    assert "the rows of step rows were changed since they were made" in message(stage.wake())


def test_rows_that_are_gone_hold_the_run(play: Play) -> None:
    seen: list[Any] = []
    stage = play(about_rows(FRAMES["polars"], seen))
    stage.start()
    stage.yes()
    (read_settings().home / "tables" / f"{seen[0].digest}.parquet").unlink()

    assert "the rows of step rows are gone" in message(stage.wake())


@pytest.mark.parametrize(
    ("value", "hint", "said"),
    [
        (None, pl.DataFrame, "step rows returned NoneType, which has no rows"),
        ([1, 2], pl.DataFrame, "step rows returned list, which has no rows"),
        (pl.DataFrame(), pl.DataFrame, "a table without columns"),
        (pd.DataFrame({"a": [1, "x", object()]}), pd.DataFrame, "cannot be kept as Parquet"),
        (None, Number, r"step rows returned NoneType; write return Number(...)"),
        (Number(value=float("nan")), Number, "nan is no number"),
        ((one for one in range(3)), list[Copy], "step rows returned generator"),
        ([], list[Copy], "returned no text"),
        ([Copy(channel="sms", body="Hello.")], list[Copy], "returned sms copy, and the brief's channel is email"),
    ],
)
def test_a_step_that_returns_something_else_is_held_with_file_line_and_what_to_write(
    play: Play, value: Any, hint: Any, said: str
) -> None:
    stage = play(lambda: ended(str(_returns(lambda: value, hint)(open_campaign(brief="brief.yaml"))), ""))

    told = message(stage.start())

    assert said in told
    assert re.match(r"tests/tasks/test_several\.py:\d+|.*test_several\.py:\d+", told) or "nan" in told


def test_a_result_of_megabytes_is_held_with_the_advice_to_return_rows(play: Play) -> None:
    class Long(Kept):
        lines: tuple[str, ...]

    make = _returns(lambda: Long(lines=("x" * 60,) * 20_000), Long)
    stage = play(lambda: ended(str(make(open_campaign(brief="brief.yaml"))), ""))

    assert "the ledger keeps a few kilobytes of a result; return rows" in message(stage.start())


def test_texts_that_a_step_writes_are_choices_like_any_other(play: Play) -> None:
    words = "It keeps the rain out. " + "The Fell jacket is here, and it is made for people who walk in the hills. " * 6
    wrote = [
        Copy(channel="email", subject=subject, preheader="Made for the hills", body=words.strip())
        for subject in ("The Fell jacket is here", "Walk on in the rain")
    ]
    make = _returns(lambda: wrote, list[Copy])

    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        choices = check_variants(mail, make(mail))
        return deliver(await_decision(propose(mail, choices, seven_people(mail))), patience_seconds=0)

    stage = play(body)

    assert stage.start() is None
    assert len(stage.review().question.proposals) == 2


def test_a_float_comes_back_as_it_was(play: Play) -> None:
    seen: list[float] = []
    share = 0.1 + 0.2

    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql")
        seen.append(halves(mail, share=share).value)
        asks(mail, "copy", seven_people(mail))
        return ended("Delivered", "")

    stage = play(body)
    stage.start()
    stage.wake()

    assert seen == [share / 2, share / 2]


@step(effect="makes")
def halves(campaign: Campaign, *, share: float) -> Number:
    return Number(value=share / 2)


def _questions(stage: Played) -> list[Question]:
    with stage.door.read() as tx:
        return [one.question for one in reviews_of_run(tx, str(stage.id))]


# ---------------------------------------------------------------- what the bell rings for


def unread(stage: Played) -> list[tuple[str, str]]:
    with stage.door.read() as tx:
        return Wakes().unread(tx)


def test_of_two_deliveries_the_one_that_is_done_rings_no_more_while_the_other_is_not(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="both.yaml", audience="segment.sql", channel="email")
        posts = open_campaign(brief="both.yaml", channel="social")
        first = asks(mail, "copy", seven_people(mail))
        second = asks(posts, "posts", EVERYBODY)
        return deliver(first, second, patience_seconds=0)

    stage = play(body)
    stage.start()
    stage.yes()
    stage.wake()
    stage.yes("V02")
    stage.wake()
    first, second = stage.deliveries()
    stage.press_did(1)
    assert stage.wake() is None

    assert unread(stage) == []
    stage.press_did(0)
    assert [subject for _, subject in unread(stage)] == [first.subject]
    done = stage.wake()
    assert message(done).index(first.subject) < message(done).index(second.subject)


def test_a_pause_that_was_over_before_the_flow_heard_of_it_rings_in_no_timer(play: Play) -> None:
    def body() -> State:
        mail = open_campaign(brief="brief.yaml", audience="segment.sql", channel="email")
        send(asks(mail, "copy", seven_people(mail)), patience_seconds=0)
        wait("24h")
        return ended("Delivered", "done")

    stage = play(body)
    stage.start()
    stage.yes()
    stage.wake()
    (delivery,) = stage.deliveries()
    with stage.press.write() as tx:
        tx.append(EventKind.DELIVERY_PAUSED, delivery.subject, {"sent": 0, "left": 7}, run=str(stage.id))
        tx.append(EventKind.DELIVERY_RESUMED, delivery.subject, {"sent": 0, "left": 7}, run=str(stage.id))
    stage.press_did()
    assert stage.wake() is None

    assert unread(stage) == []
    # Whom the server had put off may get it while the run sleeps: it wakes once to hear of it, and sleeps on.
    with stage.press.write() as tx:
        tx.append(EventKind.DELIVERY_WAITING, delivery.subject, {"code": "x", "sent": 0, "left": 7}, run=str(stage.id))
    assert stage.wake() is None
    assert unread(stage) == []

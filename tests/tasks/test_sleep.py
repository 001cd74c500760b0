"""Nobody is asked where the run cannot sleep: nothing is made, kept or opened first, and it is said what to do."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow, State, flow, task
from prefect.settings import PREFECT_API_URL
from prefect.task_runners import ThreadPoolTaskRunner

from presscheck.errors import PresscheckError
from presscheck.ledger import EventKind
from presscheck.models import Outcome
from tasks import (
    Audience,
    Campaign,
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
)
from tests.tasks.stage import MADE, Stage, seven_people, small_launch

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def everything(stage: Stage) -> list[str]:
    """Every kind of event in the ledger but those of the people, who were there before."""
    with stage.door.read() as tx:
        kinds = [event.kind for event in tx.events(*EventKind)]
    return [kind for kind in kinds if kind != EventKind.PERSON_ENROLLED]


def in_a_thread(call: Callable[[], Any]) -> Any:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except PresscheckError as fault:
            found.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=120)
    return found[0]


async def awaited(call: Callable[[], Any]) -> Any:
    return call()


BY_HAND: dict[str, Callable[[], Any]] = {
    "called": lambda: small_launch(return_state=True),
    "renamed": lambda: small_launch.with_options(name="small-launch", retries=0)(return_state=True),
    "in a thread": lambda: in_a_thread(lambda: small_launch(return_state=True)),
    "in an event loop": lambda: asyncio.run(awaited(lambda: small_launch(return_state=True))),
    "in a notebook": lambda: eval("run(return_state=True)", {"run": small_launch}),  # noqa: S307
}


@pytest.mark.parametrize("start", BY_HAND.values(), ids=BY_HAND)
def test_a_campaign_that_is_started_by_hand_is_told_how_to_start_it_and_leaves_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, start: Callable[[], State]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    MADE.clear()

    ended = start()

    assert (ended.type.value, ended.name) == ("FAILED", "Held")
    assert "`presscheck run small-launch`" in (ended.message or "")
    assert MADE == []
    assert everything(stage) == []


def test_whoever_runs_the_file_reads_the_reason_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(PresscheckError, match="was started by hand") as raised:
        small_launch()
    capsys.readouterr()

    sys.excepthook(raised.type, raised.value, raised.tb)

    assert capsys.readouterr().err == f"{raised.value}\n"


BY_ITSELF = """
from prefect import State, flow

from tasks import hold_on_fault, open_campaign


@flow(name="by-itself")
@hold_on_fault
def by_itself() -> State:
    open_campaign(brief="brief.yaml", audience="segment.sql")
    raise AssertionError("it went on")


if __name__ == "__main__":
    by_itself()
"""


def test_python_on_a_flows_file_ends_with_1_and_the_reason_and_touches_nothing(prefect: None, tmp_path: Path) -> None:
    (tmp_path / "by_itself.py").write_text(BY_ITSELF)
    env = {**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value(), "PYTHONPATH": str(ROOT)}

    ended = subprocess.run(
        [sys.executable, "by_itself.py"],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "`presscheck up`, and then `presscheck run by-itself`" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stdout + ended.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["by_itself.py"]


def asked(campaign: Campaign, recipients: Audience) -> Outcome:
    choices = check_variants(campaign, draft_variants(campaign, count=4))
    return await_decision(propose(campaign, choices, recipients))


def opened() -> Campaign:
    return open_campaign(brief="brief.yaml", audience="segment.sql")


@flow(name="in-a-task")
@hold_on_fault
def in_a_task() -> State:
    campaign = opened()
    return deliver(task(asked)(campaign, seven_people(campaign)))


@flow(name="in-a-pool", task_runner=ThreadPoolTaskRunner(max_workers=2))
@hold_on_fault
def in_a_pool() -> State:
    campaign = opened()
    return deliver(task(asked).submit(campaign, seven_people(campaign)).result())


@flow(name="in-a-subflow")
@hold_on_fault
def in_a_subflow() -> State:
    campaign = opened()
    return deliver(flow(asked, validate_parameters=False)(campaign, seven_people(campaign)))


@flow(name="from-another-thread")
@hold_on_fault
def from_another_thread() -> State:
    campaign = opened()
    recipients = seven_people(campaign)
    choices = check_variants(campaign, draft_variants(campaign, count=4))
    answer = in_a_thread(lambda: await_decision(propose(campaign, choices, recipients)))
    if isinstance(answer, PresscheckError):
        raise answer
    return deliver(answer)


@flow(name="of-another-run")
@hold_on_fault
def of_another_run() -> State:
    campaign = opened()
    recipients = seven_people(campaign)
    choices = check_variants(campaign, draft_variants(campaign, count=4))
    return deliver(await_decision(propose(campaign.model_copy(update={"run": "another"}), choices, recipients)))


class Other(Stage):
    """A stage on which another flow is run."""

    flow: Flow[..., State]

    def campaign(self) -> Flow[..., State]:
        return self.flow


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        (in_a_task, "was called in a task"),
        (in_a_pool, "was called in a task"),
        (in_a_subflow, "no subflow to sleep"),
        (from_another_thread, "in its own thread"),
        (of_another_run, "another run's campaign"),
    ],
    ids=lambda given: given.name if isinstance(given, Flow) else "",
)
def test_asking_elsewhere_than_in_the_flows_own_body_holds_the_run_and_opens_no_question(
    stage: Stage, campaign: Flow[..., State], said: str
) -> None:
    other = Other(stage.project)
    other.flow = campaign

    ended = other.start()

    assert ended is not None
    assert (ended.type.value, ended.name) == ("FAILED", "Held")
    assert said in (ended.message or "")
    assert other.events(EventKind.REVIEW_OPENED) == []
    assert [event.data["ending"] for event in other.events(EventKind.CAMPAIGN_ENDED)] == ["held"]
    other.close()


@flow(name="calls-a-campaign")
@hold_on_fault
def calls_a_campaign() -> State:
    return small_launch()


@flow(name="opens-in-a-task")
@hold_on_fault
def opens_in_a_task() -> State:
    return task(opened)()


@flow(name="is-async")
async def is_async() -> State:
    return deliver(asked(opened(), seven_people(opened())))


@pytest.mark.parametrize("campaign", [calls_a_campaign, opens_in_a_task], ids=lambda given: given.name)
def test_a_campaign_that_could_never_ask_is_not_even_opened(stage: Stage, campaign: Flow[..., State]) -> None:
    other = Other(stage.project)
    other.flow = campaign
    MADE.clear()

    ended = other.start()

    assert ended is not None
    assert ended.name == "Held"
    assert "nobody was asked anything" in (ended.message or "")
    assert MADE == []
    assert everything(stage) == []
    other.close()


def test_an_async_flow_opens_nothing(stage: Stage) -> None:
    with pytest.raises(PresscheckError, match="in an async flow; write def"):
        asyncio.run(is_async())

    assert everything(stage) == []

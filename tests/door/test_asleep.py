"""A run that sleeps says until when and by which timer, in the inbox and on Prefect's pages, as long as it does."""

from datetime import timedelta
from typing import Any

import pytest

from presscheck.door.asleep import Asleep
from presscheck.ledger import EventKind
from presscheck.ledger.campaigns import end_campaign, open_campaign
from presscheck.ledger.reviews import mark_read
from presscheck.ledger.timers import set_timer, timer_id
from tests.desk.scene import Scene

OTHER = "6f0c6a52-0000-4000-8000-0000000000bb"
UNTIL = "03 Mar 2026, 09:00 UTC"
WORDS = f"It sleeps until {UNTIL} (wait 24h) and goes on by itself then."


def sleep(scene: Scene, run: str = "", name: str = "24h", hours: float = 24) -> None:
    with scene.ledgers.worker.write() as tx:
        set_timer(tx, run or scene.run, name, lasts=timedelta(hours=hours), place=3)


def shown(house: Any, kind: str = "PAUSED", name: str = "Suspended") -> dict[str, str]:
    run = {"id": house.scene.run, "state_name": name, "state": {"type": kind, "name": name, "message": None}}
    house.upstream.state = run["state"]
    house.upstream.answers["/api/flow_runs/paginate"] = (200, {"results": [run], "count": 1})
    visitor = house.visitor("ana")
    return {
        "inbox": visitor.get("/inbox").text,
        "run": visitor.get(f"/api/flow_runs/{house.scene.run}").json()["state"],
        "runs": visitor.post("/api/flow_runs/paginate").json()["results"][0]["state"],
    }


@pytest.fixture
def asleep(house: Any) -> Any:
    """A run whose question is answered, and which sleeps for a day."""
    house.scene.approve("ana")
    sleep(house.scene)
    return house


def test_a_run_that_sleeps_says_until_when_and_why(asleep: Any) -> None:
    told = shown(asleep)

    assert WORDS in told["inbox"]
    assert f'<a href="/v2/runs/flow-run/{asleep.scene.run}">' in told["inbox"]
    for place in ("run", "runs"):
        assert told[place]["name"] == f"Suspended · sleeps until {UNTIL}"
        assert told[place]["message"] == WORDS


@pytest.mark.parametrize("state", ["RUNNING", "SCHEDULED", "CANCELLED", "COMPLETED"])
def test_of_a_run_that_is_on_its_way_or_over_prefects_page_says_nothing_of_it(asleep: Any, state: str) -> None:
    assert shown(asleep, state, state.title())["run"]["name"] == state.title()


def test_a_run_that_has_an_open_question_waits_for_people_whatever_timer_its_worker_set(house: Any) -> None:
    sleep(house.scene)

    told = shown(house)

    assert "sleeps until" not in told["inbox"]
    assert told["run"]["name"] == "Suspended"


def test_when_the_time_is_over_nothing_is_said_any_more(asleep: Any) -> None:
    asleep.scene.ledgers.clock.advance(hours=24)

    assert "sleeps until" not in str(shown(asleep))


@pytest.mark.parametrize("how", ["read", "ended", "cancelled"])
def test_a_run_that_went_on_or_ended_before_its_time_sleeps_no_more(asleep: Any, how: str) -> None:
    scene = asleep.scene
    assert "sleeps until" in shown(asleep)["inbox"]
    with scene.ledgers.worker.write() as tx:
        if how == "read":
            mark_read(tx, scene.run, timer_id(scene.run, "24h"))
        if how == "ended":
            open_campaign(tx, scene.run, campaign="product-launch", brief="b" * 64)
            end_campaign(tx, scene.run, ending="held")
    if how == "cancelled":
        with scene.ledgers.door.write() as tx:
            tx.append(EventKind.RUN_CANCELLED, scene.run, {"person": "P-ana"}, run=scene.run)

    assert "sleeps until" not in str(shown(asleep))


def test_other_answers_of_a_run_do_not_wake_it(asleep: Any) -> None:
    with asleep.scene.ledgers.worker.write() as tx:
        mark_read(tx, asleep.scene.run, asleep.scene.review.id)

    assert WORDS in shown(asleep)["inbox"]


def test_the_next_ten_are_listed_and_the_others_counted(house: Any) -> None:
    for at in range(12):
        sleep(house.scene, run=f"{OTHER[:-1]}{at:x}", hours=at + 1)

    inbox = shown(house)["inbox"]

    assert inbox.count("It sleeps until") == 10
    assert "2 more runs sleep, each until a time of its own." in inbox


@pytest.mark.parametrize(
    ("run", "subject", "body"),
    [
        ("not-a-run", "not-a-run/wait/24h", {"name": "24h", "until": "2026-03-03T09:00:00Z"}),
        (OTHER, "another/wait/24h", {"name": "24h", "until": "2026-03-03T09:00:00Z"}),
        (OTHER, f"{OTHER}/wait/24h", {"name": "24h", "until": "tomorrow"}),
        (OTHER, f"{OTHER}/wait/24h", {"name": "24h", "until": "2026-03-03T09:00:00"}),
        (OTHER, f"{OTHER}/wait/24h", {}),
    ],
)
def test_a_timer_that_names_no_run_or_no_time_is_not_told(
    house: Any, run: str, subject: str, body: dict[str, str]
) -> None:
    with house.scene.ledgers.worker.write() as tx:
        tx.append(EventKind.TIMER_SET, subject, body, run=run)

    assert "sleeps until" not in shown(house)["inbox"]


def test_a_name_that_is_markup_stays_text(house: Any) -> None:
    sleep(house.scene, run=OTHER, name="<script>alert(1)</script>")

    inbox = shown(house)["inbox"]

    assert "<script" not in inbox
    assert "&lt;script&gt;" in inbox


def test_a_ledger_that_was_put_back_is_read_again(house: Any, tmp_path: Any) -> None:
    """What was followed of one chain says nothing of another."""
    asleep = Asleep()
    sleep(house.scene, run=OTHER)
    with house.scene.ledgers.door.read() as tx:
        assert list(asleep.runs(tx)) == [OTHER]
        asleep._mark = type(asleep._mark)(asleep._mark.seq, "another")
        asleep._sleeps = {}

        assert list(asleep.runs(tx)) == [OTHER]

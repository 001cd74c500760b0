"""The standing duty as the flow says it, as far as it goes without Prefect's server: it was seen to run on one."""

import fcntl
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.escalate_reviews import escalate_reviews
from presscheck.ledger import EventKind
from presscheck.notices import NotSent, Words
from presscheck.wiring import read_settings
from tasks.escalation import expired_reviews, send_notice, waiting_reviews
from tests.conftest import Clock, Ledgers
from tests.desk.scene import BRIEF, RUN, Scene
from tests.webhooks.system import KEY, System

TOKEN = "xoxb-0123456789-do-not-tell"


@pytest.fixture
def open_review(project: Path) -> Iterator[Scene]:
    """A review of this project that waits."""
    settings = read_settings()
    ledgers = Ledgers(settings.ledger_url, settings.home, Clock(datetime.now(UTC)))
    yield Scene(ledgers, brief=BRIEF.model_copy(update={"spend_dollars": 6_000}))
    ledgers.close()


def test_a_look_at_nothing_tells_nothing(project: Path) -> None:
    state = escalate_reviews.fn()

    assert (state.type.value, state.name) == ("COMPLETED", "Nothing to tell")


@pytest.mark.slow
def test_a_question_that_nobody_is_named_to_be_told_of_writes_nothing(open_review: Scene) -> None:
    state = escalate_reviews.fn()

    assert [review.review.id for review in waiting_reviews()] == [open_review.review.id]
    assert state.name == "Nothing to tell"
    assert open_review.kinds("notice") == []


def test_one_campaign_run_is_looked_at_by_itself(open_review: Scene) -> None:
    assert [len(waiting_reviews(run)) for run in (RUN, "another-run", "")] == [1, 0, 1]
    assert expired_reviews("another-run") == []


def test_the_duty_leaves_telling_to_the_run_that_is_at_it(open_review: Scene) -> None:
    with (read_settings().home / "notices.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = escalate_reviews.fn()

    assert (state.type.value, state.name) == ("COMPLETED", "Left to another run")


def test_the_duty_opens_no_campaign_and_answers_nothing(open_review: Scene) -> None:
    before = open_review.kinds()

    escalate_reviews.fn("'; DROP TABLE reviews; --")
    escalate_reviews.fn()

    assert open_review.kinds() == before
    assert EventKind.CAMPAIGN_OPENED in before


def test_a_secret_that_lies_open_is_a_code_and_its_address_is_nowhere(project: Path) -> None:
    settings = read_settings()
    (project / "presscheck.toml").write_text('[notices.owner]\nsecret = "notices-owner"\n')
    settings.secrets.mkdir()
    (settings.secrets / "notices-owner").write_text(f"json://u:{TOKEN}@127.0.0.1:1/")
    (settings.secrets / "notices-owner").chmod(0o644)

    with pytest.raises(NotSent, match="unreadable-secret") as failed:
        send_notice.fn("owner", Words("a", "b"))

    assert TOKEN not in "".join(traceback.format_exception(failed.value))


def test_the_duty_tells_systems_what_happens_after_it_first_looked(open_review: Scene, project: Path) -> None:
    settings, system = read_settings(), System()
    section = f'[webhooks.jira]\nurl = "{system.url}"\nloopback = true\n'
    (project / "presscheck.toml").write_text(section)
    settings.secrets.mkdir()
    (settings.secrets / "webhooks-jira").write_text(KEY)
    (settings.secrets / "webhooks-jira").chmod(0o600)

    escalate_reviews.fn()
    with open_review.ledgers.door.write() as tx:
        tx.append(EventKind.COMMENT_MADE, open_review.review.id, {"comment": "C-0123456789ab"}, run=RUN)
    state = escalate_reviews.fn()
    system.close()

    assert state.name == "Nothing to tell"
    assert [one.told["data"]["id"] for one in system.got] == ["C-0123456789ab"]

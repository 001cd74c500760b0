"""Who answered, and what was noted, stands nowhere but where it can be erased: not with Prefect, not in what is signed.

Whole campaigns are played through with a person and notes that nobody could miss, and looked for in every table of
Prefect's database and of the ledger.
"""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import State, flow
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL

from flows.strategy_brief import strategy_brief
from presscheck import wiring
from presscheck.demo import make_demo
from presscheck.models import Decision, Outcome, OutcomeStatus
from presscheck.rehearsal import Rehearsal
from presscheck.rehearsal.company import enrol
from tasks import (
    Campaign,
    Drafts,
    Hold,
    Made,
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
    step,
)
from tasks.telling import told
from tests.flows.test_strategy_brief import TEXT
from tests.tasks.conftest import project
from tests.tasks.stage import BRIEF, seven_people

# A fixture of the tasks' tests, which is found here by name.
__all__ = ["project"]

pytestmark = pytest.mark.slow

LEAD = "xanthippe.quillfeather@rehearsal.example.com"
NAME = "Xanthippe quillfeather"
NOTE = "Warmer, and ring Zebulon Marrowfat on +44 20 7946 0958, or zebulon.marrowfat@example.org; don't say 'quixotry'."
MARKS = ("Xanthippe", "quillfeather", "Zebulon", "Marrowfat", "7946 0958", "quixotry")


@flow(name="marked-launch")
@hold_on_fault
def marked_launch() -> State:
    """The product launch with an audience of seven, which takes less time to screen."""
    campaign = open_campaign(brief="briefs/marked.yaml", audience="none")
    recipients = seven_people(campaign)
    answer = None
    for round in (1, 2, 3):
        drafts = draft_variants(campaign, count=4, round=round, answer=answer)
        choices = check_variants(campaign, drafts, round=round)
        answer = await_decision(propose(campaign, choices, recipients, round=round), gate="copy")
        if not answer.changes_wanted:
            break
    return deliver(answer)


@pytest.fixture
def rehearsal(prefect: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsal]:
    folder = tmp_path / "campaigns"
    made = make_demo(folder / "data", as_of=datetime.now(UTC).date())
    shutil.copytree(made.brief.parent, folder / "briefs")
    deadline = datetime.now(UTC).date() + timedelta(days=30)
    (folder / "briefs" / "marked.yaml").write_text(BRIEF.format(deadline=deadline), "utf-8")
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(folder))
    with Rehearsal.open(folder) as opened:
        enrol(opened.ledger("door"), LEAD, "brand_lead", person="P-0123456789abcdef")
        yield opened


def rows_of(path: Path) -> dict[str, list[str]]:
    """Every table of a SQLite database: its rows as text."""
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [repr(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in tables}


def tables_with(path: Path, *words: str) -> set[str]:
    """The tables that hold any of these words."""
    return {table for table, rows in rows_of(path).items() for row in rows if any(word in row for word in words)}


def prefects_database() -> Path:
    """Prefect's database, with every log that was on its way there."""
    for handler in logging.getLogger("prefect.flow_runs").handlers:
        if isinstance(handler, APILogHandler):
            handler.flush()
    return Path(PREFECT_SERVER_DATABASE_CONNECTION_URL.value().partition("///")[2])


def with_prefect(run: Any) -> set[str]:
    """Where Prefect names the person or what was noted; fails if the run itself is not found there."""
    path = prefects_database()
    found = tables_with(path, run.id)
    assert {"flow_run", "flow_run_state", "log"} <= found, found
    return tables_with(path, *MARKS)


def test_prefect_keeps_no_name_and_no_note_of_a_whole_campaign(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(marked_launch)
    assert isinstance(run.answer(LEAD, "request_changes", reason="voice", note=NOTE), Decision)
    assert isinstance(run.answer(LEAD, "approve", picks=["V01"]), Decision)

    assert run.ended == "Delivered", run.message
    assert with_prefect(run) == set()
    assert {"Changes requested by a brand lead", "Approved by a brand lead"} <= states_of(run)


def states_of(run: Any) -> set[str]:
    with sqlite3.connect(prefects_database()) as database:
        asked = "SELECT state_name FROM task_run WHERE flow_run_id = ?"
        return {name for (name,) in database.execute(asked, [run.id])}


def test_prefect_keeps_no_word_of_why_somebody_rejected(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(marked_launch)

    assert isinstance(run.answer(LEAD, "reject", reason="other", note=NOTE), Decision)

    assert run.ended == "Rejected"
    assert run.message.startswith(f"A brand lead rejected {run.review.id}")
    assert f"/proof/{run.review.id}" in run.message
    assert with_prefect(run) == set()


def test_prefect_keeps_no_name_and_no_note_where_a_person_writes(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(strategy_brief)
    assert isinstance(run.hand_in("author", **TEXT), Decision)
    assert isinstance(run.answer(LEAD, "request_changes", reason="factual", note=NOTE), Decision)
    again = TEXT | {"body": f"{TEXT['body']}\n\nIt is good until the end of May."}
    assert isinstance(run.hand_in("author", **again), Decision)
    assert isinstance(run.answer(LEAD, "approve", picks=["V01"]), Decision)

    assert run.ended == "Delivered", run.message
    assert with_prefect(run) == set()


@flow(name="talkative")
@hold_on_fault
def talkative() -> State:
    """A campaign whose fault names somebody, as the sentences of a judgement may."""
    raise Hold(f"{NAME} ({LEAD}, +44 20 7946 0958) may not\n{NAME}'s right was taken away 100% at 10,000 recipients")


def test_a_hold_names_nobody_with_prefect_and_says_the_rest(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(talkative)

    assert run.ended == "Held"
    assert run.message == (
        "somebody (somebody, (a number)) may not\nsomebody's right was taken away 100% at 10,000 recipients"
    )
    assert with_prefect(run) == set()


@step("stumble", effect="makes")
def stumble(campaign: Campaign) -> Made[Drafts]:
    raise ValueError(f"{NAME} <{LEAD}> wrote to zebulon@example.org of {campaign.run}")


@flow(name="stumbling")
@hold_on_fault
def stumbling() -> State:
    """A campaign whose step breaks with a name and an address in what it raises."""
    stumble(open_campaign(brief="briefs/marked.yaml", audience="none"))
    raise Hold("the step did not break")


def test_what_a_step_raises_names_nobody_with_prefect_in_its_traceback_either(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(stumbling)

    assert run.ended == "Held"
    assert "raised ValueError: somebody <" in run.message
    path = prefects_database()
    assert "log" in tables_with(path, "ValueError: somebody <")
    assert tables_with(path, *MARKS, "zebulon@") == set()


def test_what_a_copywriter_says_while_it_writes_names_nobody_with_prefect(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_offline = wiring.open_copywriter

    def echoing(*given: Any, tell: Any, **more: Any) -> Any:
        tell(f"acme/large: 400 Bad Request, {NAME} <{LEAD}> wants 100% warmer")
        return open_offline(*given, tell=tell, **more)

    monkeypatch.setattr(wiring, "open_copywriter", echoing)
    run = rehearsal.start(marked_launch)

    assert run.review.id
    assert "log" in tables_with(prefects_database(), "400 Bad Request, somebody <somebody> wants 100% warmer")
    assert with_prefect(run) == set()


def test_the_ledger_holds_a_note_only_where_it_is_erased(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(marked_launch)
    assert isinstance(run.answer(LEAD, "request_changes", reason="voice", note=NOTE), Decision)
    ledger = Path(rehearsal.settings.ledger_url.partition("///")[2])
    assert tables_with(ledger, *MARKS) == {"applications", "people"}
    assert "Zebulon Marrowfat" in shown(run)
    assert "The copywriter on that note" in shown(run)

    with sqlite3.connect(ledger) as database:
        database.execute("DELETE FROM applications")
        database.execute("DELETE FROM people WHERE email = ?", [LEAD])

    assert tables_with(ledger, *MARKS) == set()
    assert "Zebulon" not in shown(run)
    rehearsal.enrol("another.lead@rehearsal.example.com", "brand_lead")
    assert isinstance(run.answer("another.lead@rehearsal.example.com", "approve", picks=["V01"]), Decision)
    assert run.ended == "Delivered", run.message


def shown(run: Any) -> str:
    """What people read in the form that is open now."""
    desk = run.desk
    with desk.ledger.read() as tx:
        return desk.form(tx, run.review).description


def test_an_outcome_that_a_flow_prints_says_nothing_of_the_note() -> None:
    outcome = Outcome(status=OutcomeStatus.CHANGES, review="R-1", person_name="a brand lead", note=NOTE)

    assert not any(mark in f"{outcome!r} {outcome}" for mark in MARKS)


@pytest.mark.parametrize(
    "words",
    [
        "D-0123456789ab is paused (everything): 1,234 sent, 10,000 left",
        "R-0123456789ab asks the brand lead until 2026-11-30T17:00:00+00:00",
        "run 3f2b8c1a-9d4e-4f7a-8b6c-1234567890ab: 2026-11-29 21:18:10.123456",
        "policies/approvals/campaign-copy.yaml:7: stages[0].of: list at least one role",
        "the database at 127.0.0.1:5432 does not answer",
    ],
)
@pytest.mark.usefixtures("project")
def test_what_names_nobody_is_told_as_it_stands(words: str) -> None:
    assert told(words) == words

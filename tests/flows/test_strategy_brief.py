"""The strategy's campaign, played through: a person writes, another signs, and no idea of the machine's goes out."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.strategy_brief import strategy_brief
from presscheck.demo import make_demo
from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset
from presscheck.models import Decision, Refused
from presscheck.rehearsal import Rehearsal

TEXT = {
    "subject": "Spring belongs to those who walk to work",
    "preheader": "What we say about the Tidewater, and to whom, until the end of May.",
    "body": "We speak to people who leave the car at home. They know rain; they do not want to hear about it.\n\n"
    "So every text shows the jacket put away: it folds into its own chest pocket, and the day goes on. The hood fits "
    "over a bicycle helmet, which is the second thing to show. We speak of 80% recycled nylon once, and plainly.\n\n"
    "Newsletter readers get 15% off the Tidewater Rain Jacket this spring, and nobody else does.",
}


@pytest.fixture
def rehearsal(prefect: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsal]:
    project = tmp_path / "project"
    made = make_demo(project / "data", as_of=datetime.now(UTC).date())
    shutil.copytree(made.brief.parent, project / "briefs")
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(project))
    with Rehearsal.open(project) as opened:
        yield opened


def test_what_a_person_wrote_is_signed_by_another_and_only_that_goes_out(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(strategy_brief)
    assert run.waits_for == "author"
    assert run.message == "" or "Held" not in run.message

    assert isinstance(run.hand_in("author", **TEXT, picks=["V03"]), Decision)
    assert run.waits_for == "brand_lead"
    sent_back = run.answer("brand_lead", "request_changes", reason="factual", note="Say until when.")
    assert isinstance(sent_back, Decision)
    assert run.waits_for == "author"
    again = TEXT | {"body": f"{TEXT['body']}\n\nIt is good until the end of May."}
    assert isinstance(run.hand_in("author", **again), Decision)
    assert isinstance(run.answer("author", "approve", picks=["V01"]), Refused)
    assert isinstance(run.answer("brand_lead", "approve", picks=["V01"]), Decision)

    assert run.ended == "Delivered", run.message
    posts = [json.loads(path.read_text("utf-8")) for path in rehearsal.settings.outbox.glob("D-*/*/*.json")]
    assert len(posts) == 1
    assert "until the end of May" in json.dumps(posts[0])
    with rehearsal.ledger("door").read() as tx:
        kinds = [get_asset(tx, event.subject).kind for event in tx.events(EventKind.ASSET_DRAFTED, run=run.id)]
    assert set(kinds) == {"brief", "material"}


def test_a_brief_that_rejects_itself_ends_the_run_and_nothing_goes_out(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(strategy_brief)

    run.answer("author", "reject", reason="compliance", note="We cannot promise that.")

    assert run.ended == "Rejected"
    assert not list(rehearsal.settings.outbox.glob("D-*"))


def test_a_producers_brief_is_held_here(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(strategy_brief, brief="briefs/spring_launch.yaml", audience="segments/spring_launch.sql")

    assert run.ended == "Held"

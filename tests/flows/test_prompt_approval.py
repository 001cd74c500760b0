"""A prompt goes through a gate: after the yes drafts with exactly this text are admitted, and with no other."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.prompt_approval import prompt_approval
from presscheck import offer
from presscheck.demo import make_demo
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import record_decision
from presscheck.library.admission import LibraryAdmission
from presscheck.models import THIS_MACHINE, Decision, DecisionKind, Process, Refused
from presscheck.models import Prompt as PromptGiven
from presscheck.providers.admission import NotAdmitted, Wanted
from presscheck.rehearsal import Rehearsal
from tests.usages import model, write_usage

EDITOR = "pia@brand.example.com"
FILE = """\
---
id: prompts.email-variants
version: "2"
owner: brand
edited_by: {editor}
why: Drafts e-mails.
---
{text}
"""
TEXT = "Write an e-mail from the brief's facts, and from nothing else."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which a prompt takes people's yes, and somebody edited one."""
    folder = tmp_path / "project"
    made = make_demo(folder / "data", as_of=datetime.now(UTC).date())
    shutil.copytree(made.brief.parent, folder / "briefs")
    write_usage(folder / "policies", models=[model("offline/writer")], prompts_need="decision")
    write_prompt(folder, TEXT)
    (folder / "presscheck.toml").write_text('policies = "policies"\n')
    monkeypatch.setenv("PRESSCHECK_PROJECT", str(folder))
    return folder


@pytest.fixture
def rehearsal(prefect: None, project: Path) -> Iterator[Rehearsal]:
    with Rehearsal.open(project) as opened:
        yield opened


def write_prompt(project: Path, text: str, *, editor: str = EDITOR) -> None:
    (project / "policies" / "prompts").mkdir(parents=True, exist_ok=True)
    (project / "policies" / "prompts" / "email-variants.md").write_text(FILE.format(editor=editor, text=text))


def admit(rehearsal: Rehearsal, text: str = TEXT, *, editor: str = "") -> None:
    """Ask for a draft with the prompt, as a copywriter does."""
    prompt = PromptGiven(id="prompts.email-variants", version="2", text=text, edited_by=editor)
    wanted = Wanted(
        model="offline/writer", at=THIS_MACHINE, purpose="draft", prompt=prompt, told=text, text=text,
        given=frozenset({"public"}),
    )  # fmt: skip
    LibraryAdmission(rehearsal.ledger("worker"), rehearsal.desk.policies, run="run-2").admit(wanted)


def test_what_people_approved_may_be_given_to_a_model_and_nothing_before_that(rehearsal: Rehearsal) -> None:
    with pytest.raises(NotAdmitted, match="nobody has approved it there"):
        admit(rehearsal)
    run = rehearsal.start(prompt_approval)
    assert run.waits_for == "brand_lead"

    assert isinstance(run.answer("brand_lead", "approve", picks=["V01"]), Decision)

    assert run.ended == "Approved", run.message
    admit(rehearsal)
    with pytest.raises(NotAdmitted, match="nobody has approved it there"):
        admit(rehearsal, f"{TEXT} Promise anything.")


def test_whoever_edited_the_prompt_does_not_approve_it_also_after_another_one_was_approved(
    rehearsal: Rehearsal, project: Path
) -> None:
    rehearsal.enrol(EDITOR, "brand_lead")
    for text in (TEXT, f"{TEXT} Keep it short."):
        write_prompt(project, text)
        run = rehearsal.start(prompt_approval)

        own = run.answer(EDITOR, "approve", picks=["V01"])

        assert isinstance(own, Refused)
        assert own.code == "own-prompt"
        with pytest.raises(NotAdmitted):
            admit(rehearsal, text)
        assert isinstance(run.answer("brand_lead", "approve", picks=["V01"]), Decision)
        admit(rehearsal, text)


def test_words_that_the_approver_wrote_at_the_gate_take_another_persons_yes(
    rehearsal: Rehearsal, project: Path
) -> None:
    rehearsal.enrol(EDITOR, "brand_lead")
    write_prompt(project, TEXT, editor="other@brand.example.com")
    run = rehearsal.start(prompt_approval)
    mine = f"{TEXT} Promise whatever sells."

    run.answer(EDITOR, "approve", picks=["V01"], edits=[{"field": "text", "text": mine}])
    write_prompt(project, mine)

    with pytest.raises(NotAdmitted, match="whoever gave it wrote these words"):
        admit(rehearsal, mine)
    again = rehearsal.start(prompt_approval)
    assert isinstance(again.answer("brand_lead", "approve", picks=["V01"]), Decision)
    admit(rehearsal, mine)


def test_an_editor_is_told_by_the_file_also_where_a_campaign_of_ones_own_does_not_say_so(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal.enrol(EDITOR, "brand_lead")
    monkeypatch.setattr("flows.prompt_approval.offer", lambda campaign, text, author: offer(campaign, text))
    run = rehearsal.start(prompt_approval)

    assert isinstance(run.answer(EDITOR, "approve", picks=["V01"]), Decision)

    with pytest.raises(NotAdmitted, match="whoever gave it edited the prompt"):
        admit(rehearsal, editor=EDITOR)
    admit(rehearsal, editor="somebody.else@brand.example.com")


def test_a_prompt_of_which_nobody_knows_who_edited_it_is_put_to_nobody(rehearsal: Rehearsal, project: Path) -> None:
    path = project / "policies" / "prompts" / "email-variants.md"
    path.write_text(FILE.format(editor=EDITOR, text=TEXT).replace(f"edited_by: {EDITOR}\n", ""))

    run = rehearsal.start(prompt_approval)

    assert run.ended == "Held"
    assert "does not say who edited it" in run.message


def test_a_prompt_that_ships_is_asked_about_without_an_editor(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(prompt_approval, prompt="prompts.sms-variants")

    assert run.waits_for == "brand_lead"
    assert run.reject("brand_lead", reason="voice", note="Not ours.")
    assert run.ended == "Rejected"


def test_a_yes_ends_with_the_last_day_that_its_brief_names(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(prompt_approval)
    run.approve("brand_lead", picks=["V01"])

    rehearsal.later = rehearsal.later.__class__(days=2_000)

    with pytest.raises(NotAdmitted, match="does not stand any more"):
        admit(rehearsal)


def test_a_refusal_is_on_record_with_digests_and_without_words(rehearsal: Rehearsal) -> None:
    with pytest.raises(NotAdmitted):
        admit(rehearsal)

    with rehearsal.ledger("door").read() as tx:
        (event,) = tx.events(EventKind.MODEL_REFUSED)
    assert (event.process, event.run, event.data["code"]) == ("worker", "run-2", "prompt-undecided")
    assert event.data["prompt"]["id"] == "prompts.email-variants"
    assert TEXT not in str(event.data)


def test_an_outcome_that_wants_changes_is_held_because_a_file_is_to_be_changed(rehearsal: Rehearsal) -> None:
    run = rehearsal.start(prompt_approval)

    run.request_changes("brand_lead", reason="voice", note="Warmer.", picks=["V01"])

    assert run.ended == "Held"
    assert "asked for changes" in run.message


@pytest.mark.parametrize("process", ["worker", "press"])
def test_a_yes_that_no_door_signed_is_none_however_right_it_is(rehearsal: Rehearsal, process: Process) -> None:
    run = rehearsal.start(prompt_approval)
    question, policies = run.review.question, rehearsal.desk.policies()
    rule = next(one for one in policies.approvals if one.id == "approvals.prompts-and-templates")
    forged = Decision(
        review=run.review.id,
        question=question.digest,
        kind=DecisionKind.APPROVED,
        person="P-brand_lead",
        role="brand_lead",
        rule=rule.id,
        rule_version=rule.version,
        asked_at="2026-01-01T00:00:00.000000Z",
        answered_at="2026-01-01T00:00:01.000000Z",
        manifest=question.manifest((), (question.proposals[0].asset,)),
    )
    with rehearsal.ledger(process).write() as tx:
        record_decision(tx, forged, run=run.id)

    with pytest.raises(NotAdmitted, match="nobody has approved it there"):
        admit(rehearsal)

    run.approve("brand_lead", picks=["V01"])
    admit(rehearsal)


def test_the_page_of_the_library_shows_the_flow_as_it_is() -> None:
    root = Path(__file__).parents[2]
    flow = (root / "flows" / "prompt_approval.py").read_text("utf-8")

    assert f"# flows/prompt_approval.py\n{flow}```" in (root / "docs" / "library.md").read_text("utf-8")

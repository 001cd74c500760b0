"""A campaign under signed policies: the worker drafts, checks and asks by what was signed, whatever its files say."""

from pathlib import Path
from typing import Any

import pytest

from presscheck.desk.changing import PolicySignature, WaitingChange, sign_policies, waiting_change
from presscheck.digests import digest_of
from presscheck.ledger import EventKind
from presscheck.models import Decision
from presscheck.people.rights import Grant, record_rights, remember_person
from tests.tasks.stage import Stage
from tests.usages import prompt as prompt_entry
from tests.usages import write_usage

PROMPT = "---\nid: prompts.email-variants\nversion: '{}'\nowner: brand\nwhy: It drafts.\n---\n{}\n"


def enrol_legal(stage: Stage) -> None:
    email = "lea@brand.example"
    with stage.door.write() as tx:
        remember_person(tx, "P-lea", email=email, name="lea")
        grants = (Grant(role="legal", markets="all"),)
        record_rights(tx, EventKind.PERSON_ENROLLED, "P-lea", grants, email=email, name="lea", by="P-root")


def sign(stage: Stage) -> Any:
    policies = stage.desk.policies
    with stage.door.write() as tx:
        waiting = waiting_change(tx, policies)
        assert isinstance(waiting, WaitingChange)
        return sign_policies(tx, policies, waiting.shown, person="P-lea", proved_at=tx.now)


@pytest.mark.slow
def test_a_campaign_is_held_until_somebody_signed_and_then_runs_by_what_was_signed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = stage.project / "ours"
    (ours / "prompts").mkdir(parents=True)
    prompt: Path = ours / "prompts" / "email-variants.md"
    prompt.write_text(PROMPT.format("7", "Write well."))
    write_usage(ours, prompts=[prompt_entry("prompts.email-variants", digest_of("Write well."), "7")])
    monkeypatch.setenv("PRESSCHECK_POLICIES", '{"folder": "ours", "signed": true}')
    enrol_legal(stage)

    held = stage.start()
    assert held is not None
    assert held.name == "Held"
    assert "nobody has signed any" in (held.message or "")
    assert stage.events(EventKind.REVIEW_OPENED) == []

    assert isinstance(sign(stage), PolicySignature)
    prompt.write_text(PROMPT.format("8", "Write anything."))
    asleep = stage.start()
    decision = stage.answer()
    drafted = stage.events(EventKind.ASSET_DRAFTED)

    assert asleep is None
    assert isinstance(decision, Decision)
    written = {event.data["author"]["prompt_version"] for event in drafted if event.data["kind"] == "copy"}
    assert written == {"7"}

"""A campaign whose blocked drafts are repaired: what is asked about, what is on record, and what a replay does."""

from pathlib import Path

import pytest
from prefect import Flow, State, flow

from presscheck.ledger import EventKind
from presscheck.ledger.assets import get_asset, parents_of, put_asset
from presscheck.models import Asset, Author, Copy
from tasks import (
    await_decision,
    check_variants,
    deliver,
    draft_variants,
    hold_on_fault,
    open_campaign,
    propose,
    repair_variants,
)
from tests.tasks.stage import Stage, seven_people

RULE = """\
id: brand.{name}
kind: guardrail
title: Ours
why: It is.
source: {{name: Ourselves, date: 2026-01-15}}
owner: brand
scope: {{channels: all, markets: all, kinds: [copy]}}
level: block
fields: [subject, preheader, body]
match: {{kind: phrases, {match}}}
message: We do not say so.
suggestion: Say another thing.
cases:
  - {{text: "It is a {word}.", fires: true}}
  - {{text: "It is dry.", fires: false}}
"""


@flow(name="small-launch")
@hold_on_fault
def repaired_launch(brief: str = "brief.yaml") -> State:
    campaign = open_campaign(brief=brief, audience="segment.sql")
    recipients = seven_people(campaign)
    choices = check_variants(campaign, repair_variants(campaign, draft_variants(campaign, count=6)))
    return deliver(await_decision(propose(campaign, choices, recipients), gate="copy"), patience_seconds=0)


class _Stage(Stage):
    def campaign(self) -> Flow[..., State]:
        return repaired_launch


@pytest.fixture
def repairing(project: Path, prefect: None):
    staged = _Stage(project)
    yield staged
    staged.close()


def forbid(project: Path, name: str, word: str, match: str) -> None:
    folder = project / "policies" / "guardrails"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(RULE.format(name=name, word=word, match=match))
    (project / "presscheck.toml").write_text('[policies]\nfolder = "policies"\n')


@pytest.mark.slow
def test_drafts_with_a_word_that_a_rule_replaces_become_choices_and_say_so(project: Path, repairing: _Stage) -> None:
    forbid(project, "jackets", "jacket", "replace: {jacket: coat}")

    assert repairing.start() is None

    run, proposals = str(repairing.id), repairing.review().question.proposals
    repairs = {event.subject: event.data for event in repairing.events(EventKind.ASSET_REPAIRED)}
    with repairing.door.read() as tx:
        assets = [get_asset(tx, one.asset) for one in proposals]
        assert len(assets) == 6
        assert all("jacket" not in f"{one.copy_text.subject} {one.copy_text.body}" for one in assets)
        for one in assets:
            if (said := repairs.get(one.digest)) is None:
                continue
            assert (said["how"], said["rules"], said["round"]) == ("replacement", ["brand.jackets"], 0)
            assert parents_of(tx, one.digest, run=run) == [said["from"]]
            assert "jacket" in str(get_asset(tx, str(said["from"])).content)
            assert (one.author.kind, one.author.provider) == ("machine", "offline")
    assert repairs, "some draft said jacket"
    assert repairing.review().question.blocked == {}

    # A wake repairs nothing again.
    assert repairing.wake() is None
    assert len(repairing.events(EventKind.ASSET_REPAIRED)) == len(repairs)


@pytest.mark.slow
def test_a_persons_words_that_were_brought_back_are_repaired_by_no_machine(
    project: Path, repairing: _Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(project, "jackets", "jacket", "replace: {jacket: coat}")
    copy = Copy(channel="email", subject="A jacket for wet hills", body="A jacket for wet hills.")
    mine = Asset(kind="copy", content=copy.model_dump(mode="json"), author=Author.by("P-ana"))
    with repairing.door.write() as tx:
        put_asset(tx, mine, run="another-run")
    monkeypatch.setattr("tasks.drafting.copies_brought_back", lambda tx, brief: [mine.digest])

    assert repairing.start() is None

    question = repairing.review().question
    assert question.blocked["brand.jackets"] == 1
    # Whoever reviews reads it all the same.
    assert mine.digest in question.kept_out
    assert not {*question.kept_out} & {one.asset for one in question.proposals}
    repairs = repairing.events(EventKind.ASSET_REPAIRED)
    assert mine.digest not in {event.data["from"] for event in repairs}


@pytest.mark.slow
def test_what_cannot_be_repaired_is_blocked_as_before(project: Path, repairing: _Stage) -> None:
    # Every text has to say it, because the brief requires it: no copywriter can leave it out.
    forbid(project, "rain", "rain", "phrases: [rain]")

    ended = repairing.start()

    assert ended is not None
    assert "brand.rain (6)" in (ended.message or "")
    assert repairing.events(EventKind.ASSET_REPAIRED) == []


@pytest.mark.slow
def test_without_a_finding_that_blocks_nothing_is_repaired(repairing: _Stage) -> None:
    assert repairing.start() is None

    assert repairing.events(EventKind.ASSET_REPAIRED) == []
    assert len(repairing.review().question.proposals) == 6

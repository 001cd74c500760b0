"""Policies that count by signature: what is in force, what waits, who may sign, and what is on record of it."""

import shutil
from pathlib import Path

import pytest

from presscheck.desk.changing import PolicySignature, WaitingChange
from presscheck.desk.situation import Situation, current_policies, read_situation
from presscheck.ledger import EventKind, verify
from presscheck.models import Decision, OutcomeStatus, Refused
from tests.desk.scene import Ledgers, Scene
from tests.desk.signing import MODEL, Signing

WEAKER = "pressure.urgency: level is review instead of block (weaker)"


@pytest.fixture
def signing(sqlite_ledgers: Ledgers, tmp_path: Path) -> Signing:
    return Signing(sqlite_ledgers, tmp_path)


@pytest.fixture
def signed(signing: Signing) -> Signing:
    assert isinstance(signing.sign("lea"), PolicySignature)
    return signing


# ---------------------------------------------------------------- what is in force


def test_until_somebody_signs_the_first_set_nothing_is_allowed_and_the_refusal_says_how(signing: Signing) -> None:
    refused = current_policies(signing.door)

    assert isinstance(refused, Refused)
    assert refused.code == "policies-unsigned"
    assert "sign_policies" in refused.reason
    assert "/policies" in refused.reason


def test_a_set_that_was_signed_is_in_force_for_every_process_whatever_lies_in_its_folder(signed: Signing) -> None:
    worker, press = (signed.seen_by(ledger) for ledger in (signed.ledgers.worker, signed.ledgers.press))

    shutil.rmtree(signed.folder)

    assert worker() == press() == signed.door()
    assert len(worker().guardrails) > 10


def test_a_changed_file_counts_only_once_it_is_signed(signed: Signing) -> None:
    press = signed.seen_by(signed.ledgers.press)
    signed.weaken()
    before = (signed.level(), signed.level(press))

    answer = signed.sign("max")

    assert before == ("block", "block")
    assert isinstance(answer, PolicySignature)
    assert (answer.role, signed.level(), signed.level(press)) == ("marketing_director", "review", "review")


@pytest.mark.slow
def test_a_question_of_the_set_before_stays_answerable_until_the_change_is_signed(signed: Signing) -> None:
    scene = Scene(signed.ledgers, policies=signed.door, people=False)
    later = Scene(signed.ledgers, policies=signed.door, people=False, run="6f0c6a52-0000-4000-8000-000000000002")
    signed.rewrite("at_most: 3", "at_most: 2", MODEL)
    signed.upkeep.follow_policies()

    decision = scene.answer("ana", picks=["V01", "V02", "V03"])
    signed.sign("lea")
    ended = signed.upkeep.follow_policies()

    assert isinstance(decision, Decision)
    assert ended == 1
    with signed.ledgers.door.read() as tx:
        assert signed.desk.outcome(tx, later.review.id).status is OutcomeStatus.REOPENED


@pytest.mark.slow
def test_a_file_that_does_not_load_leaves_the_signed_set_in_force_and_is_told(signed: Signing) -> None:
    signed.note()
    (signed.folder / MODEL).write_text("id: [")

    told = signed.waiting()

    assert signed.level() == "block"
    assert isinstance(told, Refused)
    assert "campaign-copy.yaml" in told.reason
    assert signed.note() == 0


@pytest.mark.slow
def test_a_comment_is_no_change_and_waits_for_nobody(signed: Signing) -> None:
    signed.note()
    signed.rewrite("level: block", "level: block  # as ever")

    assert (signed.waiting(), signed.note()) == (None, 0)


@pytest.mark.slow
def test_a_prompt_counts_as_it_was_signed(signing: Signing) -> None:
    prompts = signing.folder / "prompts"
    prompts.mkdir()
    text = "---\nid: prompts.email-variants\nversion: '1'\nowner: brand\nwhy: It drafts.\n---\nWrite well.\n"
    (prompts / "email-variants.md").write_text(text)
    signing.sign("lea")

    (prompts / "email-variants.md").write_text(text.replace("Write well.", "Write anything."))

    assert signing.door().prompt("prompts.email-variants").text == "Write well."
    waiting = signing.waiting()
    assert [line.sentence for line in waiting.lines] == [
        "prompts.email-variants: its text lost “Write well.”",
        "prompts.email-variants: its text gained “Write anything.”",
    ]


@pytest.mark.slow
def test_without_signatures_the_files_count_and_nothing_waits(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)

    house.weaken()

    assert (house.level(), house.waiting()) == ("review", None)


def test_a_judgement_sees_one_set_and_the_next_one_sees_the_change(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)
    scene = Scene(sqlite_ledgers, policies=house.door, people=False)

    with sqlite_ledgers.door.read() as tx:
        before = read_situation(tx, scene.review, house.door)
        house.weaken()
        within = (house.level(), read_situation(tx, scene.review, house.door))
    with sqlite_ledgers.door.read() as tx:
        after = read_situation(tx, scene.review, house.door)

    assert isinstance(before, Situation)
    assert within == ("block", before)
    assert house.level() == "review"
    assert isinstance(after, Refused)
    assert after.code == "policies-changed"


def test_switching_signatures_off_is_a_change_that_somebody_signs(signed: Signing) -> None:
    signed.door.signed = False
    signed.weaken()
    before = signed.level()
    waiting = signed.waiting()

    signed.sign("eli")

    assert before == "block"
    assert waiting.lines[0].sentence == (
        "all: from now on they count as the files say, without anybody's signature (weaker)"
    )
    assert (signed.level(), signed.waiting()) == ("review", None)


def test_signatures_can_be_demanded_again(signed: Signing) -> None:
    signed.door.signed = False
    signed.sign("eli")
    signed.door.signed = True

    signed.weaken()

    assert signed.level() == "block"
    assert isinstance(signed.waiting(), WaitingChange)


def test_it_is_the_same_on_both_databases(ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(ledgers, tmp_path)
    scene_policies = house.seen_by(ledgers.press)
    house.sign("lea")
    house.note()
    house.weaken()
    house.upkeep.follow_policies()
    before = house.level(scene_policies)

    house.sign("max")

    assert (before, house.level(scene_policies)) == ("block", "review")
    assert verify(ledgers.door).sound


# ---------------------------------------------------------------- who may sign


@pytest.mark.parametrize("name", ["ana", "uma", "eva", "adi", "leo", "nobody"])
def test_who_has_not_the_right_everywhere_signs_nothing(signed: Signing, name: str) -> None:
    signed.weaken()

    refused = signed.sign(name)

    assert isinstance(refused, Refused)
    assert refused.code == ("not-active" if name == "nobody" else "no-right")
    assert signed.level() == "block"


def test_an_old_proof_is_not_enough(signed: Signing) -> None:
    signed.weaken()

    refused = signed.sign("lea", proved_at=None)

    assert isinstance(refused, Refused)
    assert (refused.code, signed.level()) == ("step-up", "block")


@pytest.mark.slow
def test_a_set_under_which_nobody_could_sign_the_next_is_refused(signed: Signing) -> None:
    text = (signed.folder / "rights/standing-in.cedar").read_text()
    begin = text.index('@id("rights.signing-policies")')
    (signed.folder / "rights/standing-in.cedar").write_text(
        text[:begin] + text[text.index('@id("rights.breaking-glass")') :]
    )
    for name in ("standing-in", "separation"):
        path = signed.folder / f"rights/{name}.cases.yaml"
        lines = [line for line in path.read_text().splitlines() if "allowed: true, action: sign_policies" not in line]
        kept = "\n".join(lines) + "\n"
        begin = kept.find("  rights.signing-policies:")
        if begin >= 0:
            kept = kept[:begin] + kept[kept.index("  rights.breaking-glass:") :]
        path.write_text(kept)
    spare = "    - {allowed: true, action: pause, role: engineer, fresh: false}\n"
    separation = signed.folder / "rights/separation.cases.yaml"
    words = separation.read_text().replace(
        "    - {allowed: false, action: sign_policies, role: legal, own: [policy]}\n",
        "    - {allowed: false, action: sign_policies, role: legal, own: [policy]}\n" + spare,
    )
    separation.write_text(words + spare)

    refused = signed.sign("lea")

    assert isinstance(refused, Refused)
    assert refused.code == "nobody-next"


# ---------------------------------------------------------------- what is on record


@pytest.mark.parametrize("demanded", [True, False])
def test_every_change_of_the_files_is_an_event_in_words_signed_or_not(
    sqlite_ledgers: Ledgers, tmp_path: Path, demanded: bool
) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=demanded)
    house.note()

    house.weaken()
    noted = [house.note() for _ in range(2)]
    house.mend()
    house.note()

    assert noted == [1, 0]
    with sqlite_ledgers.door.read() as tx:
        events = tx.events(EventKind.POLICIES_CHANGED)
    said = [f"{line['policy']}: {line['said']} ({line['weight']})" for event in events for line in event.data["lines"]]
    assert said[-2:] == [WEAKER, "pressure.urgency: level is block instead of review (stricter)"]
    assert {line["owner"] for line in events[-1].data["lines"]} == {"legal"}


def test_signing_an_older_set_again_is_a_new_signature_and_shows_what_it_brings_back(signed: Signing) -> None:
    signed.weaken()
    signed.sign("lea")
    signed.mend()

    signed.sign("max")

    assert signed.changes()[-2:] == [
        [WEAKER],
        ["pressure.urgency: level is block instead of review (stricter)"],
    ]


@pytest.mark.slow
def test_what_lets_more_through_is_told_first_and_an_event_says_how_much_it_leaves_out(signed: Signing) -> None:
    phrases = "".join(f"brand new phrase {'abcdefghijklmnopqrstuvwxyz'[at]},\n      " for at in range(20))
    signed.rewrite("phrases: [", f"phrases: [{phrases}")
    signed.weaken()

    waiting = signed.waiting()

    assert waiting.lines[0].sentence == WEAKER
    assert waiting.lines[1].weight == "stricter"
    assert "and 12 more" in waiting.lines[1].said
    assert "+      brand new phrase t," in waiting.differing


def test_the_ledger_verifies_with_the_texts_that_it_keeps(signed: Signing) -> None:
    signed.note()

    assert verify(signed.ledgers.door).sound

"""Whoever wants policies to change without anybody's name: what is in force stays what somebody signed."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from policies.engine.texts import text_digest
from presscheck.desk.changing import PolicySignature, Shown, note_changes
from presscheck.desk.current import ALL
from presscheck.desk.situation import current_policies
from presscheck.ledger import EventKind, tables, verify
from presscheck.ledger.chain import ChainMark, seal
from presscheck.models import Refused
from presscheck.press.__main__ import _step
from tests.desk.scene import Ledgers, Scene
from tests.desk.signing import MODEL, URGENCY, Signing
from tests.press.stand import Stand


@pytest.fixture
def signed(sqlite_ledgers: Ledgers, tmp_path: Path) -> Signing:
    house = Signing(sqlite_ledgers, tmp_path)
    assert isinstance(house.sign("lea"), PolicySignature)
    return house


def forged(house: Signing, kind: EventKind, body: dict[str, Any], *, process: str = "worker") -> None:
    """An event that somebody with the worker's key puts into the ledger, past every check of ours."""
    ledger = getattr(house.ledgers, process)
    with ledger.write() as tx:
        tip, last = tx.tip(), tx.last_at()
        assert last is not None
        event = seal(
            ledger.signer,
            after=ChainMark(tip.seq, tip.hash),
            at=house_time(tx),
            kind=kind,
            run="",
            subject=ALL,
            body=body,
        )
        tx.execute(insert(tables.events), event.__dict__)


def house_time(tx: Any) -> str:
    return tx.execute(select(tables.events.c.at).order_by(tables.events.c.seq.desc()).limit(1)).scalar_one()


@pytest.mark.parametrize("process", ["worker", "press"])
def test_policies_signed_by_a_worker_are_in_force_for_nobody(signed: Signing, process: str) -> None:
    signed.weaken()
    weaker = signed.door.files.look().texts
    with signed.ledgers.door.write() as tx:
        from presscheck.ledger.policy_texts import keep_texts

        keep_texts(tx, weaker.by_digest)
    body = {"set": weaker.digest, "before": None, "lines": [], "left_out": 0, "person": "P-lea", "role": "legal"}

    forged(signed, EventKind.POLICIES_SIGNED, {**body, "signed": True}, process=process)

    assert [signed.level(signed.seen_by(ledger)) for ledger in (signed.ledgers.door, signed.ledgers.press)] == [
        "block"
    ] * 2
    assert "may not write this kind" in (verify(signed.ledgers.door).fault or "")


@pytest.mark.parametrize("how", ["altered", "another", "gone", "list"])
def test_a_kept_text_that_was_swapped_holds_everything(signed: Signing, how: str) -> None:
    stand = Stand(Scene(signed.ledgers, policies=signed.door, people=False))
    delivery = stand.approve_and_request()
    press = signed.seen_by(signed.ledgers.press)
    stand.press.desk.policies = press
    texts = signed.door.files.look().texts
    digest = texts.digest if how == "list" else text_digest(texts.base.texts[URGENCY])
    weaker = texts.base.texts[URGENCY].replace("level: block", "level: review")
    table = tables.policy_texts
    with signed.ledgers.worker.write() as tx:
        if how == "another":
            tx.execute(insert(table), {"digest": text_digest(weaker), "text": weaker, "at": "now"})
        swapped = texts.manifest.replace(text_digest(texts.base.texts[URGENCY]), text_digest(weaker))
        new = swapped if how == "list" else weaker
        if how == "gone":
            tx.execute(table.delete().where(table.c.digest == digest))
        else:
            tx.execute(update(table).where(table.c.digest == digest).values(text=new))
    signed.weaken()

    stand.press.step()

    refused = current_policies(press)
    assert isinstance(refused, Refused)
    assert "cannot be believed" in refused.reason
    assert (stand.row(delivery).state, stand.files()) == ("held", [])
    assert "policies of event" in (verify(signed.ledgers.door).fault or "")


@pytest.mark.parametrize("writer", ["lea@brand.example", "LEA@Brand.Example", "lea+git@brand.example"])
def test_who_wrote_a_change_does_not_sign_it_under_any_spelling(signed: Signing, writer: str) -> None:
    signed.weaken()

    refused = signed.sign("lea", writers=("eva@brand.example", writer))
    by_another = signed.sign("max", writers=("eva@brand.example", writer))

    assert isinstance(refused, Refused)
    assert "Who wrote a change of the policies" in refused.reason
    assert isinstance(by_another, PolicySignature)


@pytest.mark.slow
def test_a_rule_that_is_weak_for_one_batch_leaves_two_events_though_the_door_saw_nothing(
    sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)
    stand = Stand(Scene(sqlite_ledgers, policies=house.door, people=False))
    stand.press.desk.policies = house.seen_by(sqlite_ledgers.press, signed=False)
    house.note()
    stand.approve_and_request()
    house.weaken()
    stand.press.desk.policies()
    house.mend()

    _step(stand.press)

    assert house.note() == 0
    assert house.changes() == [
        ["pressure.urgency: level is review instead of block (weaker)"],
        ["pressure.urgency: level is block instead of review (stricter)"],
    ]


def test_a_change_that_could_not_be_recorded_is_recorded_later(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    house = Signing(sqlite_ledgers, tmp_path, signed=False)
    house.note()
    house.weaken()
    house.door()
    house.mend()
    house.door()
    reader = house.seen_by(sqlite_ledgers.press, signed=False)
    reader.files = house.door.files
    signer, sqlite_ledgers.press.signer = sqlite_ledgers.press.signer, None

    with pytest.raises(Exception, match="reading only"):
        note_changes(sqlite_ledgers.press, reader)
    sqlite_ledgers.press.signer = signer

    assert note_changes(sqlite_ledgers.press, reader) == 2


@pytest.mark.slow
def test_a_signature_given_before_is_worth_nothing_for_what_waits_now(signed: Signing) -> None:
    signed.weaken()
    seen = signed.shown()
    signed.rewrite("at_most: 3", "at_most: 9", MODEL)

    refused = signed.sign("lea", shown=seen)

    assert isinstance(refused, Refused)
    assert (refused.code, signed.level()) == ("stale", "block")


def test_what_was_shown_beside_another_set_is_not_signed(signed: Signing) -> None:
    signed.weaken()
    first = signed.shown()
    signed.sign("max")
    signed.mend()
    now = signed.shown()

    refused = signed.sign("lea", shown=Shown(set=now.set, before=first.before))

    assert isinstance(refused, Refused)
    assert refused.code == "stale"


def test_an_old_signature_put_in_again_is_believed_by_nobody(signed: Signing) -> None:
    with signed.ledgers.door.read() as tx:
        (old,) = tx.events(EventKind.POLICIES_SIGNED)
    signed.weaken()
    signed.sign("max")
    with signed.ledgers.worker.write() as tx:
        tip = tx.tip()
        row = {**old.__dict__, "seq": tip.seq + 1, "previous": tip.hash, "hash": "0" * 64}
        tx.execute(insert(tables.events), row)

    assert signed.level(signed.seen_by(signed.ledgers.press)) == "review"
    assert not verify(signed.ledgers.door).sound


@pytest.mark.slow
@pytest.mark.parametrize("what", ["emptied", "gone"])
def test_an_overlay_that_is_emptied_takes_no_rule_away(sqlite_ledgers: Ledgers, tmp_path: Path, what: str) -> None:
    overlay = tmp_path / "ours"
    (overlay / "guardrails").mkdir(parents=True)
    (overlay / "guardrails" / "no-meh.yaml").write_text(MEH)
    house = Signing(sqlite_ledgers, tmp_path, overlay=overlay)
    house.sign("lea")

    (overlay / "guardrails" / "no-meh.yaml").unlink()
    if what == "gone":
        (overlay / "guardrails").rmdir()
        overlay.rmdir()

    assert "brand.no-meh" in house.door().versions
    waiting = house.waiting()
    if what == "gone":
        assert "there is no such folder" in waiting.reason
    else:
        assert [line.sentence for line in waiting.lines] == ["brand.no-meh: was removed: “No meh” (weaker)"]


MEH = """\
id: brand.no-meh
kind: guardrail
title: No meh
why: It bores.
source: {name: Ourselves, date: 2026-01-01}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match:
  kind: phrases
  phrases: [meh]
message: It bores.
suggestion: Say more.
cases:
  - {text: "meh", fires: true}
  - {text: "mehr", fires: false}
"""


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["a change", "the first set"])
def test_nobody_signs_themselves_into_the_right_to_sign(sqlite_ledgers: Ledgers, tmp_path: Path, before: bool) -> None:
    house = Signing(sqlite_ledgers, tmp_path)
    if before:
        house.sign("lea")
    cedar, cases = "rights/standing-in.cedar", "rights/standing-in.cases.yaml"
    house.rewrite('"ethics_officer" || principal in Role::"marketing_director"\n};\n\n@id("rights.breaking', OWN, cedar)
    house.rewrite(
        "true, action: sign_policies, role: marketing_director", "true, action: sign_policies, role: brand_lead", cases
    )
    house.rewrite("false, action: sign_policies, role: brand_lead", "false, action: sign_policies, role: author", cases)

    refused = [house.sign(name).code for name in ("ana", "eva")]
    # What is in force lets the director sign a change; a first set needs whom the shipped rights and its own allow.
    director = house.sign("max")

    assert refused == ["no-right", "no-right"]
    assert isinstance(director, PolicySignature if before else Refused)
    assert before or isinstance(house.sign("lea"), PolicySignature)


OWN = '"brand_lead"\n};\n\n@id("rights.breaking'


def test_signatures_are_not_switched_off_in_the_settings_of_one_process(signed: Signing) -> None:
    signed.weaken()

    press = signed.seen_by(signed.ledgers.press, signed=False)

    assert signed.level(press) == "block"


@pytest.mark.slow
def test_what_a_policy_file_says_is_cleaned_before_it_is_shown_or_kept(signed: Signing) -> None:
    signed.rewrite("title: ", "title: \u202e<b>harmless</b>\u200b ")

    (line,) = signed.waiting().lines

    assert "\u202e" not in line.said
    assert "\u200b" not in line.said
    assert "harmless" in line.said


@pytest.mark.slow
def test_a_signature_that_is_taken_out_brings_no_set_of_before_back(signed: Signing) -> None:
    stand = Stand(Scene(signed.ledgers, policies=signed.door, people=False))
    stand.press.desk.policies = signed.seen_by(signed.ledgers.press)
    delivery = stand.approve_and_request()
    signed.rewrite("at_most: 3", "at_most: 2", MODEL)
    signed.sign("max")
    with signed.ledgers.door.read() as tx:
        last = tx.events(EventKind.POLICIES_SIGNED)[-1].seq
    with signed.ledgers.press.engine.connect().execution_options(presscheck_write=True) as connection:
        with connection.begin():
            for name in (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.execute(tables.events.delete().where(tables.events.c.seq >= last))

    stand.press.step()

    assert (stand.row(delivery).state, stand.files()) == ("held", [])

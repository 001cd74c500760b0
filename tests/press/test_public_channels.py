"""Channels without an audience: each pick goes out once, to everybody, and no list can be slipped in."""

import json
from pathlib import Path
from typing import Any

import pytest

from presscheck.digests import digest_of
from presscheck.ledger import verify
from presscheck.ledger.deliveries import messages
from presscheck.models import Brief, Copy, Refused
from tests.desk.scene import BRIEF, Ledgers, Scene
from tests.press.stand import Stand

WORDS = "The Fell jacket is here. It keeps the rain out. Draft {letter} for people who walk in the hills."


def brief_for(channel: Any) -> Brief:
    return BRIEF.model_copy(update={"channel": channel})


def post(channel: Any, letter: str) -> Copy:
    titled = {"subject": f"For wet hills {letter}", "preheader": "Rain stays out"} if channel != "social" else {}
    return Copy(
        channel=channel,
        body=WORDS.format(letter=letter),
        call_to_action=BRIEF.call_to_action,
        **titled,
    )


def public_scene(ledgers: Ledgers, channel: Any, *, drafts: int = 3, **more: Any) -> Scene:
    copies = [post(channel, "abcdef"[number]) for number in range(drafts)]
    return Scene(ledgers, brief=brief_for(channel), drafts=copies, audience=None, audience_rows=0, **more)


def posted(stand: Stand) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(stand.outbox.folder.rglob("*.json"))]


@pytest.mark.parametrize("channel", ["social", "search", "blog"])
def test_each_pick_goes_out_once_to_everybody(sqlite_ledgers: Ledgers, channel: str) -> None:
    stand = Stand(public_scene(sqlite_ledgers, channel))

    delivery = stand.approve_and_request(picks=["V01", "V03"])
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.failed) == ("done", 2, 0)
    wanted = {(WORDS.format(letter=letter), None, channel) for letter in "ac"}
    assert {(one["body"], one["to"], one["channel"]) for one in posted(stand)} == wanted
    page = (stand.outbox.folder / delivery / "index.html").read_text()
    assert page.count("everybody</a>") == 2
    assert verify(stand.scene.ledgers.press).sound


def test_a_public_delivery_comes_to_the_same_on_both_databases(ledgers: Ledgers) -> None:
    stand = Stand(public_scene(ledgers, "social"))

    delivery = stand.approve_and_request(picks=["V01", "V02", "V03"])
    stand.press.step()

    with ledgers.press.read() as tx:
        rows = messages(tx, delivery)
    assert [row.key for row in rows] == [digest_of([delivery, asset.digest]) for asset in stand.scene.assets]
    assert {(row.recipient, row.state) for row in rows} == {("", "sent")}


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_a_message_for_a_device_goes_to_the_recipients_id_and_never_names_the_address(
    sqlite_ledgers: Ledgers, channel: str
) -> None:
    titles = {"subject": "For wet hills"} if channel == "push" else {}
    words = "The Fell jacket is here. It keeps the rain out." + (
        " See it: https://brand.example/fell" * (channel == "sms")
    )
    copy = Copy(channel=channel, body=words, **titles)
    stand = Stand(Scene(sqlite_ledgers, brief=brief_for(channel), drafts=[copy]))

    delivery = stand.approve_and_request(picks=["V01"])
    stand.press.step()

    assert stand.row(delivery).sent == 7
    assert sorted(one["to"] for one in posted(stand)) == [f"r{number:06d}" for number in range(7)]
    assert not [
        path for path in Path(stand.outbox.folder).rglob("*") if path.is_file() and b"@exam" in path.read_bytes()
    ]


def test_somebody_who_unsubscribed_gets_no_text_message_either(sqlite_ledgers: Ledgers) -> None:
    from presscheck.addresses import address_hash
    from presscheck.ledger.suppressions import suppress

    words = "The Fell jacket is here. It keeps the rain out. See it: https://brand.example/fell"
    stand = Stand(Scene(sqlite_ledgers, brief=brief_for("sms"), drafts=[Copy(channel="sms", body=words)]))
    with sqlite_ledgers.door.write() as tx:
        suppress(tx, [address_hash("person3@example.com")], reason="unsubscribed")

    delivery = stand.approve_and_request(picks=["V01"])
    stand.press.step()

    assert (stand.row(delivery).sent, stand.row(delivery).suppressed) == (6, 1)
    assert "r000003" not in {one["to"] for one in posted(stand)}


def test_a_list_cannot_be_slipped_under_what_was_approved_for_everybody(sqlite_ledgers: Ledgers) -> None:
    scene = public_scene(sqlite_ledgers, "social")
    decision = scene.approve(picks=["V01"])
    assert decision.manifest is not None

    with sqlite_ledgers.press.read() as tx:
        answer = scene.desk.authorise(
            tx, decision.manifest, scene.review.id, audience=scene.audience_path, as_of=tx.now
        )

    assert isinstance(answer, Refused)
    assert answer.code == "audience-changed"
    assert "goes to everybody" in answer.reason


def test_what_was_approved_for_a_list_never_goes_to_everybody(sqlite_ledgers: Ledgers) -> None:
    scene = Scene(sqlite_ledgers)
    decision = scene.approve()
    assert decision.manifest is not None

    with sqlite_ledgers.press.read() as tx:
        answer = scene.desk.authorise(tx, decision.manifest, scene.review.id, audience=None, as_of=tx.now)

    assert isinstance(answer, Refused)
    assert answer.code == "audience-changed"


def test_form_and_proof_say_everybody(sqlite_ledgers: Ledgers) -> None:
    from presscheck.door.proof import gather
    from presscheck.door.waiting import inbox

    scene = public_scene(sqlite_ledgers, "search")

    with sqlite_ledgers.door.read() as tx:
        form = scene.desk.form(tx, scene.review)
        proof = gather(tx, scene.desk, scene.review, person="P-ana")
    (line,) = inbox(scene.desk, person="P-ana").lines

    assert "search ads to everybody in US, DE. Answer by" in form.description
    assert proof.goes_to == "everybody in US, DE"
    assert line.as_json("")["goes_to"] == "everybody"

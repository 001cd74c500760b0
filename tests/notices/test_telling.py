"""Told once, in one message, retried until it gets out; and two that tell at once, or one that is killed."""

import threading
from datetime import timedelta

import pytest

from presscheck.ledger import EventKind
from presscheck.notices import Told, Words, tell_all
from tests.conftest import Clock
from tests.desk.scene import Ledgers
from tests.notices.office import Office, Receiver

BRAND = {"brand_lead": {"secret": "notices-brand"}}
OWNER = {"owner": {"secret": "notices-owner"}}
LINE = {"marketing_director": {"secret": "notices-director"}}


def test_a_notice_is_told_once(sqlite_ledgers: Ledgers, receiver: Receiver) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)

    first, second = office.look(), office.look()

    assert (first, second) == (Told(sent=1), Told())
    assert len(receiver.got) == 1
    assert office.told() == [("question", "brand_lead")]


def test_all_that_one_addressee_is_to_hear_is_one_message(
    sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock
) -> None:
    office = Office(sqlite_ledgers, **BRAND, **LINE)
    office.secret("notices-brand", receiver.url)
    office.secret("notices-director", receiver.url)

    clock.advance(days=3)
    office.look()

    assert len(receiver.got) == 2
    assert sorted(office.told()) == [
        ("escalation", "marketing_director"),
        ("reminder-2", "brand_lead"),
        ("reminder-2", "marketing_director"),
    ]


def test_a_reminder_and_an_escalation_are_events_though_nobody_is_named_to_be_told(
    sqlite_ledgers: Ledgers, clock: Clock
) -> None:
    office = Office(sqlite_ledgers)

    clock.advance(days=3)
    office.look()
    office.look()

    assert [data["step"] for data in office.events(EventKind.REVIEW_REMINDED)] == ["reminder-2"]
    assert [data["to"] for data in office.events(EventKind.REVIEW_ESCALATED)] == [["marketing_director"]]
    assert office.told() == []


def test_one_that_fails_is_tried_again_at_every_look_and_recorded_once(
    sqlite_ledgers: Ledgers, receiver: Receiver
) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)
    receiver.status = 503

    looks = [office.look() for _ in range(3)]
    receiver.status = 200
    last = office.look()

    assert looks == [Told(failed=1)] * 3
    assert last == Told(sent=1)
    assert [data["code"] for data in office.events(EventKind.NOTICE_FAILED)] == ["refused"]


def test_a_failing_notice_keeps_no_answer_out_and_ends_with_the_review(
    sqlite_ledgers: Ledgers, receiver: Receiver
) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)
    receiver.status = 500
    due = office.due()
    tell_all(sqlite_ledgers.worker, office.settings, due, office.attempt)

    office.answer("ana", "Reject", reason="factual", note="No.")
    asked = receiver.asked
    after = tell_all(sqlite_ledgers.worker, office.settings, due, office.attempt)

    assert "decision:rejected" in office.scene.kinds("decision")
    assert (after, receiver.asked) == (Told(), asked)


def test_one_killed_before_it_was_sent_is_sent_by_the_next(
    sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock
) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)
    clock.advance(days=1)

    def killed(addressee: str, words: Words) -> str | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.look(killed)
    assert office.look() == Told(sent=1)

    assert len(office.events(EventKind.REVIEW_REMINDED)) == 1
    assert len(receiver.got) == 1


def test_of_two_that_tell_at_once_one_tells(sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock) -> None:
    office = Office(sqlite_ledgers, **BRAND)
    office.secret("notices-brand", receiver.url)
    clock.advance(days=1)
    inside, done = threading.Event(), threading.Event()
    told: list[Told] = []

    def slow(addressee: str, words: Words) -> str | None:
        inside.set()
        done.wait(10)
        return office.attempt(addressee, words)

    other = threading.Thread(target=lambda: told.append(office.look(slow)))
    other.start()
    inside.wait(10)
    told.append(office.look())
    done.set()
    other.join(10)

    assert told == [Told(busy=True), Told(sent=1)]
    assert len(receiver.got) == 1
    assert len(office.events(EventKind.REVIEW_REMINDED)) == 1
    assert len(office.events(EventKind.NOTICE_SENT)) == 1


def test_a_stage_that_begins_again_is_told_of_again(sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock) -> None:
    office = Office(sqlite_ledgers, regional_reviewer={"secret": "notices-region"})
    office.person("rob", "regional_reviewer")
    office.secret("notices-region", receiver.url)

    office.answer("ana")
    office.look()
    office.revoke("ana")
    office.look()
    clock.advance(hours=1)
    office.answer("cleo")
    office.look()

    assert office.told() == [("question", "regional_reviewer")] * 2


def test_the_owner_is_told_of_an_expiry_after_the_review_has_ended(
    sqlite_ledgers: Ledgers, receiver: Receiver, clock: Clock
) -> None:
    office = Office(sqlite_ledgers, **OWNER)
    office.secret("notices-owner", receiver.url)

    clock.advance(days=8)
    office.scene.desk.expire_due()
    office.look()
    office.look()

    assert office.told() == [("expired", "owner")]
    assert "counts as refused" in receiver.said


def test_a_quiet_look_writes_nothing(sqlite_ledgers: Ledgers) -> None:
    office = Office(sqlite_ledgers)
    with sqlite_ledgers.worker.read() as tx:
        before = tx.tip()

    office.look()

    with sqlite_ledgers.worker.read() as tx:
        assert tx.tip() == before
    assert timedelta() < office.due()[0].until - sqlite_ledgers.clock.now

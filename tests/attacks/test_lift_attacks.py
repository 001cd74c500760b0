"""Ways to write again to somebody who must not be written to: a bounce is lifted by two people, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from presscheck.addresses import address_hash
from presscheck.desk.suppressions import Lift, lift_bounce
from presscheck.ledger import EventKind, tables, verify
from presscheck.ledger.suppressions import suppress, suppressed_among, suppressed_hashes, suppressions_fault
from presscheck.models import Refused
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.press.feedback import Feedback, note_refusals
from presscheck.press.feedback_mail import read_notice
from presscheck.unsubscribe_links import LEAVE_HERE
from tests.attacks.test_kill_switch_attacks import enrol, sql
from tests.desk.scene import Ledgers, Scene
from tests.door.conftest import _quick_argon2, _servers, house, open_house
from tests.door.house import House
from tests.press.returned import Answers
from tests.press.stand import Stand

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "house", "open_house"]

ADDRESS = "person2@example.com"
HASH = address_hash(ADDRESS)


class Box:
    """A delivery of which one message bounced: its mailbox is not there."""

    def __init__(self, ledgers: Ledgers) -> None:
        self.stand = Stand(Scene(ledgers))
        self.scene = self.stand.scene
        self.ledgers = ledgers
        self.delivery = self.stand.approve_and_request()
        self.stand.press.step()
        self.came = Answers(self.scene, self.delivery)
        self.feedback = Feedback(ledgers.press, ledgers.home, LEAVE_HERE, self.scene.policies)
        enrol(self.scene, "root", Grant(role="administrator", markets="all"))

    def record(self, raw: bytes) -> None:
        self.feedback.record([read_notice(raw)])

    def lift(self, person: str, address: str = ADDRESS) -> Lift | Refused:
        with self.ledgers.door.write() as tx:
            return lift_bounce(tx, address, person=f"P-{person}")

    def lifted(self) -> bool:
        with self.ledgers.press.read() as tx:
            assert suppressions_fault(tx)[1] is None
            return HASH not in suppressed_among(tx, [HASH]) and HASH not in suppressed_hashes(tx)

    def newest(self, kind: EventKind) -> Any:
        with self.ledgers.door.read() as tx:
            return tx.events(kind)[-1]


@pytest.fixture
def box(sqlite_ledgers: Ledgers) -> Box:
    found = Box(sqlite_ledgers)
    found.record(found.came.bounce(2))
    return found


def code(found: Any) -> str:
    return found.code if isinstance(found, Refused) else "done"


def test_two_people_let_a_bounced_address_back_in_on_both_databases(ledgers: Ledgers) -> None:
    box = Box(ledgers)
    box.record(box.came.bounce(2))

    first = box.lift("root")
    between = box.lifted()
    second = box.lift("ana")

    assert isinstance(first, Lift)
    assert isinstance(second, Lift)
    assert (first.confirmed_by, between) == ("", False)
    assert (second.by, second.confirmed_by, box.lifted()) == ("P-root", "P-ana", True)
    assert verify(ledgers.press).sound
    assert box.scene.kinds("lift:") + box.scene.kinds("address:") == [
        "lift:proposed",
        "address:suppressed",
        "address:lifted",
    ]


def test_one_person_alone_lets_nobody_back_in_however_often(box: Box) -> None:
    enrol(box.scene, "root+lead", Grant(role="brand_lead", markets="all"))

    answers = [box.lift("root"), box.lift("root"), box.lift("root+lead")]

    assert [code(one) for one in answers] == ["done", "not-second", "not-second"]
    assert not box.lifted()


@pytest.mark.parametrize("person", ["eva", "nobody"])
def test_who_neither_administers_nor_decides_lets_nobody_back_in(box: Box, person: str) -> None:
    box.lift("root")

    assert code(box.lift(person)) == "no-right"
    assert not box.lifted()


def test_the_word_of_somebody_who_was_revoked_does_not_count(box: Box) -> None:
    box.lift("root")
    with box.ledgers.door.write() as tx:
        remember_person(tx, "P-root", email="root@brand.example", name="root")
        record_rights(tx, EventKind.PERSON_REVOKED, "P-root", (), email="root@brand.example", name="root", by="P-ana")

    assert code(box.lift("ana")) == "done"
    assert not box.lifted()


def test_a_word_of_four_days_ago_does_not_count(box: Box) -> None:
    box.lift("root")
    box.ledgers.clock.now += timedelta(hours=73)

    box.lift("ana")

    assert not box.lifted()


_FOR_GOOD: dict[str, Callable[[Box], None]] = {
    "left by a link": lambda box: _suppressed(box, "unsubscribed"),
    "left by mail": lambda box: box.record(f"Subject: unsubscribe {box.came.token(2)}\n\n".encode()),
    "complained": lambda box: box.record(box.came.complaint(2)),
    "was put on the list by hand": lambda box: _suppressed(box, "asked-by-phone"),
    "was put on the list by hand, as bounced": lambda box: _suppressed(box, "bounced"),
}


def _suppressed(box: Box, reason: str) -> None:
    with box.ledgers.door.write() as tx:
        suppress(tx, [HASH], reason=reason)


@pytest.mark.parametrize("how", _FOR_GOOD)
@pytest.mark.parametrize("when", ["before the bounce", "after it", "between the two people", "after both"])
def test_whoever_left_or_complained_stays_out_by_whatever_order(sqlite_ledgers: Ledgers, how: str, when: str) -> None:
    box = Box(sqlite_ledgers)
    if when == "before the bounce":
        _FOR_GOOD[how](box)
    box.record(box.came.bounce(2))
    if when == "after it":
        _FOR_GOOD[how](box)
    box.lift("root")
    if when == "between the two people":
        _FOR_GOOD[how](box)
    box.lift("ana")
    if when == "after both":
        _FOR_GOOD[how](box)

    assert not box.lifted()
    assert code(box.lift("root")) == code(box.lift("ana")) == "for-good"


def test_a_complaint_from_before_there_was_a_way_back_keeps_an_address_out(box: Box) -> None:
    # Then, a second reason left no row; the complaint itself is still on record.
    with box.ledgers.press.write() as tx:
        row = {"delivery": box.delivery, "address_hash": HASH, "kind": "complaint", "event": 1}
        tx.execute(insert(tables.feedback), row)

    assert code(box.lift("root")) == "for-good"


def test_a_bounce_from_before_there_was_a_way_back_stays(sqlite_ledgers: Ledgers) -> None:
    # Nobody knows whether its reader left afterwards: that was not recorded then.
    box = Box(sqlite_ledgers)
    with sqlite_ledgers.press.write() as tx:
        suppress(tx, [HASH], reason="bounced")

    assert [code(box.lift("root")), code(box.lift("ana"))] == ["for-good", "for-good"]
    assert not box.lifted()


@pytest.mark.parametrize("process", ["worker", "press"])
def test_a_lift_that_another_process_signs_lifts_nothing(box: Box, process: str) -> None:
    suppression = box.newest(EventKind.ADDRESS_SUPPRESSED).seq
    with getattr(box.ledgers, process).write() as tx:
        proposal = tx.append(EventKind.LIFT_PROPOSED, HASH, {"person": "P-root", "suppressions": [suppression]})
        body = {"person": "P-ana", "proposal": proposal.seq, "suppressions": [suppression]}
        tx.append(EventKind.ADDRESS_LIFTED, HASH, body)

    assert not box.lifted()


@pytest.mark.parametrize(
    "forged",
    [
        {"person": "P-root"},
        {"person": ""},
        {"proposal": 1},
        {"proposal": None},
        {"proposal": [1]},
        {"suppressions": [1]},
        {"suppressions": ["1"]},
        {"suppressions": []},
        {"suppressions": 1},
        {"suppressions": None},
    ],
)
def test_a_lift_that_is_not_two_people_about_one_bounce_lifts_nothing(box: Box, forged: dict[str, Any]) -> None:
    box.lift("root")
    proposal = box.newest(EventKind.LIFT_PROPOSED)
    body = {"person": "P-ana", "proposal": proposal.seq, "suppressions": proposal.data["suppressions"], **forged}
    with box.ledgers.door.write() as tx:
        tx.append(EventKind.ADDRESS_LIFTED, HASH, body)

    assert not box.lifted()


def test_a_lift_for_another_address_lifts_nothing(box: Box) -> None:
    box.lift("root")
    proposal = box.newest(EventKind.LIFT_PROPOSED)
    body = {"person": "P-ana", "proposal": proposal.seq, "suppressions": proposal.data["suppressions"]}
    with box.ledgers.door.write() as tx:
        tx.append(EventKind.ADDRESS_LIFTED, address_hash("person3@example.com"), body)

    assert not box.lifted()


def test_an_old_lift_does_not_outlast_the_next_bounce(box: Box) -> None:
    box.lift("root")
    box.lift("ana")
    assert box.lifted()
    lift = box.newest(EventKind.ADDRESS_LIFTED)

    with box.ledgers.press.write() as tx:
        note_refusals(tx, "D-ffffffffffff", {ADDRESS: "mailbox"}, box.scene.policies)
    with box.ledgers.door.write() as tx:
        tx.append(EventKind.ADDRESS_LIFTED, HASH, lift.data)

    assert not box.lifted()
    assert code(box.lift("ana")) == "done"
    assert not box.lifted()


def test_an_old_report_read_again_does_not_undo_a_lift(box: Box) -> None:
    box.lift("root")
    box.lift("ana")

    box.record(box.came.bounce(2))

    assert box.lifted()


def test_rows_that_somebody_takes_out_or_changes_after_a_lift_hold_the_delivery(box: Box) -> None:
    box.lift("root")
    box.lift("ana")

    for statement in (
        delete(tables.suppressions).where(tables.suppressions.c.address_hash == HASH),
        update(tables.suppressions).values(event=1),
    ):
        sql(box.stand, statement)
        with box.ledgers.press.read() as tx:
            assert suppressions_fault(tx)[1] is not None


@pytest.mark.slow
def test_who_was_let_back_in_gets_the_next_message(sqlite_ledgers: Ledgers) -> None:
    box = Box(sqlite_ledgers)
    with sqlite_ledgers.press.write() as tx:
        suppress(tx, [HASH, address_hash("person3@example.com")], reason="bounced", found="mailbox")
    box.lift("root")
    box.lift("ana")
    again = Stand(Scene(sqlite_ledgers, run="6f0c6a52-0000-4000-8000-000000000002", people=False))

    delivery = again.approve_and_request()
    again.press.step()

    assert (again.row(delivery).sent, again.row(delivery).suppressed) == (6, 1)


# ---------------------------------------------------------------- a day on which a provider called everybody unknown


def test_two_people_let_all_that_bounced_of_a_delivery_back_in_and_nobody_who_left(ledgers: Ledgers) -> None:
    box = Box(ledgers)
    for number in (1, 2, 3, 4):
        box.record(box.came.bounce(number))
    box.record(box.came.complaint(3))
    _FOR_GOOD["left by a link"](box)

    first, alone = box.lift("root", box.delivery), box.lift("root", box.delivery)
    box.record(box.came.bounce(5))
    second = box.lift("ana", box.delivery)

    assert [code(one) for one in (first, alone, second)] == ["done", "not-second", "done"]
    with ledgers.press.read() as tx:
        left = suppressed_hashes(tx)
        assert suppressions_fault(tx)[1] is None
    # The second person confirmed what the first one saw; 2 left, 3 complained, 5 bounced in between.
    assert left == {address_hash(f"person{number}@example.com") for number in (2, 3, 5)}


def test_a_delivery_of_which_nothing_bounced_or_that_never_was_lets_nobody_in(box: Box) -> None:
    with box.ledgers.press.write() as tx:
        suppress(
            tx, [address_hash("person6@example.com")], reason="bounced", delivery="D-ffffffffffff", found="mailbox"
        )

    assert code(box.lift("root", "D-ffffffffffff")) == code(box.lift("root", "D-nonsense")) == "not-suppressed"


def test_another_delivery_s_name_lifts_nothing_of_this_one(box: Box) -> None:
    suppression = box.newest(EventKind.ADDRESS_SUPPRESSED).seq
    with box.ledgers.door.write() as tx:
        body = {"person": "P-root", "suppressions": [suppression]}
        proposal = tx.append(EventKind.LIFT_PROPOSED, "D-ffffffffffff", body)
        tx.append(EventKind.ADDRESS_LIFTED, "D-ffffffffffff", {**body, "person": "P-ana", "proposal": proposal.seq})

    assert not box.lifted()


# ---------------------------------------------------------------- through the door


def test_the_door_lets_two_people_say_so_and_nobody_else(house: House) -> None:
    house.enrol("root", "administrator")
    with house.scene.ledgers.press.write() as tx:
        suppress(tx, [HASH], reason="bounced", found="several")

    def ask(name: str, address: str = ADDRESS) -> Any:
        return house.visitor(name).post("/-/api/suppressions/lift", {"lift": address})

    refused, first, again, second = ask("eva"), ask("root"), ask("root"), ask("ana", f" {ADDRESS.upper()} ")

    assert [one.status_code for one in (refused, first, again, second)] == [403, 200, 409, 200]
    assert (first.json()["lifted"], second.json()["lifted"], second.json()["by"]) == (False, True, "root")
    assert [ask("root", "x@example.com").status_code, ask("root", "nonsense").status_code] == [404, 422]
    assert house.scene.kinds("request:") == ["request:forbidden"]

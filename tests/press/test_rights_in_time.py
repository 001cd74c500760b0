"""A right that ends while something waits holds the rest of it. An absence does not: a yes given before it stands."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.people.absence import absent
from presscheck.people.delegation import Delegation, delegate, end_delegation
from presscheck.people.rights import Grant, record_rights
from tests.press.stand import Stand

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)


class _Between:
    """The real outbox, with something happening after the first batch."""

    def __init__(self, stand: Stand, do: Callable[[], object]) -> None:
        self._outbox, self._do = stand.outbox, do
        self.outcome, self.close = stand.outbox.outcome, stand.outbox.close

    def send(self, delivery: str, batch: Any) -> Any:
        answers = self._outbox.send(delivery, batch)
        self._do()
        self._do = lambda: None
        return answers


def _lead(begins: date | None = None, ends: date | None = None) -> Grant:
    return Grant(role="brand_lead", markets="all", begins=begins, ends=ends)


def _give_ana(stand: Stand, *grants: Grant) -> None:
    with stand.scene.ledgers.door.write() as tx:
        email = "ana@brand.example"
        record_rights(tx, EventKind.PERSON_CHANGED, "P-ana", grants, email=email, name="ana", by="P-root")


def _lend_to_uma(stand: Stand, ends: date) -> Delegation:
    with stand.scene.ledgers.door.write() as tx:
        lent = delegate(tx, by="P-ana", to="P-uma", grants=[_lead()], begins=None, ends=ends, gates=("copy",))
    assert isinstance(lent, Delegation), lent
    return lent


def _to_the_next_day(stand: Stand) -> None:
    clock = stand.scene.ledgers.clock
    clock.now = clock.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)


def _assert_held(stand: Stand, delivery: str, *, sent: int) -> None:
    row = stand.row(delivery)
    assert (row.state, row.sent, len(stand.files())) == ("held", sent, sent)
    with stand.scene.ledgers.press.read() as tx:
        [held] = tx.events(EventKind.DELIVERY_HELD, subject=delivery)
    assert held.data["code"] == "rights-gone"


def test_a_role_that_is_over_before_it_goes_out_holds_it(stand: Stand) -> None:
    _give_ana(stand, _lead(ends=TODAY))
    delivery = stand.approve_and_request()
    _to_the_next_day(stand)

    stand.press.step()

    _assert_held(stand, delivery, sent=0)


def test_on_its_last_day_it_goes_out(stand: Stand) -> None:
    _give_ana(stand, _lead(ends=TODAY))
    delivery = stand.approve_and_request()
    stand.scene.ledgers.clock.now = stand.scene.ledgers.clock.now.replace(hour=23, minute=59, second=59)

    stand.press.step()

    assert (stand.row(delivery).sent, len(stand.files())) == (7, 7)


def test_a_role_that_is_over_between_two_batches_holds_the_rest(stand: Stand) -> None:
    _give_ana(stand, _lead(ends=TODAY))
    stand.press.channels = {"outbox": _Between(stand, lambda: _to_the_next_day(stand))}  # type: ignore[misc]
    delivery = stand.approve_and_request()

    stand.press.step()

    _assert_held(stand, delivery, sent=3)


def test_a_role_that_was_over_for_a_day_and_begins_again_brings_nothing_back(stand: Stand) -> None:
    _give_ana(stand, _lead(ends=TODAY), _lead(begins=TODAY + timedelta(days=2)))
    delivery = stand.approve_and_request()
    _to_the_next_day(stand)
    _to_the_next_day(stand)

    stand.press.step()

    _assert_held(stand, delivery, sent=0)


def test_two_roles_without_a_day_between_are_one(stand: Stand) -> None:
    _give_ana(stand, _lead(ends=TODAY), _lead(begins=TOMORROW))
    delivery = stand.approve_and_request()
    _to_the_next_day(stand)

    stand.press.step()

    assert stand.row(delivery).sent == 7


def test_nobody_decides_before_their_first_day(stand: Stand) -> None:
    _give_ana(stand, _lead(begins=TOMORROW))

    early = stand.scene.answer("ana")
    _to_the_next_day(stand)
    stand.scene.approve("ana")

    assert early.code == "no-right"


def test_an_absence_after_the_yes_holds_nothing(stand: Stand) -> None:
    def go_away() -> None:
        with stand.scene.ledgers.door.write() as tx:
            absent(tx, "P-ana", by="P-ana", until=None)

    stand.press.channels = {"outbox": _Between(stand, go_away)}  # type: ignore[misc]
    delivery = stand.approve_and_request()

    stand.press.step()

    assert (stand.row(delivery).sent, len(stand.files())) == (7, 7)
    assert stand.scene.kinds("person:absent") == ["person:absent"]


@pytest.mark.parametrize("how", ["its last day", "ended", "giver's last day", "giver revoked", "delegate revoked"])
def test_a_delegation_that_is_over_holds_what_was_approved_with_it(stand: Stand, how: str) -> None:
    if how == "giver's last day":
        _give_ana(stand, _lead(ends=TODAY))
    lent = _lend_to_uma(stand, ends=TODAY if how in ("its last day", "giver's last day") else TOMORROW)
    delivery = stand.approve_and_request(person="uma")

    if "last day" in how:
        _to_the_next_day(stand)
    with stand.scene.ledgers.door.write() as tx:
        if how == "ended":
            end_delegation(tx, lent.id, by="P-uma")
        elif how.endswith("revoked"):
            name = "ana" if how.startswith("giver") else "uma"
            email = f"{name}@brand.example"
            record_rights(tx, EventKind.PERSON_REVOKED, f"P-{name}", (), email=email, name=name, by="P-root")
    stand.press.step()

    _assert_held(stand, delivery, sent=0)


def test_what_was_approved_with_a_delegation_that_holds_goes_out(stand: Stand) -> None:
    _lend_to_uma(stand, ends=TOMORROW)
    delivery = stand.approve_and_request(person="uma")
    with stand.scene.ledgers.door.write() as tx:
        absent(tx, "P-ana", by="P-ana", until=None)
    _to_the_next_day(stand)

    stand.press.step()

    assert stand.row(delivery).sent == 7

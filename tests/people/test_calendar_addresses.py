"""An address of a calendar opens it for one person, until it is taken back, made anew, or the person leaves."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.ledger.search import stored_events
from presscheck.people.calendar_addresses import end_address, made_at, make_address, person_of
from presscheck.people.rights import Grant, record_rights

LEAD = [Grant(role="brand_lead", markets="all")]


def rights(ledger: Any, kind: EventKind, grants: Any) -> None:
    with ledger.write() as tx:
        record_rights(tx, kind, "P-ana", grants, email="ana@brand.example", name="ana", by="P-root")


def made(ledger: Any) -> str:
    with ledger.write() as tx:
        return make_address(tx, "P-ana")


def opens(ledger: Any, token: str) -> str | None:
    with ledger.read() as tx:
        return person_of(tx, token)


@pytest.fixture
def ledger(sqlite_ledgers: Any) -> Any:
    rights(sqlite_ledgers.door, EventKind.PERSON_ENROLLED, LEAD)
    return sqlite_ledgers.door


def test_it_opens_the_persons_calendar_and_only_its_digest_is_kept(ledger: Any) -> None:
    token = made(ledger)

    with ledger.read() as tx:
        everything = " ".join(f"{event.subject} {event.body}" for event in stored_events(tx))
    assert opens(ledger, token) == "P-ana"
    assert token not in everything


def test_a_new_one_ends_the_one_before_and_taking_back_ends_it(ledger: Any) -> None:
    first, second = made(ledger), made(ledger)
    between = [opens(ledger, first), opens(ledger, second)]

    with ledger.write() as tx:
        taken = [end_address(tx, "P-ana"), end_address(tx, "P-ana")]

    assert between == [None, "P-ana"]
    assert opens(ledger, second) is None
    assert taken == [True, False]


@pytest.mark.parametrize("kind", [EventKind.PERSON_REVOKED, EventKind.PERSON_CHANGED])
def test_who_leaves_or_holds_no_role_has_none_and_none_again_on_coming_back(ledger: Any, kind: EventKind) -> None:
    token = made(ledger)

    rights(ledger, kind, [])
    away = opens(ledger, token)
    rights(ledger, EventKind.PERSON_CHANGED, LEAD)

    assert away is None
    assert opens(ledger, token) is None
    with ledger.read() as tx:
        assert made_at(tx, "P-ana") is None
    assert opens(ledger, made(ledger)) == "P-ana"


def test_a_role_beside_the_one_that_was_held_changes_nothing(ledger: Any) -> None:
    token = made(ledger)

    rights(ledger, EventKind.PERSON_CHANGED, [*LEAD, Grant(role="legal", markets="all")])

    assert opens(ledger, token) == "P-ana"


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 42, "é" * 43, "../" * 20, "A" * 10_000])
def test_what_nobody_made_opens_nothing(ledger: Any, token: str) -> None:
    made(ledger)

    assert opens(ledger, token) is None


def test_its_digest_opens_nothing(ledger: Any) -> None:
    made(ledger)
    with ledger.read() as tx:
        [event] = tx.events(EventKind.CALENDAR_ADDRESS_MADE)

    assert opens(ledger, event.subject) is None
    assert opens(ledger, event.subject[:43]) is None

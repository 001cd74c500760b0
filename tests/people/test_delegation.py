"""Delegation: never more than is held, never passed on, and never a way round the second person."""

from datetime import date, timedelta
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.absence import absent
from presscheck.people.delegation import (
    Delegation,
    acting_for,
    as_held,
    delegate,
    delegations,
    delegations_of,
    delegations_to,
    end_delegation,
)
from presscheck.people.rights import Grant, rights_of
from tests.second import confirmed

ADMIN = Grant(role="administrator", markets="all")
AUTHOR = Grant(role="author", markets="all")
LEAD = Grant(role="brand_lead", markets=("US", "DE"))
LEGAL = Grant(role="legal", markets="all")
TODAY = date(2026, 3, 2)


@pytest.fixture
def ana(hamlet: Any) -> Any:
    return hamlet.join("ana@example.com", "Ana", LEAD)


@pytest.fixture
def lea(hamlet: Any, ana: Any) -> Any:
    return hamlet.join("lea@example.com", "Lea", LEGAL)


def _lend(town: Any, giver: Any, taker: Any, *grants: Grant, **instead: Any) -> Delegation | Refused:
    given = {"begins": None, "ends": TODAY + timedelta(days=9), "gates": "all"} | instead
    with town.accounts.ledger.write() as tx:
        return delegate(tx, by=giver.id, to=taker.id, grants=grants or (LEAD,), **given)


def _lent(town: Any, giver: Any, taker: Any, *grants: Grant, **instead: Any) -> Delegation:
    answer = _lend(town, giver, taker, *grants, **instead)
    assert isinstance(answer, Delegation), answer
    return answer


def _why_not(town: Any, giver: Any, taker: Any, *grants: Grant, **instead: Any) -> str:
    answer = _lend(town, giver, taker, *grants, **instead)
    assert isinstance(answer, Refused), answer
    return answer.reason


def _acting(town: Any, taker: Any) -> list[tuple[str, tuple[Grant, ...]]]:
    with town.accounts.ledger.read() as tx:
        return [(one.by, one.grants) for one in acting_for(tx, taker.id)]


def test_what_is_lent_holds_from_its_first_day_to_its_last(hamlet: Any, ana: Any, lea: Any, clock: Any) -> None:
    _lent(hamlet, ana, lea, begins=TODAY + timedelta(days=1), ends=TODAY + timedelta(days=2), gates=("copy",))
    seen: list[int] = []

    for _ in range(4):
        with hamlet.accounts.ledger.read() as tx:
            seen.append(len(acting_for(tx, lea.id)))
        clock.advance(days=1)

    assert seen == [0, 1, 1, 0]


def test_it_says_for_whom_what_and_at_which_gates(hamlet: Any, ana: Any, lea: Any) -> None:
    lent = _lent(hamlet, ana, lea, Grant(role="brand_lead", markets=("DE",)), gates=("copy", "copy"))

    with hamlet.accounts.ledger.read() as tx:
        [acting] = acting_for(tx, lea.id)

    assert acting.by == ana.id
    assert acting.grants == (Grant(role="brand_lead", markets=("DE",)),)
    assert (acting.gates, acting.basis) == (("copy",), lent.seq)


def test_it_gives_the_taker_no_right_of_their_own(hamlet: Any, ana: Any, lea: Any) -> None:
    _lent(hamlet, ana, lea)

    with hamlet.accounts.ledger.read() as tx:
        rights = rights_of(tx, lea.id)

    assert rights is not None
    assert not rights.may("brand_lead", ("US",))


def test_the_event_holds_pseudonyms_and_nothing_to_read(hamlet: Any, ana: Any, lea: Any) -> None:
    _lent(hamlet, ana, lea)

    with hamlet.accounts.ledger.read() as tx:
        [event] = tx.events(EventKind.PERSON_DELEGATED)

    assert event.subject == ana.id
    assert set(event.data) == {"to", "grants", "begins", "ends", "gates"}
    assert event.data["to"] == lea.id


def test_whoever_lent_may_be_away(hamlet: Any, ana: Any, lea: Any) -> None:
    _lent(hamlet, ana, lea)
    with hamlet.accounts.ledger.write() as tx:
        absent(tx, ana.id, by=ana.id, until=None)

    assert _acting(hamlet, lea) == [(ana.id, (LEAD,))]


@pytest.mark.parametrize(
    ("instead", "what"),
    [
        ({"begins": TODAY - timedelta(days=1)}, "which is over; begin on 2026-03-02 or later"),
        ({"ends": TODAY - timedelta(days=1)}, "before it begins"),
        ({"ends": TODAY + timedelta(days=30)}, "it would last 31 days and 30 are the most"),
        ({"begins": TODAY + timedelta(days=91), "ends": TODAY + timedelta(days=92)}, "more than 90 days"),
        ({"gates": ()}, "name 1 to 20 gates"),
        ({"gates": ("../copy",)}, "not the name of a gate"),
        ({"gates": ("Copy\n",)}, "not the name of a gate"),
    ],
)
def test_days_and_gates_that_cannot_be(hamlet: Any, ana: Any, lea: Any, instead: Any, what: str) -> None:
    assert what in _why_not(hamlet, ana, lea, **instead)


@pytest.mark.parametrize(
    ("grant", "what"),
    [
        (Grant(role="brand_lead", markets="all"), "you do not hold brand_lead; you hold brand_lead in US, DE"),
        (Grant(role="brand_lead", markets=("US", "FR")), "you do not hold brand_lead in US, FR"),
        (Grant(role="legal", markets=("US",)), "you do not hold legal in US"),
        (Grant(role="brand_lead", markets=()), "in no market"),
        (Grant(role="brand_lead", markets=("US",), ends=TODAY), "its roles have none of their own"),
        (Grant(role="administrator", markets="all"), "not delegated"),
        (Grant(role="engineer", markets="all"), "not delegated"),
    ],
)
def test_more_than_is_held_is_not_lent(hamlet: Any, ana: Any, lea: Any, grant: Grant, what: str) -> None:
    assert what in _why_not(hamlet, ana, lea, grant)
    assert _acting(hamlet, lea) == []


def test_every_fault_is_told_at_once(hamlet: Any, ana: Any, lea: Any) -> None:
    why = _why_not(hamlet, ana, lea, LEGAL, ADMIN, begins=TODAY - timedelta(days=50), gates=("?",))

    assert why.count(";") >= 4
    for part in ("which is over", "30 are the most", "not the name of a gate", "legal", "administrator"):
        assert part in why


def test_nobody_lends_to_themselves_to_strangers_or_to_the_revoked(hamlet: Any, ana: Any, lea: Any) -> None:
    hamlet.accounts.revoke(lea.id, by=hamlet.first.id)
    with hamlet.accounts.ledger.write() as tx:
        stranger = delegate(tx, by=ana.id, to="P-nobody", grants=[LEAD], begins=None, ends=TODAY, gates="all")
        by_stranger = delegate(tx, by=lea.id, to=ana.id, grants=[LEGAL], begins=None, ends=TODAY, gates="all")

    assert "to yourself" in _why_not(hamlet, ana, ana)
    assert "nobody active" in _why_not(hamlet, ana, lea)
    assert isinstance(stranger, Refused)
    assert isinstance(by_stranger, Refused)
    assert (stranger.code, by_stranger.code) == ("unknown-person", "not-active")


def test_what_was_lent_is_not_passed_on(hamlet: Any, ana: Any, lea: Any) -> None:
    rex = hamlet.join("rex@example.com", "Rex", Grant(role="regional_reviewer", markets=("DE",)))
    _lent(hamlet, ana, lea)

    assert "not passed on" in _why_not(hamlet, lea, rex, Grant(role="brand_lead", markets=("US",)))
    assert _acting(hamlet, rex) == []


def test_lending_makes_nobody_a_decider(hamlet: Any, ana: Any) -> None:
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)

    why = _why_not(hamlet, ana, ben)

    assert "that takes two" in why
    assert _acting(hamlet, ben) == []


def test_a_role_that_does_not_decide_is_lent_to_anybody(hamlet: Any, ana: Any) -> None:
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)
    editor = Grant(role="content_editor", markets="all")
    kim = hamlet.join("kim@example.com", "Kim", editor)

    _lent(hamlet, kim, ben, editor)

    assert _acting(hamlet, ben) == [(kim.id, (editor,))]


def test_it_confirms_no_proposal_and_invites_nobody(hamlet: Any, ana: Any, clock: Any) -> None:
    dated = LEGAL.model_copy(update={"ends": TODAY})
    lea = hamlet.join("lea@example.com", "Lea", dated)
    _lent(hamlet, ana, lea)
    clock.advance(days=1)
    proposed = hamlet.invite("m@example.com", "M", AUTHOR)

    # Lea decides nothing of her own any more: what Ana lent her does not make her a second person.
    answer = hamlet.accounts.confirm(proposed.proposal, by=lea.id)

    assert isinstance(answer, Refused)
    assert answer.code == "not-second"
    assert _acting(hamlet, lea) == []


def test_what_the_giver_loses_is_lent_no_more_and_does_not_come_back(hamlet: Any, ana: Any, lea: Any) -> None:
    adam = hamlet.join("adam@example.com", "Adam", ADMIN)
    _lent(hamlet, ana, lea)

    hamlet.accounts.change(ana.id, [Grant(role="brand_lead", markets=("DE",))], by=adam.id)
    smaller = _acting(hamlet, lea)
    confirmed(hamlet.accounts, hamlet.accounts.change(ana.id, [LEAD], by=adam.id))

    assert smaller == [(ana.id, (Grant(role="brand_lead", markets=("DE",)),))]
    assert _acting(hamlet, lea) == smaller


@pytest.mark.parametrize("who", ["giver", "taker"])
def test_revoking_either_ends_it_for_good(hamlet: Any, ana: Any, lea: Any, who: str) -> None:
    hamlet.join("adam@example.com", "Adam", ADMIN)
    _lent(hamlet, ana, lea)
    revoked, grants = (ana, LEAD) if who == "giver" else (lea, LEGAL)

    hamlet.accounts.revoke(revoked.id, by=hamlet.first.id)
    gone = _acting(hamlet, lea)
    hamlet.join(revoked.email, "Back", grants)

    assert (gone, _acting(hamlet, lea)) == ([], [])


def test_it_ends_when_the_giver_s_own_days_do(hamlet: Any, lea: Any, clock: Any) -> None:
    dated = Grant(role="brand_lead", markets="all", ends=TODAY + timedelta(days=3))
    uma = hamlet.join("uma@example.com", "Uma", dated, AUTHOR)
    us = Grant(role="brand_lead", markets=("US",))

    too_long = _why_not(hamlet, uma, lea, us)
    _lent(hamlet, uma, lea, us, ends=TODAY + timedelta(days=3))
    hamlet.accounts.change(uma.id, [dated.model_copy(update={"ends": TODAY + timedelta(days=1)})], by=hamlet.first.id)
    clock.advance(days=1)
    held = _acting(hamlet, lea)
    clock.advance(days=1)

    assert "name days on which you do" in too_long
    assert held == [(uma.id, (us,))]
    assert _acting(hamlet, lea) == []


def test_a_role_of_a_later_day_is_not_lent_yet(hamlet: Any, lea: Any) -> None:
    uma = hamlet.join(
        "uma@example.com", "Uma", Grant(role="brand_lead", markets="all", begins=TODAY + timedelta(days=3))
    )

    why = _why_not(hamlet, uma, lea, begins=TODAY + timedelta(days=4))

    assert "you do not hold" in why


def test_who_decides_no_more_keeps_nothing_that_decides(hamlet: Any, ana: Any, lea: Any) -> None:
    _lent(hamlet, ana, lea)

    hamlet.accounts.change(lea.id, [AUTHOR], by=hamlet.first.id)

    assert _acting(hamlet, lea) == []


@pytest.mark.parametrize("who", ["giver", "taker", "administrator"])
def test_either_of_the_two_and_an_administrator_end_it(hamlet: Any, ana: Any, lea: Any, who: str) -> None:
    lent = _lent(hamlet, ana, lea)
    by = {"giver": ana, "taker": lea, "administrator": hamlet.first}[who]

    with hamlet.accounts.ledger.write() as tx:
        assert end_delegation(tx, lent.id, by=by.id) is None

    assert _acting(hamlet, lea) == []
    with hamlet.accounts.ledger.read() as tx:
        assert (delegations(tx), delegations_of(tx, ana.id), delegations_to(tx, lea.id)) == ([], [], [])


def test_nobody_else_ends_it_and_it_ends_once(hamlet: Any, ana: Any, lea: Any) -> None:
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)
    lent = _lent(hamlet, ana, lea)

    with hamlet.accounts.ledger.write() as tx:
        by_ben = end_delegation(tx, lent.id, by=ben.id)
    assert _acting(hamlet, lea) == [(ana.id, (LEAD,))]
    with hamlet.accounts.ledger.write() as tx:
        end_delegation(tx, lent.id, by=ana.id)
        again = end_delegation(tx, lent.id, by=ana.id)

    assert isinstance(by_ben, Refused)
    assert isinstance(again, Refused)
    assert (by_ben.code, again.code) == ("not-administrator", "unknown-delegation")


def test_a_row_of_delegations_is_no_longer_than_one(hamlet: Any, ana: Any, lea: Any) -> None:
    first = _lent(hamlet, ana, lea, ends=TODAY + timedelta(days=29))
    following = {"begins": TODAY + timedelta(days=30), "ends": TODAY + timedelta(days=40)}

    refused = _why_not(hamlet, ana, lea, Grant(role="brand_lead", markets=("US",)), **following)
    _lent(hamlet, ana, lea, **(following | {"begins": TODAY + timedelta(days=31)}))
    with hamlet.accounts.ledger.write() as tx:
        end_delegation(tx, first.id, by=ana.id)

    assert "from 2026-03-02 to 2026-04-11" in refused
    assert _acting(hamlet, lea) == []


def test_a_delegation_that_a_worker_writes_is_believed_by_nobody(
    hamlet: Any, ana: Any, lea: Any, sqlite_ledgers: Any
) -> None:
    body = {
        "to": lea.id,
        "grants": [{"role": "brand_lead", "markets": ["US"]}],
        "begins": "2026-03-02",
        "ends": "2026-03-09",
        "gates": "all",
    }
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.PERSON_DELEGATED, ana.id, body)

    assert _acting(hamlet, lea) == []


def test_a_forged_end_ends_nothing(hamlet: Any, ana: Any, lea: Any, sqlite_ledgers: Any) -> None:
    lent = _lent(hamlet, ana, lea)
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.DELEGATION_ENDED, ana.id, {"delegation": lent.seq, "by": ana.id})

    assert _acting(hamlet, lea) == [(ana.id, (LEAD,))]


def test_a_role_is_offered_in_the_markets_in_which_it_is_held(hamlet: Any, ana: Any) -> None:
    with hamlet.accounts.ledger.read() as tx:
        held, not_held = as_held(tx, ana.id, "brand_lead"), as_held(tx, ana.id, "legal")

    assert held == Grant(role="brand_lead", markets=("DE", "US"))
    assert not_held == Grant(role="legal", markets="all")

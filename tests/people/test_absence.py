"""Absence: said by the person or an administrator, over with its last day, and no way to gain anything."""

from datetime import date, timedelta
from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.absence import Absence, absences, absent, is_absent, present
from presscheck.people.proposals import Confirmed
from presscheck.people.rights import Grant

ADMIN = Grant(role="administrator", markets="all")
AUTHOR = Grant(role="author", markets="all")
TODAY = date(2026, 3, 2)


@pytest.fixture
def ana(hamlet: Any, lead: Any) -> Any:
    return hamlet.join("ana@example.com", "Ana", lead)


def _away(town: Any, person: Any, by: Any, until: date | None = None) -> Absence | Refused:
    with town.accounts.ledger.write() as tx:
        return absent(tx, person.id, by=by.id, until=until)


def _back(town: Any, person: Any, by: Any) -> Refused | None:
    with town.accounts.ledger.write() as tx:
        return present(tx, person.id, by=by.id)


def _is_away(town: Any, person: Any) -> bool:
    with town.accounts.ledger.read() as tx:
        assert is_absent(tx, person.id) == (person.id in absences(tx))
        return is_absent(tx, person.id)


def test_an_absence_is_over_with_its_last_day(hamlet: Any, ana: Any, clock: Any) -> None:
    _away(hamlet, ana, ana, TODAY + timedelta(days=1))
    seen: list[bool] = []

    for _ in range(3):
        seen.append(_is_away(hamlet, ana))
        clock.advance(days=1)

    assert seen == [True, True, False]


def test_one_without_a_last_day_lasts_until_somebody_is_back(hamlet: Any, ana: Any, clock: Any) -> None:
    _away(hamlet, ana, ana)
    clock.advance(days=400)
    away = _is_away(hamlet, ana)

    back = _back(hamlet, ana, ana)

    assert (away, back, _is_away(hamlet, ana)) == (True, None, False)


def test_said_again_the_new_last_day_counts(hamlet: Any, ana: Any, clock: Any) -> None:
    _away(hamlet, ana, ana)
    _away(hamlet, ana, hamlet.first, TODAY)

    clock.advance(days=1)

    assert not _is_away(hamlet, ana)


def test_an_administrator_says_it_of_others_and_nobody_else_does(hamlet: Any, ana: Any) -> None:
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)

    by_ben = _away(hamlet, ana, ben)
    by_root = _away(hamlet, ana, hamlet.first)
    back_by_ben = _back(hamlet, ana, ben)

    assert isinstance(by_ben, Refused)
    assert isinstance(by_root, Absence)
    assert isinstance(back_by_ben, Refused)
    assert _is_away(hamlet, ana)
    assert _back(hamlet, ana, hamlet.first) is None


def test_what_cannot_be_is_refused_with_what_to_do(hamlet: Any, ana: Any) -> None:
    over = _away(hamlet, ana, ana, TODAY - timedelta(days=1))
    not_away = _back(hamlet, ana, ana)
    hamlet.accounts.revoke(ana.id, by=hamlet.first.id)
    gone = _away(hamlet, ana, hamlet.first)
    by_gone = _away(hamlet, hamlet.first, ana)

    codes = [one.code for one in (over, not_away, gone, by_gone) if isinstance(one, Refused)]
    assert codes == ["bad-dates", "not-absent", "unknown-person", "not-administrator"]


def test_an_absence_that_a_worker_writes_is_believed_by_nobody(hamlet: Any, ana: Any, sqlite_ledgers: Any) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.PERSON_ABSENT, ana.id, {"by": ana.id, "until": None})

    assert not _is_away(hamlet, ana)


def test_sending_the_other_administrator_away_does_not_make_room_for_a_puppet(hamlet: Any, ana: Any) -> None:
    adam = hamlet.join("adam@example.com", "Adam", ADMIN)
    proposed = hamlet.invite("m@example.com", "M", AUTHOR)
    _away(hamlet, adam, hamlet.first)

    # Were Adam not counted while he is away, Ana could confirm what Ruth proposes.
    by_ana = hamlet.accounts.confirm(proposed.proposal, by=ana.id)
    by_adam = hamlet.accounts.confirm(proposed.proposal, by=adam.id)

    assert isinstance(by_ana, Refused)
    assert isinstance(by_adam, Confirmed)

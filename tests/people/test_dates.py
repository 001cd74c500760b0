"""Days: a role holds from its first day to its last, and longer days are a promotion like any other."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.proposals import Proposal, gains_weight
from presscheck.people.rights import Grant, people_with, reaches, rights_of, rights_since
from tests.second import confirmed, second_person_of

ADMIN = Grant(role="administrator", markets="all")
AUTHOR = Grant(role="author", markets="all")
LEGAL = Grant(role="legal", markets="all")
TODAY = date(2026, 3, 2)


def _lead(begins: str | None = None, ends: str | None = None, markets: Any = "all") -> Grant:
    return Grant.model_validate({"role": "brand_lead", "markets": markets, "begins": begins, "ends": ends})


def _may(town: Any, person: str, role: str = "brand_lead") -> bool:
    with town.accounts.ledger.read() as tx:
        rights = rights_of(tx, person)
        return rights is not None and rights.may(role, ("US",))


def test_a_role_holds_on_its_first_and_last_day_and_on_no_other(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", AUTHOR, _lead("2026-03-04", "2026-03-05"))
    days: dict[int, bool] = {}

    for day in range(2, 8):
        clock.now = clock.now.replace(day=day, hour=0, minute=0, second=0)
        first = _may(hamlet, ana.id)
        clock.now = clock.now.replace(hour=23, minute=59, second=59)
        assert first == _may(hamlet, ana.id)
        days[day] = first

    assert days == {2: False, 3: False, 4: True, 5: True, 6: False, 7: False}
    assert _may(hamlet, ana.id, "author")


def test_a_clock_set_back_gives_nobody_back_what_was_over(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-02"))
    uma = hamlet.join("uma@example.com", "Uma", _lead("2026-03-05"))
    clock.advance(days=4)
    hamlet.join("ben@example.com", "Ben", AUTHOR)

    clock.advance(days=-4)

    assert not _may(hamlet, ana.id)
    assert not _may(hamlet, uma.id)


def test_who_holds_a_role_is_asked_of_the_day(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-02"))

    with hamlet.accounts.ledger.read() as tx:
        today = [rights.person for rights in people_with(tx, "brand_lead", ("US",))]
    clock.advance(days=1)
    with hamlet.accounts.ledger.read() as tx:
        tomorrow = people_with(tx, "brand_lead", ("US",))
        rights = rights_of(tx, ana.id)

    assert (today, tomorrow) == ([ana.id], [])
    assert rights is not None
    assert (rights.active, rights.roles, rights.granted) == (True, (), (_lead(ends="2026-03-02"),))


def test_a_grant_without_days_is_stored_as_it_was_before_there_were_days(hamlet: Any, lead: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", lead, _lead("2026-03-04"))

    with hamlet.accounts.ledger.read() as tx:
        event = tx.newest(EventKind.PERSON_ENROLLED, subject=ana.id)

    assert event is not None
    assert event.data["grants"] == [
        {"role": "brand_lead", "markets": ["US", "DE"]},
        {"role": "brand_lead", "markets": "all", "begins": "2026-03-04"},
    ]


@pytest.mark.parametrize(
    ("days", "what"),
    [
        ({"begins": "2026-03-05", "ends": "2026-03-04"}, "before it begins"),
        ({"ends": 20260304}, "year-month-day"),
        ({"ends": "1767225600"}, "year-month-day"),
        ({"ends": "2026-02-30"}, "there is no day"),
        ({"ends": "9999-12-31"}, "not a day between"),
        ({"begins": "2026-03-04T09:00:00"}, "year-month-day"),
        ({"begins": True}, "year-month-day"),
    ],
)
def test_days_that_are_none_are_refused(days: Any, what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        Grant.model_validate({"role": "legal", "markets": "all", **days})


@pytest.mark.parametrize(
    ("before", "after", "weighs"),
    [
        ([(None, None)], [("2026-03-04", "2026-03-09")], False),
        ([("2026-03-04", "2026-03-09")], [(None, None)], True),
        ([("2026-03-04", "2026-03-09")], [("2026-03-04", "2026-03-10")], True),
        ([("2026-03-04", "2026-03-09")], [("2026-03-03", "2026-03-09")], True),
        ([("2026-03-04", "2026-03-09")], [("2026-03-05", "2026-03-08")], False),
        ([("2026-03-04", "2026-03-06"), ("2026-03-07", "2026-03-09")], [("2026-03-04", "2026-03-09")], False),
        ([("2026-03-04", "2026-03-06"), ("2026-03-08", "2026-03-09")], [("2026-03-04", "2026-03-09")], True),
        ([(None, "2026-03-06"), ("2026-03-01", None)], [(None, None)], False),
        ([("2026-03-04", None)], [("2026-03-05", None)], False),
    ],
)
def test_longer_days_weigh_more(before: Any, after: Any, weighs: bool) -> None:
    held, wanted = ([_lead(*days) for days in some] for some in (before, after))

    assert gains_weight(held, wanted) is weighs


def test_days_are_counted_in_each_market_apart() -> None:
    held = [_lead("2026-03-01", "2026-03-09", ("US",)), _lead("2026-03-04", "2026-03-09", ("DE",))]

    assert reaches(held, _lead("2026-03-04", "2026-03-09", ("US", "DE")))
    assert not reaches(held, _lead("2026-03-01", "2026-03-09", ("US", "DE")))
    assert not reaches(held, _lead("2026-03-05", "2026-03-06"))


def test_longer_days_take_a_second_person_and_shorter_ones_do_not(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-04"))
    hamlet.join("adam@example.com", "Adam", ADMIN)
    by = hamlet.first.id

    longer = hamlet.accounts.change(ana.id, [_lead(ends="2026-03-05")], by=by)
    shorter = hamlet.accounts.change(ana.id, [_lead(ends="2026-03-03")], by=by)
    clock.advance(days=2)

    assert isinstance(longer, Proposal)
    assert shorter is None
    assert not _may(hamlet, ana.id)
    # A role that is over is nobody's any more: to give it back takes two again.
    back = hamlet.accounts.change(ana.id, [_lead()], by=by)
    assert isinstance(back, Proposal)
    confirmed(hamlet.accounts, back)
    assert _may(hamlet, ana.id)


def test_a_role_for_a_later_day_takes_a_second_person_today(hamlet: Any) -> None:
    hamlet.join("ana@example.com", "Ana", _lead())
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)

    later = hamlet.accounts.change(ben.id, [AUTHOR, _lead("2027-01-01")], by=hamlet.first.id)

    assert isinstance(later, Proposal)
    assert later.grants == (AUTHOR, _lead("2027-01-01"))


def test_a_change_does_not_lose_a_role_of_a_later_day(hamlet: Any) -> None:
    from presscheck.people.groups import follow_groups

    ana = hamlet.join("ana@example.com", "Ana", _lead("2026-03-09"))

    with hamlet.accounts.ledger.write() as tx:
        follow_groups(tx, ana.id, ["writers"], {"writers": (AUTHOR,)})
    with hamlet.accounts.ledger.read() as tx:
        rights = rights_of(tx, ana.id)

    assert rights is not None
    assert rights.granted == (_lead("2026-03-09"), AUTHOR)


def test_the_last_administrator_without_a_last_day_stays(hamlet: Any) -> None:
    dated = Grant.model_validate({"role": "administrator", "markets": "all", "ends": "2026-03-20"})
    adam = hamlet.join("adam@example.com", "Adam", dated)
    ruth = hamlet.first

    answers = [
        hamlet.accounts.revoke(ruth.id, by=adam.id),
        hamlet.accounts.change(ruth.id, [dated], by=adam.id),
        hamlet.accounts.invite(email=ruth.email, name="Ruth", grants=[dated], by=adam.id),
    ]

    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["last-administrator"] * 3


def test_an_administrator_whose_days_are_over_changes_nobody(hamlet: Any, clock: Any) -> None:
    dated = Grant.model_validate({"role": "administrator", "markets": "all", "ends": "2026-03-02"})
    adam = hamlet.join("adam@example.com", "Adam", dated)
    ben = hamlet.join("ben@example.com", "Ben", AUTHOR)
    clock.advance(days=1)

    changed = hamlet.accounts.change(ben.id, [LEGAL], by=adam.id)
    invited = hamlet.accounts.invite(email="c@example.com", name="C", grants=[AUTHOR], by=adam.id)

    assert (changed.code, invited.code) == ("not-administrator", "not-administrator")


def test_a_second_person_whose_days_are_over_confirms_nothing(hamlet: Any, clock: Any) -> None:
    hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-02"))
    hamlet.join("lea@example.com", "Lea", LEGAL)
    proposed = hamlet.invite("ben@example.com", "Ben", AUTHOR)
    ana = second_person_of(hamlet.accounts, proposed.proposal)
    clock.advance(days=1)

    answer = hamlet.accounts.confirm(proposed.proposal, by=ana)

    assert isinstance(answer, Refused)
    assert answer.code == "not-second"


def test_every_change_since_is_told_recorded_or_by_its_day(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-03"), _lead("2026-03-06"))
    with hamlet.accounts.ledger.write() as tx:
        mark = tx.append(EventKind.SESSION_CLOSED, "0" * 64, {"why": "a moment to count from"})

    def since() -> list[bool]:
        with hamlet.accounts.ledger.read() as tx:
            return [then.may("brand_lead", ("US",)) for then in rights_since(tx, ana.id, mark.seq)]

    seen = [since()]
    for days in (1, 1, 2, 3):
        clock.advance(days=days)
        seen.append(since())
    hamlet.accounts.change(ana.id, [AUTHOR], by=hamlet.first.id)
    seen.append(since())

    # Held on the 2nd and 3rd, lost on the 4th, back on the 6th, taken away on the 9th.
    assert seen == [[], [], [False], [False, True], [False, True], [False, True, False]]


def test_a_day_that_ended_before_the_change_did_not_matter(hamlet: Any, clock: Any) -> None:
    ana = hamlet.join("ana@example.com", "Ana", _lead(ends="2026-03-03"))
    with hamlet.accounts.ledger.write() as tx:
        mark = tx.append(EventKind.SESSION_CLOSED, "0" * 64, {"why": "a moment to count from"})
    confirmed_longer = hamlet.accounts.change(ana.id, [_lead()], by=hamlet.first.id)
    assert isinstance(confirmed_longer, Refused | Proposal)
    hamlet.join("adam@example.com", "Adam", ADMIN)
    confirmed(hamlet.accounts, hamlet.accounts.change(ana.id, [_lead()], by=hamlet.first.id))

    clock.now += timedelta(days=5)

    with hamlet.accounts.ledger.read() as tx:
        assert [then.may("brand_lead", ()) for then in rights_since(tx, ana.id, mark.seq)] == [True]

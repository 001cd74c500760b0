"""Enrolment: codes are good once, for their time, for whom they were made; nobody enrols by planting."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from presscheck.ledger import EventKind
from presscheck.models import Refused
from presscheck.people.accounts import Accounts, first_code
from presscheck.people.rights import Grant, rights_of

GOOD = "four unrelated odd words"


def _enrol(town: Any, code: str, *, password: str = GOOD, digits: str = "") -> Any:
    start = town.accounts.begin(code)
    if isinstance(start, Refused):
        return start
    digits = digits or pyotp.TOTP(start.secret).at(town.clock())
    return town.accounts.enrol(code, start.sealed, password=password, code=digits)


def test_first_person_becomes_administrator(town: Any) -> None:
    with town.accounts.ledger.read() as tx:
        rights = rights_of(tx, town.first.id)

    assert rights is not None
    assert rights.roles == ("administrator",)


def test_first_code_is_good_for_nothing_once_somebody_has_enrolled(lite_town: Any) -> None:
    code = first_code(lite_town.accounts.home)

    answer = lite_town.accounts.begin(code, email="late@example.com", name="Late")

    assert isinstance(answer, Refused)


def test_first_code_is_kept_as_a_hash_that_only_the_owner_reads(home: Any) -> None:
    code = first_code(home)

    path = home / "first-administrator"
    assert path.stat().st_mode & 0o777 == 0o600
    assert code not in path.read_text()


def test_newer_first_code_voids_the_one_before(sqlite_ledgers: Any, home: Any) -> None:
    accounts = Accounts(sqlite_ledgers.door, home)
    old = first_code(home)
    new = first_code(home)

    answers = [accounts.begin(code, email="a@example.com", name="A") for code in (old, new)]

    assert [isinstance(answer, Refused) for answer in answers] == [True, False]


def test_rights_begin_with_enrolment_not_with_the_invitation(lite_town: Any, lead: Any) -> None:
    invitation = lite_town.invite("ana@example.com", "Ana", lead)
    with lite_town.accounts.ledger.read() as tx:
        before = rights_of(tx, invitation.person)

    lite_town.take_place(invitation.code, "ana@example.com")

    with lite_town.accounts.ledger.read() as tx:
        after = rights_of(tx, invitation.person)
    assert before is None
    assert after is not None
    assert after.may("brand_lead", ("US", "DE"))
    assert not after.may("brand_lead", ("FR",))


def test_invitation_works_once(lite_town: Any, lead: Any) -> None:
    invitation = lite_town.invite("ana@example.com", "Ana", lead)
    assert isinstance(_enrol(lite_town, invitation.code), str)

    assert isinstance(_enrol(lite_town, invitation.code), Refused)


def test_of_two_people_with_one_code_one_enrols(town: Any, lead: Any) -> None:
    invitation = town.invite("ana@example.com", "Ana", lead)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: _enrol(town, invitation.code), range(2)))

    assert sorted(isinstance(answer, str) for answer in answers) == [False, True]


def test_invitation_ends_after_72_hours(lite_town: Any, lead: Any) -> None:
    invitation = lite_town.invite("ana@example.com", "Ana", lead)

    lite_town.clock.advance(hours=72)

    assert isinstance(lite_town.accounts.begin(invitation.code), Refused)


def test_newer_invitation_voids_the_one_before(lite_town: Any, lead: Any) -> None:
    old = lite_town.invite("ana@example.com", "Ana", lead)
    lite_town.invite("ana@example.com", "Ana", lead)

    assert isinstance(lite_town.accounts.begin(old.code), Refused)


def test_invitation_of_a_revoked_administrator_is_void(lite_town: Any, lead: Any) -> None:
    admin = lite_town.join("adam@example.com", "Adam", Grant(role="administrator", markets="all"))
    invitation = lite_town.accounts.invite(email="ana@example.com", name="Ana", grants=[lead], by=admin.id)

    lite_town.accounts.revoke(admin.id, by=lite_town.first.id)

    assert isinstance(lite_town.accounts.begin(invitation.code), Refused)


def test_invitation_that_the_worker_wrote_is_none(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    real = lite_town.invite("ana@example.com", "Ana", lead)
    with sqlite_ledgers.worker.write() as tx:
        body = tx.events(EventKind.PERSON_INVITED, subject=real.person)[-1].data
        body["grants"] = [{"role": "administrator", "markets": "all"}]
        tx.append(EventKind.PERSON_INVITED, real.person, body)

    lite_town.take_place(real.code, "ana@example.com")

    with lite_town.accounts.ledger.read() as tx:
        rights = rights_of(tx, real.person)
    assert rights is not None
    assert rights.roles == ("brand_lead",)


def test_sealed_secret_of_one_code_is_no_use_with_another(lite_town: Any, lead: Any) -> None:
    mine = lite_town.invite("mallory@example.com", "Mallory", lead)
    theirs = lite_town.invite("ana@example.com", "Ana", lead)
    start = lite_town.accounts.begin(mine.code)
    digits = pyotp.TOTP(start.secret).at(lite_town.clock())

    answer = lite_town.accounts.enrol(theirs.code, start.sealed, password="four unrelated odd words", code=digits)

    assert isinstance(answer, Refused)


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaaaaaa", "password1234", "Welcome2026!", "alvarez-2026", "x" * 201, "anabell-2026"],
)
def test_weak_password_is_refused(lite_town: Any, lead: Any, password: str) -> None:
    invitation = lite_town.invite("anabell@example.com", "Ana Alvarez", lead)

    answer = _enrol(lite_town, invitation.code, password=password)

    assert isinstance(answer, Refused)
    assert answer.code == "weak-password"


def test_wrong_digits_do_not_enrol(lite_town: Any, lead: Any) -> None:
    invitation = lite_town.invite("ana@example.com", "Ana", lead)

    answer = _enrol(lite_town, invitation.code, digits="000000")

    assert isinstance(answer, Refused)
    assert answer.code == "wrong-code"


def test_planted_address_does_not_keep_its_owner_out(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    from presscheck.people.rights import find_person, remember_person

    with sqlite_ledgers.worker.write() as tx:
        remember_person(tx, "P-planted", email="ana@example.com", name="Not Ana")

    ana = lite_town.join("ana@example.com", "Ana", lead)

    with sqlite_ledgers.door.read() as tx:
        assert find_person(tx, "ana@example.com") == ana.id

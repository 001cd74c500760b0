"""Signing in: right things let in, everything else gets one and the same no."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pyotp
import pytest
from sqlalchemy import delete, insert, update

from presscheck.ledger import EventKind, tables
from presscheck.models import Refused
from presscheck.people import passwords
from presscheck.people.accounts import SignedIn
from presscheck.people.rights import Grant


def test_password_and_code_open_a_session(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)

    signed_in = ana.sign_in()

    assert isinstance(signed_in, SignedIn)
    session = town.accounts.session(signed_in.token)
    assert session is not None
    assert session.person == ana.id
    assert session.rights.may("brand_lead", ("US",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "four unrelated words"},
        {"password": ""},
        {"password": "\ud800 lone surrogate"},
        {"code": "000000"},
        {"code": ""},
        {"code": "１２３４５６"},
        {"email": "nobody@example.com"},
    ],
)
def test_anything_wrong_gets_the_same_no(lite_town: Any, lead: Any, wrong: dict[str, str]) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)

    refused = ana.sign_in(**wrong)

    assert isinstance(refused, Refused)
    assert refused.code == "wrong-sign-in"


def test_code_works_once(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    code = ana.code
    assert isinstance(ana.sign_in(code=code), SignedIn)

    again = ana.sign_in(code=code)

    assert isinstance(again, Refused)


def test_code_works_once_even_for_two_at_the_same_moment(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    code = ana.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ana.sign_in(code=code), range(4)))

    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1


@pytest.mark.parametrize(("late", "good"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_clock_of_a_phone_may_be_one_step_off(lite_town: Any, lead: Any, late: int, good: bool) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)
    code = pyotp.TOTP(ana.secret).at(int(lite_town.clock().timestamp()) + late)

    answer = ana.sign_in(code=code)

    assert isinstance(answer, SignedIn) is good


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour(town: Any, lead: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    for _ in range(5):
        ana.sign_in(password="not this one at all")

    locked = ana.sign_in()
    town.clock.advance(minutes=16)
    later = ana.sign_in()

    assert isinstance(locked, Refused)
    assert isinstance(later, SignedIn)


def test_guesses_made_at_once_do_not_outrun_the_lock(lite_town: Any, lead: Any) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ana.sign_in(password="not this one at all"), range(12)))

    with lite_town.accounts.ledger.read() as tx:
        refused = tx.events(EventKind.SIGN_IN_REFUSED)
        locked = tx.events(EventKind.SIGN_IN_LOCKED)
    assert (len(refused), len(locked)) == (5, 1)


def test_unknown_address_is_counted_and_recorded_like_a_known_one(lite_town: Any) -> None:
    for _ in range(6):
        lite_town.accounts.sign_in("nobody@example.com", "some password or other", "123456")

    with lite_town.accounts.ledger.read() as tx:
        refused = tx.events(EventKind.SIGN_IN_REFUSED)
    assert len(refused) == 5
    assert "nobody" not in "".join(event.subject + event.body for event in refused)


def test_flood_of_failures_does_not_fill_the_ledger(lite_town: Any) -> None:
    with lite_town.accounts.ledger.write() as tx:
        for at in range(120):
            tx.append(EventKind.SIGN_IN_REFUSED, f"account {at}", {})

    answer = lite_town.accounts.sign_in("other@example.com", "some password or other", "123456")

    assert isinstance(answer, Refused)
    assert answer.code == "busy"


def test_planted_credential_signs_nobody_in(town: Any, lead: Any, ledgers: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    mallory = town.join("mallory@example.com", "Mallory", lead)
    table = tables.credentials
    with ledgers.worker.write() as tx:
        hashed = tx.execute(table.select().where(table.c.person == mallory.id)).one().password_hash
        tx.execute(update(table).where(table.c.person == ana.id).values(password_hash=hashed))
        tx.append(EventKind.CREDENTIAL_SET, ana.id, {"credential": "0" * 64})

    answer = ana.sign_in(password=mallory.password)

    assert isinstance(answer, Refused)


def test_old_credential_put_back_signs_nobody_in(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    lite_town.join("adam@example.com", "Adam", Grant(role="administrator", markets="all"))
    ana = lite_town.join("ana@example.com", "Ana", lead)
    table = tables.credentials
    with sqlite_ledgers.door.read() as tx:
        old = dict(tx.execute(table.select().where(table.c.person == ana.id)).mappings().one())
    lite_town.join("ana@example.com", "Ana", lead)
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(delete(table).where(table.c.person == ana.id))
        tx.execute(insert(table), old)

    assert isinstance(ana.sign_in(), Refused)


def test_events_about_people_hold_no_personal_data(lite_town: Any, lead: Any) -> None:
    ana = lite_town.join("ana@example.com", "Ana Alvarez", lead)
    ana.sign_in()
    ana.sign_in(password="not this one at all")

    with lite_town.accounts.ledger.read() as tx:
        everything = " ".join(event.subject + event.body for event in tx.events()).lower()
    for personal in ("ana@", "example.com", "alvarez", "root", ana.password, ana.secret.lower()):
        assert personal not in everything


class _Slow:
    """A hasher that takes its time until it is let go."""

    def __init__(self) -> None:
        self.go = Event()

    def verify(self, _hashed: str, _password: str) -> bool:
        assert self.go.wait(30)
        return True


def test_a_crowd_of_strangers_is_turned_away_and_a_browser_known_here_is_not(
    town: Any, lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    mark = town.accounts.browser_mark("ana@example.com")
    slow = _Slow()
    monkeypatch.setattr(passwords, "_hasher", slow)

    with ThreadPoolExecutor(40) as pool:
        crowd = [pool.submit(ana.sign_in, email=f"stranger{at}@example.com") for at in range(30)]
        turned_away, waiting = wait(crowd, timeout=2)
        hers = pool.submit(town.accounts.sign_in, ana.email, ana.password, ana.code, mark=mark)
        slow.go.set()

    assert len(turned_away) == 18
    assert {one.result().code for one in turned_away} == {"busy"}
    assert {one.result().code for one in waiting} == {"wrong-sign-in"}
    assert isinstance(hers.result(), SignedIn)

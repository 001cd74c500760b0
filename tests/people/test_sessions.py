"""Sessions: they end by time, by disuse, by sign-out, by revocation; a planted row is none."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import insert, update

from presscheck.errors import LedgerLocked
from presscheck.ledger import EventKind, tables, timestamp
from presscheck.people.rights import Grant


def test_session_ends_after_its_hours(lite_town: Any, lead: Any) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)
    token = ana.sign_in().token
    for _ in range(11):
        lite_town.clock.advance(hours=1)
        assert lite_town.accounts.session(token) is not None

    lite_town.clock.advance(hours=1)

    assert lite_town.accounts.session(token) is None


def test_session_ends_when_nobody_uses_it(lite_town: Any, lead: Any) -> None:
    token = lite_town.join("ana@example.com", "Ana", lead).sign_in().token

    lite_town.clock.advance(hours=2)

    assert lite_town.accounts.session(token) is None


def test_signing_out_ends_the_session_even_if_its_row_is_opened_again(town: Any, lead: Any, ledgers: Any) -> None:
    signed_in = town.join("ana@example.com", "Ana", lead).sign_in()
    town.accounts.sign_out(signed_in.session)

    with ledgers.worker.write() as tx:
        tx.execute(update(tables.sessions).values(closed_at=None))

    assert town.accounts.session(signed_in.token) is None


def test_revoking_a_person_ends_every_session(lite_town: Any, lead: Any) -> None:
    ana = lite_town.join("ana@example.com", "Ana", lead)
    first = ana.sign_in().token
    lite_town.clock.advance(seconds=60)
    second = ana.sign_in().token

    lite_town.accounts.revoke(ana.id, by=lite_town.first.id)

    assert lite_town.accounts.session(first) is None
    assert lite_town.accounts.session(second) is None


def test_new_password_ends_sessions_of_the_old_one(lite_town: Any, lead: Any) -> None:
    lite_town.join("adam@example.com", "Adam", Grant(role="administrator", markets="all"))
    token = lite_town.join("ana@example.com", "Ana", lead).sign_in().token

    lite_town.join("ana@example.com", "Ana", lead)

    assert lite_town.accounts.session(token) is None


def test_planted_row_is_no_session(town: Any, lead: Any, ledgers: Any) -> None:
    ana = town.join("ana@example.com", "Ana", lead)
    token = "a token of the attacker's own choice"
    hashed = hashlib.sha256(b"presscheck-session:" + token.encode()).hexdigest()
    far = timestamp(town.clock().replace(year=2030))
    row = {
        "token_hash": hashed,
        "person": ana.id,
        "opened_at": timestamp(town.clock()),
        "expires_at": far,
        "last_seen_at": timestamp(town.clock()),
    }
    with ledgers.worker.write() as tx:
        tx.execute(insert(tables.sessions), row)
        tx.append(EventKind.SESSION_OPENED, hashed, {"person": ana.id, "expires_at": far})

    assert town.accounts.session(token) is None


def test_row_that_names_another_person_gives_nobody_else(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    token = lite_town.join("ana@example.com", "Ana", lead).sign_in().token
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(update(tables.sessions).values(person=lite_town.first.id, expires_at="9999"))

    session = lite_town.accounts.session(token)

    assert session is not None
    assert session.person != lite_town.first.id


def test_row_with_nonsense_for_a_time_is_no_session(lite_town: Any, lead: Any, sqlite_ledgers: Any) -> None:
    token = lite_town.join("ana@example.com", "Ana", lead).sign_in().token
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(update(tables.sessions).values(last_seen_at="for ever"))

    assert lite_town.accounts.session(token) is None


def test_ledger_that_takes_no_writes_still_lets_people_look(
    lite_town: Any, lead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = lite_town.join("ana@example.com", "Ana", lead).sign_in().token
    lite_town.clock.advance(minutes=5)

    def held() -> None:
        raise LedgerLocked("another process holds it")

    monkeypatch.setattr(lite_town.accounts.ledger, "write", held)

    assert lite_town.accounts.session(token) is not None

"""Passkeys: the right device lets in; wrong pages, old answers, other people's keys and altered rows do not."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from presscheck.ledger import EventKind, tables
from presscheck.models import Refused
from presscheck.people.accounts import SignedIn
from presscheck.people.passkeys import Passkeys, Site, passkeys_of
from presscheck.people.rights import Grant
from tests.people.device import Device

SITE = Site("localhost", "http://localhost:8400")


@pytest.fixture
def passkeys(lite_town: Any) -> Passkeys:
    return Passkeys(lite_town.accounts, SITE)


@pytest.fixture
def ana(lite_town: Any, lead: Any) -> Any:
    return lite_town.join("ana@example.com", "Ana", lead)


def _session(member: Any) -> Any:
    signed_in = member.sign_in()
    assert isinstance(signed_in, SignedIn), signed_in
    return signed_in.session


def _has(passkeys: Passkeys, member: Any, device: Device) -> str:
    added = _add(passkeys, _session(member), device)
    assert isinstance(added, str), added
    return added


def _add(passkeys: Passkeys, session: Any, device: Device, *, name: str = "My laptop", **how: Any) -> Any:
    begun = passkeys.begin_adding(session)
    assert not isinstance(begun, Refused), begun
    answer = device.made(begun.options, **({"origin": SITE.origin} | how))
    return passkeys.add(session, begun.sealed, answer, name=name)


def _sign_in(passkeys: Passkeys, device: Device, **how: Any) -> Any:
    begun = passkeys.begin_sign_in()
    return passkeys.sign_in(begun.sealed, device.given(begun.options, **({"origin": SITE.origin} | how)))


def test_a_passkey_signs_its_person_in(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    device = Device()
    added = _add(passkeys, _session(ana), device)

    signed_in = _sign_in(passkeys, device)

    assert isinstance(added, str)
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.session.person, signed_in.session.way) == (ana.id, "passkey")
    assert signed_in.session.fresh_until > lite_town.clock()
    with lite_town.accounts.ledger.read() as tx:
        [listed] = passkeys_of(tx, ana.id)
    assert (listed.name, bool(listed.used_at)) == ("My laptop", True)


def test_a_locked_password_does_not_lock_the_passkey(passkeys: Passkeys, ana: Any) -> None:
    device = Device()
    _has(passkeys, ana, device)
    for _ in range(5):
        ana.sign_in(password="not this one at all")

    assert isinstance(ana.sign_in(), Refused)
    assert isinstance(_sign_in(passkeys, device), SignedIn)


@pytest.mark.parametrize(
    "how",
    [
        {"origin": "http://localhost:9999"},
        {"origin": "https://presscheck.evil.example"},
        {"site": "evil.example"},
        {"verified": False},
        {"count_up": -1},
        {"count_up": 0},
        {"handle": b"P-somebody-else"},
        {"handle": b""},
    ],
)
def test_an_answer_with_one_thing_wrong_lets_nobody_in(passkeys: Passkeys, ana: Any, how: dict[str, Any]) -> None:
    device = Device(counter=5)
    _has(passkeys, ana, device)

    refused = _sign_in(passkeys, device, **how)

    assert isinstance(refused, Refused)
    assert refused.code == "wrong-sign-in"


def test_an_answer_works_once(passkeys: Passkeys, ana: Any) -> None:
    # A passkey that is kept in a cloud counts nothing: only the challenge tells a replay.
    device = Device()
    _has(passkeys, ana, device)
    begun = passkeys.begin_sign_in()
    answer = device.given(begun.options, origin=SITE.origin, count_up=0)
    assert isinstance(passkeys.sign_in(begun.sealed, answer), SignedIn)

    again = passkeys.sign_in(begun.sealed, answer)

    assert isinstance(again, Refused)
    assert again.code == "stale-challenge"


def test_a_challenge_ends_after_five_minutes(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    device = Device()
    _has(passkeys, ana, device)
    begun = passkeys.begin_sign_in()

    lite_town.clock.advance(minutes=5)

    assert isinstance(passkeys.sign_in(begun.sealed, device.given(begun.options, origin=SITE.origin)), Refused)


def test_a_challenge_for_adding_is_none_for_signing_in(passkeys: Passkeys, ana: Any) -> None:
    device = Device()
    session = _session(ana)
    _add(passkeys, session, device)
    begun = passkeys.begin_adding(session)
    assert not isinstance(begun, Refused)

    answer = device.given({"rpId": "localhost", "challenge": begun.options["challenge"]}, origin=SITE.origin)

    assert isinstance(passkeys.sign_in(begun.sealed, answer), Refused)


@pytest.mark.parametrize("answer", [{}, {"id": 5}, {"id": "x", "response": []}, {"id": "x", "response": {"a": "b"}}])
def test_nonsense_is_refused_in_words(passkeys: Passkeys, ana: Any, answer: dict[str, Any]) -> None:
    session = _session(ana)
    adding, signing = passkeys.begin_adding(session), passkeys.begin_sign_in()
    assert not isinstance(adding, Refused)

    assert isinstance(passkeys.add(session, adding.sealed, answer, name="x"), Refused)
    assert isinstance(passkeys.sign_in(signing.sealed, answer), Refused)
    assert isinstance(passkeys.sign_in("not sealed by anybody", answer), Refused)


@pytest.mark.parametrize("how", [{"origin": "http://localhost:1"}, {"verified": False}, {"fmt": "packed"}])
def test_a_device_that_does_not_do_as_asked_is_not_added(passkeys: Passkeys, ana: Any, how: dict[str, Any]) -> None:
    refused = _add(passkeys, _session(ana), Device(), **how)

    assert isinstance(refused, Refused)
    assert refused.code == "bad-passkey"


def test_an_old_session_adds_no_passkey(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    session = _session(ana)
    lite_town.clock.advance(minutes=10)

    refused = passkeys.begin_adding(session)

    assert isinstance(refused, Refused)
    assert refused.code == "step-up"


def test_somebody_elses_passkey_cannot_be_added_again(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    device = Device()
    mallory = lite_town.join("mallory@example.com", "Mallory", Grant(role="author", markets="all"))
    assert isinstance(_add(passkeys, _session(ana), device), str)

    refused = _add(passkeys, _session(mallory), device)

    assert isinstance(refused, Refused)
    assert _sign_in(passkeys, device).code == "wrong-sign-in"


def test_a_row_that_was_given_to_another_person_signs_nobody_in(
    passkeys: Passkeys, ana: Any, lite_town: Any, sqlite_ledgers: Any
) -> None:
    device = Device()
    mallory = lite_town.join("mallory@example.com", "Mallory", Grant(role="author", markets="all"))
    _has(passkeys, mallory, device)
    with sqlite_ledgers.worker.write() as tx:
        tx.execute(update(tables.passkeys).values(person=ana.id))

    device.handle = ana.id.encode()

    assert isinstance(_sign_in(passkeys, device), Refused)


def test_a_key_that_was_put_into_the_row_signs_nobody_in(
    passkeys: Passkeys, ana: Any, lite_town: Any, sqlite_ledgers: Any
) -> None:
    device, planted = Device(), Device(id=b"planted")
    mallory = lite_town.join("mallory@example.com", "Mallory", Grant(role="author", markets="all"))
    _has(passkeys, ana, device)
    _add(passkeys, _session(mallory), planted)
    table = tables.passkeys
    with sqlite_ledgers.worker.write() as tx:
        key = tx.execute(select(table.c.public_key).where(table.c.person == mallory.id)).scalar_one()
        tx.execute(update(table).where(table.c.person == ana.id).values(public_key=key))
        tx.append(EventKind.PASSKEY_ADDED, "0" * 64, {"person": ana.id, "key": "0" * 64, "count": 0})
    device.key = planted.key

    assert isinstance(_sign_in(passkeys, device), Refused)


def test_a_removed_passkey_is_gone_with_its_sessions_even_if_its_row_comes_back(
    passkeys: Passkeys, ana: Any, lite_town: Any, sqlite_ledgers: Any
) -> None:
    device, session = Device(), _session(ana)
    passkey = _add(passkeys, session, device)
    opened = _sign_in(passkeys, device)
    with sqlite_ledgers.door.read() as tx:
        row = dict(tx.execute(select(tables.passkeys)).mappings().one())

    assert passkeys.remove(session, passkey) is None

    with sqlite_ledgers.worker.write() as tx:
        tx.execute(insert(tables.passkeys), row)
    assert isinstance(_sign_in(passkeys, device), Refused)
    assert lite_town.accounts.session(opened.token) is None


def test_the_last_way_to_sign_in_stays(passkeys: Passkeys, ana: Any, sqlite_ledgers: Any) -> None:
    device, session = Device(), _session(ana)
    passkey = _add(passkeys, session, device)
    with sqlite_ledgers.door.write() as tx:
        tx.execute(delete(tables.credentials).where(tables.credentials.c.person == ana.id))

    refused = passkeys.remove(session, passkey)

    assert isinstance(refused, Refused)
    assert refused.code == "last-way"


def test_somebody_elses_passkey_cannot_be_removed(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    mallory = lite_town.join("mallory@example.com", "Mallory", Grant(role="author", markets="all"))
    passkey = _add(passkeys, _session(ana), Device())

    assert isinstance(passkeys.remove(_session(mallory), passkey), Refused)


def test_enrolling_anew_ends_every_passkey_from_before(passkeys: Passkeys, ana: Any, lite_town: Any, lead: Any) -> None:
    device = Device()
    lite_town.join("adam@example.com", "Adam", Grant(role="administrator", markets="all"))
    _has(passkeys, ana, device)

    lite_town.join("ana@example.com", "Ana", lead)

    assert isinstance(_sign_in(passkeys, device), Refused)


def test_a_revoked_persons_passkey_lets_nobody_in(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    device = Device()
    _has(passkeys, ana, device)

    lite_town.accounts.revoke(ana.id, by=lite_town.first.id)

    assert isinstance(_sign_in(passkeys, device), Refused)


@pytest.mark.parametrize(
    ("door", "origin"),
    [
        ("http://127.0.0.1:8400", "http://localhost:8400"),
        ("https://door.example", "https://door.example"),
        ("https://10.0.0.7", None),
        ("http://door.example", None),
    ],
)
def test_passkeys_need_a_name_and_tls_or_this_machine(door: str, origin: str | None) -> None:
    site = Site.of(door, 8400)

    assert (None if site is None else site.origin) == origin


def test_a_flood_of_wrong_sign_ins_keeps_no_passkey_out(passkeys: Passkeys, ana: Any, lite_town: Any) -> None:
    device = Device()
    _has(passkeys, ana, device)
    with lite_town.accounts.ledger.write() as tx:
        for at in range(120):
            tx.append(EventKind.SIGN_IN_REFUSED, f"account {at}", {})

    assert ana.sign_in().code == "busy"
    assert isinstance(_sign_in(passkeys, device), SignedIn)


def test_a_strangers_noise_is_not_recorded(passkeys: Passkeys, lite_town: Any) -> None:
    for _ in range(3):
        assert isinstance(_sign_in(passkeys, Device(id=b"unknown")), Refused)

    with lite_town.accounts.ledger.read() as tx:
        assert tx.events(EventKind.SIGN_IN_REFUSED) == []

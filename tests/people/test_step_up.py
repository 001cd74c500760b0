"""Step-up: only the session's own person makes it fresh, each proof once; a copy of the old cookie gains nothing."""

from datetime import timedelta
from typing import Any

import pytest

from presscheck.ledger import EventKind, timestamp
from presscheck.models import Refused
from presscheck.people.accounts import SignedIn
from presscheck.people.identities import Vouched, sign_in_vouched
from presscheck.people.passkeys import Passkeys, Site
from presscheck.people.rights import Grant, rights_of
from presscheck.people.sessions import FRESH
from presscheck.people.step_up import step_up, step_up_vouched
from tests.people.device import Device

SITE = Site("localhost", "http://localhost:8400")


@pytest.fixture
def passkeys(lite_town: Any) -> Passkeys:
    return Passkeys(lite_town.accounts, SITE)


@pytest.fixture
def ana(lite_town: Any, lead: Any) -> Any:
    return lite_town.join("ana@example.com", "Ana", lead)


@pytest.fixture
def mallory(lite_town: Any) -> Any:
    return lite_town.join("mallory@example.com", "Mallory", Grant(role="author", markets="all"))


def _in(member: Any) -> SignedIn:
    signed_in = member.sign_in()
    assert isinstance(signed_in, SignedIn), signed_in
    return signed_in


def _grown_old(member: Any, town: Any) -> SignedIn:
    signed_in = _in(member)
    town.clock.advance(minutes=11)
    return signed_in


def _up(member: Any, signed_in: SignedIn, **instead: str) -> SignedIn | Refused:
    given = {"password": member.password, "code": member.code, "mark": ""} | instead
    return step_up(member.accounts, signed_in.session, given["password"], given["code"], mark=given["mark"])


def _device_of(member: Any, passkeys: Passkeys, **how: Any) -> Device:
    device, session = Device(**how), _in(member).session
    begun = passkeys.begin_adding(session)
    assert not isinstance(begun, Refused)
    added = passkeys.add(session, begun.sealed, device.made(begun.options, origin=SITE.origin), name="key")
    assert isinstance(added, str)
    return device


def _vouched(town: Any, *, subject: str = "sub-ana", email: str = "ana@example.com", **more: Any) -> Vouched:
    given: dict[str, Any] = {"groups": (), "proved_at": town.clock(), "once": f"{subject}:{town.clock()}"}
    return Vouched(issuer="https://id.example", subject=subject, email=email, **(given | more))


# ---------------------------------------------------------------- what it gives


def test_password_and_code_make_an_old_session_fresh_with_a_fresh_token(ana: Any, lite_town: Any) -> None:
    old = _grown_old(ana, lite_town)
    assert not old.session.is_fresh(lite_town.clock())

    fresh = _up(ana, old)

    assert isinstance(fresh, SignedIn)
    found = lite_town.accounts.session(fresh.token)
    assert (found.person, found.proved_at, found.fresh_until) == (ana.id, lite_town.clock(), lite_town.clock() + FRESH)
    assert found.expires_at == old.session.expires_at
    assert found.csrf != old.session.csrf
    with lite_town.accounts.ledger.read() as tx:
        [event] = tx.events(EventKind.SESSION_REFRESHED)
    assert (event.subject, event.data["way"]) == (found.token_hash, "password")
    assert event.data["until"] == timestamp(lite_town.clock() + FRESH)


def test_it_is_fresh_for_ten_minutes_and_no_longer(ana: Any, lite_town: Any) -> None:
    fresh = _up(ana, _grown_old(ana, lite_town))
    assert isinstance(fresh, SignedIn)

    lite_town.clock.advance(minutes=10)

    assert not lite_town.accounts.session(fresh.token).is_fresh(lite_town.clock())


def test_a_passkey_makes_an_old_session_fresh(ana: Any, lite_town: Any, passkeys: Passkeys) -> None:
    device = _device_of(ana, passkeys)
    lite_town.clock.advance(minutes=11)
    old = _grown_old(ana, lite_town)
    begun = passkeys.begin_step_up(old.session)

    fresh = passkeys.step_up(old.session, begun.sealed, device.given(begun.options, origin=SITE.origin))

    assert isinstance(fresh, SignedIn)
    assert fresh.session.proved_at == lite_town.clock()


def test_a_provider_that_asked_anew_makes_an_old_session_fresh(ana: Any, lite_town: Any) -> None:
    sign_in_vouched(lite_town.accounts, _vouched(lite_town), {})
    old = _grown_old(ana, lite_town)
    begun_at = lite_town.clock()
    lite_town.clock.advance(seconds=30)

    vouched = _vouched(lite_town)
    fresh = step_up_vouched(lite_town.accounts, old.session.token_hash, vouched, {}, begun_at=begun_at)

    assert isinstance(fresh, SignedIn)
    assert fresh.session.proved_at == vouched.proved_at


def test_who_lost_a_group_at_the_provider_steps_up_without_its_role(ana: Any, lite_town: Any) -> None:
    groups = {"it": (Grant(role="engineer", markets="all"),)}
    sign_in_vouched(lite_town.accounts, _vouched(lite_town, groups=("it",)), groups)
    old = _grown_old(ana, lite_town)
    assert "engineer" in old.session.rights.roles

    vouched = _vouched(lite_town)
    fresh = step_up_vouched(lite_town.accounts, old.session.token_hash, vouched, groups, begun_at=lite_town.clock())

    assert isinstance(fresh, SignedIn)
    assert fresh.session.rights.roles == ("brand_lead",)


# ---------------------------------------------------------------- attacks


def test_a_stolen_cookie_without_a_factor_gains_nothing_and_ends_after_five_guesses(ana: Any, lite_town: Any) -> None:
    stolen = _grown_old(ana, lite_town)

    guesses = [_up(ana, stolen, password="a guess of the thief", code="000000") for _ in range(5)]

    assert [isinstance(guess, Refused) and guess.code for guess in guesses] == ["wrong-sign-in"] * 5
    assert lite_town.accounts.session(stolen.token) is None
    assert isinstance(ana.sign_in(), Refused), "the guesses count towards the lock-out of signing in"


def test_a_locked_account_cannot_step_up_and_keeps_its_session(ana: Any, lite_town: Any) -> None:
    signed_in = _grown_old(ana, lite_town)
    for _ in range(5):
        ana.sign_in(password="not this one at all")

    refused = _up(ana, signed_in)

    assert isinstance(refused, Refused)
    assert lite_town.accounts.session(signed_in.token) is not None


def test_guesses_of_strangers_do_not_keep_a_known_browser_from_stepping_up(ana: Any, lite_town: Any) -> None:
    signed_in = _grown_old(ana, lite_town)
    mark = lite_town.accounts.browser_mark(ana.email)
    for _ in range(5):
        ana.sign_in(password="not this one at all")

    assert isinstance(_up(ana, signed_in, mark=mark), SignedIn)


def test_a_copy_of_the_cookie_taken_before_the_step_up_ends_with_it(ana: Any, lite_town: Any) -> None:
    signed_in = _grown_old(ana, lite_town)
    copied = signed_in.token

    assert isinstance(_up(ana, signed_in), SignedIn)

    assert lite_town.accounts.session(copied) is None


def test_a_session_that_was_put_into_a_browser_is_not_refreshed_by_whoever_uses_it(
    ana: Any, mallory: Any, lite_town: Any, passkeys: Passkeys
) -> None:
    device = _device_of(ana, passkeys)
    lite_town.clock.advance(seconds=60)
    sign_in_vouched(lite_town.accounts, _vouched(lite_town), {})
    planted = _grown_old(mallory, lite_town)
    session = planted.session
    begun = passkeys.begin_step_up(session)

    by_password = step_up(lite_town.accounts, session, ana.password, ana.code)
    by_passkey = passkeys.step_up(session, begun.sealed, device.given(begun.options, origin=SITE.origin))
    vouched = _vouched(lite_town)
    by_provider = step_up_vouched(lite_town.accounts, session.token_hash, vouched, {}, begun_at=lite_town.clock())

    assert all(isinstance(one, Refused) for one in (by_password, by_passkey, by_provider))
    assert not lite_town.accounts.session(planted.token).is_fresh(lite_town.clock())


def test_a_code_works_once_across_signing_in_and_stepping_up(ana: Any, lite_town: Any) -> None:
    spent_on_signing_in = ana.code
    signed_in = _in(ana)
    first = _up(ana, signed_in, code=spent_on_signing_in)
    lite_town.clock.advance(seconds=60)
    spent_on_stepping_up = ana.code
    fresh = _up(ana, signed_in)
    assert isinstance(fresh, SignedIn)

    again = _up(ana, fresh, code=spent_on_stepping_up)

    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert isinstance(ana.sign_in(code=spent_on_stepping_up), Refused)


def test_a_passkeys_answer_is_good_for_one_session_and_once(ana: Any, lite_town: Any, passkeys: Passkeys) -> None:
    # A passkey that is kept in a cloud counts nothing: only the challenge tells a replay.
    device = _device_of(ana, passkeys)
    lite_town.clock.advance(seconds=60)
    one = _grown_old(ana, lite_town)
    other = _grown_old(ana, lite_town)
    begun, signing_in = passkeys.begin_step_up(one.session), passkeys.begin_sign_in()
    answer = device.given(begun.options, origin=SITE.origin, count_up=0)
    to_sign_in = device.given(signing_in.options, origin=SITE.origin, count_up=0)

    elsewhere = passkeys.step_up(other.session, begun.sealed, answer)
    as_sign_in = passkeys.sign_in(begun.sealed, answer)
    of_sign_in = passkeys.step_up(one.session, signing_in.sealed, to_sign_in)
    here = passkeys.step_up(one.session, begun.sealed, answer)
    again = passkeys.step_up(one.session, begun.sealed, answer)

    assert all(isinstance(refused, Refused) for refused in (elsewhere, as_sign_in, of_sign_in, again))
    assert isinstance(here, SignedIn)


def test_a_proof_by_a_passkey_that_was_lost_since_counts_no_more(ana: Any, lite_town: Any, passkeys: Passkeys) -> None:
    device = _device_of(ana, passkeys)
    lite_town.clock.advance(seconds=60)
    old = _grown_old(ana, lite_town)
    begun = passkeys.begin_step_up(old.session)
    found_by_a_finder = passkeys.step_up(old.session, begun.sealed, device.given(begun.options, origin=SITE.origin))
    assert isinstance(found_by_a_finder, SignedIn)
    with lite_town.accounts.ledger.read() as tx:
        [passkey] = tx.events(EventKind.PASSKEY_ADDED)

    assert passkeys.remove(_in(ana).session, passkey.subject) is None

    assert not lite_town.accounts.session(found_by_a_finder.token).is_fresh(lite_town.clock())


def test_a_planted_refresh_makes_nobodys_session_fresh(
    ana: Any, mallory: Any, lite_town: Any, sqlite_ledgers: Any
) -> None:
    victim = _grown_old(ana, lite_town)
    now = timestamp(lite_town.clock())
    body = {"person": ana.id, "way": "password", "proved_at": now, "until": now}
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.SESSION_REFRESHED, victim.session.token_hash, body)
    with sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.SESSION_REFRESHED, victim.session.token_hash, body | {"person": mallory.id})

    found = lite_town.accounts.session(victim.token)

    assert found is not None
    assert not found.is_fresh(lite_town.clock())


def test_a_proof_from_the_future_proves_nothing(ana: Any, lite_town: Any) -> None:
    old = _in(ana)
    lite_town.clock.advance(minutes=30)
    fresh = _up(ana, old)
    assert isinstance(fresh, SignedIn)

    lite_town.clock.advance(minutes=-4)

    assert not lite_town.accounts.session(fresh.token).is_fresh(lite_town.clock())


@pytest.mark.parametrize("minutes_ago", [None, 11, 2, -5])
def test_a_provider_that_does_not_ask_anew_proves_nothing(ana: Any, lite_town: Any, minutes_ago: int | None) -> None:
    sign_in_vouched(lite_town.accounts, _vouched(lite_town), {})
    old = _grown_old(ana, lite_town)
    proved_at = None if minutes_ago is None else lite_town.clock() - timedelta(minutes=minutes_ago)

    vouched = _vouched(lite_town, proved_at=proved_at)
    refused = step_up_vouched(lite_town.accounts, old.session.token_hash, vouched, {}, begun_at=lite_town.clock())

    assert isinstance(refused, Refused)
    assert not lite_town.accounts.session(old.token).is_fresh(lite_town.clock())


def test_an_identity_that_was_never_bound_here_binds_nobody_by_stepping_up(ana: Any, lite_town: Any) -> None:
    old = _grown_old(ana, lite_town)

    vouched = _vouched(lite_town, subject="somebody with Ana's address")
    refused = step_up_vouched(lite_town.accounts, old.session.token_hash, vouched, {}, begun_at=lite_town.clock())

    assert isinstance(refused, Refused)
    with lite_town.accounts.ledger.read() as tx:
        assert tx.events(EventKind.IDENTITY_BOUND) == []


def test_what_a_provider_vouched_for_is_good_once(ana: Any, lite_town: Any) -> None:
    sign_in_vouched(lite_town.accounts, _vouched(lite_town), {})
    old = _grown_old(ana, lite_town)
    vouched = _vouched(lite_town)
    fresh = step_up_vouched(lite_town.accounts, old.session.token_hash, vouched, {}, begun_at=lite_town.clock())
    assert isinstance(fresh, SignedIn)

    again = step_up_vouched(lite_town.accounts, fresh.session.token_hash, vouched, {}, begun_at=lite_town.clock())

    assert isinstance(again, Refused)


def test_who_was_revoked_meanwhile_steps_up_no_more(ana: Any, lite_town: Any) -> None:
    old = _grown_old(ana, lite_town)
    lite_town.accounts.revoke(ana.id, by=lite_town.first.id)

    refused = _up(ana, old)

    assert isinstance(refused, Refused)
    assert refused.code == "signed-out"
    with lite_town.accounts.ledger.read() as tx:
        assert rights_of(tx, ana.id).roles == ()


def test_a_session_that_ended_steps_up_no_more_by_any_way(ana: Any, lite_town: Any, passkeys: Passkeys) -> None:
    device = _device_of(ana, passkeys)
    lite_town.clock.advance(seconds=60)
    sign_in_vouched(lite_town.accounts, _vouched(lite_town), {})
    old = _grown_old(ana, lite_town)
    begun = passkeys.begin_step_up(old.session)
    lite_town.accounts.sign_out(old.session)

    vouched, session = _vouched(lite_town), old.session
    answers = [
        _up(ana, old),
        passkeys.step_up(session, begun.sealed, device.given(begun.options, origin=SITE.origin)),
        step_up_vouched(lite_town.accounts, session.token_hash, vouched, {}, begun_at=lite_town.clock()),
    ]

    assert [isinstance(answer, Refused) and answer.code for answer in answers] == ["signed-out"] * 3

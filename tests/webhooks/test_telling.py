"""Systems are told in order, at least once, under one id; tried again, given up at last, never in each other's way."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from

from presscheck.ledger import EventKind
from presscheck.webhooks import SystemTold, record_resumed, state_of, tell_systems
from tests.conftest import Clock, Ledgers
from tests.webhooks.system import KEY, OLD_KEY, Shop, System, verified

Systems = Callable[..., System]


def told_from_now_on(ledgers: Ledgers, system: System, **more: Any) -> Shop:
    shop = Shop(ledgers, jira={"url": system.url, "loopback": True, **more})
    assert shop.look() == {"jira": SystemTold()}
    return shop


def test_a_system_hears_what_happens_after_it_was_set_and_nothing_of_what_was_before(
    sqlite_ledgers: Ledgers, system: System
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)

    shop.reject()
    first, second = shop.look(), shop.look()

    assert (first, second) == ({"jira": SystemTold(sent=1)}, {"jira": SystemTold()})
    assert [one.told["type"] for one in system.got] == ["review.rejected"]


def test_a_message_has_an_id_a_kind_a_state_a_link_and_a_moment_and_nothing_else(
    sqlite_ledgers: Ledgers, system: System
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    review = shop.scene.review.id

    shop.reject()
    [made] = shop.comment()
    shop.look()

    with sqlite_ledgers.door.read() as tx:
        rejected = tx.events(EventKind.DECISION_REJECTED)[0]
        commented = tx.events(EventKind.COMMENT_MADE)[0]
    link = f"https://door.example/proof/{review}"
    data = {"id": review, "kind": "review", "state": "rejected", "review": review, "link": link}
    assert [one.told for one in system.got] == [
        {"type": "review.rejected", "timestamp": rejected.at, "data": {**data, "sequence": rejected.seq}},
        {
            "type": "comment.made",
            "timestamp": commented.at,
            "data": {**data, "id": commented.data["comment"], "kind": "comment", "state": "made", "sequence": made},
        },
    ]


def test_the_receiver_of_the_page_takes_what_is_signed_and_nothing_that_was_touched(
    sqlite_ledgers: Ledgers, system: System
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    shop.reject()
    shop.look()
    verify, got = verified(), system.got[0]

    assert verify(got.headers, got.body, KEY)
    assert not verify(got.headers, got.body.replace(b"rejected", b"approved"), KEY)
    assert not verify({**got.headers, "webhook-id": "evt_another"}, got.body, KEY)
    assert not verify({**got.headers, "webhook-signature": "v1,Zm9yZ2Vk"}, got.body, KEY)
    assert not verify({**got.headers, "webhook-signature": "v1,ü"}, got.body, KEY)
    assert not verify(got.headers, got.body, OLD_KEY)
    assert not verify(got.headers, got.body, KEY, now=time.time() + 600)
    assert not verify({}, got.body, KEY)


def test_with_two_secrets_a_receiver_that_knows_either_takes_it(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    shop.secret("webhooks-jira-old", OLD_KEY)
    shop.reject()
    shop.look()
    got = system.got[0]

    assert len(got.headers["webhook-signature"].split()) == 2
    assert [verified()(got.headers, got.body, key) for key in (KEY, OLD_KEY)] == [True, True]


def test_it_is_told_only_the_types_that_it_names(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(sqlite_ledgers, system, types=["review.rejected"])

    shop.comment(2)
    shop.reject()
    shop.look()

    assert [one.told["type"] for one in system.got] == ["review.rejected"]


def test_what_is_not_taken_is_told_again_after_growing_pauses_and_nothing_overtakes_it(
    sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    system.status = 503
    made = shop.comment(2)

    looks: list[int] = []
    for minute in range(16):
        before = len(system.got)
        shop.look()
        looks += [minute] * (len(system.got) - before)
        clock.advance(minutes=1)
    system.status = 200
    clock.advance(hours=1)
    last = shop.look()

    assert looks == [0, 1, 3, 7, 15]
    assert system.sequence == [made[0]] * 6 + [made[1]]
    assert len({(one.headers["webhook-id"], one.body) for one in system.got}) == 2
    assert last == {"jira": SystemTold(sent=2)}
    assert [(one["tries"], one["code"]) for one in shop.events(EventKind.WEBHOOK_FAILED)] == [
        (tries, "status-503") for tries in range(1, 6)
    ]


@pytest.fixture
def told(sqlite_ledgers: Ledgers, system: System) -> Shop:
    return told_from_now_on(sqlite_ledgers, system)


@settings(max_examples=10)
@given(days=lists(sampled_from([200, 204, 302, 429, 500]), max_size=6), count=integers(1, 3))
def test_whatever_days_a_system_has_it_gets_each_in_order_and_twice_only_under_the_same_id(
    days: list[int], count: int, told: Shop, system: System, clock: Clock
) -> None:
    made = told.comment(count)
    system.got.clear()

    for system.status in [*days, 200]:
        told.look()
        clock.advance(hours=2)

    assert list(dict.fromkeys(system.sequence)) == made
    assert len({one.headers["webhook-id"] for one in system.got}) == count


def test_pauses_differ_by_chance_and_hear_what_the_system_asks_for(
    sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    system.status, system.headers = 429, {"Retry-After": "600"}
    shop.comment()

    tell_systems(sqlite_ledgers.worker, shop.settings, draw=lambda: 1.0)

    with sqlite_ledgers.door.read() as tx:
        state = state_of(tx, "jira")
    assert state is not None
    assert state.failing is not None
    assert state.failing.next_try - clock.now == timedelta(minutes=10) * 1.25


def test_a_system_that_asks_for_ever_waits_an_hour(sqlite_ledgers: Ledgers, system: System, clock: Clock) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    system.status, system.headers = 429, {"Retry-After": "999999"}
    shop.comment()
    shop.look()

    clock.advance(minutes=61)
    shop.look()

    assert len(system.got) == 2


def test_what_failed_for_too_long_is_given_up_on_record_and_what_came_later_is_told(
    sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system, give_up_after_hours=24)
    system.status = 500
    old = shop.comment(2)
    shop.look()
    clock.advance(hours=23)
    young = shop.comment()
    shop.look()
    assert shop.events(EventKind.WEBHOOK_GIVEN_UP) == []

    clock.advance(hours=2)
    shop.look()
    system.status = 200
    clock.advance(hours=2)
    system.got.clear()
    shop.look()

    assert shop.events(EventKind.WEBHOOK_GIVEN_UP) == [
        {"first": old[0], "event": old[1], "count": 2, "code": "status-500"}
    ]
    assert system.sequence == young


def test_a_week_in_which_we_were_off_ourselves_is_no_reason_to_give_anything_up(
    sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    made = shop.comment()
    clock.advance(days=7)
    system.status = 502
    shop.look()
    system.status = 200
    clock.advance(hours=1)
    shop.look()

    assert system.sequence == made * 2
    assert shop.events(EventKind.WEBHOOK_GIVEN_UP) == []


def test_a_system_that_does_not_answer_keeps_no_other_from_being_told(
    sqlite_ledgers: Ledgers, systems: Systems
) -> None:
    slow, dead, well = systems(wait=5), systems(), systems()
    dead.close()
    shop = Shop(
        sqlite_ledgers,
        slow={"url": slow.url, "loopback": True, "timeout_seconds": 0.3},
        dead={"url": dead.url, "loopback": True},
        well={"url": well.url, "loopback": True},
    )
    shop.look()
    made = shop.comment(3)
    began = time.monotonic()

    told = shop.look()

    assert told == {
        "slow": SystemTold(code="no-answer"),
        "dead": SystemTold(code="not-reached"),
        "well": SystemTold(sent=3),
    }
    assert well.sequence == made
    assert time.monotonic() - began < 3


def test_a_look_is_over_when_its_time_is_and_the_next_goes_on(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    made = shop.comment(4)
    system.wait = 0.2

    first = shop.look(seconds=0.3)
    system.wait = 0
    second = shop.look()

    assert (first, second) == ({"jira": SystemTold(sent=2)}, {"jira": SystemTold(sent=2)})
    assert system.sequence == made


def _look(url: str, home: Path, settings: Any) -> None:
    ledger = Ledgers(url, home, Clock()).worker
    tell_systems(ledger, settings)


def test_killed_after_the_system_has_it_the_same_is_told_once_more_under_the_same_id(
    sqlite_ledgers: Ledgers, system: System
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    made = shop.comment(2)
    arguments = (sqlite_ledgers.url, sqlite_ledgers.home, shop.settings)
    process = multiprocessing.get_context("fork").Process(target=_look, args=arguments)
    # The system has kept it, and the process dies before it hears so.
    system.before = lambda: os.kill(process.pid or 0, signal.SIGKILL)

    process.start()
    process.join(20)
    system.before = lambda: None
    shop.look()
    shop.look()

    assert process.exitcode == -signal.SIGKILL
    assert system.sequence == [made[0], made[0], made[1]]
    assert system.got[0].headers["webhook-id"] == system.got[1].headers["webhook-id"]
    assert system.got[0].body == system.got[1].body
    assert len(shop.events(EventKind.WEBHOOK_SENT)) == 2


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [("", 0o600, "unreadable-secret"), (KEY, 0o644, "unreadable-secret"), ("whsec_c2hvcnQ=", 0o600, "no-key")],
)
def test_a_secret_that_cannot_sign_is_a_code_and_once_it_is_mended_telling_goes_on(
    sqlite_ledgers: Ledgers, system: System, text: str, mode: int, code: str
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    shop.reject()
    shop.secret("webhooks-jira", text, mode=mode)

    failed = shop.look()
    shop.secret("webhooks-jira", KEY)
    mended = shop.look()

    assert (failed, mended) == ({"jira": SystemTold(code=code)}, {"jira": SystemTold(sent=1)})


def test_without_a_secret_nothing_is_posted(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    (shop.settings.secrets / "webhooks-jira").unlink()
    shop.reject()

    assert shop.look() == {"jira": SystemTold(code="no-secret")}
    assert system.got == []


def test_a_demo_tells_no_system(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    shop.reject()

    assert tell_systems(sqlite_ledgers.worker, shop.settings.model_copy(update={"demo": True})) == {}
    assert system.got == []


def test_on_either_database_the_worker_tells_and_keeps_what_it_told(ledgers: Ledgers, system: System) -> None:
    shop = told_from_now_on(ledgers, system)
    shop.reject()

    assert [shop.look(), shop.look()] == [{"jira": SystemTold(sent=1)}, {"jira": SystemTold()}]


def test_an_address_that_says_that_it_is_gone_is_told_nothing_more(
    sqlite_ledgers: Ledgers, system: System, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system, give_up_after_hours=1)
    system.status = 410
    shop.comment()

    told = []
    for _ in range(4):
        told.append(shop.look())
        shop.comment()
        clock.advance(hours=2)

    assert told == [{"jira": SystemTold(code="gone")}] * 4
    assert len(system.got) == 1
    assert len(shop.events(EventKind.WEBHOOK_FAILED)) == 1
    assert shop.events(EventKind.WEBHOOK_GIVEN_UP) == []


@pytest.mark.parametrize("how", ["another address", "resumed"])
def test_it_goes_on_with_what_was_not_taken_at_another_address_or_when_somebody_resumes_it(
    sqlite_ledgers: Ledgers, system: System, systems: Systems, how: str
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    system.status = 410
    made = shop.comment(2)
    shop.look()
    system.got.clear()
    system.status = 204

    takes = systems() if how == "another address" else system
    if how == "another address":
        shop.settings.webhooks["jira"].__dict__["url"] = takes.url
    else:
        record_resumed(sqlite_ledgers.worker, "jira")
    told = shop.look()

    assert told == {"jira": SystemTold(sent=2)}
    assert takes.sequence == made


def test_another_address_that_fails_is_tried_again_like_any(
    sqlite_ledgers: Ledgers, system: System, systems: Systems, clock: Clock
) -> None:
    shop = told_from_now_on(sqlite_ledgers, system)
    system.status = 410
    shop.comment()
    shop.look()
    other = systems(status=503)
    shop.settings.webhooks["jira"].__dict__["url"] = other.url

    shop.look()
    shop.look()
    clock.advance(hours=2)
    shop.look()

    assert len(other.got) == 2

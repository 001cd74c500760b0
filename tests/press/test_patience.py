"""A press beside a real mail server: what is about us waits and fails nobody, what is about one fails one."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from presscheck.addresses import address_hash
from presscheck.errors import ChannelError, NotNow
from presscheck.ledger import EventKind
from presscheck.ledger.deliveries import messages
from presscheck.models import Refused
from tests.desk.scene import Ledgers, Scene
from tests.press.mailing import Papers, Running, mail_server, make_papers
from tests.press.patient import PEOPLE, Post, given_up, retried, suppressed_now
from tests.press.stand import Stand
from tests.press.stopping import lifted, paused, recalled


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    """One server for all of these tests; each says what it answers."""
    with mail_server(tmp_path_factory.mktemp("server"), papers=papers, tls="none") as running:
        yield running


@pytest.fixture
def running(server: Running) -> Running:
    server.forget()
    server.say()
    return server


@pytest.fixture
def post(sqlite_ledgers: Ledgers, running: Running) -> Post:
    return Post(sqlite_ledgers, running)


ABOUT_US = [
    ("rcpt", "553 5.7.1 <news@brand.example>: Sender address rejected: not owned by user press", "sender"),
    ("rcpt", "554 5.7.1 <{address}>: Relay access denied", "sender"),
    ("rcpt", "550 5.7.26 This mail has been blocked because the sender is unauthenticated (DMARC)", "sender"),
    ("rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "sender"),
    ("rcpt", "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", "sender"),
    ("mail", "550 5.1.8 <news@brand.example>: Sender address rejected: Domain not found", "sender"),
    ("mail", "552 5.3.4 Message size exceeds fixed limit", "size"),
    ("dot", "552 5.3.4 Error: message file too big", "size"),
    ("dot", "550 5.7.1 Our policy filter says that this is spam", "sender"),
    ("data", "554 5.7.1 Sender address rejected: Access denied", "sender"),
    ("rcpt", "550 Requested action not taken", "alike"),
    ("rcpt", "550 5.1.1 <{address}>: Recipient address rejected: User unknown in local recipient table", "alike"),
    ("rcpt", "451 4.3.5 <{address}>: Server configuration error, try again", "alike"),
    ("dot", "554 5.0.0 Transaction failed for {address}", "alike"),
    ("mail", "450 4.7.1 Error: too much mail from 192.0.2.1", "rate"),
    ("rcpt", "450 4.7.1 Error: too much mail from 192.0.2.1", "rate"),
    ("mail", "451 4.3.0 Temporary lookup failure", "rate"),
    ("rcpt", "452 4.5.3 Too many recipients from your address in the last hour", "rate"),
    ("dot", "450 4.7.28 Our system has detected an unusual rate of mail from you", "rate"),
    ("greet", "554 5.7.1 No mail from here", "way-out"),
    ("greet", "421 4.7.0 Error: too many connections from 192.0.2.1", "way-out"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("at", "say", "code"), ABOUT_US)
def test_what_a_server_says_of_us_fails_nobody_and_the_delivery_goes_on_by_itself(
    post: Post, at: str, say: str, code: str
) -> None:
    post.running.say({"at": at, "say": say})

    row = post.step()

    assert (row.state, row.sent, row.failed) == ("waiting", 0, 0)
    assert set(post.states()) == {"pending"}
    (waiting,) = post.told(EventKind.DELIVERY_WAITING)
    assert (waiting["code"], waiting["sent"], waiting["left"]) == (code, 0, PEOPLE)
    assert "It waits since 2026-03-02 09:00 UTC: " in row.reason
    assert "The next try is at 2026-03-02 09:01 UTC." in row.reason
    assert "@" not in row.reason

    # Tried in pauses that grow, and said once.
    for _ in range(3):
        row = post.step(minutes=10)
        assert row.state == "waiting"
    assert len(post.told(EventKind.DELIVERY_WAITING)) == 1
    post.running.say()
    row = post.step(hours=1)

    assert (row.state, row.sent, row.failed, row.reason) == ("done", PEOPLE, 0, "")
    post.assert_each_once()
    assert suppressed_now(post) == set()


@pytest.mark.slow
def test_a_delivery_that_waits_is_not_tried_before_its_time_and_at_once_by_a_press_that_starts_anew(post: Post) -> None:
    post.running.say({"at": "rcpt", "say": "554 5.7.1 Relay access denied"})
    post.step()
    post.running.say()

    too_early = post.step(seconds=30).state
    post.start()
    row = post.step()

    assert (too_early, row.state, row.sent) == ("waiting", "done", PEOPLE)


@pytest.mark.slow
def test_the_pauses_grow_to_an_hour_and_the_delivery_is_held_after_the_policys_day(post: Post) -> None:
    post.running.say({"at": "rcpt", "say": "554 5.7.1 <x>: Relay access denied"})
    row = post.step()
    tries = [post.next_try]
    began = post.scene.ledgers.clock.now

    while row.state == "waiting":
        post.scene.ledgers.clock.now = post.next_try
        row = post.step()
        tries.append(post.next_try)

    assert (row.state, row.failed) == ("held", 0)
    assert (
        "It waited for 24 hours, and that is as long as a delivery may: the mail server refuses the sender"
        in row.reason
    )
    (held,) = post.told(EventKind.DELIVERY_HELD)
    assert held["code"] == "waited-too-long"
    assert 25 <= len(tries) <= 36
    assert post.scene.ledgers.clock.now - began <= timedelta(hours=25)
    assert post.running.addresses() == []


@pytest.mark.parametrize("stop", ["pause", "recall"])
def test_a_delivery_that_waits_can_be_paused_and_recalled(post: Post, stop: str) -> None:
    post.running.say({"at": "rcpt", "say": "554 5.7.1 Relay access denied"})
    post.step()
    paused(post.scene) if stop == "pause" else recalled(post.scene, post.delivery)

    row = post.step()

    assert row.state == ("paused" if stop == "pause" else "held")
    post.running.say()
    if stop == "pause":
        lifted(post.scene)
    row = post.step()
    assert (row.state, row.sent) == (("done", PEOPLE) if stop == "pause" else ("held", 0))


@pytest.mark.slow
def test_a_refusal_of_the_sender_in_the_middle_stops_there_and_nobody_gets_it_twice(
    sqlite_ledgers: Ledgers, running: Running
) -> None:
    post = Post(sqlite_ledgers, running, people=60, batch_size=60)
    refused = [{"at": "rcpt", "to": f"person{at}@example.com", "say": "550 5.7.1 banned"} for at in range(30, 60)]
    running.say(*refused)

    row = post.step()

    assert (row.state, row.failed) == ("waiting", 0)
    assert row.sent == len(running.addresses()) >= 20
    running.say()
    assert post.step(hours=1).state == "done"
    post.assert_each_once()


@pytest.mark.parametrize("say", ["550 5.7.1 I take nothing from you", "550 5.4.4 Host or domain name not found"])
def test_one_refused_for_what_is_not_its_own_is_put_off_and_the_rest_goes_out(post: Post, say: str) -> None:
    post.running.say({"at": "rcpt", "to": "person3@example.com", "say": say})

    row = post.step()

    assert (row.state, row.sent, row.failed) == ("waiting", PEOPLE - 1, 0)
    assert f"1 of 24 messages were put off by the mail server ({say})" in row.reason
    post.running.say()
    row = post.step(minutes=2)
    assert (row.state, row.sent) == ("done", PEOPLE)
    post.assert_each_once()


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [5, 50])
def test_one_who_is_greylisted_keeps_nobody_waiting_and_is_tried_by_itself(
    sqlite_ledgers: Ledgers, running: Running, batch_size: int
) -> None:
    post = Post(sqlite_ledgers, running, batch_size=batch_size)
    running.say({"at": "rcpt", "to": "person2@example.com", "say": "450 4.2.0 <{address}>: Greylisted", "times": 2})

    row = post.step()

    assert (row.state, row.sent, post.states().count("put-off")) == ("waiting", PEOPLE - 1, 1)
    assert (post.step(seconds=59).state, len(running.addresses())) == ("waiting", PEOPLE - 1)
    post.start()
    assert post.step(seconds=1).state == "waiting"
    row = post.step(minutes=1)
    assert (row.state, row.sent, row.failed) == ("done", PEOPLE, 0)
    post.assert_each_once()
    assert [each["code"] for each in post.told(EventKind.DELIVERY_WAITING)] == ["put-off"]
    assert [each.get("sent_at", []) for each in post.told(EventKind.RETRY_ENDED)] == [[], [2]]


def test_all_who_are_greylisted_are_asked_once_and_get_theirs_later(post: Post) -> None:
    post.running.say({"at": "rcpt", "say": "450 4.2.0 <{address}>: Recipient address rejected: Greylisted", "times": 1})

    row = post.step()
    assert (row.state, row.sent, post.states().count("put-off")) == ("waiting", 0, PEOPLE)
    row = post.step(minutes=1)

    assert (row.state, row.sent) == ("done", PEOPLE)
    post.assert_each_once()


@pytest.mark.slow
def test_who_is_put_off_for_longer_than_the_policy_tries_is_given_up_and_counts_as_failed(post: Post) -> None:
    post.running.say({"at": "rcpt", "to": "person2@example.com", "say": "452 4.2.2 <{address}>: mailbox is full"})
    post.step()

    for _ in range(30):
        row = post.step(hours=1)

    assert (row.state, row.sent, row.failed) == ("done", PEOPLE - 1, 1)
    (ended,) = [each for each in post.told(EventKind.RETRY_ENDED) if each]
    assert ended == {"given_up_at": [2]}
    with post.scene.ledgers.press.read() as tx:
        (failed,) = messages(tx, post.delivery, "failed")
    assert (
        failed.detail == "put off by the mail server for 24 hours, and given up: 452 4.2.2 [address]: mailbox is full"
    )
    assert suppressed_now(post) == set()


@pytest.mark.slow
def test_a_server_that_takes_so_many_in_a_while_gets_them_in_several_whiles_and_nobody_fails(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    with mail_server(tmp_path, papers=papers, tls="none", rate="20/1.0") as running:
        post = Post(sqlite_ledgers, running, people=70, batch_size=40)
        row = post.step()
        began = time.monotonic()
        while row.state == "waiting" and time.monotonic() - began < 60:
            row = post.step(minutes=5)

        assert (row.state, row.sent, row.failed, row.unknown) == ("done", 70, 0, 0)
        post.assert_each_once()


def test_a_message_larger_than_the_server_takes_is_known_before_anything_goes(
    sqlite_ledgers: Ledgers, tmp_path: Path, papers: Papers
) -> None:
    with mail_server(tmp_path, papers=papers, tls="none", size=1_000) as running:
        post = Post(sqlite_ledgers, running)

        row = post.step()

        assert (row.state, row.failed) == ("waiting", 0)
        assert "takes messages of 1,000 bytes at most, and one has " in row.reason
        (waiting,) = post.told(EventKind.DELIVERY_WAITING)
        assert waiting["code"] == "size"


def test_who_is_not_there_says_the_server_is_suppressed_and_who_has_no_room_is_not(post: Post) -> None:
    post.running.say(
        {"at": "rcpt", "to": "person1@example.com", "say": "550 5.1.1 <{address}>: User unknown"},
        {"at": "rcpt", "to": "person2@example.com", "say": "552 5.2.2 <{address}>: mailbox is full"},
        {"at": "dot", "to": "person3@example.com", "say": "550 5.1.1 no such user"},
        {"at": "rcpt", "to": "person4@example.com", "say": "550 no"},
    )

    row = post.step()

    assert (row.state, row.sent, row.failed) == ("done", PEOPLE - 4, 4)
    gone = {address_hash("person1@example.com"), address_hash("person3@example.com")}
    assert suppressed_now(post) == gone


@pytest.mark.parametrize("missing", [24, 13])
def test_a_delivery_that_reaches_nobody_or_too_few_does_not_end_as_delivered(post: Post, missing: int) -> None:
    say = ["550 5.1.1 <{address}>: User unknown", "550 5.2.2 <{address}>: full"]
    refused = [{"at": "rcpt", "to": f"person{at}@example.com", "say": say[at % 2]} for at in range(missing)]
    post.running.say(*refused)

    row = post.step()

    assert (row.state, row.sent, row.failed) == ("held", PEOPLE - missing, missing)
    (held,) = post.told(EventKind.DELIVERY_HELD)
    assert held["code"] == "too-few"
    assert post.told(EventKind.DELIVERY_COMPLETED) == []


@pytest.mark.slow
def test_two_ways_out_that_broke_are_both_told(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    first, second = Scene(sqlite_ledgers), Scene(sqlite_ledgers, run="run-2", via="smtp", people=False)

    class Full:
        def send(self, delivery: str, batch: Any) -> Any:
            raise ChannelError("the disk is full")

        def outcome(self, delivery: str, key: str) -> str:
            return "not-sent"

    class Away(Full):
        def send(self, delivery: str, batch: Any) -> Any:
            raise NotNow("the server refuses the sender", code="sender")

    stand = Stand(first, channels={"outbox": Full(), "smtp": Away()})
    one, two = stand.approve_and_request(), Stand(second).approve_and_request()

    with pytest.raises(ChannelError) as told_of:
        stand.press.step()

    assert f"{one}: the disk is full" in str(told_of.value)
    assert f"{two}: the server refuses the sender" in str(told_of.value)
    assert "the disk is full. The next try is at" in stand.row(one).reason
    assert "the server refuses the sender. The next try is at" in stand.row(two).reason
    assert (stand.row(one).state, stand.row(two).state) == ("waiting", "waiting")


@pytest.mark.slow
def test_who_was_given_up_is_tried_again_when_somebody_decides_it_and_nobody_else_is_written_to(post: Post) -> None:
    row = given_up(post)
    assert (row.state, row.sent, row.failed, row.unknown) == ("done", PEOPLE - 3, 2, 1)
    post.running.say()

    refused = retried(post, "eva")
    decided = retried(post)
    row = post.step()
    again = retried(post)

    assert isinstance(refused, Refused)
    assert (refused.code, decided) == ("no-right", 1)
    assert (row.state, row.sent, row.failed, row.unknown) == ("done", PEOPLE - 2, 1, 1)
    assert isinstance(again, Refused)
    assert again.code == "nothing-to-retry"
    post.assert_each_once(4)
    assert [each["put_off_at"] for each in post.told(EventKind.DELIVERY_REOPENED)] == [[2]]
    assert [each["sent"] for each in post.told(EventKind.DELIVERY_COMPLETED)] == [PEOPLE - 3, PEOPLE - 2]


@pytest.mark.slow
def test_what_was_held_for_good_is_not_opened_again(post: Post) -> None:
    post.running.say({"at": "rcpt", "say": "554 5.7.1 Relay access denied"})
    post.step()
    recalled(post.scene, post.delivery)
    post.step()

    refused = retried(post)

    assert isinstance(refused, Refused)
    assert "nobody was given up in it, or it was held" in refused.reason

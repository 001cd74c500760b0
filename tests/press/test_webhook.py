"""The webhook against a real receiver on its good and bad days: tried again under one key, never twice for certain."""

import base64
import hashlib
import hmac
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from presscheck.assets.copy.posts import Post
from presscheck.desk import Desk
from presscheck.digests import digest_of
from presscheck.errors import ChannelError, SettingsError
from presscheck.ledger import Keyring, Ledger, Signer
from presscheck.outbound.posting import Poster, reachable_address, signing_key
from presscheck.press import Press
from presscheck.press.channels import Failed, Message, Sent, Unknown
from presscheck.press.channels import webhook as module
from presscheck.press.channels.webhook import Webhook
from presscheck.settings.ways_out import WebhookSection
from tests.conftest import Clock
from tests.desk.scene import BRIEF, Ledgers, Scene, shipped_policies
from tests.press.stand import Stand
from tests.press.test_public_channels import post, public_scene

DELIVERY = "D-0123456789ab"
SECRET = SecretStr("whsec_" + base64.b64encode(bytes(range(32))).decode())
KEY = bytes(range(32))
SEAL = b"s" * 32
JOURNALS: list[str] = []


@dataclass
class Running:
    """The receiver's process, and what it noted of one test."""

    port: int
    log: Path
    start: int = 0

    def requests(self) -> list[dict[str, Any]]:
        with self.log.open("rb") as file:
            file.seek(self.start)
            return [json.loads(line) for line in file]

    def posts(self) -> list[dict[str, Any]]:
        return [one for one in self.requests() if one["method"] == "POST"]

    def webhook(self, mood: str, status: str = "", **more: Any) -> Webhook:
        asked = f"http://127.0.0.1:{self.port}/status/{status}/{{key}}" if status else ""
        section = WebhookSection(
            url=f"http://127.0.0.1:{self.port}/{mood}",
            status_url=asked,
            **{"timeout_seconds": 1.0, "attempts": 2, "first_wait_seconds": 0.01, "concurrency": 4, **more},
        )
        return Webhook(section, KEY, self.log.parent / "journals", SEAL)


@pytest.fixture(scope="module")
def _process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    log = tmp_path_factory.mktemp("receiver") / "log.jsonl"
    log.touch()
    command = [sys.executable, str(Path(__file__).with_name("receiver.py")), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Running(int(process.stdout.readline()), log)
        process.kill()


@pytest.fixture
def receiver(_process: Running) -> Running:
    _process.start = os.path.getsize(_process.log)
    return _process


def messages(count: int = 1, salt: str = "") -> list[Message]:
    """Social posts, with keys that no other test has."""
    made: list[Message] = []
    for at in range(count):
        one = Post.of(
            post("social", "abcdef"[at % 6]),
            BRIEF,
            asset="a" * 64,
            delivery=DELIVERY,
            run="run-1",
            sender=BRIEF.sender,
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            place=(at, count),
        )
        key = digest_of([salt or os.environ.get("PYTEST_CURRENT_TEST", ""), at])
        made.append(Message(key, "", one.to("", key=key), one))
    return made


def posted(webhook: Webhook, batch: list[Message]) -> Any:
    """What the press does with a batch: a journal whose id it keeps, then the hand-over."""
    JOURNALS[:] = [webhook.prepare(DELIVERY, [message.key for message in batch])]
    return webhook.send(DELIVERY, batch)


def fates(webhook: Webhook, batch: list[Message]) -> list[str]:
    """What the press is told after a crash, by the journal of the last hand-over."""
    told = webhook.recall(DELIVERY, [message.key for message in batch], JOURNALS)
    return [told[message.key] for message in batch]


def test_a_message_is_posted_signed_and_under_its_key(receiver: Running) -> None:
    (message,) = messages()

    answers = posted(receiver.webhook("ok"), [message])

    (got,) = receiver.posts()
    headers = got["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{got['body']}".encode()
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    assert answers == [Sent(message.key)]
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["idempotency-key"] == headers["webhook-id"] == message.key
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
    body = json.loads(got["body"])
    assert body["type"] == "message.social"
    assert body["data"]["to"] is None
    assert body["data"]["body"].startswith("The Fell jacket is here.")


@pytest.mark.parametrize("mood", ["flaky", "busy"])
def test_what_the_receiver_puts_off_is_posted_again_under_the_same_key(receiver: Running, mood: str) -> None:
    (message,) = messages()

    answers = posted(receiver.webhook(mood), [message])

    first, second = receiver.posts()
    assert answers == [Sent(message.key)]
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"] == message.key
    assert first["body"] == second["body"]


def test_a_message_that_is_refused_has_failed_and_the_answer_is_not_repeated(receiver: Running) -> None:
    (message,) = messages()

    answers = posted(receiver.webhook("refuses"), [message])

    assert answers == [Failed(message.key, "the receiver answered 422")]
    assert len(receiver.posts()) == 1


@pytest.mark.parametrize(("said", "kind"), [("", Unknown), ("sent", Sent), ("not-sent", Failed)])
def test_a_second_try_that_is_refused_says_nothing_of_the_first(receiver: Running, said: str, kind: type) -> None:
    (message,) = messages()

    answers = posted(receiver.webhook("doubts", status=said) if said else receiver.webhook("doubts"), [message])

    assert [type(answer) for answer in answers] == [kind]
    assert len(receiver.posts()) == 2


@pytest.mark.parametrize("mood", ["hangs", "drops", "babbles", "drips"])
def test_a_message_without_an_answer_is_unknown_and_never_posted_again(receiver: Running, mood: str) -> None:
    (message,) = messages()
    begun = time.monotonic()

    answers = posted(receiver.webhook(mood, timeout_seconds=0.4), [message])

    assert [type(answer) for answer in answers] == [Unknown]
    assert len(receiver.posts()) == 1
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("said", "kind", "posts"),
    [("sent", Sent, 1), ("huge", Unknown, 1), ("nonsense", Unknown, 1), ("not-sent", Sent, 2)],
)
def test_a_receiver_that_can_say_is_asked_what_became_of_it(
    receiver: Running, said: str, kind: type, posts: int
) -> None:
    (message,) = messages()

    answers = posted(receiver.webhook("dropsonce", status=said), [message])

    assert [type(answer) for answer in answers] == [kind]
    assert len(receiver.posts()) == posts
    asked = next(one for one in receiver.requests() if one["method"] == "GET")
    assert asked["path"].endswith(message.key)
    assert asked["headers"]["webhook-signature"].startswith("v1,")


def test_an_endless_answer_is_cut_and_its_status_counts(receiver: Running) -> None:
    (message,) = messages()

    assert posted(receiver.webhook("floods"), [message]) == [Sent(message.key)]


@pytest.mark.parametrize("mood", ["locked", "moves", "lures"])
def test_what_speaks_of_the_address_stops_the_batch_and_nothing_is_lost(receiver: Running, mood: str) -> None:
    batch = messages(6)
    webhook = receiver.webhook(mood, concurrency=1)

    with pytest.raises(ChannelError, match="look at its address"):
        posted(webhook, batch)

    # One was tried, nothing was followed, and all of them may go out later.
    assert [one["path"] for one in receiver.posts()] == [f"/{mood}"]
    assert set(fates(webhook, batch)) == {"not-sent"}


def test_a_receiver_that_is_down_takes_nothing_and_may_be_tried_later(tmp_path: Path) -> None:
    (message,) = messages()
    section = WebhookSection(url="http://127.0.0.1:9/", attempts=2, first_wait_seconds=0)
    webhook = Webhook(section, KEY, tmp_path, SEAL)

    with pytest.raises(ChannelError, match=r"127\.0\.0\.1:9 does not answer"):
        posted(webhook, [message])

    assert fates(webhook, [message]) == ["not-sent"]


def test_a_wait_beyond_the_bound_stops_the_batch_instead(receiver: Running) -> None:
    webhook = receiver.webhook("closed", concurrency=1)
    batch = messages(3)

    with pytest.raises(ChannelError, match="asks to wait 3,600 s"):
        posted(webhook, batch)

    assert len(receiver.posts()) == 1
    assert fates(webhook, batch) == ["not-sent"] * 3


def test_a_receiver_that_stays_broken_leaves_unknown_only_what_it_was_handed(receiver: Running) -> None:
    webhook = receiver.webhook("broken", concurrency=1)
    batch = messages(5)

    with pytest.raises(ChannelError, match="it answers 500"):
        posted(webhook, batch)

    assert fates(webhook, batch) == ["unknown", *["not-sent"] * 4]


def test_after_a_crash_the_journal_says_what_was_begun_and_the_receiver_what_it_took(receiver: Running) -> None:
    webhook, batch = receiver.webhook("ok"), messages(3)
    JOURNALS[:] = [webhook.prepare(DELIVERY, [message.key for message in batch])]
    journal = webhook._journals[DELIVERY]
    journal.begun(batch[0].key)
    journal.begun(batch[1].key)
    journal.taken(batch[1].key)

    assert fates(receiver.webhook("ok"), batch) == ["unknown", "sent", "not-sent"]
    assert fates(receiver.webhook("ok", status="sent"), batch) == ["sent", "sent", "not-sent"]
    assert fates(receiver.webhook("ok", status="not-sent"), batch) == ["not-sent", "sent", "not-sent"]
    JOURNALS[:] = ["0" * 32]
    assert set(fates(receiver.webhook("ok"), batch)) == {"unknown"}
    assert receiver.webhook("ok").outcome(DELIVERY, batch[0].key) == "unknown"


def test_nothing_is_posted_that_stands_in_no_journal(receiver: Running) -> None:
    with pytest.raises(ChannelError, match="not fresh in the journal"):
        receiver.webhook("ok").send(DELIVERY, messages())

    assert receiver.posts() == []


def test_a_stop_in_the_middle_of_a_batch_begins_no_further_message(receiver: Running) -> None:
    webhook, batch = receiver.webhook("ok", concurrency=1), messages(5)
    webhook.stop_when(lambda: len(receiver.posts()) >= 2)

    with pytest.raises(ChannelError, match="told to stop"):
        posted(webhook, batch)

    assert len(receiver.posts()) == 2
    assert fates(webhook, batch) == ["sent", "sent", *["not-sent"] * 3]


@pytest.mark.slow
def test_a_whole_delivery_goes_through_the_press_and_goes_on_after_a_bad_hour(
    sqlite_ledgers: Ledgers, receiver: Running
) -> None:
    scene = public_scene(sqlite_ledgers, "social", via="webhook")
    stand = Stand(scene, channels={"webhook": receiver.webhook("locked")})
    delivery = stand.approve_and_request(picks=["V01", "V02"])
    with pytest.raises(ChannelError):
        stand.press.step()
    stand.press.channels = {"webhook": receiver.webhook("ok")}
    sqlite_ledgers.clock.advance(minutes=1)

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, row.unknown) == ("done", 2, 0)
    taken = [one["headers"]["idempotency-key"] for one in receiver.posts() if one["path"] == "/ok"]
    assert len(taken) == len(set(taken)) == 2


def test_an_email_is_posted_as_it_would_have_been_sent(sqlite_ledgers: Ledgers, receiver: Running) -> None:
    stand = Stand(Scene(sqlite_ledgers, via="webhook"), channels={"webhook": receiver.webhook("ok")})

    delivery = stand.approve_and_request()
    stand.press.step()

    assert stand.row(delivery).sent == 7
    sent = [json.loads(one["body"])["data"] for one in receiver.posts()]
    assert sorted(one["to"] for one in sent) == [f"person{number}@example.com" for number in range(7)]
    assert all(f"To: {one['to']}\r\n" in one["mime"] for one in sent)


# ---------------------------------------------------------------- attacks


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",  # noqa: S104 - what must not be reached
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("fec0::1", "::7f00:1", "64:ff9b:1::a00:1", "5f00::1", "fd00:ec2::254", "fe80::1%eth0", "168.63.129.16"),
    ],
)
def test_private_addresses_are_never_connected_to(address: str) -> None:
    assert not reachable_address(address, loopback=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_may_be_connected_to_and_loopback_means_loopback(address: str) -> None:
    assert reachable_address(address, loopback=False)
    assert not reachable_address(address, loopback=True)
    assert reachable_address("127.0.0.1", loopback=True)
    assert not reachable_address("10.0.0.1", loopback=True)


def test_a_name_that_turns_out_to_be_this_machine_is_not_connected_to(
    receiver: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import socket

    # What a hostile or mistaken name server would say.
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    section = WebhookSection(url=f"https://hooks.brand.example:{receiver.port}/ok", attempts=1)

    with pytest.raises(ChannelError, match="an address of a private network"):
        posted(Webhook(section, KEY, tmp_path, SEAL), messages())

    assert receiver.requests() == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.brand.example/in", "unencrypted"),
        ("http://127.0.0.1.brand.example/in", "unencrypted"),
        ("ftp://brand.example/in", "not a web address"),
        ("https://user:pass@brand.example/in", "carries a user"),
        ("https://brand.example/in#top", "fragment"),
        ("https://brand.example/a b", "not a web address"),
        ("https://brand.example:port/", "not a web address"),
        ("brand.example", "not a web address"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_refused_by_the_settings(url: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WebhookSection(url=url)


def test_a_status_address_has_a_place_for_the_key() -> None:
    with pytest.raises(ValidationError, match=r"put \{key\}"):
        WebhookSection(url="https://brand.example/in", status_url="https://brand.example/status")


@pytest.mark.parametrize(
    "text", ["hunter2hunter2hunter2", "whsec_", "whsec_hunter2", "whsec_" + "A" * 200, "AAAA" * 10]
)
def test_a_secret_that_signs_nothing_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(SettingsError) as told:
        signing_key(SecretStr(text), "webhook")

    assert text.removeprefix("whsec_") == "" or text.removeprefix("whsec_") not in str(told.value)


def test_the_secret_is_in_no_log_line_no_error_and_no_repr(receiver: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    webhook = receiver.webhook("locked", concurrency=1)

    with pytest.raises(ChannelError) as told:
        posted(webhook, messages(2))

    seen = " ".join(
        [
            caplog.text,
            str(told.value),
            repr(told.value),
            repr(webhook),
            repr(Poster(KEY, loopback=True, timeout_seconds=1)),
        ]
    )
    for secret in (SECRET.get_secret_value(), SECRET.get_secret_value()[6:], repr(KEY), KEY.hex()):
        assert secret not in seen


# ---------------------------------------------------------------- kill -9


def _killed(home: Path, url: str, after: int) -> None:
    """A press that is killed while it posts, once the receiver has taken `after` messages."""
    import signal

    class Mortal(Poster):
        def post(self, url: str, key: str, body: bytes) -> Any:
            answer = super().post(url, key, body)
            taken.append(key)
            if len(taken) == after:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

    taken: list[str] = []
    module.Poster = Mortal  # type: ignore[misc]
    ledger = Ledger.open(
        f"sqlite:///{home / 'ledger.db'}",
        keyring=Keyring.load(home / "keys"),
        signer=Signer.load(home / "keys", "press"),
        heads=home / "heads",
        clock=Clock(),
    )
    channel = Webhook(WebhookSection(url=url, concurrency=1), KEY, home / "press" / "webhook", SEAL)
    Press(ledger, Desk(ledger, shipped_policies), {"webhook": channel}, home).step()


@pytest.mark.slow
def test_a_press_killed_while_it_posts_posts_nothing_twice_and_lists_what_nobody_knows(
    sqlite_ledgers: Ledgers, receiver: Running
) -> None:
    section = WebhookSection(url=f"http://127.0.0.1:{receiver.port}/ok", concurrency=1)
    channel = Webhook(section, KEY, sqlite_ledgers.home / "press" / "webhook", SEAL)
    stand = Stand(Scene(sqlite_ledgers, via="webhook"), channels={"webhook": channel})
    delivery = stand.approve_and_request()
    sqlite_ledgers.close()
    arguments = (sqlite_ledgers.home, section.url, 3)
    process = multiprocessing.get_context("fork").Process(target=_killed, args=arguments)
    process.start()
    process.join(30)
    assert process.exitcode == -9

    stand.press.step()

    row = stand.row(delivery)
    keys = [one["headers"]["idempotency-key"] for one in receiver.posts()]
    assert (row.state, row.sent, row.unknown) == ("done", 6, 1)
    assert len(keys) == len(set(keys)) == 7

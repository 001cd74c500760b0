"""What must not work: an address inside, a name that turns, a redirect, an endless answer, a text as an id."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpcore
import pytest
from pydantic import ValidationError

from presscheck.ledger import EventKind
from presscheck.settings.webhooks import WebhooksSection
from presscheck.webhooks import SystemTold
from tests.conftest import Ledgers
from tests.webhooks.system import KEY, OLD_KEY, Shop, System

Systems = Callable[..., System]


def public(ledgers: Ledgers, url: str) -> Shop:
    shop = Shop(ledgers, jira={"url": url, "timeout_seconds": 2})
    shop.look()
    shop.comment()
    return shop


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str], wait: float = 0) -> list[str]:
    """A name server that says this, one after the other, and what was asked of it."""
    asked: list[str] = []

    def look_up(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        time.sleep(wait)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/in",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/",
        "https://[::ffff:127.0.0.1]/in",
        "https://[fe80::1]/in",
        "https://168.63.129.16/machine",
        "https://0.0.0.0/in",
        "https://2130706433/in",
        "https://0x7f.1/in",
    ],
)
def test_an_address_that_is_not_public_is_never_connected_to(sqlite_ledgers: Ledgers, url: str) -> None:
    shop = public(sqlite_ledgers, url)

    assert shop.look() == {"jira": SystemTold(code="barred-address")}
    assert [one["code"] for one in shop.events(EventKind.WEBHOOK_FAILED)] == ["barred-address"]


@pytest.mark.parametrize(
    "said", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["169.254.169.254"], ["100.100.100.200"]]
)
def test_a_name_of_which_one_address_is_inside_is_refused(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    shop = public(sqlite_ledgers, "https://hooks.brand.example/in")
    names(monkeypatch, said)

    assert shop.look() == {"jira": SystemTold(code="barred-address")}


def test_a_name_that_turns_after_it_was_looked_at_leads_nowhere_else(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = public(sqlite_ledgers, "https://hooks.brand.example/in")
    asked = names(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    connected: list[str] = []

    def connect(_self: Any, host: str, *_args: Any, **_more: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)

    assert shop.look() == {"jira": SystemTold(code="not-reached")}
    assert (asked, connected) == (["hooks.brand.example"], ["93.184.215.14"])


def test_a_name_server_that_does_not_answer_holds_nobody_up_and_nothing_is_posted_afterwards(
    sqlite_ledgers: Ledgers, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = system.url.replace("127.0.0.1", "localhost")
    shop = Shop(sqlite_ledgers, jira={"url": url, "loopback": True, "timeout_seconds": 0.2})
    shop.look()
    shop.comment()
    names(monkeypatch, ["127.0.0.1"], wait=1.0)
    began = time.monotonic()

    told = shop.look(seconds=0.1)
    took = time.monotonic() - began
    for thread in threading.enumerate():
        if thread.name == "webhook jira":
            thread.join(10)

    assert told == {"jira": SystemTold(code="no-answer")}
    assert took < 0.9
    assert system.got == []


def test_for_development_this_machine_is_all_that_is_reached(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": "http://localhost:9/in", "loopback": True})
    shop.look()
    shop.comment()
    names(monkeypatch, ["10.0.0.1"])

    assert shop.look() == {"jira": SystemTold(code="barred-address")}


def test_a_redirect_is_no_way_to_another_address(sqlite_ledgers: Ledgers, systems: Systems) -> None:
    inside = systems()
    lures = systems(status=307, headers={"Location": inside.url})
    shop = Shop(sqlite_ledgers, jira={"url": lures.url, "loopback": True})
    shop.look()
    shop.comment()

    assert shop.look() == {"jira": SystemTold(code="redirect")}
    assert (len(lures.got), inside.got) == (1, [])


def test_proxies_of_the_environment_are_not_used(
    sqlite_ledgers: Ledgers, systems: Systems, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, system = systems(), systems()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True})
    shop.look()
    shop.comment()

    assert shop.look() == {"jira": SystemTold(sent=1)}
    assert proxy.got == []


def test_an_endless_answer_is_read_only_in_part(sqlite_ledgers: Ledgers, systems: Systems) -> None:
    flood = systems(status=200, headers={"Content-Length": str(1 << 40)}, answer=b"x" * (1 << 20))
    shop = Shop(sqlite_ledgers, jira={"url": flood.url, "loopback": True, "timeout_seconds": 5})
    shop.look()
    shop.comment()
    began = time.monotonic()

    assert shop.look() == {"jira": SystemTold(sent=1)}
    assert time.monotonic() - began < 3


def test_a_text_that_a_worker_signs_in_the_place_of_an_id_goes_nowhere(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True})
    shop.look()
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.REVIEW_OPENED, "<script>the offer: 30 % off</script>", {}, run="r")
        tx.append(EventKind.REVIEW_OPENED, "R-jo@brand.example", {}, run="r")
        tx.append(EventKind.DELIVERY_REQUESTED, "D-0123456789ab", {"review": "../../secret"}, run="r")
    with sqlite_ledgers.press.write() as tx:
        tx.append(EventKind.DELIVERY_HELD, "D-0123456789ab", {"code": "the offer"}, run="r")
    with sqlite_ledgers.door.write() as tx:
        tx.append(EventKind.COMMENT_MADE, shop.scene.review.id, {"comment": "Say it louder!"}, run="r")
    [sound] = shop.comment()

    shop.look()

    assert system.sequence == [sound]


def test_an_event_that_another_process_signed_is_told_to_nobody(sqlite_ledgers: Ledgers, system: System) -> None:
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True})
    shop.look()
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.DECISION_APPROVED, shop.scene.review.id, {}, run="r")

    assert shop.look() == {"jira": SystemTold()}
    assert system.got == []


def test_the_key_is_in_no_event_log_or_message(
    sqlite_ledgers: Ledgers, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = Shop(sqlite_ledgers, jira={"url": system.url, "loopback": True})
    shop.secret("webhooks-jira-old", OLD_KEY)
    shop.look()
    system.status = 400
    shop.comment()
    shop.look()

    with sqlite_ledgers.door.read() as tx:
        ledger = "".join(event.body for event in tx.events())
    sent = "".join(f"{one.headers}{one.body}" for one in system.got)
    for where in (ledger, sent, caplog.text, repr(shop.settings)):
        assert KEY.removeprefix("whsec_") not in where
        assert OLD_KEY.removeprefix("whsec_") not in where
    assert len(system.got) == 1


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"url": "http://hooks.example.com/in"}, "unencrypted"),
        ({"url": "http://127.0.0.1:9000/in"}, "loopback = true"),
        ({"url": "https://localhost/in"}, "loopback = true"),
        ({"url": "http://127.0.0.1.example.com/in", "loopback": True}, "unencrypted"),
        ({"url": "https://hooks.example.com/in", "loopback": True}, "is for an address of this machine"),
        ({"url": "https://u:p@hooks.example.com/in"}, "carries a user or a password"),
        ({"url": "file:///etc/passwd"}, "is not a web address"),
        ({"url": ""}, "at least 1 character"),
        ({"url": "https://hooks.example.com/in", "types": ["review.read"]}, "review.opened"),
    ],
)
def test_settings_that_would_lead_inside_or_tell_in_the_open_are_refused(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WebhooksSection.model_validate(section)


@pytest.mark.parametrize("name", ["jira-old", "Jira", "../jira", "a" * 31, ""])
def test_a_name_that_is_no_name_of_a_secret_is_refused(sqlite_ledgers: Ledgers, name: str) -> None:
    with pytest.raises(ValidationError):
        Shop(sqlite_ledgers, **{name: {"url": "https://hooks.example.com/in"}})

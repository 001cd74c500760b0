"""Sockets: events and logs go out to who is signed in; nothing comes in but one filter."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

FILTER = json.dumps({"type": "filter", "filter": {"occurred": {}}})


def _open(house: Any, path: str = "/api/events/out", **instead: Any) -> Any:
    given = {"origin": house.url, "cookie": f"presscheck={house.visitor('ana').token}"} | instead.pop("headers", {})
    origin = given.pop("origin")
    return connect(
        f"ws://127.0.0.1:{house.port}{path}",
        origin=origin or None,
        additional_headers={name: value for name, value in given.items() if value},
        subprotocols=instead.pop("subprotocols", ["prefect"]),
        proxy=None,
        open_timeout=10,
    )


def _say(house: Any, messages: list[str | bytes]) -> None:
    """Send these and read until the door closes."""
    with _open(house) as socket:
        for message in messages:
            socket.send(message)
        for _ in range(3):
            socket.recv(timeout=10)


def test_door_does_the_handshake_and_events_come_out(still_house: Any) -> None:
    with _open(still_house) as socket:
        socket.send(json.dumps({"type": "auth", "token": "whatever the browser has"}))
        greeting = json.loads(socket.recv(timeout=10))
        socket.send(FILTER)
        event = json.loads(socket.recv(timeout=10))

    assert greeting == {"type": "auth_success"}
    assert event["type"] == "event"
    assert still_house.upstream.socket_messages == [FILTER]


@pytest.mark.parametrize("wrong", [b"\x00", "[" * 200_000, "{", ""], ids=["bytes", "deep", "half", "empty"])
@pytest.mark.parametrize("before", [[], [json.dumps({"type": "auth"})]], ids=["first", "second"])
def test_a_message_that_is_none_closes_the_socket_and_breaks_nothing(
    still_house: Any, before: list[str], wrong: str | bytes
) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        _say(still_house, [*before, wrong])

    assert still_house.upstream.socket_messages == []
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code in (1001, 1008)


def test_nothing_after_the_filter_goes_inside(still_house: Any) -> None:
    with _open(still_house) as socket:
        socket.send(json.dumps({"type": "auth"}))
        socket.recv(timeout=10)
        socket.send(FILTER)
        socket.recv(timeout=10)
        for _ in range(3):
            socket.send(json.dumps({"type": "event", "event": "planted"}))

    assert still_house.upstream.socket_messages == [FILTER]


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": ""},
        {"cookie": "presscheck=planted"},
        {"origin": "https://evil.example"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_socket_without_session_or_from_elsewhere_does_not_open(still_house: Any, headers: dict[str, str]) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)), _open(still_house, headers=headers) as socket:
        socket.recv(timeout=5)

    assert still_house.upstream.socket_messages == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/events/in",
        "/api/task_runs/subscriptions/scheduled",
        "/api/work_pools/presscheck/workers/connect",
        "/api/events/out/",
        "/inbox",
    ],
)
def test_no_other_socket_opens(still_house: Any, path: str) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)), _open(still_house, path) as socket:
        socket.recv(timeout=5)


@pytest.mark.parametrize(
    "messages",
    [
        ["not json"],
        [json.dumps({"type": "filter"})],
        [json.dumps({"type": "auth"}), json.dumps({"type": "event"})],
        [json.dumps({"type": "auth"}), json.dumps(["filter"])],
    ],
)
def test_socket_that_does_not_keep_to_the_handshake_is_closed(still_house: Any, messages: list[str]) -> None:
    with pytest.raises(ConnectionClosed):
        _say(still_house, messages)

    assert still_house.upstream.socket_messages == []

"""The client before servers that are not the door, or not well."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from presscheck.cli.client import BadRequest, DoorClient, Refusal
from presscheck.cli.signed_in import NotSignedIn, Session
from presscheck.errors import DoorError, SettingsError


class Answering(ThreadingHTTPServer):
    """Answers every request alike and remembers what came."""

    status = 200
    content = b"{}"
    location = ""
    seen: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Answering)
        length = int(self.headers.get("content-length") or 0)
        server.seen.append({"path": self.path, "headers": dict(self.headers), "body": self.rfile.read(length)})
        self.send_response(server.status)
        if server.location:
            self.send_header("Location", server.location)
        self.send_header("Content-Length", str(len(server.content)))
        self.end_headers()
        self.wfile.write(server.content)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def server() -> Iterator[Answering]:
    running = Answering(("127.0.0.1", 0), Handler)
    running.seen = []
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def url(server: Answering) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def as_somebody(server: Answering) -> DoorClient:
    session = Session(door=url(server), person="P", name="n", csrf="token", expires_at="", cookies={"presscheck": "c"})
    return DoorClient(url(server), session=session)


def test_a_write_carries_cookie_token_and_origin(server: Answering) -> None:
    with as_somebody(server) as door:
        door.post("/-/api/x", {"a": 1})

    headers = {name.lower(): value for name, value in server.seen[0]["headers"].items()}
    assert headers["origin"] == url(server)
    assert headers["x-presscheck-csrf"] == "token"
    assert headers["cookie"] == "presscheck=c"
    assert headers["content-type"] == "application/json"
    assert json.loads(server.seen[0]["body"]) == {"a": 1}


def test_a_redirect_is_not_followed_with_the_session(server: Answering) -> None:
    server.status, server.location = 302, f"{url(server)}/elsewhere"

    with as_somebody(server) as door, pytest.raises(DoorError, match="302"):
        door.get("/-/api/x")

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (401, NotSignedIn, 1), (403, Refusal, 1), (409, Refusal, 1), (429, Refusal, 1),
        (400, BadRequest, 2), (404, BadRequest, 2), (422, BadRequest, 2), (500, DoorError, 3), (503, DoorError, 3),
    ],
)  # fmt: skip
def test_the_doors_no_is_told_in_its_words(server: Answering, status: int, error: type[DoorError], code: int) -> None:
    server.status, server.content = status, b'{"error": "Too late.", "what_to_do": "Ask ana."}'

    with as_somebody(server) as door, pytest.raises(error, match=r"Too late\. Ask ana\.") as caught:
        door.get("/-/api/x")

    assert caught.value.exit_code == code
    assert type(caught.value) is error


def test_what_was_wrong_and_what_to_do_are_two_sentences(server: Answering) -> None:
    server.status, server.content = 404, b'{"error": "there is no such run", "what_to_do": "Look at the inbox."}'

    with as_somebody(server) as door, pytest.raises(BadRequest, match=r"^there is no such run\. Look at the inbox\.$"):
        door.get("/-/api/x")


@pytest.mark.parametrize("content", [b"<html>hello</html>", b"", b'{"error": ', b"\xff\xfe"])
def test_another_program_at_the_address_is_recognised(server: Answering, content: bytes) -> None:
    server.content = content

    with as_somebody(server) as door, pytest.raises(DoorError, match="another program"):
        door.get("/-/api/x")


def test_a_proxy_of_the_environment_does_not_see_this_machines_door(
    server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    with as_somebody(server) as door:
        assert door.get("/-/api/x") == {}


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "127.0.0.1:8400", "http://", "http://door.example:8400"])
def test_an_address_that_is_none_or_in_the_open_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="door_url"):
        DoorClient(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:1", "http://[::1]:1", "http://127.8.8.8:1", "https://door.example"]
)
def test_this_machine_and_https_are_fine(address: str) -> None:
    with DoorClient(address) as door:
        assert door.url == address

"""A real door on loopback, before a small upstream that records what reaches it."""

import asyncio
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from presscheck.ledger import EventKind
from presscheck.people.accounts import Accounts
from presscheck.people.rights import Grant, record_rights, remember_person
from presscheck.people.sessions import find_session, open_session
from presscheck.settings import Settings
from tests.desk.scene import RUN, Scene

# Reading the system's certificates takes longer than most tests; nothing here leaves loopback.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
AUTH = "inner:secret-of-the-house"
DEPLOYMENT = "11111111-2222-4333-8444-555555555555"
FLOW = "66666666-7777-4888-8999-000000000000"


def listen() -> socket.socket:
    # Named, as the door does it: else asyncio leaves Nagle's algorithm on, and each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening


class Serving:
    """A server in a thread, on a port of its own."""

    def __init__(self, app: Any, listening: socket.socket | None = None) -> None:
        self._socket = listening or listen()
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(app, http="h11", log_level="warning", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> "Serving":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        # Uvicorn waits a second for what is under way; a thread that waits for longer goes with this process.
        self._thread.join(timeout=3)


class Switch:
    """An ASGI application that is another one for each test, so that one server serves them all."""

    def __init__(self) -> None:
        self.app: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            self._loop = asyncio.get_running_loop()
            await self.app(scope, receive, send)

    def finish(self, closing: Any) -> None:
        """Run a coroutine where the application ran."""
        if self._loop is None:
            closing.close()
        else:
            asyncio.run_coroutine_threadsafe(closing, self._loop).result(timeout=10)


@dataclass
class Upstream:
    """Stands where Prefect's server stands: remembers what came, answers what a test wants."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] | None = field(default_factory=lambda: {"type": "PAUSED", "name": "Suspended"})
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    socket_messages: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                WebSocketRoute("/api/events/out", self._socket),
                WebSocketRoute("/api/events/in", self._socket),
                Route("/{path:path}", self._answer, methods=["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]),
            ]
        )

    def calls(self, method: str, part: str = "") -> list[dict[str, Any]]:
        return [call for call in self.seen if call["method"] == method and part in call["path"]]

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        path = request.url.path
        call = {
            "method": request.method,
            "path": path,
            "query": request.url.query,
            "headers": dict(request.headers),
            "body": json.loads(body) if body else None,
        }
        self.seen.append(call)
        if path in self.answers:
            status, answer = self.answers[path]
            return JSONResponse(answer, status_code=status)
        if path.endswith("/set_state"):
            wanted = call["body"]["state"]
            self.state = wanted
            return JSONResponse({"status": "ACCEPT", "state": wanted, "details": {"type": "accept_details"}}, 201)
        if path == f"/api/flow_runs/{RUN}":
            if self.state is None:
                return JSONResponse({"detail": "not found"}, 404)
            return JSONResponse({"id": RUN, "state": self.state})
        if path.endswith("/create_flow_run"):
            return JSONResponse({"id": RUN, "flow_id": FLOW, "name": "quick-otter"}, 201)
        if path == f"/api/flows/{FLOW}":
            return JSONResponse({"id": FLOW, "name": "product-launch"})
        if path == "/api/deployments/filter":
            return JSONResponse([{"id": DEPLOYMENT, "name": "product-launch"}])
        if path == "/v2/redirect":
            return RedirectResponse("http://127.0.0.1:1/inner")
        if path == "/v2/page":
            return HTMLResponse("<!DOCTYPE html>\n<html>\n  <head>\n    <title>Prefect</title></head></html>")
        if path == "/v2/slow":
            await asyncio.sleep(2)
        if path == "/v2/stream":
            return StreamingResponse(iter([b"a" * 1000] * 1000), media_type="text/plain")
        answer = JSONResponse({"passed": path})
        answer.set_cookie("inner", "cookie")
        answer.headers["x-inner"] = "detail"
        return answer

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="prefect")
        hello = await socket.receive_json()
        if hello != {"type": "auth", "token": AUTH}:
            await socket.close(1008)
            return
        await socket.send_json({"type": "auth_success"})
        self.socket_messages.append(await socket.receive_text())
        await socket.send_json({"type": "event", "event": {"id": "1"}})
        try:
            while True:
                self.socket_messages.append(await socket.receive_text())
        except Exception:
            return


class Visitor:
    """Somebody at the door: a browser's or the command line's requests, each header as a test wants it."""

    def __init__(self, house: "House", person: str | None) -> None:
        self.house = house
        self.token = self.csrf = ""
        if person is not None:
            with house.ledger.write() as tx:
                self.token, _ = open_session(tx, person, hours=12)
            with house.ledger.read() as tx:
                session = find_session(tx, self.token)
            assert session is not None
            self.csrf = session.csrf

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"origin": self.house.url, "x-presscheck-csrf": self.csrf, "cookie": f"presscheck={self.token}"}
        headers |= more.pop("headers", {})
        sent = {name: value for name, value in headers.items() if value}
        patient = {"timeout": 30, **more}
        return httpx.request(method, self.house.url + path, headers=sent, verify=PLAIN, trust_env=False, **patient)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.ask("POST", path, json={} if json is None else json, **more)


@dataclass
class House:
    """The door, what is behind it, and the review that waits."""

    scene: Scene
    upstream: Upstream
    url: str
    port: int
    app: Starlette
    settings: Settings

    @property
    def ledger(self) -> Any:
        return self.scene.ledgers.door

    @property
    def accounts(self) -> Accounts:
        return self.app.state.door.accounts

    def visitor(self, person: str | None = "ana") -> Visitor:
        return Visitor(self, None if person is None else f"P-{person}")

    def enrol(self, name: str, role: Any) -> None:
        """Somebody more, beside the scene's people."""
        email, grants = f"{name}@brand.example", [Grant(role=role, markets="all")]
        with self.ledger.write() as tx:
            remember_person(tx, f"P-{name}", email=email, name=name)
            record_rights(tx, EventKind.PERSON_ENROLLED, f"P-{name}", grants, email=email, name=name, by="P-root")

    def raw_request(self, text: str) -> str:
        """Bytes exactly as given; the whole answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text.encode("latin-1"))
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return answer.decode("latin-1")

    def let_it_count(self, seconds: float = 21) -> list[Any]:
        """The time passes in which an answer can be taken back, and the door submits what is due; what it came to."""
        self.scene.ledgers.clock.advance(seconds=seconds)
        return self.app.state.door.held.submit_due()

    def ring(self) -> int:
        """One round of the bell, by hand."""
        from presscheck.door.bell import Bell
        from presscheck.door.prefect_behind import PrefectBehind

        async def once() -> int:
            address = str(self.app.state.door.prefect.client.base_url)
            async with httpx.AsyncClient(base_url=address, verify=PLAIN, trust_env=False) as client:
                bell = Bell(self.ledger, self.scene.desk, PrefectBehind(client, auth=AUTH), every=1.0)
                return await bell.ring()

        return asyncio.run(once())

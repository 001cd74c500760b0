"""Prefect's server behind the door: asked by us with the inner credential, or passed on to with care.

Nothing of the client's own credentials goes in, and no cookie or header that we did not name comes out.
"""

import asyncio
import contextlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from presscheck.door.answers import no
from presscheck.errors import DoorError

AT_ONCE = 12
"""Requests, and sockets, that one person may have under way: two browsers' worth. The connections to Prefect are shared
with everybody else and with the bell, and somebody who reads slowly would hold them all."""
_PATIENCE = 15.0
_LOOK_AGAIN_SECONDS = 3
FINISHED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_TO_PREFECT = (
    "accept", "accept-encoding", "content-type", "if-none-match", "if-modified-since", "x-prefect-api-version",
)  # fmt: skip
_FROM_PREFECT = (
    "content-type", "content-length", "content-encoding", "content-disposition", "etag", "last-modified", "vary",
)  # fmt: skip


@dataclass(frozen=True)
class StateAnswer:
    """What Prefect said to a state that we wanted set."""

    status: int
    body: dict[str, Any]

    @property
    def why_not(self) -> str:
        """Why it was not set; empty if it was."""
        if self.status in (200, 201) and self.body.get("status") == "ACCEPT":
            return ""
        return f"Prefect answered {self.status}: {str(self.body)[:300]}"


class PrefectBehind:
    """`client` talks to the inner server; its base address is the server's root, with the inner credential."""

    def __init__(self, client: httpx.AsyncClient, *, auth: str, ring: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.ring = ring
        """Called when there is a run to start: the worker need not wait until it looks by itself."""
        self.auth = auth
        self.address = str(client.base_url).rstrip("/")
        user, _, password = auth.partition(":")
        self._basic = httpx.BasicAuth(user, password)
        self.sockets: Counter[str] = Counter()
        """How many sockets each person has open; who opens one counts it."""
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._has_answered = False

    async def pass_on(self, request: Request, person: str, *, body: bytes | None, packed: bool = True) -> Response:
        """Send the request on and stream the answer back; who has too many under way waits, then is told so.

        What is not `packed` can be read on the way.
        """
        turn = await self._turn(person)
        if turn is None:
            return _too_many()
        try:
            answer = await self._passed(request, body, packed=packed)
        except BaseException:
            turn.release()
            raise
        if isinstance(answer, _Streamed):
            answer.release = turn.release
        else:
            turn.release()
        return answer

    async def asked_by(self, person: str, request: Request, body: Any = None) -> tuple[int, Any] | Response:
        """Status and JSON of what `pass_on` would pass on, for whoever has to read it; a Response where none came."""
        turn = await self._turn(person)
        if turn is None:
            return _too_many()
        try:
            return await self.ask(request.method, request.url.path, body)
        except DoorError:
            return self.unreachable()
        finally:
            turn.release()

    async def _turn(self, person: str) -> asyncio.Semaphore | None:
        """The person's turn, to be released; None where too many of theirs are under way for too long."""
        turn = self._turns[person]
        try:
            async with asyncio.timeout(_PATIENCE):
                await turn.acquire()
        except TimeoutError:
            return None
        return turn

    async def _passed(self, request: Request, body: bytes | None, *, packed: bool) -> Response:
        headers = {name: request.headers[name] for name in _TO_PREFECT if name in request.headers}
        if not packed:
            headers["accept-encoding"] = "identity"
        query = request.url.query
        inner = self.client.build_request(
            request.method,
            request.url.path + (f"?{query}" if query else ""),
            headers=headers,
            content=body,
        )
        try:
            answer = await self.client.send(inner, auth=self._basic, stream=True, follow_redirects=False)
        except httpx.HTTPError:
            return self.unreachable()
        self._has_answered = True
        if answer.is_redirect or answer.status_code in (401, 407):
            # A redirect would name the inner address, a 401 would ask the person for the inner credential.
            await answer.aclose()
            return no(502, "Prefect's server gave an answer that does not leave this house")
        kept = {name: answer.headers[name] for name in _FROM_PREFECT if name in answer.headers}
        if request.url.path.startswith("/v2/assets/") and answer.status_code == 200:
            # Their names change with their content.
            kept["cache-control"] = "private, max-age=86400, immutable"
        return _Streamed(answer, kept)

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of a request of our own. DoorError where the server does not answer."""
        content = None if body is None else json.dumps(body).encode()
        headers = {} if content is None else {"content-type": "application/json"}
        try:
            answer = await self.client.request(method, path, content=content, headers=headers, auth=self._basic)
        except httpx.HTTPError as error:
            if not self._has_answered:
                raise DoorError("Prefect is still starting: its server does not answer yet") from error
            raise DoorError(f"Prefect's server does not answer: {type(error).__name__}") from error
        self._has_answered = True
        try:
            return answer.status_code, answer.json() if answer.content else None
        except ValueError:
            return answer.status_code, None

    async def is_there(self) -> bool:
        """Whether the server has answered since this door started, or does so now."""
        if not self._has_answered:
            with contextlib.suppress(DoorError):
                await self.ask("GET", "/api/health")
        return self._has_answered

    def unreachable(self) -> Response:
        """What people see while Prefect's server is away; our own pages go on working."""
        if self._has_answered:
            return no(
                503,
                "Prefect's server does not answer at the moment",
                "Nothing is lost: answers stand in the ledger. Wait until `presscheck up` has started it again.",
            )
        answer = no(
            503,
            "Prefect is still starting",
            "Try again in a moment; a page does so by itself. The inbox and the proofs do not wait for it, nor does "
            "`presscheck decide`.",
        )
        answer.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
        return answer

    async def state_of(self, run: str) -> dict[str, Any] | None:
        """The run's present state; None where there is no such run. DoorError where that cannot be found out."""
        status, found = await self.ask("GET", f"/api/flow_runs/{run}")
        if status == 404:
            return None
        if status != 200 or not isinstance(found, dict):
            raise DoorError(f"Prefect's server answered {status} when asked for run {run}")
        state = cast(dict[str, Any], found).get("state")
        return cast(dict[str, Any], state) if isinstance(state, dict) else {"type": "PENDING"}

    async def set_state(self, run: str, kind: str, name: str, message: str = "") -> StateAnswer:
        """Set a state that we made ourselves; nothing of a client's goes into it."""
        state: dict[str, Any] = {"type": kind, "name": name, "message": message}
        if kind == "SCHEDULED":
            state["state_details"] = {"scheduled_time": datetime.now(UTC).isoformat()}
        status, body = await self.ask("POST", f"/api/flow_runs/{run}/set_state", {"state": state, "force": False})
        answer = StateAnswer(status, cast(dict[str, Any], body) if isinstance(body, dict) else {})
        if kind == "SCHEDULED" and not answer.why_not:
            self.ring()
        return answer


def _too_many() -> Response:
    return no(
        503,
        f"{AT_ONCE} requests of yours are under way at Prefect's server already",
        "Close other tabs, and try again in a moment.",
    )


class _Streamed(StreamingResponse):
    """An answer of Prefect's on its way out. However that ends, its connection and its person's turn are given back."""

    def __init__(self, answer: httpx.Response, headers: Mapping[str, str]) -> None:
        super().__init__(answer.aiter_raw(), status_code=answer.status_code, headers=headers)
        self._answer = answer
        self.release: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.release is not None:
                self.release()
            await self._answer.aclose()


def is_run(run: str) -> bool:
    """Whether it is a run's id, which may stand in an address."""
    try:
        return str(UUID(run)) == run
    except ValueError:
        return False

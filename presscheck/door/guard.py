"""The guard: turns away, before anything looks at them, requests that no honest client sends.

Host must be ours; a write must say that it comes from our own pages, except the one that mailbox
providers send when somebody unsubscribes; a path is plain or nothing; a
body ends at its limit. So that what is checked later is what is used later, everything that two
programs could read differently is refused rather than tidied up.
"""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presscheck.door.answers import no
from presscheck.unsubscribe_links import tokens_of_link

MOST_BYTES = 1024 * 1024
LARGER = {"/-/api/images": 15 * 1024 * 1024}
"""Ways that take a file, with their own limit; who is asking is looked at before a byte of it is read."""
_METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"}
# A link to leave, however it was passed on: this, and no other write, may come from anywhere.
_LEAVING = re.compile(rb"/unsubscribe(?:[^A-Za-z0-9._~-].*)?", re.IGNORECASE | re.DOTALL)
_READS = {"GET", "HEAD"}
# No %, no ;, no backslash, nothing beyond ASCII: a path is exactly what it looks like.
_PATH = re.compile(rb"/[A-Za-z0-9._~@:+,=$!'()*&/-]*")
_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url")
_ONCE = ("host", "origin", "cookie", "content-length", "content-type", "transfer-encoding", "x-presscheck-csrf")
_MOST_QUERY = 8192
_MOST_DRAINED = 16 * MOST_BYTES
_TOO_LONG = (
    "Nothing of it was read, and nothing was decided. Go back: your browser still has what you typed. Send less at "
    "once: shorter texts, or fewer that are open for editing."
)

Reporter = Callable[[Headers, str, str, str], Awaitable[None]]
"""Told of a refusal: headers, method, path, reason. It finds out who it was, if anybody."""


class TooLong(Exception):
    """A body went on beyond its limit."""


class Guard:
    """ASGI middleware; `origins` are the ways in which a browser may name this door.

    `leaving_host` is what the links to unsubscribe name it, where that is another name.
    """

    def __init__(self, app: ASGIApp, *, origins: frozenset[str], report: Reporter, leaving_host: str = "") -> None:
        self._app = app
        self._origins = origins
        self._hosts = {urlsplit(origin).netloc for origin in origins}
        self._report = report
        self._leaving_hosts = self._hosts | {leaving_host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        leaving = scope["type"] == "http" and _LEAVING.fullmatch(_raw_path(scope)) is not None
        if leaving:
            # What stands around the token is left behind here, so that all the rest sees a plain path.
            path = "/".join(["/unsubscribe", *tokens_of_link(_raw_path(scope).decode("utf-8", "replace"))])
            scope = {**scope, "path": path, "raw_path": path.encode("ascii")}
        refused = self._fault(scope, headers, leaving=leaving)
        if refused is None and scope["type"] == "http":
            await self._within_limit(scope, receive, send)
            return
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, reason = refused
        method = str(scope.get("method", "WEBSOCKET"))
        await self._report(headers, method, str(scope["path"]), reason)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason[:120]})
            return
        answer = no(status, reason, _TOO_LONG if status == 413 else "Use the door's own pages, or the command line.")
        if status == 413:
            # A browser that is still sending hears of no answer.
            await _drained(receive)
        if "transfer-encoding" in headers:
            # Where a body ends that was announced in two ways, nobody knows; so nothing behind it is a request.
            answer.headers["connection"] = "close"
        await answer(scope, receive, send)

    def _fault(self, scope: Scope, headers: Headers, *, leaving: bool) -> tuple[int, str] | None:
        for name in _ONCE:
            if len(headers.getlist(name)) > 1:
                return 400, f"the header {name} came more than once"
        if "transfer-encoding" in headers and ("content-length" in headers or scope.get("http_version") == "1.0"):
            # RFC 9112 sections 6.1 and 6.3: programs differ in which of the two they go by.
            return 400, "the body's length is told in two ways, by Transfer-Encoding and otherwise"
        raw = _raw_path(scope)
        if headers.get("host", "") not in (self._leaving_hosts if leaving else self._hosts):
            return 421, "this door does not answer to that host name; set door_url to the address people use"
        if any(name in headers for name in _OVERRIDES):
            return 400, "headers that change the method or the path are not accepted"
        if _PATH.fullmatch(raw) is None or b"//" in raw or {b".", b".."} & set(raw.split(b"/")):
            return 400, "the path is malformed; encoded, doubled and dotted parts are not accepted"
        if raw.decode("ascii") != scope["path"]:
            return 400, "the path is malformed; it reads differently to different programs"
        if len(scope.get("query_string", b"")) > _MOST_QUERY:
            return 414, "the query is too long"
        if b"%00" in scope.get("query_string", b"") or b"\0" in scope.get("query_string", b""):
            # No name or word has a NUL in it, and PostgreSQL takes no text with one.
            return 400, "the query is malformed; it holds a NUL"
        if scope["type"] == "websocket":
            return self._foreign(headers)
        method = str(scope["method"])
        if method not in _METHODS:
            return 405, f"{method[:10]} is not accepted here"
        if method in _READS:
            return None
        length = headers.get("content-length", "0")
        most = LARGER.get(str(scope["path"]), MOST_BYTES)
        if not length.isdigit() or int(length) > most:
            return 413, f"the body is longer than {most // 1024} KiB"
        if leaving and method == "POST":
            # Mailbox providers send no Origin, and the link itself is the proof.
            return None
        return self._foreign(headers)

    def _foreign(self, headers: Headers) -> tuple[int, str] | None:
        origin = headers.get("origin", "")
        if origin not in self._origins or urlsplit(origin).netloc != headers.get("host"):
            return 403, "a change must come from the door's own pages: the Origin header is missing or another one"
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return 403, "a change must come from the door's own pages: the browser says that it does not"
        return None

    async def _within_limit(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        started = False
        most = LARGER.get(str(scope["path"]), MOST_BYTES)

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise TooLong
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except TooLong:
            if started:
                raise
            await no(413, f"the body is longer than {most // 1024} KiB", _TOO_LONG)(scope, receive, send)


async def _drained(receive: Receive) -> None:
    """Read on, and keep nothing, until the body ends or has been far too long."""
    read = 0
    while read < _MOST_DRAINED:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


def _raw_path(scope: Scope) -> bytes:
    return bytes(scope.get("raw_path") or str(scope["path"]).encode("utf-8", "replace"))


def allowed_origins(door_url: str, port: int) -> frozenset[str]:
    """`door_url`'s origin and, where that is plain http on loopback, its other loopback names."""
    parts = urlsplit(door_url)
    ours = {f"{parts.scheme}://{parts.netloc}"}
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"):
        ours |= {f"http://127.0.0.1:{parts.port or port}", f"http://localhost:{parts.port or port}"}
    return frozenset(ours)

"""Where people leave: the one page that needs no sign-in, because its link is a proof of its own.

GET shows a page with one button and changes nothing, because scanners and previews follow links.
POST with `List-Unsubscribe=One-Click` suppresses the address at once (RFC 8058): mailbox providers
send it without cookie, without Origin, and follow no redirect. Saying it again says the same and
writes nothing; a link that the press did not sign gets a friendly page and writes nothing. Whatever a
mail program or a person put around the token, the guard has left behind (`unsubscribe_links.tokens_of_link`).
"""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from presscheck.door.doorway import Doorway
from presscheck.door.page import page
from presscheck.errors import PresscheckError
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.deliveries import find_delivery
from presscheck.ledger.suppressions import suppress, suppressed_among
from presscheck.models import Manifest, Sender
from presscheck.recipients.leaving import Unsubscription, read_token

MOST_BYTES = 4096
"""The body is one word; what a provider adds around it is little."""

_AT_ONCE = 4
_MOST_WAITING = 200
_MOST_SENDERS = 1000
_FIELD, _VALUE = "List-Unsubscribe", "One-Click"
_STYLE = (Path(__file__).parent / "templates" / "leaving.css").read_text("utf-8")
_HEADERS = {
    # The style stands in the page, so that a proxy has to pass on one path only.
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # The address is the key: it is told to nobody.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def routes(door: Doorway) -> list[Route]:
    """The page, with and without a link's end."""
    place = _Place(door.ledger)
    return [
        Route("/unsubscribe", place.unknown, methods=["GET", "POST"]),
        Route("/unsubscribe/{tokens:path}", place.show, methods=["GET"]),
        Route("/unsubscribe/{tokens:path}", place.leave, methods=["POST"]),
    ]


class _Busy(Exception):
    """More people ask than the ledger can be asked for in a while."""


class _Place:
    """Answers for one ledger; at most a few ask it at once, so that a flood leaves the door to the others."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._few = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._senders: dict[str, Sender | None] = {}

    async def unknown(self, _request: Request) -> Response:
        return _page("unknown", 404)

    async def show(self, request: Request) -> Response:
        """The page with the button. Nothing changes, however often it is looked at."""
        asked = self._proved(request)
        if asked is None:
            return _page("unknown", 404)
        return await self._answer(lambda: ("ask", 200, self._sender(asked.delivery)))

    async def leave(self, request: Request) -> Response:
        """Suppress, once; the sender's name comes back for the page."""
        asked = self._proved(request)
        if asked is None:
            return _page("unknown", 404)
        if not await _one_click(request):
            return await self._answer(lambda: ("ask", 400, self._sender(asked.delivery)))
        return await self._answer(lambda: ("left", 200, self._suppress(asked)))

    def _proved(self, request: Request) -> Unsubscription | None:
        """Whom the link is about; None where it proves nothing, or names two."""
        keyring = self._ledger.keyring
        tokens = request.path_params["tokens"].split("/")
        proved = {known for token in tokens if (known := read_token(token, keyring)) is not None}
        return proved.pop() if len(proved) == 1 else None

    async def _answer(self, work: Callable[[], tuple[str, int, Sender | None]]) -> Response:
        try:
            state, status, sender = await self._in_turn(work)
        except (_Busy, PresscheckError) as error:
            _log.error("somebody could not unsubscribe just now: %s", error or "too many at once")
            response = _page("later", 503)
            response.headers["Retry-After"] = "30"
            return response
        return _page(state, status, sender)

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= _MOST_WAITING:
            raise _Busy
        self._waiting += 1
        try:
            async with self._few:
                return await run_in_threadpool(work)
        finally:
            self._waiting -= 1

    def _suppress(self, asked: Unsubscription) -> Sender | None:
        sender = self._sender(asked.delivery)
        with self._ledger.read() as tx:
            # Asked before the ledger is opened for writing: saying it again must not keep others from writing.
            if suppressed_among(tx, [asked.address_hash]):
                return sender
            row = find_delivery(tx, asked.delivery)
        with self._ledger.write() as tx:
            run = "" if row is None else row.run
            suppress(tx, [asked.address_hash], reason="unsubscribed", delivery=asked.delivery, run=run)
        return sender

    def _sender(self, delivery: str) -> Sender | None:
        if delivery not in self._senders:
            if len(self._senders) >= _MOST_SENDERS:
                self._senders.clear()
            with self._ledger.read() as tx:
                self._senders[delivery] = _sender_of(tx, delivery)
        return self._senders[delivery]


def _sender_of(tx: Reader, delivery: str) -> Sender | None:
    """Who a delivery says it is from, as the worker signed it; None where that cannot be told."""
    row = find_delivery(tx, delivery)
    if row is None:
        return None
    try:
        manifest = Manifest.model_validate_json(row.manifest)
    except ValidationError:
        return None
    signed = [event.data.get("manifest") for event in tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)]
    return manifest.sender if manifest.digest in signed else None


async def _one_click(request: Request) -> bool:
    """Whether the body says what RFC 8058 asks for, as a form of either kind."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return False
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return False
    return _says_so(kind, body)


def _says_so(kind: str, body: bytes) -> bool:
    if kind == "application/x-www-form-urlencoded":
        return f"{_FIELD}={_VALUE}".encode() in body.strip().split(b"&")
    # A part's name and its value, whatever the boundary is; nothing else of the form is of interest.
    head, _, rest = body.replace(b"\r\n", b"\n").partition(b"\n\n")
    return f'name="{_FIELD}"'.lower().encode() in head.lower() and rest.split(b"\n", 1)[0] == _VALUE.encode()


def _page(state: str, status: int, sender: Sender | None = None) -> Response:
    response = page("leaving.html", status, state=state, sender=sender, style=_STYLE)
    response.headers.update(_HEADERS)
    return response

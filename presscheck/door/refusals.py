"""Whoever reads pages gets a page: a refusal as JSON, whoever made it, becomes one for a browser.

Guard, proxy and router all answer a no as JSON, which is right for programs and for Prefect's own page. A browser that
asks for a page, as it does for an address that somebody typed or a form that somebody sent, gets the same words with
a way back. Our API and Prefect's keep their JSON whatever is asked for.
"""

import json
from typing import cast

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presscheck.door.page import page

_API = ("/api/", "/-/")
_MOST = 64 * 1024
_ABOUT_BODY = (b"content-type", b"content-length")


class RefusalPages:
    """ASGI middleware around everything that may say no."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or str(scope["path"]).startswith(_API) or not _reads_pages(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        body = b""

        async def noted(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start" and _is_refusal(message):
                held.append(message)
                return
            if not held or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            held.append(message)
            if message.get("more_body", False) and len(body) <= _MOST:
                return
            shown = _page(held[0], body)
            if shown is not None:
                held.clear()
                await shown(scope, receive, send)
                return
            while held:
                await send(held.pop(0))

        await self._app(scope, receive, noted)


def _reads_pages(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "").lower()


def _is_refusal(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and kind.startswith("application/json")


def _page(start: Message, body: bytes) -> Response | None:
    """The page of a refusal in our own shape, with its other headers; None for JSON of another."""
    try:
        told = json.loads(body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    words = cast(dict[str, object], told)
    what, advice = words.get("error"), words.get("what_to_do", "")
    if not isinstance(what, str) or not isinstance(advice, str):
        return None
    shown = page("trouble.html", start["status"], what=what, advice=advice)
    shown.raw_headers += [(name, value) for name, value in start["headers"] if name.lower() not in _ABOUT_BODY]
    return shown

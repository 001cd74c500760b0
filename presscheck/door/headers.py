"""Headers on every answer: what a browser may do with our pages, with Prefect's, and with a preview.

Our own pages run no script at all, but for the three with passkeys, the one to try a text, the proof and the inbox:
files of ours. Prefect's UI (3.9.1, v2) needs scripts of its own files, `eval` for the graph, inline styles and blob
workers; inline scripts it does not need, so an event handler that somebody smuggles into a Markdown artifact does not
run. It may talk to this origin only, which also silences its calls to an analytics host.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# navigator.credentials exists for scripts only, and so do findings while somebody types; nothing inline, nothing that
# builds script from text.
_SCRIPT = _OURS + "; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
_PREFECT = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "form-action 'self'; base-uri 'self'; frame-src 'none'; frame-ancestors 'none'"
)
_DATA = "default-src 'none'; sandbox; frame-ancestors 'none'"
FRAME = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""For a preview: a document of its own without scripts, without outside resources, in our frame only."""

_REPORT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
_WITH_SCRIPT = ("/sign-in", "/step-up", "/passkeys", "/passkeys/remove", "/try", "/inbox")
_PROOF = re.compile(r"/(?:proof|held)/[^/]+")
_PREVIEW = re.compile(r"/proof/[^/]+/[^/]+")


class SecurityHeaders:
    """Adds the headers that the path calls for, and takes away none that a route has set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._for(path).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _for(self, path: str) -> dict[str, str]:
        preview = _PREVIEW.fullmatch(path) is not None
        headers = {
            "Content-Security-Policy": _policy(path, preview),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN" if preview else "DENY",
            # `no-referrer` would turn the Origin of our own forms into `null`.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
            "Cache-Control": "no-store",
        }
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return headers


def _policy(path: str, preview: bool) -> str:
    if preview:
        return FRAME
    if path in _WITH_SCRIPT or _PROOF.fullmatch(path):
        return _SCRIPT
    if path.startswith("/report/"):
        return _REPORT
    if path == "/v2" or path.startswith("/v2/"):
        return _PREFECT
    if path.startswith(("/api/", "/-/api/")) or path == "/ui-settings":
        return _DATA
    return _OURS

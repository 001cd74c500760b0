"""The door as the command line sees it: JSON in, JSON out, and its refusals in its own words.

    with DoorClient(settings.door_url, session=load_session(settings.door_url)) as door:
        waiting = door.get("/-/api/reviews", mine="1")

Credentials and session cookies go over https, or over plain http to this machine alone.
"""

import ipaddress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import quote, urljoin, urlsplit

from presscheck.cli.signed_in import NotSignedIn, Session
from presscheck.errors import DoorError, SettingsError

if TYPE_CHECKING:
    import httpx

_SECONDS = 30.0
# An answer of the door's API is some kilobytes; a review with fifty variants is some hundred.
_MOST_BYTES = 32 * 1024 * 1024


class Refusal(DoorError):
    """The door understood and said no; `document` is its answer."""

    exit_code = 1

    def __init__(self, message: str, document: dict[str, Any]) -> None:
        super().__init__(message)
        self.document = document


class BadRequest(DoorError):
    """The door says that what was asked for is wrong or not there."""

    exit_code = 2


class DoorClient:
    """One conversation with the door, as a signed-in person or, for signing in, as nobody yet."""

    def __init__(self, url: str, *, session: Session | None = None, seconds: float = _SECONDS) -> None:
        """SettingsError for an address that would carry credentials in the open."""
        import ssl

        import httpx

        self.url = url.rstrip("/")
        self.session = session
        parts = urlsplit(self.url)
        local = _is_loopback(parts.hostname or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"door_url: {url} is not a web address; write https://HOST or http://127.0.0.1:PORT")
        if parts.scheme == "http" and not local:
            raise SettingsError(
                f"door_url: {url} is plain http to another machine, which would show your password and session to "
                "everybody on the way. Use https."
            )
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._http = httpx.Client(
            base_url=self.url,
            timeout=seconds,
            follow_redirects=False,
            # A proxy of the environment has no business between this machine and itself.
            trust_env=not local,
            # Plain http has no certificate to check: with no authority loaded, a command starts 20 ms sooner.
            verify=parts.scheme == "https" or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            headers={"Accept": "application/json", "User-Agent": "presscheck"},
            cookies=dict(session.cookies) if session else {},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What the door has set."""
        return {cookie.name: cookie.value or "" for cookie in self._http.cookies.jar}

    def link(self, path: str) -> str:
        """A path of the door as an address that a person can open."""
        return urljoin(self.url + "/", path)

    def get(self, path: str, **query: str) -> Any:
        """The JSON that stands at a path; DoorError, NotSignedIn, BadRequest or Refusal otherwise."""
        return self._ask("GET", path, query=query)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send JSON and give the JSON answer; errors as for `get`."""
        return self._ask("POST", path, body={} if body is None else body)

    def _ask(self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None) -> Any:
        import httpx

        headers: dict[str, str] = {}
        if method != "GET":
            headers["Origin"] = self._origin
            if self.session is not None:
                headers["X-Presscheck-CSRF"] = self.session.csrf
        try:
            answer = self._http.request(method, path, params=query or None, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise DoorError(
                f"{self.url}: the door does not answer: {str(error) or type(error).__name__}. "
                "`presscheck up` starts it here; `presscheck doctor` says what is missing."
            ) from error
        self._take_over(answer)
        if len(answer.content) > _MOST_BYTES:
            raise DoorError(f"{self.url}{path}: the answer is too long to be the door's")
        try:
            document = answer.json()
        except ValueError:
            document = None
        if answer.is_success and document is not None:
            return document
        raise self._error(answer.status_code, document, path)

    def _take_over(self, answer: "httpx.Response") -> None:
        # The jar would keep a cookie that came with the session beside the door's new one of the same name.
        if fresh := {cookie.name: cookie.value or "" for cookie in answer.cookies.jar}:
            kept = self.cookies | fresh
            self._http.cookies.clear()
            self._http.cookies.update(kept)

    def _error(self, status: int, document: Any, path: str) -> DoorError:
        told = cast(dict[str, Any], document) if isinstance(document, dict) else {}
        said = str(told.get("error") or told.get("reason") or "")
        advice = str(told.get("what_to_do") or "")
        message = (
            f"{said}{'' if said.endswith(('.', '!', '?')) else '.'} {advice}" if said and advice else said or advice
        )
        if status == 401:
            return NotSignedIn(message or f"{self.url}: your session has ended. `presscheck login` signs you in.")
        if not told or status >= 500 or status < 400:
            plain = message or f"it answered {status} without the door's words; is another program at this address?"
            return DoorError(f"{self.url}{path}: {plain}")
        if status in (400, 404, 405, 413, 415, 422):
            return BadRequest(message or f"{self.url}{path}: the door answered {status}")
        return Refusal(message or f"{self.url}{path}: the door answered {status}", told)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def review_path(review_id: str) -> str:
    """Where the door tells of a review; nothing in the id leads anywhere else."""
    return f"/-/api/reviews/{quote(review_id, safe='')}"

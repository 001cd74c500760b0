"""One signed HTTP request to a receiver that is trusted with nothing: bounded, never redirected, to public addresses.

    poster = Poster(signing_key(secret, "webhook"), loopback=False, timeout_seconds=10)
    answer = poster.post(url, key, body)         Answer, NotReached or Lost

The address is looked up once and the connection goes to what was looked at, so no name can turn
to a private address in between. A redirect is an answer like any other.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpcore
from pydantic import SecretStr

from presscheck.errors import SettingsError
from presscheck.outbound.authorities import certificate_fault

_MOST_BYTES = 64 * 1024
# A receiver may close a connection that rests; an old one would look like a message that was lost.
_REST_SECONDS = 3.0

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HANDED_OUT = ipaddress.ip_network("2000::/3")
# A public address that Azure's machines reach their host at, with their credentials:
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_OF_THE_HOST = (ipaddress.ip_address("168.63.129.16"),)


@dataclass(frozen=True)
class Answer:
    """What the receiver said; of the body at most 64 KiB are read."""

    status: int
    retry_after: str
    body: bytes


@dataclass(frozen=True)
class NotReached:
    """Nothing was handed over: there was no connection."""

    reason: str
    barred: bool = False
    """Whether the address was found, and is one that nobody may be led to."""


@dataclass(frozen=True)
class Lost:
    """The request, or a part of it, was handed over and no answer came."""

    reason: str


def signing_key(secret: SecretStr, name: str) -> bytes:
    """The bytes that `whsec_…` stands for; SettingsError, with the secret's name and no part of it, for any other."""
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise SettingsError(
            f"secret {name}: write whsec_ and 24 to 64 bytes in base64, as Standard Webhooks ask for; "
            "python -c 'import base64, os; print(\"whsec_\" + base64.b64encode(os.urandom(32)).decode())' makes one"
        )
    return key


def reachable_address(address: str, *, loopback: bool) -> bool:
    """Whether an address may be connected to: a public one, or with `loopback` this machine and nothing else.

    Of IPv6 only what is handed out to the public (2000::/3, RFC 4291): Python also calls site-local addresses, a
    network's own translations to IPv4 (RFC 8215) and `::127.0.0.1` global.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # Addresses that carry another one inside are judged by that.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    if loopback:
        return ip.is_loopback
    public = isinstance(ip, ipaddress.IPv4Address) or ip in _HANDED_OUT
    return public and ip.is_global and not ip.is_multicast and ip not in _OF_THE_HOST


class Poster:
    """Signed requests over kept connections; many threads may use it at once.

    With older keys each request carries a signature by every one: a receiver that has not changed yet knows its own.
    """

    def __init__(
        self,
        key: bytes,
        *older: bytes,
        loopback: bool,
        timeout_seconds: float,
        connections: int = 8,
        stopping: Callable[[], bool] = lambda: False,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._keys = (key, *older)
        self._timeout = timeout_seconds
        self._due = threading.local()
        self._pool = httpcore.ConnectionPool(
            max_connections=connections,
            keepalive_expiry=_REST_SECONDS,
            ssl_context=trusted,
            network_backend=_Guarded(loopback, self._left, stopping),
        )

    def __repr__(self) -> str:
        return "Poster()"

    def close(self) -> None:
        self._pool.close()

    def post(self, url: str, key: str, body: bytes) -> Answer | NotReached | Lost:
        """Post a message; the same key is the same message to the receiver, however often it is posted."""
        return self._ask("POST", url, key, body)

    def get(self, url: str, key: str) -> Answer | NotReached | Lost:
        """Ask about a message, signed like one with an empty body."""
        return self._ask("GET", url, key, b"")

    def greet(self, url: str) -> Answer | NotReached | Lost:
        """Ask what may be asked, which changes nothing (RFC 9110, section 9.3.7): whether anybody answers."""
        return self._ask("OPTIONS", url, "presscheck-doctor", b"")

    def _ask(self, method: str, url: str, key: str, body: bytes) -> Answer | NotReached | Lost:
        self._due.at = time.monotonic() + self._timeout
        limits = {"connect": self._timeout, "read": self._timeout, "write": self._timeout, "pool": self._timeout}
        headers = self._headers(key, body)
        try:
            with self._pool.stream(
                method, url, headers=headers, content=body or None, extensions={"timeout": limits}
            ) as response:
                told = {name.lower(): value for name, value in response.headers}
                retry_after = told.get(b"retry-after", b"")[:64].decode("ascii", "replace")
                return Answer(response.status, retry_after, _bounded(response))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            told = certificate_fault(error, "webhook") or str(error) or type(error).__name__
            return NotReached(told, isinstance(error, _Barred))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            return Lost(_LOST.get(type(error), type(error).__name__))

    def _headers(self, key: str, body: bytes) -> list[tuple[str, str]]:
        if _ID.fullmatch(key) is None:
            raise ValueError("a message's id is letters and figures: it stands in headers")
        # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
        at = str(int(time.time()))
        signed = b".".join((key.encode("ascii"), at.encode("ascii"), body))
        signatures = [base64.b64encode(hmac.digest(one, signed, hashlib.sha256)).decode() for one in self._keys]
        headers = [
            ("webhook-id", key),
            ("webhook-timestamp", at),
            ("webhook-signature", " ".join(f"v1,{one}" for one in signatures)),
            ("idempotency-key", key),
            ("user-agent", "presscheck"),
            ("accept", "application/json"),
        ]
        return [*headers, ("content-type", "application/json")] if body else headers

    def _left(self) -> float:
        """Seconds that this thread's request may still take."""
        return float(self._due.at - time.monotonic())


_LOST: dict[type[Exception], str] = {
    httpcore.ReadTimeout: "no answer in time",
    httpcore.WriteTimeout: "it did not take the whole message in time",
    httpcore.RemoteProtocolError: "it closed the connection without an answer, or answered in no HTTP",
    httpcore.ReadError: "the connection broke before an answer",
    httpcore.WriteError: "the connection broke while the message was handed over",
}


def _bounded(response: httpcore.Response) -> bytes:
    """The body's first 64 KiB. The status counts, even if the connection breaks in what follows it."""
    body = b""
    try:
        for piece in response.iter_stream():
            body += piece[: _MOST_BYTES - len(body)]
            if len(body) >= _MOST_BYTES:
                break
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return b""
    return body


class _Barred(httpcore.ConnectError):
    """An address that nobody may be led to."""


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and hurries every reading and writing."""

    def __init__(self, loopback: bool, left: Callable[[], float], stopping: Callable[[], bool]) -> None:
        self._loopback = loopback
        self._left = left
        self._stopping = stopping
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up: {error.strerror or error}") from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        barred = [one for one in addresses if not reachable_address(one, loopback=self._loopback)]
        if barred or not addresses:
            # One bad address among good ones is enough: which is taken is not ours to hope for.
            what = "no address of this machine" if self._loopback else "an address of a private network"
            raise _Barred(f"{host} is {', '.join(barred) or 'nowhere'}, {what}; it is not connected to")
        fault: Exception | None = None
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(address, port, self._hurried(), local_address, socket_options)
                return self._unless_stopped(_Hurried(stream, self._hurried, self._unless_stopped))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise httpcore.ConnectError(f"{host}:{port} does not answer: {fault}") from fault

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise httpcore.ConnectError("a receiver has an address, not a socket file")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def _unless_stopped(self, stream: "_Hurried") -> "_Hurried":
        # Connecting may have taken long, and nothing was handed over yet: whoever stopped the press meanwhile is heard.
        if self._stopping():
            stream.close()
            raise httpcore.ConnectError("told to stop")
        return stream

    def _hurried(self) -> float:
        return max(self._left(), 0.001)


class _Hurried(httpcore.NetworkStream):
    """A connection on which everything together may take only what is left: no dripping keeps it open."""

    def __init__(
        self,
        stream: httpcore.NetworkStream,
        left: Callable[[], float],
        look: "Callable[[_Hurried], _Hurried]",
    ) -> None:
        self._stream = stream
        self._left = left
        self._look = look

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left())
        return self._look(_Hurried(secured, self._left, self._look))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

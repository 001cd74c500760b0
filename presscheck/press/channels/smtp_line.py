"""One connection to the mail server, exact about whether a message can have been taken.

    with Line.open(server) as line:
        answer = line.hand_over(envelope, before_the_dot)

The final dot is sent by itself, after `before_the_dot` has returned: whatever breaks before it
leaves a message that was certainly not taken (RFC 5321, 4.1.1.4); whatever breaks after it leaves
one that nobody here can know about. An answer is bounded in length and time, also where it drips.
"""

import contextlib
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn

from pydantic import SecretStr

from presscheck.errors import ChannelError
from presscheck.press.channels.smtp_words import server_words

__all__ = ["Answer", "Envelope", "Line", "MailServer"]

_LINES = 100
_BYTES = 32 * 1024


@dataclass(frozen=True)
class MailServer:
    """Where it is, and who we are there."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    ca_file: Path | None = None
    user: str = ""
    password: SecretStr | None = None
    hello: str = "localhost"
    timeout: float = 60.0

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Envelope:
    """Who is told of bounces, who gets it, and what is said."""

    sender: str
    recipient: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What became of one message on this connection."""

    kind: Literal["taken", "refused", "put-off", "lost", "unknown"]
    """lost: the connection broke, and the message was certainly not taken."""
    words: str = ""


class _Gone(Exception):
    """The connection broke, timed out or spoke nonsense."""


class _Client(smtplib.SMTP):
    """smtplib's client with answers that are bounded, in sum and not a line at a time."""

    def __init__(self, server: MailServer) -> None:
        # Without a host it does not connect yet; with a name of its own it asks no name server.
        super().__init__(local_hostname=server.hello, timeout=server.timeout)
        self._waits = server.timeout
        self._rest = b""

    def getreply(self) -> tuple[int, bytes]:
        over = time.monotonic() + self._waits
        said: list[bytes] = []
        used = 0
        while len(said) < _LINES and used < _BYTES:
            line = self._line(over)
            used += len(line)
            code, mark = line[:3], line[3:4]
            if not code.isdigit() or mark not in (b" ", b"-", b""):
                raise _Gone("the server's answer is not SMTP")
            said.append(line[4:].strip())
            if mark != b"-":
                if self.sock is not None:
                    # What is sent next has its own time, and not what was left of this answer's.
                    self.sock.settimeout(self._waits)
                return int(code), b"\n".join(said)
        raise _Gone("the server's answer does not end")

    def _line(self, over: float) -> bytes:
        while b"\n" not in self._rest:
            left = over - time.monotonic()
            if left <= 0 or len(self._rest) > _BYTES or self.sock is None:
                raise _Gone("the server did not answer in time")
            self.sock.settimeout(left)
            try:
                got = self.sock.recv(4096)
            except TimeoutError:
                raise _Gone("the server did not answer in time") from None
            if not got:
                raise _Gone("the server closed the connection")
            self._rest += got
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    @property
    def early(self) -> bool:
        """Whether the server has said something that we did not ask for yet."""
        return bool(self._rest)

    def over_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on encrypted; the certificate is verified against the host's name."""
        if self.sock is None:
            raise _Gone("the connection is closed")
        self.sock.settimeout(self._waits)
        self.sock = context.wrap_socket(self.sock, server_hostname=host)


class Line:
    """An open connection, signed in where that is asked for."""

    def __init__(self, client: _Client, server: MailServer) -> None:
        self._client = client
        self._server = server
        self.taken = 0
        """How many messages were taken over this connection."""
        self.usable = True
        self.last_used = time.monotonic()

    @classmethod
    def open(cls, server: MailServer) -> "Line":
        """Connect, encrypt, sign in. ChannelError says which of these failed; nothing was sent."""
        client = _Client(server)
        try:
            _connect(client, server)
            if server.password is not None:
                _sign_in(client, server, server.password)
        except BaseException:
            client.close()
            raise
        return cls(client, server)

    @property
    def secured_by(self) -> str:
        """The version of TLS that was agreed on, such as TLSv1.3."""
        version = self._client.sock.version() if isinstance(self._client.sock, ssl.SSLSocket) else None
        return version or "without TLS on this machine"

    def hand_over(self, envelope: Envelope, begun: Callable[[], None], before_the_dot: Callable[[], None]) -> Answer:
        """Hand one message over. `begun` is called when it is about to be transmitted, `before_the_dot` at the end.

        What these two raise passes through, and closes the connection: the message was not taken then.
        ChannelError where the server refuses whoever sends, which is no recipient's fault.
        """
        self.last_used = time.monotonic()
        try:
            refused = self._announce(envelope)
            if refused is not None:
                return refused
            begun()
            code, said = self._client.docmd("DATA")
            if code != 354:
                return self._not_taken(code, said)
            self._transmit(envelope.content)
            before_the_dot()
            if self._spoke_early():
                raise _Gone("the server broke off before the end of the message")
        except (_Gone, OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            return Answer("lost", _why(error))
        except BaseException:
            self.close()
            raise
        return self._dot()

    def _announce(self, envelope: Envelope) -> Answer | None:
        code, said = self._client.docmd("MAIL", f"FROM:<{envelope.sender}>")
        if code >= 500:
            self.close()
            raise ChannelError(
                f"{self._server.place}: the mail server refuses the sender: {server_words(code, said)}. Nothing more "
                "is sent until it takes it: look at [mail] bounce_domain, the account's rights and the server's log."
            )
        if code != 250:
            return self._not_taken(code, said)
        code, said = self._client.docmd("RCPT", f"TO:<{envelope.recipient}>")
        return None if code in (250, 251, 252) else self._not_taken(code, said)

    def _transmit(self, content: bytes) -> None:
        socket_ = self._socket()
        socket_.settimeout(self._server.timeout)
        ended = content if content.endswith(b"\r\n") else content + b"\r\n"
        # A line that begins with a dot is given a second one, which the server takes away (RFC 5321, 4.5.2).
        stuffed = ended.replace(b"\r\n.", b"\r\n..")
        socket_.sendall(b"." + stuffed if stuffed.startswith(b".") else stuffed)

    def _spoke_early(self) -> bool:
        """A server that says or closes something before the dot has not taken the message."""
        socket_ = self._socket()
        if self._client.early or (isinstance(socket_, ssl.SSLSocket) and socket_.pending()):
            return True
        if not select.select([socket_], [], [], 0)[0]:
            return False
        socket_.setblocking(False)
        try:
            # Nothing comes of TLS's own records, such as a session's ticket: then it may go on.
            socket_.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            socket_.settimeout(self._server.timeout)
        return True

    def _dot(self) -> Answer:
        try:
            self._socket().sendall(b".\r\n")
            code, said = self._client.getreply()
        except (_Gone, OSError) as error:
            self.close()
            return Answer("unknown", f"sent to the end, but the mail server did not say that it took it: {_why(error)}")
        if 200 <= code < 300:
            self.taken += 1
            return Answer("taken")
        if code < 400:
            self.close()
            return Answer("unknown", f"the mail server answered out of turn: {server_words(code, said)}")
        return self._not_taken(code, said)

    def _not_taken(self, code: int, said: bytes) -> Answer:
        """A definite no, for good or for now; the connection is made ready for the next message."""
        words = server_words(code, said)
        if code == 421:
            self.close()
            return Answer("lost", words)
        try:
            if self._client.docmd("RSET")[0] != 250:
                self.close()
        except (_Gone, OSError, smtplib.SMTPException):
            self.close()
        return Answer("refused" if code >= 500 else "put-off", words)

    def close(self, *, politely: bool = False) -> None:
        """End the connection; `politely` takes leave first."""
        self.usable = False
        if politely:
            # Where it is gone already, it is as we want it.
            with contextlib.suppress(_Gone, OSError, smtplib.SMTPException):
                self._client.docmd("QUIT")
        self._client.close()

    def _socket(self) -> socket.socket:
        if self._client.sock is None:
            raise _Gone("the connection is closed")
        return self._client.sock

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close(politely=self.usable)


def _connect(client: _Client, server: MailServer) -> None:
    context = _context(server)
    try:
        client.sock = socket.create_connection((server.host, server.port), server.timeout)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls == "implicit":
            client.over_tls(context, server.host)
        code, said = client.getreply()
        if code != 220:
            _fail(server, f"the mail server does not greet us: {server_words(code, said)}")
        _hello(client, server)
        if server.tls == "starttls":
            if not client.has_extn("starttls"):
                _fail(
                    server,
                    "the mail server offers no TLS (STARTTLS), and mail is not sent in the clear. Ask for the port "
                    'that has it, or set [mail] tls = "implicit" if that is what it speaks',
                )
            code, said = client.docmd("STARTTLS")
            if code != 220:
                _fail(server, f"the mail server does not begin TLS: {server_words(code, said)}")
            if client.early:
                # Commands or answers slipped in before encryption would be taken for encrypted ones.
                _fail(server, "something was put into the connection before TLS began; somebody is in between")
            client.over_tls(context, server.host)
            # What was offered in the clear is forgotten: somebody in between may have written it.
            client.esmtp_features = {}
            client.helo_resp = client.ehlo_resp = None
            _hello(client, server)
    except ssl.SSLCertVerificationError as error:
        _fail(server, f"the mail server's certificate is not good: {error.verify_message}. Set [mail] host to the name "
              "in it, or ca_file to whoever signed it")  # fmt: skip
    except ssl.SSLError as error:
        _fail(server, f"TLS cannot be agreed on: {error.reason or 'no reason given'}. Look at [mail] tls and port")
    except _Gone as error:
        _fail(server, f"{error}. Look at [mail] tls and port: a server that waits for TLS says nothing before it")
    except (OSError, smtplib.SMTPException) as error:
        _fail(server, f"the mail server cannot be reached: {_why(error)}. Look at [mail] host and port")


def _hello(client: _Client, server: MailServer) -> None:
    code, said = client.ehlo()
    if code != 250:
        code, said = client.helo()
    if code != 250:
        _fail(server, f"the mail server does not want to talk to {server.hello}: {server_words(code, said)}")


def _sign_in(client: _Client, server: MailServer, password: SecretStr) -> None:
    try:
        client.login(server.user, password.get_secret_value())
    except smtplib.SMTPAuthenticationError as error:
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        _fail(server, f"the mail server does not take user and password: {server_words(error.smtp_code, said)}. "
              "Look at [mail] user and the secret smtp")  # fmt: skip
    except smtplib.SMTPNotSupportedError:
        _fail(server, "[mail] names a user, but the mail server offers no sign-in here")
    except (_Gone, OSError, smtplib.SMTPException) as error:
        # Never the exception's own text: it may repeat what was sent.
        _fail(server, f"the connection broke while signing in: {type(error).__name__.strip('_')}")


def _context(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ChannelError(f"{server.ca_file}: not certificates in PEM: {_why(error)}. Set [mail] ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _fail(server: MailServer, what: str) -> NoReturn:
    raise ChannelError(f"{server.place}: {what}. Nothing was sent; the press tries again by itself.") from None


def _why(error: Exception) -> str:
    if isinstance(error, _Gone):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__

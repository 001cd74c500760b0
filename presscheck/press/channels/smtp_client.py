"""A connection to the mail server that is greeted, encrypted and signed in, or an error that says which was not.

    client = connect(server)        ChannelError: nothing was sent
    client.docmd("NOOP")            Gone where the connection broke, timed out or spoke nonsense

An answer is bounded in length and time, in sum and not a line at a time, also where it drips.
"""

import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from pydantic import SecretStr

from presscheck.errors import ChannelError
from presscheck.press.channels.smtp_words import server_words

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


class Gone(Exception):
    """The connection broke, timed out or spoke nonsense."""


class Client(smtplib.SMTP):
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
                raise Gone("the server's answer is not SMTP")
            said.append(line[4:].strip())
            if mark != b"-":
                if self.sock is not None:
                    # What is sent next has its own time, and not what was left of this answer's.
                    self.sock.settimeout(self._waits)
                return int(code), b"\n".join(said)
        raise Gone("the server's answer does not end")

    def _line(self, over: float) -> bytes:
        while b"\n" not in self._rest:
            left = over - time.monotonic()
            if left <= 0 or len(self._rest) > _BYTES or self.sock is None:
                raise Gone("the server did not answer in time")
            self.sock.settimeout(left)
            try:
                got = self.sock.recv(4096)
            except TimeoutError:
                raise Gone("the server did not answer in time") from None
            if not got:
                raise Gone("the server closed the connection")
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
            raise Gone("the connection is closed")
        self.sock.settimeout(self._waits)
        self.sock = context.wrap_socket(self.sock, server_hostname=host)


def connect(server: MailServer) -> Client:
    """Connect, encrypt, sign in. ChannelError says which of these failed; nothing was sent."""
    client = Client(server)
    try:
        _connect(client, server)
        if server.password is not None:
            _sign_in(client, server, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _connect(client: Client, server: MailServer) -> None:
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
    except Gone as error:
        _fail(server, f"{error}. Look at [mail] tls and port: a server that waits for TLS says nothing before it")
    except (OSError, smtplib.SMTPException) as error:
        _fail(server, f"the mail server cannot be reached: {why(error)}. Look at [mail] host and port")


def _hello(client: Client, server: MailServer) -> None:
    code, said = client.ehlo()
    if code != 250:
        code, said = client.helo()
    if code != 250:
        _fail(server, f"the mail server does not want to talk to {server.hello}: {server_words(code, said)}")


def _sign_in(client: Client, server: MailServer, password: SecretStr) -> None:
    try:
        client.login(server.user, password.get_secret_value())
    except smtplib.SMTPAuthenticationError as error:
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        _fail(server, f"the mail server does not take user and password: {server_words(error.smtp_code, said)}. "
              "Look at [mail] user and the secret smtp")  # fmt: skip
    except smtplib.SMTPNotSupportedError:
        _fail(server, "[mail] names a user, but the mail server offers no sign-in here")
    except (Gone, OSError, smtplib.SMTPException) as error:
        # Never the exception's own text: it may repeat what was sent.
        _fail(server, f"the connection broke while signing in: {type(error).__name__.strip('_')}")


def _context(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ChannelError(f"{server.ca_file}: not certificates in PEM: {why(error)}. Set [mail] ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _fail(server: MailServer, what: str) -> NoReturn:
    raise ChannelError(f"{server.place}: {what}. Nothing was sent; the press tries again by itself.") from None


def why(error: Exception) -> str:
    """What went wrong, without what was sent or who it was for."""
    if isinstance(error, Gone):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__

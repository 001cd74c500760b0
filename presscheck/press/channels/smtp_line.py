"""One message at a time over one connection, exact about whether it can have been taken.

    with Line.open(server) as line:
        answer = line.hand_over(envelope, begun, before_the_dot)

The final dot is sent by itself, after `before_the_dot` has returned: whatever breaks before it
leaves a message that was certainly not taken (RFC 5321, 4.1.1.4); whatever breaks after it leaves
one that nobody here can know about.
"""

import contextlib
import re
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from presscheck.assets.copy.strict_mail import wire_fault
from presscheck.errors import NotNow
from presscheck.press.channels.smtp_client import Client, Gone, MailServer, connect, why
from presscheck.press.channels.smtp_words import server_words
from presscheck.press.refusals import About, about, is_about_us

# What stands between < and > in a command: nothing that ends it, and nothing that is not seen.
_MAILBOX = re.compile(r"[!-;=?-~]{3,320}")


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
    about: About = "unclear"
    """What a message that was refused or put off was refused for."""


class Line:
    """An open connection, signed in where that is asked for."""

    def __init__(self, client: Client, server: MailServer) -> None:
        self._client = client
        self._server = server
        self.taken = 0
        """How many messages were taken over this connection."""
        self.usable = True
        self.last_used = time.monotonic()

    @classmethod
    def open(cls, server: MailServer) -> "Line":
        """Connect, encrypt, sign in. ChannelError says which of these failed; nothing was sent."""
        return cls(connect(server), server)

    @property
    def secured_by(self) -> str:
        """The version of TLS that was agreed on, such as TLSv1.3."""
        version = self._client.sock.version() if isinstance(self._client.sock, ssl.SSLSocket) else None
        return version or "without TLS on this machine"

    def hand_over(self, envelope: Envelope, begun: Callable[[], None], before_the_dot: Callable[[], None]) -> Answer:
        """Hand one message over. `begun` is called when it is about to be transmitted, `before_the_dot` at the end.

        What these two raise passes through, and closes the connection: the message was not taken then.
        NotNow where the server refuses whoever sends or so large a message, which is no recipient's fault.
        """
        self.last_used = time.monotonic()
        if fault := _unfit(envelope):
            return Answer("refused", f"not handed over: {fault}")
        self.check_size(envelope.content)
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
                raise Gone("the server broke off before the end of the message")
        except (Gone, OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            return Answer("lost", why(error))
        except BaseException:
            self.close()
            raise
        return self._dot()

    def check_size(self, content: bytes) -> None:
        """NotNow for a message that is larger than the server says it takes (RFC 1870); nothing is said to it."""
        most = self._client.esmtp_features.get("size", "").strip()
        size = len(_ended(content))
        # At most 20 digits (RFC 1870, 3); 0 is no limit, and whatever else is no number says nothing.
        if re.fullmatch(r"[0-9]{1,20}", most) and 0 < int(most) < size:
            raise NotNow(
                f"{self._server.place}: the mail server takes messages of {int(most):,} bytes at most, and one has "
                f"{size:,}: nothing was sent. Ask for a higher limit, or recall the delivery and send smaller pictures",
                code="size",
            )

    def _announce(self, envelope: Envelope) -> Answer | None:
        size = f" SIZE={len(_ended(envelope.content))}" if self._client.has_extn("size") else ""
        code, said = self._client.docmd("MAIL", f"FROM:<{envelope.sender}>{size}")
        if code != 250:
            return self._refused_at_mail(code, said)
        code, said = self._client.docmd("RCPT", f"TO:<{envelope.recipient}>")
        return None if code in (250, 251, 252) else self._not_taken(code, said)

    def _refused_at_mail(self, code: int, said: bytes) -> Answer:
        """No recipient is named yet, so none is to blame: it is the sender, the size, or the pace."""
        answer = self._not_taken(code, said)
        if answer.kind == "lost":
            return answer
        if answer.kind == "refused" or is_about_us(answer.about):
            if answer.about == "rate":
                return answer
            self.close()
            raise NotNow(
                f"{self._server.place}: the mail server refuses the sender: {answer.words}. Look at [mail] "
                "bounce_domain, the account's rights and the server's log",
                code="size" if answer.about == "size" else "sender",
            )
        return Answer("put-off", answer.words, "rate")

    def _transmit(self, content: bytes) -> None:
        socket_ = self._socket()
        socket_.settimeout(self._server.timeout)
        ended = _ended(content)
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
        except (Gone, OSError) as error:
            self.close()
            return Answer("unknown", f"sent to the end, but the mail server did not say that it took it: {why(error)}")
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
        matter = about(code, "", said.decode("utf-8", "replace"))
        if code == 421:
            self.close()
            return Answer("lost", words, matter)
        try:
            if self._client.docmd("RSET")[0] != 250:
                self.close()
        except (Gone, OSError, smtplib.SMTPException):
            self.close()
        return Answer("refused" if code >= 500 else "put-off", words, matter)

    def close(self, *, politely: bool = False) -> None:
        """End the connection; `politely` takes leave first."""
        self.usable = False
        if politely:
            # Where it is gone already, it is as we want it.
            with contextlib.suppress(Gone, OSError, smtplib.SMTPException):
                self._client.docmd("QUIT")
        self._client.close()

    def _socket(self) -> socket.socket:
        if self._client.sock is None:
            raise Gone("the connection is closed")
        return self._client.sock

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close(politely=self.usable)


def _unfit(envelope: Envelope) -> str:
    """Why this must not reach a wire: the server would read other commands, or another message, out of it."""
    if not (_MAILBOX.fullmatch(envelope.sender) and _MAILBOX.fullmatch(envelope.recipient)):
        return "its return address or its recipient is no plain address"
    return wire_fault(envelope.content)


def _ended(content: bytes) -> bytes:
    return content if content.endswith(b"\r\n") else content + b"\r\n"

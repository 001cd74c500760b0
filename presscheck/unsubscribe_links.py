"""Where a message says that its reader may leave: the page, and a mailbox beside it if there is one.

A token (`presscheck.recipients.leaving`) stands at the end of the page's address, and in the subject of
the mail that a mail program writes by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

TOKEN_LENGTH = 138
"""A token's characters, always as many: version, delivery, address hash and signature in base64url."""

INERT_TOKEN = ("not-a-token-" * TOKEN_LENGTH)[:TOKEN_LENGTH]
"""Stands in previews and tests where a token does. Nobody signed it, so it takes nobody out."""

NOBODY_LEAVES = (
    "messages leave this machine, and their link to unsubscribe leads to it: set [mail] unsubscribe_url, or door_url, "
    "to the https address that readers reach"
)
"""Why mail to other machines does not go out with a link to loopback."""

_LETTER = r"[A-Za-z0-9_-]"
_TOKEN = re.compile(rf"(?<!{_LETTER}){_LETTER}{{{TOKEN_LENGTH}}}(?!{_LETTER})")
_LONG_ENOUGH = re.compile(rf"{_LETTER}{{{TOKEN_LENGTH},}}")
# Where a long line was broken: by a mail server, in quoted-printable, or by somebody who copied it.
_FOLD = re.compile(r"(?:=?\s+|(?:=0D)?=0A|=)")
_MOST_TOKENS = 4
_LONGEST = 200
_LOOPBACK = ("127.0.0.1", "localhost")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True)
class WayToLeave:
    """The page's address without a token, and the mailbox, where there is one."""

    url: str
    mailto: str = ""

    @property
    def on_this_machine(self) -> bool:
        """Whether the page is on loopback, where no reader of a mail can reach it."""
        return urlsplit(self.url).hostname in _LOOPBACK

    def link(self, token: str) -> str:
        """The page for one token."""
        return f"{self.url}/{token}"

    def headers(self, token: str) -> str:
        """RFC 2369 and RFC 8058, lines ending in CRLF. The line with the link is as long as the link is."""
        mailbox = f",\r\n <mailto:{self.mailto}?subject=unsubscribe%20{token}>" if self.mailto else ""
        return (
            f"List-Unsubscribe: <{self.link(token)}>{mailbox}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )


LEAVE_HERE = WayToLeave("http://127.0.0.1:8400/unsubscribe")
"""The door of this machine under its usual port."""


def tokens_in(text: str) -> list[str]:
    """What stands alone in a text and has a token's form; `read_token` says whether it is one."""
    return _TOKEN.findall(text)


def tokens_of_link(link: str) -> tuple[str, ...]:
    """What may be the token of a link as it comes in: encoded, folded, with `>` or a word stuck to it; four at most.

    Mail programs and people put things around a link that they pass on. The signature says which is a token.
    """
    # Twice, because some programs encode what was encoded.
    decoded = unquote(unquote(link))
    return tuple(dict.fromkeys(_around(link, decoded, _FOLD.sub("", decoded))))[:_MOST_TOKENS]


def _around(*texts: str) -> Iterator[str]:
    for text in texts:
        for found in _LONG_ENOUGH.findall(text):
            yield found[:TOKEN_LENGTH]
            yield found[-TOKEN_LENGTH:]


def url_fault(url: str) -> str | None:
    """What is wrong with the page's address, and what to write instead; None where it will do."""
    if len(url) > _LONGEST or _URL.fullmatch(url) is None:
        return "write an address without query such as https://brand.example/unsubscribe, of 200 characters at most"
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        return "write https://...: mailbox providers call no unsubscribe address without TLS"
    return None

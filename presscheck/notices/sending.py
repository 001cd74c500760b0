"""Hands one message to Apprise, and lets nothing of the address out: not by a log, an exception or a code.

An Apprise address holds tokens and passwords. Apprise, urllib3 and others write them into their logs, so all
logging in this process is silent while one of them is at work; what comes back is a code.
Where notices go is for whoever writes the secret to say: Presscheck does not keep them from any host.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from presscheck.errors import PresscheckError
from presscheck.notices.words import Words

_MAIL = ("mailto://", "mailtos://")


class NotSent(PresscheckError):
    """A notice that did not get out. `code` is a word of ours or a class's name, never what a library said."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Way:
    """Where a message goes. Its address shows neither in a repr nor in a traceback of ours."""

    url: SecretStr = field(repr=False)


def mail_to(url: SecretStr, address: str) -> Way:
    """The mail server of `url` (mailto:// or mailtos://), to one person and nobody else."""
    text = url.get_secret_value().strip()
    if not text.lower().startswith(_MAIL) or any(one.isspace() or one == "," for one in text):
        raise NotSent("no-mail-address")
    head, _, query = text.partition("?")
    # Whoever else the operator named there would read who is asked what.
    kept = [part for part in query.split("&") if part and part.split("=")[0].lower() not in ("to", "cc", "bcc")]
    asked = "&".join([*kept, f"to={quote(address, safe='')}"])
    return Way(SecretStr(f"{head}?{asked}"))


def send(way: Way, words: Words) -> None:
    """Send it once. NotSent where it did not get out, or nobody can say that it did."""
    with _silently():
        failed = _try(way, words)
    if failed is not None:
        # Raised out here and from nothing: no frame of a library, and no address, hangs on it.
        raise NotSent(failed)


def is_address(way: Way) -> bool:
    """Whether Apprise can read the address; nothing is connected to."""
    with _silently():
        from apprise import Apprise

        try:
            teller: Any = Apprise()
            return bool(teller.add(way.url.get_secret_value()))
        except Exception:  # noqa: BLE001 - a plug-in may raise anything; then it cannot read it.
            return False


def _try(way: Way, words: Words) -> str | None:
    """None if it was taken, else a code."""
    try:
        from apprise import Apprise, AppriseAsset, NotifyFormat
        from apprise.common import PersistentStoreMode

        # Nothing on disk, no plug-ins from the user's own folders, one after the other.
        asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, async_mode=False, plugin_paths=[])
        # Apprise's own annotations leave their dicts open.
        teller: Any = Apprise(asset=asset)
        if not teller.add(way.url.get_secret_value()):
            return "not-an-address"
        taken = teller.notify(title=words.title, body=words.body, body_format=NotifyFormat.TEXT)
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything, with the address in it.
        return f"broke-{type(error).__name__}"
    return None if taken else "refused"


@contextmanager
def _silently() -> Generator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logging.disable(before)

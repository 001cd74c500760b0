"""One post to a system: signed with its secrets, to where its settings say, and a code for what became of it.

An address of a private network, this machine (but for development) or a cloud's metadata is never connected to, and a
redirect is followed nowhere: `presscheck.outbound.posting` looks at what a name stands for and connects to just that.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from presscheck.errors import PresscheckError, SettingsError
from presscheck.ledger import timestamp
from presscheck.outbound.posting import Answer, Lost, NotReached, Poster, signing_key
from presscheck.settings import Settings
from presscheck.settings.secrets import find_secret
from presscheck.settings.webhooks import WebhooksSection
from presscheck.webhooks.messages import trial_message

GONE = "gone"
"""It answered 410: Standard Webhooks say that such an address is to be told nothing more."""


class NoKey(PresscheckError):
    """No secret to sign with. `code` says why by a word of ours."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keys_of(name: str, settings: Settings) -> tuple[bytes, ...]:
    """The key that signs for a system, and the one before it where there is one. NoKey where it cannot be read."""
    try:
        present, old = (find_secret(settings, one) for one in (f"webhooks-{name}", f"webhooks-{name}-old"))
    except SettingsError:
        # `presscheck doctor` names the file that lies open or cannot be read.
        raise NoKey("unreadable-secret") from None
    if present is None:
        raise NoKey("no-secret")
    given = {f"webhooks-{name}": present} | ({} if old is None else {f"webhooks-{name}-old": old})
    try:
        return tuple(signing_key(secret, one) for one, secret in given.items())
    except SettingsError:
        raise NoKey("no-key") from None


def open_poster(
    section: WebhooksSection, keys: tuple[bytes, ...], *, stopping: Callable[[], bool] = lambda: False
) -> Poster:
    """What posts to one system, one message after the other."""
    return Poster(
        *keys, loopback=section.loopback, timeout_seconds=section.timeout_seconds, connections=1, stopping=stopping
    )


def code_of(answer: Answer | NotReached | Lost) -> str | None:
    """None for 2xx, which alone is taken; else a word of ours, never what the other side said."""
    if isinstance(answer, NotReached):
        return "barred-address" if answer.barred else "not-reached"
    if isinstance(answer, Lost):
        return "no-answer"
    if 200 <= answer.status < 300:
        return None
    if answer.status == 410:
        return GONE
    return "redirect" if 300 <= answer.status < 400 else f"status-{answer.status}"


def try_webhook(name: str, settings: Settings, *, now: datetime) -> str | None:
    """Post one message that says it is a trial; None where it was taken, else a code. Nothing is recorded."""
    try:
        poster = open_poster(settings.webhooks[name], keys_of(name, settings))
    except NoKey as missing:
        return missing.code
    try:
        message = trial_message(timestamp(now), secrets.token_hex(16), door_url=settings.door_url)
        return code_of(poster.post(settings.webhooks[name].url, message.id, message.body))
    finally:
        poster.close()

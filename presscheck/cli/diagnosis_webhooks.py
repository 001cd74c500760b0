"""What `presscheck doctor` looks at about webhooks: which systems are told, and what fails since when."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.documents.sentences import counted
from presscheck.settings import Settings

if TYPE_CHECKING:
    from presscheck.ledger import Reader
    from presscheck.webhooks import State

_SHOWN_FOR = timedelta(days=30)
_WRONG = {
    "no-secret": "there is no secret webhooks-{}",
    "unreadable-secret": "the secret webhooks-{0} or webhooks-{0}-old is empty, lies open or cannot be read",
    "no-key": "the secret webhooks-{0} or webhooks-{0}-old is no whsec_ key",
}


def webhook_looks(settings: Settings, tx: "Reader") -> Iterator[Look]:
    """Each system that the settings name: its key, and how far it was told."""
    if not settings.webhooks:
        return
    from presscheck.webhooks import NoKey, keys_of, state_of

    for name in settings.webhooks:
        try:
            keys = keys_of(name, settings)
        except NoKey as missing:
            mend = "docs/webhooks.md makes a key with one line of Python; then `presscheck webhook test` it."
            yield Look(f"webhook {name}", "missing", _WRONG[missing.code].format(name), mend)
            continue
        old = " and the one before it" if len(keys) > 1 else ""
        yield _told(name, state_of(tx, name), settings.webhooks[name].url, f"signed with its key{old}", tx.now)


def _told(name: str, state: "State | None", url: str, signed: str, now: datetime) -> Look:
    what, mend = f"webhook {name}", f"`presscheck webhook test {name}` tries it; docs/webhooks.md has every code."
    if state is None:
        return Look(what, "ok", f"{signed}; told from the next run of escalate-reviews on")
    lost = f"{counted(state.given_up, 'message')} given up on {state.given_up_at[:16].replace('T', ' ')} UTC"
    failing = state.failing
    if failing is not None and failing.stops(url):
        found = "its address answered 410, that it is gone: it is told nothing more"
        go_on = f"`presscheck webhook resume {name}` tries this one again"
        return Look(what, "missing", found, f"Write its new address into [webhooks.{name}], or take that out; {go_on}.")
    if failing is not None:
        since = f"fails since {failing.since:%Y-%m-%d %H:%M} UTC ({failing.code}), next try {failing.next_try:%H:%M}"
        given_up = bool(state.given_up) and datetime.fromisoformat(state.given_up_at) >= failing.since
        return Look(what, "missing" if given_up else "note", f"{since}{f'; {lost}' if given_up else ''}", mend)
    if state.given_up and now - datetime.fromisoformat(state.given_up_at) < _SHOWN_FOR:
        return Look(what, "note", f"told up to event {state.reached}; {lost}", "`presscheck history` says which.")
    return Look(what, "ok", f"{signed}; told up to event {state.reached}")

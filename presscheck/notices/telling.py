"""One look's notices, told: what was told before is left out, and each addressee gets one message about the rest.

Killed in between, the next look goes on. A notice is told twice only where the process died between handing it
over and writing that down, because the other order could lose one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from presscheck.ledger import Ledger
from presscheck.notices.addressees import addressees
from presscheck.notices.alone import alone
from presscheck.notices.choices import is_silenced
from presscheck.notices.due import Notice
from presscheck.notices.records import record_due, record_failed, record_sent, still_to_send
from presscheck.notices.words import Words, words_for
from presscheck.settings import Settings

Attempt = Callable[[str, Words], str | None]
"""Tells one addressee; None where that worked, else a code that says why not."""


@dataclass(frozen=True)
class Told:
    """How many notices got out in one look, and how many did not."""

    sent: int = 0
    failed: int = 0
    busy: bool = False
    """Whether another process was telling, so that this one told nothing."""


def tell_all(ledger: Ledger, settings: Settings, notices: Sequence[Notice], attempt: Attempt) -> Told:
    """Tell everybody what they have not been told yet, and write down what became of it."""
    if not notices:
        return Told()
    with alone(settings.home / "notices.lock") as tells:
        if not tells:
            return Told(busy=True)
        record_due(ledger, notices)
        sent = failed = 0
        for addressee, fresh in _not_told(ledger, settings, notices).items():
            words = words_for(fresh, door_url=settings.door_url, titles=settings.notices.titles)
            code = attempt(addressee, words)
            if code is None:
                record_sent(ledger, fresh, addressee)
                sent += len(fresh)
            else:
                record_failed(ledger, fresh, addressee, code=code)
                failed += len(fresh)
    return Told(sent, failed)


def _not_told(ledger: Ledger, settings: Settings, notices: Sequence[Notice]) -> dict[str, list[Notice]]:
    """What each addressee is still to be told, in order."""
    found: dict[str, list[Notice]] = {}
    with ledger.read() as tx:
        for notice in notices:
            for addressee in still_to_send(tx, notice, addressees(notice, settings.notices)):
                if not is_silenced(tx, notice, addressee):
                    found.setdefault(addressee, []).append(notice)
    return found

"""How long the press waits, and until when: for a way out that refuses, and for a person whose server puts us off.

    pauses.next_try(now, waited)      after as long again as it has waited, within bounds
    patience_of(rules)                until when it is tried, by the delivery policies

Both are kept by the ledger's clock, so they outlast the process.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies import DeliveryPolicy


@dataclass(frozen=True)
class Pauses:
    """Pauses that grow: each lasts as long as all before it together, so they double."""

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)

    def after(self, waited: timedelta) -> timedelta:
        """The pause before the next try of what has waited so long."""
        return min(max(waited, self.first), max(self.first, self.longest))

    def next_try(self, now: datetime, waited: timedelta) -> datetime:
        """When it is tried next: on the minute, so that those put off a few seconds apart are tried in one round."""
        at = now + self.after(waited)
        minute = at.replace(second=0, microsecond=0)
        return at if minute == at else minute + timedelta(minutes=1)


@dataclass(frozen=True)
class Patience:
    """How long a delivery waits for its way out, and how long a message that is put off is tried."""

    waits: timedelta = timedelta(hours=24)
    tries: timedelta = timedelta(hours=24)


def patience_of(rules: "Iterable[DeliveryPolicy]") -> Patience:
    """The shortest that any of the policies allows; a day where none is in force."""
    found = list(rules)
    if not found:
        return Patience()
    return Patience(min(rule.waiting for rule in found), min(rule.trying for rule in found))

"""What a copy that is put back lacks, as far as the ledger that it replaces can still be read.

A chain says itself where another one leaves it: all that follows the last event that both hold is lost.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from presscheck.errors import LedgerError
from presscheck.ledger import ChainMark, Event, EventKind, Ledger, Reader
from presscheck.ledger.suppressions import suppressed_hashes

WEIGHTY = (
    EventKind.PERSON_ENROLLED, EventKind.PERSON_CHANGED, EventKind.PERSON_REVOKED, EventKind.CREDENTIAL_SET,
    EventKind.PASSKEY_REMOVED, EventKind.DELEGATION_ENDED, EventKind.RULE_SIGNED, EventKind.RULE_REVOKED,
    EventKind.POLICIES_SIGNED, EventKind.CAMPAIGN_PAUSED, EventKind.RECALL_DECIDED, EventKind.ASSET_REVERTED,
    EventKind.RUN_CANCELLED, EventKind.GLASS_CONFIRMED, EventKind.DECISION_APPROVED, EventKind.DECISION_REJECTED,
    EventKind.DECISION_CHANGES, EventKind.DECISION_WITHDRAWN, EventKind.CAMPAIGN_UNPAUSED, EventKind.DEPLOYMENT_SET,
    EventKind.PERSON_DELEGATED, EventKind.PERSON_ABSENT, EventKind.PASSKEY_ADDED, EventKind.IDENTITY_BOUND,
    EventKind.ASSET_USED,
)  # fmt: skip
"""What somebody has to do again, or what holds again although somebody ended it: told one by one."""
Tell = Callable[[Reader, Event], str]
"""An event of that ledger, in a sentence."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Lost:
    """What is known of it; `unknown` says why not all is."""

    kinds: dict[str, int]
    """How many events of each kind."""
    weighty: tuple[Event, ...]
    told: tuple[str, ...]
    """The same in sentences, by whoever tells what happened."""
    deliveries: dict[str, int]
    """How many messages went out, by delivery, of which this copy knows nothing."""
    suppressed: frozenset[str]
    """The hashes of all who must not be written to by the ledger that is replaced."""
    unknown: str = ""

    @property
    def events(self) -> int:
        """How many events are lost, as far as they could be read."""
        return sum(self.kinds.values())


def lost_of(old: Ledger, copy: Reader, tell: Tell) -> Lost:
    """What the ledger `old` holds and this copy does not. Never raises for an old one that cannot be read."""
    suppressed: frozenset[str] = frozenset()
    found: list[Event] = []
    weighty: tuple[Event, ...] = ()
    told: tuple[str, ...] = ()
    sent = Counter[str]()
    unknown: list[str] = []
    try:
        with old.read() as tx:
            # They can only take people out, so they count whatever else is wrong with the ledger that they come from.
            suppressed = frozenset(one for one in suppressed_hashes(tx) if _HASH.fullmatch(one))
    except LedgerError as error:
        unknown.append(f"who left cannot be read there: {error}")
    try:
        with old.read() as tx:
            events = tx.events(after=_common(tx, copy))
            weighty = tuple(event for event in events if event.kind in WEIGHTY)
            told = tuple(tell(tx, event) for event in weighty)
        for event in events:
            if event.kind == EventKind.BATCH_SENT:
                sent[event.subject] += _number(event, "sent")
            elif event.kind in (EventKind.RETRY_ENDED, EventKind.DELIVERY_SETTLED):
                sent[event.subject] += len(event.data.get("sent_at") or ())
        found = events
    except LedgerError as error:
        unknown.append(f"what happened cannot all be read there: {error}")
    kinds = dict(sorted(Counter(event.kind for event in found).items()))
    return Lost(kinds, weighty, told, dict(sent), suppressed, "; ".join(unknown))


def _common(old: Reader, copy: Reader) -> int:
    """The last event that both chains hold. Chains that part never meet again, so it is looked for by halves."""
    low, high = 0, min(old.tip().seq, copy.tip().seq)
    while low < high:
        middle = (low + high + 1) // 2
        event = copy.stored_hash(middle)
        if event is not None and old.holds(ChainMark(middle, event)):
            low = middle
        else:
            high = middle - 1
    return low


def _number(event: Event, name: str) -> int:
    found = event.data.get(name)
    return found if isinstance(found, int) else 0

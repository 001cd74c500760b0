"""Whether a model with a prompt has been approved before: what nobody has seen yet deserves a second look.

    makers = KnownMakers()
    makers.all_known(tx, question, digests, before=opened)      # by approvals before event `opened`

Derived from signed events. A text that a person wrote has no maker and is always known.
"""

from collections.abc import Iterable
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from presscheck.ledger import EventKind, Ledger, Reader, Writer
from presscheck.models import Worst

Maker = tuple[str, str, str, str]
"""Provider, model, prompt and the prompt's version."""

GRAVITY: tuple[Worst, ...] = ("none", "note", "review", "block")
UNKNOWN: Maker = ("", "", "", "")
"""Whoever made a text of which nobody has signed who did: never known, whatever was approved."""
_NAMED = ("provider", "model", "prompt_id", "prompt_version")
_MOST_PARENTS = 50


def gravest(levels: Iterable[Worst]) -> Worst:
    """The gravest of some levels; none where there are none."""
    found: Worst = "none"
    for level in levels:
        if GRAVITY.index(level) > GRAVITY.index(found):
            found = level
    return found


def maker_of(tx: Reader, digest: str) -> Maker | None:
    """What drafted a text, through every edit since; None for a person's own text."""
    kinds = (EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN)
    for _ in range(_MOST_PARENTS):
        events = tx.events(*kinds, subject=digest)
        if not events:
            return UNKNOWN
        drafted = next((event for event in events if event.kind == EventKind.ASSET_DRAFTED), None)
        if drafted is not None:
            author = drafted.data.get("author")
            if not isinstance(author, dict):
                return UNKNOWN
            said = cast(dict[str, object], author)
            provider, model, prompt, version = (str(said.get(name) or "") for name in _NAMED)
            return (provider, model, prompt, version) if all((provider, model, prompt, version)) else UNKNOWN
        parent = events[0].data.get("parent")
        if not parent:
            return None
        digest = str(parent)
    return UNKNOWN


class KnownMakers:
    """The makers that people have approved something of, each with the number of the first approval."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = 0
        self._first: dict[Maker, int] = {}

    def all_known(self, tx: Reader, digests: Iterable[str], *, before: int) -> bool:
        """Whether whoever made each of these texts was approved before event `before`."""
        with self._lock:
            first = self._follow(tx)
        makers = {maker_of(tx, digest) for digest in digests} - {None}
        return all(first.get(maker, before) < before for maker in makers if maker is not None)

    def _follow(self, tx: Reader) -> dict[Maker, int]:
        first, seen = dict(self._first), self._seen
        for event in tx.events(EventKind.DECISION_APPROVED, after=seen):
            seen = event.seq
            # What a rule let through was seen by nobody, and what glass was broken for by nobody whom the policies
            # demand: neither makes a maker known.
            if not event.data.get("person") or event.data.get("glass") is not None:
                continue
            for digest in event.data["manifest"]["assets"]:
                maker = maker_of(tx, digest)
                if maker is not None and maker != UNKNOWN:
                    first.setdefault(maker, event.seq)
        # What a block has appended itself may be rolled back: it is not remembered.
        if not isinstance(tx, Writer) or tx.appended is None:
            self._first, self._seen = first, seen
        return first


_KNOWN: "WeakKeyDictionary[Ledger, KnownMakers]" = WeakKeyDictionary()


def makers_of(ledger: Ledger) -> KnownMakers:
    """The makers of a ledger, followed on from wherever this process has read it to."""
    return _KNOWN.setdefault(ledger, KnownMakers())

"""Whether a model with a prompt has been approved before: what nobody has seen yet deserves a second look.

    makers = KnownMakers()
    makers.all_known(tx, question, digests, before=opened)      # by approvals before event `opened`

Derived from signed events. A text that a person wrote has no maker and is always known.
"""

from collections.abc import Iterable
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Ledger, Reader, Writer
from presscheck.ledger.assets import get_asset
from presscheck.models import LEVELS, AssetKind, Worst

Maker = tuple[str, str, str, str]
"""Provider, model, prompt and the prompt's version."""

GRAVITY: tuple[Worst, ...] = ("none", *LEVELS[::-1])
UNKNOWN: Maker = ("", "", "", "")
"""Whoever made a text of which nobody has signed who did: never known, whatever was approved."""
_NAMED = ("provider", "model", "prompt_id", "prompt_version")
_MOST_PARENTS = 50
_MADE = (EventKind.ASSET_DRAFTED, EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN)


def gravest(levels: Iterable[Worst]) -> Worst:
    """The gravest of some levels; none where there are none."""
    found: Worst = "none"
    for level in levels:
        if GRAVITY.index(level) > GRAVITY.index(found):
            found = level
    return found


def maker_of(tx: Reader, digest: str) -> Maker | None:
    """What drafted a text, through every edit since; None for a person's own text."""
    for _ in range(_MOST_PARENTS):
        events = tx.events(*_MADE, subject=digest)
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
    """The makers that people have approved something of, by its kind, each with the number of the first approval.

    Whoever approved a plan by a model has said nothing of the texts that it writes.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = 0
        self._first: dict[tuple[AssetKind, Maker], int] = {}

    def all_known(self, tx: Reader, digests: Iterable[str], *, before: int) -> bool:
        """Whether whoever made each of these was approved, for one of its kind, before event `before`."""
        with self._lock:
            first = self._follow(tx)
        makers = {(_kind_of(tx, digest), maker_of(tx, digest)) for digest in digests}
        return all(first.get((kind, maker), before) < before for kind, maker in makers if maker is not None)

    def _follow(self, tx: Reader) -> dict[tuple[AssetKind, Maker], int]:
        first, seen = dict(self._first), self._seen
        for event in tx.events(EventKind.DECISION_APPROVED, after=seen):
            seen = event.seq
            # What a rule let through was seen by nobody, and what glass was broken for by nobody whom the policies
            # demand: neither makes a maker known.
            if not event.data.get("person") or event.data.get("glass") is not None:
                continue
            manifest = event.data["manifest"]
            signed = [("copy", digest) for digest in manifest["assets"]]
            signed += [(_kind_of(tx, digest), digest) for digest in manifest.get("agreed", ())]
            for kind, digest in signed:
                maker = maker_of(tx, digest)
                if maker is not None and maker != UNKNOWN:
                    first.setdefault((kind, maker), event.seq)
        # What a block has appended itself may be rolled back: it is not remembered.
        if not isinstance(tx, Writer) or tx.appended is None:
            self._first, self._seen = first, seen
        return first


def _kind_of(tx: Reader, digest: str) -> AssetKind:
    """The kind that a digest covers, whatever whoever made it has signed; none where nobody can read it any more."""
    try:
        kind = get_asset(tx, digest).kind
    except LedgerError:
        return ""
    # What a machine proposes to a person who writes is a text by the same machine.
    return "copy" if kind == "material" else kind


_KNOWN: "WeakKeyDictionary[Ledger, KnownMakers]" = WeakKeyDictionary()


def makers_of(ledger: Ledger) -> KnownMakers:
    """The makers of a ledger, followed on from wherever this process has read it to."""
    return _KNOWN.setdefault(ledger, KnownMakers())

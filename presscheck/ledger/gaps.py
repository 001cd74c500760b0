"""Gaps: what a ledger lacks since a copy was put back, and that two people signed it.

    gap = gap_of(tx, read_heads(...))     # what nobody has signed yet: None in a ledger that lost nothing
    gap_signed(tx)                        # the last gap that two people signed, which bars what began before it

A copy put back shows in two ways: by a head outside the database whose event is not there, and by the
`ledger:restored` that `presscheck restore` signs into the copy, so that heads that burnt with the disk, or that
somebody deleted, hide nothing. Two people sign exactly these heads and these restorations (`presscheck.desk.gaps`).
What they signed is read anew from signed events: a second old copy lacks it, or another head, and is a fault again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from presscheck.digests import digest_of
from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.heads import Head
from presscheck.ledger.kinds import EventKind


class _View(Protocol):
    """As much of a ledger's reader as this asks."""

    def events(self, *kinds: EventKind) -> list[Event]: ...
    def holds(self, mark: ChainMark) -> bool: ...
    def tip(self) -> ChainMark: ...


@dataclass(frozen=True)
class Gap:
    """What nobody has signed yet: heads that the chain does not hold, and the restorations that said so."""

    heads: tuple[Head, ...]
    restored: tuple[int, ...]
    """The numbers of the `ledger:restored` events."""

    @property
    def said(self) -> dict[str, Any]:
        """What two people sign, as events name it."""
        heads = [{"process": head.process, "seq": head.mark.seq, "hash": head.mark.hash} for head in self.heads]
        return {"heads": heads, "restored": list(self.restored)}

    @property
    def digest(self) -> str:
        """By which people say that it is this gap that they have read."""
        return digest_of(self.said)


def gap_of(tx: _View, heads: Iterable[Head]) -> Gap | None:
    """What this ledger lacks and nobody has signed. `heads` were read before this view began: they never lead it."""
    signed = gaps_signed(tx)
    answered = {seq for event in signed for seq in event.data["restored"] if isinstance(seq, int)}
    restored = [event for event in tx.events(EventKind.LEDGER_RESTORED) if event.seq not in answered]
    # The head of a process on another machine is known here by what the restorer saw of it alone.
    told = [head for event in restored for head in heads_said(event)]
    missing = [head for head in lost_heads(tx, dict.fromkeys([*heads, *told])) if not is_explained(tx, head)]
    if not missing and not restored:
        return None
    order = sorted(missing, key=lambda head: (head.mark.seq, head.process, head.mark.hash))
    return Gap(tuple(order), tuple(event.seq for event in restored))


def lost_heads(tx: _View, heads: Iterable[Head]) -> list[Head]:
    """Those of these heads that this chain does not hold."""
    return [head for head in heads if not tx.holds(head.mark)]


def is_explained(tx: _View, head: Head) -> bool:
    """Whether two people signed that this very head of this process is lost."""
    return any(head in heads_said(event) for event in gaps_signed(tx))


def gap_signed(tx: _View) -> Event | None:
    """The newest gap that two people signed; None in a ledger that has none on record."""
    signed = gaps_signed(tx)
    return signed[-1] if signed else None


def gaps_signed(tx: _View) -> list[Event]:
    """Every gap of which two different people said the same, one after the other."""
    first = {event.seq: event for event in tx.events(EventKind.LEDGER_GAP_PROPOSED)}
    return [event for event in tx.events(EventKind.LEDGER_GAP_SIGNED) if _is_second(event, first)]


def _is_second(event: Event, proposals: dict[int, Event]) -> bool:
    about, second = event.data.get("proposal"), event.data.get("person")
    proposal = proposals.get(about) if isinstance(about, int) else None
    if proposal is None or not second or not proposal.data.get("person") or second == proposal.data["person"]:
        return False
    same = all(event.data.get(key) == proposal.data.get(key) for key in ("heads", "restored"))
    return same and isinstance(event.data.get("restored"), list) and proposal.seq < event.seq


def heads_said(event: Event) -> list[Head]:
    """The heads that an event names as lost."""
    told = event.data.get("heads")
    named = cast("list[object]", told) if isinstance(told, list) else []
    found = [cast("dict[str, Any]", one) for one in named if isinstance(one, dict)]
    return [
        Head(str(one["process"]), ChainMark(one["seq"], str(one["hash"])))
        for one in found
        if isinstance(one.get("seq"), int) and "process" in one and "hash" in one
    ]


def gap_fault(tx: _View, heads: Sequence[Head]) -> str | None:
    """What is missing, and how a ledger comes out of it; None where nothing is that two people have not signed."""
    gap = gap_of(tx, heads)
    if gap is None:
        return None
    if not gap.heads:
        return f"event {gap.restored[-1]} says that a copy was put back, and nobody has signed what it lacks; {_SIGN}"
    head = gap.heads[0]
    if tx.tip().seq < head.mark.seq:
        seen = f"event {head.mark.seq} is missing: the {head.process} has seen it. The tail was cut off, or an old copy"
        return f"{seen} was put back; {_SIGN}"
    seen = f"event {head.mark.seq} is not the one the {head.process} has seen: an old copy was put back and written to"
    return f"{seen}; {_SIGN}"


_SIGN = "if you put it back yourself, `presscheck gap` shows what is missing, and two people sign it"

"""Delegation: somebody's say at reviews, lent to somebody else for some days; never more than is held.

    delegate(tx, by=ana, to=ben, grants=[...], begins=None, ends=day, gates="all")
    acting_for(tx, ben)                       # what holds now, and nothing else
    end_delegation(tx, "D-0123456789ab", by=ben)

What was lent goes no further than what its giver holds at each moment. Once the giver has lost a right, or
either of the two was revoked, it is over for good, whatever they are given later: an approval that rests on a
delegation needs only the question whether that delegation (`Delegated.basis`) is still among those that hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.models import Market, Refused, Role
from presscheck.people.delegable import Gates, not_delegable
from presscheck.people.rights import (
    DECIDING,
    WEIGHTY,
    Grant,
    Rights,
    active_rights,
    rights_of,
    rights_since,
    today,
    today_and_latest,
)


@dataclass(frozen=True)
class Delegation:
    """What one person lent to another, as it is on record; `holds` is what of it holds now."""

    id: str
    seq: int
    by: str
    to: str
    grants: tuple[Grant, ...]
    begins: date
    ends: date
    gates: Gates
    at: str
    holds: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class Delegated:
    """What somebody may do now in the name of `by`, at these gates; `basis` is the number of its event."""

    by: str
    grants: tuple[Grant, ...]
    gates: Gates
    basis: int


def delegate(
    tx: Writer, *, by: str, to: str, grants: Sequence[Grant], begins: date | None, ends: date, gates: Gates
) -> Delegation | Refused:
    """Lend `grants`, which carry no days of their own, from `begins` (None: today) to `ends`, itself included."""
    giver, taker = active_rights(tx, by), rights_of(tx, to)
    if isinstance(giver, Refused):
        return giver
    if to == by:
        return Refused(reason="you cannot delegate to yourself; name somebody else", code="own-delegation")
    if taker is None or not taker.active:
        return Refused(
            reason="nobody active is known under that id or address; an administrator can invite them",
            code="unknown-person",
        )
    begins = begins or today(tx)
    faults = not_delegable(
        giver,
        taker,
        grants,
        days=(begins, ends),
        gates=gates,
        today=today(tx),
        lent=[grant for one in acting_for(tx, by) for grant in one.grants],
        rows=[(one.begins, one.ends) for one in delegations_of(tx, by) if one.to == to and _alike(one.grants, grants)],
    )
    if faults:
        return Refused(reason="; ".join(faults), code="not-delegable")
    body: dict[str, Any] = {
        "to": to,
        "grants": [grant.model_dump(mode="json") for grant in grants],
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "gates": "all" if gates == "all" else list(dict.fromkeys(gates)),
    }
    return _shown(tx, _delegation(tx.append(EventKind.PERSON_DELEGATED, by, body)))


def end_delegation(tx: Writer, delegation: str, *, by: str) -> Refused | None:
    """End a delegation now; either of the two may, and an administrator."""
    rights = rights_of(tx, by)
    found = next((one for one in delegations(tx) if one.id == delegation), None)
    if rights is None or not rights.active or found is None:
        return Refused(
            reason=f"{delegation[:40]}: there is no such delegation, or it is over; nothing is left to end",
            code="unknown-delegation",
        )
    if by not in (found.by, found.to) and not rights.may("administrator", ()):
        return Refused(reason="only the two of them, or an administrator, may end this", code="not-administrator")
    tx.append(EventKind.DELEGATION_ENDED, found.by, {"delegation": found.seq, "by": by})
    return None


def acting_for(tx: Reader, person: str) -> tuple[Delegated, ...]:
    """What `person` may do now in the name of others, oldest delegation first.

    The giver may be away: that is what delegation is for.
    """

    def find() -> tuple[Delegated, ...]:
        lent = (one for one in delegations_to(tx, person) if one.holds)
        return tuple(Delegated(one.by, one.holds, one.gates, one.seq) for one in lent)

    return tx.once(("acting for", person), find)


def as_held(tx: Reader, person: str, role: Role) -> Grant:
    """The role in the markets in which `person` holds it now, to be delegated; in all of them if not at all."""
    rights = rights_of(tx, person)
    held = [] if rights is None else [grant.markets for grant in rights.grants if grant.role == role]
    if not held or "all" in held:
        return Grant(role=role, markets="all")
    return Grant(role=role, markets=tuple(sorted({market for markets in held for market in markets})))


def delegations(tx: Reader) -> list[Delegation]:
    """Every delegation that was not ended and whose last day is not over, oldest first."""
    return _open(tx, tx.events(EventKind.PERSON_DELEGATED))


def delegations_to(tx: Reader, person: str) -> list[Delegation]:
    """Those that were made to `person`, as `delegations`."""
    return _open(tx, [event for event in tx.events(EventKind.PERSON_DELEGATED) if event.data["to"] == person])


def delegations_of(tx: Reader, person: str) -> list[Delegation]:
    """Those that `person` made, as `delegations`."""
    return _open(tx, tx.events(EventKind.PERSON_DELEGATED, subject=person))


# ---------------------------------------------------------------- what holds


def _open(tx: Reader, events: Iterable[Event]) -> list[Delegation]:
    _, latest = today_and_latest(tx)
    found = [one for one in map(_delegation, events) if latest <= one.ends]
    if not found:
        return []
    ended = {event.data["delegation"] for event in tx.events(EventKind.DELEGATION_ENDED, after=found[0].seq)}
    return [_shown(tx, one) for one in found if one.seq not in ended]


def _shown(tx: Reader, one: Delegation) -> Delegation:
    day, latest = today_and_latest(tx)
    return replace(one, holds=_held(tx, one)) if one.begins <= day and latest <= one.ends else one


def _held(tx: Reader, one: Delegation) -> tuple[Grant, ...]:
    """What its giver held at every moment since; nothing if either was revoked, or the taker may not have it."""
    givers, takers = _moments(tx, one.by, one.seq), _moments(tx, one.to, one.seq)
    if not all(rights.active for rights in (*givers, *takers)):
        return ()
    decides = all(set(DECIDING) & set(rights.roles) for rights in takers)
    held: list[Grant] = []
    for grant in one.grants:
        markets = _markets_throughout(givers, grant)
        if markets and (decides or grant.role not in WEIGHTY):
            held.append(Grant(role=grant.role, markets=markets))
    return tuple(held)


def _moments(tx: Reader, person: str, seq: int) -> list[Rights]:
    now = rights_of(tx, person)
    return [*rights_since(tx, person, seq), *([] if now is None else [now])]


def _markets_throughout(givers: Sequence[Rights], grant: Grant) -> tuple[Market, ...] | Literal["all"]:
    """The markets of `grant` in which its role was held at each of these moments."""
    limits: list[set[str]] = []
    for rights in givers:
        theirs = [one.markets for one in rights.grants if one.role == grant.role]
        if "all" not in theirs:
            limits.append({market for markets in theirs for market in markets})
    if not limits:
        return grant.markets
    throughout = set[str].intersection(*limits)
    return tuple(sorted(throughout) if grant.markets == "all" else [one for one in grant.markets if one in throughout])


def _alike(some: Sequence[Grant], others: Sequence[Grant]) -> bool:
    return bool({grant.role for grant in some} & {grant.role for grant in others})


def _delegation(event: Event) -> Delegation:
    data = event.data
    gates = data["gates"]
    return Delegation(
        id=f"D-{event.hash[:12]}",
        seq=event.seq,
        by=event.subject,
        to=str(data["to"]),
        grants=tuple(Grant.model_validate(grant) for grant in data["grants"]),
        begins=date.fromisoformat(data["begins"]),
        ends=date.fromisoformat(data["ends"]),
        gates="all" if gates == "all" else tuple(gates),
        at=event.at,
    )

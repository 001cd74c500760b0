"""Delegations as they are shown, and made as far as the policies let them be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from presscheck.desk.situation import current_policies
from presscheck.door.doorway import Doorway
from presscheck.ledger import EventKind, Reader
from presscheck.models import KINDS, Frozen, Market, Refused, Role
from presscheck.people.delegable import NOT_LENT
from presscheck.people.delegation import (
    Delegation,
    Gates,
    as_held,
    delegate,
    delegations,
    delegations_of,
    delegations_to,
)
from presscheck.people.rights import Grant, Rights, find_person, person_name, rights_of
from presscheck.world.days import Day

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.rights import Answer


class _Wanted(Frozen):
    """A role to be delegated; without markets in those in which it is held."""

    role: Role
    markets: tuple[Market, ...] | Literal["all"] | None = None


class Lent(Frozen):
    """A delegation as it is asked for; `to` is an id or an address."""

    to: str
    grants: tuple[_Wanted, ...]
    begins: Day | None = None
    ends: Day
    gates: Gates = "all"


def shown_delegations(tx: Reader, person: str) -> list[dict[str, Any]]:
    """The delegations that this person made or has, or all of them for an administrator, oldest first."""
    rights = rights_of(tx, person)
    if rights is not None and rights.may("administrator", ()):
        found = delegations(tx)
    else:
        found = sorted([*delegations_of(tx, person), *delegations_to(tx, person)], key=lambda one: one.seq)
    return [_shown(tx, one, person) for one in found]


def lend(door: Doorway, by: str, asked: Lent) -> Delegation | Refused:
    """Delegate, as `by` asks for it."""
    if refused := _unknown_gates(door, asked.gates):
        return refused
    with door.ledger.write() as tx:
        if refused := _not_by_policy(tx, door, by, [one.role for one in asked.grants]):
            return refused
        person = (find_person(tx, asked.to) or "") if "@" in asked.to else asked.to
        grants = [
            as_held(tx, by, one.role) if one.markets is None else Grant(role=one.role, markets=one.markets)
            for one in asked.grants
        ]
        return delegate(tx, by=by, to=person, grants=grants, begins=asked.begins, ends=asked.ends, gates=asked.gates)


def lendable(door: Doorway, rights: Rights) -> list[str]:
    """The roles that somebody holds now and that the rights let them delegate; none while the policies are broken."""
    policies = current_policies(door.desk.policies)
    if isinstance(policies, Refused):
        return []
    roles = [grant.role for grant in rights.grants if grant.role not in NOT_LENT and grant.markets]
    return sorted({role for role in roles if _asked(policies, rights.person, role).allowed})


def _not_by_policy(tx: Reader, door: Doorway, by: str, roles: Sequence[Role]) -> Refused | None:
    """What `policies/rights` says against it; of roles that are not held at all the rest of the judgement tells."""
    policies = current_policies(door.desk.policies)
    if isinstance(policies, Refused):
        return policies
    rights = rights_of(tx, by)
    held = [role for role in roles if rights is not None and rights.may(role, ()) and role not in NOT_LENT]
    refused = [(role, answer) for role in held if not (answer := _asked(policies, by, role)).allowed]
    if not refused:
        return None
    said = "; ".join(f"{role} may not be delegated: {answer.why}" for role, answer in refused)
    return Refused(reason=said, code="no-right")


def _asked(policies: "PolicySet", person: str, role: str) -> "Answer":
    from policies.engine.rights import Asking, Matter

    matter = Matter()
    return policies.rights.decide(
        Asking(action="delegate", person=person, role=cast(Role, role), markets="all", matter=matter)
    )


def _unknown_gates(door: Doorway, gates: Gates) -> Refused | None:
    """A gate that no approval policy knows: what was lent for it would never be of use, and nobody would notice."""
    if gates == "all":
        return None
    policies = current_policies(door.desk.policies)
    if isinstance(policies, Refused):
        return policies
    known = {gate for model in policies.approvals for gate in model.scope.gates if model.scope.gates != "all"}
    # What may be approved at every gate is asked about at one that is called after it, or at one of the flow's own.
    everywhere = [model.scope.kinds for model in policies.approvals if model.scope.gates == "all"]
    known |= {kind for kinds in everywhere for kind in (KINDS if kinds == "all" else kinds)}
    if strange := [gate for gate in gates if gate not in known]:
        with door.ledger.read() as tx:
            known |= {str(event.data.get("gate")) for event in tx.events(EventKind.REVIEW_OPENED)}
        strange = [gate[:40] for gate in strange if gate not in known]
    if not strange or any(kinds == "all" or "copy" in kinds for kinds in everywhere):
        return None
    return Refused(
        reason=f"no approval policy knows the gate {', '.join(strange)}; the gates are {', '.join(sorted(known))}",
        code="unknown-gate",
    )


def _shown(tx: Reader, one: Delegation, person: str) -> dict[str, Any]:
    return {
        "delegation": one.id,
        "by": one.by,
        "by_name": person_name(tx, one.by),
        "to": one.to,
        "to_name": person_name(tx, one.to),
        "grants": [grant.model_dump(mode="json") for grant in one.grants],
        # What of it holds at this moment: none before its first day, or once its giver has lost the right.
        "holds": [grant.model_dump(mode="json") for grant in one.holds],
        "gates": "all" if one.gates == "all" else list(one.gates),
        "begins": one.begins.isoformat(),
        "ends": one.ends.isoformat(),
        "at": one.at,
        "own": person in (one.by, one.to),
    }

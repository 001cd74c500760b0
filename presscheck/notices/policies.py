"""Who hears that policies changed: whoever owns what changed, and those who may sign it where it waits for that.

An owner is a word of the policy's file. `legal` or `brand` are the roles legal and brand lead; a team that is no
role here is told by the settings' `owner`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from presscheck.desk import Desk, PoliciesInForce
from presscheck.desk.current import last_signature
from presscheck.errors import PolicyError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.models import ROLES
from presscheck.notices.due import Notice
from presscheck.people.rights import people_with

# Whoever was away for longer finds it in the inbox and at /policies.
_TOLD_AFTERWARDS = timedelta(days=1)
_NAMED = 10


def policies_changed(tx: Reader, desk: Desk) -> list[Notice]:
    """A notice for each change of the last day, noticed or signed."""
    policies = desk.policies
    by_signature = isinstance(policies, PoliciesInForce) and policies.needs_signature(last_signature(tx))
    found: list[Notice] = []
    for event in tx.events(EventKind.POLICIES_CHANGED, EventKind.POLICIES_SIGNED):
        if tx.now - datetime.fromisoformat(event.at) > _TOLD_AFTERWARDS:
            continue
        waits = by_signature and event.kind == EventKind.POLICIES_CHANGED
        # The first set on record is no change; where it waits for a signature, somebody is to give it.
        if event.data.get("before") is None and not waits:
            continue
        signers = _signers(desk) if waits else ()
        roles = tuple(dict.fromkeys([*signers, *_owners(event)]))
        people = tuple(dict.fromkeys(rights.person for role in roles for rights in people_with(tx, role, ())))
        found.append(
            Notice(
                review=f"policies-{event.seq}",
                run="",
                step="policies-waiting" if waits else "policies",
                asks="approval",
                channel=None,
                roles=roles,
                people=people,
                about=tuple(dict.fromkeys(str(line["policy"]) for line in event.data["lines"]))[:_NAMED],
            )
        )
    return found


def roles_of_owner(owner: str) -> tuple[str, ...]:
    """The roles that an owner's word means; `owner` for a team that is none of them."""
    word = "_".join(owner.casefold().replace("-", " ").replace("_", " ").split())
    meant = [role for role in ROLES if role == word or role.startswith(f"{word}_") or word.startswith(role)]
    return tuple(meant) or ("owner",)


def _owners(event: Event) -> Iterator[str]:
    for line in event.data["lines"]:
        # Rights have no owner of their own: who administers people answers for them.
        yield from ("administrator",) if line["owner"] == "rights" else roles_of_owner(str(line["owner"]))


def _signers(desk: Desk) -> Iterable[str]:
    from policies.engine.rights import Asking, Matter

    try:
        rights = desk.policies().rights
    except PolicyError:
        # Nothing is in force yet: the shipped rights say who may sign the first.
        from policies import load_policies

        rights = load_policies().rights
    for role in ROLES:
        asking = Asking(
            action="sign_policies", person="somebody", role=role, markets="all", fresh=True, matter=Matter()
        )
        if rights.decide(asking).allowed:
            yield role

"""In whose name somebody answers, and which of the roles they hold count for a question: Cedar says so.

    for capacity in capacities(tx, situation, rights):      # one's own name, then whoever delegated
        counted = counting(situation, capacity, "approve")

What is the person's own work is worked out here from signed events; whether that keeps them out is said
in `policies/rights/*.cedar`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from presscheck.desk.authorship import wrote_a_choice
from presscheck.desk.situation import Situation
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.campaigns import starters_of
from presscheck.models import Market, Role
from presscheck.people.delegation import acting_for
from presscheck.people.rights import Grant, Rights, email_digest, person_email, rights_of
from presscheck.people.same_person import plain_address, same_person

if TYPE_CHECKING:
    from policies import Held
    from policies.engine.rights import Action, Answer

Own = Literal["brief", "run", "text", "prompt", "picture"]
Purpose = Literal["approve", "reject"]


@dataclass(frozen=True)
class Capacity:
    """Somebody with the grants that they answer by: their own, or those that `acts_for` delegated."""

    person: str
    acts_for: str
    grants: tuple[Grant, ...]
    basis: int = 0
    """The number of the delegation's event; 0 for one's own name."""

    @property
    def delegated(self) -> bool:
        return bool(self.acts_for)


@dataclass(frozen=True)
class Counted:
    """The roles that count, and the first answer of Cedar for one that does not."""

    held: "tuple[Held, ...]"
    denied: "Answer | None" = None


def capacities(tx: Reader, situation: Situation, rights: Rights) -> list[Capacity]:
    """Every name in which this person may speak about this question, the own one first."""
    found = [Capacity(rights.person, "", rights.grants if rights.active else ())]
    if not rights.active or not _anybody_delegated(tx):
        return found
    for delegated in acting_for(tx, rights.person):
        if delegated.gates != "all" and situation.question.gate not in delegated.gates:
            continue
        giver = rights_of(tx, delegated.by)
        if giver is not None and giver.active:
            found.append(Capacity(rights.person, delegated.by, delegated.grants, delegated.basis))
    return found


def own_work(tx: Reader, situation: Situation, capacity: Capacity) -> tuple[Own, ...]:
    """What of a question is this person's work, by whichever of their accounts.

    A delegate speaks for whoever delegated: what that person may not approve, the delegate may not either.
    """
    found: dict[Own, None] = {}
    people = [person for person in (capacity.person, capacity.acts_for) if person]
    # Somebody with a second account, under a sub-address, has the same work behind both.
    people += sorted({other for person in people for other in same_person(tx, person)} - set(people))
    for person in people:
        rights = rights_of(tx, person)
        if rights is not None:
            key = ("own work", situation.review.id, person)
            found |= dict.fromkeys(tx.once(key, partial(_own_of, tx, situation, rights)))
    return tuple(found)


def counting(tx: Reader, situation: Situation, capacity: Capacity, purpose: Purpose) -> Counted:
    """Which of a capacity's roles Cedar lets count for approving, or for rejecting."""
    from policies import Held

    held: list[Held] = []
    denied: Answer | None = None
    for role, markets in _by_role(capacity.grants).items():
        reached = tuple(one for one in situation.brief.markets if markets == "all" or one in markets)
        if not reached or not _has_a_say(situation, role):
            continue
        own = own_work(tx, situation, capacity)
        answers = [
            _ask(situation, capacity, role, markets, action, reached, own) for action in _actions(situation, purpose)
        ]
        refused = next((answer for answer in answers if not answer.allowed), None)
        if refused is None:
            held.append(Held(role, markets))
        elif denied is None:
            denied = refused
    return Counted(tuple(held), denied)


def may_by_some_role(tx: Reader, situation: Situation, capacity: Capacity, action: "Action") -> bool:
    """Whether one of a capacity's roles may do `action` for all that this question reaches."""
    own = own_work(tx, situation, capacity)
    return any(
        _ask(situation, capacity, role, markets, action, situation.brief.markets, own).allowed
        for role, markets in _by_role(capacity.grants).items()
    )


def role_for(
    tx: Reader, situation: Situation, rights: Rights, action: "Action", *, besides: Collection[str] = ()
) -> "Role | Answer | None":
    """The first role that somebody holds themselves and that may do `action` for all that a question reaches.

    Roles `besides` do not count. Otherwise Cedar's first no, or None for somebody without any such role. Whether
    a factor was shown just now is for the caller to see to.
    """
    capacity = Capacity(rights.person, "", rights.grants if rights.active else ())
    own = own_work(tx, situation, capacity)
    denied: Answer | None = None
    for role, markets in _by_role(capacity.grants).items():
        if role in besides:
            continue
        answer = _ask(situation, capacity, role, markets, action, situation.brief.markets, own)
        if answer.allowed:
            return role
        denied = denied if denied is not None and denied.rule else answer
    return denied


def wrote(tx: Reader, situation: Situation, rights: Rights) -> bool:
    """Whether the brief names this person as its author, also where one of the two is a sub-address (RFC 5233)."""
    author = situation.brief.author
    if rights.email in {email_digest(author), email_digest(_plain(author))}:
        return True
    # An account under ana+lead@ is Ana's as well. Where the address was erased, the digests above are all there is.
    own = person_email(tx, rights.person)
    return own is not None and email_digest(_plain(own)) == email_digest(_plain(author))


def _actions(situation: Situation, purpose: Purpose) -> "tuple[Action, ...]":
    from policies.engine.rights import approval_of

    if purpose == "reject":
        return ("reject",)
    return tuple(approval_of(kind) for kind in situation.facts.kinds)


def _ask(
    situation: Situation,
    capacity: Capacity,
    role: Role,
    markets: tuple[Market, ...] | Literal["all"],
    action: "Action",
    reached: Sequence[Market],
    own: tuple[Own, ...],
) -> "Answer":
    from policies.engine.rights import Asking, Matter

    facts = situation.facts
    matter = Matter(
        tier=situation.row.tier,
        gate=facts.gate,
        channel=facts.channel,
        kinds=facts.kinds,
        # A limit on what somebody may let out holds for the campaign, not for each run that it is split into.
        reach=facts.reach,
        spend=facts.spend,
        markets=tuple(reached),
        collaboration=facts.collaboration,
        own=own,
    )
    asking = Asking(
        action=action,
        person=capacity.person,
        role=role,
        markets=markets,
        delegated=capacity.delegated,
        # The door asks for a fresh factor where the tier wants one, whoever answers; see `Desk.apply`.
        fresh=True,
        matter=matter,
    )
    return situation.policies.rights.decide(asking)


def _has_a_say(situation: Situation, role: Role) -> bool:
    """Whether the model gives the role anything to do: a seat, the next in line, a veto."""
    later = [stage.escalate.to for stage in situation.rule.stages if stage.escalate is not None]
    vetoing = [veto for stage in situation.rule.stages for veto in stage.veto]
    return role in (*situation.rule.roles, *later, *vetoing)


def _anybody_delegated(tx: Reader) -> bool:
    return bool(tx.events(EventKind.PERSON_DELEGATED))


def _by_role(grants: Sequence[Grant]) -> dict[Role, tuple[Market, ...] | Literal["all"]]:
    """Several grants of one role add up."""
    found: dict[Role, tuple[Market, ...] | Literal["all"]] = {}
    for grant in grants:
        before = found.get(grant.role, ())
        if grant.markets == "all" or before == "all":
            found[grant.role] = "all"
        elif grant.markets:
            found[grant.role] = tuple(dict.fromkeys((*before, *grant.markets)))
    return found


def _own_of(tx: Reader, situation: Situation, rights: Rights) -> tuple[Own, ...]:
    question, person = situation.question, rights.person
    found: list[Own] = []
    if wrote_a_choice(tx, question, person):
        found.append("text")
    if wrote(tx, situation, rights):
        found.append("brief")
    if person in starters_of(tx, question.run, review=situation.review.id):
        found.append("run")
    if question.prompt_editors and _addresses(tx, rights) & set(question.prompt_editors):
        found.append("prompt")
    if _added_a_picture(tx, situation, person):
        found.append("picture")
    return tuple(found)


def _added_a_picture(tx: Reader, situation: Situation, person: str) -> bool:
    kinds = (EventKind.ASSET_EDITED, EventKind.ASSET_WRITTEN)
    return any(
        event.data["author"].get("person") == person
        for digest in situation.brief.images
        for event in tx.events(*kinds, subject=digest)
    )


def _addresses(tx: Reader, rights: Rights) -> set[str]:
    """Digests of a person's address, also without its sub-address where it is known."""
    address = person_email(tx, rights.person)
    return {rights.email} | (set() if address is None else {email_digest(plain_address(address))})


def _plain(address: str) -> str:
    user, _, domain = address.rpartition("@")
    return f"{user.partition('+')[0]}@{domain}"

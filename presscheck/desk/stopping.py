"""What a pause, an unpause or a recall is about, and whether somebody's roles reach so far.

    matter = matter_of(tx, policies, scope, rights)
    said = asked(policies, rights, "recall", matter, proved_at=proved_at, now=tx.now)     # Yes, or Refused

Everything is read from signed events: which deliveries a scope holds, whose briefs they came from and who
started their runs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from presscheck.desk.situation import facts_of, read_brief, stakes_of
from presscheck.desk.so_far import so_far_of
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.campaigns import briefs_opened, starters_of
from presscheck.ledger.chain import Event
from presscheck.ledger.pausing import EVERYTHING, campaign_scope
from presscheck.ledger.reviews import find_review
from presscheck.models import ROLES, Brief, Market, Refused, Role
from presscheck.people.rights import DECIDING, Rights, email_digest, person_email
from presscheck.people.same_person import same_person
from presscheck.people.sessions import FRESH

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.rights import Action, Matter, Own


@dataclass(frozen=True)
class Yes:
    """In which role somebody may, and by which rule."""

    role: Role
    rule: str


def request_of(tx: Reader, delivery: str) -> Event | None:
    """The worker's signed request of a delivery."""
    found = tx.events(EventKind.DELIVERY_REQUESTED, subject=delivery)
    return found[0] if found else None


def known_request(tx: Reader, delivery: str) -> Event | Refused:
    """The same; Refused where there is no such delivery."""
    return request_of(tx, delivery) or Refused(
        code="no-delivery",
        reason=f"There is no delivery {delivery[:40]!r}; `presscheck history` names those that there are.",
    )


def runs_in(tx: Reader, scope: str) -> tuple[str, ...]:
    """The campaign runs that a scope holds and that have not ended; the run itself where a run is named."""
    if scope.startswith("D-"):
        request = request_of(tx, scope)
        return () if request is None else (request.run,)
    begun = tx.events(EventKind.CAMPAIGN_OPENED, EventKind.RUN_STARTED)
    if any(event.subject == scope for event in begun):
        return (scope,)
    ended = {event.subject for event in tx.events(EventKind.CAMPAIGN_ENDED)}
    named = (
        event.subject
        for event in begun
        if event.subject not in ended and scope in (EVERYTHING, campaign_scope(str(event.data.get("campaign", ""))))
    )
    return tuple(dict.fromkeys(named))


def matter_of(tx: Reader, policies: "PolicySet", scope: str, rights: Rights) -> "Matter":
    """The facts that rights depend on: of one delivery its own, of anything larger those of the unknown case."""
    from policies.engine.rights import Matter

    own: tuple[Own, ...] = tuple({one: None for run in runs_in(tx, scope) for one in _own_of(tx, run, rights)})
    single = _single(tx, policies, scope)
    return Matter(own=own) if single is None else single.model_copy(update={"own": own})


def asked(
    policies: "PolicySet",
    rights: Rights,
    action: "Action",
    matter: "Matter",
    *,
    proved_at: datetime | None,
    now: datetime,
) -> Yes | Refused:
    """Whether one of a person's roles may do this, by Cedar; the refusal says which rule keeps them out."""
    from policies.engine.rights import Asking

    fresh = proved_at is not None and now - proved_at <= FRESH
    said: list[str] = []
    for role in roles_of(rights):
        markets = _markets(rights, role)
        asking = Asking(action=action, person=rights.person, role=role, markets=markets, fresh=fresh, matter=matter)
        answer = policies.rights.decide(asking)
        if answer.allowed:
            return Yes(role, answer.rule)
        if not fresh and policies.rights.decide(asking.model_copy(update={"fresh": True})).allowed:
            return Refused(
                code="step-up",
                reason=f"{answer.why} Open /step-up at this door and ask again within ten minutes. Nothing was done.",
            )
        said.append(f"{answer.rule}: {answer.why}" if answer.rule else answer.why)
    return Refused(code="no-right", reason=" ".join(dict.fromkeys(said)) or "You hold no role.")


def roles_of(rights: Rights) -> list[Role]:
    """The roles that somebody holds in some market, those whose word weighs most first."""
    held: set[Role] = {grant.role for grant in rights.grants if grant.markets} if rights.active else set()
    by_weight: tuple[Role, ...] = (*DECIDING, *(role for role in ROLES if role not in DECIDING))
    return [role for role in by_weight if role in held]


def _markets(rights: Rights, role: Role) -> tuple[Market, ...] | Literal["all"]:
    """Where a role is held; several grants of it add up."""
    found: dict[Market, None] = {}
    for grant in rights.grants:
        if grant.role == role and grant.markets == "all":
            return "all"
        if grant.role == role and grant.markets != "all":
            found |= dict.fromkeys(grant.markets)
    return tuple(found)


def _single(tx: Reader, policies: "PolicySet", scope: str) -> "Matter | None":
    """The matter of a delivery, or of a run that has one; None for anything larger, or what cannot be believed.

    A campaign, and everything, hold runs that are still to come, in whatever markets.
    """
    from policies.engine.rights import Matter

    if scope.startswith("D-"):
        requests = tx.events(EventKind.DELIVERY_REQUESTED, subject=scope)
    else:
        requests = tx.events(EventKind.DELIVERY_REQUESTED, run=scope) if runs_in(tx, scope) == (scope,) else []
    if len(requests) != 1:
        return None
    try:
        review = find_review(tx, str(requests[0].data["review"]))
        read = None if review is None else read_brief(tx, review.question)
    except (LedgerError, ValidationError):
        # Unknown is never the easy case: the rights of the whole house are asked for then.
        return None
    if review is None or read is None or isinstance(read, Refused):
        return None
    stakes = stakes_of(tx, review.question)
    if isinstance(stakes, Refused):
        return None
    facts = facts_of(review.question, read[0], so_far_of(tx, review.question, *read, policies), stakes)
    ruling = policies.ruling(facts)
    return Matter(
        tier=None if isinstance(ruling, Refused) else ruling.row.tier,
        gate=facts.gate,
        channel=facts.channel,
        kinds=facts.kinds,
        reach=facts.reach,
        spend=facts.spend,
        markets=facts.markets,
        collaboration=facts.collaboration,
    )


def _own_of(tx: Reader, run: str, rights: Rights) -> "Iterator[Own]":
    if starters_of(tx, run) & {rights.person, *same_person(tx, rights.person)}:
        yield "run"
    if any(_is(tx, rights, brief.author) for brief in _briefs_of(tx, run)):
        yield "brief"


def _briefs_of(tx: Reader, run: str) -> Iterable[Brief]:
    for event in briefs_opened(tx, run):
        try:
            yield Brief.model_validate(get_asset(tx, str(event.data["brief"])).content.get("brief"))
        except (LedgerError, ValidationError, KeyError):
            # A brief that cannot be read has no author that could be barred; nothing is sent from it either.
            continue


def _is(tx: Reader, rights: Rights, author: str) -> bool:
    """Whether an address is this person's, also where one of the two is a sub-address (RFC 5233)."""
    if rights.email in {email_digest(author), email_digest(_plain(author))}:
        return True
    own = person_email(tx, rights.person)
    return own is not None and email_digest(_plain(own)) == email_digest(_plain(author))


def _plain(address: str) -> str:
    user, _, domain = address.rpartition("@")
    return f"{user.partition('+')[0]}@{domain}"

"""Proposals: from the first approver on, enrolling or promoting somebody takes a second person.

    proposal = propose(tx, person, "enrol", grants, ...)   # an administrator, or a group at the provider
    confirmed = confirm(tx, proposal.id, by=second)        # never the proposer, never the one concerned
    decline(tx, proposal.id, by=anybody_who_could_confirm_or_the_proposer)

Both stand on record. A proposal ends after 72 hours, and with anything else that is decided about the person.
Why it is built this way: docs/decisions/0004-second-person.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from presscheck.ledger import EventKind, Reader, Writer, timestamp
from presscheck.ledger.chain import Event
from presscheck.models import Refused
from presscheck.people.codes import code_hash, fresh_half
from presscheck.people.rights import (
    DECIDING,
    RIGHTS_EVENTS,
    WEIGHTY,
    Grant,
    Rights,
    everybody,
    person_email,
    person_name,
    reaches,
    record_rights,
    rights_of,
)

VALID = timedelta(hours=72)
BY_GROUPS = "groups"
"""Who proposes where a group at the provider gives the role: no person of ours."""

Purpose = Literal["enrol", "change"]


@dataclass(frozen=True)
class Proposal:
    """What is proposed about whom; `confirmed_by` is empty until a second person said yes."""

    id: str
    seq: int
    person: str
    purpose: Purpose
    grants: tuple[Grant, ...]
    by: str
    at: str
    expires_at: str
    from_groups: tuple[Grant, ...] = ()
    confirmed_by: str = ""


@dataclass(frozen=True)
class Confirmed:
    """A confirmed proposal; `code` is the confirmer's half of an invitation, shown this once, or empty."""

    proposal: Proposal
    code: str
    expires_at: datetime


def needs_second(tx: Reader) -> bool:
    """Whether somebody was ever enrolled who may decide: from then on nobody is enrolled by one person alone."""
    return any(
        grant["role"] in DECIDING
        for event in tx.events(EventKind.PERSON_ENROLLED, EventKind.PERSON_CHANGED)
        for grant in event.data["grants"]
    )


def gains_weight(before: Sequence[Grant], after: Sequence[Grant]) -> bool:
    """Whether `after` decides or administers anywhere, or on any day, that `before` does not."""
    return any(grant.role in WEIGHTY and not reaches(before, grant) for grant in after)


def propose(
    tx: Writer,
    person: str,
    purpose: Purpose,
    grants: Sequence[Grant],
    *,
    email: str,
    name: str,
    by: str,
    code: str = "",
    from_groups: Sequence[Grant] | None = None,
) -> Proposal | Refused:
    """Put a proposal on record; Refused where nobody could ever confirm it. `code` is the proposer's half."""
    more: dict[str, Any] = {"purpose": purpose, "expires_at": timestamp(tx.now + VALID)}
    if code:
        more["code"] = code_hash(code)
    if from_groups is not None:
        more["from_groups"] = [grant.model_dump(mode="json") for grant in from_groups]
    if not confirmers(tx, person=person, by=by):
        return Refused(
            reason="this needs a second person, and there is nobody who could confirm it: neither another "
            "administrator nor anybody else who decides. Nothing was changed.",
            code="nobody-to-confirm",
        )
    event = record_rights(tx, EventKind.PERSON_PROPOSED, person, grants, email=email, name=name, by=by, **more)
    return _proposal(event)


def confirmers(tx: Reader, *, person: str, by: str) -> list[Rights]:
    """Who may confirm: the other administrators or, where there is none, everybody else who decides."""
    others = [rights for rights in everybody(tx) if rights.active and rights.person not in (person, by)]
    administrators = [rights for rights in others if rights.may("administrator", ())]
    return administrators or [rights for rights in others if any(rights.may(role, ()) for role in DECIDING)]


def confirm(tx: Writer, proposal: str, *, by: str) -> Confirmed | Refused:
    """Say yes as the second person. A promotion holds from now on; an enrolment gives the other half of the code."""
    found = _find(tx, proposal)
    if isinstance(found, Refused):
        return found
    if refused := _may_not_confirm(tx, found, by):
        return refused
    expires_at = tx.now + VALID
    if found.purpose == "change":
        _carry_out(tx, found, confirmed_by=by)
        return Confirmed(found, "", expires_at)
    half = fresh_half()
    body = {"proposal": found.seq, "by": by, "code": code_hash(half), "expires_at": timestamp(expires_at)}
    tx.append(EventKind.PERSON_CONFIRMED, found.person, body)
    return Confirmed(found, half, expires_at)


def decline(tx: Writer, proposal: str, *, by: str) -> Refused | None:
    """Say no, or take one's own proposal back; saying no takes one person, also after somebody confirmed it."""
    found = _find(tx, proposal, also_confirmed=True)
    if isinstance(found, Refused):
        return found
    rights = rights_of(tx, by)
    able = {found.by, *(one.person for one in confirmers(tx, person=found.person, by=found.by))}
    if rights is None or not rights.active or by not in able:
        return Refused(reason="only the proposer, or somebody who may confirm it, can decline this", code="not-second")
    tx.append(EventKind.PERSON_DECLINED, found.person, {"proposal": found.seq, "by": by})
    return None


def open_proposals(tx: Reader) -> list[Proposal]:
    """Every proposal that still waits for a second person, oldest first."""
    found: list[Proposal] = []
    for event in tx.events(EventKind.PERSON_PROPOSED):
        proposal = _standing(tx, event)
        if proposal is not None and not proposal.confirmed_by:
            found.append(proposal)
    return found


def is_superseded(tx: Reader, person: str, seq: int) -> bool:
    """Whether something else was proposed or decided about the person after event `seq`; a yes to it does not count."""
    kinds = (
        EventKind.PERSON_INVITED, EventKind.PERSON_PROPOSED, EventKind.PERSON_DECLINED, *RIGHTS_EVENTS,
    )  # fmt: skip
    return bool(tx.events(*kinds, subject=person, after=seq))


def _find(tx: Reader, proposal: str, *, also_confirmed: bool = False) -> Proposal | Refused:
    for event in reversed(tx.events(EventKind.PERSON_PROPOSED)):
        if _id(event) == proposal:
            standing = _standing(tx, event)
            if standing is not None and (also_confirmed or not standing.confirmed_by):
                return standing
    return Refused(
        reason=f"{proposal[:40]}: there is no such open proposal; it was confirmed, declined, replaced, or is older "
        "than 72 hours",
        code="unknown-proposal",
    )


def _may_not_confirm(tx: Reader, proposal: Proposal, by: str) -> Refused | None:
    if by == proposal.by:
        return Refused(reason="you proposed this yourself; a second person confirms it", code="not-second")
    if by == proposal.person:
        return Refused(reason="this is about yourself; somebody else confirms it", code="not-second")
    if proposal.by != BY_GROUPS:
        proposer = rights_of(tx, proposal.by)
        if proposer is None or not proposer.may("administrator", ()):
            return Refused(reason="whoever proposed this is no longer an administrator", code="unknown-proposal")
    if by not in {rights.person for rights in confirmers(tx, person=proposal.person, by=proposal.by)}:
        return Refused(
            reason="only another administrator may confirm this or, where there is none, somebody who decides",
            code="not-second",
        )
    return None


def _carry_out(tx: Writer, proposal: Proposal, *, confirmed_by: str) -> None:
    event = tx.event(proposal.seq)
    body = {} if event is None else event.data
    more: dict[str, Any] = {"proposal": proposal.seq, "confirmed_by": confirmed_by}
    if "from_groups" in body:
        more["from_groups"] = body["from_groups"]
    change_rights(tx, EventKind.PERSON_CHANGED, proposal.person, proposal.grants, by=proposal.by, **more)


def change_rights(
    tx: Writer, kind: EventKind, person: str, grants: Sequence[Grant], *, by: str, **more: Any
) -> Event | None:
    """Sign other rights of somebody who is enrolled, erased or not; None for somebody who is not."""
    current = rights_of(tx, person)
    if current is None:
        return None
    if kind == EventKind.PERSON_CHANGED and "from_groups" not in more:
        # What a group gave is remembered through every change, so that losing the group still takes it away.
        standing = tx.event(current.basis)
        kept = [] if standing is None else list(standing.data.get("from_groups", []))
        held = [grant.model_dump(mode="json") for grant in grants]
        if given := [one for one in kept if one in held]:
            more["from_groups"] = given
    email = person_email(tx, person)
    if email is not None:
        return record_rights(tx, kind, person, grants, email=email, name=person_name(tx, person), by=by, **more)
    # Address and name were erased: rights change all the same, under the pseudonym that stands.
    body = {"email": current.email, "name": "", "grants": [grant.model_dump(mode="json") for grant in grants]}
    return tx.append(kind, person, {**body, "by": by, **more})


def _standing(tx: Reader, event: Event) -> Proposal | None:
    """The proposal, unless its time is over or something else was decided since."""
    proposal = _proposal(event)
    if timestamp(tx.now) >= proposal.expires_at and not _confirmation(tx, proposal):
        return None
    if is_superseded(tx, proposal.person, event.seq):
        return None
    confirmed = _confirmation(tx, proposal)
    if confirmed is None:
        return proposal
    if timestamp(tx.now) >= confirmed.data["expires_at"]:
        return None
    return replace(proposal, confirmed_by=str(confirmed.data["by"]))


def _confirmation(tx: Reader, proposal: Proposal) -> Event | None:
    found = tx.events(EventKind.PERSON_CONFIRMED, subject=proposal.person, after=proposal.seq)
    return next((event for event in found if event.data["proposal"] == proposal.seq), None)


def _proposal(event: Event) -> Proposal:
    data = event.data
    given = cast("list[dict[str, Any]]", data.get("from_groups", []))
    return Proposal(
        id=_id(event),
        seq=event.seq,
        person=event.subject,
        purpose=cast(Purpose, data["purpose"]),
        grants=tuple(Grant.model_validate(grant) for grant in data["grants"]),
        by=str(data["by"]),
        at=event.at,
        expires_at=str(data["expires_at"]),
        from_groups=tuple(Grant.model_validate(grant) for grant in given),
    )


def _id(event: Event) -> str:
    # Of its content: what is confirmed is exactly what was shown.
    return f"Q-{event.hash[:12]}"

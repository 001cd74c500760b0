"""Enrolment: invited with a one-time code, people choose a password and an authenticator nobody else sees.

The invitation is an event that carries the code's hash; it is good for 72 hours and once. The very
first person enrols as administrator with the code that `presscheck up` prints.

From the first approver on an invitation is a proposal: the proposer gets one half of the code, whoever
confirms it gets the other, and the person enrols with both. Neither half is of any use alone.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from presscheck.addresses import account_address
from presscheck.ledger import Event, EventKind, Reader, Writer, tables, timestamp
from presscheck.models import Refused
from presscheck.people.codes import code_hash, fresh_code, fresh_half, halves
from presscheck.people.proposals import confirmers, is_superseded, needs_second, propose
from presscheck.people.rights import (
    WEIGHTY,
    Grant,
    always_administered,
    email_digest,
    everybody,
    person_email,
    person_name,
    record_rights,
    remember_person,
    rights_of,
)

_VALID = timedelta(hours=72)
_FIRST = "first-administrator"


@dataclass(frozen=True)
class Invitation:
    """What the inviter passes on; the code is shown this once. With a `proposal` it is half a code."""

    person: str
    code: str
    expires_at: datetime
    proposal: str = ""


@dataclass(frozen=True)
class Place:
    """What a valid code is good for. `person` is empty for the first administrator."""

    person: str
    email: str
    name: str
    grants: tuple[Grant, ...]
    by: str
    invitation: int
    confirmed_by: str = ""


@dataclass(frozen=True)
class Invited:
    """Somebody whom one administrator invited, and who has not enrolled yet."""

    person: str
    email: str
    name: str
    grants: tuple[Grant, ...]
    expires_at: str
    void: bool
    """The code holds no more: somebody who decides has enrolled since, and from then on it takes two people."""


def needs_first_person(tx: Reader) -> bool:
    """Whether nobody has enrolled yet."""
    return not tx.events(EventKind.PERSON_ENROLLED)


def first_code(home: Path) -> str:
    """A new one-time code for the first administrator; the one before is void.

    Only its hash is kept, in `home/first-administrator` (mode 0600). It is good while nobody has
    enrolled (`needs_first_person`), and for nothing afterwards.
    """
    code = fresh_code()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = home / f".{_FIRST}.{secrets.token_hex(4)}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(code_hash(code) + "\n")
    fresh.replace(home / _FIRST)
    return code


def invite(tx: Writer, *, email: str, name: str, grants: Sequence[Grant], by: str) -> Invitation | Refused:
    """Invite somebody, or somebody enrolled anew who lost password or phone. Only administrators may.

    Once somebody decides, this is a proposal that waits for a second person.
    """
    email = account_address(email)
    inviter = rights_of(tx, by)
    if inviter is None or not inviter.may("administrator", ()):
        return Refused(reason="only an administrator may invite people", code="not-administrator")
    if not grants:
        return Refused(reason=f"{email}: give at least one role", code="no-role")
    if inviter.email == email_digest(email):
        return Refused(reason="you cannot invite yourself; ask another administrator", code="own-rights")
    person = _id_for(tx, email)
    if not always_administered(tx, person, grants):
        return Refused(
            reason=f"{email} is the last administrator without a last day; make somebody else one first",
            code="last-administrator",
        )
    expires_at = tx.now + _VALID
    second = needs_second(tx)
    if second and not confirmers(tx, person=person, by=by):
        return Refused(
            reason="enrolling somebody takes a second person now, and there is nobody who could confirm it: neither "
            "another administrator nor anybody else who decides. Nothing was changed.",
            code="nobody-to-confirm",
        )
    # Who enrols somebody anew must not rename them: others would see that name before anybody confirmed it.
    known = person_email(tx, person) == email and rights_of(tx, person) is not None
    name = person_name(tx, person) if known else name
    remember_person(tx, person, email=email, name=name)
    if second:
        half = fresh_half()
        proposal = propose(tx, person, "enrol", grants, email=email, name=name, by=by, code=half)
        return proposal if isinstance(proposal, Refused) else Invitation(person, half, expires_at, proposal.id)
    code = fresh_code()
    more = {"code": code_hash(code), "expires_at": timestamp(expires_at)}
    record_rights(tx, EventKind.PERSON_INVITED, person, grants, email=email, name=name, by=by, **more)
    return Invitation(person, code, expires_at)


def find_place(tx: Reader, home: Path, code: str) -> Place | Refused:
    """What a code is good for now."""
    wanted = code_hash(code)
    if needs_first_person(tx):
        path = home / _FIRST
        if path.exists() and secrets.compare_digest(path.read_text().strip(), wanted):
            grants = (Grant(role="administrator", markets="all"),)
            return Place(person="", email="", name="", grants=grants, by="first-code", invitation=0)
    unknown = Refused(
        reason="this code is not valid: it was mistyped, used, replaced by a newer one, older than 72 hours, or one "
        "half of two (type both, one after the other). An administrator can give you a new one.",
        code="unknown-code",
    )
    place = _invited(tx, wanted) or _confirmed(tx, code)
    return unknown if place is None else place


def place_of(tx: Reader, email: str) -> Place | None:
    """The place that waits for whoever a provider vouches to have this address; its code is not asked for."""
    wanted = email_digest(email)
    kinds = (EventKind.PERSON_INVITED, EventKind.PERSON_CONFIRMED)
    for event in reversed(tx.events(*kinds)):
        place = _from_invitation(tx, event) if event.kind == EventKind.PERSON_INVITED else _from_yes(tx, event)
        if place is not None and email_digest(place.email) == wanted:
            return place
    return None


def _invited(tx: Reader, wanted: str) -> Place | None:
    found = [event for event in tx.events(EventKind.PERSON_INVITED) if event.data["code"] == wanted]
    return _from_invitation(tx, found[-1]) if found else None


def invited(tx: Reader) -> list[Invited]:
    """Everybody whose invitation by one person would still be good, by its time, in the order of inviting."""
    void = needs_second(tx)
    found: list[Invited] = []
    for event in tx.events(EventKind.PERSON_INVITED):
        place = _place(tx, event) if timestamp(tx.now) < event.data["expires_at"] else None
        if place is not None:
            until = str(event.data["expires_at"])
            found.append(Invited(place.person, place.email, place.name, place.grants, until, void))
    return found


def _from_invitation(tx: Reader, event: Event) -> Place | None:
    """The place of an invitation by one person: none once somebody decides, or an unused pile would be a way round."""
    if timestamp(tx.now) >= event.data["expires_at"] or needs_second(tx):
        return None
    return _place(tx, event)


def _confirmed(tx: Reader, code: str) -> Place | None:
    typed = halves(code)
    if typed is None:
        return None
    hashes = (code_hash(typed[0]), code_hash(typed[1]))
    for event in reversed(tx.events(EventKind.PERSON_CONFIRMED)):
        proposal = tx.event(event.data["proposal"])
        # In whichever order the two halves are typed; one half twice is not both.
        if proposal is not None and {event.data["code"], proposal.data.get("code")} == set(hashes):
            return _from_yes(tx, event)
    return None


def _from_yes(tx: Reader, event: Event) -> Place | None:
    """The place of a confirmed proposal; none if who confirmed it could not do so any more."""
    proposal = tx.event(event.data["proposal"])
    if proposal is None or proposal.kind != EventKind.PERSON_PROPOSED or timestamp(tx.now) >= event.data["expires_at"]:
        return None
    second = rights_of(tx, event.data["by"])
    weighs = second is not None and any(second.may(role, ()) for role in WEIGHTY)
    place = _place(tx, proposal) if weighs else None
    return None if place is None else replace(place, confirmed_by=str(event.data["by"]))


def _place(tx: Reader, event: Event) -> Place | None:
    # Whatever was decided about the person since counts more than what they were invited to.
    if is_superseded(tx, event.subject, event.seq):
        return None
    inviter = rights_of(tx, event.data["by"])
    if inviter is None or not inviter.may("administrator", ()):
        return None
    row = tx.execute(select(tables.people).where(tables.people.c.id == event.subject)).first()
    if row is None or not isinstance(row.email, str) or email_digest(row.email) != event.data["email"]:
        return None
    return Place(
        person=event.subject,
        email=row.email,
        name=row.name,
        grants=tuple(Grant.model_validate(grant) for grant in event.data["grants"]),
        by=event.data["by"],
        invitation=event.seq,
    )


def accept(tx: Writer, place: Place) -> str:
    """Record that the person took the place; the person's id. The code is spent by this."""
    person = place.person or _id_for(tx, place.email)
    remember_person(tx, person, email=place.email, name=place.name)
    more = {"confirmed_by": place.confirmed_by} if place.confirmed_by else {}
    record_rights(
        tx, EventKind.PERSON_ENROLLED, person, place.grants, email=place.email, name=place.name, by=place.by, **more
    )
    return person


def _id_for(tx: Writer, email: str) -> str:
    """The id of whoever has this address, or a new random one."""
    wanted = email_digest(email)
    for rights in everybody(tx):
        if rights.email == wanted:
            return rights.person
    for event in tx.events(EventKind.PERSON_INVITED, EventKind.PERSON_PROPOSED):
        if event.data["email"] == wanted:
            return event.subject
    # A row with this address that no event names was planted; it must not keep the person out.
    tx.execute(delete(tables.people).where(tables.people.c.email == email))
    return f"P-{secrets.token_hex(8)}"

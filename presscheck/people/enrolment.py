"""Enrolment: invited with a one-time code, people choose a password and an authenticator nobody else sees.

The invitation is an event that carries the code's hash; it is good for 72 hours and once. The very
first person enrols as administrator with the code that `presscheck up` prints.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from presscheck.ledger import EventKind, Reader, Writer, tables, timestamp
from presscheck.models import Refused
from presscheck.people.codes import code_hash, fresh_code
from presscheck.people.rights import Grant, email_digest, everybody, record_rights, remember_person, rights_of

__all__ = ["Invitation", "Place", "accept", "find_place", "first_code", "invite", "needs_first_person"]

_VALID = timedelta(hours=72)
_FIRST = "first-administrator"


@dataclass(frozen=True)
class Invitation:
    """What the inviter passes on; the code is shown this once."""

    person: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Place:
    """What a valid code is good for. `person` is empty for the first administrator."""

    person: str
    email: str
    name: str
    grants: tuple[Grant, ...]
    by: str
    invitation: int


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
    """Invite somebody, or somebody enrolled anew who lost password or phone. Only administrators may."""
    email = email.strip().lower()
    inviter = rights_of(tx, by)
    if inviter is None or not inviter.may("administrator", ()):
        return Refused(reason="only an administrator may invite people", code="not-administrator")
    if not grants:
        return Refused(reason=f"{email}: give at least one role", code="no-role")
    if inviter.email == email_digest(email):
        return Refused(reason="you cannot invite yourself; ask another administrator", code="own-rights")
    person = _id_for(tx, email)
    code = fresh_code()
    expires_at = tx.now + _VALID
    remember_person(tx, person, email=email, name=name)
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
        reason="this code is not valid: it was mistyped, used, replaced by a newer one, or is older than "
        "72 hours. An administrator can give you a new one.",
        code="unknown-code",
    )
    found = [event for event in tx.events(EventKind.PERSON_INVITED) if event.data["code"] == wanted]
    if not found:
        return unknown
    event = found[-1]
    # Whatever was decided about the person since counts more than what they were invited to.
    later = (
        EventKind.PERSON_INVITED, EventKind.PERSON_ENROLLED, EventKind.PERSON_CHANGED, EventKind.PERSON_REVOKED,
    )  # fmt: skip
    if timestamp(tx.now) >= event.data["expires_at"] or tx.events(*later, subject=event.subject, after=event.seq):
        return unknown
    inviter = rights_of(tx, event.data["by"])
    if inviter is None or not inviter.may("administrator", ()):
        return Refused(reason="whoever invited you is no longer an administrator; ask one", code="unknown-code")
    row = tx.execute(select(tables.people).where(tables.people.c.id == event.subject)).first()
    if row is None or email_digest(row.email) != event.data["email"]:
        return unknown
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
    record_rights(tx, EventKind.PERSON_ENROLLED, person, place.grants, email=place.email, name=place.name, by=place.by)
    return person


def _id_for(tx: Writer, email: str) -> str:
    """The id of whoever has this address, or a new random one."""
    wanted = email_digest(email)
    for rights in everybody(tx):
        if rights.email == wanted:
            return rights.person
    for event in tx.events(EventKind.PERSON_INVITED):
        if event.data["email"] == wanted:
            return event.subject
    # A row with this address that no event names was planted; it must not keep the person out.
    tx.execute(delete(tables.people).where(tables.people.c.email == email))
    return f"P-{secrets.token_hex(8)}"

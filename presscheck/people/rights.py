"""Who may do what, read from events that the door has signed and from nothing else.

    rights = rights_of(tx, person)
    if rights is not None and rights.may("brand_lead", brief.markets): ...

A row in `people` gives a name to show and grants nothing. Events carry pseudonyms: a random person
id, and digests of address and name.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import insert, select, update

from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Reader, Writer, tables
from presscheck.ledger.chain import Event
from presscheck.ledger.store import timestamp
from presscheck.models import ROLES, Digest, Frozen, Market, Role

__all__ = [
    "DECIDING",
    "RIGHTS_EVENTS",
    "ROLES",
    "WEIGHTY",
    "Grant",
    "Rights",
    "Role",
    "email_digest",
    "everybody",
    "find_person",
    "people_with",
    "person_email",
    "person_name",
    "record_rights",
    "remember_person",
    "rights_of",
    "rights_since",
]

DECIDING: tuple[Role, ...] = ("brand_lead", "legal", "regional_reviewer", "ethics_officer", "marketing_director")
"""Roles whose yes lets something out."""
WEIGHTY: tuple[Role, ...] = (*DECIDING, "administrator")
"""Roles that nobody gets by one person's word, once somebody decides."""

RIGHTS_EVENTS = (EventKind.PERSON_ENROLLED, EventKind.PERSON_CHANGED, EventKind.PERSON_REVOKED)
_NAMING_EVENTS = (EventKind.PERSON_INVITED, EventKind.PERSON_PROPOSED, *RIGHTS_EVENTS)


class Grant(Frozen):
    """One role, in the markets named or in all of them."""

    role: Role
    markets: tuple[Market, ...] | Literal["all"]

    def covers(self, markets: Iterable[str]) -> bool:
        """Whether this grant alone reaches every one of `markets`."""
        return self.markets == "all" or set(markets) <= set(self.markets)


class Rights(Frozen):
    """What one person may do now."""

    person: str
    active: bool
    email: Digest
    grants: tuple[Grant, ...]
    basis: int
    """The sequence number of the event that says so."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that is held in some market, sorted; none once the person is revoked."""
        return tuple(sorted({grant.role for grant in self.grants if grant.markets})) if self.active else ()

    def may(self, role: str, markets: Sequence[str]) -> bool:
        """Whether the person is active and holds `role` in every one of `markets`.

        Several grants of one role add up. Without markets the question is whether the role is held at all; a
        role that was given in no market is not.
        """
        if not self.active:
            return False
        held = [grant for grant in self.grants if grant.role == role and grant.markets]
        if not held:
            return False
        return all(any(grant.covers([market]) for grant in held) for market in markets)


def email_digest(email: str) -> str:
    """The pseudonym of an address: the same for every way of writing its capitals."""
    return digest_of(f"presscheck-email:{email.strip().lower()}")


def rights_of(tx: Reader, person: str) -> Rights | None:
    """The person's rights by the last believed event; None for somebody who never enrolled."""
    events = tx.events(*RIGHTS_EVENTS, subject=person)
    return _rights(events[-1]) if events else None


def rights_since(tx: Reader, person: str, seq: int) -> list[Rights]:
    """Every change of the person's rights after event `seq`, oldest first."""
    return [_rights(event) for event in tx.events(*RIGHTS_EVENTS, subject=person, after=seq)]


def everybody(tx: Reader) -> list[Rights]:
    """Everybody who ever enrolled, revoked ones included, in the order of enrolling."""
    latest: dict[str, Event] = {}
    for event in tx.events(*RIGHTS_EVENTS):
        latest[event.subject] = event
    return [_rights(event) for event in latest.values()]


def find_person(tx: Reader, email: str) -> str | None:
    """The id of the active person with this address."""
    wanted = email_digest(email)
    return next((rights.person for rights in everybody(tx) if rights.active and rights.email == wanted), None)


def people_with(tx: Reader, role: str, markets: Sequence[str]) -> list[Rights]:
    """Every active person who holds `role` in all of `markets`."""
    return [rights for rights in everybody(tx) if rights.may(role, markets)]


def person_name(tx: Reader, person: str) -> str:
    """The name to show; the id where the stored name is not the one that the door signed, or was erased."""
    row = tx.execute(select(tables.people.c.name).where(tables.people.c.id == person)).first()
    if row is None:
        return person
    events = tx.events(*_NAMING_EVENTS, subject=person)
    signed = events[-1].data.get("name") if events else None
    return row.name if signed == _name_digest(person, row.name) else person


def person_email(tx: Reader, person: str) -> str | None:
    """The address, where the stored one is the one that the door signed."""
    row = tx.execute(select(tables.people.c.email).where(tables.people.c.id == person)).first()
    if row is None:
        return None
    events = tx.events(*_NAMING_EVENTS, subject=person)
    return row.email if events and events[-1].data.get("email") == email_digest(row.email) else None


def remember_person(tx: Writer, person: str, *, email: str, name: str) -> None:
    """Keep address and name, which can be erased, beside the events, which cannot."""
    table = tables.people
    row = {"id": person, "email": email.strip().lower(), "name": name, "at": timestamp(tx.now)}
    if tx.execute(select(table.c.id).where(table.c.id == person)).first() is None:
        tx.execute(insert(table), row)
    else:
        tx.execute(update(table).where(table.c.id == person).values(**row))


def record_rights(
    tx: Writer, kind: EventKind, person: str, grants: Sequence[Grant], *, email: str, name: str, by: str, **more: Any
) -> Event:
    """Sign what a person may do from now on; `by` is the id of whoever arranged it."""
    body = {
        "email": email_digest(email),
        "name": _name_digest(person, name),
        "grants": [grant.model_dump(mode="json") for grant in grants],
        "by": by,
        **more,
    }
    return tx.append(kind, person, body)


def _rights(event: Event) -> Rights:
    data = event.data
    return Rights(
        person=event.subject,
        active=event.kind != EventKind.PERSON_REVOKED,
        email=data["email"],
        grants=tuple(Grant.model_validate(grant) for grant in data["grants"]),
        basis=event.seq,
    )


def _name_digest(person: str, name: str) -> str:
    # The random id is the salt, so that a name cannot be looked up in a table of digests.
    return digest_of(f"presscheck-name:{person}:{name}")

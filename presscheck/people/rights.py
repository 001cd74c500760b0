"""Who may do what, read from events that the door has signed and from nothing else.

    rights = rights_of(tx, person)
    if rights is not None and rights.may("brand_lead", brief.markets): ...

A row in `people` gives a name to show and grants nothing. Events carry pseudonyms: a random person
id, and digests of address and name.

A grant may have a first and a last day, in UTC. `Rights` are those of one moment: a grant that has not begun, or
is over, gives nothing, and nobody has to record that a day has passed.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from presscheck.addresses import account_address
from presscheck.digests import digest_of
from presscheck.ledger import EventKind, Reader, Writer, tables
from presscheck.ledger.chain import Event
from presscheck.ledger.store import timestamp
from presscheck.models import ROLES, Digest, Frozen, Refused, Role
from presscheck.people.grants import Grant, reaches

__all__ = [
    "DECIDING",
    "RIGHTS_EVENTS",
    "ROLES",
    "WEIGHTY",
    "Grant",
    "Rights",
    "Role",
    "active_rights",
    "always_administered",
    "email_digest",
    "everybody",
    "find_person",
    "people_with",
    "person_email",
    "person_name",
    "reaches",
    "record_rights",
    "remember_person",
    "rights_at",
    "rights_of",
    "rights_since",
    "today",
    "today_and_latest",
]

DECIDING: tuple[Role, ...] = (
    "brand_lead", "legal", "regional_reviewer", "ethics_officer", "marketing_director", "ai_strategist",
)  # fmt: skip
"""Roles whose yes lets something out; a test holds them against what `policies/rights` lets approve."""
WEIGHTY: tuple[Role, ...] = (*DECIDING, "administrator")
"""Roles that nobody gets by one person's word, once somebody decides."""

RIGHTS_EVENTS = (EventKind.PERSON_ENROLLED, EventKind.PERSON_CHANGED, EventKind.PERSON_REVOKED)
_NAMING_EVENTS = (EventKind.PERSON_INVITED, EventKind.PERSON_PROPOSED, *RIGHTS_EVENTS)


class Rights(Frozen):
    """What one person may do at one moment."""

    person: str
    active: bool
    email: Digest
    grants: tuple[Grant, ...]
    """Those in force at that moment."""
    basis: int
    """The sequence number of the event that says so."""
    granted: tuple[Grant, ...] = ()
    """All that the event gives, those that have not begun or are over included."""

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
    """The pseudonym of an address: the same for every way of writing its capitals, and for nothing else."""
    return digest_of(f"presscheck-email:{account_address(email)}")


def rights_of(tx: Reader, person: str) -> Rights | None:
    """The person's rights by the last believed event; None for somebody who never enrolled."""
    events = tx.events(*RIGHTS_EVENTS, subject=person)
    return _rights(events[-1], *today_and_latest(tx)) if events else None


def active_rights(tx: Reader, person: str) -> Rights | Refused:
    """The person's rights, for whoever does something with them: Refused for an account that is not active."""
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return Refused(code="not-active", reason="This account is not active; an administrator can tell you why.")
    return rights


def rights_at(tx: Reader, person: str, seq: int) -> Rights | None:
    """The person's rights at the moment when event `seq` was recorded; None for somebody unknown then."""
    at, events = tx.event(seq), [event for event in tx.events(*RIGHTS_EVENTS, subject=person) if event.seq < seq]
    return None if at is None or not events else _rights(events[-1], datetime.fromisoformat(at.at).date())


def rights_since(tx: Reader, person: str, seq: int) -> list[Rights]:
    """The person's rights after every change since event `seq`, oldest first.

    A change is an event, or a day on which a grant begins or is over. A right was held throughout if it was held
    when `seq` was recorded and is in every one of these.
    """
    since = tx.event(seq)
    begun = None if since is None else datetime.fromisoformat(since.at)
    events = tx.events(*RIGHTS_EVENTS, subject=person)
    found: list[Rights] = []
    for number, event in enumerate(events):
        recorded = datetime.fromisoformat(event.at)
        if event.seq > seq:
            found.append(_rights(event, recorded.date()))
        start = recorded if begun is None else max(recorded, begun)
        until = datetime.fromisoformat(events[number + 1].at) if number + 1 < len(events) else _latest(tx)
        found.extend(_rights(event, day) for day in _turns(event) if start < _midnight(day) <= until)
    return found


def everybody(tx: Reader) -> list[Rights]:
    """Everybody who ever enrolled, revoked ones included, in the order of enrolling; with their rights now."""
    day = today(tx)
    return list(tx.once(("everybody", day), lambda: _everybody(tx, day)))


def _everybody(tx: Reader, day: date) -> list[Rights]:
    latest: dict[str, Event] = {}
    for event in tx.events(*RIGHTS_EVENTS):
        latest[event.subject] = event
    return [_rights(event, day) for event in latest.values()]


def find_person(tx: Reader, email: str) -> str | None:
    """The id of the active person with this address."""
    wanted = email_digest(email)
    return next((rights.person for rights in everybody(tx) if rights.active and rights.email == wanted), None)


def people_with(tx: Reader, role: str, markets: Sequence[str]) -> list[Rights]:
    """Every active person who holds `role` in all of `markets`."""
    return [rights for rights in everybody(tx) if rights.may(role, markets)]


def person_name(tx: Reader, person: str) -> str:
    """The name to show; the id where the stored name is not the one that the door signed, or was erased."""
    row = _row_of(tx, person)
    if row is None:
        return person
    events = tx.events(*_NAMING_EVENTS, subject=person)
    signed = events[-1].data.get("name") if events else None
    return row.name if signed == _name_digest(person, row.name) else person


def person_email(tx: Reader, person: str) -> str | None:
    """The address, where the stored one is the one that the door signed."""
    row = _row_of(tx, person)
    if row is None:
        return None
    events = tx.events(*_NAMING_EVENTS, subject=person)
    return row.email if events and events[-1].data.get("email") == email_digest(row.email) else None


def _row_of(tx: Reader, person: str) -> Row[tuple[str, str]] | None:
    """Name and address as they are stored, read once in a view; what they are worth, their digests say."""
    table = tables.people

    def find() -> Row[tuple[str, str]] | None:
        row = tx.execute(select(table.c.name, table.c.email).where(table.c.id == person)).first()
        # SQLite keeps bytes in a column of text: that is no name and no address, and must break nobody's page.
        return row if row is not None and all(isinstance(value, str) for value in tuple[Any, ...](row)) else None

    return tx.once(("people", person), find)


def remember_person(tx: Writer, person: str, *, email: str, name: str) -> None:
    """Keep address and name, which can be erased, beside the events, which cannot."""
    table = tables.people
    row = {"id": person, "email": account_address(email), "name": name, "at": timestamp(tx.now)}
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


def today(tx: Reader) -> date:
    """The day that the ledger's clock shows, in UTC."""
    return tx.now.astimezone(UTC).date()


def today_and_latest(tx: Reader) -> tuple[date, date]:
    """Today, and the day of the last event where that is later.

    A clock set back must give nobody back what was over, and one that was ahead must give nobody anything early:
    what begins goes by the first of the two, what ends by the second.
    """
    return today(tx), _latest(tx).astimezone(UTC).date()


def _latest(tx: Reader) -> datetime:
    last = tx.last_at()
    return tx.now if last is None else max(tx.now, last)


def always_administered(tx: Reader, person: str, grants: Sequence[Grant]) -> bool:
    """Whether there is still an administrator now, and without a last day, once `person` has just `grants`."""
    day = today(tx)
    return _administers([grant for grant in grants if grant.holds_on(day)]) or any(
        rights.active and rights.person != person and _administers(rights.grants) for rights in everybody(tx)
    )


def _administers(grants: Sequence[Grant]) -> bool:
    return any(grant.role == "administrator" and grant.markets and grant.ends is None for grant in grants)


def _turns(event: Event) -> list[date]:
    """The days on which what the event gives begins, or is over, in order."""
    if event.kind == EventKind.PERSON_REVOKED:
        return []
    grants = [Grant.model_validate(grant) for grant in event.data["grants"]]
    first = {grant.begins for grant in grants if grant.begins is not None}
    over = {grant.ends + timedelta(days=1) for grant in grants if grant.ends is not None}
    return sorted(first | over)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _rights(event: Event, day: date, latest: date | None = None) -> Rights:
    data = event.data
    granted = tuple(Grant.model_validate(grant) for grant in data["grants"])
    return Rights(
        person=event.subject,
        active=event.kind != EventKind.PERSON_REVOKED,
        email=data["email"],
        grants=tuple(grant for grant in granted if grant.holds_on(day, latest)),
        basis=event.seq,
        granted=granted,
    )


def _name_digest(person: str, name: str) -> str:
    # The random id is the salt, so that a name cannot be looked up in a table of digests.
    return digest_of(f"presscheck-name:{person}:{name}")

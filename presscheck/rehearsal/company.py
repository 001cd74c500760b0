"""The people of a rehearsal: one for each role, in a ledger that is thrown away afterwards."""

from typing import cast, get_args

from presscheck.ledger import EventKind, Ledger
from presscheck.people.rights import Grant, Role, find_person, record_rights, remember_person

_ROLES: tuple[Role, ...] = get_args(Role)


def enrol_company(ledger: Ledger) -> None:
    """Enrol one person a role, for all markets."""
    for role in _ROLES:
        enrol(ledger, f"{role}@rehearsal.example.com", role, person=f"P-{role}")


def enrol(ledger: Ledger, email: str, *roles: str, person: str = "") -> str:
    """Enrol one more person with these roles, for all markets; the person's id. ValueError for an unknown role."""
    for role in roles:
        _known(role)
    person = person or f"P-{email}"
    name = email.partition("@")[0].replace("_", " ").replace(".", " ").capitalize()
    grants = tuple(Grant(role=cast(Role, role), markets="all") for role in roles)
    with ledger.write() as tx:
        remember_person(tx, person, email=email, name=name)
        record_rights(tx, EventKind.PERSON_ENROLLED, person, grants, email=email, name=name, by=person)
    return person


def person_of(ledger: Ledger, who: str) -> str:
    """The id of a role's person, or of the person with an address. ValueError for nobody."""
    if "@" not in who:
        return f"P-{_known(who)}"
    with ledger.read() as tx:
        found = find_person(tx, who)
    if found is None:
        raise ValueError(f"nobody with the address {who} is enrolled; rehearsal.enrol({who!r}, 'brand_lead') does it")
    return found


def _known(role: str) -> str:
    if role not in _ROLES:
        raise ValueError(f"there is no role {role!r}; there are: {', '.join(_ROLES)}")
    return role

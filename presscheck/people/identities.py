"""Identities at a provider (OpenID Connect): bound to a person by issuer and subject, never by address alone.

    vouched = Vouched(issuer=..., subject=..., email=..., groups=..., proved_at=..., once=...)
    answer = sign_in_vouched(accounts, vouched, groups)

The first time, the address that the provider has verified leads to the person who was invited or enrolled under
it, and the identity is bound to them. From then on only the identity counts: an address that was given to
somebody else, or another account under the same address, opens nothing. Enrolling anew unbinds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from presscheck.digests import digest_of
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.models import Refused
from presscheck.people import enrolment
from presscheck.people.accounts import Accounts, SignedIn
from presscheck.people.groups import follow_groups
from presscheck.people.lockout import is_busy, record_refusal
from presscheck.people.rights import Grant, find_person, rights_of
from presscheck.people.sessions import FRESH, close_sessions_of, find_session, open_session
from presscheck.people.spent import spend

_NOBODY = Refused(
    reason="you are signed in at the provider, and nobody here was invited under that address. Ask an administrator.",
    code="not-invited",
)
_ANOTHER = Refused(
    reason="this address belongs here to another account of the provider. If yours was made anew, ask an administrator "
    "to enrol you again.",
    code="other-identity",
)


@dataclass(frozen=True)
class Vouched:
    """What a provider said, with everything about it verified. `once` is good for one sign-in."""

    issuer: str
    subject: str
    email: str
    groups: tuple[str, ...]
    proved_at: datetime | None
    once: str

    @property
    def identity(self) -> str:
        """The pseudonym under which the identity is bound."""
        return digest_of(["presscheck-identity", self.issuer, self.subject])


def sign_in_vouched(
    accounts: Accounts, vouched: Vouched, groups: Mapping[str, tuple[Grant, ...]]
) -> SignedIn | Refused:
    """Open a session for whoever the provider vouches for; a locked password does not stand in the way."""
    with accounts.ledger.write() as tx:
        if not spend(tx, f"oidc:{vouched.once}", person=vouched.identity):
            return Refused(reason="this sign-in was used before; begin again", code="stale-challenge")
        person = _person(tx, vouched)
        if isinstance(person, Refused):
            if not is_busy(tx):
                record_refusal(tx, vouched.identity)
            return person
        follow_groups(tx, person, vouched.groups, groups)
        # A provider that does not say when the person proved who they are may have let an old session through.
        token, expires_at = open_session(
            tx, person, hours=accounts.session_hours, way="oidc", proved_at=vouched.proved_at or tx.now - FRESH
        )
        session = find_session(tx, token)
        if session is None:
            raise LedgerError("a session was opened and does not count: is the door's pinned key its own?")
        return SignedIn(token, session, expires_at)


def identities_of(tx: Reader, person: str, issuer: str) -> list[str]:
    """The identities of one issuer that sign this person in; none where no issuer is set up."""
    issued = digest_of(["presscheck-issuer", issuer])
    bound = tx.events(EventKind.IDENTITY_BOUND)
    ours = {event.subject for event in bound if event.data["person"] == person and event.data["issuer"] == issued}
    return sorted(identity for identity in ours if issuer and person_bound_to(tx, identity) == person)


def _person(tx: Writer, vouched: Vouched) -> str | Refused:
    """Whose identity this is; bound now, if it is the first time."""
    if person := person_bound_to(tx, vouched.identity):
        return person
    place = enrolment.place_of(tx, vouched.email)
    person = find_person(tx, vouched.email)
    if place is not None:
        person = enrolment.accept(tx, place)
        close_sessions_of(tx, person, why="enrolled again")
    elif person is None:
        return _NOBODY
    elif identities_of(tx, person, vouched.issuer):
        return _ANOTHER
    issued = digest_of(["presscheck-issuer", vouched.issuer])
    tx.append(EventKind.IDENTITY_BOUND, vouched.identity, {"person": person, "issuer": issued})
    return person


def person_bound_to(tx: Reader, identity: str) -> str | None:
    """The active person to whom this identity is bound, unless they enrolled anew since."""
    event = tx.newest(EventKind.IDENTITY_BOUND, subject=identity)
    if event is None:
        return None
    person = str(event.data["person"])
    ending = (EventKind.PERSON_ENROLLED, EventKind.PERSON_REVOKED)
    if tx.events(*ending, subject=person, after=event.seq):
        return None
    rights = rights_of(tx, person)
    return person if rights is not None and rights.active else None

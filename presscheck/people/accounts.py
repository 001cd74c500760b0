"""Accounts: invite, enrol, sign in, change rights, revoke; each is one call and one write to the ledger.

    accounts = Accounts(ledger, home)
    invitation = accounts.invite(email="ana@example.com", name="Ana", grants=[...], by=administrator)
    start = accounts.begin(invitation.code)               # shows the QR code
    person = accounts.enrol(invitation.code, start.sealed, password=..., code=...)
    signed_in = accounts.sign_in("ana@example.com", password, code)

What cannot be done comes back as `Refused`, with words for the person who tried.
"""

import logging
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from presscheck.addresses import account_address
from presscheck.cleaning import hidden_in
from presscheck.digests import digest_of
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Ledger, Reader, Writer
from presscheck.ledger.begun import forget_begun
from presscheck.models import Refused
from presscheck.people import enrolment, proposals
from presscheck.people.codes import Seal, fresh_secret, matching_step, otpauth_uri
from presscheck.people.credentials import Credential, credential_of, set_credential, spend_step
from presscheck.people.enrolment import Invitation, Place, first_code
from presscheck.people.lockout import is_busy, is_locked, record_failure
from presscheck.people.passwords import hash_password, matches, password_fault
from presscheck.people.proposals import Confirmed, Proposal, change_rights, gains_weight, needs_second, propose
from presscheck.people.rights import (
    Grant,
    Rights,
    always_administered,
    email_digest,
    find_person,
    person_email,
    person_name,
    rights_of,
)
from presscheck.people.sessions import (
    Session,
    close_session,
    close_sessions_of,
    find_session,
    open_session,
    touch_session,
    wants_touch,
)

__all__ = ["BUSY", "Accounts", "EnrolmentStart", "SignedIn", "Weighed", "first_code"]

_log = logging.getLogger(__name__)
_EMAIL = re.compile(r"^[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}$")
_WRONG = Refused(
    reason="address, password or code is wrong, or the account is locked for 15 minutes after five wrong tries. "
    "A code works once: wait for the next one.",
    code="wrong-sign-in",
)
BUSY = Refused(reason="too many people or programs are trying to sign in; wait a minute and try again", code="busy")


@dataclass(frozen=True)
class EnrolmentStart:
    """What the person needs to set up the authenticator; `sealed` comes back with the form."""

    name: str
    email: str
    secret: str
    uri: str
    sealed: str


@dataclass(frozen=True)
class SignedIn:
    """A session just opened; the token goes into the cookie and nowhere else."""

    token: str
    session: Session
    expires_at: datetime


@dataclass(frozen=True)
class Weighed:
    """A password that was compared, and what it takes to say later whether it still proves anything."""

    account: str
    credential: Credential | None = field(repr=False)
    secret: str | None = field(repr=False)
    right: bool
    whose: Callable[[Reader], str | None]


class Accounts:
    """The people of one ledger, as the door handles them."""

    def __init__(self, ledger: Ledger, home: Path, *, session_hours: float = 12.0, issuer: str = "") -> None:
        """`issuer` names the provider that people may sign in with, if there is one."""
        if ledger.signer is None or ledger.signer.process != "door":
            raise LedgerError(f"{ledger.place}: accounts need the door's signing key")
        self.ledger = ledger
        self.home = home
        self.session_hours = session_hours
        self.issuer = issuer
        self._seal = Seal(ledger.signer)

    def invite(self, *, email: str, name: str, grants: Sequence[Grant], by: str) -> Invitation | Refused:
        """Invite somebody; the code in the answer is shown once and is good for 72 hours."""
        if fault := _identity_fault(email, name):
            return fault
        with self.ledger.write() as tx:
            return enrolment.invite(tx, email=email, name=name.strip(), grants=grants, by=by)

    def begin(self, code: str, *, email: str = "", name: str = "", sealed: str = "") -> EnrolmentStart | Refused:
        """What a valid code leads to: an authenticator secret. The first administrator says who they are.

        `sealed` is the secret of a form that could not be taken: the person's phone holds it, so it stays.
        """
        with self.ledger.read() as tx:
            place = enrolment.find_place(tx, self.home, code)
        if isinstance(place, Refused):
            return place
        place = _named(place, email, name)
        if isinstance(place, Refused):
            return place
        whose = _enrolling(code, place.email)
        secret = (self._seal.open(sealed, whose=whose) if sealed else None) or fresh_secret()
        return EnrolmentStart(
            name=place.name,
            email=place.email,
            secret=secret,
            uri=otpauth_uri(secret, email=place.email),
            sealed=self._seal.close(secret, whose=whose),
        )

    def enrol(
        self, invitation: str, sealed: str, *, password: str, code: str, email: str = "", name: str = ""
    ) -> str | Refused:
        """Set password and authenticator, and take up the rights invited to; the person's id."""
        with self.ledger.read() as tx:
            place = enrolment.find_place(tx, self.home, invitation)
        place = place if isinstance(place, Refused) else _named(place, email, name)
        if isinstance(place, Refused):
            return place
        secret = self._seal.open(sealed, whose=_enrolling(invitation, place.email))
        if secret is None:
            return Refused(reason="this form is not from here; begin again with your code", code="unknown-code")
        if fault := password_fault(password, email=place.email, name=place.name):
            return fault
        password_hash = hash_password(password)
        if password_hash is None:
            return BUSY
        with self.ledger.write() as tx:
            # Read again under the write lock: of two people with one code, one enrols.
            current = enrolment.find_place(tx, self.home, invitation)
            if isinstance(current, Refused):
                return current
            step = matching_step(secret, code, tx.now)
            if step is None:
                return Refused(
                    reason="the six digits do not match; check that the phone's clock is right", code="wrong-code"
                )
            person = enrolment.accept(tx, place)
            sealed_for_good = self._seal.close(secret, whose=person)
            set_credential(tx, Credential(person, password_hash, sealed_for_good))
            close_sessions_of(tx, person, why="enrolled again")
            spend_step(tx, person, step)
        return person

    def sign_in(self, email: str, password: str, code: str, *, mark: str = "") -> SignedIn | Refused:
        """Open a session. A no is the same no, and takes as long, whatever was wrong.

        `mark` is what `browser_mark` gave to a browser in which this person signed in before.
        """
        weighed = self.weigh(email_digest(email), password, whose=lambda tx: find_person(tx, email), mark=mark)
        if isinstance(weighed, Refused):
            return weighed
        with self.ledger.write() as tx:
            person = self.prove(tx, weighed, code)
            if person is None:
                return _WRONG
            token, expires_at = open_session(tx, person, hours=self.session_hours)
            session = find_session(tx, token)
            if session is None:
                raise LedgerError("a session was opened and does not count: is the door's pinned key its own?")
            return SignedIn(token, session, expires_at)

    def weigh(
        self, account: str, password: str, *, whose: Callable[[Reader], str | None], mark: str = ""
    ) -> Weighed | Refused:
        """A password weighed before the ledger is held for writing, because that takes a moment; says nothing yet.

        `account` is the address's digest, `whose` says whose password it would have to be, then and later.
        """
        own = self._seal.open(mark, whose=f"browser:{account}") if mark else None
        # Its wrong tries are counted apart, so that nobody else's wrong tries keep this browser out.
        account = account if own is None else digest_of([account, own])
        with self.ledger.read() as tx:
            if is_busy(tx):
                return BUSY
            person = whose(tx)
            credential = None if person is None else credential_of(tx, person)
        right = matches(None if credential is None else credential.password_hash, password, known=own is not None)
        if right is None:
            return BUSY
        secret = None if credential is None else self._seal.open(credential.totp_sealed, whose=credential.person)
        return Weighed(account, credential, secret, right, whose)

    def prove(self, tx: Writer, weighed: Weighed, code: str) -> str | None:
        """The person whose password and code these are, the code used up; None for anybody else, counted as wrong."""
        step = matching_step(weighed.secret or fresh_secret(), code, tx.now)
        if is_locked(tx, weighed.account):
            return None
        credential = weighed.credential
        # Read again under the write lock: the account may have been revoked or changed meanwhile.
        same = credential is not None and credential == credential_of(tx, credential.person)
        if not (weighed.right and same and credential and weighed.secret and step is not None) or (
            weighed.whose(tx) != credential.person or not spend_step(tx, credential.person, step)
        ):
            record_failure(tx, weighed.account)
            return None
        return credential.person

    def knows(self, email: str, mark: str) -> bool:
        """Whether a browser's mark is one of the person's with this address; asks nobody."""
        return bool(mark) and self._seal.open(mark, whose=f"browser:{email_digest(email)}") is not None

    def browser_mark(self, email: str) -> str:
        """A mark for the browser in which the person with this address has just signed in."""
        return self._seal.close(secrets.token_hex(8), whose=f"browser:{email_digest(email)}")

    def session(self, token: str) -> Session | None:
        """Who holds this token now, and remember that it was used."""
        with self.ledger.read() as tx:
            session = find_session(tx, token)
            now = tx.now
        if session is not None and wants_touch(session, now):
            try:
                with self.ledger.write() as tx:
                    touch_session(tx, session)
            except LedgerError as error:
                # Who only wants to look is not kept out by a ledger that somebody else holds.
                _log.warning("a session's last use could not be remembered: %s", error)
        return session

    def sign_out(self, session: Session) -> None:
        """End this session."""
        with self.ledger.write() as tx:
            close_session(tx, session.token_hash, why="signed out")

    def change(self, person: str, grants: Sequence[Grant], *, by: str) -> Proposal | Refused | None:
        """Give a person exactly these roles from now on; a Proposal where that promotes and takes a second person."""
        if not grants:
            return Refused(reason="give at least one role, or revoke the person", code="no-role")
        # Whoever hands out roles must not hand them to themselves: a second administrator does.
        if person == by:
            return Refused(reason="you cannot change your own roles; ask another administrator", code="own-rights")
        with self.ledger.write() as tx:
            current = _changeable(tx, person, grants, by=by)
            if isinstance(current, Refused):
                return current
            if gains_weight(current.granted, grants) and needs_second(tx):
                email, name = person_email(tx, person), person_name(tx, person)
                if email is None:
                    return Refused(reason=f"{person[:40]}: address and name were erased; invite anew", code="erased")
                return propose(tx, person, "change", grants, email=email, name=name, by=by)
            change_rights(tx, EventKind.PERSON_CHANGED, person, grants, by=by)
        return None

    def invite_anew(self, *, by: str) -> list[tuple[str, Invitation | Refused]]:
        """Propose everybody anew whose code ended with the first approver: by name half a code, or why not."""
        with self.ledger.write() as tx:
            return [
                (one.name, enrolment.invite(tx, email=one.email, name=one.name, grants=one.grants, by=by))
                for one in enrolment.invited(tx)
                if one.void
            ]

    def confirm(self, proposal: str, *, by: str) -> Confirmed | Refused:
        """Say yes to a proposal as the second person."""
        with self.ledger.write() as tx:
            return proposals.confirm(tx, proposal, by=by)

    def decline(self, proposal: str, *, by: str) -> Refused | None:
        """Say no to a proposal, or take one's own back."""
        with self.ledger.write() as tx:
            return proposals.decline(tx, proposal, by=by)

    def revoke(self, person: str, *, by: str) -> Refused | None:
        """Take away every right and end every session, at once."""
        with self.ledger.write() as tx:
            current = _changeable(tx, person, (), by=by)
            if isinstance(current, Refused):
                return current
            close_sessions_of(tx, person, why="revoked")
            change_rights(tx, EventKind.PERSON_REVOKED, person, (), by=by)
            forget_begun(tx, person)
        return None


def _changeable(tx: Writer, person: str, grants: Sequence[Grant], *, by: str) -> Rights | Refused:
    changer = rights_of(tx, by)
    if changer is None or not changer.may("administrator", ()):
        return Refused(reason="only an administrator may change people's rights", code="not-administrator")
    current = rights_of(tx, person)
    if current is None or not current.active:
        return Refused(reason=f"{person[:40]}: nobody active has this id", code="unknown-person")
    if current.may("administrator", ()) and not always_administered(tx, person, grants):
        return Refused(
            reason="this is the last administrator without a last day; make somebody else one first",
            code="last-administrator",
        )
    return current


def _named(place: Place, email: str, name: str) -> Place | Refused:
    # Only the first administrator, whom nobody invited, says who they are.
    if place.person:
        return place
    return _identity_fault(email, name) or replace(place, email=account_address(email), name=name.strip())


def _identity_fault(email: str, name: str) -> Refused | None:
    if not email.strip():
        told = "this is the first administrator's code: open “I am the first administrator”, and say who you are there"
        return Refused(reason=told, code="bad-email")
    if not _EMAIL.match(account_address(email)):
        return Refused(reason=f"{email[:80]!r} is not an e-mail address", code="bad-email")
    if len(name.strip()) > 200:
        return Refused(reason=f"the name has {len(name.strip()):,} characters; at most 200 are taken", code="bad-name")
    if not name.strip().isprintable() or not any(map(str.isalpha, name)):
        return Refused(reason="give a name of 1 to 200 printable characters, letters among them", code="bad-name")
    if fault := hidden_in(name):
        return Refused(reason=f"the name: {fault}", code="bad-name")
    return None


def _enrolling(code: str, email: str) -> str:
    return f"enrolling:{enrolment.code_hash(code)}:{email}"

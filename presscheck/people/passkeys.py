"""Passkeys (WebAuthn): what a device signs in with, counted only as the door has signed them.

    passkeys = Passkeys(accounts, Site.of("https://door.example", 8400))
    begun = passkeys.begin_adding(session)              # options for the browser, and a sealed challenge
    passkeys.add(session, begun.sealed, answer, name="My laptop")
    begun = passkeys.begin_sign_in()
    passkeys.sign_in(begun.sealed, answer)              # SignedIn, or one and the same no
    begun = passkeys.begin_step_up(session)
    passkeys.step_up(session, begun.sealed, answer)     # the same person again, with a fresh token

A challenge is good for five minutes and once. The device must have verified who holds it; its counter never
goes back; the answer must name this door as the page it came from. Attestation is not asked for.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Row

from presscheck.digests import digest_of
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader, Writer, tables, timestamp
from presscheck.models import Refused
from presscheck.people.accounts import Accounts, SignedIn
from presscheck.people.codes import Seal
from presscheck.people.credentials import credential_of
from presscheck.people.identities import identities_of
from presscheck.people.lockout import is_busy, record_refusal
from presscheck.people.rights import person_email, person_name, rights_of
from presscheck.people.sessions import Session, find_session, open_session, same_session
from presscheck.people.spent import spend
from presscheck.people.step_up import renewed

_VALID = timedelta(minutes=5)
_MOST = 20
_NAME = 60
_WRONG = Refused(
    reason="this passkey does not sign in here: it is not known, was removed, or did not check who you are. "
    "Try again, or sign in another way.",
    code="wrong-sign-in",
)
_TRY_AGAIN = Refused(reason="this took too long, or was used before; try again", code="stale-challenge")


@dataclass(frozen=True)
class Site:
    """What passkeys are bound to: the door's name, and the only origin that may use them."""

    name: str
    origin: str

    @classmethod
    def of(cls, door_url: str, port: int) -> "Site | None":
        """The site of a door; None where its address is a number, which browsers do not accept."""
        parts = urlsplit(door_url)
        host = parts.hostname or ""
        if host in ("127.0.0.1", "::1", "localhost"):
            return cls("localhost", f"{parts.scheme}://localhost:{parts.port or port}")
        if not host or host.replace(".", "").isdigit() or ":" in host or parts.scheme != "https":
            return None
        return cls(host, f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True)
class Begun:
    """Options for `navigator.credentials`, and the sealed challenge that comes back with the answer."""

    options: dict[str, Any]
    sealed: str


@dataclass(frozen=True)
class Passkey:
    """One passkey as its person sees it."""

    id: str
    name: str
    at: str
    used_at: str


class Passkeys:
    """The passkeys of one ledger's people, for one site."""

    def __init__(self, accounts: Accounts, site: Site) -> None:
        signer = accounts.ledger.signer
        if signer is None:
            raise LedgerError("passkeys need the door's signing key")
        self.site = site
        self._accounts = accounts
        self._ledger = accounts.ledger
        self._seal = Seal(signer)

    # ------------------------------------------------------------ adding and removing

    def begin_adding(self, session: Session) -> Begun | Refused:
        """Options to make a new passkey with; Refused where the sign-in is too old to add a way in."""
        from webauthn import generate_registration_options
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        with self._ledger.read() as tx:
            if refused := _too_old(tx, session):
                return refused
            rows = _rows(tx, session.person)
            if len(rows) >= _MOST:
                return Refused(reason=f"you have {_MOST} passkeys; remove one that you do not use", code="too-many")
            email, name = person_email(tx, session.person), person_name(tx, session.person)
        challenge = secrets.token_bytes(32)
        options = generate_registration_options(
            rp_id=self.site.name,
            rp_name="Presscheck",
            user_id=session.person.encode(),
            user_name=email or name,
            user_display_name=name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in rows],
        )
        return Begun(_as_json(options), self._sealed(challenge, _adding(session)))

    def add(self, session: Session, sealed: str, answer: Mapping[str, Any], *, name: str) -> str | Refused:
        """Keep a new passkey; its id."""
        from webauthn import verify_registration_response
        from webauthn.helpers import bytes_to_base64url

        name = " ".join(name.split())
        if not 1 <= len(name) <= _NAME or not name.isprintable():
            return Refused(reason=f"give the passkey a name of 1 to {_NAME} printable characters", code="bad-name")
        challenge = self._opened(sealed, _adding(session))
        if challenge is None:
            return _TRY_AGAIN
        if not _is_none_attestation(answer):
            return Refused(reason="this device sent an attestation that was not asked for", code="bad-passkey")
        try:
            made = verify_registration_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self.site.name,
                expected_origin=self.site.origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - the library's parsers raise whatever a hostile answer makes them raise
            return Refused(
                reason="the device's answer does not belong to this page, or did not check who you are; try again",
                code="bad-passkey",
            )
        credential, key = bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key)
        passkey = digest_of(f"presscheck-passkey:{credential}")
        table = tables.passkeys
        with self._ledger.write() as tx:
            if refused := _too_old(tx, session):
                return refused
            if len(_rows(tx, session.person)) >= _MOST:
                return Refused(reason=f"you have {_MOST} passkeys; remove one that you do not use", code="too-many")
            # One that was ever here, anybody's, is not taken again: what was removed stays removed.
            if tx.events(EventKind.PASSKEY_ADDED, subject=passkey):
                return Refused(reason="this passkey was added here before; make a new one", code="bad-passkey")
            if not spend(tx, f"challenge:{challenge.hex()}", person=session.person):
                return _TRY_AGAIN
            event = tx.append(
                EventKind.PASSKEY_ADDED,
                passkey,
                {
                    "person": session.person,
                    "key": _key_digest(session.person, credential, key),
                    "count": made.sign_count,
                },
            )
            # A row without an event was planted.
            tx.execute(delete(table).where(table.c.id == passkey))
            row = {"id": passkey, "person": session.person, "name": name, "credential": credential, "public_key": key}
            tx.execute(insert(table), {**row, "at": event.at})
        return passkey

    def remove(self, session: Session, passkey: str) -> Refused | None:
        """Take a passkey away, and end the sessions that it opened. The last way to sign in stays."""
        with self._ledger.write() as tx:
            if refused := _too_old(tx, session):
                return refused
            mine = [row.id for row in _rows(tx, session.person)]
            if passkey not in mine:
                return Refused(reason="you have no such passkey", code="unknown-passkey")
            others = len(mine) > 1 or credential_of(tx, session.person) is not None
            if not others and not identities_of(tx, session.person, self._accounts.issuer):
                return Refused(reason="this is your only way to sign in; add another first", code="last-way")
            tx.append(EventKind.PASSKEY_REMOVED, passkey, {"person": session.person})
            tx.execute(delete(tables.passkeys).where(tables.passkeys.c.id == passkey))
        return None

    # ------------------------------------------------------------ signing in

    def begin_sign_in(self) -> Begun:
        """Options to sign in with; they name nobody, because the device knows whose it is."""
        return self._begin("sign-in")

    def sign_in(self, sealed: str, answer: Mapping[str, Any]) -> SignedIn | Refused:
        """Open a session. A locked password does not stand in the way."""

        def opened(tx: Writer, person: str, passkey: str) -> SignedIn:
            hours = self._accounts.session_hours
            token, expires_at = open_session(tx, person, hours=hours, way="passkey", passkey=passkey)
            session = find_session(tx, token)
            if session is None:
                raise LedgerError("a session was opened and does not count: is the door's pinned key its own?")
            return SignedIn(token, session, expires_at)

        return self._proved("sign-in", sealed, answer, opened)

    def begin_step_up(self, session: Session) -> Begun:
        """Options to prove again who is there; the answer is good for this session alone."""
        return self._begin(_stepping(session))

    def step_up(self, session: Session, sealed: str, answer: Mapping[str, Any]) -> SignedIn | Refused:
        """Refresh the session with a passkey of its own person; there is nothing to guess, so nothing is locked."""

        def refreshed(tx: Writer, _person: str, passkey: str) -> SignedIn | Refused:
            return renewed(tx, session, way="passkey", passkey=passkey)

        return self._proved(_stepping(session), sealed, answer, refreshed, person=session.person)

    def _begin(self, purpose: str) -> Begun:
        from webauthn import generate_authentication_options
        from webauthn.helpers.structs import UserVerificationRequirement

        challenge = secrets.token_bytes(32)
        options = generate_authentication_options(
            rp_id=self.site.name, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        return Begun(_as_json(options), self._sealed(challenge, purpose))

    def _proved(
        self,
        purpose: str,
        sealed: str,
        answer: Mapping[str, Any],
        then: Callable[[Writer, str, str], SignedIn | Refused],
        *,
        person: str | None = None,
    ) -> SignedIn | Refused:
        """What `then` makes of person and passkey, once everything about the answer is right; the answer is used up.

        With `person`, nobody else's passkey is right.
        """
        challenge = self._opened(sealed, purpose)
        if challenge is None:
            return _TRY_AGAIN
        credential = answer.get("id")
        passkey = digest_of(f"presscheck-passkey:{credential}") if isinstance(credential, str) else ""
        with self._ledger.read() as tx:
            known = _row(tx, passkey) is not None
        if not known:
            # Nothing is recorded about a stranger's noise, and no flood of it keeps anybody else out.
            return _WRONG
        with self._ledger.write() as tx:
            found = _row(tx, passkey)
            right = found is not None and person in (None, found.person)
            count = self._verified(tx, found, challenge, answer) if found is not None and right else None
            if found is None or count is None:
                if not is_busy(tx):
                    record_refusal(tx, passkey)
                return _WRONG
            if not spend(tx, f"challenge:{challenge.hex()}", person=found.person):
                return _TRY_AGAIN
            tx.append(EventKind.PASSKEY_USED, found.id, {"person": found.person, "count": count})
            return then(tx, found.person, found.id)

    def _verified(self, tx: Reader, row: Row[Any], challenge: bytes, answer: Mapping[str, Any]) -> int | None:
        """The device's counter, if everything about its answer is right."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import base64url_to_bytes

        rights = rights_of(tx, row.person)
        if rights is None or not rights.active or not _is_handle(answer, row.person):
            return None
        try:
            verified = verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self.site.name,
                expected_origin=self.site.origin,
                credential_public_key=base64url_to_bytes(row.public_key),
                credential_current_sign_count=_count(tx, row.id),
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001 - the library's parsers raise whatever a hostile answer makes them raise
            return None
        return verified.new_sign_count

    def _sealed(self, challenge: bytes, purpose: str) -> str:
        until = timestamp(self._ledger.clock() + _VALID)
        return self._seal.close(json.dumps([challenge.hex(), until]), whose=f"passkey:{purpose}")

    def _opened(self, sealed: str, purpose: str) -> bytes | None:
        text = self._seal.open(sealed, whose=f"passkey:{purpose}")
        if text is None:
            return None
        challenge, until = cast("list[str]", json.loads(text))
        return bytes.fromhex(challenge) if timestamp(self._ledger.clock()) < until else None


def passkeys_of(tx: Reader, person: str) -> list[Passkey]:
    """The passkeys that sign this person in, oldest first."""
    found: list[Passkey] = []
    for row in _rows(tx, person):
        used = tx.newest(EventKind.PASSKEY_USED, subject=row.id)
        found.append(Passkey(id=row.id, name=row.name, at=row.at, used_at="" if used is None else used.at))
    return found


def _rows(tx: Reader, person: str) -> list[Row[Any]]:
    table = tables.passkeys
    rows = tx.execute(select(table).where(table.c.person == person).order_by(table.c.at)).all()
    return [row for row in rows if _counts(tx, row)]


def _row(tx: Reader, passkey: str) -> Row[Any] | None:
    row = tx.execute(select(tables.passkeys).where(tables.passkeys.c.id == passkey)).first()
    return row if row is not None and _counts(tx, row) else None


def _counts(tx: Reader, row: Row[Any]) -> bool:
    """Whether the row is what the door signed, was not removed, and is not from before the person enrolled anew."""
    events = tx.events(EventKind.PASSKEY_ADDED, EventKind.PASSKEY_REMOVED, subject=row.id)
    if not events or events[-1].kind != EventKind.PASSKEY_ADDED:
        return False
    signed = events[-1]
    if signed.data["person"] != row.person:
        return False
    if signed.data["key"] != _key_digest(row.person, row.credential, row.public_key):
        return False
    ending = (EventKind.PERSON_ENROLLED, EventKind.PERSON_REVOKED)
    return not tx.events(*ending, subject=row.person, after=signed.seq)


def _count(tx: Reader, passkey: str) -> int:
    """The device's counter when it was last seen, as the door signed it."""
    used = tx.newest(EventKind.PASSKEY_USED, subject=passkey) or tx.newest(EventKind.PASSKEY_ADDED, subject=passkey)
    return 0 if used is None else int(used.data["count"])


def _too_old(tx: Reader, session: Session) -> Refused | None:
    # A cookie that somebody took must not become a way in of their own, nor take one away. The session is read
    # again: it may have ended, or grown old, since the request came in.
    current = same_session(tx, session)
    if current is not None and current.is_fresh(tx.now):
        return None
    return Refused(
        reason="prove who you are again first: passkeys are added and removed within ten minutes of it",
        code="step-up",
    )


def _key_digest(person: str, credential: str, key: str) -> str:
    return digest_of([person, credential, key])


def _adding(session: Session) -> str:
    return f"add:{session.person}:{session.token_hash}"


def _stepping(session: Session) -> str:
    return f"step-up:{session.token_hash}"


def _is_handle(answer: Mapping[str, Any], person: str) -> bool:
    from webauthn.helpers import base64url_to_bytes

    response = answer.get("response")
    handle = cast("dict[str, Any]", response).get("userHandle") if isinstance(response, dict) else None
    try:
        return isinstance(handle, str) and base64url_to_bytes(handle) == person.encode()
    except ValueError:
        return False


def _is_none_attestation(answer: Mapping[str, Any]) -> bool:
    """Whether the answer carries no attestation: certificates that a stranger sends are not even parsed."""
    from webauthn.helpers import base64url_to_bytes, parse_attestation_object
    from webauthn.helpers.structs import AttestationFormat

    response = answer.get("response")
    sent = cast("dict[str, Any]", response).get("attestationObject") if isinstance(response, dict) else None
    try:
        if not isinstance(sent, str):
            return False
        return parse_attestation_object(base64url_to_bytes(sent)).fmt == AttestationFormat.NONE
    except Exception:  # noqa: BLE001 - the library's parsers raise whatever a hostile answer makes them raise
        return False


def _as_json(options: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    return cast("dict[str, Any]", json.loads(options_to_json(options)))

"""Sessions: what a cookie stands for, for as long as the door's own events say so.

    token, expires_at = open_session(tx, person, hours=12)
    session = find_session(tx, token)          # None: expired, idle, closed, revoked or planted
    token, expires_at = renew_session(tx, session, way="passkey")     # they have just proved who they are

Only the token's hash is stored. A row without a door-signed `session:opened` event is no session. A fresh proof
comes with a fresh token, and ends the old one: a copy of the old cookie gains nothing by it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from presscheck.ledger import EventKind, Reader, Writer, tables, timestamp
from presscheck.ledger.chain import Event
from presscheck.people.rights import Rights, rights_of

IDLE = timedelta(hours=2)
"""A session that nobody used for this long is over."""
FRESH = timedelta(minutes=10)
"""How long a proof of who is there counts as fresh."""
_TOUCH_EVERY = timedelta(minutes=1)
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """Somebody signed in, with the rights that hold at this moment."""

    person: str
    rights: Rights
    token_hash: str
    csrf: str
    expires_at: datetime
    last_seen_at: datetime
    opened_at: datetime
    way: str
    """How the person signed in: password, passkey or oidc."""
    passkey: str
    """The passkey that opened it, empty for another way."""
    proved_at: datetime
    """When the person last proved who they are, by a factor and not by the cookie."""
    fresh_until: datetime
    """Until then that proof is young enough for what must not rest on an old cookie: `proved_at` and FRESH."""

    def is_fresh(self, now: datetime) -> bool:
        """Whether the proof of who is there is young enough at `now`."""
        return now < self.fresh_until


def open_session(
    tx: Writer,
    person: str,
    *,
    hours: float,
    way: str = "password",
    passkey: str = "",
    proved_at: datetime | None = None,
) -> tuple[str, datetime]:
    """A fresh token for the cookie and when it ends. The token is nowhere else.

    `proved_at` is when the person last proved who they are, where that is not now.
    """
    token = secrets.token_urlsafe(32)
    expires_at = tx.now + timedelta(hours=hours)
    token_hash = _hash(token)
    body = {"person": person, "expires_at": timestamp(expires_at), "way": way}
    body["proved_at"] = timestamp(min(proved_at or tx.now, tx.now))
    if passkey:
        body["passkey"] = passkey
    event = tx.append(EventKind.SESSION_OPENED, token_hash, body)
    row = {
        "token_hash": token_hash,
        "person": person,
        "opened_at": event.at,
        "expires_at": timestamp(expires_at),
        "last_seen_at": timestamp(tx.now),
    }
    tx.execute(insert(tables.sessions), row)
    return token, expires_at


def renew_session(
    tx: Writer, session: Session, *, way: str, passkey: str = "", proved_at: datetime | None = None
) -> tuple[str, datetime]:
    """A fresh token in place of the session's, for a person who has just proved who they are; it ends no later.

    `way` is how (password, passkey or oidc), `proved_at` when, where that is not now. Whoever else holds
    the old token, because they stole it or put it there, holds nothing from now on.
    """
    proved_at = min(proved_at or tx.now, tx.now)
    close_session(tx, session.token_hash, why="renewed")
    hours = (session.expires_at - tx.now) / timedelta(hours=1)
    # It stays what it was, with its first proof: the new proof is an event of its own.
    token, expires_at = open_session(
        tx, session.person, hours=hours, way=session.way, passkey=session.passkey, proved_at=session.proved_at
    )
    body = {"person": session.person, "way": way, "proved_at": timestamp(proved_at)}
    body["until"] = timestamp(proved_at + FRESH)
    if passkey:
        body["passkey"] = passkey
    tx.append(EventKind.SESSION_REFRESHED, _hash(token), body)
    return token, expires_at


def find_session(tx: Reader, token: str) -> Session | None:
    """Who holds this token now; None unless everything about it still stands."""
    return _find(tx, _hash(token), _csrf(token))


def same_session(tx: Reader, session: Session) -> Session | None:
    """The session as it stands now, read again by whoever found it earlier; None once it has ended."""
    return _find(tx, session.token_hash, session.csrf)


def session_named(tx: Reader, token_hash: str) -> Session | None:
    """The session with this token's hash, to end or to renew it: nobody without the token writes with it."""
    return _find(tx, token_hash, "")


def _find(tx: Reader, token_hash: str, csrf: str) -> Session | None:
    kinds = (EventKind.SESSION_OPENED, EventKind.SESSION_CLOSED, EventKind.SESSION_REFRESHED)
    events = tx.events(*kinds, subject=token_hash)
    if not events or events[0].kind != EventKind.SESSION_OPENED:
        return None
    opened, *later = events
    if any(event.kind != EventKind.SESSION_REFRESHED for event in later):
        return None
    person = str(opened.data["person"])
    expires_at = datetime.fromisoformat(opened.data["expires_at"])
    last_seen_at = _last_seen(tx, token_hash)
    if last_seen_at is None or tx.now >= expires_at or tx.now - last_seen_at >= IDLE:
        return None
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return None
    # A new password or authenticator ends every session that was opened with the old one.
    ending = (EventKind.CREDENTIAL_SET, EventKind.PERSON_ENROLLED, EventKind.PERSON_REVOKED)
    if tx.events(*ending, subject=person, after=opened.seq):
        return None
    # So does taking away the passkey that opened it: it may be lost, and its finder signed in.
    if _lost(tx, opened):
        return None
    proved_at = _proved_at(tx, opened, later)
    return Session(
        person=person,
        rights=rights,
        token_hash=token_hash,
        csrf=csrf,
        expires_at=expires_at,
        last_seen_at=last_seen_at,
        opened_at=datetime.fromisoformat(opened.at),
        way=str(opened.data.get("way", "password")),
        passkey=str(opened.data.get("passkey", "")),
        proved_at=proved_at,
        fresh_until=proved_at + FRESH,
    )


def _proved_at(tx: Reader, opened: Event, refreshed: list[Event]) -> datetime:
    """When the session's own person last proved who they are, as the door has signed it."""
    proofs = [opened, *(event for event in refreshed if event.data.get("person") == opened.data["person"])]
    moments = [
        datetime.fromisoformat(event.data.get("proved_at", event.at)) for event in proofs if not _lost(tx, event)
    ]
    # A proof from the future, because a clock went back, proves nothing: it would stay fresh for ever.
    past = [moment for moment in moments if moment <= tx.now + _SKEW]
    return min(max(past, default=tx.now - FRESH), tx.now)


def _lost(tx: Reader, event: Event) -> bool:
    """Whether the passkey that the proof was given with has been removed since."""
    passkey = event.data.get("passkey")
    return bool(passkey) and bool(tx.events(EventKind.PASSKEY_REMOVED, subject=passkey))


def touch_session(tx: Writer, session: Session) -> None:
    """Remember that the session was used."""
    table = tables.sessions
    tx.execute(update(table).where(table.c.token_hash == session.token_hash).values(last_seen_at=timestamp(tx.now)))


def wants_touch(session: Session, now: datetime) -> bool:
    """Whether it is worth a write to remember this use."""
    return now - session.last_seen_at >= _TOUCH_EVERY


def close_session(tx: Writer, token_hash: str, *, why: str) -> None:
    """End a session for good; the event counts, the row is for display."""
    if tx.events(EventKind.SESSION_CLOSED, subject=token_hash):
        return
    event = tx.append(EventKind.SESSION_CLOSED, token_hash, {"why": why})
    table = tables.sessions
    tx.execute(update(table).where(table.c.token_hash == token_hash).values(closed_at=event.at))


def close_sessions_of(tx: Writer, person: str, *, why: str) -> int:
    """End every open session of a person; how many there were."""
    closed = {event.subject for event in tx.events(EventKind.SESSION_CLOSED)}
    theirs = [
        event.subject
        for event in tx.events(EventKind.SESSION_OPENED)
        if event.data["person"] == person and event.data["expires_at"] > timestamp(tx.now)
    ]
    still_open = [token_hash for token_hash in theirs if token_hash not in closed]
    for token_hash in still_open:
        close_session(tx, token_hash, why=why)
    return len(still_open)


def _last_seen(tx: Reader, token_hash: str) -> datetime | None:
    table = tables.sessions
    text = tx.execute(select(table.c.last_seen_at).where(table.c.token_hash == token_hash)).scalar()
    try:
        seen = None if text is None else datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    # A time in the future would keep a session awake for ever.
    return None if seen is None or seen.tzinfo is None or seen > tx.now + timedelta(minutes=5) else seen


def _hash(token: str) -> str:
    return hashlib.sha256(b"presscheck-session:" + token.encode("utf-8", "replace")).hexdigest()


def _csrf(token: str) -> str:
    # Derived and not kept, so nobody who reads the table learns it.
    return hmac.new(token.encode("utf-8", "replace"), b"presscheck-csrf", hashlib.sha256).hexdigest()

"""Sessions: what a cookie stands for, for as long as the door's own events say so.

    token, session = open_session(tx, person, hours=12)
    session = find_session(tx, token)          # None: expired, idle, closed, revoked or planted

Only the token's hash is stored. A row without a door-signed `session:opened` event is no session.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from presscheck.ledger import EventKind, Reader, Writer, tables, timestamp
from presscheck.people.rights import Rights, rights_of

__all__ = [
    "FRESH",
    "IDLE",
    "Session",
    "close_session",
    "close_sessions_of",
    "find_session",
    "open_session",
    "touch_session",
]

IDLE = timedelta(hours=2)
"""A session that nobody used for this long is over."""
FRESH = timedelta(minutes=10)
"""How long a proof of who is there counts as fresh."""
_TOUCH_EVERY = timedelta(minutes=1)


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
    fresh_until: datetime
    """Until then the proof of who is there is young enough for what must not rest on an old cookie."""


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


def find_session(tx: Reader, token: str) -> Session | None:
    """Who holds this token now; None unless everything about it still stands."""
    token_hash = _hash(token)
    events = tx.events(EventKind.SESSION_OPENED, EventKind.SESSION_CLOSED, subject=token_hash)
    if len(events) != 1 or events[0].kind != EventKind.SESSION_OPENED:
        return None
    opened = events[0]
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
    passkey = opened.data.get("passkey")
    if passkey and tx.events(EventKind.PASSKEY_REMOVED, subject=passkey):
        return None
    opened_at = datetime.fromisoformat(opened.at)
    proved_at = datetime.fromisoformat(opened.data.get("proved_at", opened.at))
    return Session(
        person=person,
        rights=rights,
        token_hash=token_hash,
        csrf=_csrf(token),
        expires_at=expires_at,
        last_seen_at=last_seen_at,
        opened_at=opened_at,
        way=str(opened.data.get("way", "password")),
        fresh_until=proved_at + FRESH,
    )


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
    except ValueError:
        return None
    # A time in the future would keep a session awake for ever.
    return None if seen is None or seen.tzinfo is None or seen > tx.now + timedelta(minutes=5) else seen


def _hash(token: str) -> str:
    return hashlib.sha256(b"presscheck-session:" + token.encode("utf-8", "replace")).hexdigest()


def _csrf(token: str) -> str:
    # Derived and not kept, so nobody who reads the table learns it.
    return hmac.new(token.encode("utf-8", "replace"), b"presscheck-csrf", hashlib.sha256).hexdigest()

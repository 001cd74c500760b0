"""The address of a person's calendar: a secret, shown once, that can be taken back and made anew.

    token = make_address(tx, person)        # any earlier one ends
    end_address(tx, person)
    person = person_of(tx, token)           # None where it opens nothing

Only its digest is kept, in the chain. It opens nothing from the moment in which its person has left or holds no role,
and nothing again when they come back: whoever comes back makes a new one.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.people.rights import rights_of, rights_since

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes, as `secrets.token_urlsafe` writes them."""
_KINDS = (EventKind.CALENDAR_ADDRESS_MADE, EventKind.CALENDAR_ADDRESS_ENDED)


def make_address(tx: Writer, person: str) -> str:
    """Make the person's address anew; its secret part, which nobody can read again."""
    end_address(tx, person)
    token = secrets.token_urlsafe(32)
    tx.append(EventKind.CALENDAR_ADDRESS_MADE, digest_of_token(token), {"person": person})
    return token


def end_address(tx: Writer, person: str) -> bool:
    """Take the person's address back; whether there was one."""
    made = _standing(tx, person)
    for event in made:
        tx.append(EventKind.CALENDAR_ADDRESS_ENDED, event.subject, {"person": person})
    return bool(made)


def made_at(tx: Reader, person: str) -> datetime | None:
    """Since when the person has an address; None for nobody's."""
    made = _standing(tx, person)
    return datetime.fromisoformat(made[-1].at) if made and _has_stayed(tx, made[-1]) else None


def person_of(tx: Reader, token: str) -> str | None:
    """Whose calendar an address opens now."""
    if _TOKEN.fullmatch(token) is None:
        return None
    digest = digest_of_token(token)
    events = tx.events(*_KINDS, subject=digest)
    made = events[-1] if events and events[-1].kind == EventKind.CALENDAR_ADDRESS_MADE else None
    # The database has compared the digests already, which tells nobody anything of the secret; this compares in full.
    if made is None or not hmac.compare_digest(made.subject, digest) or not _has_stayed(tx, made):
        return None
    return str(made.data["person"])


def digest_of_token(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(b"presscheck-calendar:" + token.encode()).hexdigest()


def _standing(tx: Reader, person: str) -> list[Event]:
    found: dict[str, Event] = {}
    for event in tx.events(*_KINDS):
        if event.data.get("person") == person:
            found[event.subject] = event
    return [event for event in found.values() if event.kind == EventKind.CALENDAR_ADDRESS_MADE]


def _has_stayed(tx: Reader, made: Event) -> bool:
    """Whether the person has been here without a break since the address was made."""
    person = str(made.data["person"])
    now = rights_of(tx, person)
    return now is not None and bool(now.roles) and all(then.roles for then in rights_since(tx, person, made.seq))

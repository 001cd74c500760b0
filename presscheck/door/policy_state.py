"""How the policies stand, for whoever asks the door: what is in force, what waits for a signature, what changed.

state_of(door, session)               # for the page and the API, one look
sign(door, session, shown)            # PolicySignature, or Refused with its reason
news_for(tx, door.desk)               # what the inbox says of it
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from presscheck.addresses import account_address
from presscheck.cleaning import clean_line, clean_text
from presscheck.desk import Desk, PoliciesInForce
from presscheck.desk.changing import (
    NOTHING_WAITS,
    PolicyChange,
    PolicySignature,
    Shown,
    WaitingChange,
    changed_since,
    may_sign,
    policy_changes,
    sign_policies,
    waiting_change,
)
from presscheck.desk.current import last_signature
from presscheck.door.doorway import Doorway
from presscheck.door.policy_writers import Writers, writers_of
from presscheck.errors import PolicyError
from presscheck.ledger import Reader, timestamp
from presscheck.models import Refused
from presscheck.people.rights import find_person, person_name
from presscheck.people.sessions import Session

_SHOWN = 20
_IN_INBOX = 3
_NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class News:
    """What the inbox says: what waits, what is wrong with the files, and the changes of the last week."""

    waiting: WaitingChange | None
    trouble: str
    changes: tuple[dict[str, Any], ...]


def news_for(tx: Reader, desk: Desk) -> News:
    """What whoever opens their inbox should know of the policies."""
    waiting = waiting_change(tx, desk.policies)
    recent = [one for one in policy_changes(tx, most=_IN_INBOX) if tx.now - one.at < _NEW_FOR]
    return News(
        waiting=None if isinstance(waiting, Refused) else waiting,
        trouble=clean_text(waiting.reason) if isinstance(waiting, Refused) else "",
        changes=tuple(shown_change(tx, one) for one in recent),
    )


def state_of(door: Doorway, session: Session) -> dict[str, Any]:
    """Everything about the policies as they stand, in plain values."""
    with door.ledger.read() as tx:
        policies = door.desk.policies
        waiting = waiting_change(tx, policies)
        return {
            "signed": isinstance(policies, PoliciesInForce) and policies.needs_signature(last_signature(tx)),
            "in_force": _in_force(tx, door),
            "trouble": clean_text(waiting.reason) if isinstance(waiting, Refused) else "",
            "waiting": _waiting(tx, door, waiting, session) if isinstance(waiting, WaitingChange) else None,
            "changes": [shown_change(tx, one) for one in policy_changes(tx, most=_SHOWN)],
        }


def sign(door: Doorway, session: Session, shown: Shown) -> PolicySignature | Refused:
    """Put this person's name under what waits, if that is what was shown."""
    with door.ledger.read() as tx:
        waiting = waiting_change(tx, door.desk.policies)
        if not isinstance(waiting, WaitingChange):
            return waiting or NOTHING_WAITS
        if waiting.shown != shown:
            return changed_since(waiting)
        # Reading a history may take a second, so it is done before anybody else has to wait for the ledger.
        known = _writers(tx, door, waiting)
    with door.ledger.write() as tx:
        # Judged anew there: it signs what was shown, whose writers these are, or nothing.
        return sign_policies(
            tx,
            door.desk.policies,
            shown,
            person=session.person,
            proved_at=session.proved_at,
            writers=known.addresses,
            commit=known.commit,
        )


def shown_change(tx: Reader, change: PolicyChange) -> dict[str, Any]:
    """One change, for people."""
    return {
        "at": timestamp(change.at),
        "moment": change.at,
        "set": change.set,
        "by": person_name(tx, change.person) if change.person else "",
        "role": change.role,
        "lines": [line.model_dump() for line in change.lines],
        "left_out": change.left_out,
    }


def _in_force(tx: Reader, door: Doorway) -> dict[str, Any] | None:
    policies = door.desk.policies
    try:
        loaded = policies.at(tx) if isinstance(policies, PoliciesInForce) else None
        found = policies() if loaded is None else loaded.policies
    except PolicyError:
        return None
    last = last_signature(tx)
    by_signature = isinstance(policies, PoliciesInForce) and last is not None and policies.needs_signature(last)
    return {
        "set": found.digest if loaded is None else loaded.texts.digest,
        "policies": len(found.versions) + len(found.prompts),
        "by": person_name(tx, str(last.data["person"])) if last is not None and by_signature else "",
        "role": str(last.data["role"]) if last is not None and by_signature else "",
        "at": last.at if last is not None and by_signature else "",
    }


def _waiting(tx: Reader, door: Doorway, waiting: WaitingChange, session: Session) -> dict[str, Any]:
    known = _writers(tx, door, waiting)
    policies = door.desk.policies
    role = may_sign(tx, policies, waiting, person=session.person, proved_at=session.proved_at, writers=known.addresses)
    return {
        "set": waiting.set,
        "before": waiting.before,
        "first": waiting.first,
        "since": None if waiting.since is None else timestamp(waiting.since),
        "lines": [line.model_dump() for line in waiting.lines],
        "differing": clean_text(waiting.differing),
        "writers": [clean_line(_named(tx, address))[:320] for address in known.addresses],
        "unknown": [clean_line(place) for place in known.unknown],
        "whole": known.whole,
        "may_sign": not isinstance(role, Refused),
        "code": role.code if isinstance(role, Refused) else "",
        "why_not": role.reason if isinstance(role, Refused) else "",
    }


def _writers(tx: Reader, door: Doorway, waiting: WaitingChange) -> Writers:
    """Who wrote what waits, by the files' history and by what the prompts say of themselves."""
    policies = door.desk.policies
    if not isinstance(policies, PoliciesInForce):
        return Writers()
    last = last_signature(tx)
    before = None
    if waiting.before is not None:
        try:
            before = policies.kept(tx, waiting.before)
        except PolicyError:
            # What was signed cannot be read any more: then all that the files hold is new to whoever signs.
            before = None
    since = "" if last is None or before is None else str(last.data.get("commit", ""))
    found = writers_of(
        policies.files.overlay, None if before is None else before.texts, waiting.loaded.texts, since=since
    )
    then = {} if before is None else {prompt.id: prompt.digest for prompt in before.policies.prompts}
    edited = {
        account_address(prompt.edited_by)
        for prompt in waiting.loaded.policies.prompts
        if prompt.edited_by and then.get(prompt.id) != prompt.digest
    }
    return Writers(tuple(sorted({*found.addresses, *edited})), found.unknown, found.commit, found.whole)


def _named(tx: Reader, address: str) -> str:
    person = find_person(tx, address)
    return address if person is None else person_name(tx, person)

"""A way back for an address whose mail bounced: two people say the same, one after the other.

    lift = lift_bounce(tx, "ada@example.com", person=person)      # Lift, or Refused; done with the second
    lift = lift_bounce(tx, "D-0123456789ab", person=person)       # all that bounced of a delivery, likewise

Some days a provider calls all its readers unknown and takes it back: a delivery's bounces are lifted together.

Never for somebody who left, complained or was put on the list: those have a row that no event takes out. What the
two say holds for the suppressions that stand now; the next bounce is another one. What counts is read anew from
signed events by whoever writes to people (`presscheck.ledger.suppressions.lifted`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from presscheck.addresses import address_hash
from presscheck.desk.stopping import request_of
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.chain import Event
from presscheck.ledger.feedback import has_complained
from presscheck.ledger.suppressions import bounced_of, can_lift, standing_among
from presscheck.models import Refused
from presscheck.people.rights import WEIGHTY, Rights, rights_of
from presscheck.people.same_person import same_person

VALID = timedelta(hours=72)
"""How long the first person's word waits for the second's."""


@dataclass(frozen=True)
class Lift:
    """What came of it: `confirmed_by` is empty while a second person has to say the same."""

    by: str
    confirmed_by: str
    expires_at: datetime


def lift_bounce(tx: Writer, given: str, *, person: str) -> Lift | Refused:
    """Say that an address, or all that bounced of a delivery (`D-...`), may be written to again.

    It may be once another person has said so within 72 hours.
    """
    if not _may(rights_of(tx, person)):
        return Refused(
            code="no-right", reason="Only an administrator or somebody who decides may let an address back in."
        )
    subject = given if given.startswith("D-") and "@" not in given else address_hash(given)
    bounced = _of_delivery(tx, subject) if subject == given else _of_address(tx, subject)
    if isinstance(bounced, Refused):
        return bounced
    first = _open_proposal(tx, subject, bounced)
    if first is None:
        event = tx.append(EventKind.LIFT_PROPOSED, subject, {"person": person, "suppressions": bounced})
        return Lift(person, "", datetime.fromisoformat(event.at) + VALID)
    by = str(first.data["person"])
    if person == by or person in same_person(tx, by):
        return Refused(code="not-second", reason="You said so already; now another person has to say the same.")
    body = {"person": person, "proposal": first.seq, "suppressions": first.data["suppressions"]}
    tx.append(EventKind.ADDRESS_LIFTED, subject, body)
    return Lift(by, person, datetime.fromisoformat(first.at) + VALID)


def _of_address(tx: Reader, hashed: str) -> list[int] | Refused:
    standing = standing_among(tx, [hashed]).get(hashed, [])
    if not standing:
        return Refused(code="not-suppressed", reason="This address is not on the list; nothing was changed.")
    if has_complained(tx, hashed) or not all(map(can_lift, standing)):
        return Refused(
            code="for-good",
            reason="This address is on the list for good: its owner left or complained, or somebody put it there, or "
            "it bounced before there was a way back. Only its owner can sign up again, with another address.",
        )
    return [event.seq for event in standing if event is not None]


def _of_delivery(tx: Reader, delivery: str) -> list[int] | Refused:
    request = request_of(tx, delivery)
    # Whoever left or complained has a row of their own, which is none of these.
    bounced = [] if request is None else bounced_of(tx, delivery, request.run)
    if bounced:
        return bounced
    return Refused(code="not-suppressed", reason="Nothing of this delivery bounced that could be lifted.")


def _may(rights: Rights | None) -> bool:
    return rights is not None and any(rights.may(role, ()) for role in WEIGHTY)


def _open_proposal(tx: Reader, subject: str, bounced: list[int]) -> Event | None:
    """The newest word of somebody who still may give it, about these suppressions and not older than 72 hours.

    Of a delivery more may have bounced since: what the second person confirms is what the first one saw.
    """
    for event in reversed(tx.events(EventKind.LIFT_PROPOSED, subject=subject)):
        recent = tx.now < datetime.fromisoformat(event.at) + VALID
        if (
            recent
            and set(event.data["suppressions"]) <= set(bounced)
            and _may(rights_of(tx, str(event.data["person"])))
        ):
            return event
    return None

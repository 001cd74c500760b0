"""A gap in the ledger is signed: two people have read what a copy lacks that was put back, and go on with it.

    signed = sign_gap(tx, heads, digest, person=person, proved_at=proved_at)    # GapSigned, or Refused
    barred = began_before_gap(tx, run)                                          # why nothing of a run goes out any more

They sign exactly the heads and restorations that they were shown, each with a fresh proof; one of them decides. What
the lost events said nobody knows: a run that was begun before may have gone out already, so nothing of it goes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.campaigns import made_at
from presscheck.ledger.chain import Event
from presscheck.ledger.gaps import Gap, gap_of, gap_signed
from presscheck.ledger.heads import Head
from presscheck.models import Refused
from presscheck.people.rights import DECIDING, WEIGHTY, Rights, rights_of
from presscheck.people.same_person import same_person
from presscheck.people.sessions import FRESH

VALID = timedelta(hours=72)
"""How long the first person's name waits for the second's."""


@dataclass(frozen=True)
class GapSigned:
    """What came of it: `confirmed_by` is empty while a second person has to sign the same."""

    by: str
    confirmed_by: str
    expires_at: datetime


def sign_gap(
    tx: Writer, heads: Iterable[Head], digest: str, *, person: str, proved_at: datetime | None
) -> GapSigned | Refused:
    """Put one's name under what the ledger lacks, if it is what was shown (`Gap.digest`).

    `heads` were read before; they never lead the ledger. With the second person's name the gap is on record.
    """
    rights = rights_of(tx, person)
    if not _may(rights, WEIGHTY):
        return Refused(code="no-right", reason="Only an administrator or somebody who decides may sign a gap.")
    if proved_at is None or tx.now - proved_at > FRESH:
        return Refused(code="step-up", reason="Signing a gap takes a fresh proof of who you are, at /step-up.")
    gap = gap_of(tx, heads)
    if gap is None:
        return Refused(code="no-gap", reason="This ledger lacks nothing that nobody has signed; nothing was changed.")
    if gap.digest != digest:
        return Refused(
            code="other-gap",
            reason="What the ledger lacks is not what was shown to you. Read it anew: `presscheck gap`.",
        )
    first = first_signature(tx, gap)
    if first is None:
        event = tx.append(EventKind.LEDGER_GAP_PROPOSED, "ledger", {"person": person, **gap.said})
        return GapSigned(person, "", datetime.fromisoformat(event.at) + VALID)
    by = str(first.data["person"])
    if person == by or person in same_person(tx, by):
        return Refused(code="not-second", reason="You signed it already; now another person has to sign the same.")
    if not _may(rights, DECIDING) and not _may(rights_of(tx, by), DECIDING):
        return Refused(
            code="not-second",
            reason="Two administrators alone do not sign a gap: what may have gone out is for somebody who decides.",
        )
    tip = tx.tip()
    body = {"person": person, "proposal": first.seq, "tip": {"seq": tip.seq, "hash": tip.hash}, **gap.said}
    tx.append(EventKind.LEDGER_GAP_SIGNED, "ledger", body)
    return GapSigned(by, person, datetime.fromisoformat(first.at) + VALID)


def first_signature(tx: Reader, gap: Gap) -> Event | None:
    """The newest signature under this very gap, of somebody who still may give it, not older than 72 hours."""
    for event in reversed(tx.events(EventKind.LEDGER_GAP_PROPOSED)):
        same = all(event.data.get(key) == value for key, value in gap.said.items())
        recent = tx.now < datetime.fromisoformat(event.at) + VALID
        if same and recent and _may(rights_of(tx, str(event.data["person"])), WEIGHTY):
            return event
    return None


def began_before_gap(tx: Reader, run: str) -> Refused | None:
    """Why nothing of a run goes out: it was begun before a gap on record, or nobody knows since when it is.

    A run that the ledger has lost begins anew in it when it wakes; when it was made the door knows from Prefect.
    """
    gap = gap_signed(tx)
    if gap is None:
        return None
    kinds = (EventKind.CAMPAIGN_OPENED, EventKind.RUN_STARTED, EventKind.RUN_FOUND, EventKind.REVIEW_OPENED)
    first, made = next(iter(tx.events(*kinds, run=run)), None), made_at(tx, run)
    if first is not None and first.seq > gap.seq and made is not None and made > datetime.fromisoformat(gap.at):
        return None
    return Refused(
        code="before-gap",
        reason=f"The ledger was put back from a copy, as event {gap.seq} says. This run is older than that, or nobody "
        "knows how old it is: it may have gone out already, so nothing of it goes out now. Start the campaign again.",
    )


def _may(rights: Rights | None, roles: Iterable[str]) -> bool:
    return rights is not None and any(rights.may(role, ()) for role in roles)

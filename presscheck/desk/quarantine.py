"""Whether a row that reads like an order to a machine is let in: by whoever answers for what the machine is told.

    said = let_row_in(tx, policies, row, person=..., proved_at=..., note="...")    # None, or Refused
    said = hold_row_again(tx, policies, row, person=...)                           # the way back

It counts for exactly this row. The right is that of approving a prompt, because that is what a row becomes part of:
not for whoever wrote the brief that wants it, nor for whoever started the run, and only after a fresh proof.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from presscheck.cleaning import clean_text
from presscheck.desk.voices import moment
from presscheck.ledger import Reader, Writer
from presscheck.ledger.campaigns import starters_of
from presscheck.ledger.quarantine import (
    Quarantined,
    find_quarantined,
    quarantined_rows,
    release_row,
    take_back_release,
)
from presscheck.models import Refused
from presscheck.people.rights import Rights, active_rights, email_digest, person_email, rights_of
from presscheck.people.same_person import plain_address, same_person
from presscheck.people.sessions import FRESH

if TYPE_CHECKING:
    from policies import PolicySet
    from policies.engine.rights import Own

SHORTEST, LONGEST = 10, 1_000
"""Characters of a reason."""
_SHORTEST_NAME = 8


def row_named(tx: Reader, given: str) -> Quarantined | Refused:
    """The row of a digest, of its first eight characters or more, or of an id that one row alone has."""
    name = given.strip()
    whole = find_quarantined(tx, name) if len(name) == 64 else None
    if whole is not None:
        return whole
    rows = quarantined_rows(tx)
    digests = [one for one in rows if len(name) >= _SHORTEST_NAME and one.digest.startswith(name)]
    found = digests or [one for one in rows if name and one.row.id == name]
    if len(found) == 1:
        return found[0]
    if found:
        near = ", ".join(one.digest[:12] for one in found[:5])
        return Refused(code="bad-row", reason=f"There are {len(found)} rows of that name; say which: {near}.")
    return Refused(code="no-row", reason="No such row was held; `presscheck quarantine list` shows those that were.")


def let_row_in(
    tx: Writer, policies: "PolicySet", row: Quarantined, *, person: str, proved_at: datetime | None, note: str
) -> Refused | None:
    """Let exactly this row in, from the next opening of a campaign on."""
    why = clean_text(note).strip()
    if not SHORTEST <= len(why) <= LONGEST:
        told = f"Say why in {SHORTEST} to {LONGEST:,} characters: what it says, and why it is no order to a machine."
        return Refused(code="no-reason", reason=told)
    role = may_let_in(tx, policies, row, person=person, proved_at=proved_at)
    if isinstance(role, Refused):
        return role
    if row.released is not None:
        return Refused(code="already", reason="This row was let in already.")
    if row.cells is None:
        told = "Nobody can read the words of this row: they were erased, or are not those that were held."
        return Refused(code="no-words", reason=f"{told} Run the campaign again, and they are held anew.")
    release_row(tx, row.digest, person=person, role=role, note=why)
    return None


def hold_row_again(tx: Writer, policies: "PolicySet", row: Quarantined, *, person: str) -> Refused | None:
    """Take back that a row was let in. What was opened with it goes on under the reviews that it has."""
    role = may_let_in(tx, policies, row, person=person, proved_at=moment(tx))
    if isinstance(role, Refused):
        return role
    if row.released is None:
        return Refused(code="already", reason="This row is held already.")
    take_back_release(tx, row.digest, person=person, role=role)
    return None


def may_let_in(
    tx: Reader, policies: "PolicySet", row: Quarantined, *, person: str, proved_at: datetime | None
) -> str | Refused:
    """The role by which somebody may let this row in."""
    from policies.engine.rights import Asking, Matter

    rights = active_rights(tx, person)
    if isinstance(rights, Refused):
        return rights
    matter = Matter(kinds=("prompt",), own=_own(tx, row, rights))
    fresh = proved_at is not None and moment(tx) - proved_at <= FRESH
    said, stale = "none of your roles may say what a machine is told", False
    for grant in rights.grants:
        asking = Asking(
            action="approve_prompt",
            person=person,
            role=grant.role,
            markets=grant.markets,
            fresh=fresh,
            matter=matter,
        )
        answer = policies.rights.decide(asking)
        if answer.allowed:
            return grant.role
        stale = stale or policies.rights.decide(asking.model_copy(update={"fresh": True})).allowed
        said = answer.why or said
    if stale:
        return Refused(code="step-up", reason="Prove anew who you are at /step-up, and say it again.")
    return Refused(code="no-right", reason=f"You may not let this row in: {said}")


def _own(tx: Reader, row: Quarantined, rights: Rights) -> "tuple[Own, ...]":
    """What of it is this person's work, by whichever of their accounts: a brief that wants it, a run that met it."""
    own: dict[Own, None] = {}
    for person in {rights.person, *same_person(tx, rights.person)}:
        held = rights_of(tx, person)
        address = person_email(tx, person)
        known = () if address is None else (email_digest(address), email_digest(plain_address(address)))
        if row.authors & {*known, *(() if held is None else (held.email,))}:
            own["brief"] = None
        if any(person in starters_of(tx, run) for run in row.runs):
            own["run"] = None
    return tuple(own)

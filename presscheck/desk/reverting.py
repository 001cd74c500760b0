"""An older version becomes the current one again, by a person's word; and no older yes comes back with it.

    done = revert_asset(tx, digest, 1, person=person, reason="factual")    # Version, or Refused
    refused = brought_back(tx, manifest.assets, decision.seq)              # where a yes is older than a revert

An approval is of a digest, and an older version has an older digest: somebody may have approved it once.
So a revert ends every approval of its line that was given before it, of the version left and of the
version brought back alike. What went out stays out; what has not gone out yet is held.
"""

from collections.abc import Collection
from typing import cast, get_args

from presscheck.documents.sentences import an, capital, counted
from presscheck.ledger import EventKind, Reader, Writer
from presscheck.ledger.versions import Version, line_of, record_revert, reverts_since
from presscheck.models import ReasonCode, Refused, Review
from presscheck.people.rights import person_name, rights_of

MAY_REVERT = ("author", "engineer")
"""Who keeps the library: neither of them approves by it."""

REVERTED_KINDS = ("copy", "image")
"""What can be brought back: each run asks anew about everything else."""


def revert_asset(tx: Writer, digest: str, number: int, *, person: str, reason: str) -> Version | Refused:
    """Make version `number` of the line that `digest` belongs to the current one, or say why not."""
    rights = rights_of(tx, person)
    if rights is None or not set(MAY_REVERT) & set(rights.roles):
        return Refused(code="no-right", reason="Only an author or an engineer may bring an older version back.")
    if reason not in get_args(ReasonCode):
        return Refused(code="incomplete", reason=f"Give a reason: one of {', '.join(get_args(ReasonCode))}.")
    line = line_of(tx, digest)
    if not line:
        return Refused(code="no-asset", reason=f"There is no asset {digest[:12]} that anybody signed.")
    wanted = next((one for one in line if one.number == number), None)
    if wanted is None:
        return Refused(
            code="no-version",
            reason=f"There is no version {number}; the line has {counted(len(line), 'version')}. See the versions.",
        )
    if wanted.kind not in REVERTED_KINDS:
        why = "cannot be brought back: texts and pictures can, and each run asks anew about everything else"
        reason = f"{capital(an(wanted.kind))} {why}. Start a run with the one that you want."
        return Refused(code="no-revert", reason=reason)
    if wanted.digest == line[-1].digest:
        return Refused(code="no-change", reason=f"Version {number} is what is current already; nothing was changed.")
    record_revert(tx, line, wanted, person=person, reason=cast(ReasonCode, reason))
    return line_of(tx, digest)[-1]


def brought_back(tx: Reader, digests: Collection[str], seq: int) -> Refused | None:
    """Why a yes given at event `seq` holds no more: a version of one of these lines was brought back since."""
    event = next(iter(reverts_since(tx, digests, seq)), None)
    if event is None:
        return None
    who = person_name(tx, str(event.data["author"]["person"]))
    return Refused(
        code="reverted",
        reason=f"{who} brought version {event.data['version']} of {event.subject[:12]} back after this was asked, "
        "so no yes of before holds for it. Ask again in a new run.",
    )


def since_asked(tx: Reader, review: Review, digests: Collection[str]) -> Refused | None:
    """The same for an answer that is given now: whoever answers has seen what was current when it was asked."""
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    return brought_back(tx, digests, opened[0].seq) if opened else None

"""Nobody gets two deliveries of one run, unless people signed that; and nobody who was held out gets any.

    fault = apart_fault(tx, run, audience, besides=("pilot",), home=home)      # Refused, or None

The press asks before a delivery's first permit, and a campaign before it puts a question to people. Who was written to
goes by what the press signed and by the frozen files, by id and by address: of what a worker says, only the hold-outs
count, and they only take people out.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import ValidationError

from presscheck.documents.sentences import counted
from presscheck.errors import AudienceChanged, LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.deliveries import ending_of
from presscheck.ledger.reviews import decision_of, find_review
from presscheck.ledger.splits import sources_of, splits_of
from presscheck.models import Digest, Refused
from presscheck.recipients.audiences import audience_path, is_part_of, people_in_both, verify_audience


def apart_fault(
    tx: Reader, run: str, audience: Digest, *, besides: Collection[str], home: Path, delivery: str = ""
) -> Refused | None:
    """Why an audience of a run may not be written to beside what the run sends otherwise; None where it may.

    `besides` are the gates whose recipients may get this as well. Without a `delivery` of its own, what was only asked
    for counts too.
    """
    try:
        return _together(tx, run, audience, besides, home, delivery)
    except AudienceChanged as error:
        return Refused(code="audience-changed", reason=f"{error}.")
    except LedgerForged as error:
        return Refused(code="broken-split", reason=f"Nobody can say who is held out: {error}. Start the run again.")


def _together(
    tx: Reader, run: str, audience: Digest, besides: Collection[str], home: Path, delivery: str
) -> Refused | None:
    here = _file(home, audience)
    for split in splits_of(tx, run):
        if split.kept_out is not None and (held := people_in_both(here, _file(home, split.kept_out))):
            return Refused(
                code="held-out",
                reason=f"{counted(held, 'recipient')} of it are held out to compare with (the cell {split.hold_out}), "
                "and nobody writes to them in this run. Write to the other cells of the split.",
            )
    for source in sources_of(tx, run, audience) - {audience}:
        if not is_part_of(here, _file(home, source)):
            return Refused(
                code="other-audience",
                reason=f"It says that it is a part of the audience {source[:12]}, and it holds others. Screen the "
                "segment again, and ask again in a new run.",
            )
    for gate, theirs in _written_to(tx, run, delivery):
        if gate in besides or not (twice := people_in_both(here, _file(home, theirs))):
            continue
        return Refused(
            code="twice",
            reason=f"{counted(twice, 'recipient')} of it get what the gate {gate} approved in this run. Split the "
            f'audience, or say that they may get both: propose(..., besides=["{gate}"]).',
        )
    return None


def _written_to(tx: Reader, run: str, delivery: str) -> Iterator[tuple[str, Digest]]:
    """The gates and audiences of the run's other deliveries that came first, as far as anybody may have got one."""
    asked = () if delivery else tx.events(EventKind.DELIVERY_REQUESTED, run=run)
    permits = tx.events(EventKind.PERMIT_ISSUED, run=run)
    mine = next((event.seq for event in permits if event.subject == delivery), None)
    first = {event.subject: event for event in reversed([*permits, *asked])}
    for other, event in first.items():
        if other == delivery or (mine is not None and event.seq > mine) or _reached_nobody(tx, other):
            continue
        named = event.data.get("basis", event.data)
        try:
            review = find_review(tx, str(named.get("review")))
            decision = decision_of(tx, str(named.get("review")))
        except ValidationError as error:
            raise LedgerForged(f"the decision behind {other} cannot be read") from error
        if review is None or decision is None or decision.manifest is None or decision.manifest.audience is None:
            continue
        yield review.question.gate, decision.manifest.audience


def _reached_nobody(tx: Reader, delivery: str) -> bool:
    ending = ending_of(tx, delivery)
    return ending is not None and not any(ending.data.get(state) for state in ("sent", "unknown"))


def _file(home: Path, audience: Digest) -> Path:
    path = audience_path(home, audience)
    verify_audience(path, audience)
    return path

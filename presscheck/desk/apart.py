"""Nobody gets two deliveries of one run, unless people signed that; and nobody who was held out gets any.

    fault = apart_fault(tx, run, audience, besides=("pilot",), home=home)      # Refused, or None

The press asks before a delivery's first permit, and a campaign before it puts a question to people. Who was written to
goes by what the press signed and by the frozen files, by id and by address: of what a worker says, only the hold-outs
count, and they only take people out.
"""

from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from presscheck.documents.sentences import counted
from presscheck.errors import AudienceChanged, LedgerForged
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.deliveries import ending_of
from presscheck.ledger.reviews import decision_of, find_review
from presscheck.ledger.splits import sources_of, splits_of
from presscheck.models import Digest, Manifest, Refused
from presscheck.recipients.audiences import People, audience_path, is_part_of, people_in_both, people_of


def apart_fault(
    tx: Reader, run: str, audience: Digest, *, besides: Collection[str], home: Path, delivery: str = ""
) -> Refused | None:
    """Why an audience of a run may not be written to beside what the run sends otherwise; None where it may.

    `besides` are the gates whose recipients may get this as well. Without a `delivery` of its own, what was only asked
    for counts too.
    """

    # Each file is read once, however many splits and deliveries name it.
    @cache
    def people(of: Digest) -> People:
        return people_of(audience_path(home, of), of)

    try:
        return _held_out(tx, run, audience, people) or _twice(tx, run, audience, besides, delivery, people)
    except AudienceChanged as error:
        return Refused(code="audience-changed", reason=f"{error}.")
    except LedgerForged as error:
        reason = f"Nobody can say who is held out, or gets something else of this run: {error}. Start the run again."
        return Refused(code="broken-split", reason=reason)


def _held_out(tx: Reader, run: str, audience: Digest, people: Callable[[Digest], People]) -> Refused | None:
    kept_out = {split.kept_out: split.hold_out for split in splits_of(tx, run) if split.kept_out is not None}
    for digest, name in kept_out.items():
        if held := people_in_both(people(audience), people(digest)):
            return Refused(
                code="held-out",
                reason=f"{counted(held, 'recipient of it is', 'recipients of it are')} held out to compare with (the "
                f"cell {name}), and nobody writes to them in this run. Write to the other cells of the split, in a "
                "new run.",
            )
    for source in sources_of(tx, run, audience) - {audience}:
        if not is_part_of(people(audience), people(source)):
            return Refused(
                code="other-audience",
                reason=f"It says that it is a part of the audience {source[:12]}, and it holds others. Screen the "
                "segment again, and ask again in a new run.",
            )
    return None


def _twice(
    tx: Reader, run: str, audience: Digest, besides: Collection[str], delivery: str, people: Callable[[Digest], People]
) -> Refused | None:
    for gate, theirs in _written_to(tx, run, besides, delivery):
        if not (twice := people_in_both(people(audience), people(theirs))):
            continue
        return Refused(
            code="twice",
            reason=f"{counted(twice, 'recipient of it gets', 'recipients of it get')} what the gate {gate} approved in "
            "this run. Split the audience, or say that they may get both, and start a new run: "
            f'propose(..., besides=["{gate}"]).',
        )
    return None


def _written_to(tx: Reader, run: str, besides: Collection[str], delivery: str) -> Iterator[tuple[str, Digest]]:
    """The gates and audiences of the run's other deliveries that came first, as far as anybody may have got one.

    What people signed to stand beside this one is none of them.
    """
    permits = tx.events(EventKind.PERMIT_ISSUED, run=run)
    asked = () if delivery else tx.events(EventKind.DELIVERY_REQUESTED, run=run)
    first = {event.subject: event for event in reversed([*permits, *asked])}
    mine = first.pop(delivery, None)
    own_gate = "" if mine is None else _approved_by(tx, mine)[0]
    # Opened again for those who were given up, it comes after whatever went out meanwhile.
    opened = [] if mine is None else [mine, *tx.events(EventKind.DELIVERY_REOPENED, subject=delivery)]
    for other, event in first.items():
        if (opened and event.seq > opened[-1].seq) or _reached_nobody(tx, other):
            continue
        gate, manifest = _approved_by(tx, event)
        if manifest is None or manifest.audience is None or gate in besides:
            continue
        if mine is not None and event.seq > mine.seq and own_gate in manifest.besides:
            continue
        yield gate, manifest.audience


def _approved_by(tx: Reader, event: Event) -> tuple[str, Manifest | None]:
    """The gate and the manifest behind a permit or a request; without a manifest for a request that nothing is behind.

    LedgerForged for a permit: whoever takes out what it rests on, or alters it, does not make its people strangers.
    """
    review = str(event.data.get("basis", event.data).get("review"))
    try:
        asked, decision = find_review(tx, review), decision_of(tx, review)
    except ValidationError as error:
        raise LedgerForged(f"the decision behind {event.subject} cannot be read") from error
    if asked is not None and decision is not None and decision.manifest is not None:
        return asked.question.gate, decision.manifest
    if event.kind == EventKind.PERMIT_ISSUED:
        raise LedgerForged(f"the question or the decision behind {event.subject} is gone")
    return "", None


def _reached_nobody(tx: Reader, delivery: str) -> bool:
    ending = ending_of(tx, delivery)
    return ending is not None and not any(ending.data.get(state) for state in ("sent", "unknown"))

"""Which prompts people approved at a gate: a yes to exactly this name and this text, that still stands.

Only what the door signed counts, of a person who decided: no sample that a rule let through, no broken glass, and no
words that the same person wrote by that answer. It is over when what it rests on is: the decider's right, the policies
it was given under, the brief's last day.
"""

from collections.abc import Iterator

from pydantic import ValidationError
from sqlalchemy import select

from presscheck.assets.described import Described
from presscheck.assets.reading import read_signable
from presscheck.assets.shipped import PromptText
from presscheck.desk.situation import PolicySource
from presscheck.desk.standing import StandingYes, still_stands
from presscheck.digests import digest_of
from presscheck.errors import LedgerError
from presscheck.ledger import EventKind, Reader, tables
from presscheck.ledger.assets import get_asset
from presscheck.ledger.chain import Event
from presscheck.models import Decision, Digest, Frozen, Refused
from presscheck.people.same_person import same_person


class PromptYes(Frozen):
    """One yes to a prompt's text, whether or not it stands."""

    id: str
    words: Digest
    review: str
    person: str
    at: str
    until: str = ""
    """The last day of the brief that it was asked about for."""
    fallen: str = ""
    """Why it does not stand any more; empty: it stands."""


def yes_to_prompt(tx: Reader, source: PolicySource, id: str, text: str) -> PromptYes | Refused:
    """The last yes that stands to this text under this name; else why there is none."""
    fallen = ""
    for event, decision, prompt, writer in _decided(tx):
        if (prompt.name, prompt.text) != (id, text):
            continue
        yes = _judged(tx, source, event, decision, prompt, writer)
        if not yes.fallen:
            return yes
        fallen = fallen or yes.fallen
    said = f"the yes that was given does not stand any more: {fallen}" if fallen else "nobody has approved it there."
    return Refused(code="prompt-undecided", reason=said)


def yeses_to_prompts(tx: Reader, source: PolicySource) -> tuple[PromptYes, ...]:
    """Every yes to a prompt, newest first."""
    return tuple(_judged(tx, source, *found) for found in _decided(tx))


def _judged(
    tx: Reader, source: PolicySource, event: Event, decision: Decision, prompt: PromptText, writer: str
) -> PromptYes:
    manifest, person = decision.manifest, decision.person or ""
    if writer and writer in {person, *same_person(tx, person)}:
        # An edit at the gate makes words that nobody but their writer has said yes to.
        stands = Refused(code="own-prompt", reason="whoever gave it wrote these words by the same answer.")
    elif manifest is None:
        stands = Refused(code="no-decision", reason="it names no manifest.")
    else:
        stands = still_stands(tx, source, manifest, decision.review, as_of=tx.now)
    return PromptYes(
        id=prompt.name,
        words=digest_of(prompt.text),
        review=decision.review,
        person=decision.person or "",
        at=event.at,
        until=str(stands.situation.brief.deadline) if isinstance(stands, StandingYes) else "",
        fallen=stands.reason if isinstance(stands, Refused) else "",
    )


def _decided(tx: Reader) -> Iterator[tuple[Event, Decision, PromptText, str]]:
    """Each prompt that a person approved and who wrote it so, newest first; what cannot be read counts as none."""
    prompts = _prompts(tx)
    if not prompts:
        return
    for event in reversed(tx.events(EventKind.DECISION_APPROVED)):
        try:
            decision = Decision.model_validate(event.data)
        except ValidationError:
            continue
        if decision.manifest is None or decision.person is None or decision.draw is not None or decision.glass:
            continue
        for digest in decision.manifest.agreed:
            if digest in prompts:
                yield event, decision, *prompts[digest]


def _prompts(tx: Reader) -> dict[Digest, tuple[PromptText, str]]:
    """What the ledger keeps of the kind, each as its digest says, and the person who wrote it; empty for a file's."""
    found: dict[Digest, tuple[PromptText, str]] = {}
    kept = tables.assets.c
    for digest in tx.execute(select(kept.digest).where(kept.kind == PromptText.kind)).scalars():
        try:
            read = read_signable(get_asset(tx, str(digest)))
            if isinstance(read, Described):
                found[str(digest)] = PromptText.of(read.description), read.asset.author.person or ""
        except (LedgerError, ValueError):
            # Altered or erased: whoever approved it approved something that nobody can read any more.
            continue
    return found

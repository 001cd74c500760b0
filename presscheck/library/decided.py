"""Which prompts people approved at a gate: a yes to exactly this name and this text, that still stands.

Only what the door signed counts, of a person who decided: no sample that a rule let through, no broken glass, and no
words that the same person wrote by that answer or, as the prompt's file says, edited before it. It is over when what it
rests on is: the decider's right, the policies it was given under, the brief's last day.
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
from presscheck.people.rights import email_digest, person_email, rights_of
from presscheck.people.same_person import plain_address, same_person


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


def yes_to_prompt(tx: Reader, source: PolicySource, id: str, text: str, *, editor: str = "") -> PromptYes | Refused:
    """The last yes that stands to this text under this name, of somebody else than its `editor` (an address); else why
    there is none."""
    fallen = ""
    for event, decision, prompt, writer in _decided(tx):
        if (prompt.name, prompt.text) != (id, text):
            continue
        yes = _judged(tx, source, event, decision, prompt, writer)
        if not yes.fallen and not (editor and _has_address(tx, yes.person, editor)):
            return yes
        fallen = fallen or yes.fallen or "whoever gave it edited the prompt, as its file says."
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


def _has_address(tx: Reader, person: str, address: str) -> bool:
    """Whether an address is this person's, by whichever of their accounts."""
    wanted = {email_digest(address), email_digest(plain_address(address))}
    for one in {person, *same_person(tx, person)}:
        rights, known = rights_of(tx, one), person_email(tx, one)
        theirs = {"" if rights is None else rights.email, "" if known is None else email_digest(plain_address(known))}
        if wanted & theirs:
            return True
    return False


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

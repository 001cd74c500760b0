"""Who wrote a text, by events that the door signed: under `advisor` a machine's words are no asset.

A campaign whose brief says `collaboration: advisor` publishes what a person wrote. What a machine
proposed is raw material, of a kind of its own that no approval can name; and a text counts as a
person's only where the door recorded that this person handed it in.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from presscheck.ledger import EventKind, Reader
from presscheck.models import Brief, Question, Refused


def lacks_writer(tx: Reader, brief: Brief, question: Question, digests: Iterable[str]) -> Refused | None:
    """Why these choices may not go out under the brief's collaboration; None where they may."""
    if brief.collaboration != "advisor":
        return None
    for digest in digests:
        if _writer_of(tx, digest, question.run) is None:
            return Refused(
                code="no-human-author",
                reason=f"Text {digest[:12]} was written by nobody: the brief's collaboration is advisor, so a person "
                "writes and a machine only proposes. Have somebody write it, at the gate for writing.",
            )
    return None


def wrote_a_choice(tx: Reader, question: Question, person: str) -> bool:
    """Whether one of the choices is this person's own text: written in whatever run, or handed in again in this one."""
    chosen = {proposal.asset for proposal in question.proposals}
    handed_in = tx.events(EventKind.DECISION_WRITTEN, run=question.run)
    if any(event.data["person"] == person and event.data["written"] in chosen for event in handed_in):
        return True
    return person in tx.once(("writers", question.digest), partial(_writers_of, tx, sorted(chosen)))


def _writers_of(tx: Reader, digests: Sequence[str]) -> frozenset[str]:
    """Everybody who wrote one of these texts, in whatever run."""
    return frozenset(str(event.data["author"]["person"]) for event in tx.events_about(EventKind.ASSET_WRITTEN, digests))


def _writer_of(tx: Reader, digest: str, run: str) -> str | None:
    events = tx.events(EventKind.ASSET_WRITTEN, subject=digest, run=run)
    return str(events[0].data["author"]["person"]) if events else None

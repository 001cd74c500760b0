"""What the round before asked for, as people are told it beside a question.

A question is signed for good, and so is a step's result: neither holds a word of a note, because a note may name
somebody. It is read where it can be erased, with the application that asked for changes, and what the copywriter
makes of it is worked out anew each time.
"""

from collections.abc import Callable

from presscheck.cleaning import clean_text
from presscheck.desk.situation import read_brief
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import find_review, submission_of
from presscheck.models import Author, Brief, Decision, Product, Refused, Review
from presscheck.people.rights import person_name

ReadNote = Callable[[Author, str, Brief, Product | None], str]
"""What the copywriter who is this author makes of a note, and what it cannot act on, in words."""


def asked_before(tx: Reader, review: Review, read_note: ReadNote | None) -> tuple[str, ...]:
    """Who asked for changes before this with which note, and what the copywriter made of it: a sentence each.

    None in a first round, and once the note is erased. LedgerForged where it is not the note that was decided on.
    """
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    if review.question.round == 1 or not opened:
        return ()
    # Whichever gate asked for changes: under advisor it is another one than that at which people write.
    wanted = [one for one in tx.events(EventKind.DECISION_CHANGES, run=review.question.run) if one.seq < opened[0].seq]
    if not wanted:
        return ()
    decision = Decision.model_validate(wanted[-1].data)
    submission, asked = submission_of(tx, decision), find_review(tx, decision.review)
    if asked is None or decision.question != asked.question.digest:
        raise LedgerForged(f"review {decision.review}: its request for changes answers another question")
    if submission is None or not submission.note:
        return ()
    name = person_name(tx, decision.person or "")
    said = f"{name} asked in round {asked.question.round}: “{clean_text(submission.note)}”"
    author, brief = get_asset(tx, review.question.proposals[0].asset).author, read_brief(tx, review.question)
    # What is no text was made by a step of the flow, and no copywriter read the note.
    drafted = author.kind == "machine" and review.question.asks == "approval" and "copy" in review.question.kinds
    if read_note is None or not drafted or isinstance(brief, Refused):
        return (said,)
    return said, f"The copywriter on that note: {read_note(author, submission.note, *brief)}"

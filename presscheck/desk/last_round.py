"""What the round before asked for, as people are told it beside a question.

A question is signed for good, and so is a step's result: neither holds a word of a note, because a note may name
somebody. It is read where it can be erased, with the application that asked for changes, and what the copywriter
makes of it is worked out anew each time.
"""

from collections.abc import Callable

from presscheck.cleaning import clean_text, shorten
from presscheck.desk.comments import Thread, going_along, with_names
from presscheck.desk.situation import read_brief
from presscheck.documents.sentences import counted
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset
from presscheck.ledger.reviews import decision_event, find_review, submission_of
from presscheck.models import Author, Brief, Decision, Product, Refused, Review
from presscheck.people.rights import person_name

ReadNote = Callable[[Author, str, Brief, Product | None], str]
"""What the copywriter who is this author makes of a note, and what it cannot act on, in words."""


def changes_asked(tx: Reader, review: Review, read_note: ReadNote | None) -> tuple[str, ...]:
    """Who asked for changes before this with which note, and what the copywriter made of it: a sentence each.

    None in a first round, and once the note is erased. LedgerForged where it is not the note that was decided on.
    """
    found = _asked_before(tx, review)
    if found is None:
        return ()
    decision, asked = found
    submission = submission_of(tx, decision)
    if submission is None:
        return ()
    name = person_name(tx, decision.person or "")
    if not submission.note:
        return (f"{name} asked in round {asked.question.round} by comments, without a note.",)
    said = f"{name} asked in round {asked.question.round}: “{clean_text(submission.note)}”"
    read = _reading(tx, review, read_note, submission.note)
    return (said, f"The copywriter on that note: {read}") if read else (said,)


def comments_asked(tx: Reader, review: Review, read_note: ReadNote | None) -> tuple[str, ...]:
    """Each comment that went along with that, with its answers and what the copywriter made of it: a sentence each."""
    found = _asked_before(tx, review)
    event = None if found is None else decision_event(tx, found[0].review)
    if found is None or event is None:
        return ()
    told: list[str] = []
    along, left_out = going_along(tx, found[1], event)
    for one in along:
        words = one.comment.words or ""
        said = [f"{person_name(tx, one.comment.person)} on {_place(one)}: “{with_names(tx, words)}”"]
        said += [
            f"{person_name(tx, other.person)} answered: “{with_names(tx, other.words)}”"
            for other in one.answers
            if other.words
        ]
        if read := _reading(tx, review, read_note, words):
            said.append(f"The copywriter on that: {read}")
        told.append("\n".join(said))
    if left_out:
        told.append(f"{counted(left_out, 'more comment')} did not go along: nobody reads so much at once.")
    return tuple(told)


def _place(one: Thread) -> str:
    """Which words of which draft a comment was about."""
    where = ", ".join(part for part in (one.code, one.part) if part) or "the question as a whole"
    return f"“{shorten(one.quote, 160)}” ({where})" if one.quote else where


def _asked_before(tx: Reader, review: Review) -> tuple[Decision, Review] | None:
    """The request for changes that this round is written for, and the question that it answered."""
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    if review.question.round == 1 or not opened:
        return None
    # Whichever gate asked for changes: under advisor it is another one than that at which people write.
    wanted = [one for one in tx.events(EventKind.DECISION_CHANGES, run=review.question.run) if one.seq < opened[0].seq]
    if not wanted:
        return None
    decision = Decision.model_validate(wanted[-1].data)
    asked = find_review(tx, decision.review)
    if asked is None or decision.question != asked.question.digest:
        raise LedgerForged(f"review {decision.review}: its request for changes answers another question")
    return decision, asked


def _reading(tx: Reader, review: Review, read_note: ReadNote | None, words: str) -> str:
    """What the copywriter makes of these words; empty where nobody asks one."""
    author, brief = get_asset(tx, review.question.proposals[0].asset).author, read_brief(tx, review.question)
    # A flow that offers something else than texts reads no notes.
    writes = review.question.channel is not None and review.question.asks == "approval"
    if read_note is None or author.kind != "machine" or isinstance(brief, Refused) or not writes:
        return ""
    return read_note(author, words, *brief)

"""What a judgement will ask, asked before it takes the ledger's only write lock.

    with ledger.write(knowing=known_of(ledger, policies, makers, review_id, person)) as tx: ...

Nothing is judged here: the same questions are put again under the lock, where those that an event has
touched since are answered anew and the others from memory. So sixteen people who answer at once wait for
one another's judgements, not for one another's reading.
"""

from contextlib import suppress

from pydantic import ValidationError

from presscheck.desk.authorship import lacks_writer
from presscheck.desk.duties import bar, choose_voice
from presscheck.desk.makers import KnownMakers
from presscheck.desk.records import already_decided, choices_of
from presscheck.desk.situation import PolicySource, read_situation
from presscheck.desk.voices import hear
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.assets import read_ahead
from presscheck.ledger.remembering import Known
from presscheck.ledger.reviews import find_review, like_asked
from presscheck.models import Refused, Review


def known_of(ledger: Ledger, policies: PolicySource, makers: KnownMakers, review_id: str, person: str) -> Known:
    """What the ledger says about a question and a person now."""
    with ledger.read() as tx:
        # What cannot be believed is for the judgement to say.
        with suppress(LedgerForged, LedgerGone, ValidationError):
            review = find_review(tx, review_id)
            if review is not None and already_decided(tx, review_id) is None:
                _ask(tx, policies, makers, review, person)
        return tx.known()


def _ask(tx: Reader, policies: PolicySource, makers: KnownMakers, review: Review, person: str) -> None:
    question = review.question
    proposed = [proposal.asset for proposal in question.proposals]
    read_ahead(tx, [question.brief, *proposed])
    situation = read_situation(tx, review, policies)
    like_asked(tx, review)
    if isinstance(situation, Refused):
        return
    heard = hear(tx, situation)
    bar(tx, situation, heard, person)
    choose_voice(tx, situation, heard, person)
    choices_of(tx, review)
    lacks_writer(tx, situation.brief, question, proposed)
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review.id)
    if question.asks == "approval" and opened:
        if not question.first_use:
            makers.all_known(tx, proposed, before=opened[0].seq)
        tx.events(EventKind.ASSET_REVERTED, after=opened[0].seq)

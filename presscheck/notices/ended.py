"""Which reviews ended because nobody answered in time; ending them is the door's, telling of it is ours."""

import logging
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.reviews import find_review
from presscheck.notices.due import Notice

_log = logging.getLogger(__name__)

# Whoever was away for longer reads it in the ledger.
_TOLD_AFTERWARDS = timedelta(days=1)


def expired(tx: Reader, *, run: str = "") -> list[Notice]:
    """For the owner: the reviews, or those of one run, that ended unanswered within the last day."""
    found: list[Notice] = []
    for event in tx.events(EventKind.DECISION_EXPIRED, run=run or None):
        ended_at = datetime.fromisoformat(event.at).astimezone(UTC)
        if tx.now - ended_at > _TOLD_AFTERWARDS:
            continue
        try:
            review = find_review(tx, event.subject)
        except (LedgerForged, ValidationError) as error:
            _log.warning("review %s is passed over: %s", event.subject, type(error).__name__)
            continue
        if review is not None:
            question = review.question
            found.append(
                Notice(
                    review=review.id,
                    run=question.run,
                    step="expired",
                    asks=question.asks,
                    channel=question.channel,
                    kinds=question.kinds,
                    roles=("owner",),
                    until=ended_at,
                )
            )
    return found

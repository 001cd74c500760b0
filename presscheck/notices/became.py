"""What became of what somebody started, wrote or was asked, and who was mentioned: to those who want to hear of it.

Nobody is told of what they did themselves. Whoever started a run, wrote its brief or one of its texts has a part of
their own in it (`mine`); asked is whoever was told of the question or gave an answer to it.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import cast

from pydantic import ValidationError

from presscheck.desk.situation import read_brief
from presscheck.errors import LedgerForged
from presscheck.ledger import Event, EventKind, Reader
from presscheck.ledger.campaigns import starters_of
from presscheck.ledger.deliveries import review_of
from presscheck.ledger.reviews import DECISION_EVENTS, find_review
from presscheck.models import Brief, Product, Refused, Review
from presscheck.notices.choices import chosen
from presscheck.notices.due import Notice
from presscheck.people.rights import email_digest, everybody
from presscheck.people.same_person import plain_address

_log = logging.getLogger(__name__)

# Whoever was away for longer finds it in the inbox and under what they did.
_TOLD_AFTERWARDS = timedelta(days=1)
_MOST_MENTIONED = 50
# Each kind with the step that tells it, and the choice that it goes by.
_BECAME = {
    EventKind.DECISION_APPROVED: ("approved", "approved"),
    EventKind.DECISION_CHANGES: ("changes", "changes"),
    EventKind.DECISION_REJECTED: ("rejected", "rejected"),
    EventKind.DECISION_EXPIRED: ("unanswered", "rejected"),
    EventKind.DELIVERY_COMPLETED: ("sent", "sent"),
    EventKind.DELIVERY_HELD: ("held", "held"),
    EventKind.RECALL_DONE: ("recalled", "recalled"),
}
_OF_DELIVERIES = (EventKind.DELIVERY_COMPLETED, EventKind.DELIVERY_HELD, EventKind.RECALL_DONE)


def what_became_of_it(tx: Reader, *, run: str = "") -> list[Notice]:
    """A notice for each of the last day's events, or those of one run, that anybody wants to hear of."""
    found: list[Notice] = []
    active = {rights.person for rights in everybody(tx) if rights.active}
    for event in _lately(tx, run):
        try:
            notice = mention(tx, event) if event.kind == EventKind.COMMENT_MADE else _outcome(tx, event)
        except (LedgerForged, ValidationError, KeyError, TypeError) as error:
            # One row that cannot be believed must not keep people from being told of the others.
            _log.warning("event %d is passed over: %s", event.seq, type(error).__name__)
            continue
        if notice is not None and (people := tuple(one for one in notice.people if one in active)):
            found.append(replace(notice, people=people))
    return found


def mention(tx: Reader, event: Event) -> Notice | None:
    """For whoever a comment mentions; not for who wrote it."""
    review = _review(tx, str(event.data.get("review") or event.subject))
    given = event.data.get("mentions")
    mentions = cast("list[object]", given)[:_MOST_MENTIONED] if isinstance(given, list) else []
    people = dict.fromkeys(one for one in mentions if isinstance(one, str) and one != event.data.get("person"))
    wanting = tuple(one for one in people if "mentioned" in chosen(tx, one))
    if review is None or not wanting:
        return None
    return _notice(tx, event, review, "mentioned", wanting, stage=str(event.data["comment"])[:40])


def _outcome(tx: Reader, event: Event) -> Notice | None:
    step, choice = _BECAME[EventKind(event.kind)]
    named = review_of(tx, event.subject) if event.kind in _OF_DELIVERIES else event.subject
    review = None if named is None else _review(tx, named)
    if review is None:
        return None
    mine, asked = tx.once(("whose", review.id), partial(_whose, tx, review))
    wanting = [one for one in sorted(mine) if f"{choice}:mine" in chosen(tx, one)]
    wanting += [one for one in sorted(asked - mine) if f"{choice}:asked" in chosen(tx, one)]
    did = _did(tx, event)
    people = tuple(one for one in wanting if one not in did)
    return _notice(tx, event, review, step, people) if people else None


def _lately(tx: Reader, run: str) -> Iterator[Event]:
    since, before = tx.now - _TOLD_AFTERWARDS, tx.now + timedelta(seconds=1)
    found = [event for kind in (*_BECAME, EventKind.COMMENT_MADE) for event in tx.events_between(kind, since, before)]
    yield from sorted((one for one in found if not run or one.run == run), key=lambda event: event.seq)


def _whose(tx: Reader, review: Review) -> tuple[frozenset[str], frozenset[str]]:
    """Who has a part of their own in it, and who was asked."""
    question = review.question
    written = tx.events(EventKind.ASSET_WRITTEN, run=question.run)
    mine = {*starters_of(tx, question.run), *(str(event.data["author"]["person"]) for event in written)}
    brief = _brief(tx, review)
    if not isinstance(brief, Refused):
        author = brief[0].author
        addresses = {email_digest(author), email_digest(plain_address(author))}
        mine |= {rights.person for rights in everybody(tx) if rights.email in addresses}
    told = {
        str(event.data.get("to"))
        for event in tx.events(EventKind.NOTICE_SENT, subject=review.id)
        if str(event.data.get("step")).partition("-")[0] in ("question", "reminder", "escalation")
    }
    gave = tx.events(EventKind.APPROVAL_GIVEN, *DECISION_EVENTS.values(), subject=review.id)
    return frozenset(mine), frozenset(told | {str(event.data.get("person")) for event in gave})


def _review(tx: Reader, review: str) -> Review | None:
    return tx.once(("told review", review), partial(find_review, tx, review))


def _brief(tx: Reader, review: Review) -> tuple[Brief, Product | None] | Refused:
    return tx.once(("told brief", review.id), partial(read_brief, tx, review.question))


def _did(tx: Reader, event: Event) -> set[str]:
    """Who brought it about."""
    decided = event
    if event.kind == EventKind.RECALL_DONE:
        decided = tx.newest(EventKind.RECALL_DECIDED, subject=event.subject) or event
    return {str(decided.data.get("person"))}


def _notice(tx: Reader, event: Event, review: Review, step: str, people: tuple[str, ...], *, stage: str = "") -> Notice:
    question, brief = review.question, _brief(tx, review)
    return Notice(
        review=review.id,
        run=question.run,
        step=step,
        asks=question.asks,
        channel=question.channel,
        kinds=question.kinds,
        roles=(),
        people=people,
        stage=stage,
        began=event.at,
        brief_title="" if isinstance(brief, Refused) else brief[0].title,
    )

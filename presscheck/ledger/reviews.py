"""Reviews and their answers: opened by the worker, applied to by people, decided once by the desk."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import Select, insert, or_, select
from sqlalchemy.engine import Row

from presscheck.digests import canonical, digest_of, fingerprint
from presscheck.errors import LedgerForged
from presscheck.ledger import tables
from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer, event_of, timestamp
from presscheck.ledger.timers import is_timer, until_of
from presscheck.models import Decision, DecisionKind, Question, Review, Submission

DECISION_EVENTS: dict[DecisionKind, EventKind] = {
    DecisionKind.APPROVED: EventKind.DECISION_APPROVED,
    DecisionKind.WRITTEN: EventKind.DECISION_WRITTEN,
    DecisionKind.REJECTED: EventKind.DECISION_REJECTED,
    DecisionKind.CHANGES: EventKind.DECISION_CHANGES,
    DecisionKind.EXPIRED: EventKind.DECISION_EXPIRED,
    DecisionKind.WITHDRAWN: EventKind.DECISION_WITHDRAWN,
    DecisionKind.REOPENED: EventKind.DECISION_REOPENED,
}


_STOPS = (EventKind.DELIVERY_PAUSED, EventKind.DELIVERY_WAITING, EventKind.DELIVERY_RESUMED)
_RINGING = (*DECISION_EVENTS.values(), EventKind.DELIVERY_COMPLETED, EventKind.DELIVERY_HELD, *_STOPS)
"""What a flow that sleeps has to hear of."""


def open_review(
    tx: Writer,
    question: Question,
    *,
    expires_at: datetime,
    risk: Mapping[str, str] | None = None,
    place: int | None = None,
) -> Review:
    """Ask a question; asking it again gives the same review with its first times.

    `risk` says by which row of which tier it is asked, for the story; the desk works it out itself. `place` as in
    `presscheck.ledger.steps.record_step`.
    """
    review_id = question.review_id
    known = find_review(tx, review_id)
    if known is not None:
        return known
    body: dict[str, Any] = {"question": question.digest, "gate": question.gate, "round": question.round}
    body["expires_at"] = timestamp(expires_at)
    if question.kinds != ("copy",):
        # Said where everybody believes it without reading the question: figures, and whoever reads the story.
        body["kinds"] = list(question.kinds)
    if risk is not None:
        body["risk"] = dict(risk)
    if place is not None:
        body["place"] = place
    event = tx.append(EventKind.REVIEW_OPENED, review_id, body, run=question.run)
    row = {
        "id": review_id,
        "run": question.run,
        "gate": question.gate,
        "round": question.round,
        "question": canonical(question.model_dump(mode="json")).decode(),
        "opened_at": event.at,
        "expires_at": body["expires_at"],
    }
    tx.execute(insert(tables.reviews), row)
    return Review(
        id=review_id,
        question=question,
        opened_at=datetime.fromisoformat(event.at),
        expires_at=datetime.fromisoformat(body["expires_at"]),
    )


def find_review(tx: Reader, review_id: str) -> Review | None:
    """The review, if the worker signed its opening; LedgerForged if its question is another one."""
    row = tx.execute(select(tables.reviews).where(tables.reviews.c.id == review_id)).first()
    return None if row is None else _believed(tx, row)


def _believed(tx: Reader, row: Row[Any]) -> Review:
    """The review of a row, as `find_review` says."""
    review_id = str(row.id)
    try:
        question, digest = _parsed(row.question)
    except ValidationError as error:
        raise LedgerForged(f"review {review_id}: its stored question can no longer be read; it was altered") from error
    # Of whatever run: an id has 48 bits, and a second question under the same id is none.
    opened = tx.events(EventKind.REVIEW_OPENED, subject=review_id)
    if not opened:
        raise LedgerForged(f"review {review_id}: no worker signed its opening")
    first = opened[0]
    try:
        asked, expires_at = first.data["question"], datetime.fromisoformat(first.data["expires_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise LedgerForged(f"review {review_id}: its opening was signed with something missing") from error
    if (digest, question.run, question.review_id) != (asked, first.run, review_id):
        raise LedgerForged(f"review {review_id}: its stored question is not the one that was asked")
    if expires_at.tzinfo is None:
        raise LedgerForged(f"review {review_id}: its deadline names no time zone")
    try:
        until = expires_at.astimezone(UTC)
    except OverflowError as error:
        raise LedgerForged(f"review {review_id}: its deadline is no day of any calendar") from error
    return Review(id=review_id, question=question, opened_at=datetime.fromisoformat(first.at), expires_at=until)


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[Question, str]:
    """The question that a row holds, and its digest. The same characters are the same question, whoever asks."""
    question = Question.model_validate_json(text)
    return question, question.digest


def like_asked(tx: Reader, review: Review) -> str | None:
    """Another review of the same run that people could take for this one; None where there is none.

    One gate asks one question in a round, and a form is recognised by round and fingerprint. Of 48
    bits a worker can make two that are alike: then nobody can say which of them somebody has read.
    """
    question = review.question
    for event in tx.events(EventKind.REVIEW_OPENED, run=question.run):
        if event.subject == review.id or _was_reopened(tx, event.subject):
            continue
        data = event.data
        same_place = (data.get("gate"), data.get("round")) == (question.gate, question.round)
        if same_place or fingerprint(str(data.get("question"))) == fingerprint(question.digest):
            return event.subject
    return None


def _was_reopened(tx: Reader, review_id: str) -> bool:
    event = decision_event(tx, review_id)
    return event is not None and event.kind == EventKind.DECISION_REOPENED


def asked_again(tx: Reader, review: Review) -> Review | None:
    """The question that took the place of one whose policies changed; None while its gate has not asked again."""
    ended = decision_event(tx, review.id)
    if ended is None or ended.kind != EventKind.DECISION_REOPENED:
        return None
    later = [event.subject for event in _asked_in_its_place(tx, review) if event.seq > ended.seq]
    return find_review(tx, later[0]) if later else None


def asked_in_place_of(tx: Reader, review: Review) -> Review | None:
    """The question in whose place this one was asked because policies changed; None for one asked the first time."""
    mine = next((event.seq for event in tx.events(EventKind.REVIEW_OPENED, subject=review.id)), 0)
    earlier = [event for event in _asked_in_its_place(tx, review) if event.seq < mine]
    ended = [event.subject for event in earlier if _was_reopened(tx, event.subject)]
    return find_review(tx, ended[-1]) if ended else None


def _asked_in_its_place(tx: Reader, review: Review) -> list[Event]:
    """What was asked at the same gate of the same run and round, oldest first."""
    place = (review.question.gate, review.question.round)
    opened = tx.events(EventKind.REVIEW_OPENED, run=review.question.run)
    return [event for event in opened if (event.data.get("gate"), event.data.get("round")) == place]


def reviews_of_run(tx: Reader, run: str) -> list[Review]:
    """All reviews of a run, oldest first."""
    query = select(tables.reviews.c.id).where(tables.reviews.c.run == run).order_by(tables.reviews.c.opened_at)
    found = (find_review(tx, row.id) for row in tx.execute(query).all())
    return [review for review in found if review is not None]


def reviews_naming(tx: Reader, digests: Iterable[str]) -> list[str]:
    """The ids of the reviews in whose stored question one of these digests stands; what it says is judged later."""
    table = tables.reviews
    named = or_(*(table.c.question.contains(one, autoescape=True) for one in digests))
    return list(tx.execute(select(table.c.id).where(named)).scalars())


def reviews_of_runs(tx: Reader, runs: Iterable[str]) -> dict[str, list[Review]]:
    """`reviews_of_run` of each of many runs, without what cannot be believed, by one question to each table."""
    table = tables.reviews
    found: dict[str, list[Review]] = {run: [] for run in runs}
    rows = tx.execute(select(table).where(table.c.run.in_(list(found))).order_by(table.c.opened_at)).all()
    tx.read_ahead(EventKind.REVIEW_OPENED, subjects=[row.id for row in rows])
    for row in rows:
        # One planted row takes nothing from the other runs of a list; `history --verify` names it.
        with suppress(LedgerForged):
            found[row.run].append(_believed(tx, row))
    return found


def read_decisions_ahead(tx: Reader, reviews: Iterable[str]) -> None:
    """Read the decisions of many reviews with one question, so that `decision_of` has them."""
    tx.read_ahead(*DECISION_EVENTS.values(), subjects=reviews)


def answers_of(
    tx: Reader, person: str, *, kinds: Sequence[EventKind], most: int, before: int | None = None
) -> list[Event]:
    """What a person answered, newest first: events of these kinds that name them, from before the one numbered so."""
    table = tables.events
    named = table.c.body.contains(f'"{person}"', autoescape=True)
    query = select(table).where(table.c.kind.in_([kind.value for kind in kinds]), named)
    if before is not None:
        query = query.where(table.c.seq < before)
    found: list[Event] = []
    rows = tx.execute(query.order_by(table.c.seq.desc()).execution_options(yield_per=most)).mappings()
    for event in map(event_of, rows):
        # The name may stand elsewhere in the body, such as where somebody acted for this person.
        if event.data.get("person") == person and tx.ledger.believes(event):
            found.append(event)
            if len(found) == most:
                break
    rows.close()
    return found


def open_reviews(tx: Reader, *, run: str | None = None) -> list[Review]:
    """Reviews without a believed decision, oldest first."""
    query = _undecided()
    if run is not None:
        query = query.where(tables.reviews.c.run == run)
    found = (find_review(tx, row.id) for row in tx.execute(query).all())
    return [review for review in found if review is not None and decision_event(tx, review.id) is None]


def undecided_review_ids(tx: Reader) -> list[str]:
    """The ids of reviews without a decision event, oldest first, whether or not they can be believed."""
    return list(tx.execute(_undecided()).scalars())


def _undecided() -> Select[tuple[str]]:
    # By the events: a planted row in `decisions` must not hide a question, which then would never expire.
    table, events = tables.reviews, tables.events
    kinds = [kind.value for kind in DECISION_EVENTS.values()]
    decided = select(events.c.seq).where(events.c.subject == table.c.id, events.c.kind.in_(kinds))
    return select(table.c.id).where(~decided.exists()).order_by(table.c.opened_at)


def decision_event(tx: Reader, review_id: str) -> Event | None:
    """The first believed decision event of a review: the ledger's answer, whatever the tables say."""
    found = tx.events(*DECISION_EVENTS.values(), subject=review_id)
    return found[0] if found else None


def decision_of(tx: Reader, review_id: str) -> Decision | None:
    """The review's decision, from the event that the door signed."""
    event = decision_event(tx, review_id)
    return None if event is None else Decision.model_validate(event.data)


def record_decision(tx: Writer, decision: Decision, *, run: str) -> Event:
    """Sign a decision, for which the bell then rings. The database refuses a second one for the same review."""
    kind = DECISION_EVENTS[decision.kind]
    planted = decision_event(tx, decision.review) is None and _has_row(tx, decision.review)
    event = tx.append(kind, decision.review, decision.model_dump(mode="json"), run=run)
    row = {"review": decision.review, "kind": decision.kind.value, "event": event.seq, "at": event.at}
    if not planted:
        # A row that no event backs must not keep the real decision out; `history --verify` names it.
        tx.execute(insert(tables.decisions), row)
    return event


def _has_row(tx: Reader, review_id: str) -> bool:
    table = tables.decisions
    return tx.execute(select(table.c.review).where(table.c.review == review_id)).first() is not None


def record_application(
    tx: Writer, review: str, person: str, submission: Submission, *, accepted: bool, reason: str = ""
) -> str:
    """Keep what somebody submitted, with the answer given; the application's id comes back."""
    application = f"A-{uuid4().hex[:16]}"
    row = {
        "id": application,
        "review": review,
        "person": person,
        "submission": submission.model_dump_json(),
        "accepted": int(accepted),
        "reason": reason,
        "at": timestamp(tx.now),
    }
    tx.execute(insert(tables.applications), row)
    return application


def application_of(tx: Reader, application: str) -> Submission | None:
    """What was submitted, by the application's id; None where it was erased. LedgerForged if it cannot be read."""
    table = tables.applications
    row = tx.execute(select(table.c.submission).where(table.c.id == application)).first()
    try:
        return None if row is None else Submission.model_validate_json(row.submission)
    except ValidationError as error:
        raise LedgerForged(f"application {application}: what was submitted was altered; it cannot be read") from error


def submission_digest(submission: Submission) -> str:
    """What a decision signs of the submission it was made from."""
    return digest_of(submission.model_dump(mode="json"))


def submission_of(tx: Reader, decision: Decision) -> Submission | None:
    """What the decision was made from; None where nothing was submitted, or it was erased.

    LedgerForged if what is stored is not what the door signed: a note is what the next drafts are written with.
    """
    if decision.application is None or decision.submission is None:
        return None
    submission = application_of(tx, decision.application)
    if submission is not None and submission_digest(submission) != decision.submission:
        raise LedgerForged(f"review {decision.review}: the stored application is not the one that was decided on")
    return submission


def applications_of(tx: Reader, review: str) -> Sequence[Any]:
    """All applications to a review as rows (id, person, accepted, reason, at), oldest first."""
    table = tables.applications
    query = select(table.c.id, table.c.person, table.c.accepted, table.c.reason, table.c.at)
    return tx.execute(query.where(table.c.review == review).order_by(table.c.at)).all()


def mark_read(tx: Writer, run: str, subject: str) -> None:
    """The flow has read it: recorded once, and the bell stops."""
    if not tx.events(EventKind.ANSWER_READ, subject=subject, run=run):
        tx.append(EventKind.ANSWER_READ, subject, {}, run=run)


def read_marks(tx: Reader, run: str) -> set[str]:
    """What a run has recorded as read."""
    return {event.subject for event in tx.events(EventKind.ANSWER_READ, run=run)}


def unread_wakes(tx: Reader) -> list[tuple[str, str]]:
    """(run, subject) pairs that a flow has still to read, oldest first; a bell keeps its own `Wakes`."""
    return Wakes().unread(tx)


class Wakes:
    """What flows have still to read, followed on by signed events alone: answers, deliveries, timers that are over.

    No row is asked: whoever takes one out, or puts one in, neither stops a campaign nor makes one go on.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._mark = ChainMark()
        self._rung: dict[tuple[str, str], None] = {}
        self._timers: dict[tuple[str, str], datetime] = {}
        self._next: list[tuple[datetime, tuple[str, str]]] = []
        self._over: dict[tuple[str, str], None] = {}
        self._read: set[tuple[str, str]] = set()

    def unread(self, tx: Reader) -> list[tuple[str, str]]:
        """(run, subject) pairs, a review's, a delivery's or a timer's id, oldest first; then timers that are over."""
        if not tx.holds(self._mark):
            # The ledger was cut, or another one stands here: what was read of it counts no more.
            self._forget()
        for event in tx.events(*_RINGING, EventKind.TIMER_SET, EventKind.ANSWER_READ, after=self._mark.seq):
            pair = (event.run, _read_as(event))
            if event.kind == EventKind.ANSWER_READ:
                self._read.add(pair)
                self._rung.pop(pair, None)
                self._over.pop(pair, None)
            elif not event.run or pair in self._read:
                continue
            elif event.kind == EventKind.TIMER_SET:
                # The first counts, as it does for the run; a heap, because each second asks again.
                named = is_timer(*pair) and pair not in self._timers
                if named and (until := until_of(event)) is not None:
                    self._timers[pair] = until
                    heappush(self._next, (until, pair))
            else:
                self._rung[pair] = None
        self._mark = tx.tip()
        while self._next and self._next[0][0] <= tx.now:
            _, pair = heappop(self._next)
            if pair not in self._read:
                self._over[pair] = None
        return [*self._rung, *self._over]


def _read_as(event: Event) -> str:
    """What a flow records as read of an event: of each stop and each going on of a delivery, by its number."""
    return f"{event.subject}/{event.seq}" if event.kind in _STOPS else event.subject

"""Answers that can still be taken back: as they were typed, held until their time is over.

    hold_answer(tx, review, person, answer, until=...)      # by the door, once the desk would take it
    held_answer(tx, review_id, person)                      # held, taken back or refused; None: nothing is kept
    take_back_answer(tx, held), end_answer(tx, held)        # each once, in one transaction with what comes of it

Events hold who, until when and a digest; the words stand in a table beside the chain, and are erased where they have
counted. A row that is not what the door said last about a person and a question is nobody's answer: neither one that
was planted or altered, nor one that was put back after it had been taken back or had counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from pydantic import ValidationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row

from presscheck.digests import canonical, digest_of
from presscheck.ledger import tables
from presscheck.ledger.chain import Event
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Reader, Writer, timestamp
from presscheck.models import Frozen, Refused, Review

MORE = timedelta(minutes=1)
"""How much longer an answer is held where its giver asks for more time."""
MOST_MORE = 10 * MORE
"""Together; WCAG 2.2 (2.2.1) asks for ten times."""
State = Literal["held", "taken-back", "refused"]
_STATES: tuple[State, ...] = get_args(State)
_KINDS = (EventKind.ANSWER_HELD, EventKind.ANSWER_TAKEN_BACK, EventKind.ANSWER_SUBMITTED)


class Given(Frozen):
    """What somebody answered, and all that they had typed."""

    said: str
    """What it would have come to when it was given: `approved`."""
    raw: dict[str, Any]
    """What the desk judges."""
    fields: tuple[tuple[str, str], ...]
    """The fields of the page, to go on with."""
    proved_at: datetime | None
    """When the person had last proved who they are."""


@dataclass(frozen=True)
class HeldAnswer:
    """One answer of one person to one question."""

    review: str
    person: str
    given: Given
    given_at: datetime
    """As the door has signed it."""
    due_at: datetime
    state: State
    reason: str
    """Why it was refused when it was submitted; empty where it was not."""
    event: Event
    """With which it was held."""


def hold_answer(tx: Writer, review: Review, person: str, given: Given, *, until: datetime) -> HeldAnswer:
    """Hold an answer; what was kept of an older one of this person to this question goes."""
    text = canonical(given.model_dump(mode="json")).decode()
    body = {"person": person, "answer": digest_of(text), "until": timestamp(until)}
    event = tx.append(EventKind.ANSWER_HELD, review.id, body, run=review.question.run)
    forget_answer(tx, review.id, person)
    row = {"review": review.id, "person": person, "answer": text, "state": "held", "due_at": timestamp(until)}
    tx.execute(insert(tables.held_answers), row)
    return HeldAnswer(review.id, person, given, datetime.fromisoformat(event.at), until, "held", "", event)


def held_answer(tx: Reader, review: str, person: str) -> HeldAnswer | None:
    """What is kept of this person's answer to a question; None where the door said nothing of the kind."""
    table = tables.held_answers
    row = tx.execute(select(table).where(table.c.review == review, table.c.person == person)).first()
    return None if row is None else _believed(tx, row)


def answers_kept(tx: Reader, person: str) -> list[HeldAnswer]:
    """All that is kept of a person's answers, what was given last first."""
    table = tables.held_answers
    rows = tx.execute(select(table).where(table.c.person == person)).all()
    found = [one for row in rows if (one := _believed(tx, row)) is not None]
    return sorted(found, key=lambda one: one.event.seq, reverse=True)


def held_of(tx: Reader, person: str) -> frozenset[str]:
    """The questions to which an answer of this person waits for its time."""
    return frozenset(one.review for one in answers_kept(tx, person) if one.state == "held")


def due_answers(tx: Reader, now: datetime) -> list[tuple[str, str]]:
    """Question and person of every answer whose time is over, the one that was due first before the others."""
    table = tables.held_answers
    query = select(table.c.review, table.c.person).where(table.c.state == "held", table.c.due_at <= timestamp(now))
    ordered = query.order_by(table.c.due_at, table.c.review, table.c.person)
    return [(str(row.review), str(row.person)) for row in tx.execute(ordered).all()]


def times_held(tx: Reader, review: str, person: str) -> int:
    """How often an answer of this person to this question was held so far."""
    return sum(event.data.get("person") == person for event in tx.events(EventKind.ANSWER_HELD, subject=review))


def last_said(tx: Reader, review: str, person: str) -> Event | None:
    """The door's last word about this person's answer: held, taken back or submitted."""
    said = [event for event in tx.events(*_KINDS, subject=review) if event.data.get("person") == person]
    return said[-1] if said else None


def hold_until(tx: Writer, held: HeldAnswer, until: datetime) -> None:
    """Give more time."""
    _change(tx, held, {"due_at": timestamp(until)})


def take_back_answer(tx: Writer, held: HeldAnswer) -> None:
    """It will not count; its words stay for its giver."""
    body = {"person": held.person, "held": held.event.seq}
    tx.append(EventKind.ANSWER_TAKEN_BACK, held.review, body, run=held.event.run)
    _change(tx, held, {"state": "taken-back"})


def end_answer(tx: Writer, held: HeldAnswer, refused: Refused | None) -> None:
    """It was submitted: nothing is kept of one that counts, and of one that was refused all that was typed."""
    body: dict[str, Any] = {"person": held.person, "held": held.event.seq}
    if refused is not None:
        body |= {"code": refused.code, "reason": digest_of(refused.reason)}
    tx.append(EventKind.ANSWER_SUBMITTED, held.review, body, run=held.event.run)
    if refused is None:
        forget_answer(tx, held.review, held.person)
    else:
        _change(tx, held, {"state": "refused", "reason": refused.reason})


def still_waits(tx: Reader, review: str, person: str) -> Event | None:
    """The event with which an answer was held that was neither taken back nor submitted, whatever became of its row."""
    said = last_said(tx, review, person)
    return said if said is not None and said.kind == EventKind.ANSWER_HELD else None


def lost_of(tx: Reader, person: str, *, since: datetime) -> list[Event]:
    """With what answers of a person were held since then that still wait, and of which no row is left to believe."""
    lately = tx.events_between(EventKind.ANSWER_HELD, since, datetime.max.replace(tzinfo=UTC))
    given = [one for one in lately if one.data.get("person") == person]
    waiting = {event.seq: event for one in given if (event := still_waits(tx, one.subject, person)) is not None}
    return [event for event in waiting.values() if held_answer(tx, event.subject, person) is None]


def end_lost(tx: Writer, held: Event, person: str, *, taken_back: bool) -> None:
    """End an answer of which nothing is left that the door signed: its row counts no more, should it come back."""
    body: dict[str, Any] = {"person": person, "held": held.seq}
    kind = EventKind.ANSWER_TAKEN_BACK if taken_back else EventKind.ANSWER_SUBMITTED
    tx.append(kind, held.subject, body if taken_back else {**body, "code": "lost"}, run=held.run)
    forget_answer(tx, held.subject, person)


def given_before(tx: Reader, decision: Event) -> int:
    """The event before which what was decided had been said: where it was held, that with which it was held."""
    answered, person = str(decision.data.get("answered_at")), str(decision.data.get("person"))
    held = held_with(tx, decision.subject, person, answered)
    return decision.seq if held is None else held


def held_with(tx: Reader, review: str, person: str, at: str) -> int | None:
    """The event with which an answer was held that was given at this time; None where none was."""
    said = tx.events(EventKind.ANSWER_HELD, subject=review)
    held = [event.seq for event in said if event.data.get("person") == person and event.at == at]
    return held[-1] if held else None


def forget_answer(tx: Writer, review: str, person: str) -> None:
    """Erase what is kept of an answer."""
    table = tables.held_answers
    tx.execute(delete(table).where(table.c.review == review, table.c.person == person))


def forget_older(tx: Writer, before: datetime) -> None:
    """Erase what was taken back or refused and nobody went on with."""
    table = tables.held_answers
    tx.execute(delete(table).where(table.c.state != "held", table.c.due_at < timestamp(before)))


def _change(tx: Writer, held: HeldAnswer, values: Mapping[str, str]) -> None:
    table = tables.held_answers
    of_it = (table.c.review == held.review, table.c.person == held.person)
    tx.execute(update(table).where(*of_it).values(**values))


def _believed(tx: Reader, row: Row[Any]) -> HeldAnswer | None:
    said = [event for event in tx.events(*_KINDS, subject=row.review) if event.data.get("person") == row.person]
    held = next((event for event in reversed(said) if event.kind == EventKind.ANSWER_HELD), None)
    # SQLite keeps bytes in a column of text: such a row must stop nobody else's answer from counting.
    if not all(isinstance(value, str) for value in row):
        return None
    # Also what was taken back is shown in its giver's form again: words that they did not type must not stand there.
    if held is None or row.state not in _STATES or held.data.get("answer") != digest_of(row.answer):
        return None
    if (said[-1].kind == EventKind.ANSWER_HELD) != (row.state == "held"):
        return None
    try:
        given, due_at = Given.model_validate_json(row.answer), datetime.fromisoformat(row.due_at)
    except (ValidationError, ValueError):
        return None
    # No longer than its giver could make it, and no shorter: a row is nobody's word.
    until = datetime.fromisoformat(str(held.data["until"]))
    if due_at.tzinfo is None or not until <= due_at <= until + MOST_MORE:
        return None
    told = said[-1].data.get("reason") == digest_of(row.reason)
    return HeldAnswer(
        review=row.review,
        person=row.person,
        given=given,
        given_at=datetime.fromisoformat(held.at),
        due_at=due_at,
        state=row.state,
        reason=row.reason if told else "",
        event=held,
    )

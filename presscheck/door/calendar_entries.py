"""What stands in the calendar: what went out and is on its way, what waits until when, what starts and goes on when.

    entries = entries_between(door, tx, person, first, after, waiting, starts)     # Entry, in order
    sendings = sendings_near(tx, waiting)                                          # what collisions are looked for in

Titles and numbers, no texts, no names. What is on record comes from signed events; when campaigns start by themselves
is Prefect's word, which plans a schedule's next runs only some way ahead.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, cast

from presscheck.cleaning import clean_line, shorten
from presscheck.desk.collisions import WITHIN, Sending
from presscheck.desk.records import title_of
from presscheck.desk.situation import read_brief
from presscheck.documents.sentences import counted
from presscheck.door.doorway import Doorway
from presscheck.door.prefect_behind import is_run
from presscheck.door.waiting import run_page
from presscheck.errors import DoorError, LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import ending_of
from presscheck.ledger.reviews import decision_event, decision_of, find_review
from presscheck.models import Refused, Review

_MOST_STARTS = 200
_MOST_SENDINGS = 500
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_LONG_UNDER_WAY = timedelta(days=30)
"""A delivery that was asked for longer ago, and is on its way still, is told on the page of what is stopped."""

Kind = Literal["answer", "last day", "sent", "held", "on its way", "starts", "goes on"]


@dataclass(frozen=True)
class Entry:
    """One thing on one day."""

    kind: Kind
    key: str
    """What it is about: a review, a delivery or a run; with its kind it is one thing for ever."""
    title: str
    said: str
    """A sentence about it."""
    at: datetime
    whole_day: bool = False
    path: str = ""
    """Where more of it is said; of this door."""
    mine: bool = False
    """Whether it waits for the person who looks."""

    @property
    def day(self) -> date:
        return self.at.astimezone(UTC).date()


@dataclass(frozen=True)
class Waits:
    """An open question, and until when it may be answered."""

    review: Review
    title: str
    deadline: datetime
    mine: bool


@dataclass(frozen=True)
class Start:
    """A run that Prefect has planned."""

    run: str
    campaign: str
    at: datetime


def waiting_for(door: Doorway, tx: Reader, person: str, *, most: int) -> tuple[list[Waits], int]:
    """The open questions that can be believed, those of the person first, and how many more there are."""
    due, more = door.desk.open_questions.calendar(person, most=most)
    found: list[Waits] = []
    for one in due:
        with suppress(LedgerForged):
            # One that cannot be believed has no day; the inbox tells of it.
            review = find_review(tx, one.review)
            if review is not None and decision_event(tx, one.review) is None:
                found.append(Waits(review, clean_line(title_of(tx, review)), one.deadline, one.mine))
    return found, more


def entries_between(
    door: Doorway,
    tx: Reader,
    first: datetime,
    after: datetime,
    *,
    waiting: Iterable[Waits],
    starts: Iterable[Start],
) -> list[Entry]:
    """Everything from `first` on and before `after`, in the order in which it comes."""
    found = [
        *(entry for line in waiting for entry in _of_waiting(tx, line)),
        *_of_deliveries(tx, first, after),
        *_of_sleeps(door, tx),
        *(_of_start(start) for start in starts),
    ]
    # A delivery that was opened again ends twice: the last time is what counts.
    once = {(entry.kind, entry.key): entry for entry in found}.values()
    return sorted(
        (entry for entry in once if first <= entry.at < after), key=lambda one: (one.day, not one.whole_day, one.at)
    )


def sendings_near(tx: Reader, waiting: Iterable[Waits]) -> list[Sending]:
    """What reaches people of an audience: what waits for an answer, is on its way, or was sent a few days ago."""
    found: list[Sending] = []
    for line in waiting:
        question = line.review.question
        if question.audience is not None and question.channel is not None:
            found.append(_sending(line.review, line.title, "waits for an answer", line.deadline))
    requested = tx.events_between(EventKind.DELIVERY_REQUESTED, tx.now - _LONG_UNDER_WAY, _FAR)[-_MOST_SENDINGS:]
    for event in requested:
        review, ended = _review_of(tx, event), ending_of(tx, event.subject)
        if review is None or review.question.audience is None or review.question.channel is None:
            continue
        at = datetime.fromisoformat(event.at if ended is None else ended.at)
        sent = None if ended is None else ended.data.get("sent")
        # What was held before anything went out reached nobody.
        if (ended is None and decision_of(tx, review.id) is not None) or (sent and at > tx.now - WITHIN):
            found.append(
                _sending(review, clean_line(title_of(tx, review)), "on its way" if ended is None else "sent", at)
            )
    return found


async def planned_starts(door: Doorway) -> list[Start] | None:
    """The runs that Prefect will start by itself, the next first; None where it does not say."""
    wanted = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}, "deployment_id": {"is_null_": False}},
        "sort": "EXPECTED_START_TIME_ASC",
        "limit": _MOST_STARTS,
    }
    try:
        status, found = await door.prefect.ask("POST", "/api/flow_runs/filter", wanted)
        known, named = await door.prefect.ask("POST", "/api/deployments/filter", {"limit": 200})
    except DoorError:
        return None
    if status != 200 or known != 200:
        return None
    names = {str(row.get("id")): str(row.get("name", "")) for row in _rows(named)}
    starts = (_start(row, names) for row in _rows(found))
    return [start for start in starts if start is not None]


def _rows(found: Any) -> list[dict[str, Any]]:
    rows = cast(list[Any], found) if isinstance(found, list) else []
    return [cast(dict[str, Any], row) for row in rows if isinstance(row, dict)]


def _start(row: dict[str, Any], names: dict[str, str]) -> Start | None:
    run, campaign = str(row.get("id")), names.get(str(row.get("deployment_id")), "")
    try:
        at = datetime.fromisoformat(str(row.get("expected_start_time")))
    except ValueError:
        return None
    if at.tzinfo is None or not is_run(run):
        return None
    return Start(run, shorten(clean_line(campaign), 120) or "a campaign", at)


def _of_waiting(tx: Reader, line: Waits) -> Iterator[Entry]:
    review, title, path = line.review, line.title, f"/proof/{line.review.id}"
    whose = "It waits for your answer" if line.mine else "It waits for an answer"
    said = f"{whose}, at gate {clean_line(review.question.gate)}; unanswered, it counts as refused."
    yield Entry("answer", review.id, title, said, line.deadline, path=path, mine=line.mine)
    brief = read_brief(tx, review.question)
    if not isinstance(brief, Refused) and review.question.channel is not None:
        day = datetime.combine(brief[0].deadline, time(), UTC)
        said = "The last day on which it is of use to send, as its brief says; it waits for an answer."
        yield Entry("last day", review.id, title, said, day, whole_day=True, path=path, mine=line.mine)


def _of_deliveries(tx: Reader, first: datetime, after: datetime) -> Iterator[Entry]:
    for kind in (EventKind.DELIVERY_COMPLETED, EventKind.DELIVERY_HELD):
        for event in tx.events_between(kind, first, after)[-_MOST_SENDINGS:]:
            if (review := _review_of(tx, event)) is not None:
                sent, held = event.data.get("sent"), kind == EventKind.DELIVERY_HELD
                many = counted(sent if isinstance(sent, int) else 0, "message")
                said = f"Held after {many}." if held else f"{many} sent."
                yield _delivery("held" if held else "sent", event, tx, review, said)
    for event in tx.events_between(EventKind.DELIVERY_REQUESTED, tx.now - _LONG_UNDER_WAY, _FAR)[-_MOST_SENDINGS:]:
        review = _review_of(tx, event) if ending_of(tx, event.subject) is None else None
        # A worker may ask for anything: on its way is what people, or a rule, let out.
        if review is not None and decision_of(tx, review.id) is not None:
            yield _delivery("on its way", event, tx, review, "It was handed to the press.")


def _delivery(kind: Kind, event: Event, tx: Reader, review: Review, said: str) -> Entry:
    at = datetime.fromisoformat(event.at)
    return Entry(kind, event.subject, clean_line(title_of(tx, review)), said, at, path=f"/history/{review.id}")


def _review_of(tx: Reader, event: Event) -> Review | None:
    """The review that a delivery's request names, whichever event of the delivery this is."""
    requested = tx.events(EventKind.DELIVERY_REQUESTED, subject=event.subject)
    try:
        review = find_review(tx, str(requested[0].data.get("review", ""))) if requested else None
    except LedgerForged:
        return None
    # A request names its review by a worker's word, so the run has to be the one that asked.
    return review if review is not None and review.question.run == event.run else None


def _of_sleeps(door: Doorway, tx: Reader) -> Iterator[Entry]:
    sleeping, _more = door.asleep.listed(tx, _MOST_STARTS)
    for one in sleeping:
        said = f"The run sleeps until then, by wait {one.sleep.timer}, and goes on by itself."
        yield Entry("goes on", one.sleep.run, one.campaign, said, one.sleep.until, path=run_page(one.sleep.run))


def _of_start(start: Start) -> Entry:
    said = "The campaign starts by itself; what it asks people is asked then, and nothing goes out before that."
    return Entry("starts", start.run, start.campaign, said, start.at, path=run_page(start.run))


def _sending(review: Review, title: str, state: Any, at: datetime) -> Sending:
    question = review.question
    channel, audience = str(question.channel), str(question.audience)
    return Sending(question.run, review.id, title, channel, audience, question.audience_rows, state, at)


def by_day(entries: Sequence[Entry]) -> dict[date, list[Entry]]:
    """The same, day by day."""
    found: dict[date, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.day, []).append(entry)
    return found

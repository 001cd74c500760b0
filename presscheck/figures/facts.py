"""What happened in each campaign, as far as figures need it, from events that the right process signed.

Rows beside the events are not read, with one exception: a brief is read by the digest that its run's signed
opening names, and LedgerForged is raised where it is not what that digest says.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import func, select

from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Event, EventKind, Reader, tables
from presscheck.ledger.assets import get_asset
from presscheck.ledger.search import stored_events

_ANSWERS = {
    EventKind.DECISION_APPROVED.value: "approved",
    EventKind.DECISION_REJECTED.value: "rejected",
    EventKind.DECISION_CHANGES.value: "changes",
    EventKind.DECISION_WRITTEN.value: "written",
}
_KINDS = (
    EventKind.CAMPAIGN_OPENED,
    EventKind.REVIEW_OPENED,
    EventKind.REVIEW_SEEN,
    EventKind.DECISION_APPROVED,
    EventKind.DECISION_REJECTED,
    EventKind.DECISION_CHANGES,
    EventKind.DECISION_WRITTEN,
    EventKind.ASSET_DRAFTED,
    EventKind.ASSET_EDITED,
    EventKind.MODEL_ASKED,
    EventKind.MODEL_CHARGED,
    EventKind.BATCH_SENT,
    EventKind.WORK_STATED,
)


@dataclass(frozen=True)
class Answer:
    """One answer that a person gave."""

    kind: str
    person: str
    asked: datetime
    answered: datetime
    seen: datetime | None
    """When that person first opened the question; None where nothing shows it."""
    assets: tuple[str, ...] = ()


@dataclass
class CampaignRun:
    """One run of one campaign."""

    run: str
    campaign: str
    opened: datetime
    begun: datetime
    delivered: datetime | None = None
    answers: list[Answer] = field(default_factory=list[Answer])
    """Those about texts: figures are of texts, and an answer about a budget is the work on none."""
    other_answers: int = 0
    """Answers about what does not go out."""
    edited: set[str] = field(default_factory=set[str])
    let_out: set[str] = field(default_factory=set[str])
    """The digests of what a signed rule let out with nobody looking: approved, and nobody's answer."""
    microdollars: int = 0
    unpriced: int = 0
    """Requests to models whose price nobody knows."""
    stated_minutes: int = 0

    @property
    def approved(self) -> set[str]:
        """The digests of what people approved, or a rule that somebody signed."""
        return self.let_out.union(*(answer.assets for answer in self.answers if answer.kind == "approved"))


def gather(
    tx: Reader, *, since: date | None = None, until: date | None = None, campaign: str | None = None
) -> list[CampaignRun]:
    """The runs that were opened from `since` to `until`, both days included in UTC; oldest first.

    Raises LedgerForged where a brief, or the body of a signed event, is not what was signed.
    """
    by_run: dict[str, list[Event]] = defaultdict(list)
    for event in tx.events(*_KINDS):
        by_run[event.run].append(event)
    first_of_brief: dict[str, datetime] = {}
    found: list[CampaignRun] = []
    for events in by_run.values():
        opening = next((event for event in events if event.kind == EventKind.CAMPAIGN_OPENED), None)
        if opening is None:
            continue
        told = _told(tx, opening, events, first_of_brief)
        day = told.opened.date()
        if (since and day < since) or (until and day > until) or (campaign and told.campaign != campaign):
            continue
        found.append(told)
    return found


def doubtful(tx: Reader) -> int:
    """How many stored or missing events do not count: altered, taken out, or signed by the wrong process."""
    table = tables.events
    stored = tx.execute(select(func.count()).select_from(table)).scalar_one()
    disbelieved = sum(not tx.ledger.believes(event) for event in stored_events(tx))
    return disbelieved + max(0, tx.tip().seq - stored)


def _told(tx: Reader, opening: Event, events: list[Event], first_of_brief: dict[str, datetime]) -> CampaignRun:
    opened, brief = _at(opening), str(opening.data["brief"])
    first = first_of_brief.setdefault(brief, opened)
    told = CampaignRun(opening.run, str(opening.data["campaign"]), opened, _begun(tx, brief) or first)
    opened_reviews = [event for event in reversed(events) if event.kind == EventKind.REVIEW_OPENED]
    asked = {event.subject: _at(event) for event in opened_reviews}
    of_texts = {event.subject for event in opened_reviews if "copy" in event.data.get("kinds", ("copy",))}
    seen: dict[tuple[str, str], datetime] = {}
    decided: set[str] = set()
    drafted = 0
    for event in events:
        body = event.data
        match event.kind:
            case EventKind.REVIEW_SEEN:
                seen.setdefault((event.subject, str(body["person"])), _at(event))
            case EventKind.ASSET_EDITED:
                told.edited.add(event.subject)
            case EventKind.ASSET_DRAFTED:
                drafted += int(body["cost_microdollars"])
            case EventKind.WORK_STATED:
                told.stated_minutes += int(body["minutes"])
            case EventKind.BATCH_SENT if told.delivered is None and int(body["sent"]):
                told.delivered = _at(event)
            case kind if kind in _ANSWERS and event.subject in asked and event.subject not in decided:
                decided.add(event.subject)
                if body.get("draw") is not None:
                    told.let_out |= set(_assets(body))
                    continue
                if event.subject not in of_texts:
                    told.other_answers += 1
                    continue
                told.answers.append(_answer(event, body, asked[event.subject], seen))
            case _:
                pass
    told.microdollars, told.unpriced = _charged(events)
    # What a model charged for is on record request by request; before that, it stood with the asset.
    told.microdollars = told.microdollars or drafted
    return told


def _answer(event: Event, body: dict[str, Any], asked: datetime, seen: dict[tuple[str, str], datetime]) -> Answer:
    return Answer(
        kind=_ANSWERS[event.kind],
        person=str(body["person"]),
        asked=asked,
        answered=_at(event),
        seen=seen.get((event.subject, str(body["person"]))),
        assets=_assets(body),
    )


def _assets(body: dict[str, Any]) -> tuple[str, ...]:
    manifest: dict[str, Any] = body.get("manifest") or {}
    return tuple(map(str, manifest.get("assets", ())))


def _charged(events: Iterable[Event]) -> tuple[int, int]:
    """What a run's requests to models cost; a request without a charge counts with the most it could have cost."""
    asked: dict[str, int | None] = {}
    charged: dict[str, int | None] = {}
    for event in events:
        if event.kind == EventKind.MODEL_ASKED:
            asked.setdefault(event.subject, event.data["worst_microdollars"])
        elif event.kind == EventKind.MODEL_CHARGED:
            charged.setdefault(event.subject, event.data["cost_microdollars"])
    costs = [charged.get(request, worst) for request, worst in asked.items()]
    return sum(cost for cost in costs if cost is not None), sum(cost is None for cost in costs)


def _begun(tx: Reader, brief: str) -> datetime | None:
    """The start of the day on which work on the brief began; None where it does not say, or was erased."""
    try:
        content = get_asset(tx, brief).content
    except LedgerGone:
        return None
    said: Any = content.get("brief") or {}
    try:
        value: Any = said.get("begun")
        return None if value is None else datetime.combine(date.fromisoformat(value), time(), UTC)
    except (AttributeError, TypeError, ValueError) as broken:
        raise LedgerForged(f"brief {brief[:12]}: the day on which it began is no date") from broken


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event.at)

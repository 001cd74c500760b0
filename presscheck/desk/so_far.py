"""What a campaign came to before a question was asked, so that nobody makes it smaller by splitting it into runs.

    so_far = so_far_of(tx, question, brief, product, policies)     # within the tier table's window
    facts = facts_of(question, brief, so_far)

A campaign is told by what splitting leaves as it is: the flow's name however it is spelt, the brief's id, the product.
What counts was asked before (of two at once the second sees the first). It counts while it may still go out, however
long ago it was asked, and for the window after it ended, if anybody was handed over, or may have been. What was
refused, expired or withdrawn does not, nor what was held, recalled or cancelled before anybody was.

A question's sums stay: they are as of the event that opened it, by the order and the times of the chain. So the press
finds what the desk found, and nothing that is asked or refused later moves the tier of what people sign.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pydantic import ValidationError
from sqlalchemy import select

from presscheck.assets.reading import read_signable
from presscheck.errors import LedgerError, LedgerForged
from presscheck.ledger import ChainMark, EventKind, Ledger, Reader, Writer, tables, timestamp
from presscheck.ledger.assets import get_asset, read_ahead
from presscheck.ledger.chain import Event
from presscheck.ledger.deliveries import delivery_id
from presscheck.ledger.reviews import find_review
from presscheck.matching import looks_of
from presscheck.models import Brief, Product, Question

if TYPE_CHECKING:
    from policies import PolicySet

_NO = (
    EventKind.DECISION_REJECTED,
    EventKind.DECISION_CHANGES,
    EventKind.DECISION_EXPIRED,
    EventKind.DECISION_WITHDRAWN,
)
_TURNS = (
    *_NO,
    EventKind.DELIVERY_COMPLETED,
    EventKind.DELIVERY_HELD,
    EventKind.DELIVERY_REOPENED,
    EventKind.RUN_CANCELLED,
)
# Held because the ledger has lost something: what of it went out may be among that.
_UNTOLD = ("before-gap", "ledger-unsound")
_CHUNK = 500
_ONE_RUN = timedelta(days=366)
_MOST_KEPT = 20_000


@dataclass(frozen=True)
class SoFar:
    """What the campaign came to besides a question, in the window before it was asked."""

    window: timedelta | None = None
    """None: the table names none, so each question stands for itself."""
    reach: int | None = 0
    """Recipients; None where an earlier question cannot be read: as if it went to everybody."""
    spend: int | None = 0
    """Whole US dollars on media; None where an earlier brief cannot be read."""
    here: int | None = 0
    """Whole US dollars of other budgets of this very run, which a yes to one more comes on top of; None as above."""

    def said(self, question: Question, brief: Brief, spends: int = 0, about: int = 0) -> str:
        """`Reach 999 now, 8,991 more in the last 7 days.`, and the same of what it spends; empty where nothing adds up.

        `spends` and `about` are what the choices say of themselves. The one wording for form, proof and API.
        """
        parts: list[str] = []
        if self.here:
            parts.append(
                f"Budgets of this run: {spends:,} dollars now, {self.here:,} more asked about or approved before"
            )
        if self.window is not None:
            when = f"in the last {_words(self.window)}"
            if self.reach is None or self.spend is None:
                parts.append(f"An earlier question of this campaign {when} cannot be read, so it counts as the largest")
            if self.reach and (question.audience is not None or about):
                parts.append(f"Reach {max(question.audience_rows, about):,} now, {self.reach:,} more {when}")
            if self.spend:
                now = max(brief.spend_dollars, spends + (self.here or 0))
                parts.append(f"Spend {now:,} dollars now, {self.spend:,} more {when}")
        return "".join(f"{part}. " for part in parts).strip()


def so_far_of(tx: Reader, question: Question, brief: Brief, product: Product | None, policies: "PolicySet") -> SoFar:
    """What other runs of the campaign, and other audiences of this run, come to by the table's window."""
    window = policies.tiers[0].counts_over if len(policies.tiers) == 1 else None
    if window is None and set(question.kinds) <= {"copy"} and not question.rests_on:
        return SoFar()
    books = _BOOKS.setdefault(tx.ledger, _Books())
    marks = _marks(question.campaign, brief, product, run=question.run)
    found = books.before(tx, question, marks, window or _ONE_RUN)
    # Without a window each run stands for itself; but two budgets of one run are still two.
    return found if window is not None else SoFar(spend=None if found.here is None else 0, here=found.here)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question that was asked, as far as it is added up."""

    seq: int
    review: str
    run: str
    delivery: str
    marks: frozenset[str]
    brief: str = ""
    audience: str | None = None
    rows: int | None = None
    spend: int | None = None
    budgets: int | None = 0
    """What the choices themselves spend; None where one cannot be read."""
    about: int | None = 0
    """How many people they are about; None as well."""
    deadline: date | None = None
    goes_out: bool = True
    """False of what a person is to write: somebody else approves it before it goes out."""

    @property
    def is_whole(self) -> bool:
        return None not in (self.spend, self.rows, self.budgets, self.about)


@dataclass
class _Layer:
    """Questions by what tells their campaign, and what became of reviews, deliveries and runs, oldest first."""

    by_mark: defaultdict[str, list[_Asked]] = field(default_factory=lambda: defaultdict[str, list[_Asked]](list))
    turns: defaultdict[str, list[tuple[int, str, str]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[int, str, str]]](list)
    )

    def take(self, tx: Reader, events: Sequence[Event]) -> None:
        opened = [event for event in events if event.kind == EventKind.REVIEW_OPENED]
        for start in range(0, len(opened), _CHUNK):
            for asked in _read(tx, opened[start : start + _CHUNK]):
                for mark in asked.marks if asked.goes_out else ():
                    self.by_mark[mark].append(asked)
        for event in events:
            if event.kind != EventKind.REVIEW_OPENED:
                self.turns[event.subject].append((event.seq, event.at, _turn(event)))


class _Books:
    """The campaigns of a ledger, followed on from wherever this process has read it to."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._mark = ChainMark()
        self._layer = _Layer()
        self._known: dict[tuple[str, timedelta], SoFar] = {}

    def before(self, tx: Reader, question: Question, marks: frozenset[str], window: timedelta) -> SoFar:
        """What is asked of `so_far_of`; for a question that is not asked yet, as if it were asked now."""
        # A digest of all that it says: made once, not beside each that the campaign has asked.
        itself = question.review_id
        opened = next(iter(tx.events(EventKind.REVIEW_OPENED, subject=itself)), None)
        last = tx.last_at()
        end = tx.now if last is None else max(tx.now, last)
        if opened is not None:
            # A worker's clock that runs ahead opens no new window; one set back cannot: the chain's times only grow.
            end = min(datetime.fromisoformat(opened.at), tx.now)
        seq = tx.tip().seq + 1 if opened is None else opened.seq
        with self._lock:
            layers = self._follow(tx)
            key = (itself, window)
            if opened is not None and key in self._known and timestamp(end) == opened.at:
                return self._known[key]
            linked = (one for layer in layers for mark in marks for one in layer.by_mark.get(mark, ()))
            there = {one.seq: one for one in linked if one.seq < seq and one.review != itself}
        found = _added_up(tx, layers, there.values(), question, window, seq, end)
        if opened is not None and timestamp(end) == opened.at and not _may_be_mended(found):
            with self._lock:
                if len(self._known) >= _MOST_KEPT:
                    self._known.clear()
                self._known[key] = found
        return found

    def _follow(self, tx: Reader) -> tuple[_Layer, ...]:
        tip = tx.tip()
        if tip.seq < self._mark.seq:
            # A view from before: what came after it is passed over by its number.
            return (self._layer,)
        if not tx.holds(self._mark):
            self._forget()
        if tip == self._mark:
            return (self._layer,)
        events = tx.events(EventKind.REVIEW_OPENED, *_TURNS, after=self._mark.seq)
        if isinstance(tx, Writer) and tx.appended is not None:
            # What a block has appended itself may be rolled back: it is looked at, and not remembered.
            layer = _Layer()
            layer.take(tx, events)
            return (self._layer, layer)
        self._layer.take(tx, events)
        self._mark = tip
        return (self._layer,)


def _added_up(
    tx: Reader,
    layers: Sequence[_Layer],
    there: Iterable[_Asked],
    question: Question,
    window: timedelta,
    seq: int,
    end: datetime,
) -> SoFar:
    start = timestamp(end - window)
    whole = [one if one.is_whole else _again(tx, one) for one in there]
    counted = [one for one in whole if _counts(tx, layers, one, start=start, seq=seq, day=end.date())]
    # Of one run, the same people are reached once and one brief is paid once, however many gates ask about them. Whom a
    # segment is of, a text goes to; but each budget is money of its own, and stays spent when its run is over.
    segments: dict[str, int | None] = {}
    budgets: dict[str, int | None] = {}
    for one in counted:
        segments[one.run] = _more(segments.get(one.run, 0), one.about)
    for one in whole:
        if one.budgets != 0 and _may_be_spent(tx, layers, one, question.run, start=start, seq=seq):
            before = budgets.get(one.run, 0)
            budgets[one.run] = None if before is None or one.budgets is None else before + one.budgets
    segments.pop(question.run, 0)
    here = budgets.pop(question.run, 0)
    reach = _by_run(
        ((one.run, one.audience or ""), one.rows)
        for one in counted
        if one.audience != question.audience or one.run != question.run
    )
    spend = _by_run(
        ((one.run, one.brief), one.spend) for one in counted if (one.run, one.brief) != (question.run, question.brief)
    )
    spent = None if here is None else _sum_of(spend, budgets)
    return SoFar(window, _sum_of(reach, segments), spent, here)


def _may_be_spent(tx: Reader, layers: Sequence[_Layer], one: _Asked, run: str, *, start: str, seq: int) -> bool:
    """Whether a budget waits for its answer, or was approved or spent since `start`, or still can be spent.

    A flow's own word that it has ended takes nothing out that people may still answer, nor anything of the run that
    asks now.
    """
    ended = [turn for layer in layers for turn in layer.turns.get(one.review, ()) if turn[0] < seq]
    again = [event for event in tx.events(EventKind.DECISION_REOPENED, subject=one.review) if event.seq < seq]
    if ended or again:
        return False
    said = [event for event in tx.events(EventKind.DECISION_APPROVED, subject=one.review) if event.seq < seq]
    used = [event for event in tx.events(EventKind.ASSET_USED, run=one.run) if event.seq < seq]
    ends = (EventKind.CAMPAIGN_ENDED, EventKind.RUN_CANCELLED) if said else (EventKind.RUN_CANCELLED,)
    still = one.run == run or not any(event.seq < seq for event in tx.events(*ends, subject=one.run))
    return still or any(event.at >= start for event in (*said, *used))


def _counts(tx: Reader, layers: Sequence[_Layer], one: _Asked, *, start: str, seq: int, day: date) -> bool:
    """Whether a question may still go out, or has ended since `start` and somebody was handed over."""
    turns = sorted(
        turn
        for layer in layers
        for subject in (one.review, one.delivery, one.run)
        for turn in layer.turns.get(subject, ())
        if turn[0] < seq
    )
    for number, at, turn in reversed(turns):
        if turn == "cancelled" and _was_requested(tx, one, before=number):
            # The press says what of it went out, when it holds it.
            continue
        if turn == "over":
            return at >= start
        if turn != "on":
            return False
        break
    if one.deadline is None or one.deadline >= day:
        return True
    # Paused over its deadline it goes nowhere any more, and has no end that says what of it went out until then.
    return one.deadline >= date.fromisoformat(start[:10]) and _was_requested(tx, one, before=seq)


def _was_requested(tx: Reader, one: _Asked, *, before: int) -> bool:
    requested = tx.events(EventKind.DELIVERY_REQUESTED, subject=one.delivery)
    return bool(requested) and requested[0].seq < before


def _turn(event: Event) -> str:
    match event.kind:
        case EventKind.DELIVERY_REOPENED:
            return "on"
        case EventKind.RUN_CANCELLED:
            return "cancelled"
        case EventKind.DELIVERY_COMPLETED | EventKind.DELIVERY_HELD:
            # Whoever was given up may be tried again, and of whom nobody knows it may have been reached.
            handed = sum(int(event.data.get(state, 0)) for state in ("sent", "failed", "unknown"))
            return "over" if handed or event.data.get("code") in _UNTOLD else "nothing"
        case _:
            return "nothing"


def _read(tx: Reader, opened: Sequence[Event]) -> list[_Asked]:
    """The questions that these events opened, from rows that say what was signed; what of one is unknown is None."""
    table = tables.reviews
    query = select(table.c.id, table.c.question).where(table.c.id.in_([event.subject for event in opened]))
    stored = {row.id: str(row.question) for row in tx.execute(query)}
    found = [(event, _question(tx, event, stored.get(event.subject, ""))) for event in opened]
    read_ahead(tx, {question.brief for _, question in found if question is not None})
    return [_asked(tx, event, question) for event, question in found]


def _again(tx: Reader, one: _Asked) -> _Asked:
    """Somebody may have put right by now what could not be read."""
    opened = tx.event(one.seq)
    return one if opened is None else _read(tx, [opened])[0]


def _question(tx: Reader, event: Event, stored: str) -> Question | None:
    """The question as it was signed; None where its row says something else."""
    try:
        if hashlib.sha256(stored.encode("utf-8", "surrogatepass")).hexdigest() == event.data.get("question"):
            return Question.model_validate_json(stored)
        # Signed by an earlier version, perhaps, which wrote the same in other words.
        review = find_review(tx, event.subject)
    except (LedgerForged, ValidationError):
        return None
    return None if review is None else review.question


def _asked(tx: Reader, event: Event, question: Question | None) -> _Asked:
    ids = (event.seq, event.subject, event.run, delivery_id(event.run, event.subject))
    if question is None:
        # The chain says of which flow it was, whatever became of the rows.
        begun = tx.events(EventKind.CAMPAIGN_OPENED, subject=event.run)
        flow = str(begun[0].data.get("campaign", "")) if begun else ""
        return _Asked(*ids, _marks(flow, None, None, run=event.run))
    brief, product = _brief(tx, question.brief)
    budgets, about = _stakes(tx, question)
    return _Asked(
        *ids,
        _marks(question.campaign, brief, product, run=event.run),
        brief=question.brief,
        audience=question.audience,
        rows=question.audience_rows,
        spend=None if brief is None else brief.spend_dollars,
        budgets=budgets,
        about=about,
        deadline=None if brief is None else brief.deadline,
        goes_out=question.asks == "approval",
    )


def _stakes(tx: Reader, question: Question) -> tuple[int | None, int | None]:
    """What the choices spend, of each kind the one that spends most, and how many people they are about."""
    if set(question.kinds) <= {"copy"}:
        return 0, 0
    try:
        choices = [read_signable(get_asset(tx, proposal.asset)) for proposal in question.proposals]
    except LedgerError:
        return None, None
    spends: dict[str, int] = {}
    for one in choices:
        spends[one.asset.kind] = max(spends.get(one.asset.kind, 0), one.spends or 0)
    return sum(spends.values()), max(one.reach for one in choices)


def _brief(tx: Reader, digest: str) -> tuple[Brief | None, Product | None]:
    # Many runs ask about one brief, and each flow run is a process of its own that reads them all.
    return tx.once(("brief and product", digest), lambda: _brief_of(tx, digest))


def _brief_of(tx: Reader, digest: str) -> tuple[Brief | None, Product | None]:
    try:
        content = get_asset(tx, digest).content
        given = content.get("product")
        return Brief.model_validate(content.get("brief")), None if given is None else Product.model_validate(given)
    except (LedgerError, ValidationError):
        return None, None


def _marks(campaign: str, brief: Brief | None, product: Product | None, *, run: str) -> frozenset[str]:
    """What tells a campaign; two questions that share any of these are of the same one, and so are those of a run."""
    named = [("flow", campaign), ("run", run)]
    if brief is not None:
        named += [("brief", brief.id), ("product", brief.product or "")]
    if product is not None:
        named += [("product", product.id), ("product", product.name)]
    return frozenset(f"{kind} {looks}" for kind, name in named if (looks := looks_of(name)))


def _may_be_mended(so_far: SoFar) -> bool:
    return so_far.reach is None or so_far.spend is None


def _by_run(amounts: Iterable[tuple[tuple[str, str], int | None]]) -> dict[str, int | None]:
    """The largest amount of each thing of a run, added up by run; None where one is unknown."""
    largest: dict[tuple[str, str], int | None] = {}
    for key, amount in amounts:
        largest[key] = _more(largest.get(key, 0), amount)
    found: dict[str, int | None] = {}
    for (run, _), amount in largest.items():
        before = found.get(run, 0)
        found[run] = None if before is None or amount is None else before + amount
    return found


def _sum_of(one: Mapping[str, int | None], other: Mapping[str, int | None]) -> int | None:
    """All runs together, of each the larger of two amounts; None where one is unknown."""
    found = [_more(one.get(run, 0), other.get(run, 0)) for run in one.keys() | other.keys()]
    return None if None in found else sum(amount or 0 for amount in found)


def _more(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def _words(window: timedelta) -> str:
    hours = window // timedelta(hours=1)
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return unit if number == 1 else f"{number} {unit}s"


_BOOKS: "WeakKeyDictionary[Ledger, _Books]" = WeakKeyDictionary()

"""The questions that are open, kept in memory: until when each may be answered, whom it needs, and whose it is.

    index = OpenQuestions(ledger, policies)
    index.work(seconds=0.25)                    # follow the chain, look at what has changed; how much is left
    index.due()                                 # ids of those whose time seems to be over
    index.page(person, number=1)                # ids, those that need this person first, by risk and deadline

It follows the chain's believed events and trusts no row. What it says decides what is shown, in which
order, and what is looked at again because its time seems over; every answer, every line on a page and
every expiry is judged anew from the ledger. What changes is looked at a slice at a time, the most urgent
first, and `left` says how much has not been looked at yet.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import intern
from threading import RLock
from typing import TYPE_CHECKING, get_args

from pydantic import ValidationError
from sqlalchemy import func, select

from presscheck.cleaning import clean_line
from presscheck.desk.alike import likeness
from presscheck.desk.duties import who_may
from presscheck.desk.records import deadline_of
from presscheck.desk.situation import PolicySource, Situation, current_policies, read_situation
from presscheck.desk.voices import hear, moment, voices_of
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Ledger, Reader, tables
from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.reviews import DECISION_EVENTS, decision_event, find_review, like_asked, undecided_review_ids
from presscheck.models import Refused, Review, RiskTier
from presscheck.people.absence import is_absent
from presscheck.people.delegation import acting_for
from presscheck.people.rights import RIGHTS_EVENTS, rights_of

if TYPE_CHECKING:
    from policies import PolicySet, Standing

_DECISIONS = tuple(DECISION_EVENTS.values())
_PEOPLE = (
    *RIGHTS_EVENTS,
    EventKind.PERSON_DELEGATED,
    EventKind.DELEGATION_ENDED,
    EventKind.PERSON_ABSENT,
    EventKind.PERSON_PRESENT,
)
# What makes something somebody's own work, or brings an approval further.
_ABOUT_A_RUN = (
    EventKind.APPROVAL_GIVEN,
    EventKind.RUN_STARTED,
    EventKind.RUN_FOUND,
    EventKind.RUN_RETRIED,
    EventKind.ASSET_WRITTEN,
    EventKind.ASSET_EDITED,
)
_FOLLOWED = (EventKind.REVIEW_OPENED, *_DECISIONS, *_PEOPLE, *_ABOUT_A_RUN)

# However busy the machine, a slice looks at this many, so that a small ledger is always seen whole.
_AT_LEAST = 50
# The door looks on in the background: a page spends a third of the time in which it is to be there.
_A_PAGE = 0.1
_MOST_WATCHERS = 64
_TIERS: tuple[str, ...] = get_args(RiskTier)
_MOST_BROKEN = 50
_CHUNK = 500
# Two pages of the usual size: whom to ask is looked up before somebody comes.
_FIRST = 100


def risk_order(tier: str) -> int:
    """Where a question of this tier stands: what is critical first, and last what nobody can answer as things are."""
    return -_TIERS.index(tier) if tier in _TIERS else 1


@dataclass(frozen=True)
class Filter:
    """Which questions are asked for; nothing given: all of them."""

    tier: RiskTier | None = None
    gate: str | None = None
    mine: bool = False

    def lets(self, question: "_Open") -> bool:
        return self.tier in (None, question.tier) and self.gate in (None, question.gate)


@dataclass(frozen=True)
class Page:
    """One page of what is open, and how much there is."""

    asked: dict[str, tuple[str, ...]]
    """The reviews on this page, in order, and the ids of the people whose yes would bring each further."""
    number: int
    pages: int
    total: int
    """Open questions that the filter lets through."""
    mine: int
    """How many of them need the person, of those that were looked at."""
    left: int
    """How many were not looked at yet; their places and the counts may change."""
    broken: tuple[str, ...]
    """What is wrong with those that cannot be believed."""


@dataclass(frozen=True)
class Due:
    """One open question in a calendar or a list; what it says may be a moment old, and every answer is judged anew."""

    review: str
    deadline: datetime
    mine: bool
    tier: str


@dataclass(slots=True)
class _Open:
    """One open question, as far as it is needed to find it again."""

    run: str
    gate: str
    tier: str
    deadline: datetime
    roles: frozenset[str]
    changes_at: datetime | None
    """When time alone makes it another question: the next in line may answer."""
    has_voices: bool
    likeness: str = ""
    """What alike questions have in common; empty where it is answered by itself."""


@dataclass(slots=True)
class _Watcher:
    """Whose each question is, for one person who looks at the inbox."""

    roles: frozenset[str] | None = None
    """Roles that the person has or was lent; None: to be asked."""
    mine: set[str] = field(default_factory=set[str])
    pending: dict[str, None] = field(default_factory=dict[str, None])
    """Questions that might be the person's by role, to be looked at, the most urgent first."""


class OpenQuestions:
    """The index over one ledger, for one process; any thread may ask."""

    def __init__(self, ledger: Ledger, policies: PolicySource) -> None:
        self._ledger = ledger
        self._source = policies
        self._lock = RLock()
        self._forget()

    def __len__(self) -> int:
        """How many open questions are known and believed."""
        return len(self._open)

    def work(self, *, seconds: float) -> int:
        """Follow what has happened, then look at changed questions for some time; how many are left."""
        with self._lock, self._ledger.read() as tx:
            until = time.monotonic() + seconds
            self._follow(tx)
            self._judge_some(tx, until)
            for person in [*self._watchers]:
                self._watch_some(tx, person, until)
            left = len(self._stale) + sum(len(watcher.pending) for watcher in self._watchers.values())
            return left or self._look_up_first_pages(tx, until)

    def due(self) -> list[str]:
        """The ids of the questions whose time seems to be over, after a slice of work."""
        with self._lock, self._ledger.read() as tx:
            self._follow(tx)
            self._judge_some(tx, time.monotonic() + 0.25)
            now = moment(tx)
            due: list[str] = []
            for deadline, review_id in self._in_order():
                if deadline > now:
                    break
                due.append(review_id)
            return due

    def look_again(self, review_id: str) -> None:
        """What was found of this question is not so: look at it again."""
        with self._lock:
            if review_id in self._open:
                self._stale[review_id] = None

    def alike(self, review_id: str, person: str, *, most: int) -> list[str]:
        """The ids of questions that seem alike to this one and need this person; an answer is judged by the ledger.

        To be asked before a view of the ledger is opened: it takes one of its own.
        """
        with self._lock, self._ledger.read() as tx:
            self._follow(tx)
            self._judge_some(tx, time.monotonic())
            one = self._open.get(review_id)
            if one is None or not one.likeness:
                return []
            same = [id_ for id_, other in self._open.items() if other.likeness == one.likeness and id_ != review_id]
            mine = self._watch_some(tx, person, time.monotonic()).mine if same else ()
            return [id_ for id_ in same if id_ in mine][:most]

    def page(
        self,
        person: str,
        *,
        number: int = 1,
        size: int = 50,
        only: Filter | None = None,
        answered: frozenset[str] = frozenset(),
        seconds: float = _A_PAGE,
    ) -> Page:
        """One page for a person: what needs them first, each by risk and then by deadline; what is wrong stands on
        every page. What they have `answered`, and can still take back, does not need them."""
        only = only or Filter()
        with self._lock, self._ledger.read() as tx:
            until = time.monotonic() + seconds
            self._follow(tx)
            self._count_rows(tx)
            self._judge_some(tx, until)
            watcher = self._watch_some(tx, person, until)
            let = self._by_risk(only)
            needed = watcher.mine - answered
            mine = [review_id for review_id in let if review_id in needed]
            shown = mine if only.mine else _first(let, needed)
            pages = max(1, -(-len(shown) // size))
            number = min(max(1, number), pages)
            return Page(
                asked={id_: self._asked_of(tx, id_) for id_ in shown[(number - 1) * size : number * size]},
                number=number,
                pages=pages,
                total=len(let),
                mine=len(mine),
                left=len(self._stale) + len(watcher.pending),
                broken=tuple(self._broken.values())[:_MOST_BROKEN],
            )

    def calendar(self, person: str, *, most: int, seconds: float = _A_PAGE) -> tuple[list[Due], int]:
        """Until when each may be answered: what needs the person first, then by deadline; and how many are left out."""
        with self._lock, self._ledger.read() as tx:
            until = time.monotonic() + seconds
            self._follow(tx)
            self._judge_some(tx, until)
            watcher = self._watch_some(tx, person, until)
            order = _first([review_id for _, review_id in self._in_order()], watcher.mine)
            shown = [self._due(id_, mine=id_ in watcher.mine) for id_ in order[:most]]
            return shown, len(order) - len(shown)

    def waiting(self, person: str, *, answered: frozenset[str] = frozenset()) -> list[Due]:
        """What needs a person, by risk and then by deadline, but for what they have `answered`; no time is taken for
        what was not looked at yet."""
        with self._lock, self._ledger.read() as tx:
            until = time.monotonic()
            self._follow(tx)
            self._judge_some(tx, until)
            mine = self._watch_some(tx, person, until).mine - answered
            return [self._due(id_, mine=True) for id_ in self._by_risk(Filter()) if id_ in mine]

    def _by_risk(self, only: Filter) -> list[str]:
        let = [review_id for _, review_id in self._in_order() if only.lets(self._open[review_id])]
        # Of a stable order: of the same risk those come first whose time is over first.
        return sorted(let, key=lambda review_id: risk_order(self._open[review_id].tier))

    def _due(self, review_id: str, *, mine: bool) -> Due:
        one = self._open[review_id]
        return Due(review_id, one.deadline, mine, one.tier)

    # ------------------------------------------------------------ following the chain

    def _forget(self) -> None:
        self._mark = ChainMark()
        self._open: dict[str, _Open] = {}
        self._runs: dict[str, set[str]] = {}
        self._asked: dict[str, tuple[str, ...]] = {}
        self._stale: dict[str, None] = {}
        self._broken: dict[str, str] = {}
        self._watchers: dict[str, _Watcher] = {}
        self._order: list[tuple[datetime, str]] | None = None
        self._turning: datetime | None = None
        self._rows = -1
        self._audited = 0
        self._audit_until = 0
        self._role_sets: dict[frozenset[str], frozenset[str]] = {}
        self._policies: PolicySet | Refused = Refused(code="policies-broken", reason="")
        self._day: object = None

    def _follow(self, tx: Reader) -> None:
        tip = tx.tip()
        if tip != self._mark:
            if tip.seq < self._mark.seq or not self._stands(tx):
                # The ledger was cut, or another one stands here: what was read of it counts no more.
                self._forget()
            if self._mark.seq == 0:
                self._begin(tx, tip)
            else:
                for event in tx.events(*_FOLLOWED, after=self._mark.seq):
                    self._take(event)
            self._mark = tip
        self._audit(tx)
        self._notice_policies()
        self._notice_time(tx)

    def _stands(self, tx: Reader) -> bool:
        if not self._mark.seq:
            return True
        table = tables.events
        return tx.execute(select(table.c.hash).where(table.c.seq == self._mark.seq)).scalar() == self._mark.hash

    def _begin(self, tx: Reader, tip: ChainMark) -> None:
        self._stale = dict.fromkeys(undecided_review_ids(tx))
        self._rows = _rows(tx)
        self._audited, self._audit_until = 0, tip.seq

    def _audit(self, tx: Reader) -> None:
        # A decision that nobody signed must not hide a question; those since the beginning are followed believed.
        if self._audited >= self._audit_until:
            return
        table = tables.events
        kinds = [kind.value for kind in _DECISIONS]
        query = select(table).where(table.c.seq > self._audited, table.c.seq <= self._audit_until)
        rows = tx.execute(query.where(table.c.kind.in_(kinds)).order_by(table.c.seq).limit(_CHUNK)).mappings()
        events = [Event(**row) for row in rows]  # pyright: ignore[reportArgumentType]
        self._stale.update((event.subject, None) for event in events if not self._ledger.believes(event))
        self._audited = events[-1].seq if len(events) == _CHUNK else self._audit_until

    def _take(self, event: Event) -> None:
        if event.kind in _PEOPLE:
            self._people_changed()
        elif event.kind in _DECISIONS:
            self._drop(event.subject)
            self._touch(event.run)
        else:
            if event.kind == EventKind.REVIEW_OPENED:
                self._stale[event.subject] = None
                self._rows += 1
            self._touch(event.run)

    def _people_changed(self) -> None:
        # An approval falls away with its giver's right; without one, only whose a question is can change.
        self._asked.clear()
        for watcher in self._watchers.values():
            watcher.roles = None
        self._stale.update((id_, None) for id_, question in self._open.items() if question.has_voices)

    def _touch(self, run: str) -> None:
        self._stale.update(dict.fromkeys(self._runs.get(run, ())))

    def _notice_policies(self) -> None:
        now = current_policies(self._source)
        same = now is self._policies or (isinstance(now, Refused) and now == self._policies)
        self._policies = now
        if not same:
            self._stale.update(dict.fromkeys(self._open))

    def _notice_time(self, tx: Reader) -> None:
        now = moment(tx)
        if now.astimezone(UTC).date() != self._day:
            # Rights, delegations and absences begin and end with a day.
            self._day = now.astimezone(UTC).date()
            self._people_changed()
        if self._turning is not None and self._turning <= now:
            turned = [id_ for id_, one in self._open.items() if one.changes_at is not None and one.changes_at <= now]
            self._stale.update(dict.fromkeys(turned))
            later = [one.changes_at for one in self._open.values() if one.changes_at is not None]
            self._turning = min((at for at in later if at > now), default=None)

    def _count_rows(self, tx: Reader) -> None:
        # A row that no worker signed is no question, and somebody should be told of it.
        count = _rows(tx)
        if count != self._rows:
            self._rows = count
            known = self._open.keys() | self._broken.keys()
            self._stale.update((id_, None) for id_ in undecided_review_ids(tx) if id_ not in known)

    # ------------------------------------------------------------ looking

    def _judge_some(self, tx: Reader, until: float) -> None:
        looked = 0
        while self._stale and (looked < _AT_LEAST or time.monotonic() < until):
            review_id = next(iter(self._stale))
            del self._stale[review_id]
            self._judge(tx, review_id)
            looked += 1

    def _judge(self, tx: Reader, review_id: str) -> None:
        found: _Open | None = None
        self._broken.pop(review_id, None)
        try:
            review = find_review(tx, review_id)
            opened = review is not None or bool(tx.events(EventKind.REVIEW_OPENED, subject=review_id))
            if opened and decision_event(tx, review_id) is None:
                if review is None:
                    raise LedgerGone("its question is gone from the ledger")
                found = self._entry(tx, review)
        except (LedgerForged, LedgerGone, ValidationError) as error:
            # One forged row must not hide every other review; `presscheck history --verify` says more.
            self._broken[review_id] = f"{clean_line(review_id)[:40]}: {clean_line(str(error))[:300]}"
        if found is None:
            self._drop(review_id)
        else:
            self._put(review_id, found)

    def _entry(self, tx: Reader, review: Review) -> _Open:
        question, situation = review.question, self._situation(tx, review)
        if isinstance(situation, Refused):
            return _Open(question.run, intern(question.gate), "", review.expires_at, frozenset(), None, False)
        heard = hear(tx, situation)
        roles = _roles(heard.standing)
        return _Open(
            run=question.run,
            gate=intern(question.gate),
            tier=intern(situation.row.tier),
            deadline=deadline_of(review, heard),
            roles=self._role_sets.setdefault(roles, roles),
            changes_at=_next_turn(heard.standing, moment(tx)),
            has_voices=bool(heard.given or heard.fallen),
            likeness=intern(likeness(situation, heard)),
        )

    def _situation(self, tx: Reader, review: Review) -> Situation | Refused:
        policies = self._policies
        return policies if isinstance(policies, Refused) else read_situation(tx, review, lambda: policies)

    def _put(self, review_id: str, found: _Open) -> None:
        before = self._open.get(review_id)
        if before is None or before.deadline != found.deadline:
            self._order = None
        self._open[review_id] = found
        self._asked.pop(review_id, None)
        self._runs.setdefault(found.run, set()).add(review_id)
        if found.changes_at is not None:
            self._turning = min(found.changes_at, self._turning or found.changes_at)
        for watcher in self._watchers.values():
            if watcher.roles is not None and not watcher.roles.isdisjoint(found.roles):
                watcher.pending[review_id] = None
            else:
                watcher.mine.discard(review_id)

    def _drop(self, review_id: str) -> None:
        self._stale.pop(review_id, None)
        self._asked.pop(review_id, None)
        gone = self._open.pop(review_id, None)
        if gone is None:
            return
        self._order = None
        of_run = self._runs.get(gone.run, set())
        of_run.discard(review_id)
        if not of_run:
            self._runs.pop(gone.run, None)
        for watcher in self._watchers.values():
            watcher.pending.pop(review_id, None)
            watcher.mine.discard(review_id)

    def _in_order(self) -> list[tuple[datetime, str]]:
        if self._order is None:
            self._order = sorted((question.deadline, review_id) for review_id, question in self._open.items())
        return self._order

    # ------------------------------------------------------------ whose they are

    def _watcher(self, tx: Reader, person: str) -> _Watcher:
        watcher = self._watchers.pop(person, None) or _Watcher()
        self._watchers[person] = watcher
        while len(self._watchers) > _MOST_WATCHERS:
            del self._watchers[next(iter(self._watchers))]
        if watcher.roles is None:
            watcher.roles = roles = _roles_of(tx, person)
            ids = (id_ for _, id_ in self._in_order() if not roles.isdisjoint(self._open[id_].roles))
            watcher.pending = dict.fromkeys(ids)
            # What was this person's stays in its place until it has been looked at again.
            watcher.mine.intersection_update(watcher.pending)
        return watcher

    def _watch_some(self, tx: Reader, person: str, until: float) -> _Watcher:
        watcher, looked = self._watcher(tx, person), 0
        while watcher.pending and (looked < _AT_LEAST or time.monotonic() < until):
            review_id = next(iter(watcher.pending))
            del watcher.pending[review_id]
            (watcher.mine.add if self._needs(tx, review_id, person) else watcher.mine.discard)(review_id)
            looked += 1
        return watcher

    def _needs(self, tx: Reader, review_id: str, person: str) -> bool:
        situation = self._answerable(tx, review_id)
        return situation is not None and _is_wanted(tx, situation, person)

    def _asked_of(self, tx: Reader, review_id: str) -> tuple[str, ...]:
        if review_id not in self._asked:
            situation = self._answerable(tx, review_id)
            who = () if situation is None else who_may(tx, situation, hear(tx, situation)).people
            self._asked[review_id] = tuple(map(intern, who))
        return self._asked[review_id]

    def _answerable(self, tx: Reader, review_id: str) -> Situation | None:
        """The question's situation; None where nobody can answer it as things are."""
        try:
            review = find_review(tx, review_id)
            situation = None if review is None else self._situation(tx, review)
            if review is None or isinstance(situation, Refused | None) or like_asked(tx, review) is not None:
                return None
        except (LedgerForged, LedgerGone, ValidationError):
            self._stale[review_id] = None
            return None
        return situation

    def _look_up_first_pages(self, tx: Reader, until: float) -> int:
        """Whom to ask, for what people will see first; how many are left."""
        order = [review_id for _, review_id in self._in_order()]
        first = {id_: None for watcher in self._watchers.values() for id_ in _first(order, watcher.mine)[:_FIRST]}
        missing = [review_id for review_id in first or order[:_FIRST] if review_id not in self._asked]
        for looked, review_id in enumerate(missing):
            if time.monotonic() >= until:
                return len(missing) - looked
            self._asked_of(tx, review_id)
        return 0


def _first(order: list[str], needed: set[str]) -> list[str]:
    """What needs the person before what does not, each in its order."""
    mine = [review_id for review_id in order if review_id in needed]
    return [*mine, *(review_id for review_id in order if review_id not in needed)]


def _is_wanted(tx: Reader, situation: Situation, person: str) -> bool:
    """Whether this person's yes would bring it further now."""
    rights = rights_of(tx, person)
    if rights is None or not rights.active or is_absent(tx, person):
        return False
    standing = hear(tx, situation).standing
    stage = "" if standing.stage is None else standing.stage.stage
    at = max(moment(tx), standing.began_at)
    return any(standing.wanted(voice) for voice in voices_of(tx, situation, rights, stage=stage, at=at))


def _rows(tx: Reader) -> int:
    return tx.execute(select(func.count()).select_from(tables.reviews)).scalar_one()


def _roles_of(tx: Reader, person: str) -> frozenset[str]:
    """Every role that the person has or was lent, wherever."""
    rights = rights_of(tx, person)
    if rights is None or not rights.active:
        return frozenset()
    return frozenset([*rights.roles, *(grant.role for lent in acting_for(tx, person) for grant in lent.grants)])


def _roles(standing: "Standing") -> frozenset[str]:
    """Roles that may sit in the stage, now or once it has waited."""
    stage = standing.stage
    if stage is None:
        return frozenset()
    later = () if stage.escalate is None else (stage.escalate.to,)
    return frozenset([*(role for need in stage.needs for role in need.roles), *later])


def _next_turn(standing: "Standing", now: datetime) -> datetime | None:
    at = standing.escalates_at
    return at if at is not None and at > now else None

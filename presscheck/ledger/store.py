"""The ledger: open it, read what is believed, append what happened.

    ledger = Ledger.open(url, keyring=keyring, signer=signer, heads=heads)
    with ledger.write() as tx:                     # one writer at a time, on both databases
        tx.append(EventKind.REVIEW_OPENED, review.id, {"question": digest}, run=run)
    with ledger.read() as tx:
        for event in tx.events(EventKind.DECISION_APPROVED, subject=review.id): ...

`events` gives only events that the right process has signed; the rest are invisible here and are
named by `verifying`. What is written in one `write` block is committed together or not at all. What a
block has read it does not read again (`remembering`), and a writer may begin with what a reader has
just read: `ledger.write(knowing=tx.known())`.
"""

import logging
from collections.abc import Callable, Generator, Hashable, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import local
from typing import Any, Self, TypeVar

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Executable, Result, Select, bindparam, func, insert, select, text
from sqlalchemy.engine import RowMapping

from presscheck.errors import LedgerError, LedgerForged, LedgerGone, LedgerLocked
from presscheck.ledger import tables
from presscheck.ledger.chain import ChainMark, Event, believed, chain_fault, seal
from presscheck.ledger.engine import connect, in_our_words, sqlite_path
from presscheck.ledger.gaps import is_explained
from presscheck.ledger.heads import Head, keep_head, kept_head
from presscheck.ledger.keys import Keyring, Signer
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.queue import FairQueue
from presscheck.ledger.remembering import Asked, Known, Memory

Clock = Callable[[], datetime]
T = TypeVar("T")
R = TypeVar("R", bound="Reader")

_log = logging.getLogger(__name__)

SCHEMA_VERSION = "0013"
# Any number that no other program on the same database uses for its advisory locks.
APPEND_LOCK = 7_309_940_837_001
_BELIEF_CACHE = 200_000
MOST_AT_ONCE = 900
"""Values in one statement: SQLite takes 32,766, and an older one 999."""
# With more new events than this it is quicker to ask anew than to compare them with what was asked.
_MOST_SINCE = 200


def utc_now() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and Z, 27 characters, sortable as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Reader:
    """A consistent view for as long as the block lasts."""

    def __init__(self, ledger: "Ledger", connection: Connection) -> None:
        self.ledger = ledger
        self.connection = connection
        self._memory = Memory()

    @property
    def now(self) -> datetime:
        """The ledger's clock."""
        return self.ledger.clock()

    def execute(self, statement: Executable, parameters: Any = None) -> Result[*tuple[Any, ...]]:
        """Run a statement over the ledger's tables."""
        return self.connection.execute(statement, parameters)

    def events(
        self, *kinds: EventKind, subject: str | None = None, run: str | None = None, after: int = 0
    ) -> list[Event]:
        """Believed events in order; no kinds means all of them. The same question twice is asked once."""
        asked = Asked(kinds, subject, run, after)
        found = self._memory.events(asked)
        if found is None:
            found = self._find(asked)
            self._memory.keep(asked, found)
        return found

    def read_ahead(self, *kinds: EventKind, subjects: Iterable[str]) -> None:
        """Ask what `events(*kinds, subject=one)` asks of each of some subjects, by one question to the database."""
        wanted = [one for one in dict.fromkeys(subjects) if self._memory.events(Asked(kinds, one, None, 0)) is None]
        for start in range(0, len(wanted), MOST_AT_ONCE):
            found: dict[str, list[Event]] = {one: [] for one in wanted[start : start + MOST_AT_ONCE]}
            about = tables.events.c.subject.in_(list(found))
            values = {"after": 0}
            for row in self.execute(_events_like(kinds, False, False).where(about), values).mappings():
                found[row["subject"]].append(event_of(row))
            for one, events in found.items():
                believed_ones = [event for event in events if self.ledger.believes(event)]
                self._memory.keep(Asked(kinds, one, None, 0), believed_ones)

    def events_about(self, kind: EventKind, subjects: Sequence[str]) -> list[Event]:
        """Believed events of a kind about any of some subjects, in order, by one question to the database."""
        table = tables.events
        query = select(table).where(table.c.kind == kind.value, table.c.subject.in_(list(subjects)))
        found = (event_of(row) for row in self.execute(query.order_by(table.c.seq)).mappings())
        return [event for event in found if self.ledger.believes(event)]

    def events_between(self, kind: EventKind, since: datetime, before: datetime) -> list[Event]:
        """Believed events of a kind from a moment on and before another, in order."""
        table = tables.events
        query = select(table).where(
            table.c.kind == kind.value, table.c.at >= timestamp(since), table.c.at < timestamp(before)
        )
        found = (event_of(row) for row in self.execute(query.order_by(table.c.seq)).mappings())
        return [event for event in found if self.ledger.believes(event)]

    def content(self, digest: str, read: Callable[[], T]) -> T:
        """What a digest names; `read` fetches it and compares, once in this view."""
        return self._memory.content(digest, read)

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What `find` gives, asked once in this view."""
        return self._memory.once(key, find)

    def known(self) -> Known:
        """What this view has read, for a writer that goes on from here."""
        return self._memory.known(self.tip())

    def _last_at(self) -> str | None:
        table = tables.events
        return self.execute(select(table.c.at).order_by(table.c.seq.desc()).limit(1)).scalar()

    def _find(self, asked: Asked) -> list[Event]:
        query = _events_like(asked.kinds, asked.subject is not None, asked.run is not None)
        given = {"after": asked.after, "subject": asked.subject, "run": asked.run}
        values = {name: value for name, value in given.items() if value is not None}
        found = (event_of(row) for row in self.execute(query, values).mappings())
        return [event for event in found if self.ledger.believes(event)]

    def newest(self, kind: EventKind, *, subject: str) -> Event | None:
        """The last believed event of a kind about a subject; reads no more than it has to."""
        table = tables.events
        query = select(table).where(table.c.kind == kind.value, table.c.subject == subject)
        rows = self.execute(query.order_by(table.c.seq.desc()).execution_options(yield_per=8)).mappings()
        found = next((event for event in map(event_of, rows) if self.ledger.believes(event)), None)
        rows.close()
        return found

    def event(self, seq: int) -> Event | None:
        """The believed event at `seq`."""
        row = self.execute(select(tables.events).where(tables.events.c.seq == seq)).mappings().first()
        if row is None:
            return None
        event = event_of(row)
        return event if self.ledger.believes(event) else None

    def last_at(self) -> datetime | None:
        """When the last event was written; None in an empty ledger."""
        text = self.once("last event", self._last_at)
        return None if text is None else datetime.fromisoformat(text)

    def tip(self) -> ChainMark:
        """The last event as it stands, believed or not."""
        table = tables.events
        row = self.execute(select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)).first()
        return ChainMark() if row is None else ChainMark(row.seq, row.hash)

    def holds(self, mark: ChainMark) -> bool:
        """Whether this chain has that very event."""
        return self.stored_hash(mark.seq) == mark.hash if mark.seq else mark == ChainMark()

    def stored_hash(self, seq: int) -> str | None:
        """The hash of the event at `seq` as it stands, believed or not."""
        return self.execute(select(tables.events.c.hash).where(tables.events.c.seq == seq)).scalar()

    def follow(self, mark: ChainMark) -> tuple[ChainMark, str | None]:
        """Verify the chain from `mark` to its end; the new mark, and the first fault if there is one.

        Also counts the events up to the end, so that one taken out before `mark` shows.
        """
        table = tables.events
        if mark.seq and not self.holds(mark):
            return ChainMark(), f"event {mark.seq} is gone or was altered: the ledger was cut or replaced"
        rows = (
            self.execute(select(table).where(table.c.seq > mark.seq).order_by(table.c.seq)).yield_per(1000).mappings()
        )
        mark, fault = chain_fault((event_of(row) for row in rows), self.ledger.keyring, mark)
        if fault is None:
            count = self.execute(select(func.count()).select_from(table)).scalar_one()
            if count != mark.seq:
                fault = f"{mark.seq} events are chained but {count} are stored: one was taken out or put in"
        return mark, fault


class Writer(Reader):
    """A reader that may also append and write; holds the ledger's only write lock."""

    def __init__(self, ledger: "Ledger", connection: Connection, signer: Signer) -> None:
        super().__init__(ledger, connection)
        self._signer = signer
        self._tip: tuple[ChainMark, str] | None = None
        self.appended: ChainMark | None = None

    def execute(self, statement: Executable, parameters: Any = None) -> Result[*tuple[Any, ...]]:
        """Run a statement; one that is no plain question may change what was asked `once`."""
        found = super().execute(statement, parameters)
        if not isinstance(statement, Select):
            self._memory.changed()
        return found

    def _last_at(self) -> str | None:
        return super()._last_at() if self._tip is None else self._tip[1] or None

    def recall(self, known: Known) -> None:
        """Begin with what a reader has read, as far as no event since has touched it."""
        table = tables.events
        query = select(table).where(table.c.seq >= known.mark.seq).order_by(table.c.seq).limit(_MOST_SINCE + 2)
        stand = [event_of(row) for row in self.execute(query).mappings()]
        if known.mark.seq:
            if not stand or (stand[0].seq, stand[0].hash) != (known.mark.seq, known.mark.hash):
                # Another chain stands here now: nothing that was read of the one before counts.
                return
            before, stand = stand[0], stand[1:]
        else:
            before = None
        if len(stand) > _MOST_SINCE:
            return
        self._memory.recall(known, stand)
        last = stand[-1] if stand else before
        if last is not None:
            self._tip = (ChainMark(last.seq, last.hash), last.at)

    def append(self, kind: EventKind, subject: str, body: dict[str, Any], *, run: str = "") -> Event:
        """Chain and sign one event. The body holds digests and pseudonyms, never personal data."""
        if self._tip is None:
            table = tables.events
            row = self.execute(
                select(table.c.seq, table.c.hash, table.c.at).order_by(table.c.seq.desc()).limit(1)
            ).first()
            self._tip = (ChainMark(), "") if row is None else (ChainMark(row.seq, row.hash), row.at)
        mark, last_at = self._tip
        # A clock set back must not make an answer older than its question.
        at = max(timestamp(self.now), last_at)
        event = seal(self._signer, after=mark, at=at, kind=kind, run=run, subject=subject, body=body)
        self.execute(insert(tables.events), event.__dict__)
        self._tip = (ChainMark(event.seq, event.hash), at)
        self.appended = self._tip[0]
        self._memory.appended(event)
        return event


class Ledger:
    """One database, one reader's keyring and, for a process that writes, its signer."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        keyring: Keyring,
        signer: Signer | None,
        heads: Path | None,
        clock: Clock,
        wait_seconds: float = 30,
    ) -> None:
        self.engine = engine
        self.url = url
        self.keyring = keyring
        self.signer = signer
        self.heads = heads
        self.clock = clock
        self._beliefs: dict[str, bool] = {}
        self._wait_seconds = wait_seconds
        self._open = local()
        # PostgreSQL's advisory lock is a fair queue already.
        self._queue = FairQueue() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(
        cls,
        url: str,
        *,
        keyring: Keyring,
        signer: Signer | None = None,
        heads: Path | None = None,
        clock: Clock = utc_now,
        wait_seconds: float = 30,
        password: SecretStr | None = None,
    ) -> Self:
        """Open a ledger that exists. LedgerGone where there is none, or one of another version."""
        path = sqlite_path(url)
        if path is not None and not path.exists():
            raise LedgerGone(f"{path}: there is no ledger here; `presscheck up` makes one")
        engine = connect(url, password=password, wait_seconds=wait_seconds)
        ledger = cls(engine, url, keyring, signer, heads, clock, wait_seconds)
        try:
            ledger.check_schema()
        except LedgerError:
            ledger.close()
            raise
        return ledger

    def check_schema(self) -> None:
        """LedgerGone unless the database holds the tables of this version."""
        with self.read() as tx:
            version = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version != SCHEMA_VERSION:
            raise LedgerGone(
                f"{self.place}: the ledger is of version {version}, this program of {SCHEMA_VERSION}; "
                "`presscheck up`, or `presscheck db upgrade` as its owner, brings it up to date"
            )

    @property
    def place(self) -> str:
        """The database's address without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Generator[Reader]:
        """A block that reads one consistent state."""
        with in_our_words(self.url), self.engine.connect() as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            with self._opened(Reader(self, connection)) as reader:
                yield reader

    @contextmanager
    def view(self) -> Generator[Reader]:
        """The block of this ledger that this thread is in, else one of its own for reading.

        For what is asked in the middle of a judgement: it sees what the judgement sees, and waits for no
        connection while holding one.
        """
        stack: list[Reader] = getattr(self._open, "stack", [])
        if stack:
            yield stack[-1]
            return
        with self.read() as tx:
            yield tx

    @contextmanager
    def _opened(self, reader: R) -> Generator[R]:
        """Keep a block for `view` as long as it is open."""
        stack: list[Reader] = self._open.__dict__.setdefault("stack", [])
        stack.append(reader)
        try:
            yield reader
        finally:
            stack.remove(reader)

    @contextmanager
    def write(self, *, knowing: Known | None = None) -> Generator[Writer]:
        """A block that is committed whole or not at all; LedgerLocked if another holds it too long.

        `knowing` is what a reader of this ledger has just read, so that less is left to do under the lock.
        """
        if self.signer is None:
            raise LedgerError(f"{self.place}: opened for reading only; this process has no signing key")
        writer: Writer | None = None
        kept: Head | None = None
        explained = False
        with (
            in_our_words(self.url),
            self._turn(),
            self.engine.connect().execution_options(presscheck_write=True) as connection,
        ):
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(APPEND_LOCK)))
                writer = Writer(self, connection, self.signer)
                if knowing is not None:
                    writer.recall(knowing)
                with self._opened(writer):
                    yield writer
                if writer.appended is not None:
                    # Asked before the commit, where nobody else writes: it takes no second look at the database.
                    kept = self._lost_head(writer, self.signer)
                    explained = kept is not None and is_explained(writer, kept)
        if writer.appended is not None and self.heads is not None:
            lost = None if kept is None else kept.mark
            try:
                keep_head(self.heads, self.signer, writer.appended, lost=lost, explained=explained)
            except (OSError, LedgerForged) as error:
                # The commit stands; a head may lag. The next commit tries again, and `verify` names a forged one.
                _log.warning("the %s's head could not be kept: %s", self.signer.process, error)

    def _lost_head(self, tx: Writer, signer: Signer) -> Head | None:
        """The head that this process has kept, where this chain does not hold it."""
        try:
            kept = None if self.heads is None else kept_head(self.heads, signer.process)
        except (OSError, LedgerForged):
            # It is told when the head is to be kept, after the commit.
            return None
        return None if kept is None or tx.holds(kept.mark) else kept

    @contextmanager
    def _turn(self) -> Generator[None]:
        if self._queue is None:
            yield
            return
        with self._queue.turn(wait_seconds=self._wait_seconds) as came:
            if not came:
                raise LedgerLocked(
                    f"{self.place}: this process itself wrote for longer than we wait; nothing was written. Try again."
                )
            yield

    def believes(self, event: Event) -> bool:
        """Whether an event is signed by a process that may write its kind; remembered by content."""
        # The stored fields are hashed each time; only the signature of that hash is remembered.
        if not event.intact:
            return False
        key = f"{event.hash}:{event.signature}:{event.process}"
        known = self._beliefs.get(key)
        if known is None:
            if len(self._beliefs) > _BELIEF_CACHE:
                self._beliefs.clear()
            known = self._beliefs[key] = believed(event, self.keyring)
        return known


@lru_cache(maxsize=512)
def _events_like(kinds: tuple[EventKind, ...], by_subject: bool, by_run: bool) -> Select[Any]:
    """The statement for one shape of question: building it anew took longer than most answers."""
    table = tables.events
    query = select(table).where(table.c.seq > bindparam("after")).order_by(table.c.seq)
    if kinds:
        query = query.where(table.c.kind.in_([kind.value for kind in kinds]))
    if by_subject:
        query = query.where(table.c.subject == bindparam("subject"))
    if by_run:
        query = query.where(table.c.run == bindparam("run"))
    return query


def event_of(row: RowMapping) -> Event:
    return Event(**row)  # pyright: ignore[reportArgumentType]

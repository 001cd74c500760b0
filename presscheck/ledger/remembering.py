"""What one block has read of the ledger, so that nothing is read twice; and what of it a later block may still believe.

A view does not change under its reader, so an answer once given stands until the block ends, or until
the block itself appends something that the question is about. `Known` carries answers over to a writer:
it takes only those that no event since has touched, and nothing at all where the chain's place is another.
What lies beside the chain (names, addresses, rows) is asked again, unless its digest says what it is.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from presscheck.ledger.chain import ChainMark, Event
from presscheck.ledger.kinds import EventKind

T = TypeVar("T")

# A longer answer is a report's, asked for once: it is not held for as long as the block lasts.
_LONGEST = 2_000
# A block that asks more than this is a long one: it begins to forget rather than to grow.
_MOST = 5_000


@dataclass(frozen=True)
class Asked:
    """A question about the chain: which events, in the words of `Reader.events`."""

    kinds: tuple[EventKind, ...]
    subject: str | None
    run: str | None
    after: int

    def is_about(self, event: Event) -> bool:
        """Whether the event, believed or not, belongs to the answer."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and self.subject in (None, event.subject)
            and self.run in (None, event.run)
            and event.seq > self.after
        )


@dataclass(frozen=True)
class Known:
    """What a view has read, and the last event that it saw."""

    mark: ChainMark
    answers: Mapping[Asked, tuple[Event, ...]]
    contents: Mapping[str, Any]


class Memory:
    """One block's answers: events by question, contents by digest, and whatever else is asked `once`."""

    def __init__(self) -> None:
        self._answers: dict[Asked, tuple[Event, ...]] = {}
        self._places: dict[tuple[str | None, str | None], set[Asked]] = {}
        self._contents: dict[str, Any] = {}
        self._others: dict[Hashable, Any] = {}

    def events(self, asked: Asked) -> list[Event] | None:
        """The answer given before; None where it was not asked yet."""
        found = self._answers.get(asked)
        return None if found is None else list(found)

    def keep(self, asked: Asked, found: Iterable[Event]) -> None:
        """Remember an answer, unless it is a report's."""
        events = tuple(found)
        if len(events) > _LONGEST:
            return
        if len(self._answers) >= _MOST:
            self._answers.clear()
            self._places.clear()
        self._answers[asked] = events
        self._places.setdefault((asked.subject, asked.run), set()).add(asked)

    def appended(self, event: Event) -> None:
        """Forget what the new event changes."""
        for subject in (event.subject, None):
            for run in (event.run, None):
                there = self._places.get((subject, run), set())
                gone = {asked for asked in there if asked.is_about(event)}
                there -= gone
                for asked in gone:
                    del self._answers[asked]
        self.changed()

    def changed(self) -> None:
        """Forget what was asked `once`: something was written."""
        self._others.clear()

    def content(self, digest: str, read: Callable[[], T]) -> T:
        """What `digest` names, read and compared with its digest by `read` once; errors are not remembered."""
        if digest not in self._contents:
            if len(self._contents) >= _MOST:
                self._contents.clear()
            self._contents[digest] = read()
        return cast(T, self._contents[digest])

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What `find` gave the first time."""
        if key not in self._others:
            self._others[key] = find()
        return cast(T, self._others[key])

    def known(self, mark: ChainMark) -> Known:
        """What may be carried over, as of `mark`, the end of the chain in this view."""
        return Known(mark, dict(self._answers), dict(self._contents))

    def recall(self, known: Known, since: Iterable[Event]) -> None:
        """Take over what none of the events `since` touches; they are compared whether or not they are believed."""
        later = tuple(since)
        for asked, found in known.answers.items():
            if not any(asked.is_about(event) for event in later):
                self.keep(asked, found)
        self._contents.update(known.contents)

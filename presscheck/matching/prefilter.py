"""Says in one pass which of many patterns may match a text, and never leaves out one that does.

    may = Automaton(patterns)          # or Sets(patterns)
    may.match("Ends in 2 hours")       # the numbers of the patterns that are worth a second look

With hyperscan (Intel's own, BSD) all patterns are a few automata of bytes. Each is widened first (`widening`), which
says yes more often and compiles in a fraction of the time. Where it has no wheel, sets of RE2 do the same at a
twentieth of the speed.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from importlib import import_module
from threading import Lock
from typing import Any, Protocol, cast

from presscheck.matching.widening import widened

# google-re2 and hyperscan have no type information; imported as values they are plainly untyped, not partly.
_re2: Any = import_module("re2")

FOLDED_INTO_ASCII = ("\u017f", "\u212a")
"""To RE2 the long s is an s, and the sign of kelvin a k, where case does not count."""

# The states of many patterns together are the product of theirs: 89 in one set read 6,529 advertisements in 1.7 s,
# in sets of twelve in 0.3 s, and found the same.
_AT_ONCE = 12
# Two hundred patterns compile in a third of the time in twos of a hundred, and scan as fast.
_IN_ONE = 100


class Prefilter(Protocol):
    """What may match; RE2 says then what does."""

    def match(self, text: str) -> Sequence[int]:
        """The numbers of all patterns that match, in order, and perhaps of some that do not."""
        ...

    def to_keep(self) -> bytes | None:
        """What takes long to build, to be read again; None where nothing does."""
        ...


class Sets:
    """Sets of RE2: built in milliseconds, and exact."""

    def __init__(self, patterns: Sequence[str]) -> None:
        options: Any = _re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        # A set whose memory is too small for its states finds nothing and does not say so. Its states
        # hold four bytes an instruction, so this is enough for some thirty states of the largest set.
        options.max_mem = 64 << 20
        self._sets: list[Any] = []
        for first in range(0, len(patterns), _AT_ONCE):
            some = _re2.Set.SearchSet(options)
            for pattern in patterns[first : first + _AT_ONCE]:
                some.Add(pattern)
            some.Compile()
            self._sets.append(some)

    def match(self, text: str) -> Sequence[int]:
        return [
            number * _AT_ONCE + index
            for number, some in enumerate(self._sets)
            for index in sorted(cast(list[int], some.Match(text) or []))
        ]

    def to_keep(self) -> bytes | None:
        return None


class Automaton:
    """Automata of hyperscan: built in some seconds, for thousands of texts. ImportError without hyperscan."""

    def __init__(self, patterns: Sequence[str], kept: bytes | None = None) -> None:
        """`kept` is what `to_keep` gave for the same patterns; ValueError where it is damaged or of another machine."""
        self._hyperscan: Any = import_module("hyperscan")
        self._refused: list[int] = []
        self._databases: list[Any] = self._compiled(patterns) if kept is None else self._read(kept, patterns)
        self._others = Sets([patterns[at] for at in self._refused])
        self._patterns = patterns
        for database in self._databases:
            database.scratch = self._hyperscan.Scratch(database)
        # One scratch space serves one scan at a time.
        self._alone = Lock()

    @cached_property
    def _slow(self) -> Sets:
        return Sets(self._patterns)

    def match(self, text: str) -> Sequence[int]:
        if not text.isascii() and any(sign in text for sign in FOLDED_INTO_ASCII):
            # Bytes do not say so.
            return self._slow.match(text)
        seen: list[int] = [self._refused[at] for at in self._others.match(text)] if self._refused else []
        raw = text.encode("utf-8", "replace")
        with self._alone:
            for database in self._databases:
                database.scan(raw, match_event_handler=_take, context=seen)
        seen.sort()
        return seen

    def to_keep(self) -> bytes | None:
        """The automata, to be read again on the same kind of processor in a few milliseconds."""
        head = ",".join(map(str, self._refused)).encode()
        return joined([head, *(self._hyperscan.dumpb(database) for database in self._databases)])

    def _compiled(self, patterns: Sequence[str]) -> list[Any]:
        """Of some patterns together, on both cores: what all of them take together grows faster than their number.

        Those that hyperscan refuses are left to RE2's sets.
        """
        wider = [widened(pattern) for pattern in patterns]
        # Those that begin alike share their beginnings.
        order = sorted(range(len(wider)), key=wider.__getitem__)
        chunks = [order[first : first + _IN_ONE] for first in range(0, len(order), _IN_ONE)]
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(partial(self._of_those_taken, wider), chunks))

    def _of_those_taken(self, patterns: Sequence[str], numbers: Sequence[int]) -> Any:
        try:
            return self._of([patterns[at] for at in numbers], numbers)
        except self._hyperscan.error:
            refused = [at for at in numbers if not self._takes(patterns[at])]
            self._refused += refused
            taken = [at for at in numbers if at not in refused]
            return self._of([patterns[at] for at in taken], taken)

    def _takes(self, pattern: str) -> bool:
        try:
            self._of([pattern], [0])
        except self._hyperscan.error:
            return False
        return True

    def _of(self, patterns: Sequence[str], numbers: Sequence[int]) -> Any:
        flags = self._hyperscan.HS_FLAG_CASELESS | self._hyperscan.HS_FLAG_SINGLEMATCH
        database: Any = self._hyperscan.Database()
        # An automaton of nothing is refused; this one matches what is in no UTF-8.
        some = list(patterns) or [r"\xff\xff\xff"]
        database.compile(
            expressions=[pattern.encode() for pattern in some],
            ids=list(numbers) or [0],
            flags=[flags] * len(some),
        )
        return database

    def _read(self, kept: bytes, patterns: Sequence[str]) -> list[Any]:
        try:
            head, *dumped = parts_of(kept)
            self._refused = [int(number) for number in head.split(b",") if number]
            if len(dumped) != -(-len(patterns) // _IN_ONE) or not all(0 <= at < len(patterns) for at in self._refused):
                raise ValueError("some of it is missing")
            return [self._hyperscan.loadb(one, self._hyperscan.HS_MODE_BLOCK) for one in dumped]
        except (self._hyperscan.error, ValueError) as error:
            raise ValueError("what was kept of the automaton cannot be read here") from error


def joined(parts: Sequence[bytes | None]) -> bytes | None:
    """What several automata gave to keep, as one; None where one of them keeps nothing."""
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else b"".join(b"%d\n%s" % (len(part), part) for part in known)


def parts_of(kept: bytes) -> list[bytes]:
    """What `joined` put together. ValueError where it is damaged."""
    parts: list[bytes] = []
    while kept:
        length, _, rest = kept.partition(b"\n")
        size = int(length)
        if size < 0 or len(rest) < size:
            raise ValueError("it ends too soon")
        parts.append(rest[:size])
        kept = rest[size:]
    return parts


def _take(index: int, start: int, end: int, flags: int, seen: list[int]) -> None:
    del start, end, flags
    seen.append(index)

"""Says in one pass which of many patterns may match a text, and never leaves out one that does.

    may = Prefilter(patterns)
    may.match("Ends in 2 hours")       # the numbers of the patterns that are worth a second look

With hyperscan (Intel, BSD) all patterns are one automaton, as fast for two hundred as for one. Each is widened first:
a bounded repetition such as {0,40} becomes an unbounded one, which says yes more often and compiles in a hundredth of
the time. Where hyperscan has no wheel, sets of RE2 do the same at a twentieth of the speed.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from threading import Lock
from typing import Any, Protocol, cast

# google-re2 and hyperscan have no type information; imported as values they are plainly untyped, not partly.
_re2: Any = import_module("re2")

# The states of many patterns together are the product of theirs: 89 in one set read 6,529 advertisements in 1.7 s,
# in sets of twelve in 0.3 s, and found the same.
_AT_ONCE = 12
_COUNTED = re.compile(r"(?<!\\)((?:\\\\)*)\{(\d+),(\d*)\}")
_CASE_COUNTS = re.compile(r"\(\?[a-z]*-[a-z]*i")
_OF_A_CASE = re.compile(r"\\p\{L[ult]\}")
_FEW = 4
_NOTHING = 2**31 - 1


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
    """One automaton of hyperscan: built in a second or two, for thousands of texts. ImportError without hyperscan."""

    def __init__(self, patterns: Sequence[str], kept: bytes | None = None) -> None:
        """`kept` is what `to_keep` gave for the same patterns; ValueError where it is damaged or of another machine."""
        self._hyperscan: Any = import_module("hyperscan")
        if kept is None:
            self._refused = self._compile(patterns)
        else:
            self._refused = self._read(kept)
        self._others = Sets([patterns[at] for at in self._refused])
        self._scratch: Any = self._hyperscan.Scratch(self._database)
        self._database.scratch = self._scratch
        # One scratch space serves one scan at a time.
        self._alone = Lock()

    def match(self, text: str) -> Sequence[int]:
        seen: list[int] = [self._refused[at] for at in self._others.match(text)] if self._refused else []
        with self._alone:
            self._database.scan(text.encode("utf-8", "replace"), match_event_handler=_take, context=seen)
        seen.sort()
        return seen

    def to_keep(self) -> bytes | None:
        """The automaton, to be read again on the same kind of processor in a few milliseconds."""
        head = ",".join(map(str, self._refused)).encode()
        return b"%s\n%s" % (head, self._hyperscan.dumpb(self._database))

    def _compile(self, patterns: Sequence[str]) -> list[int]:
        """Compiles all; the numbers of those that hyperscan does not take, which RE2's sets have to find."""
        widened = [_widened(pattern) for pattern in patterns]
        try:
            self._database = self._of(widened, range(len(widened)))
        except self._hyperscan.error:
            refused = [at for at, pattern in enumerate(widened) if not self._takes(pattern)]
            kept = [at for at in range(len(widened)) if at not in refused]
            self._database = self._of([widened[at] for at in kept], kept)
            return refused
        return []

    def _takes(self, pattern: str) -> bool:
        try:
            self._of([pattern], [0])
        except self._hyperscan.error:
            return False
        return True

    def _of(self, patterns: Sequence[str], numbers: Sequence[int]) -> Any:
        hyperscan = self._hyperscan
        flags = (
            hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_UTF8
            | hyperscan.HS_FLAG_PREFILTER
        )  # fmt: skip
        database: Any = hyperscan.Database()
        # An automaton of nothing is refused; this one matches a sign that stands in no text.
        some = list(patterns) or [r"\x{10FFFF}"]
        database.compile(
            expressions=[pattern.encode() for pattern in some],
            ids=list(numbers) or [_NOTHING],
            flags=[flags] * len(some),
        )
        return database

    def _read(self, kept: bytes) -> list[int]:
        head, _, dumped = kept.partition(b"\n")
        try:
            self._database: Any = self._hyperscan.loadb(dumped, self._hyperscan.HS_MODE_BLOCK)
            return [int(number) for number in head.split(b",") if number]
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
        parts.append(rest[:size])
        kept = rest[size:]
    return parts


def _take(index: int, start: int, end: int, flags: int, seen: list[int]) -> None:
    del start, end, flags
    if index != _NOTHING:
        seen.append(index)


def _widened(pattern: str) -> str:
    """A pattern that matches wherever this one does: long counted repetitions lose their bounds, and where case does
    not count, capitals and small letters are letters, which RE2 knows by itself."""

    def unbounded(found: re.Match[str]) -> str:
        least, most = int(found[2]), int(found[3] or found[2])
        if max(least, most) <= _FEW:
            return found[0]
        return f"{found[1]}{{{min(least, _FEW)},}}"

    any_case = pattern if _CASE_COUNTS.match(pattern) else _OF_A_CASE.sub(r"\\p{L}", pattern)
    return _COUNTED.sub(unbounded, any_case)

"""Finds patterns that users write, in linear time whatever they write (RE2).

Patterns ignore case unless they start with `(?-i)`; `.` does not match a line's end and `^`, `$`
match at the text's ends only, unless a pattern asks for `(?s)` or `(?m)`.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
_re2: Any = import_module("re2")

_MAX_LENGTH = 2_000
_MAX_SIZE = 50_000
_MAX_SIZE_OF_ALL = 500_000
_MAX_HITS = 50
# The states of many patterns together are the product of theirs: 89 in one set read 6,529 advertisements in 1.7 s,
# in sets of twelve in 0.3 s, and found the same.
_AT_ONCE = 12


class PatternMatcher:
    """A fixed set of RE2 patterns; raises ValueError for one that RE2 does not take."""

    def __init__(self, patterns: Sequence[str]) -> None:
        for pattern in patterns:
            if fault := fault_of_pattern(pattern):
                raise ValueError(fault)
        options = _options()
        # A set whose memory is too small for its states finds nothing and does not say so. Its states
        # hold four bytes an instruction, so this is enough for some thirty states of the largest set.
        options.max_mem = 64 << 20
        self._patterns: list[Any] = [_re2.compile(pattern, _options()) for pattern in patterns]
        if sum(int(pattern.programsize) for pattern in self._patterns) > _MAX_SIZE_OF_ALL:
            raise ValueError("the patterns together are too large; shorten counted repetitions such as {1,500}")
        self._marked = [int(pattern.groupindex.get("it", 0)) for pattern in self._patterns]
        self._sets: list[Any] = []
        for first in range(0, len(patterns), _AT_ONCE):
            some = _re2.Set.SearchSet(options)
            for pattern in patterns[first : first + _AT_ONCE]:
                some.Add(pattern)
            some.Compile()
            self._sets.append(some)

    def find(self, text: Normalised, *, many: bool = False) -> list[Hit]:
        """Matches in the text as it stands and as it reads without disguise, as original spans.

        Of a pattern with a group named `it` the group is the match, and what stands around it says where it counts.
        """
        del many
        hits = set(self._read(Reading(text.original.encode("utf-8", "replace").decode())))
        if text.folded.text != text.original:
            hits.update(self._read(text.folded))
        if text.parted is not None:
            hits.update(self._read(text.parted))
        return sorted(hits)

    def expanded(self, index: int, words: str, template: str) -> str:
        r"""`template` with `\1` and so on replaced by the groups of a pattern's match on `words`."""
        match = self._patterns[index].search(words)
        return words if match is None else str(match.expand(template))

    def _read(self, reading: Reading) -> list[Hit]:
        hits: list[Hit] = []
        found = (
            number * _AT_ONCE + index
            for number, some in enumerate(self._sets)
            for index in sorted(cast(list[int], some.Match(reading.text) or []))
        )
        for index in found:
            for at, match in enumerate(self._patterns[index].finditer(reading.text)):
                if at == _MAX_HITS:
                    break
                start, end = cast(tuple[int, int], match.span(self._marked[index]))
                if start < end:
                    hits.append(Hit(*reading.span(start, end), index))
        return hits


def fault_of_pattern(pattern: str) -> str | None:
    """Why RE2 does not take this pattern, or None; one that matches nothing at all is refused too."""
    if len(pattern) > _MAX_LENGTH:
        return f"is {len(pattern):,} characters long; at most {_MAX_LENGTH:,} are taken"
    try:
        compiled: Any = _re2.compile(pattern, _options())
    except (_re2.error, UnicodeError) as broken:
        said: object = cast(Exception, broken).args[0]
        shown = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(cast(Exception, broken))
        return f"is no RE2 pattern: {shown} (RE2 knows no look-around and no back-references)"
    if int(compiled.programsize) > _MAX_SIZE:
        return "is too large when compiled; shorten counted repetitions such as {1,500}"
    if compiled.search("") is not None:
        return "matches the empty text, so it would always fire; ask for at least one character"
    return None


def _options() -> Any:
    options: Any = _re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return options

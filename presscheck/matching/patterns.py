"""Finds patterns that users write, in linear time whatever they write (RE2).

Patterns ignore case unless they start with `(?-i)`; `.` does not match a line's end and `^`, `$`
match at the text's ends only, unless a pattern asks for `(?s)` or `(?m)`.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any, cast

from presscheck.matching.glance import Glance, conditions, words_of
from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading
from presscheck.matching.prefilter import FOLDED_INTO_ASCII, Automaton, Prefilter, Sets, joined, parts_of
from presscheck.matching.widening import widened

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
_re2: Any = import_module("re2")

Only = frozenset[int] | None
"""The numbers of patterns that are asked for; None is all."""

_MAX_LENGTH = 2_000
_MAX_SIZE = 50_000
_MAX_SIZE_OF_ALL = 500_000
_MAX_HITS = 50
# What a replacement says of the match: a group by its number, or a backslash.
_REFERENCE = re.compile(r"\\(?:(\d{1,2})|\\|.?)", re.DOTALL)
# What only the text as it stands can have: signs outside of ASCII, line ends and several spaces.
_LITERAL = re.compile(r"[^\x00-\x7f]|\\[xpPnrtv]|\(\?[a-z]*m|\\s[{+*]?\\s|\\s\{[2-9]|  ")
# A class of all but some signs of ASCII; one of all but ASCII (`[^ -~]`) names what lies beyond.
_NEGATED = re.compile(r"\[\^(?![ !]-~)(?:[^\]\\\x80-\U0010ffff]|\\[^xpP])*\]")


class PatternMatcher:
    """A fixed set of RE2 patterns; raises ValueError for one that RE2 does not take."""

    def __init__(
        self,
        patterns: Sequence[str],
        whether: frozenset[int] = frozenset(),
        as_written: frozenset[int] = frozenset(),
        every: frozenset[int] = frozenset(),
        seldom: frozenset[int] = frozenset(),
    ) -> None:
        """`whether`: the numbers of those of which is asked only whether they may match; their hits have length 0.
        `as_written`: of those that read the text as it stands, in which `…` is not `...`. `every`: of those of which
        the caller lets some hits pass, so that all are told and not the first fifty. `seldom`: of those that `only`
        mostly leaves out."""
        self._whether = whether
        self._as_written = as_written
        self._every = every
        for number, pattern in enumerate(patterns):
            # Those are our own, and longer than anybody should write.
            if number in whether:
                continue
            if fault := fault_of_pattern(pattern):
                raise ValueError(fault)
        self.texts = tuple(patterns)
        self._patterns: dict[int, Any] = {
            number: _compiled(pattern) for number, pattern in enumerate(patterns) if number not in whether
        }
        if sum(int(pattern.programsize) for pattern in self._patterns.values()) > _MAX_SIZE_OF_ALL:
            raise ValueError("the patterns together are too large; shorten counted repetitions such as {1,500}")
        # Of the text as it stands these say something that is gone once disguise is undone; all others read it undone.
        self._literal = frozenset(
            number for number, pattern in enumerate(patterns) if number in as_written or _is_literal(pattern)
        )
        self._marked = {number: int(one.groupindex.get("it", 0)) for number, one in self._patterns.items()}
        told = {
            number: conditions(pattern, literal=number in self._literal)
            for number, pattern in enumerate(patterns)
            if number not in whether
        }
        self.conditions = {number: asked for number, asked in told.items() if asked is not None}
        """The words that a text must hold for a pattern to match, for those that have some; of these a glance tells."""
        signs = [number for number in range(len(patterns)) if number not in self.conditions]
        # Patterns that are mostly not asked for are passed over by themselves.
        parts = [[one for one in signs if (one in seldom) is apart] for apart in (False, True)]
        self._whole = parts
        self._as_it_stands = [[one for one in part if one in self._literal] for part in parts]

    @cached_property
    def _few(self) -> "_Passes":
        return self._passes(lambda patterns, _: Sets(patterns))

    @cached_property
    def _many(self) -> "_Passes":
        try:
            return self._passes(lambda patterns, _: Automaton(patterns))
        except ImportError:
            return self._few

    def _passes(self, build: Callable[[Sequence[str], int], Prefilter]) -> "_Passes":
        built = [
            (numbers, build([self.texts[one] for one in numbers], at))
            for at, numbers in enumerate((*self._whole, *self._as_it_stands))
        ]
        return _Passes(built[: len(self._whole)], built[len(self._whole) :])

    def recall(self, kept: bytes) -> None:
        """Take as built for many texts what `to_keep` gave. ValueError where it cannot be read, ImportError without
        hyperscan."""
        parts = parts_of(kept)
        if len(parts) != len(self._whole) + len(self._as_it_stands):
            raise ValueError("what was kept of the automaton cannot be read here")
        self._many = self._passes(lambda patterns, at: Automaton(patterns, parts[at]))

    @cached_property
    def digest(self) -> str:
        """Of what is built for many texts; where this program widens the same patterns otherwise, it is another."""
        said = [*map(widened, self.texts), *map(str, (*self._whole, *self._as_it_stands))]
        return hashlib.sha256("\0".join(said).encode()).hexdigest()

    def to_keep(self) -> bytes | None:
        """What takes seconds to build, to be read again in milliseconds; None where nothing does."""
        return joined([one.to_keep() for _, one in (*self._many.whole, *self._many.as_it_stands)])

    @cached_property
    def _glance(self) -> Glance:
        return Glance((), self.conditions)

    def find(self, text: Normalised, *, many: bool = False, only: Only = None) -> list[Hit]:
        """Matches in the text as it reads without disguise, as original spans.

        Patterns that name signs which are gone then (`«`, a line's end, `\\x{200B}`) read it as it stands as well.

        Of a pattern with a group named `it` the group is the match, and what stands around it says where it counts.
        `many`: this is one of thousands of texts, for which a quicker pass is built first, in a second. `only`: the
        numbers of those that are asked for; None is all.
        """
        if not self.texts:
            return []
        told = self._glance.at(words_of(text, disguised=False))[1] if self.conditions else ()
        may = self.may(text, many=many, only=only)
        may.told(told, only)
        hits = [hit for number in may.numbers() for hit in self.hits(number, may)]
        return sorted(hits) if len(hits) > 1 else hits

    def may(self, text: Normalised, *, many: bool, only: Only) -> "May":
        """Which patterns may match in which reading, of those that no glance tells."""
        passes = self._many if many else self._few
        if not text.folded.moved:
            return May([_Look(text.folded, passes.numbers(text.original, only, stands=False))], self)
        # Half a surrogate pair is in no pattern, and RE2 reads UTF-8.
        original = text.original
        sound = original if original.isascii() else original.encode("utf-8", "replace").decode()
        as_it_stands = passes.numbers(sound, only, stands=True)
        if not sound.isascii() and any(sign in sound for sign in FOLDED_INTO_ASCII):
            # To RE2 they are letters of ASCII, and bare words do not say so.
            told = (number for number in self._literal if number in self.conditions)
            as_it_stands += [number for number in told if only is None or number in only]
        undone = [reading for reading in (text.folded, text.parted) if reading is not None]
        looks = [_Look(reading, passes.numbers(reading.text, only, stands=False)) for reading in undone]
        return May([_Look(Reading(sound), as_it_stands, stands=True), *looks], self)

    def expanded(self, index: int, words: str, template: str) -> str:
        r"""`template` with `\1` and so on replaced by the groups of a pattern's match on `words`."""
        # Half a surrogate pair may stand in what is found, and RE2 reads UTF-8.
        match = self._patterns[index].search(words.encode("utf-8", "replace").decode())
        return (
            words
            if match is None
            else _REFERENCE.sub(lambda one: str(match[int(one[1])] or "") if one[1] else "\\", template)
        )

    def hits(self, number: int, may: "May") -> list[Hit]:
        """The matches of one pattern, in the readings in which it may match."""
        found: list[Hit] = []
        for look in may.looks:
            if number in look.numbers:
                found += self._read(look, number, may)
        return sorted({*found}) if len(found) > 1 else found

    def _read(self, look: "_Look", number: int, may: "May") -> list[Hit]:
        if number in self._whether:
            return [Hit(0, 0, number)]
        if number in self._as_written and may.moved and not look.stands:
            return []
        reading, hits = look.reading, list[Hit]()
        most = _MAX_HITS if number not in self._every else math.inf
        for match in self._patterns[number].finditer(look.searched):
            start, end = look.span(cast(tuple[int, int], match.span(self._marked[number])))
            if number in self._as_written and _inside_a_word(reading.text, start, end):
                continue
            # What is marked is words: the blank before them only said that they begin there.
            while start < end and reading.text[start].isspace():
                start += 1
            while start < end and reading.text[end - 1].isspace():
                end -= 1
            if start < end:
                hits.append(Hit(*reading.span(start, end), number))
            if len(hits) >= most:
                break
        return hits

    def reads_as_it_stands(self, number: int) -> bool:
        """Whether a pattern names what is gone once disguise is undone."""
        return number in self._literal


_Parts = Sequence[tuple[Sequence[int], Prefilter]]


class _Passes:
    """What says which patterns may match: in a text without disguise, and in one as it stands."""

    def __init__(self, whole: _Parts, as_it_stands: _Parts) -> None:
        self.whole = whole
        self.as_it_stands = as_it_stands
        self._asked: dict[tuple[bool, Only], _Parts] = {}

    def numbers(self, text: str, only: Only, *, stands: bool) -> list[int]:
        """The numbers of those that may match; `stands`: in the text as it stands."""
        parts = self._asked.get((stands, only))
        if parts is None:
            parts = self.as_it_stands if stands else self.whole
            parts = [part for part in parts if part[0] and (only is None or not only.isdisjoint(part[0]))]
            self._asked[stands, only] = parts
        found = [numbers[at] for numbers, one in parts for at in one.match(text)]
        return found if only is None else [number for number in found if number in only]


class _Look:
    """One reading, and the numbers of the patterns that may match in it."""

    def __init__(self, reading: Reading, numbers: list[int], *, stands: bool = False) -> None:
        self.reading = reading
        self.numbers = numbers
        self.stands = stands
        self._known = (0, 0)

    @cached_property
    def searched(self) -> bytes:
        return self.reading.text.encode()

    @cached_property
    def _of_ascii(self) -> bool:
        return self.reading.text.isascii()

    def span(self, span: tuple[int, int]) -> tuple[int, int]:
        """A span of bytes as one of characters; matches come in order, so that each is counted from the last."""
        if self._of_ascii:
            return span
        return self._characters(span[0]), self._characters(span[1])

    def _characters(self, at: int) -> int:
        known, characters = self._known if self._known[0] <= at else (0, 0)
        characters += len(self.searched[known:at].decode())
        self._known = at, characters
        return characters


class May:
    """Which patterns may match in which readings of one text."""

    def __init__(self, looks: Sequence[_Look], matcher: PatternMatcher) -> None:
        self.looks = looks
        self.moved = len(looks) > 1
        self._matcher = matcher

    def told(self, numbers: Iterable[int], only: Only) -> None:
        """Take what a glance told besides."""
        for number in numbers:
            if only is None or number in only:
                for look in self.looks:
                    if not look.stands or self._matcher.reads_as_it_stands(number):
                        look.numbers.append(number)

    def has(self, number: int) -> bool:
        """Whether a pattern may match at all."""
        return any(number in look.numbers for look in self.looks)

    def numbers(self) -> Iterable[int]:
        """Of every pattern that may match in one of them, once."""
        return dict.fromkeys(number for look in self.looks for number in look.numbers)


def _is_literal(pattern: str) -> bool:
    said = _NEGATED.sub("", pattern)
    for plain, typographic in (("'", "’‘"), ('"', "“”„"), ("-", "–—−"), ("", "£€¥")):
        # The plain sign beside it finds the same in the text without disguise; signs of money stay what they are.
        if plain in said:
            said = said.translate(dict.fromkeys(map(ord, typographic)))
    return _LITERAL.search(said) is not None


def _inside_a_word(text: str, start: int, end: int) -> bool:
    """Whether a match ends beside a letter that is none to RE2, whose words are of ASCII: `JUV` in `JUVÉDERM`."""
    if text.isascii() or start >= end:
        return False
    before, behind = text[start - 1 : start], text[end : end + 1]
    return (before.isalpha() and not before.isascii() and text[start].isalpha()) or (
        behind.isalpha() and not behind.isascii() and text[end - 1].isalpha()
    )


def fault_of_template(pattern: str, template: str) -> str | None:
    """Why a pattern's replacement cannot be filled from what it finds, or None."""
    groups = int(_compiled(pattern).groups)
    for found in _REFERENCE.finditer(template):
        if found[1] is None and found[0] != r"\\":
            return f"holds {found[0]}; write \\1 for the first group, and two backslashes for one"
        if found[1] is not None and int(found[1]) > groups:
            return f"names the group {int(found[1])}, and its pattern has {groups}; put round brackets around the part"
    return None


@lru_cache(maxsize=4096)
def fault_of_pattern(pattern: str) -> str | None:
    """Why RE2 does not take this pattern, or None; one that matches nothing at all is refused too."""
    if len(pattern) > _MAX_LENGTH:
        return f"is {len(pattern):,} characters long; at most {_MAX_LENGTH:,} are taken"
    try:
        compiled = _compiled(pattern)
    except (_re2.error, UnicodeError) as broken:
        said: object = cast(Exception, broken).args[0]
        shown = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(cast(Exception, broken))
        return f"is no RE2 pattern: {shown} (RE2 knows no look-around and no back-references)"
    if int(compiled.programsize) > _MAX_SIZE:
        return "is too large when compiled; shorten counted repetitions such as {1,500}"
    if compiled.search("") is not None:
        return "matches the empty text, so it would always fire; ask for at least one character"
    return None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    return _re2.compile(pattern, _options())


def _options() -> Any:
    options: Any = _re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return options

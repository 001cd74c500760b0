"""Finds patterns that users write, in linear time whatever they write (RE2).

Patterns ignore case unless they start with `(?-i)`; `.` does not match a line's end and `^`, `$`
match at the text's ends only, unless a pattern asks for `(?s)` or `(?m)`.
"""

import hashlib
import math
import re
from collections.abc import Container, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any, cast

from presscheck.matching.hits import Hit
from presscheck.matching.normal import Normalised, Reading
from presscheck.matching.prefilter import Automaton, Prefilter, Sets, joined, parts_of
from presscheck.matching.widening import widened

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
_re2: Any = import_module("re2")

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
    ) -> None:
        """`whether`: the numbers of those of which is asked only whether they may match; their hits have length 0.
        `as_written`: of those that read the text as it stands, in which `…` is not `...`. `every`: of those of which
        the caller lets some hits pass, so that all are told and not the first fifty."""
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
        self._literal = [
            number for number, pattern in enumerate(patterns) if number in as_written or _is_literal(pattern)
        ]
        self._marked = {number: int(one.groupindex.get("it", 0)) for number, one in self._patterns.items()}

    @cached_property
    def _few(self) -> tuple[Prefilter, Prefilter]:
        return Sets(self.texts), Sets([self.texts[number] for number in self._literal])

    @cached_property
    def many(self) -> tuple[Prefilter, Prefilter]:
        """What thousands of texts are read with first: for all patterns, and for those that read it as it stands.

        It takes some seconds to build."""
        try:
            return Automaton(self.texts), Automaton([self.texts[at] for at in self._literal])
        except ImportError:
            return self._few

    def recall(self, kept: bytes) -> None:
        """Take as `many` what `to_keep` gave. ValueError where it cannot be read, ImportError without hyperscan."""
        whole, literal = parts_of(kept)
        self.many = Automaton(self.texts, whole), Automaton([self.texts[at] for at in self._literal], literal)

    @cached_property
    def digest(self) -> str:
        """Of what `many` is built from; where this program widens the same patterns otherwise, it is another."""
        said = [*map(widened, self.texts), *map(str, self._literal)]
        return hashlib.sha256("\0".join(said).encode()).hexdigest()

    def to_keep(self) -> bytes | None:
        """What takes seconds to build, to be read again in milliseconds; None where nothing does."""
        return joined([one.to_keep() for one in self.many])

    def find(self, text: Normalised, *, many: bool = False, only: Container[int] | None = None) -> list[Hit]:
        """Matches in the text as it reads without disguise, as original spans.

        Patterns that name signs which are gone then (`«`, a line's end, `\\x{200B}`) read it as it stands as well.

        Of a pattern with a group named `it` the group is the match, and what stands around it says where it counts.
        `many`: this is one of thousands of texts. `only`: the numbers of those that are asked for; None is all.
        """
        if not self.texts:
            return []
        whole, literal = self.many if many else self._few
        original = text.original
        if not text.folded.moved:
            hits = self._read(text.folded, whole.match(original), only)
        else:
            # Half a surrogate pair is in no pattern, and RE2 reads UTF-8.
            sound = original if original.isascii() else original.encode("utf-8", "replace").decode()
            as_it_stands = [self._literal[at] for at in literal.match(sound)] if self._literal else []
            hits = self._read(Reading(sound), as_it_stands, only)
            for reading in (text.folded, text.parted):
                if reading is not None:
                    undone = self._read(reading, whole.match(reading.text), only)
                    hits += [hit for hit in undone if hit.index not in self._as_written]
        return sorted({*hits}) if len(hits) > 1 else hits

    def expanded(self, index: int, words: str, template: str) -> str:
        r"""`template` with `\1` and so on replaced by the groups of a pattern's match on `words`."""
        # Half a surrogate pair may stand in what is found, and RE2 reads UTF-8.
        match = self._patterns[index].search(words.encode("utf-8", "replace").decode())
        return (
            words
            if match is None
            else _REFERENCE.sub(lambda one: str(match[int(one[1])] or "") if one[1] else "\\", template)
        )

    def _read(self, reading: Reading, may: Sequence[int], only: Container[int] | None) -> list[Hit]:
        hits: list[Hit] = []
        # Places in ASCII are the same in bytes, and RE2 counts characters at each match of anything else.
        searched = reading.text.encode() if reading.text.isascii() else reading.text
        for index in may:
            if only is not None and index not in only:
                continue
            if index in self._whether:
                hits.append(Hit(0, 0, index))
                continue
            most = len(hits) + _MAX_HITS if index not in self._every else math.inf
            for match in self._patterns[index].finditer(searched):
                start, end = cast(tuple[int, int], match.span(self._marked[index]))
                if index in self._as_written and _inside_a_word(reading.text, start, end):
                    continue
                # What is marked is words: the blank before them only said that they begin there.
                while start < end and reading.text[start].isspace():
                    start += 1
                while start < end and reading.text[end - 1].isspace():
                    end -= 1
                if start < end:
                    hits.append(Hit(*reading.span(start, end), index))
                if len(hits) >= most:
                    break
        return hits


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

"""Tokens of Vale's existence and substitution rules as matches of ours, one token after the other.

A token that stands for a few texts becomes phrases, which people can read and which are found however they are
disguised; any other becomes an RE2 pattern. Tokens whose look-around needs exceptions of its own stand apart, because
an exception holds for a whole match.
"""

import re
from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from typing import Any

from presscheck.matching import PatternMatcher, PhraseMatcher, fault_of_pattern, fault_of_template, normalise
from presscheck.style_guides.look_around import Plain, without_look
from presscheck.style_guides.regex_nodes import (
    Char,
    Choice,
    Edge,
    Group,
    Node,
    NotForRE2,
    Sequence,
    inside,
    written,
)
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.spelled_out import all_texts

_MOST_PHRASES = 16
_LONGEST = 1_400
_WORD_EDGE = Edge(r"\b")
_REFERS = re.compile(r"\$\{?(\d)\}?")


@dataclass(frozen=True)
class How:
    """What a rule says of all of its tokens."""

    case: bool
    """Capitals count."""
    nonword: bool
    """A token may be a part of a word."""
    exceptions: Many[str] = ()
    """As Vale has them: expressions, whose capitals count."""


@dataclass
class Finders:
    """The matches that are being put together."""

    how: How
    phrases: dict[str, str | None] = field(default_factory=dict[str, str | None])
    patterns: dict[str, str | None] = field(default_factory=dict[str, str | None])
    apart: dict[tuple[str, ...], dict[str, str | None]] = field(
        default_factory=dict[tuple[str, ...], dict[str, str | None]]
    )
    phrase_exceptions: list[str] = field(default_factory=list[str])
    pattern_exceptions: list[str] = field(default_factory=list[str])
    worded: bool = True
    """Whether all exceptions are phrases, so that tokens may be."""

    def __post_init__(self) -> None:
        for exception in self.how.exceptions:
            tree = parsed(exception)
            self.pattern_exceptions.append(exact(bounded(tree)))
            texts = all_texts(tree, _MOST_PHRASES)
            if texts is None or not all(map(_is_phrase, texts)):
                self.worded = False
            else:
                self.phrase_exceptions.extend(texts)

    def add(self, token: str, instead: str | None = None, *, right: Many[str] = ()) -> Node:
        """One token, what to write for it, and texts that are right, in which it is not found; its tree.

        NotForRE2 says why it is not taken.
        """
        tree = parsed(token)
        texts = self._phrases(tree)
        if texts is not None and self.worded and not _REFERS.search(instead or ""):
            allowed = [one for one in right if _found_in(texts, one) is not None]
            if not self.how.case:
                texts = list({text.lower(): text for text in reversed(texts)}.values())[::-1]
            if all(_found_in(texts, one) != _folded(one) for one in allowed):
                self.phrase_exceptions.extend(one for one in allowed if _is_phrase(one))
                for text in texts:
                    self.phrases.setdefault(text, instead)
                return tree
        self._add_tree(tree if self.how.nonword else bounded(tree), instead, right)
        return tree

    def add_all(self, prefix: Node | None, tokens: Many[Node], suffix: Node | None) -> None:
        """Tokens between what stands before and behind all of them (Vale's `raw`), as few patterns as fit.

        In Vale an exception lets pass what holds it, so it stands in the place of a token here.
        """
        for some in _parted(tokens):
            items = (prefix, some if self.how.nonword else bounded(some), suffix)
            self._add_tree(Sequence(tuple(item for item in items if item is not None)), None, ())
        for some in _parted([parsed(one) for one in self.how.exceptions]):
            items = (prefix, Group(bounded(some), flags="-i"), suffix)
            self.pattern_exceptions.append(written(Sequence(tuple(item for item in items if item is not None))))

    def add_whole(self, tree: Node) -> None:
        """An expression as it stands, without edges of words around it."""
        self._add_tree(tree, None, ())

    def _phrases(self, tree: Node) -> list[str] | None:
        """The few texts that a token stands for as whole words; None where it is more, or may be part of a word."""
        items = tree.items if isinstance(tree, Sequence) else (tree,)
        opens, closes = items[:1] == (_WORD_EDGE,), items[-1:] == (_WORD_EDGE,)
        if self.how.nonword and not (opens and closes):
            return None
        inner = Sequence(items[1 if opens else 0 : len(items) - 1 if closes else len(items)])
        texts = all_texts(inner, _MOST_PHRASES)
        return texts if texts is not None and all(map(_is_phrase, texts)) else None

    def _add_tree(self, tree: Node, instead: str | None, right: Many[str]) -> None:
        refers = bool(instead and _REFERS.search(instead))
        found: list[tuple[str, tuple[str, ...], str | None]] = []
        for plain in without_look(tree):
            # A reference is filled from the found words alone, so nothing may be asked around them.
            edit = None if refers and not _holds_groups(plain, tree) else instead
            pattern = _lined(plain.pattern(captures=refers and edit is not None), tree)
            template = _as_template(edit)
            exceptions = [_lined(one.pattern(), tree) for one in plain.exceptions]
            if fault := next((one for one in map(fault_of_pattern, (pattern, *exceptions)) if one), None):
                raise NotForRE2(fault)
            if template is not None and (fault := fault_of_template(pattern, template)):
                raise NotForRE2(f"what to write {fault}")
            exceptions += [exact(bounded(_literal(one))) for one in right if self._matches(plain, one)]
            found.append((pattern, tuple(exceptions), template))
        for pattern, exceptions, template in found:
            where = self.apart.setdefault(exceptions, {}) if exceptions else self.patterns
            where.setdefault(pattern, template)

    def _matches(self, plain: Plain, text: str) -> bool:
        pattern = written(plain.core)
        return bool(PatternMatcher([f"(?-i){pattern}" if self.how.case else pattern]).find(normalise(text)))

    def matches(self) -> list[dict[str, Any]]:
        """The matches of the rule, as its file says them."""
        found: list[dict[str, Any]] = []
        if self.phrases:
            found.append(self._match("phrases", self.phrases, self.phrase_exceptions))
        if self.patterns:
            found.append(self._match("patterns", self.patterns, self.pattern_exceptions))
        for exceptions, patterns in self.apart.items():
            found.append(self._match("patterns", patterns, [*exceptions, *self.pattern_exceptions]))
        return found

    def _match(self, kind: str, words: dict[str, str | None], exceptions: list[str]) -> dict[str, Any]:
        match: dict[str, Any] = {"kind": kind}
        if plain := [word for word, instead in words.items() if instead is None]:
            match[kind] = plain
        if replaced := {word: instead for word, instead in words.items() if instead is not None}:
            match["replace"] = replaced
        if exceptions:
            match["exceptions"] = list(dict.fromkeys(exceptions))
        if self.how.case:
            match["case"] = True
        if kind == "patterns":
            # What the guide says of dashes and dots is meant of the signs that stand there.
            match["as_written"] = True
        return match


def _parted(trees: Many[Node]) -> Iterator[Node]:
    """All of them as choices that are not too long for one pattern."""
    held: list[Node] = []
    size = 0
    for tree in trees:
        length = len(written(tree)) + 1
        if held and size + length > _LONGEST:
            yield Choice(tuple(held))
            held, size = [], 0
        held.append(tree)
        size += length
    if held:
        yield Choice(tuple(held)) if len(held) > 1 else held[0]


def exact(tree: Node) -> str:
    """For RE2, with capitals that count; NotForRE2 where it looks around."""
    return f"(?-i){written(tree)}"


def bounded(tree: Node) -> Node:
    """An expression that matches whole words only, as Vale makes it of a token."""
    inner = tree if not isinstance(tree, Choice) else Group(tree)
    return Sequence((_WORD_EDGE, *(inner.items if isinstance(inner, Sequence) else (inner,)), _WORD_EDGE))


def _literal(text: str) -> Node:
    return Sequence(tuple(Char(one) for one in text))


def _lined(pattern: str, tree: Node) -> str:
    """In Vale `^` and `$` are the ends of lines."""
    return f"(?m){pattern}" if any(isinstance(one, Edge) and one.source in "^$" for one in inside(tree)) else pattern


def _holds_groups(plain: Plain, tree: Node) -> bool:
    def groups(node: Node) -> int:
        return sum(isinstance(one, Group) and one.captures is not None for one in inside(node))

    return plain == Plain(plain.core, exceptions=plain.exceptions) and groups(plain.core) == groups(tree)


def _as_template(instead: str | None) -> str | None:
    """What to write, as RE2 fills it: `$1` is `\\1` there."""
    return None if instead is None else _REFERS.sub(r"\\\1", instead.replace("\\", r"\\"))


def _is_phrase(text: str) -> bool:
    return (
        0 < len(text) <= 200
        and text == text.strip()
        and "\n" not in text
        and not text.endswith("*")
        and any(character.isalnum() for character in text)
    )


def _found_in(phrases: Many[str], text: str) -> str | None:
    """What of the text one of the phrases is found as, with case and disguise undone; None where none is."""
    read = normalise(text)
    hit = next(iter(PhraseMatcher(phrases).find(read)), None)
    return None if hit is None else _folded(text[hit.start : hit.end])


def _folded(text: str) -> str:
    return normalise(text).text.text.strip()


__all__ = ["Finders", "How", "bounded", "exact"]

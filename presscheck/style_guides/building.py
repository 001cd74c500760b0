"""A rule of Vale while it is being made into matches of ours."""

from dataclasses import dataclass, field
from typing import Any

from presscheck.matching import fault_of_pattern
from presscheck.style_guides.cases import framed
from presscheck.style_guides.look_around import in_context, without_look
from presscheck.style_guides.regex_nodes import Node, NotForRE2
from presscheck.style_guides.regex_parser import parsed
from presscheck.style_guides.scopes import Scope
from presscheck.style_guides.spelled_out import all_texts, some_texts
from presscheck.style_guides.vale_keys import Keys, Words

_MOST_WORDS = 16


@dataclass(frozen=True)
class Left:
    """A token or a key that was not taken, and why."""

    path: str
    line: int
    part: str
    reason: str
    is_token: bool = False
    """Whether it is one of the tokens that are counted."""


@dataclass
class Building:
    """A rule's matches while they are being made."""

    keys: Keys
    scope: Scope
    matches: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    samples: list[tuple[Words, list[str]]] = field(default_factory=list[tuple[Words, list[str]]])
    """Each token with texts that it should be found in."""
    right: list[str] = field(default_factory=list[str])
    instead: dict[str, str] = field(default_factory=dict[str, str])
    """What is said instead of what, for the suggestion."""
    tokens: int = 0
    left: list[Left] = field(default_factory=list[Left])

    def leave(self, words: Words, reason: str) -> None:
        """A token that is not taken."""
        self.left.append(Left(str(self.keys.path), words.line, words.text, reason, is_token=True))

    def leave_beside(self, words: Words, reason: str) -> None:
        """Something beside the tokens, such as an exception, that is not taken."""
        self.left.append(Left(str(self.keys.path), words.line, words.text, reason))

    def plain_exceptions(self) -> list[str]:
        """The exceptions as words; one that stands for more than a few is told."""
        found: list[str] = []
        for one in self.keys.each("exceptions"):
            try:
                texts = all_texts(parsed(one.text), _MOST_WORDS)
            except NotForRE2:
                texts = None
            if texts is None:
                self.leave_beside(one, "as an exception: stands for more than a few words")
            else:
                found += texts
        return list(dict.fromkeys(word for word in found if any(map(str.isalnum, word))))

    def taken(self, words: Words, tree: Node | None) -> None:
        self.samples.append((words, framed(some_texts(tree)) if tree is not None else []))


def one_pattern(tree: Node) -> str:
    """One expression for kinds that have no exceptions."""
    found = [in_context(one) for one in without_look(tree)]
    if len(found) != 1:
        raise NotForRE2("looks around in several ways, which this kind of rule cannot do")
    pattern = found[0].pattern(captures=True)
    if fault := fault_of_pattern(pattern):
        raise NotForRE2(fault)
    return pattern

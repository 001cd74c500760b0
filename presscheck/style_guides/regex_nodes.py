"""A regular expression as a tree, and the tree written for RE2.

Style guides of Vale are written for regexp2, Go's copy of .NET's expressions. What a node of ours holds means the same
in both; what RE2 has not, look-arounds and back-references, stands in the tree and cannot be written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Punctuation is escaped where it says something to RE2, so that a pattern stays readable.
_SPEAKS = re.compile(r"[\\.+*?()\[\]{}|^$]")


@dataclass(frozen=True)
class Char:
    """One character that stands for itself."""

    text: str


@dataclass(frozen=True)
class OneOf:
    """One character of a class, as RE2 writes it: `.`, `\\d`, `[^a-z]`."""

    source: str


@dataclass(frozen=True)
class Edge:
    """A place between two characters: `^`, `$`, `\\b`, `\\B`, `\\A`, `\\z`."""

    source: str


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    items: tuple["Node", ...]


@dataclass(frozen=True)
class Choice:
    """One of several."""

    branches: tuple["Node", ...]


@dataclass(frozen=True)
class Group:
    """Parentheses: `captures` is the group's number, `flags` hold inside, such as `i` or `-i`."""

    inner: "Node"
    captures: int | None = None
    flags: str = ""


@dataclass(frozen=True)
class Repeat:
    """Something from `least` to `most` times; most None has no end."""

    inner: "Node"
    least: int
    most: int | None
    lazy: bool = False


@dataclass(frozen=True)
class Look:
    """A look-ahead, or a look behind; RE2 has neither."""

    inner: "Node"
    behind: bool
    negative: bool


@dataclass(frozen=True)
class Back:
    """What a group matched, once more; RE2 has it not."""

    group: str


Node = Char | OneOf | Edge | Sequence | Choice | Group | Repeat | Look | Back
NOTHING = Sequence(())


class NotForRE2(ValueError):
    """The tree holds what RE2 cannot say; the message is the reason, in words."""


def inside(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    match node:
        case Sequence(items) | Choice(items):
            for item in items:
                yield from inside(item)
        case Group(inner=inner) | Repeat(inner=inner) | Look(inner=inner):
            yield from inside(inner)
        case _:
            pass


def looks_around(node: Node) -> bool:
    """Whether a look-around stands anywhere in it."""
    return any(isinstance(one, Look) for one in inside(node))


def written(node: Node, *, captures: bool = False) -> str:
    """The tree for RE2, groups numbered as before only with `captures`; NotForRE2 says what it cannot hold."""
    match node:
        case Char(text):
            return escaped(text)
        case OneOf(source) | Edge(source):
            return source
        case Sequence(items):
            return "".join(
                f"(?:{written(item, captures=captures)})"
                if isinstance(item, Choice)
                else written(item, captures=captures)
                for item in items
            )
        case Choice(branches):
            return "|".join(written(branch, captures=captures) for branch in branches)
        case Group(inner, number, flags):
            opens = "(" if captures and number is not None else f"(?{flags}:"
            return f"{opens}{written(inner, captures=captures)})"
        case Repeat(inner, least, most, lazy):
            return f"{_atom(inner, captures)}{_times(least, most)}{'?' if lazy else ''}"
        case Look(behind=behind):
            raise NotForRE2(f"looks {'behind' if behind else 'ahead'} in a place where that cannot be rewritten")
        case Back(group):
            raise NotForRE2(f"refers back to group {group}, which RE2 cannot do")


def escaped(text: str) -> str:
    """A text as an expression that matches it and nothing else, but for an apostrophe, which is straight or curly."""
    return "".join(
        "['’]"
        if one == "'"
        else f"\\{one}"
        if _SPEAKS.match(one)
        else one
        if one == " " or one.isprintable()
        else f"\\x{{{ord(one):x}}}"
        for one in text
    )


def _atom(node: Node, captures: bool) -> str:
    text = written(node, captures=captures)
    whole = isinstance(node, (Char, OneOf)) or (isinstance(node, Group) and not text.startswith("(?:)"))
    return text if whole else f"(?:{text})"


def _times(least: int, most: int | None) -> str:
    for bounds, sign in (((0, None), "*"), ((1, None), "+"), ((0, 1), "?")):
        if (least, most) == bounds:
            return sign
    if least == most:
        return f"{{{least}}}"
    return f"{{{least},{'' if most is None else most}}}"

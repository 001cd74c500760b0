"""Says without look-arounds what an expression says with them, since RE2 has none.

    without_look(parsed(r"(?<=\\s)desk(?! top)"))    # \\s(?P<it>desk), but not (?P<it>desk) top

What must stand beside it becomes context around the group `it`; what must not becomes an exception, the same with the
context that it must not have. A choice with look-arounds inside is taken apart, branch by branch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import product
from typing import Any

from presscheck.style_guides.regex_nodes import (
    NOTHING,
    Char,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    NotForRE2,
    OneOf,
    Repeat,
    Sequence,
    looks_around,
    written,
)
from presscheck.style_guides.spelled_out import all_texts

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
re2: Any = import_module("re2")

_MOST_BRANCHES = 32
_START, _END = Edge(r"\A"), Edge(r"\z")
Items = tuple[Node, ...]


@dataclass(frozen=True)
class Plain:
    """One expression without look-around: `core` between what must stand before and behind it."""

    core: Node
    before: Node = NOTHING
    after: Node = NOTHING
    exceptions: tuple["Plain", ...] = ()
    """Where `core` counts for nothing."""

    def pattern(self, *, captures: bool = False) -> str:
        """For RE2, with `core` as the group `it` where something stands around it."""
        core = written(self.core, captures=captures)
        if self.before == NOTHING and self.after == NOTHING:
            return core
        return f"{_enclosed(self.before)}(?P<it>{core}){_enclosed(self.after)}"


def without_look(node: Node) -> tuple[Plain, ...]:
    """The same as one or several plain expressions; NotForRE2 says which look-around cannot be rewritten."""
    if not looks_around(node):
        return (Plain(node),)
    branches = list(_spread(node))
    if len(branches) > _MOST_BRANCHES:
        raise NotForRE2(f"branches more than {_MOST_BRANCHES} times around its look-arounds")
    return tuple(_plain(branch) for branch in branches)


def in_context(plain: Plain) -> Plain:
    """The same without exceptions, for rules that have none: each must be one character beside `core`."""
    before, after = plain.before, plain.after
    for exception in plain.exceptions:
        if exception.core != plain.core:
            raise NotForRE2("looks ahead in the middle")
        if exception.before != NOTHING and before == NOTHING:
            before = Choice((_START, OneOf(_anything_but(exception.before))))
        elif exception.after != NOTHING and after == NOTHING:
            after = Choice((_END, OneOf(_anything_but(exception.after))))
        else:
            raise NotForRE2("looks around for more than one character, which this kind of rule cannot do")
    return replace(plain, before=before, after=after, exceptions=())


def _enclosed(node: Node) -> str:
    return "" if node == NOTHING else f"(?:{written(node)})"


def _items(node: Node) -> Items:
    return node.items if isinstance(node, Sequence) else (node,)


def _spread(node: Node) -> Iterator[Items]:
    """Every way through the choices in which a look-around stands."""
    match node:
        case Sequence(items):
            ways = [list(_spread(item)) for item in items]
            if _many(ways):
                raise NotForRE2(f"branches more than {_MOST_BRANCHES} times around its look-arounds")
            for way in product(*ways):
                yield tuple(item for part in way for item in part)
        case Choice(branches) if looks_around(node):
            for branch in branches:
                yield from _spread(branch)
        case Group(inner, _, flags) if looks_around(inner):
            for way in _spread(inner):
                yield tuple(_flagged(item, flags) for item in way)
        case Repeat(inner, least, most) if looks_around(inner):
            if isinstance(inner, Look) or most == 1:
                if least == 0:
                    yield ()
                # A look-around that may be left out says nothing.
                if least > 0 or not isinstance(inner, Look):
                    yield from _spread(inner)
            else:
                raise NotForRE2("looks around inside a repetition")
        case _:
            yield (node,)


def _many(ways: list[list[Items]]) -> bool:
    count = 1
    for way in ways:
        count *= len(way)
    return count > _MOST_BRANCHES


def _flagged(item: Node, flags: str) -> Node:
    if not flags:
        return item
    if isinstance(item, Look):
        return replace(item, inner=Group(item.inner, flags=flags))
    return Group(item, flags=flags)


def _plain(items: Items) -> Plain:
    core = tuple(item for item in items if not isinstance(item, Look))
    if not any(_takes_text(item) for item in core):
        raise NotForRE2("looks around and holds nothing itself")
    before: list[Node] = []
    after: list[Node] = []
    exceptions: list[Plain] = []
    whole = _joined(core)
    for at, item in enumerate(items):
        if not isinstance(item, Look):
            continue
        ahead = tuple(one for one in items[:at] if not isinstance(one, Look))
        rest = tuple(one for one in items[at + 1 :] if not isinstance(one, Look))
        inner = _simple(item.inner, behind=item.behind)
        if item.behind:
            if any(_takes_text(one) for one in ahead):
                raise NotForRE2("looks behind in the middle")
            if item.negative:
                exceptions.append(Plain(whole, before=inner))
            else:
                before.append(inner)
        elif not any(_takes_text(one) for one in rest):
            # A word's edge may stand behind the look-ahead; both are asked at the same place.
            if item.negative:
                exceptions.append(Plain(whole, after=inner))
            else:
                after.append(inner)
        elif item.negative:
            exceptions += [Plain(_joined((*ahead, longer))) for longer in _forbidden(inner, rest)]
        else:
            raise NotForRE2("looks ahead in the middle")
    if len(before) > 1 or len(after) > 1:
        raise NotForRE2("asks twice for what stands beside it")
    around = (before[0] if before else NOTHING, after[0] if after else NOTHING)
    return Plain(whole, *around, tuple(exceptions))


def _simple(node: Node, *, behind: bool) -> Node:
    """What a look-around asks for, without another one in it, and without `.*` on its far side."""
    if looks_around(node):
        node = _joined_ways(_spread(node))
        if looks_around(node):
            raise NotForRE2("holds a look-around in another one")
    node = _without_dots(node, behind=behind)
    if node == NOTHING:
        raise NotForRE2("looks around for nothing")
    return node


def _joined_ways(ways: Iterable[Items]) -> Node:
    found = tuple(_joined(way) for way in ways)
    return found[0] if len(found) == 1 else Choice(found)


def _without_dots(node: Node, *, behind: bool) -> Node:
    if isinstance(node, Choice):
        return Choice(tuple(_without_dots(branch, behind=behind) for branch in node.branches))
    items = _items(node)
    far = items[0] if behind and items else items[-1] if items else None
    if isinstance(far, Repeat) and isinstance(far.inner, OneOf) and far.least == 0 and far.most is None:
        return _joined(items[1:] if behind else items[:-1])
    return node


def _forbidden(inner: Node, rest: Items) -> Iterator[Node]:
    r"""What `rest` must not be behind a look-ahead in the middle: it begins as `inner` says, and goes on as `rest`.

    Behind `(?!ab)\w+x` that is `ab` with `\w*x` after it; behind `(?!/ab)/\w+` it is `/ab` with `\w*`.
    """
    first = rest[0]
    if isinstance(first, Repeat) and isinstance(first.inner, (OneOf, Char)) and first.most is None:
        # Whatever of `rest` follows is taken in, so that the longest text lies within the exception.
        yield _joined((inner, Repeat(Group(_joined((replace(first, least=0), *rest[1:]))), 0, 1)))
        return
    texts = all_texts(inner, _MOST_BRANCHES)
    if texts is None or not isinstance(first, (Char, OneOf)) or "" in texts:
        raise NotForRE2("looks ahead in the middle")
    one = re2.compile(written(first))
    for letter in dict.fromkeys(text[0] for text in texts if one.fullmatch(text[0])):
        after = [text[1:] for text in texts if text[0] == letter]
        if "" in after:
            yield _joined((Char(letter), *rest[1:]))
        elif len(rest) == 1:
            yield from (_joined(tuple(map(Char, letter + text))) for text in after)
        else:
            branches = Choice(tuple(_joined(tuple(map(Char, text))) for text in after))
            yield from (_joined((Char(letter), longer)) for longer in _forbidden(branches, rest[1:]))


def _takes_text(node: Node) -> bool:
    match node:
        case Char() | OneOf():
            return True
        case Sequence(items):
            return any(_takes_text(item) for item in items)
        case Choice(branches):
            return any(_takes_text(branch) for branch in branches)
        case Group(inner) | Repeat(inner):
            return _takes_text(inner)
        case _:
            return False


def _joined(items: Items) -> Node:
    flat = tuple(one for item in items for one in _items(item))
    return flat[0] if len(flat) == 1 else Sequence(flat)


def _anything_but(node: Node) -> str:
    """The class of all characters that `node`, which must be one character, is not."""
    match node:
        case Char(text):
            return f"[^{_in_class(text)}]"
        case OneOf(source) if source.startswith("[^"):
            return f"[{source[2:]}"
        case OneOf(source) if source.startswith("["):
            return f"[^{source[1:]}"
        case OneOf(source) if source.startswith("\\"):
            return f"[^{source}]"
        case OneOf():
            return r"\n"
        case Group(inner, flags=""):
            return _anything_but(inner)
        case Choice(branches):
            inner = [_anything_but(branch) for branch in branches]
            if all(one.startswith("[^") for one in inner):
                return f"[^{''.join(one[2:-1] for one in inner)}]"
        case _:
            pass
    raise NotForRE2("looks around for more than one character, which this kind of rule cannot do")


def _in_class(one: str) -> str:
    return f"\\{one}" if one in "-^[]\\" else one

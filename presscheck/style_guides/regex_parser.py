"""Reads an expression of regexp2 (.NET's syntax, which Vale's rules are written in) into a tree.

    parsed(r"\\b(?:ok|Okay)\\b(?!ay)")

NotForRE2 names what is wrong with it, or what regexp2 has and nothing of ours can hold.
"""

import re
from dataclasses import dataclass, field

from presscheck.matching import fault_of_pattern
from presscheck.style_guides.regex_nodes import (
    Back,
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
    escaped,
)

_MOST_DEEP = 40
_LONGEST = 4_000
_TIMES = re.compile(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}")
_FLAGS = re.compile(r"\(\?([imsn]*(?:-[imsn]+)?)([:)])")
_NAMED = re.compile(r"\(\?P?<([A-Za-z_]\w*)>|\(\?'([A-Za-z_]\w*)'")
_HEX = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})")
_CLASSES = re.compile(r"\\[pP]\{\^?\w+\}|\\p[LNPSZMC]|\\[dDwWsS]")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b"}
_EDGES = {"b": r"\b", "B": r"\B", "A": r"\A", "z": r"\z", "Z": r"\z"}
_LOOKS = {"(?=": (False, False), "(?!": (False, True), "(?<=": (True, False), "(?<!": (True, True)}


def parsed(pattern: str) -> Node:
    """The tree of a whole expression."""
    if len(pattern) > _LONGEST:
        raise NotForRE2(f"is {len(pattern):,} characters long; at most {_LONGEST:,} are read")
    parser = _Parser(pattern)
    tree = parser.choice(0)
    if parser.at < len(pattern):
        raise NotForRE2(f"closes a parenthesis at character {parser.at + 1} that nothing opens")
    return tree


@dataclass
class _Parser:
    pattern: str
    at: int = 0
    groups: int = 0
    flags: list[str] = field(default_factory=list[str])

    def choice(self, depth: int) -> Node:
        """Branches up to the end, or to the parenthesis that closes them."""
        if depth > _MOST_DEEP:
            raise NotForRE2(f"nests deeper than {_MOST_DEEP} groups")
        outer, self.flags = self.flags, []
        branches = [self._branch(depth)]
        while self._takes("|"):
            branches.append(self._branch(depth))
        self.flags = outer
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _branch(self, depth: int) -> Node:
        # Flags that are set on the way hold to the group's end, in the branches that follow too.
        pieces: list[tuple[str, list[Node]]] = [("".join(self.flags[-1:]), [])]
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if (flags := self._flags()) is not None:
                self.flags.append(flags)
                pieces.append((flags, []))
                continue
            pieces[-1][1].append(self._quantified(self._item(depth)))
        items: list[Node] = []
        for flags, found in pieces:
            inner = Sequence(tuple(found))
            items += [Group(inner, flags=flags)] if flags and found else found
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _flags(self) -> str | None:
        found = _FLAGS.match(self.pattern, self.at)
        if found is None or found[2] == ":":
            return None
        self.at = found.end()
        return _known(found[1])

    def _item(self, depth: int) -> Node:
        one = self.pattern[self.at]
        if one == "(":
            return self._group(depth)
        if one == "[":
            return self._class()
        if one == "\\":
            return self._escape()
        self.at += 1
        if one in "*+?":
            raise NotForRE2(f"repeats nothing at character {self.at}")
        if one in "^$":
            return Edge(one)
        return OneOf(".") if one == "." else Char(one)

    def _group(self, depth: int) -> Node:
        for opens, (behind, negative) in _LOOKS.items():
            if self._takes(opens):
                return Look(self._closed(depth), behind, negative)
        if found := _FLAGS.match(self.pattern, self.at):
            self.at = found.end()
            return Group(self._closed(depth), flags=_known(found[1]))
        if found := _NAMED.match(self.pattern, self.at):
            self.at = found.end()
        elif self.pattern.startswith("(?", self.at):
            raise NotForRE2(f"opens a group at character {self.at + 1} of a sort that RE2 has not")
        else:
            self.at += 1
        self.groups += 1
        number = self.groups
        return Group(self._closed(depth), captures=number)

    def _closed(self, depth: int) -> Node:
        inner = self.choice(depth + 1)
        if not self._takes(")"):
            raise NotForRE2("opens a parenthesis that nothing closes")
        return inner

    def _quantified(self, node: Node) -> Node:
        for _ in range(_MOST_DEEP):
            if self.at >= len(self.pattern):
                return node
            one = self.pattern[self.at]
            if one in "*+?":
                self.at += 1
                least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[one]
            elif found := _TIMES.match(self.pattern, self.at):
                self.at = found.end()
                least = int(found[1])
                most = least if found[2] is None else int(found[3]) if found[3] else None
                if most is not None and most < least:
                    raise NotForRE2(f"repeats from {least} to {most} times")
            else:
                return node
            node = Repeat(node, least, most, lazy=self._takes("?"))
        raise NotForRE2(f"repeats repetitions {_MOST_DEEP} times over")

    def _escape(self) -> Node:
        if found := _HEX.match(self.pattern, self.at):
            self.at = found.end()
            code = int(found[1] or found[2] or found[3], 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise NotForRE2(f"names a character that there is not, {found[0]}")
            return Char(chr(code))
        if found := _CLASSES.match(self.pattern, self.at):
            self.at = found.end()
            return OneOf(found[0])
        one = self.pattern[self.at + 1 : self.at + 2]
        if not one:
            raise NotForRE2("ends in a backslash")
        self.at += 2
        if one in _EDGES:
            return Edge(_EDGES[one])
        if one in _CONTROLS:
            return Char(_CONTROLS[one])
        if one in "123456789":
            return Back(one)
        if one == "k" and (found := re.compile(r"[<{'](\w+)[>}']").match(self.pattern, self.at)):
            self.at = found.end()
            return Back(found[1])
        if one.isascii() and one.isalnum():
            raise NotForRE2(f"holds \\{one}, which RE2 has not")
        return Char(one)

    def _class(self) -> Node:
        start = self.at
        self.at += 1
        out = "[^" if self._takes("^") else "["
        first = True
        while first or not self._takes("]"):
            if self.at >= len(self.pattern):
                raise NotForRE2(f"opens a class at character {start + 1} that nothing closes")
            if not first and self.pattern.startswith("-[", self.at) and "]" in self.pattern[self.at + 2 :]:
                raise NotForRE2("takes one class from another, which RE2 has not")
            out += self._class_item()
            first = False
        if fault := fault_of_pattern(f"{out}]"):
            raise NotForRE2(f"holds a class of characters that {fault}")
        return OneOf(out + "]")

    def _class_item(self) -> str:
        if self.pattern[self.at] == "\\":
            backspace = self.pattern.startswith("\\b", self.at)
            item = self._escape()
            if backspace:
                return r"\x{8}"
            if isinstance(item, OneOf):
                return item.source
            if isinstance(item, Char):
                return _in_class(item.text)
            raise NotForRE2("holds in a class what is no character")
        self.at += 1
        one = self.pattern[self.at - 1]
        return one if one == "-" else _in_class(one)

    def _takes(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False


def _known(flags: str) -> str:
    if "n" in flags:
        raise NotForRE2("sets the flag n, which RE2 has not")
    return flags


def _in_class(one: str) -> str:
    return f"\\{one}" if one in "-^[]\\" else one if one == " " or one.isprintable() else escaped(one)

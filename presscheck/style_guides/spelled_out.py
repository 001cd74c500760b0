"""The texts that an expression matches: all of them where they are few, and one of them where they are not.

all_texts(parsed("cell ?phones?"))    # ["cellphone", "cellphones", "cell phone", "cell phones"]
some_texts(parsed(r"\\d+(?:st|nd)"))  # ["1st", "11st", ...]
"""

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from presscheck.style_guides.regex_nodes import Char, Choice, Group, Look, Node, OneOf, Repeat, Sequence

# google-re2 has no type information; imported as a value it is plainly untyped, not partly.
_re2: Any = import_module("re2")

_CANDIDATES = "abexyAX17 .,-'\"!?:;/()—–…#$%&*+<=>@[]_{|}~`^\\\n\tzZqQéäß中“”’‘•™"
_ASCII = [chr(code) for code in range(0x20, 0x7F)]
_MOST_MEMBERS = 6


def all_texts(node: Node, most: int) -> list[str] | None:
    """Every text that matches; None where there are more than `most`, or where a match depends on what is around it."""
    found = _all(node, most)
    return None if found is None else list(dict.fromkeys(found))


def _all(node: Node, most: int) -> list[str] | None:
    match node:
        case Char(text):
            return [text]
        case OneOf(source):
            return _members(source)
        case Sequence(items):
            return _together([_all(item, most) for item in items], most)
        case Choice(branches):
            parts = [_all(branch, most) for branch in branches]
            texts = [text for part in parts if part is not None for text in part]
            return None if None in parts or len(texts) > most else texts
        case Group(inner, flags=""):
            return _all(inner, most)
        case Repeat(inner, least, most_times) if most_times is not None and most_times <= 3:
            once = _all(inner, most)
            if once is None:
                return None
            runs = [_together([once] * times, most) for times in range(least, most_times + 1)]
            texts = [text for run in runs if run is not None for text in run]
            return None if None in runs or len(texts) > most else texts
        case _:
            return None


def _together(parts: list[list[str] | None], most: int) -> list[str] | None:
    texts = [""]
    for part in parts:
        if part is None or len(texts) * len(part) > most:
            return None
        texts = [text + more for text in texts for more in part]
    return texts


def _members(source: str) -> list[str] | None:
    r"""The characters of a small class, `[ae]` or `[\s-]`; None for one that may hold others too."""
    if source == r"\s":
        return [" "]
    if not source.startswith("[") or source.startswith("[^") or "\\p" in source or "\\P" in source:
        return None
    if any(shorthand in source for shorthand in (r"\w", r"\d", r"\W", r"\D", r"\S")):
        return None
    one = _re2.compile(source)
    others = [character for character in source[1:-1] if not character.isascii()]
    if others and "-" in source[2:-2]:
        return None
    found = [*(character for character in _ASCII if one.fullmatch(character)), *others]
    return found if len(found) <= _MOST_MEMBERS else None


def some_texts(node: Node, most: int = 6) -> list[str]:
    """Texts that should match, the shortest first; what stands around them is for the caller to try."""
    return list(dict.fromkeys(islice(_some(node), most)))


def _some(node: Node) -> Iterator[str]:
    match node:
        case Char(text):
            yield text
        case OneOf(source):
            one = _re2.compile(f"(?s){source}")
            own = source[1:-1] if source.startswith("[") and not source.startswith("[^") else ""
            yield from islice((character for character in own + _CANDIDATES if one.fullmatch(character)), 2)
        case Sequence(items):
            parts = [list(islice(_some(item), 3)) or [""] for item in items]
            # All first choices, then one part after the other by its others: not all of the product.
            yield "".join(part[0] for part in parts)
            for turn in (1, 2):
                for at, part in enumerate(parts):
                    if len(part) > turn:
                        yield "".join(other[turn if here == at else 0] for here, other in enumerate(parts))
        case Choice(branches):
            parts = [list(islice(_some(branch), 2)) for branch in branches]
            for turn in (0, 1):
                yield from (part[turn] for part in parts if len(part) > turn)
        case Group(inner):
            yield from _some(inner)
        case Repeat(inner, least, most):
            once = list(islice(_some(inner), 2)) or [""]
            yield once[0] * max(least, 1 if most is None or most > 0 else 0)
            if least == 0:
                yield ""
            elif most is None or most > least:
                yield "".join(islice(_cycled(once), least + 1))
        case Look(inner, negative=False):
            # What must stand beside it, so that the whole is found.
            yield from _some(inner)
        case _:
            yield ""


def _cycled(texts: list[str]) -> Iterator[str]:
    while True:
        yield from texts

"""YAML as plain values with their lines, from events alone.

No tag is ever resolved, no anchor followed, no object constructed: a document can hold text, whole
numbers, decimals, booleans, nulls, lists and mappings, and nothing else. What it holds besides is a
fault, and so is a key that stands twice.
"""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, cast

from presscheck.errors import Fault

Place = tuple[str | int, ...]

_MAX_DEPTH = 24
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_TRUE = re.compile(r"^(?:true|True|TRUE)$")
_FALSE = re.compile(r"^(?:false|False|FALSE)$")
# Longer numbers stay text: no field of ours holds one, and int() refuses above 4,300 digits.
_INT = re.compile(r"^[-+]?[0-9]{1,18}$")
# A comment that looks like one has two spaces before its # and one behind it; all others may be meant as text.
_CUTS = re.compile(r"[ \t]#|[ \t]+#[^ \t#]")
_DATE = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_FLOAT = re.compile(r"^[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?$")


def where(place: Place) -> str:
    """A place as people write it: `claims[1].text`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass(frozen=True)
class Read:
    """What a YAML text says."""

    value: Any
    """None where the text could not be read to its end."""
    lines: dict[Place, int]
    """The line of every key and item, counted from 1."""
    written: dict[Place, str]
    """How a value stands there that is no text, such as 00123."""
    faults: list[Fault]
    """What is wrong with the YAML itself."""


def read_yaml(text: str, path: str) -> Read:
    """The text read to its end, or to where it cannot be read; `path` is a name for messages.

    Sound files are read by libyaml, in a twentieth of the time. Whatever it finds fault with, and what holds something
    on which YAML 1.1 and 1.2 differ, is read by ruamel.yaml, whose messages people understand.
    """
    libyaml = _libyaml()
    if libyaml is not None and not _DIFFERS.search(text):
        quick = _Builder(path, text.splitlines())
        try:
            for event in libyaml.parse(text, Loader=libyaml.CSafeLoader):
                if not quick.take(event):
                    break
        except (libyaml.YAMLError, ValueError, UnicodeError):
            quick.faults.append(Fault(path, None, "", "is not valid YAML"))
        if quick.documents and not quick.faults:
            return quick.done
    builder = _Builder(path, text.splitlines())
    builder.read(text)
    return builder.done


@cache
def _libyaml() -> Any:
    """PyYAML where it was built with libyaml; imported here because a wake of a flow reads no YAML."""
    yaml: Any = import_module("yaml")
    return yaml if getattr(yaml, "__with_libyaml__", False) else None


# What the two versions of YAML take for different things: some line ends, blanks and marks of byte order, and a block
# of text that begins with an empty line or beside a #.
_DIFFERS = re.compile(
    "[\t\r\x85\u2028\u2029\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
    r"|(?:\A|\s)[|>][-+0-9]*(?:[^\n]*#|[ ]*\n[ ]*(?:\n|#|\Z))"
)


@dataclass
class _Level:
    """One list or mapping while it is being read."""

    value: dict[str, Any] | list[Any]
    place: Place
    key: str | None = None
    skips: bool = False


@dataclass
class _Builder:
    """Values out of YAML events; iterative, so that depth costs no stack."""

    path: str
    source: list[str]
    root: Any = None
    lines: dict[Place, int] = field(default_factory=dict[Place, int])
    written: dict[Place, str] = field(default_factory=dict[Place, str])
    faults: list[Fault] = field(default_factory=list[Fault])
    open: list[_Level] = field(default_factory=list[_Level])
    documents: int = 0

    def read(self, text: str) -> None:
        # Imported here because a wake of a flow reads no YAML.
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            for event in cast(Iterable[Any], YAML(typ="safe", pure=True).parse(io.StringIO(text))):  # pyright: ignore[reportUnknownMemberType]
                if not self.take(event):
                    break
        except MarkedYAMLError as broken:
            told = cast(Any, broken)
            mark = told.problem_mark or told.context_mark
            said = ", ".join(str(part) for part in (told.context, told.problem) if part)
            self._stop(None if mark is None else int(mark.line) + 1, f"is not valid YAML: {said}")
        except (YAMLError, ValueError, AssertionError, IndexError, AttributeError, UnicodeError) as broken:
            # The pure scanner asserts where it should explain, for instance on some control characters.
            said = (str(broken).splitlines() or [""])[0]
            self._stop(None, f"is not valid YAML: {said or type(broken).__name__}")
        if self.documents == 0 and not self.faults:
            self.faults.append(Fault(self.path, None, "", "is empty; write the keys that the docs list"))

    def _stop(self, line: int | None, message: str) -> None:
        self.root = None
        self.faults.append(Fault(self.path, line, "", message))

    @property
    def done(self) -> Read:
        return Read(self.root, self.lines, self.written, self.faults)

    def take(self, event: Any) -> bool:
        """One event; False when reading further is pointless."""
        kind = type(event).__name__
        line = int(event.start_mark.line) + 1
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self._stop(line, "holds a second document; keep one document a file, without a further ---")
                return False
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._plain(event, line)
            return self._enter({} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.open.pop()
        elif kind == "ScalarEvent":
            self._plain(event, line)
            self._scalar(event, line)
        elif kind == "AliasEvent":
            self._refuse(line, "uses an alias (*name); write the value out, aliases are not read")
            self._put(None, line)
        return True

    def _plain(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._refuse(line, "sets an anchor (&name); remove it, anchors are not read")
        tag = event.tag
        if tag is not None and str(tag) != "!":
            self._refuse(line, "carries a tag (!name); remove it, tags are not read")

    def _refuse(self, line: int, message: str) -> None:
        level = self.open[-1] if self.open else None
        place = () if level is None else level.place if level.key is None else (*level.place, level.key)
        self.faults.append(Fault(self.path, line, where(place), message))

    def _enter(self, value: dict[str, Any] | list[Any], line: int) -> bool:
        if len(self.open) >= _MAX_DEPTH:
            self._stop(line, f"nests deeper than {_MAX_DEPTH} levels; check the brackets and the indentation")
            return False
        level = self.open[-1] if self.open else None
        if level is not None and isinstance(level.value, dict) and level.key is None:
            self._refuse(line, "uses a list or a mapping as a key; keys are words")
            level.key, level.skips = "", True
            self.open.append(_Level(value, level.place))
            # What follows is the key's content, then its value; both are dropped.
            return True
        place = self._put(value, line)
        self.open.append(_Level(value, place))
        return True

    def _scalar(self, event: Any, line: int) -> None:
        text = str(event.value)
        level = self.open[-1] if self.open else None
        if level is not None and isinstance(level.value, dict) and level.key is None:
            if text in level.value:
                first = self.lines.get((*level.place, text))
                self._refuse_key(level, text, line, f"stands here a second time, first in line {first}; keep one")
                level.skips = True
            level.key = text
            if not level.skips:
                self.lines[(*level.place, text)] = line
                # The key counts as seen from here on, whatever its value turns out to be.
                level.value[text] = None
            return
        quoted = event.style in ("'", '"', "|", ">")
        value = text if quoted else _plain_value(text)
        if not quoted and isinstance(value, str):
            self._not_cut(text, event)
        place = self._put(value, line)
        if not isinstance(value, str):
            self.written[place] = text

    def _not_cut(self, text: str, event: Any) -> None:
        """YAML takes ` #` for a comment, also in the middle of a sentence about the #1 mug."""
        line = int(event.end_mark.line)
        rest = self.source[line][int(event.end_mark.column) :] if line < len(self.source) else ""
        if _CUTS.match(rest) and not _DATE.match(text):
            self._refuse(
                line + 1,
                f"is cut at #: what follows is a comment to YAML, and only “{text[-40:]}” is read. Put the whole text "
                "in quotes; before a comment leave two spaces, and one after its #",
            )

    def _refuse_key(self, level: _Level, key: str, line: int, message: str) -> None:
        self.faults.append(Fault(self.path, line, where((*level.place, key)), message))

    def _put(self, value: Any, line: int) -> Place:
        """Store a value where the open level expects one; its place."""
        if not self.open:
            self.root = value
            self.lines[()] = line
            return ()
        level = self.open[-1]
        if isinstance(level.value, list):
            place: Place = (*level.place, len(level.value))
            level.value.append(value)
            self.lines[place] = line
            return place
        key, skips = level.key, level.skips
        level.key, level.skips = None, False
        if key is None:
            # An alias in the place of a key: the fault is told, the value that follows is dropped.
            level.key, level.skips = "", True
            return level.place
        place = (*level.place, key)
        if not skips:
            level.value[key] = value
        return place


def _plain_value(text: str) -> str | int | float | bool | None:
    """An unquoted scalar by YAML 1.2's core schema; `NO` is Norway and a date is its text."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text):
        return True
    if _FALSE.match(text):
        return False
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text

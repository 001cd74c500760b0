"""Reads a folder of Vale's rules: each file as a `ValeFile`, and what is wrong with one as a fault with its line.

YAML is composed and never constructed: every value stays the text that stands there, since a token `1.0` or `no` is
what it looks like. Anchors are followed, for Vale follows them.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from policies.engine.texts import read_text
from presscheck.errors import Fault, PolicyError

MAX_BYTES = 1 << 20
_MOST_FILES = 5_000
_MOST_VALUES = 200_000
_MOST_DEEP = 12
_DOUBLY_QUOTED = re.compile(r"""(?m)(?<=[\s\[,])"(?:[^"\\\n]|\\.)*"(?=\s*(?:$|[#,\]:}]))""")
_ENDINGS = (".yml", ".yaml")

Value = str | None | list["Said"] | dict[str, "Said"]


@dataclass(frozen=True)
class Said:
    """A value as it stands in the file: a text, a list or a mapping, with its line."""

    value: Value
    line: int
    plain: bool = False
    """Written without quotes, so that `true` is a yes and no word."""

    @property
    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None


@dataclass(frozen=True)
class ValeFile:
    """One rule's file."""

    path: Path
    style: str
    """The folder it stands in, which is the style's name."""
    keys: Mapping[str, Said]
    repeated: tuple[tuple[str, int], ...] = ()
    """Keys that stand more than once, with the line that counts; Vale takes the last one."""

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass
class Folder:
    """What was found below a folder, and what could not be read."""

    files: list[ValeFile] = field(default_factory=list[ValeFile])
    faults: list[Fault] = field(default_factory=list[Fault])


def read_folder(root: Path) -> Folder:
    """Every rule below `root`, in order of path; hidden folders are left out, links out of it are faults."""
    found = Folder()
    if not root.is_dir():
        what = "is a file; name the folder it is in" if root.exists() else "there is no such folder"
        found.faults.append(Fault(str(root), None, "", what))
        return found
    within = root.resolve()
    paths = list(_paths(root, found.faults))
    if len(paths) > _MOST_FILES:
        found.faults.append(Fault(str(root), None, "", f"holds more than {_MOST_FILES:,} files; name one style"))
        return found
    for path in paths:
        try:
            read = read_rule(read_text(path, within, most=MAX_BYTES), path, root)
        except PolicyError as broken:
            found.faults.extend(broken.faults)
            continue
        if isinstance(read, Fault):
            found.faults.append(read)
        else:
            found.files.append(read)
    if not paths:
        found.faults.append(Fault(str(root), None, "", "holds no rule of Vale, which are files that end in .yml"))
    return found


def _paths(root: Path, faults: list[Fault]) -> Iterator[Path]:
    try:
        entries = sorted(root.iterdir())
    except OSError as broken:
        faults.append(Fault(str(root), None, "", f"cannot be looked into: {broken.strerror}"))
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if path.is_symlink():
                faults.append(
                    Fault(str(path), None, "", "is a link to a folder, which is not gone into; name it itself")
                )
            else:
                yield from _paths(path, faults)
        elif path.suffix.lower() in _ENDINGS:
            yield path


def words_of(name: str, rule: Path, root: Path) -> list[str] | None:
    """A list of words that a rule names, a word a line; None where no such file lies below `root`, or can be read.

    Vale looks from the folder of all styles, which is `root`, or the folder that a single style lies in.
    """
    within = root.resolve()
    for path in (root / name, root.parent / name, rule.parent / name):
        try:
            if not (path.is_file() and path.resolve().is_relative_to(within)):
                continue
            text = read_text(path, within, most=MAX_BYTES)
        except (PolicyError, OSError, ValueError):
            # A name that is too long, or with a NUL; a rule whose list cannot be read is told as one without it.
            return None
        return [line.strip() for line in text.splitlines() if line.strip()]
    return None


def read_rule(text: str, path: Path, root: Path) -> ValeFile | Fault:
    """One file's rule, or why it is none."""
    # Imported here because the command line reads YAML only where a command asks for it.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        # Go's YAML, which Vale reads with, takes \\' between double quotes for an apostrophe.
        sound = _DOUBLY_QUOTED.sub(lambda found: found[0].replace("\\'", "'"), text)
        node: Any = YAML(typ="safe", pure=True).compose(io.StringIO(sound))  # pyright: ignore[reportUnknownMemberType]
        composed = _Composed()
        said = None if node is None else composed.take(node, 0)
    except MarkedYAMLError as broken:
        told = cast(Any, broken)
        mark = told.problem_mark or told.context_mark
        why = ", ".join(str(part) for part in (told.context, told.problem) if part)
        return Fault(str(path), None if mark is None else int(mark.line) + 1, "", f"is not valid YAML: {why}")
    except _TooMuch as much:
        return Fault(str(path), much.line, "", str(much))
    except (YAMLError, ValueError, AssertionError, IndexError, AttributeError, RecursionError) as broken:
        why = (str(broken).splitlines() or [""])[0]
        return Fault(str(path), None, "", f"is not valid YAML: {why or type(broken).__name__}")
    if said is None or not isinstance(said.value, dict):
        return Fault(str(path), 1, "", "is no rule of Vale: a rule is a mapping that says what it extends")
    style = path.parent.name if path.parent != root else root.resolve().name
    return ValeFile(path, style, said.value, tuple(composed.repeated))


def _joined(value: str) -> str:
    """The text with the pairs that JSON writes for one character as that character. UnicodeDecodeError for a half."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16")


class _TooMuch(ValueError):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class _Composed:
    """Nodes as plain values; an alias is the node itself, met again, so that their number has a bound."""

    repeated: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    values: int = 0

    def take(self, node: Any, depth: int) -> Said:
        line = int(node.start_mark.line) + 1
        self.values += 1
        if self.values > _MOST_VALUES:
            raise _TooMuch(line, f"holds more than {_MOST_VALUES:,} values, aliases counted as often as they stand")
        if depth > _MOST_DEEP:
            raise _TooMuch(line, f"nests deeper than {_MOST_DEEP} levels, which no rule does")
        kind = type(node).__name__
        if kind == "ScalarNode":
            plain = node.style is None or node.style == ""
            try:
                value = _joined(str(node.value))
            except UnicodeDecodeError:
                wrong = "holds half a surrogate pair, which is no character; take it out"
                raise _TooMuch(line, wrong) from None
            empty = plain and value in ("", "~", "null", "Null", "NULL")
            return Said(None if empty else value, line, plain)
        if kind == "SequenceNode":
            return Said([self.take(one, depth + 1) for one in node.value], line)
        keys: dict[str, Said] = {}
        merged: dict[str, Said] = {}
        for key, value in node.value:
            name, at = str(key.value) if type(key).__name__ == "ScalarNode" else "", int(key.start_mark.line) + 1
            if not name:
                raise _TooMuch(at, "uses an empty key, or a list or a mapping as one; keys are words")
            said = self.take(value, depth + 1)
            if name == "<<" and isinstance(said.value, dict):
                merged |= said.value
                continue
            if name in keys:
                self.repeated.append((name, at))
            keys[name] = Said(said.value, at, said.plain)
        return Said({**merged, **keys}, line)

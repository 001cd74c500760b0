"""The keys of one of Vale's rules, each read as what it has to be; what is none is told with its line."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from presscheck.documents.sentences import nearest
from presscheck.errors import Fault
from presscheck.style_guides.vale_files import Said, ValeFile

Extends = Literal[
    "existence", "substitution", "occurrence", "repetition", "capitalization", "conditional", "consistency",
    "metric", "readability", "spelling", "sequence", "script",
]  # fmt: skip

# What Vale knows everywhere, and of each kind. What is read of a kind is used; what is only known changes nothing here.
_EVERYWHERE = {"extends", "message", "level", "link", "scope", "description", "limit", "action", "name", "code", "tags"}
_OF_KIND: dict[Extends, set[str]] = {
    "existence": {"tokens", "raw", "append", "ignorecase", "nonword", "exceptions", "vocab"},
    "substitution": {"swap", "ignorecase", "nonword", "exceptions", "vocab", "capitalize", "pos"},
    "occurrence": {"token", "max", "min", "ignorecase"},
    "repetition": {"tokens", "max", "ignorecase", "alpha", "exceptions", "vocab"},
    "capitalization": {"match", "style", "exceptions", "indicators", "threshold", "prefix", "vocab"},
    "conditional": {"first", "second", "ignorecase", "exceptions", "vocab"},
    "consistency": {"either", "ignorecase", "nonword"},
    "metric": {"formula", "condition"},
    "readability": {"metrics", "grade"},
    "spelling": {
        "filters",
        "ignore",
        "custom",
        "append",
        "dicpath",
        "dictionaries",
        "aff",
        "dic",
        "exceptions",
        "vocab",
    },
    "sequence": {"tokens", "ignorecase"},
    "script": {"script"},
}
_LEVELS = ("suggestion", "warning", "error")


@dataclass(frozen=True)
class Words:
    """A text of the file, and its line."""

    text: str
    line: int


@dataclass
class Keys:
    """One rule's keys; `faults` grows with each that is read and is not what it has to be."""

    file: ValeFile
    extends: Extends
    keys: dict[str, Said]
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def path(self) -> Path:
        return self.file.path

    def line(self, name: str) -> int:
        return self.keys[name].line if name in self.keys else 1

    def words(self, name: str) -> Words | None:
        """A text; None where the key is not there."""
        said = self.keys.get(name)
        if said is None or said.value is None:
            return None
        if said.text is None:
            self.fault(said.line, name, "is a list or a mapping where a text is asked for")
            return None
        return Words(said.text, said.line)

    def text(self, name: str, otherwise: str = "") -> str:
        found = self.words(name)
        return otherwise if found is None else found.text.strip()

    def yes(self, name: str, otherwise: bool = False) -> bool:
        found = self.words(name)
        if found is None:
            return otherwise
        if found.text.lower() not in ("true", "false", "yes", "no"):
            self.fault(found.line, name, "is neither true nor false")
        return found.text.lower() in ("true", "yes")

    def number(self, name: str) -> float | None:
        found = self.words(name)
        if found is None:
            return None
        try:
            number = float(found.text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fault(found.line, name, f"is no number: {found.text[:40]}")
            return None
        return number

    def each(self, name: str) -> list[Words]:
        """The texts of a list, or one text as a list of one; empty ones say nothing in Vale either."""
        said = self.keys.get(name)
        if said is None or said.value is None:
            return []
        items: Sequence[Said] = said.value if isinstance(said.value, list) else [said]
        return list(self._texts(items, name))

    def _texts(self, items: Sequence[Said], name: str) -> Iterator[Words]:
        for at, item in enumerate(items):
            if item.text is not None:
                if item.text.strip():
                    yield Words(item.text, item.line)
            elif item.value is not None:
                self.fault(item.line, f"{name}[{at}]", "is no text")

    def pairs(self, name: str) -> list[tuple[Words, str]]:
        """Keys and values of a mapping, or of a list of mappings."""
        said = self.keys.get(name)
        if said is None or said.value is None:
            return []
        found: list[tuple[Words, str]] = []
        maps = said.value if isinstance(said.value, list) else [said]
        for one in maps:
            if not isinstance(one.value, dict):
                self.fault(one.line, name, "is no mapping of what stands there to what should")
                continue
            for key, value in one.value.items():
                if isinstance(value.value, (list, dict)):
                    self.fault(value.line, f"{name}.{key[:40]}", "has a list or a mapping where a text is asked for")
                else:
                    found.append((Words(key, value.line), value.text or ""))
        return found

    @property
    def action(self) -> tuple[str, ...]:
        """The name of the edit that Vale offers, and its parameters; an empty name where it offers none."""
        said = self.keys.get("action")
        if said is None or not isinstance(said.value, dict):
            return ("",)
        name, params = said.value.get("name"), said.value.get("params")
        given = params.value if params is not None and isinstance(params.value, list) else []
        return ((name.text if name is not None else None) or "", *(one.text or "" for one in given))

    def fault(self, line: int, where: str, message: str) -> None:
        self.faults.append(Fault(str(self.path), line, where, message))


def keys_of(file: ValeFile) -> Keys | Fault:
    """The rule's keys, unknown ones told; a Fault where nothing says what sort of rule it is."""
    keys = {name.lower(): said for name, said in file.keys.items()}
    said = keys.get("extends")
    if said is None:
        return Fault(str(file.path), 1, "", "says not what it extends, so it is no rule of Vale")
    extends: Extends | None = next((one for one in _OF_KIND if one == said.text), None)
    if extends is None:
        meant = nearest(said.text or "", list(_OF_KIND))
        hint = f"; did you mean {meant}?" if meant else ""
        return Fault(str(file.path), said.line, "extends", f"there is no {(said.text or 'such sort')[:40]}{hint}")
    found = Keys(file, extends, keys)
    for name, line in file.repeated:
        found.fault(line, name[:60], "stands more than once; as in Vale, the last one counts")
    for name, one in keys.items():
        if name not in _EVERYWHERE | _OF_KIND[extends]:
            found.fault(one.line, name, f"is no key of {extends}, so it says nothing")
    level = found.text("level", "warning")
    if level not in _LEVELS:
        found.fault(found.line("level"), "level", f"is {level[:40]}; it is taken for a warning")
    return found

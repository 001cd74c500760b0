"""Rewrites guardrail files of before, whose `match` had every kind at once, into ones in which each says its kind.

    found, faults = migrations(layer, renamed_in(shipped))     # of a whole folder
    migrated(text, {})                                         # of one file; None where it needs nothing

Nothing is touched but `match`, and the id of a rule that changes a shipped one by a name of before, with its file's
name. What a rule finds stays the same. Nothing is written here.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from policies.engine.texts import Layer
from presscheck.documents.document import Document, read_document
from presscheck.errors import Fault

_NAMED = {"phrases": "phrases", "patterns": "patterns", "figures": "figures", "links": "links", "facts": "facts"}
_IDS = ("ssn", "national-id")
_FOLDERS = ("guardrails", "packs")

Renamed = Mapping[str, Sequence[str]]
"""What rules are called now, by what they were called before; one that was split has several names."""


@dataclass(frozen=True)
class Migration:
    """One guardrail's file, as it stands and as it is to be."""

    place: str
    """Below the folder, such as `guardrails/no-false-urgency.yaml`."""
    to: str
    """The same, or the place that its new id asks for."""
    before: str
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after or self.place != self.to

    @property
    def diff(self) -> str:
        """Every line that changes, as a unified diff."""
        sides = (self.before.splitlines(), self.after.splitlines())
        lines = [*unified_diff(*sides, self.place, self.to, lineterm="", n=1)]
        return "\n".join(lines or ([f"--- {self.place}", f"+++ {self.to}"] if self.changes else []))


def renamed_in(layer: Layer) -> dict[str, list[str]]:
    """What the rules of a layer were called before, and what they are called now."""
    found: dict[str, list[str]] = {}
    for place, text in layer.ending(".yaml"):
        if place.parts[0] in _FOLDERS and "\nformerly:" in text:
            said = _mapping(read_document(text, path=str(place)))
            found.setdefault(str(said.get("formerly")), []).append(str(said.get("id")))
    return found


def migrations(layer: Layer, renamed: Renamed) -> tuple[list[Migration], list[Fault]]:
    """Every guardrail of a layer, and why some of them cannot be rewritten."""
    found: list[Migration] = []
    faults = [*layer.faults]
    for place, text in layer.ending(".yaml", ".yml"):
        if place.parts[0] not in _FOLDERS:
            continue
        path = layer.path(str(place))
        document = read_document(text, path=path)
        faults.extend(document.faults)
        if document.faults:
            continue
        try:
            after = migrated(text, renamed)
        except _Unlike as unlike:
            faults.append(document.fault(unlike.place, str(unlike)))
            continue
        name = _mapping(read_document(after, path=path)).get("id") if after is not None else None
        # One that was not called by its id's last part keeps its name, and its fault.
        was = str(_mapping(document).get("id"))
        moved = name is not None and name != was and place.stem == was.rpartition(".")[2]
        to = str(place.with_name(f"{str(name).rpartition('.')[2]}.yaml")) if moved else str(place)
        if to != str(place) and to in layer.texts:
            faults.append(document.fault(("id",), f"is {name} now, and {to} is there already; join the two files"))
            continue
        found.append(Migration(str(place), to, text, text if after is None else after))
    return found, faults


class _Unlike(ValueError):
    """What has no counterpart, with its place."""

    def __init__(self, place: tuple[str | int, ...], said: str) -> None:
        super().__init__(said)
        self.place = place


def migrated(text: str, renamed: Renamed) -> str | None:
    """`text` as it is written now; None where it is written so, or is no guardrail.

    ValueError for what has no counterpart, with what to write instead.
    """
    yaml: Any = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        document = yaml.load(text.replace("\r\n", "\n"))
    except (YAMLError, ValueError) as broken:
        # A date of the thirteenth month is a ValueError.
        raise _Unlike((), f"cannot be rewritten: {' '.join(str(broken).split())[:200]}") from broken
    if not isinstance(document, Mapping):
        return None
    said = cast(dict[str, Any], document)
    changed: list[str] = []
    match = said.get("match")
    if isinstance(match, Mapping) and "kind" not in match:
        kinds: Any = CommentedSeq()
        for name, value in cast(Mapping[str, Any], match).items():
            if value is not None:
                kinds.append(_kind(name, value))
        said["match"] = kinds
        changed.append("match")
    for key in ("id", "extends"):
        now = renamed.get(str(said.get(key)), ())
        if now and (key == "extends" or said.get("overrides") is True):
            if len(now) > 1:
                raise _Unlike((key,), f"is several rules now: {', '.join(sorted(now))}; write a file for each")
            said[key] = now[0]
            changed.append(key)
    if not changed:
        return None
    out = io.StringIO()
    yaml.dump(document, out)
    result = _spliced(text, out.getvalue(), changed)
    return result.replace("\n", "\r\n") if "\r\n" in text else result


def _spliced(text: str, whole: str, changed: Sequence[str]) -> str:
    """The old text with the lines of what changed from the new one, so that nobody's layout is lost.

    All of the new one where that does not come to the same, such as where everything stands in braces.
    """
    old, new = _zones(text.replace("\r\n", "\n")), _zones(whole)
    spliced = "".join(_with_room(new.get(key, zone), zone) if key in changed else zone for key, zone in old.items())
    same = read_document(spliced, path="").value == read_document(whole, path="").value
    return spliced if same else whole


def _with_room(new: str, old: str) -> str:
    """With two spaces before each comment that stood behind a value: what is moved to the right has one left."""
    comments = re.findall(r"(?m)\S\s{2,}(# .*)$", old)
    for comment in comments:
        new = re.sub(rf"(?m)(?<=\S) (?={re.escape(comment)}$)", "  ", new)
    return new


def _zones(text: str) -> dict[str, str]:
    """The lines of each key of the outermost mapping, by the key; what stands before the first, by nothing."""
    zones = {"": ""}
    key = ""
    for line in text.splitlines(keepends=True):
        if found := re.match(r"([a-z_]+)\s*:(?:\s|$)", line):
            key = found[1]
        zones[key] = zones.get(key, "") + line
    return zones


def _mapping(document: Document) -> dict[str, Any]:
    said: object = document.value
    return cast(dict[str, Any], said) if isinstance(said, dict) else {}


def _kind(name: str, value: Any) -> Any:
    one: Any = CommentedMap()
    if name in _NAMED:
        one["kind"], one[name] = _NAMED[name], value
    elif name == "length":
        one["kind"], one["length"] = "length", value
    elif name == "pii":
        one["kind"] = "personal"
        if not isinstance(value, list):
            raise _Unlike(("match", name), "must be a list: one item a line, each after a hyphen")
        one["personal"] = [
            kind for said in cast(list[str], value) for kind in (_IDS if said == "national-id" else (said,))
        ]
    elif name == "picture" and isinstance(value, Mapping):
        one["kind"] = "picture"
        one.update(value)
    elif name == "superlatives":
        raise _Unlike(
            ("match", name),
            "superlatives are words of a rule now; remove the file, which claims.superlatives does, or write "
            "match: {kind: claims, words: [...]} with your own",
        )
    else:
        raise _Unlike(("match", name), f"there is no match {name[:60]}; take it out")
    return one

"""One rule of Vale as a guardrail of ours, with what of it is not taken, by name and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policies.engine.guardrail import Guardrail
from presscheck.errors import Fault
from presscheck.models import Level
from presscheck.style_guides.building import Building, Left
from presscheck.style_guides.cases import proved
from presscheck.style_guides.kinds import build
from presscheck.style_guides.scopes import Scope, scope_of
from presscheck.style_guides.vale_files import ValeFile
from presscheck.style_guides.vale_keys import Keys, keys_of
from presscheck.style_guides.wording import message_of, shortened, slug_of, title_of

FAMILY = "style"
_MOST_SHOWN = 6
# Vale fails a build for an error and for nothing else; a guardrail that asks a person is the same, and what only warns
# there must not keep people busy here.
LEVELS: Mapping[str, Level] = {"suggestion": "note", "warning": "note", "error": "review"}


@dataclass(frozen=True)
class Wishes:
    """What whoever imports says of all rules."""

    as_of: date
    owner: str = "brand"
    error: Level = "review"


@dataclass(frozen=True)
class Translated:
    """One of Vale's rules: the guardrail, if any, and what was left."""

    file: ValeFile
    extends: str
    document: dict[str, Any] | None
    tokens: int
    taken: int
    left: tuple[Left, ...]
    silent: tuple[str, ...] = ()
    """Tokens that were taken, and that no text was found for which they fire on."""

    @property
    def outcome(self) -> str:
        """whole, part or none."""
        return "none" if self.document is None else "part" if self.left else "whole"


def translate(file: ValeFile, style: str, root: Path, wishes: Wishes) -> Translated | Fault:
    """The rule as a guardrail of the pack `style`; a Fault where the file says not what sort of rule it is."""
    keys = keys_of(file)
    if isinstance(keys, Fault):
        return keys
    scope = scope_of(keys.each("scope"))
    building = build(keys, scope, root)
    if not scope.fields:
        building.left = [Left(str(file.path), keys.line("scope"), keys.text("scope"), scope.reason)]
        return Translated(file, keys.extends, None, building.tokens, 0, tuple(building.left))
    told = [Left(fault.path, fault.line or 1, fault.where, fault.message) for fault in keys.faults]
    taken = building.tokens - sum(left.is_token for left in building.left)
    left = (*building.left, *told)
    if not building.matches:
        left = left or (Left(str(file.path), 1, keys.extends, "looks for nothing"),)
        return Translated(file, keys.extends, None, building.tokens, 0, left)
    document, silent, why = _document(keys, building, scope, style, wishes)
    if why:
        return Translated(
            file, keys.extends, None, building.tokens, 0, (*left, Left(str(file.path), 1, keys.extends, why))
        )
    return Translated(file, keys.extends, document, building.tokens, taken, left, silent)


def _document(
    keys: Keys, building: Building, scope: Scope, style: str, wishes: Wishes
) -> tuple[dict[str, Any], tuple[str, ...], str]:
    """The guardrail's file with cases that hold, the tokens that never fired, and why it is none, if it is none."""
    measures = keys.extends in ("metric", "readability", "occurrence")
    said = keys.text("message") or keys.text("description")
    first, _, more = said.partition("\n")
    level = (
        wishes.error if keys.text("level", "warning") == "error" else LEVELS.get(keys.text("level", "warning"), "note")
    )
    link = keys.text("link")
    document: dict[str, Any] = {
        "id": f"{FAMILY}.{shortened_id(style, keys.file.name)}",
        "kind": "guardrail",
        "title": f"{style}: {title_of(keys.file.name)}",
        "why": _why(keys, style, more),
        "source": {
            "name": shortened(f"{style} (a style of Vale), {keys.path.name}{f', {link}' if link else ''}"),
            "date": wishes.as_of.isoformat(),
        },
        "owner": wishes.owner,
        "scope": {"channels": "all", "markets": "all", "kinds": ["copy"]},
        "level": level,
        "match": building.matches,
    }
    if not scope.everywhere:
        document["fields"] = list(scope.fields)
    document["message"] = _unplaced(message_of(first, swaps=keys.extends == "substitution", measures=measures))
    document["suggestion"] = _unplaced(_suggestion(keys, building))
    try:
        found = proved(document, [texts for _, texts in building.samples], building.right)
        document["cases"] = found.cases
        Guardrail.model_validate(document)
    except ValidationError as broken:
        first_fault = broken.errors()[0]
        if "cases" not in document or {case["fires"] for case in document["cases"]} == {True, False}:
            place = ".".join(str(one) for one in first_fault["loc"])
            return document, (), f"does not become a guardrail: {place}: {first_fault['msg']}"
        sort = "fires on" if not any(case["fires"] for case in document["cases"]) else "leaves alone"
        return document, (), f"no text was found that it {sort}"
    silent = tuple(building.samples[at][0].text for at in found.silent)
    return document, silent, ""


def shortened_id(style: str, name: str) -> str:
    """The part of an id that names a rule of a style, at most 60 characters."""
    return f"{slug_of(style)}-{slug_of(name) or 'rule'}"[:60].strip("-")


def _why(keys: Keys, style: str, more: str) -> str:
    told = message_of(more.strip(), swaps=False) if more.strip() else keys.text("description")
    return _unplaced(shortened(f"The style guide {style} asks for it. {' '.join(told.split())}".strip()))


def _suggestion(keys: Keys, building: Building) -> str:
    if building.instead:
        shown = [f"{new} for {old}" for old, new in building.instead.items() if new and old.isprintable()][:_MOST_SHOWN]
        more = " and so on" if len(building.instead) > len(shown) else ""
        return shortened(f"Write {'; '.join(shown)}{more}." if shown else "Write what the style guide asks for.")
    if keys.action[0] == "remove":
        return "Leave it out."
    match keys.extends:
        case "metric" | "readability" | "occurrence":
            return "Shorten it, or say it in shorter words and sentences."
        case "capitalization":
            return "Write it with the capitals that the style guide asks for."
        case "repetition":
            return "Write the word once."
        case "consistency":
            return "Choose one of the two ways of writing, and keep to it."
        case "conditional":
            return "Say what it stands for where it first stands."
        case "spelling":
            return "Mend the spelling, or add the word to accept if it is right."
        case _:
            return "Say it in other words, or leave it out."


def _unplaced(text: str) -> str:
    # In a pack `${name}` is a parameter, and a style guide knows none of ours.
    return text.replace("${", "$ {")

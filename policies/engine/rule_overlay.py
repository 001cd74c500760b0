"""One shipped rule with something added, taken out or set, so that a phrase does not copy a file of 150 lines.

extends: pressure.urgency
why: Our brand says hurry in its own slogan.
owner: brand
remove: {phrases: [hurry]}
cases: [{text: "Hurry, said the snail.", fires: false}]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast, get_args

from pydantic import BaseModel, Field, model_validator
from pydantic.fields import FieldInfo

from policies.engine.guardrail import Guardrail, GuardrailCase, Match
from policies.engine.policy import PolicyId, Words
from presscheck.documents.document import Document
from presscheck.documents.sentences import did_you_mean, shown
from presscheck.errors import Fault
from presscheck.models import Frozen

_FIXED = ("id", "kind", "cases", "match", "formerly", "overrides", "source")
_KINDS: tuple[type[BaseModel], ...] = get_args(get_args(Match)[0])
_SETTABLE = [field.alias or name for name, field in Guardrail.model_fields.items() if name not in _FIXED]


@dataclass(frozen=True)
class Reason:
    """Who answers for a difference from what ships, and why."""

    id: str
    """Of the rule, or the name of the pack."""
    owner: str
    why: str


class RuleOverlay(Frozen):
    """What a project changes of one rule below it. Each change has a case."""

    extends: PolicyId = Field(description="The id of the rule, such as pressure.urgency.")
    why: Words = Field(description="Why this brand differs; it is shown beside the rule's own reason.")
    owner: Words = Field(description="The role or team that answers for the difference.")
    add: dict[str, list[Any]] = Field(
        default={}, description="Items for the rule's lists: phrases, patterns, words, ..."
    )
    remove: dict[str, list[Any]] = Field(default={}, description="Items to take out of the rule's lists.")
    set: dict[str, Any] = Field(
        default={}, description="Other values: level, message, suggestion, scope, fields, from, until, at_most, ..."
    )
    cases: Annotated[tuple[GuardrailCase, ...], Field(min_length=1)] = Field(
        description="Texts that show the difference, each with fires: true or false."
    )

    @model_validator(mode="after")
    def _something(self) -> "RuleOverlay":
        if not (self.add or self.remove or self.set):
            raise ValueError("changes nothing; write add, remove or set")
        return self


def laid_over(overlay: RuleOverlay, document: Document, below: Document, faults: list[Fault]) -> Document:
    """The rule's document with the overlay's changes in it, told by the overlay's name and lines.

    A case of the rule gives way to one of the overlay with the same text. Faults: an item that is not there to be
    taken out, one that is there already, a list or a value that the rule does not have.
    """
    value = cast(dict[str, Any], _copied(below.value))
    value["match"] = value["match"] if isinstance(value["match"], list) else [value["match"]]
    merging = _Merging(overlay.extends, value, document, faults)
    for name, items in overlay.remove.items():
        merging.remove(name, items)
    for name, items in overlay.add.items():
        merging.add(name, items)
    for name, new in overlay.set.items():
        merging.set(name, new)
    said = {case.text for case in overlay.cases}
    kept = [case for case in value.get("cases", []) if case.get("text") not in said]
    ours = cast(dict[str, Any], document.value)["cases"]
    # The overlay's own come first, so that what is said of a case's number and line is said of the overlay's file.
    value["cases"] = [*_copied(ours), *kept]
    return Document(document.path, value, {**document.lines, **merging.lines}, document.faults, document.written)


class _Merging:
    """One rule's document while it is changed, with the lines of the overlay that its new values come from."""

    def __init__(self, id_: str, value: dict[str, Any], document: Document, faults: list[Fault]) -> None:
        self._id = id_
        self._value = value
        self._matches = cast(list[dict[str, Any]], value["match"])
        self._document = document
        self._faults = faults
        self.lines: dict[tuple[str | int, ...], int] = {}

    def remove(self, name: str, items: list[Any]) -> None:
        homes = self._lists(name)
        for at, item in enumerate(items):
            found = [(place, one) for place, one in homes if item in one]
            if not found:
                known = [str(each) for _, one in homes for each in one]
                instead = did_you_mean(str(item), known, "leave it out")
                self._fault(("remove", name, at), f"{self._id} has no {shown(item)} there to take out; {instead}")
            for place, home in found:
                home.remove(item)
                self._is_from(place, ("remove", name, at))

    def add(self, name: str, items: list[Any]) -> None:
        homes = self._lists(name) or self._new_list(name)
        if not homes:
            lists = sorted(
                {key for one in (*self._matches, self._value) for key, held in one.items() if _is_list(held)}
            )
            own = [one for one in lists if one not in _FIXED]
            said = f"{self._id} has no list {name[:60]}; " + did_you_mean(name, own, f"it has {', '.join(own)}")
            self._fault(("add", name), said)
            return
        place, home = homes[0]
        for at, item in enumerate(items):
            if any(item in one for _, one in homes):
                self._fault(("add", name, at), f"{self._id} has {shown(item)} already; leave it out")
            else:
                home.append(item)
                self._is_from((*place, len(home) - 1), ("add", name, at))

    def set(self, name: str, new: Any) -> None:
        places = [at for at, one in enumerate(self._matches) if name in _single_values(one)]
        if len(places) > 1:
            # Of several that could have it, the one that has it is meant.
            places = [at for at in places if name in self._matches[at]] or places
        if name in _SETTABLE:
            self._value[name] = new
            self._is_from((name,), ("set", name))
        elif len(places) == 1:
            self._matches[places[0]][name] = new
            self._is_from(("match", places[0], name), ("set", name))
        elif places:
            said = f"{len(places)} matches of {self._id} have that; replace the rule with overrides: true instead"
            self._fault(("set", name), said)
        else:
            own = sorted({one for match in self._matches for one in _single_values(match)})
            takes = [*own, *_SETTABLE]
            said = did_you_mean(name, takes, f"it takes {', '.join(takes)}")
            self._fault(("set", name), f"{self._id} has no such value; {said}")

    def _lists(self, name: str) -> list[tuple[tuple[str | int, ...], list[Any]]]:
        """The lists of this name in the rule's matches; that of the rule itself where no match has one."""
        found = [(("match", at, name), one[name]) for at, one in enumerate(self._matches) if _is_list(one.get(name))]
        own = name not in _FIXED and _is_list(self._value.get(name))
        return [*found] or ([((name,), self._value[name])] if own else [])

    def _new_list(self, name: str) -> list[tuple[tuple[str | int, ...], list[Any]]]:
        """A list that the first match which could have it does not have yet, such as its exceptions."""
        for at, one in enumerate(self._matches):
            if name in _lists_of(one) and name not in one:
                one[name] = []
                return [(("match", at, name), one[name])]
        return []

    def _fault(self, place: tuple[str | int, ...], said: str) -> None:
        self._faults.append(self._document.fault(place, said))

    def _is_from(self, place: tuple[str | int, ...], ours: tuple[str | int, ...]) -> None:
        line = self._document.line(ours)
        for length in range(1, len(place) + 1):
            if line is not None:
                self.lines.setdefault(place[:length], line)


def _lists_of(match: Mapping[str, Any]) -> set[str]:
    """The names of the lists that a match of this kind may have."""
    return {name for name, field in _fields_of(match).items() if "tuple[" in str(field.annotation)}


def _single_values(match: Mapping[str, Any]) -> set[str]:
    """The names of everything else that it may have."""
    return _fields_of(match).keys() - _lists_of(match) - {"kind"}


def _fields_of(match: Mapping[str, Any]) -> Mapping[str, FieldInfo]:
    """The fields of its kind."""
    for kind in _KINDS:
        if match.get("kind") in get_args(kind.model_fields["kind"].annotation):
            return kind.model_fields
    return {}


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _copied(value: Any) -> Any:
    """A copy whose lists and maps are its own."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in cast(dict[str, Any], value).items()}
    return [_copied(one) for one in cast(list[Any], value)] if isinstance(value, list) else value

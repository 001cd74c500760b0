"""One shipped rule with something added, taken out or set, so that a phrase does not copy a file of 150 lines.

extends: pressure.urgency
why: Our brand says hurry in its own slogan.
owner: brand
remove: {phrases: [hurry]}
cases: [{text: "Hurry, said the snail.", fires: false}]
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field, model_validator

from policies.engine.guardrail import Guardrail, GuardrailCase
from policies.engine.policy import PolicyId, Words
from presscheck.documents.document import Document
from presscheck.errors import Fault
from presscheck.models import Frozen

_FIXED = ("id", "kind", "cases", "match", "formerly", "overrides", "source")
_SETTABLE = [name for name in Guardrail.model_fields if name not in _FIXED]


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
    matches = cast(list[dict[str, Any]], value["match"] if isinstance(value["match"], list) else [value["match"]])
    value["match"] = matches
    for name, items in overlay.remove.items():
        for at, item in enumerate(items):
            homes = [one for one in _lists(value, matches, name) if item in one]
            if not homes:
                faults.append(
                    document.fault(("remove", name, at), f"{overlay.extends} has no {item!r} there to take out")
                )
            for home in homes:
                home.remove(item)
    for name, items in overlay.add.items():
        homes = _lists(value, matches, name)
        if not homes:
            lists = sorted({key for one in (*matches, value) for key, held in one.items() if isinstance(held, list)})
            said = f"{overlay.extends} has no list {name}; it has {', '.join(one for one in lists if one != 'match')}"
            faults.append(document.fault(("add", name), said))
            continue
        for at, item in enumerate(items):
            if any(item in home for home in homes):
                faults.append(
                    document.fault(("add", name, at), f"{overlay.extends} has {item!r} already; leave it out")
                )
            else:
                homes[0].append(item)
    for name, new in overlay.set.items():
        owners = [one for one in matches if name in one and not isinstance(one[name], list) and name != "kind"]
        if name in _SETTABLE or name == "from":
            value[name] = new
        elif len(owners) == 1:
            owners[0][name] = new
        else:
            said = f"{overlay.extends} has no such value; it takes {', '.join((*_SETTABLE, 'from'))}"
            faults.append(document.fault(("set", name), said))
    said = {case.text for case in overlay.cases}
    kept = [case for case in value.get("cases", []) if case.get("text") not in said]
    ours = cast(dict[str, Any], document.value)["cases"]
    # The overlay's own come first, so that what is said of a case's number and line is said of the overlay's file.
    value["cases"] = [*_copied(ours), *kept]
    return Document(document.path, value, {**document.lines}, document.faults, document.written)


def _lists(value: Mapping[str, Any], matches: list[dict[str, Any]], name: str) -> list[list[Any]]:
    """The lists of this name in the rule's matches; those of the rule itself where no match has one."""
    found = [one[name] for one in matches if isinstance(one.get(name), list)]
    return found or ([value[name]] if isinstance(value.get(name), list) and name not in _FIXED else [])


def _copied(value: Any) -> Any:
    """A copy whose lists and maps are its own."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in cast(dict[str, Any], value).items()}
    return [_copied(one) for one in cast(list[Any], value)] if isinstance(value, list) else value

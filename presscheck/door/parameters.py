"""What somebody types for a parameter becomes what the campaign takes: 3 a number, 007 the text that it is.

    parameters, wrong = fitted(deployment, {"count": "3"})     # {"count": 3}, None

It goes by the schema that Prefect keeps of the flow's signature. Where that takes a text, what was typed stays one.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from presscheck.documents.sentences import listed, nearest, shown

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,3})?")
_MEANT = {
    "integer": "a whole number, such as 3",
    "number": "a number, such as 0.5",
    "boolean": "true or false",
    "array": 'a list in JSON, such as ["DE", "US"]',
    "object": 'a mapping in JSON, such as {"DE": 3}',
    "null": "null",
}


class _Unfit(Exception):
    """The text is none of what is taken; `str()` says what is."""


def fitted(deployment: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """The parameters as the campaign takes them, or what is wrong with them and what to do, all of it at once."""
    schema = cast(dict[str, Any], deployment.get("parameter_openapi_schema") or {})
    if not isinstance(schema.get("properties"), dict):
        return dict(given), None
    known = cast(dict[str, dict[str, Any]], schema["properties"])
    made: dict[str, Any] = {}
    # Prefect takes any name and the run then crashes without having read a line of the campaign.
    strange = sorted(name for name in given if name not in known)
    faults = [f"{deployment['name']} has no parameter {', '.join(name[:80] for name in strange)}"] if strange else []
    for name, value in given.items():
        if name in known:
            try:
                made[name] = _fit(value, _resolved(known[name], schema)) if isinstance(value, str) else value
            except _Unfit as unfit:
                faults.append(f"{name}: {shown(value)} is not {unfit}")
    if not faults:
        return made, None
    meant = [f"{one[:80]} ({near})" for one in strange if (near := nearest(one, list(known)))]
    advice = f"Its parameters are {', '.join(known) or 'none'}." if strange else "Correct it and start again."
    return made, ("; ".join(faults), advice + (f" Did you mean {listed(meant)}?" if meant else ""))


def _resolved(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """The schema that a reference within the document stands for."""
    kind, _, name = str(schema.get("$ref") or "").removeprefix("#/").partition("/")
    found = cast(dict[str, Any], root.get(kind) or {}).get(name)
    return cast(dict[str, Any], found) if isinstance(found, dict) else schema


def _fit(text: str, schema: Mapping[str, Any]) -> Any:
    """The text as a value of this schema; _Unfit says what would be one."""
    several = cast(list[dict[str, Any]], schema.get("anyOf") or [schema])
    kinds = [str(one["type"]) for one in several if isinstance(one.get("type"), str)]
    choices = schema.get("enum")
    if len(kinds) < len(several) or "string" in kinds:
        # Whatever cannot be told from here is Prefect's to judge.
        if isinstance(choices, list) and text not in choices:
            raise _Unfit(f"one of {listed(map(str, cast(list[Any], choices)), 'or')}")
        return text
    for kind in kinds:
        found = _as(kind, text)
        if found is not None or (kind == "null" and text == "null"):
            if isinstance(choices, list) and found not in choices:
                break
            return found
    if isinstance(choices, list):
        raise _Unfit(f"one of {listed(map(str, cast(list[Any], choices)), 'or')}")
    raise _Unfit(" or ".join(_MEANT.get(kind, kind) for kind in kinds))


def _as(kind: str, text: str) -> Any:
    """The text as this type of JSON Schema's; None where it is none."""
    match kind:
        case "integer":
            return int(text) if _WHOLE.fullmatch(text) else None
        case "number":
            number = float(text) if _DECIMAL.fullmatch(text) else math.inf
            return number if math.isfinite(number) else None
        case "boolean":
            return {"true": True, "false": False}.get(text.lower())
        case "array" | "object":
            try:
                read = json.loads(text)
            except (ValueError, RecursionError):
                return None
            return cast(object, read) if isinstance(read, list if kind == "array" else dict) else None
        case _:
            return None

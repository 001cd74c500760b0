"""Values as a form of Prefect's UI sends them, made plain: JSON that was typed is read, nothing is evaluated."""

import json
from typing import Any, cast

_MOST_DEPTH = 40


class Evaluates(ValueError):
    """A value asks to be evaluated, or cannot be read; `str()` says which in words for the person."""


def plain(value: Any, depth: int = 0) -> Any:
    """The value without Prefect's wrappers. Evaluates for templates, variables, blocks and broken JSON."""
    if depth > _MOST_DEPTH:
        raise Evaluates("a value is nested too deep")
    if isinstance(value, list):
        return [plain(inner, depth + 1) for inner in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    found = cast(dict[str, Any], value)
    if isinstance(found.get("$ref"), dict):
        raise Evaluates("blocks are not read here; type the value itself")
    if "__prefect_kind" not in found:
        return {key: plain(inner, depth + 1) for key, inner in found.items()}
    kind = found["__prefect_kind"]
    if kind in ("none", None):
        return plain(found.get("value"), depth + 1)
    if kind == "json":
        return plain(_read(found.get("value")), depth + 1)
    raise Evaluates("templates and variables are not evaluated here; type the value itself")


def _read(value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Evaluates(f"this is not JSON: {value[:60]}") from error

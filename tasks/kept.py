"""What a step's result is made of, and how the ledger keeps it.

    class Subjects(Kept):
        lines: tuple[str, ...]

A result is read at every wake, perhaps by newer code: its shape says whether it can be. A shape is worked out from the
result's fields; one that the class says itself (`shape: ClassVar[str] = "subjects/1"`) wins.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel

from presscheck.digests import digest_of
from presscheck.ledger import Writer
from presscheck.models import Frozen
from tasks.written import refuse_result

_FLOAT = "__float__"


class Kept(Frozen):
    """A step's result. Any frozen model will do; a field that the ledger cannot keep is told where this one is written.

    CodeError, where the class is written, for such a field: a DataFrame, a path, a complex number.
    """

    shape: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        refuse_result(cls)


R = TypeVar("R", bound=BaseModel)


def _nothing(tx: Writer) -> None:
    """Most steps write nothing but their result."""


@dataclass(frozen=True)
class Made(Generic[R]):
    """What a step made, and what else is to be written in the same transaction as the result."""

    result: R
    keep: Callable[[Writer], None] = _nothing


@lru_cache(maxsize=256)
def shape_of(result: type[BaseModel]) -> str:
    """What the class says its shape is; else the fingerprint of its fields, whatever they are titled."""
    said = getattr(result, "shape", None)
    if isinstance(said, str) and said:
        return said
    # As text: a schema may hold a float, such as the least value of a field.
    return f"schema/{digest_of(json.dumps(_bare(result.model_json_schema()), sort_keys=True))[:16]}"


def _bare(schema: Any) -> Any:
    if isinstance(schema, dict):
        known = cast("dict[str, Any]", schema)
        words = ("title", "description", "examples")
        # A field may be called title: what it is called under is a dict, and a title is a text.
        return {key: _bare(inner) for key, inner in known.items() if not (key in words and not isinstance(inner, dict))}
    if isinstance(schema, list):
        return [_bare(inner) for inner in cast("list[Any]", schema)]
    return schema


def packed(value: Any) -> Any:
    """A JSON value without floats, each of which stands as the shortest text that is it (IEEE 754, binary64).

    ValueError for one that is no number.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number; write None for what is not known")
        return {_FLOAT: repr(value)}
    if isinstance(value, dict):
        return {key: packed(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [packed(inner) for inner in cast("list[Any]", value)]
    return value


def unpacked(value: Any) -> Any:
    """What was packed."""
    if isinstance(value, dict):
        known = cast("dict[str, Any]", value)
        if known.keys() == {_FLOAT}:
            return float(known[_FLOAT])
        return {key: unpacked(inner) for key, inner in known.items()}
    if isinstance(value, list):
        return [unpacked(inner) for inner in cast("list[Any]", value)]
    return value

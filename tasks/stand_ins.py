"""Values that stand in for results nobody made, and that tell where they came from.

Every text in a stand-in is a mark of its own, so that a value which a flow takes out of one result and
puts into another is still known.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_DEEPEST = 6


class Marks:
    """Which visit each mark and each value came out of."""

    def __init__(self) -> None:
        self._of_text: dict[str, int] = {}
        # Kept, so that no other value can come to have the same id.
        self._values: list[Any] = []
        self._of_value: dict[int, int] = {}

    def text(self, visit: int) -> str:
        """A new mark: 64 hexadecimal digits, like any digest."""
        mark = f"feed{len(self._of_text):060x}"
        self._of_text[mark] = visit
        return mark

    def remember(self, visit: int, value: Any) -> None:
        """Say that a value came out of a visit."""
        self._values.append(value)
        self._of_value[id(value)] = visit

    def found_in(self, value: Any) -> frozenset[int]:
        """The visits that a value, or anything in it, came out of."""
        return frozenset(self._walk(value, _DEEPEST))

    def _walk(self, value: Any, depth: int) -> Iterator[int]:
        if isinstance(value, str):
            if value in self._of_text:
                yield self._of_text[value]
            return
        if id(value) in self._of_value:
            yield self._of_value[id(value)]
            return
        if depth:
            for inner in _inside(value):
                yield from self._walk(inner, depth - 1)


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, BaseModel):
        yield from (inner for _, inner in value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, one.name) for one in fields(value))
    elif isinstance(value, Mapping):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value


def made_up(wanted: type[M], visit: int, marks: Marks, *, much: bool, **known: Any) -> M:
    """A value of this type, with what is `known`. `much`: numbers are large and bools true; else 1 and false."""
    made = _model(wanted, visit, marks, much, _DEEPEST, known)
    marks.remember(visit, made)
    return made


def _model(
    wanted: type[M], visit: int, marks: Marks, much: bool, depth: int, known: Mapping[str, Any] | None = None
) -> M:
    values = dict(known or {})
    for name, field in wanted.model_fields.items():
        if name not in values:
            values[name] = _value(field.annotation, visit, marks, much, depth - 1)
    # Not validated: a mark is no address and no code, and nothing here is ever kept.
    return wanted.model_construct(**values)


def _value(wanted: Any, visit: int, marks: Marks, much: bool, depth: int) -> Any:
    origin, given = get_origin(wanted), get_args(wanted)
    if origin is not None and hasattr(wanted, "__metadata__"):
        return _value(given[0], visit, marks, much, depth)
    if origin is Literal:
        return given[0]
    if origin in (Union, types.UnionType):
        some = next((one for one in given if one is not type(None)), None)
        return _value(some, visit, marks, much, depth)
    if origin in (tuple, list, set, frozenset):
        several = [one for one in given if one is not Ellipsis] or [str]
        return origin(_value(one, visit, marks, much, depth) for one in several)
    if origin in (dict, Mapping):
        return {}
    if not isinstance(wanted, type) or depth <= 0:
        return marks.text(visit)
    if issubclass(wanted, BaseModel):
        return _model(wanted, visit, marks, much, depth)
    if issubclass(wanted, Enum):
        return next(iter(wanted))
    if issubclass(wanted, bool):
        return much
    if issubclass(wanted, int):
        return 1_000_000 if much else 1
    return marks.text(visit)

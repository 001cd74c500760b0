"""Values that stand in for results nobody made, and that tell where they came from.

Every text in a stand-in is a mark of its own, so that a value which a flow takes out of one result and
puts into another is still known.
"""

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

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
        found: set[int] = set()
        self._look(value, _DEEPEST, found)
        return frozenset(found)

    def _look(self, value: Any, depth: int, found: set[int]) -> None:
        known = self._of_text.get(value) if isinstance(value, str) else self._of_value.get(id(value))
        if known is not None:
            found.add(known)
        elif depth and not isinstance(value, str):
            for inner in _inside(value):
                self._look(inner, depth - 1, found)


def _inside(value: Any) -> Iterable[Any]:
    if value is None or isinstance(value, bool | int | float):
        return ()
    if isinstance(value, BaseModel):
        return [inner for _, inner in value]
    if isinstance(value, list | tuple | set | frozenset):
        return cast(Iterable[Any], value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, one.name) for one in fields(value)]
    if isinstance(value, Mapping):
        several = cast(Mapping[Any, Any], value)
        return (*several.keys(), *several.values())
    return ()


_Maker = Callable[[int, Marks, bool, int], Any]


def made_up(wanted: type[M], visit: int, marks: Marks, *, much: bool, **known: Any) -> M:
    """A value of this type, with what is `known`. `much`: numbers are large and bools true; else 1 and false."""
    made = _model(wanted, visit, marks, much, _DEEPEST, known)
    marks.remember(visit, made)
    return made


def _model(
    wanted: type[M], visit: int, marks: Marks, much: bool, depth: int, known: Mapping[str, Any] | None = None
) -> M:
    values = dict(known or {})
    for name, make in _makers(wanted):
        if name not in values:
            values[name] = make(visit, marks, much, depth - 1)
    # Not validated: a mark is no address and no code, and nothing here is ever kept.
    return wanted.model_construct(**values)


# A flow is walked thousands of times, and its types say the same each time. Those of a file that is read anew are other
# types, so not all are kept.
@lru_cache(maxsize=500)
def _makers(wanted: type[BaseModel]) -> tuple[tuple[str, _Maker], ...]:
    return tuple((name, _maker(field.annotation)) for name, field in wanted.model_fields.items())


def _maker(wanted: Any) -> _Maker:
    """What makes a value of this type, of a visit, of its marks, much or little, at a depth."""
    origin, given = get_origin(wanted), get_args(wanted)
    if origin is not None and hasattr(wanted, "__metadata__"):
        return _maker(given[0])
    if origin is Literal:
        return lambda *_: given[0]
    if origin in (Union, types.UnionType):
        return _maker(next((one for one in given if one is not type(None)), None))
    if origin in (tuple, list, set, frozenset):
        several = [_maker(one) for one in given if one is not Ellipsis] or [_text]
        return lambda *at: origin(make(*at) for make in several)
    if origin in (dict, Mapping):
        return lambda *_: {}
    return _single(wanted) if isinstance(wanted, type) else _text


def _single(wanted: type[Any]) -> _Maker:
    """What makes a value of a plain type; below the deepest it is a mark, whatever the type."""
    if issubclass(wanted, BaseModel):
        return lambda visit, marks, much, depth: (
            _model(wanted, visit, marks, much, depth) if depth > 0 else marks.text(visit)
        )
    if issubclass(wanted, Enum):
        first = next(iter(wanted))
        return lambda visit, marks, _, depth: first if depth > 0 else marks.text(visit)
    if issubclass(wanted, bool):
        return lambda visit, marks, much, depth: much if depth > 0 else marks.text(visit)
    if issubclass(wanted, int):
        return lambda visit, marks, much, depth: (1_000_000 if much else 1) if depth > 0 else marks.text(visit)
    return _text


def _text(visit: int, marks: Marks, *_: Any) -> str:
    return marks.text(visit)

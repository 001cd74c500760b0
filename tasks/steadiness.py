"""Walks a campaign twice with the same answers, and tells what its body did otherwise the second time.

    unsteady(product_launch)        # ["flows/x.py:14: draft_variants was given 17 and then 12: ..."]

A campaign starts again from its first line at every wake: what a clock, chance or a file decides in the body is decided
anew each time, and a step that was made is then asked for under other arguments, or not asked for at all. The second
walk is made at another day and hour, as far as the campaign's file says `datetime`, `date` and `time`.

Four gates of three rounds have thousands of ways, which say the same over and over: walked are those on which at most
two answers are others than the first possible.
"""

import datetime as real
import sys
import time as real_time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from inspect import unwrap
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from prefect import Flow
from pydantic import BaseModel

from presscheck.documents.own_code import short
from presscheck.documents.sentences import shown
from tasks.effects import watched_by
from tasks.mapping import ways_of

_LATER = real.timedelta(days=403, hours=7, minutes=19)
_DEEPEST = 8
_DETOURS = 2
_BECAUSE = (
    "when it was walked twice with the same answers; the body runs again at every wake, so let a clock, chance, a file "
    "or the network decide in a step"
)
_Call = tuple[str, int, Any]


def unsteady(flow: "Flow[..., Any]") -> list[str]:
    """The first thing that differs between two walks of the same answers, with its line; nothing where none does."""
    body: Any = unwrap(flow.fn)
    file = str(body.__code__.co_filename)
    first = _calls(flow, file)
    with _later(body.__globals__):
        second = _calls(flow, file)
    place = short(file, Path.cwd())
    for one, other in zip(first, second, strict=False):
        if one != other:
            return [f"{place}:{other[1]}: {_difference(one, other)}, {_BECAUSE}"]
    if len(first) != len(second):
        name, line, _ = max(first, second, key=len)[min(len(first), len(second))]
        return [f"{place}:{line}: {name} is reached only sometimes, {_BECAUSE}"]
    return []


def _calls(flow: "Flow[..., Any]", file: str) -> list[_Call]:
    """Every call of a step, gate or delivery on these ways, with its line and what it was given."""
    found: list[_Call] = []

    def see(method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        # A step says its own name first.
        name = str(args[0]) if method == "step" else method
        found.append((name, _line_in(file), _plain([args, kwargs])))

    with watched_by(see):
        for _ in ways_of(flow, detours=_DETOURS):
            continue
    return found


def _line_in(file: str) -> int:
    frame: Any = sys._getframe()
    while frame is not None and frame.f_code.co_filename != file:
        frame = frame.f_back
    return 0 if frame is None else int(frame.f_lineno)


def _difference(one: _Call, other: _Call) -> str:
    if one[0] != other[0]:
        return f"{other[0]} was reached in place of {one[0]}"
    was, now = _first_difference(one[2], other[2])
    return f"{other[0]} was given {shown(now)} in place of {shown(was)}"


def _first_difference(one: Any, other: Any) -> tuple[Any, Any]:
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return next((_first_difference(a, b) for a, b in zip(one, other, strict=True) if a != b), (one, other))
    return one, other


def _plain(value: Any, depth: int = _DEEPEST) -> Any:
    """The value as something that can be compared: what stands in for results is the same on the same way."""
    if value is None or isinstance(value, str | int | float | bytes | real.date | real.time | real.timedelta):
        return value
    if depth == 0:
        return type(value).__name__
    if isinstance(value, BaseModel):
        return (type(value).__name__, *(_plain(one, depth - 1) for _, one in value))
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(_plain(getattr(value, one.name), depth - 1) for one in fields(value)))
    if isinstance(value, Mapping):
        return tuple((_plain(key, depth - 1), _plain(one, depth - 1)) for key, one in value.items())
    if isinstance(value, set | frozenset):
        return tuple(sorted(map(repr, value)))
    if isinstance(value, list | tuple):
        return tuple(_plain(one, depth - 1) for one in value)
    return type(value).__name__


# ---------------------------------------------------------------- another day


class _As(type):
    """A class that stands for another also in `isinstance`."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1])


class _LaterDatetime(real.datetime, metaclass=_As):
    @classmethod
    def now(cls, tz: real.tzinfo | None = None) -> Any:
        return real.datetime.now(tz) + _LATER

    @classmethod
    def today(cls) -> Any:
        return real.datetime.now() + _LATER  # noqa: DTZ005 - what whoever calls it would get.

    @classmethod
    def utcnow(cls) -> Any:
        return real.datetime.now(real.UTC).replace(tzinfo=None) + _LATER


class _LaterDate(real.date, metaclass=_As):
    @classmethod
    def today(cls) -> Any:
        return (real.datetime.now() + _LATER).date()  # noqa: DTZ005 - what whoever calls it would get.


def _later_time() -> float:
    return real_time.time() + _LATER.total_seconds()


@contextmanager
def _later(names: dict[str, Any]) -> Generator[None, None, None]:
    """Let the clocks that a module knows by these names show another day and hour."""
    stands_for: dict[int, Any] = {
        id(real.datetime): _LaterDatetime,
        id(real.date): _LaterDate,
        id(real): _with(real, datetime=_LaterDatetime, date=_LaterDate),
        id(real_time): _with(real_time, time=_later_time),
        id(real_time.time): _later_time,
    }
    before = {name: value for name, value in names.items() if id(value) in stands_for}
    names.update({name: stands_for[id(value)] for name, value in before.items()})
    try:
        yield
    finally:
        names.update(before)


def _with(module: ModuleType, **changed: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(module), **changed})

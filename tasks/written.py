"""What an engineer wrote is looked at where it is written: at import, with file and line and what to write instead.

A step that is none would fail in a campaign, days later, with people waiting; and what looks like a step of Prefect's
(`async def`, a DataFrame) is none of ours, because its result has to be read from the ledger by every wake.
"""

import inspect
import math
import re
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError

from presscheck.documents.own_code import short
from presscheck.errors import CodeError, Fault
from presscheck.models import Frozen

_INPUTS = (str, int, float, types.NoneType, Frozen)
"""What an argument may be, apart from lists, tuples and dicts of these; a bool is an int."""


_HOLDERS: tuple[Any, ...] = (Any, list, tuple, dict, object, types.UnionType)
_WRITTEN_OUT = (
    "date",
    "datetime",
    "time",
    "timedelta",
    "Decimal",
    "Fraction",
    "UUID",
    "Path",
    "PosixPath",
    "WindowsPath",
)
"""What a text says whole: nobody should write a file for it."""
_DEFINED = r"(?:def|class)\b"
PLAIN = (
    "write def, and asyncio.run(...) inside a step for what has to be awaited: a campaign sleeps by ending its "
    "process, which no await outlives"
)


def refuse_body(body: Callable[..., Any]) -> None:
    """CodeError where `@hold_on_fault` stands over something that is no plain function."""
    if faults := _unlike_a_function(body, "hold_on_fault", "@flow(name=...) over @hold_on_fault over def"):
        raise CodeError([_fault(body, _DEFINED, *fault) for fault in faults])


def refuse_step(name: str, make: Callable[..., Any], form_of: Callable[[Any], Any]) -> Any:
    """The form of the step's result. CodeError with every fault: of the function, its arguments, its result's type.

    `form_of` gives it by the return annotation, or a text that says what is wrong with that.
    """
    where = f"step {name}"
    if faults := _unlike_a_function(make, where, f'@step("{name}", effect=...) over def'):
        raise CodeError([_fault(make, _DEFINED, *fault) for fault in faults])
    form: Any = None
    try:
        hints = get_type_hints(make)
    except Exception as error:  # noqa: BLE001 - an annotation is any code; NameError is the usual one.
        hints = {}
        form = f"its annotations cannot be read where it is defined: {error}"
    else:
        nothing = "says nothing of what it returns; write -> and the class of its result, such as -> Result"
        form = form_of(hints["return"]) if "return" in hints else nothing
    said = [form] if isinstance(form, str) else []
    if faults := [_fault(make, _DEFINED, where, message) for message in [*said, *_unfit_arguments(make, hints)]]:
        raise CodeError(faults)
    return form


def refuse_result(kept: type) -> None:
    """CodeError for each field of a result that has no digest, before pydantic says something else about it."""
    try:
        fields = {name: hint for name, hint in get_type_hints(kept).items() if name in kept.__annotations__}
    except (NameError, TypeError):
        # A name that comes later in the file. pydantic looks it up again; what is kept is looked at in any case.
        return
    faults: list[Fault] = []
    for name, hint in fields.items():
        unfit = dict.fromkeys(filter(None, map(_unfit, _classes_in(hint))))
        faults += [_fault(kept, rf"{name}\s*:", f"{kept.__name__}.{name}", _instead(each)) for each in unfit]
    if faults:
        raise CodeError(faults)


def takes_approved(make: Callable[..., Any], approved: type) -> bool:
    """Whether one of a step's arguments is `Approved[...]`, by its annotation."""
    hints = get_type_hints(make)
    return any(
        issubclass(leaf, approved) for name, hint in hints.items() if name != "return" for leaf in _classes_in(hint)
    )


def unfit_input(value: Any) -> str:
    """What is wrong with an argument of a step, and what to write instead; empty for one that has a digest."""
    if isinstance(value, dict):
        keys = ["a key is to be text" for key in value if not isinstance(key, str)]
        return next(iter(keys), "") or next(filter(None, map(unfit_input, value.values())), "")
    if isinstance(value, list | tuple):
        return next(filter(None, map(unfit_input, value)), "")
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number; write None for what is not known"
    return "" if isinstance(value, _INPUTS) else _instead(type(value).__name__)


def _instead(unfit: str) -> str:
    if unfit in ("float64", "float32", "complex"):
        return f"a {unfit} has no digest; write float(...), or a whole number of the smallest unit (cents, per mille)"
    if unfit in _WRITTEN_OUT:
        return f"{unfit} has no digest; hand it on as text, and read it again inside the step"
    return (
        f"{unfit} cannot be kept in the ledger and has no digest. Let a step return rows (-> pl.DataFrame), which are "
        "kept by digest, and hand on what it gives; else str, int, float, bool, Frozen models, and lists, tuples and "
        "dicts of these"
    )


def _unlike_a_function(made: Callable[..., Any], where: str, order: str) -> list[tuple[str, str]]:
    if not inspect.isfunction(made):
        return [(where, f"stands over a {type(made).__name__} and not over a plain function; write {order}")]
    if inspect.iscoroutinefunction(made) or inspect.isasyncgenfunction(made):
        return [(where, f"{made.__name__} is async; {PLAIN}")]
    if inspect.isgeneratorfunction(made):
        return [(where, f"{made.__name__} yields; write return: what it gives is one value")]
    return []


def _unfit_arguments(make: Callable[..., Any], hints: dict[str, Any]) -> Iterator[str]:
    names = list(inspect.signature(make).parameters)
    if not names:
        yield "takes no campaign; its first argument is campaign: Campaign"
    for name in names[1:]:
        for leaf in dict.fromkeys(_classes_in(hints.get(name))):
            if not issubclass(leaf, _INPUTS):
                yield f"{name}: {_instead(leaf.__name__)}"


def unkept(leaf: type) -> str:
    """What is wrong with a class as a step's result, and what to write instead; empty where nothing is."""
    unfit = _unfit(leaf)
    return _instead(unfit) if unfit else ""


def _classes_in(hint: Any) -> Iterator[type]:
    """The classes that an annotation is made of; nothing for Any, type variables and names not there yet."""
    origin = get_origin(hint)
    if origin is Literal:
        return
    if hasattr(hint, "__metadata__"):
        # Annotated[X, ...] has X first, and whatever else somebody notes of it.
        yield from _classes_in(get_args(hint)[0])
        return
    for inner in get_args(hint):
        yield from _classes_in(inner)
    whole = hint if origin is None else origin
    if isinstance(whole, type) and whole.__module__ != "collections.abc" and whole not in _HOLDERS:
        yield whole


def _unfit(leaf: type, above: frozenset[type] = frozenset()) -> str:
    """The name of what the ledger cannot keep of this class: itself, or a class in a model's fields; else empty."""
    if issubclass(leaf, complex):
        return leaf.__name__
    if issubclass(leaf, BaseModel):
        inner = [one for field in leaf.model_fields.values() for one in _classes_in(field.annotation)]
        return next(filter(None, (_unfit(one, above | {leaf}) for one in inner if one not in above | {leaf})), "")
    try:
        TypeAdapter(leaf)
    except PydanticUserError:
        return leaf.__name__
    return ""


def _fault(written: Any, at: str, where: str, message: str) -> Fault:
    """The fault at the line of `written` (a function or a class) that begins with `at`, as far as it can be found."""
    path, line = _begins(written, at)
    return Fault(path, line, where, message)


def _begins(written: Any, at: str) -> tuple[str, int | None]:
    # A task of Prefect's holds the function as `fn`, a partial as `func`, and what wraps it otherwise as `__wrapped__`.
    inner = inspect.unwrap(getattr(written, "fn", getattr(written, "func", written)))
    try:
        path = short(inspect.getfile(inner), Path.cwd())
        lines, first = inspect.getsourcelines(inner)
    except (OSError, TypeError):
        # Written at a prompt or in a notebook: there is no file to name.
        return getattr(inner, "__qualname__", type(inner).__name__), None
    begins = re.compile(rf"\s*(async\s+)?{at}")
    return path, next((first + ahead for ahead, line in enumerate(lines) if begins.match(line)), first)

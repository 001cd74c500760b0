"""A kind of asset as a class: typed fields, each a titled part of what people sign.

    class BudgetSplit(Kind):
        kind = "budget-split"
        noun = "budget split"
        spends = "total"
        sums = {"total": ("search", "social")}

        search: int = part("Search ads", unit=DOLLARS, at_least=0)
        social: int = part("Social posts", unit=DOLLARS, at_least=0)
        total: int = part("In all", unit=DOLLARS, at_most=40_000)

An instance is described (`described()`), and the description is what is shown and signed. What was signed becomes an
instance again (`of`), if the class describes it in exactly these words: a project whose class has changed since does
not take what was signed for something else.
"""

import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from presscheck.assets.described import DOLLARS, Description, Number, Part, Table, said_of
from presscheck.documents.own_code import place_of
from presscheck.documents.sentences import sentence_for
from presscheck.errors import CodeError, Fault
from presscheck.matching import looks_of
from presscheck.models import KINDS, Asset, AssetKind, Author, Digest, Frozen, SentLine, SentText, is_own

_SEVERAL_LINES = "several lines"
_ONLY_WALKED: ContextVar[bool] = ContextVar("presscheck-only-walked", default=False)
Line = SentLine
"""The type of a part of one line."""
Text = Annotated[SentText, _SEVERAL_LINES]
"""The type of a part of several lines."""
Rows = tuple[tuple[SentLine, ...], ...]
"""The type of a table, whose columns `part` names."""


def part(
    title: str,
    *,
    unit: str = "",
    at_least: int | None = None,
    at_most: int | None = None,
    columns: tuple[str, ...] = (),
    edited: bool = True,
    default: Any = ...,
) -> Any:
    """One part: what people call it, the unit and limits of a number, the columns of a table; and whether whoever
    approves may write it anew (never a table)."""
    extra: dict[str, Any] = {"unit": unit, "edited": edited, "columns": list(columns)}
    return Field(default, title=title, ge=at_least, le=at_most, json_schema_extra=extra)


@contextmanager
def only_walked() -> Generator[None, None, None]:
    """While this lasts, content may be anything: a flow is walked through with values that stand in for real ones."""
    token = _ONLY_WALKED.set(True)
    try:
        yield
    finally:
        _ONLY_WALKED.reset(token)


class Kind(Frozen):
    """Base of kinds. CodeError, where the class is written, for everything that people could not be shown."""

    kind: ClassVar[AssetKind] = ""
    noun: ClassVar[str] = ""
    """What people call it."""
    spends: ClassVar[str] = ""
    """The part that a yes commits, in US dollars; empty: none."""
    reaches: ClassVar[str] = ""
    """The part that says how many people it is about; empty: none."""
    sums: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Parts by the total that they have to add up to."""

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        if faults := _unfit(cls):
            here = place_of(traceback.extract_stack(), Path.cwd())
            file, line = (cls.__module__, None) if here is None else (here.file, here.line)
            raise CodeError([Fault(file, line, cls.__name__, fault) for fault in faults])

    if not TYPE_CHECKING:
        # A type checker knows the fields better than this signature.
        def __init__(self, **given: Any) -> None:
            try:
                super().__init__(**given)
            except ValidationError as error:
                if not _ONLY_WALKED.get():
                    raise _unlike(type(self), error) from error
                for name, value in type(self).model_construct(**given).__getstate__().items():
                    object.__setattr__(self, name, value)

    @property
    def stands_for(self) -> Digest | None:
        """The frozen audience that it stands for: under a yes to it, what goes out reaches no other people."""
        return None

    def described(self) -> Description:
        """What people see and sign. ValueError where it cannot be shown."""
        fields = type(self).model_fields
        said = {
            "noun": self.noun,
            "parts": [_told(name, field, getattr(self, name)) for name, field in fields.items()],
            "sums": [{"total": total, "of": of} for total, of in self.sums.items()],
            "spends": self.spends or None,
            "reaches": self.reaches or None,
            "audience": self.stands_for,
        }
        try:
            return Description.model_validate(said)
        except ValidationError as error:
            raise ValueError(f"{type(self).__name__}: {'; '.join(said_of(error, said))}") from error

    def asset(self, author: Author) -> Asset:
        """The asset that people are asked about."""
        return Asset(kind=self.kind, content=self.described().model_dump(mode="json"), author=author)

    @classmethod
    def of(cls, description: Description) -> Self:
        """The instance that describes itself so. ValueError says what this class would say otherwise."""
        try:
            found = cls(**{one.name: _value(one) for one in description.parts})
        except CodeError as error:
            raise ValueError("; ".join(fault.message for fault in error.faults)) from error
        now = found.described()
        if now == description:
            return found
        then, today = {one.name: one for one in description.parts}, {one.name: one for one in now.parts}
        differs = [name for name in today if then.get(name) != today[name]]
        same = "its noun, sums, limits or what it spends"
        raise ValueError(f"the class describes it in other words now: {', '.join(differs) or same}")


def _unlike(cls: type[Kind], error: ValidationError) -> CodeError:
    """What is wrong with the content that somebody's code gave, at its line, each part by its title."""
    here = place_of(traceback.extract_stack(), Path.cwd())
    file, line = (cls.__module__, None) if here is None else (here.file, here.line)
    faults: list[Fault] = []
    for problem in error.errors(include_url=False):
        named = cls.model_fields.get(str(problem["loc"][0])) if problem["loc"] else None
        where = cls.__name__ if named is None else f"{cls.__name__}, {named.title}"
        faults.append(Fault(file, line, where, sentence_for(cls, problem["loc"], problem)))
    return CodeError(faults)


def is_taken(noun: str) -> bool:
    """Whether people would take what calls itself so for a kind that ships, one of it or several."""
    taken = {looks_of(one) for one in (*KINDS, "text", "e-mail")}
    return bool({looks_of(noun), looks_of(noun).removesuffix("s")} & (taken | {one.removesuffix("s") for one in taken}))


def _told(name: str, field: FieldInfo, value: Any) -> dict[str, Any]:
    """One field of an instance as a part."""
    extra = _extra(field)
    told: dict[str, Any] = {"name": name, "title": field.title or name}
    if _is_table(field):
        return {**told, "type": "table", "columns": extra.get("columns", ()), "rows": value}
    told["edited"] = bool(extra.get("edited", True))
    if field.annotation is int:
        limits = {key: getattr(one, key) for one in field.metadata for key in ("ge", "le") if hasattr(one, key)}
        number = {"type": "number", "number": value, "unit": extra.get("unit", "")}
        return {**told, **number, "at_least": limits.get("ge"), "at_most": limits.get("le")}
    return {**told, "type": "text" if _SEVERAL_LINES in field.metadata else "line", "text": value}


def _value(one: Part) -> Any:
    if isinstance(one, Table):
        return one.rows
    return one.number if isinstance(one, Number) else one.text


def _unfit(cls: type[Kind]) -> list[str]:
    """All that keeps a class from being a kind."""
    shipped = cls.__module__.startswith("presscheck.")
    faults: list[str] = []
    if not cls.kind or "kind" not in vars(cls):
        faults.append('says no kind; write kind = "budget-split", or what else it is, in two words or more')
    elif cls.kind in KINDS and not shipped:
        faults.append(f"is called {cls.kind}, as a kind that ships is; give it a name of its own")
    elif not shipped and not is_own(cls.kind):
        faults.append(
            f"is called {cls.kind!r}; write two words or more, such as budget-split: single ones are for what ships"
        )
    if not cls.noun:
        faults.append('says no noun; write noun = "budget split", or what else people call it')
    elif not shipped and is_taken(cls.noun):
        faults.append(f"calls itself {cls.noun}, which people would take for a kind that ships")
    if not cls.model_fields:
        faults.append('has no parts; write amount: int = part("Amount"), or what else there is to see')
    for name, field in cls.model_fields.items():
        if hasattr(Kind, name):
            faults.append(f"{name} is what every kind has; name the part otherwise")
        faults += _unshowable(name, field)
        if not field.title:
            faults.append(f'{name} has no title; write {name}: ... = part("What people call it")')
        held: Any = field.annotation
        if held not in (int, str) and not _is_table(field):
            write = "int, Line, Text or Rows, and amounts as whole numbers of the smallest unit"
            faults.append(f"{name} is {getattr(held, '__name__', held)}; write {write}")
        if _is_table(field) and not _extra(field).get("columns"):
            faults.append(f"{name} is a table without columns; write part(..., columns=(...))")
    named = {cls.spends, cls.reaches, *cls.sums, *(name for of in cls.sums.values() for name in of)} - {""}
    faults += [f"{name} is named and is no part of it" for name in sorted(named - set(cls.model_fields))]
    numbers = {name for name, field in cls.model_fields.items() if field.annotation is int}
    faults += [f"{name} is named as a number and is none" for name in sorted((named & set(cls.model_fields)) - numbers)]
    if cls.spends in numbers and _extra(cls.model_fields[cls.spends]).get("unit") != DOLLARS:
        faults.append(f'{cls.spends} is what a yes commits; write part(..., unit="{DOLLARS}")')
    return faults


def _unshowable(name: str, field: FieldInfo) -> list[str]:
    """Why a part of this name, title, unit and columns could be shown to nobody."""
    extra = _extra(field)
    tried: dict[str, Any] = {"name": name, "title": field.title or "-a-"}
    if _is_table(field):
        tried |= {"type": "table", "columns": extra.get("columns") or ["a"], "rows": ()}
    else:
        tried |= {"type": "number", "number": 0, "unit": extra.get("unit", "")}
    try:
        TypeAdapter[Part](Part).validate_python(tried)
    except ValidationError as error:
        return [f"{name}: {said}" for said in said_of(error)]
    return []


def _is_table(field: FieldInfo) -> bool:
    return field.annotation == Rows


def _extra(field: FieldInfo) -> dict[str, Any]:
    return cast(dict[str, Any], field.json_schema_extra or {})

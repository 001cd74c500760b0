"""What every expectation says: of which rows, in which words, with which cases; and how values stand in SQL."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StringConstraints, model_validator

from presscheck.models import Frozen
from presscheck.screening.literals import name_literal, text_literal

ColumnKind: TypeAlias = Literal["number", "text", "truth", "moment"]
"""How the values of a column are compared; a day is the moment at which it begins in UTC."""

# A name as it stands: "a " is another column than "a". No SQL text can carry a NUL.
_Said = StringConstraints(strip_whitespace=False, pattern=r"^[^\x00]*$")
Column = Annotated[str, StringConstraints(min_length=1, max_length=200), _Said]
# What is infinite, or no number, has no place in SQL or JSON.
Finite = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Number = StrictInt | Finite
Severity = Literal["info", "warning", "critical"]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9\-]*(\.[a-z0-9\-]+)*$", max_length=80)]

SQL_TYPES: Mapping[ColumnKind, str] = {
    "number": "DOUBLE",
    "text": "VARCHAR",
    "truth": "BOOLEAN",
    "moment": "TIMESTAMPTZ",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _moment_or_fault(text: str) -> str:
    try:
        moment_of(text)
    except ValueError as error:
        raise ValueError(
            f"{text[:40]!r} is neither a number nor a day; write 4, 4.5 or 2026-03-01, with a time 2026-03-01T09:30:00Z"
        ) from error
    return text


def _pattern_or_fault(pattern: str) -> str:
    # Both engines run it in linear time, on rows from anywhere. google-re2 has no type information.
    re2: Any = import_module("re2")
    options: Any = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError("is no RE2 pattern (RE2 knows no look-around and no back-references)") from error
    return pattern


Bound = Number | Annotated[str, AfterValidator(_moment_or_fault)]
Pattern = Annotated[str, StringConstraints(min_length=1), _Said, AfterValidator(_pattern_or_fault)]
Value = StrictBool | StrictInt | Finite | Annotated[str, _Said]
Values = Annotated[tuple[Value, ...], Field(min_length=1, max_length=10_000)]
Columns = Annotated[tuple[Column, ...], Field(min_length=2, max_length=20)]


def moment_of(text: str) -> datetime:
    """A day or a moment in ISO 8601; a day is its first moment, without an offset UTC. ValueError for others."""
    if _DAY.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def literal(value: Value) -> str:
    """A value as SQL says it."""
    if isinstance(value, str):
        return text_literal(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def bound_literal(bound: Bound) -> str:
    """A bound as SQL says it."""
    return f"TIMESTAMPTZ {text_literal(moment_of(bound).isoformat())}" if isinstance(bound, str) else repr(bound)


def cell(column: str) -> str:
    """A column of the candidate."""
    return f"c.{name_literal(column)}"


def kind_of(values: tuple[Value, ...]) -> ColumnKind:
    """Of which kind values are that all are of one. ValueError where they are not."""
    kinds = {"text" if isinstance(one, str) else "truth" if isinstance(one, bool) else "number" for one in values}
    if len(kinds) > 1:
        raise ValueError("value_set holds values of several kinds; write all as text, or all as numbers")
    return "text" if "text" in kinds else "truth" if "truth" in kinds else "number"


class Bounds(Frozen):
    """A least and a most."""

    column: Column
    min_value: Bound | None = None
    max_value: Bound | None = None
    strict_min: StrictBool = False
    strict_max: StrictBool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        said = [one for one in (self.min_value, self.max_value) if one is not None]
        if not said:
            raise ValueError("neither min_value nor max_value is there; write one of them")
        if len({isinstance(one, str) for one in said}) > 1:
            raise ValueError("min_value and max_value are of two kinds; write two numbers or two days")
        return self

    @property
    def kind(self) -> ColumnKind:
        """Of which kind the column has to be."""
        return "moment" if isinstance(self.min_value, str) or isinstance(self.max_value, str) else "number"

    def outside(self, value: str) -> str:
        """SQL that is true of a value that is not between them."""
        wrong: list[str] = []
        if self.min_value is not None:
            wrong.append(f"{value} {'<=' if self.strict_min else '<'} {bound_literal(self.min_value)}")
        if self.max_value is not None:
            wrong.append(f"{value} {'>=' if self.strict_max else '>'} {bound_literal(self.max_value)}")
        return f"({' OR '.join(wrong)})"


class OneColumn(Frozen):
    column: Column


class InSet(Frozen):
    column: Column
    value_set: Values

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        kind_of(self.value_set)
        return self


class Where(Frozen):
    """Of which rows a rule speaks, by one column."""

    at_least: Bound | None = None
    at_most: Bound | None = None
    known: StrictBool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None and self.known is None:
            raise ValueError("says nothing; write a value, a list of values, at_least, at_most or known")
        return self


Condition: TypeAlias = Value | Values | Where


class Cases(Frozen):
    """Rows that pass and rows that fail, each a mapping of columns; a list of them where one looks at them together."""

    passing: Annotated[tuple[Any, ...], Field(min_length=1)] = Field(alias="pass")
    failing: Annotated[tuple[Any, ...], Field(min_length=1)] = Field(alias="fail")


class Expected(Frozen):
    """One expectation, and what is told of it."""

    rule: RuleId = Field(description="How the rule is called in reports; small letters, such as rating.high.")
    severity: Severity = "critical"
    message: Words = Field(description="What is wrong and why it matters, for a marketer.")
    do: Words = Field(description="What to do about it, for whoever owns the data.")
    where: Mapping[Column, Condition] = Field(
        default_factory=dict[str, Condition],
        description="Of which rows it speaks; a row of which that is not known counts as one of them.",
    )

    @property
    def applies(self) -> str:
        """SQL that is true of the rows that it speaks of."""
        parts = [f"coalesce({_condition(cell(column), said)}, true)" for column, said in self.where.items()]
        return " AND ".join(parts) or "true"

    @property
    def conditions(self) -> dict[str, ColumnKind | None]:
        """The columns by which it is said of which rows it speaks, and of which kind each has to be; None: of any."""
        return {column: _kind_in(said) for column, said in self.where.items()}

    @property
    def kinds(self) -> dict[str, ColumnKind | None]:
        """The same of every column that it looks at."""
        return self.conditions


def _condition(value: str, said: Condition) -> str:
    if not isinstance(said, Where):
        values = said if isinstance(said, tuple) else (said,)
        return f"{value} IN ({', '.join(map(literal, values))})"
    parts = [] if said.known is None else [f"{value} IS {'NOT NULL' if said.known else 'NULL'}"]
    parts += [] if said.at_least is None else [f"{value} >= {bound_literal(said.at_least)}"]
    parts += [] if said.at_most is None else [f"{value} <= {bound_literal(said.at_most)}"]
    return " AND ".join(parts)


def _kind_in(said: Condition) -> ColumnKind | None:
    if not isinstance(said, Where):
        return kind_of(said if isinstance(said, tuple) else (said,))
    bounds = [one for one in (said.at_least, said.at_most) if one is not None]
    return ("moment" if isinstance(bounds[0], str) else "number") if bounds else None

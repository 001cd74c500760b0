"""What may be expected of each row, in Great Expectations' own words, and the SQL that finds who breaks it.

    type: expect_column_values_to_be_between
    kwargs: {column: rating, min_value: 4}

Each of these is counted twice by two implementations that share nothing: here as a predicate of one fused query, which
finds every row, and by Great Expectations' own class of that name, which only counts. As there, a rule looks at rows
that have a value; what becomes of the others `missing` says. What has no SQL form is in `expected_whole`: it may hold,
and never says of a row that it passes.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StringConstraints, model_validator

from presscheck.models import Frozen
from presscheck.screening.literals import name_literal, text_literal

ColumnKind: TypeAlias = Literal["number", "text", "truth", "moment"]
"""How the values of a column are compared; a day is the moment at which it begins in UTC."""

Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = StrictInt | StrictFloat
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
Pattern = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False), AfterValidator(_pattern_or_fault)]
Value = StrictBool | StrictInt | StrictFloat | Annotated[str, StringConstraints(strip_whitespace=False)]
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


class OnePattern(Frozen):
    column: Column
    regex: Pattern


class Patterns(Frozen):
    column: Column
    regex_list: Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=100)]


class PatternsOn(Patterns):
    match_on: Literal["any", "all"] = "any"


class ThisLong(Frozen):
    column: Column
    value: Annotated[StrictInt, Field(ge=0)]


class ZScore(Frozen):
    column: Column
    threshold: Annotated[Number, Field(gt=0)]
    double_sided: StrictBool


class Pair(Frozen):
    column_A: Column
    column_B: Column


class PairInOrder(Pair):
    or_equal: StrictBool = False


class PairInSet(Pair):
    value_pairs_set: Annotated[tuple[tuple[Value, Value], ...], Field(min_length=1, max_length=10_000)]


class Several(Frozen):
    column_list: Columns


class SumOf(Several):
    sum_total: Number


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
    def kinds(self) -> dict[str, ColumnKind | None]:
        """The columns that it looks at, and of which kind each has to be; None: of any."""
        return {column: _kind_in(said) for column, said in self.where.items()}


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


class EachRow(Expected):
    """One expectation that every row is to meet; a row that does not is an exception."""

    missing: Literal["exception", "passes"] = Field(
        default="exception",
        description="What becomes of a row without a value: nobody knows whether it would meet it, so somebody looks.",
    )
    refuse_above: int | None = Field(
        default=None, ge=0, le=100, description="A larger share of all rows, in percent, that break it: refused."
    )
    cases: Cases | None = None

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Great Expectations' names of what this says."""
        return get_args(cls.model_fields["type"].annotation)

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        """The columns of the expectation itself."""
        raise NotImplementedError

    @property
    def fails(self) -> str:
        """SQL that is true of a row with values that does not meet it."""
        raise NotImplementedError

    @property
    def counts_missing(self) -> bool:
        """Whether rows without a value are exceptions beside those that fail."""
        return self.missing == "exception"

    @property
    def kinds(self) -> dict[str, ColumnKind | None]:
        return {**super().kinds, **self.looks_at}

    @property
    def violation(self) -> str:
        """SQL that is true of a row which is an exception."""
        known = " AND ".join(f"{cell(column)} IS NOT NULL" for column in self.looks_at)
        missing = f"NOT ({known})" if self.counts_missing else "false"
        return f"({self.applies}) AND ({missing} OR (({known}) AND coalesce({self.fails}, true)))"

    def among(self, value: str) -> str:
        """SQL for how many rows, of those that it speaks of, have the same."""
        return f"count(*) FILTER (WHERE {self.applies}) OVER (PARTITION BY {value})"


class ExpectBetween(EachRow):
    type: Literal["expect_column_values_to_be_between", "expect_column_value_lengths_to_be_between"]
    kwargs: Bounds

    @model_validator(mode="after")
    def _lengths_are_numbers(self) -> Self:
        if self._lengths and self.kwargs.kind != "number":
            raise ValueError("kwargs: a length is a whole number, and no day")
        return self

    @property
    def _lengths(self) -> bool:
        return self.type == "expect_column_value_lengths_to_be_between"

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "text" if self._lengths else self.kwargs.kind}

    @property
    def fails(self) -> str:
        value = cell(self.kwargs.column)
        return self.kwargs.outside(f"length({value})" if self._lengths else value)


class ExpectLength(EachRow):
    type: Literal["expect_column_value_lengths_to_equal"]
    kwargs: ThisLong

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "text"}

    @property
    def fails(self) -> str:
        return f"length({cell(self.kwargs.column)}) <> {self.kwargs.value}"


class ExpectInSet(EachRow):
    type: Literal["expect_column_values_to_be_in_set", "expect_column_values_to_not_be_in_set"]
    kwargs: InSet

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: kind_of(self.kwargs.value_set)}

    @property
    def fails(self) -> str:
        among = f"{cell(self.kwargs.column)} IN ({', '.join(map(literal, self.kwargs.value_set))})"
        return among if self.type == "expect_column_values_to_not_be_in_set" else f"NOT ({among})"


class ExpectKnown(EachRow):
    type: Literal["expect_column_values_to_not_be_null", "expect_column_values_to_be_null"]
    kwargs: OneColumn

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: None}

    @property
    def counts_missing(self) -> bool:
        # What is missing is what it speaks of; and where nothing may stand, nothing is missing.
        return self.type == "expect_column_values_to_not_be_null"

    @property
    def fails(self) -> str:
        return "false" if self.counts_missing else "true"


class ExpectUnique(EachRow):
    type: Literal["expect_column_values_to_be_unique"]
    kwargs: OneColumn

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: None}

    @property
    def fails(self) -> str:
        return f"{self.among(cell(self.kwargs.column))} > 1"


class ExpectPattern(EachRow):
    type: Literal["expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex"]
    kwargs: OnePattern

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "text"}

    @property
    def fails(self) -> str:
        found = f"regexp_matches({cell(self.kwargs.column)}, {text_literal(self.kwargs.regex)})"
        return found if self.type == "expect_column_values_to_not_match_regex" else f"NOT {found}"


class ExpectPatterns(EachRow):
    type: Literal["expect_column_values_to_match_regex_list"]
    kwargs: PatternsOn

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "text"}

    @property
    def fails(self) -> str:
        joined = " OR " if self.kwargs.match_on == "any" else " AND "
        return f"NOT ({_matches(self.kwargs, joined)})"


class ExpectNoPattern(EachRow):
    type: Literal["expect_column_values_to_not_match_regex_list"]
    kwargs: Patterns

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "text"}

    @property
    def fails(self) -> str:
        return f"({_matches(self.kwargs, ' OR ')})"


def _matches(said: Patterns, joined: str) -> str:
    return joined.join(f"regexp_matches({cell(said.column)}, {text_literal(one)})" for one in said.regex_list)


class ExpectNearMean(EachRow):
    type: Literal["expect_column_value_z_scores_to_be_less_than"]
    kwargs: ZScore

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column: "number"}

    @property
    def fails(self) -> str:
        value = cell(self.kwargs.column)
        over = f"FILTER (WHERE {self.applies}) OVER ()"
        score = f"({value} - avg({value}) {over}) / stddev_samp({value}) {over}"
        return f"NOT ({f'abs({score})' if self.kwargs.double_sided else score} < {self.kwargs.threshold!r})"


class ExpectPair(EachRow):
    type: Literal["expect_column_pair_values_to_be_equal"]
    kwargs: Pair

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column_A: None, self.kwargs.column_B: None}

    @property
    def fails(self) -> str:
        return f"{cell(self.kwargs.column_A)} <> {cell(self.kwargs.column_B)}"


class ExpectPairInOrder(EachRow):
    type: Literal["expect_column_pair_values_a_to_be_greater_than_b"]
    kwargs: PairInOrder

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return {self.kwargs.column_A: None, self.kwargs.column_B: None}

    @property
    def fails(self) -> str:
        wanted = ">=" if self.kwargs.or_equal else ">"
        return f"NOT ({cell(self.kwargs.column_A)} {wanted} {cell(self.kwargs.column_B)})"


class ExpectPairInSet(EachRow):
    type: Literal["expect_column_pair_values_to_be_in_set"]
    kwargs: PairInSet

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        first, second = zip(*self.kwargs.value_pairs_set, strict=True)
        return {self.kwargs.column_A: kind_of(first), self.kwargs.column_B: kind_of(second)}

    @property
    def fails(self) -> str:
        a, b = cell(self.kwargs.column_A), cell(self.kwargs.column_B)
        pairs = (f"({a} = {literal(one)} AND {b} = {literal(other)})" for one, other in self.kwargs.value_pairs_set)
        return f"NOT ({' OR '.join(pairs)})"


class ExpectTogether(EachRow):
    type: Literal[
        "expect_compound_columns_to_be_unique",
        "expect_select_column_values_to_be_unique_within_record",
        "expect_multicolumn_values_to_be_equal",
    ]
    kwargs: Several

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return dict.fromkeys(self.kwargs.column_list)

    @property
    def fails(self) -> str:
        cells = [cell(column) for column in self.kwargs.column_list]
        if self.type == "expect_compound_columns_to_be_unique":
            return f"{self.among(', '.join(cells))} > 1"
        if self.type == "expect_multicolumn_values_to_be_equal":
            return f"({' OR '.join(f'{cells[0]} <> {other}' for other in cells[1:])})"
        pairs = (f"{one} = {other}" for at, one in enumerate(cells) for other in cells[at + 1 :])
        return f"({' OR '.join(pairs)})"


class ExpectSum(EachRow):
    type: Literal["expect_multicolumn_sum_to_equal"]
    kwargs: SumOf

    @property
    def looks_at(self) -> dict[str, ColumnKind | None]:
        return dict.fromkeys(self.kwargs.column_list, "number")

    @property
    def fails(self) -> str:
        return f"{' + '.join(cell(column) for column in self.kwargs.column_list)} <> {self.kwargs.sum_total!r}"


RowExpectation = Annotated[
    ExpectBetween
    | ExpectLength
    | ExpectInSet
    | ExpectKnown
    | ExpectUnique
    | ExpectPattern
    | ExpectPatterns
    | ExpectNoPattern
    | ExpectNearMean
    | ExpectPair
    | ExpectPairInOrder
    | ExpectPairInSet
    | ExpectTogether
    | ExpectSum,
    Field(discriminator="type"),
]

ROW_TYPES = frozenset(name for member in get_args(get_args(RowExpectation)[0]) for name in member.types())
"""What may stand under `each_row`."""

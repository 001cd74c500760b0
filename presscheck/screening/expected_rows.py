"""What may be expected of each row, in Great Expectations' own words, and the SQL that finds who breaks it.

    type: expect_column_values_to_be_between
    kwargs: {column: rating, min_value: 4}

Each of these is counted twice by two implementations that share nothing: here as a predicate of one fused query, which
finds every row, and by Great Expectations' own class of that name, which only counts. As there, a rule looks at rows
that have a value; what becomes of the others `missing` says. What has no SQL form is in `expected_whole`: it may hold,
and never says of a row that it passes.
"""

from abc import abstractmethod
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StrictBool, StrictInt, model_validator

from presscheck.models import Frozen
from presscheck.screening.expected import (
    Bounds,
    Cases,
    Column,
    ColumnKind,
    Columns,
    Expected,
    InSet,
    Number,
    OneColumn,
    Pattern,
    Value,
    cell,
    kind_of,
    literal,
)
from presscheck.screening.literals import text_literal


class OnePattern(OneColumn):
    regex: Pattern


class Patterns(OneColumn):
    regex_list: Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=100)]


class PatternsOn(Patterns):
    match_on: Literal["any", "all"] = "any"


class ThisLong(OneColumn):
    value: Annotated[StrictInt, Field(ge=0)]


class ZScore(OneColumn):
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
    @abstractmethod
    def looks_at(self) -> dict[str, ColumnKind | None]:
        """The columns of the expectation itself."""

    @property
    @abstractmethod
    def fails(self) -> str:
        """SQL that is true of a row with values that does not meet it."""

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
        terms = " + ".join(f"CAST({cell(column)} AS DOUBLE)" for column in self.kwargs.column_list)
        return f"{terms} <> {self.kwargs.sum_total!r}"


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

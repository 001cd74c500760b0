"""What may be expected of all rows together: a figure within bounds, the values of a column, the columns themselves.

    type: expect_column_mean_to_be_between
    kwargs: {column: price, min_value: 10, max_value: 200}

A figure is worked out twice, in SQL and by Great Expectations; where the two differ nobody passes. What only Great
Expectations can say (`ExpectByGreatExpectations`) may hold, and never releases: a suite of nothing else is refused.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from presscheck.documents.sentences import did_you_mean
from presscheck.models import Frozen
from presscheck.screening.expected import Bounds, Cases, Column, ColumnKind, Expected, InSet, cell, kind_of, literal

if TYPE_CHECKING:
    import duckdb

_FIGURES = {
    "expect_column_min_to_be_between": "min({0})",
    "expect_column_max_to_be_between": "max({0})",
    "expect_column_mean_to_be_between": "avg({0})",
    "expect_column_median_to_be_between": "median({0})",
    "expect_column_stdev_to_be_between": "stddev_samp({0})",
    "expect_column_sum_to_be_between": "sum({0})",
    "expect_column_unique_value_count_to_be_between": "count(DISTINCT {0})",
    "expect_column_proportion_of_unique_values_to_be_between": "count(DISTINCT {0}) / count({0})",
    "expect_column_proportion_of_non_null_values_to_be_between": "count({0}) / count(*)",
}
_OF_ANY_KIND = ("unique_value", "non_null", "proportion_of")


class RowBounds(Frozen):
    """How many rows there may be."""

    min_value: Annotated[StrictInt, Field(ge=0)] | None = None
    max_value: Annotated[StrictInt, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.min_value is None and self.max_value is None:
            raise ValueError("neither min_value nor max_value is there; write one of them")
        return self


class Exactly(Frozen):
    value: Annotated[StrictInt, Field(ge=0)]


class OneName(Frozen):
    column: Column


class NameSet(Frozen):
    column_set: Annotated[tuple[Column, ...], Field(min_length=1)]
    exact_match: StrictBool = True


class NameList(Frozen):
    column_list: Annotated[tuple[Column, ...], Field(min_length=1)]


class WholeCases(Cases):
    """Whole tables that pass and that fail, each a list of rows."""

    @model_validator(mode="after")
    def _are_tables(self) -> Self:
        if not all(isinstance(one, list | tuple) for one in (*self.passing, *self.failing)):
            raise ValueError("each case of a rule about the whole is a list of rows, such as [{price: 4}, {price: 5}]")
        return self


class Whole(Expected):
    """One expectation about all rows; where it is not met, nothing passes."""

    cases: WholeCases | None = None

    @property
    @abstractmethod
    def figure(self) -> str | None:
        """SQL for what it looks at, over the candidates `c`; None where SQL has no form of it."""

    @abstractmethod
    def holds(self, figure: Any) -> bool:
        """Whether it is met by what `figure` found."""


class ExpectRows(Whole):
    type: Literal["expect_table_row_count_to_be_between"]
    kwargs: RowBounds

    @property
    def figure(self) -> str:
        return "count(*)"

    def holds(self, figure: Any) -> bool:
        least, most = self.kwargs.min_value, self.kwargs.max_value
        return (least is None or figure >= least) and (most is None or figure <= most)


class ExpectRowCount(Whole):
    type: Literal["expect_table_row_count_to_equal"]
    kwargs: Exactly

    @property
    def figure(self) -> str:
        return "count(*)"

    def holds(self, figure: Any) -> bool:
        return figure == self.kwargs.value


class ExpectFigure(Whole):
    type: Literal[
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between",
        "expect_column_stdev_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_proportion_of_unique_values_to_be_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
    ]
    kwargs: Bounds

    @model_validator(mode="after")
    def _of_numbers(self) -> Self:
        if self.kwargs.kind != "number":
            raise ValueError("kwargs: its bounds are numbers; for days, look at each row")
        return self

    @property
    def kinds(self) -> dict[str, ColumnKind | None]:
        any_kind = any(word in self.type for word in _OF_ANY_KIND)
        return {**super().kinds, self.kwargs.column: None if any_kind else "number"}

    @property
    def figure(self) -> str:
        return _FIGURES[self.type].format(cell(self.kwargs.column))

    def holds(self, figure: Any) -> bool:
        said = self.kwargs
        if figure is None:
            return False
        above = said.min_value is None or (figure > said.min_value if said.strict_min else figure >= said.min_value)
        below = said.max_value is None or (figure < said.max_value if said.strict_max else figure <= said.max_value)
        return above and below


class ExpectDistinct(Whole):
    type: Literal[
        "expect_column_distinct_values_to_be_in_set",
        "expect_column_distinct_values_to_contain_set",
        "expect_column_distinct_values_to_equal_set",
    ]
    kwargs: InSet

    @property
    def kinds(self) -> dict[str, ColumnKind | None]:
        return {**super().kinds, self.kwargs.column: kind_of(self.kwargs.value_set)}

    @property
    def figure(self) -> str:
        """How many values there are that are not in the set, and how many of the set are there."""
        value, among = cell(self.kwargs.column), ", ".join(map(literal, self.kwargs.value_set))
        return (
            f"[count(DISTINCT {value}) FILTER (WHERE {value} NOT IN ({among})), "
            f"count(DISTINCT {value}) FILTER (WHERE {value} IN ({among}))]"
        )

    def holds(self, figure: Any) -> bool:
        others, there = figure
        whole = there == len(set(self.kwargs.value_set))
        match self.type:
            case "expect_column_distinct_values_to_be_in_set":
                return others == 0
            case "expect_column_distinct_values_to_contain_set":
                return whole
            case _:
                return others == 0 and whole


class ExpectColumn(Whole):
    type: Literal["expect_column_to_exist"]
    kwargs: OneName

    @property
    def figure(self) -> str:
        return "$columns"

    def holds(self, figure: Any) -> bool:
        return self.kwargs.column in figure


class ExpectColumnSet(Whole):
    type: Literal["expect_table_columns_to_match_set"]
    kwargs: NameSet

    @property
    def figure(self) -> str:
        return "$columns"

    def holds(self, figure: Any) -> bool:
        wanted, there = set(self.kwargs.column_set), set(figure)
        return wanted == there if self.kwargs.exact_match else wanted <= there


class ExpectColumnList(Whole):
    type: Literal["expect_table_columns_to_match_ordered_list"]
    kwargs: NameList

    @property
    def figure(self) -> str:
        return "$columns"

    def holds(self, figure: Any) -> bool:
        return list(figure) == list(self.kwargs.column_list)


class ExpectByGreatExpectations(Whole):
    """What only Great Expectations can say of a table: it may hold, and is never what lets rows pass."""

    type: Literal[
        "expect_column_quantile_values_to_be_between",
        "expect_column_most_common_value_to_be_in_set",
        "expect_column_kl_divergence_to_be_less_than",
        "expect_column_values_to_not_be_outliers",
        "expect_column_values_to_be_increasing",
        "expect_column_values_to_be_decreasing",
        "expect_column_values_to_be_of_type",
        "expect_column_values_to_be_in_type_list",
        "expect_column_values_to_match_strftime_format",
        "expect_column_values_to_be_dateutil_parseable",
        "expect_column_values_to_be_json_parseable",
        "expect_column_values_to_match_json_schema",
    ]
    kwargs: Mapping[str, Any]

    TAKES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "expect_column_quantile_values_to_be_between": ("quantile_ranges", "allow_relative_error"),
        "expect_column_most_common_value_to_be_in_set": ("value_set", "ties_okay"),
        "expect_column_kl_divergence_to_be_less_than": (
            *("partition_object", "threshold", "internal_weight_holdout", "tail_weight_holdout", "bucketize_data"),
            *("min_value", "max_value"),
        ),
        "expect_column_values_to_not_be_outliers": ("method", "multiplier", "mostly"),
        "expect_column_values_to_be_increasing": ("strictly", "mostly"),
        "expect_column_values_to_be_decreasing": ("strictly", "mostly"),
        "expect_column_values_to_be_of_type": ("type_", "mostly"),
        "expect_column_values_to_be_in_type_list": ("type_list", "mostly"),
        "expect_column_values_to_match_strftime_format": ("strftime_format", "mostly"),
        "expect_column_values_to_be_dateutil_parseable": ("mostly",),
        "expect_column_values_to_be_json_parseable": ("mostly",),
        "expect_column_values_to_match_json_schema": ("json_schema", "mostly"),
    }

    @model_validator(mode="after")
    def _takes_these(self) -> Self:
        known = ("column", *self.TAKES[self.type])
        wrong = [
            f"there is no argument {one[:40]!r}; {did_you_mean(one, known)}" for one in self.kwargs if one not in known
        ]
        if not isinstance(self.kwargs.get("column"), str):
            wrong.append("column is missing; name one")
        if self.cases is not None:
            wrong.append("cases are not taken of what only Great Expectations can say; leave them out")
        if wrong:
            raise ValueError(f"kwargs: {'; '.join(wrong)}")
        return self

    @property
    def kinds(self) -> dict[str, ColumnKind | None]:
        return {**super().kinds, str(self.kwargs["column"]): None}

    @property
    def figure(self) -> None:
        return None

    def holds(self, figure: Any) -> bool:
        return bool(figure)


WholeExpectation = Annotated[
    ExpectRows
    | ExpectRowCount
    | ExpectFigure
    | ExpectDistinct
    | ExpectColumn
    | ExpectColumnSet
    | ExpectColumnList
    | ExpectByGreatExpectations,
    Field(discriminator="type"),
]


def figure_of(bench: "duckdb.DuckDBPyConnection", rule: Whole, columns: tuple[str, ...]) -> Any:
    """What a rule about the whole looks at, over the relation `candidates` with these columns."""
    if rule.figure is None:
        raise ValueError(f"the rule {rule.rule} has no figure in SQL")
    if rule.figure == "$columns":
        return columns
    # Of our own source, with the user's names and values as literals.
    row = bench.execute(f"SELECT {rule.figure} FROM candidates c WHERE {rule.applies}").fetchone()  # noqa: S608
    return None if row is None else row[0]

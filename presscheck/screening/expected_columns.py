"""The columns that a suite looks at, each read as its kind, from rows of whatever types."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from presscheck.documents.sentences import did_you_mean, listed
from presscheck.errors import ExpectationError, Fault
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.expected import SQL_TYPES, ColumnKind, Expected
from presscheck.screening.expected_rows import EachRow, ExpectKnown, ExpectTogether
from presscheck.screening.expected_whole import ExpectFigure
from presscheck.screening.literals import name_literal, text_literal

if TYPE_CHECKING:
    import duckdb

# DuckDB's names of types, and how their values are compared.
_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("VARCHAR", "ENUM"), "text"),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT"), "number"),
    **dict.fromkeys(("UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL"), "number"),
    "BOOLEAN": "truth",
    **dict.fromkeys(("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "moment"),
}
_DIGITS = re.compile(r"DECIMAL\((\d+),\d+\)")
_WORDS = {"number": "numbers", "text": "text", "truth": "true or false", "moment": "days or moments"}
_WHOLE_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")

WRITTEN: Mapping[ColumnKind, str] = {
    # No more digits than a double holds.
    "number": r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?",
    "truth": "true|false|True|False|TRUE|FALSE",
    "moment": (
        r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
        r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?)?"
    ),
}
"""How text is written that is read as these; what is written otherwise counts as missing."""


ATTRIBUTE = "attributes."
"""What the name of an attribute of a recipient begins with, such as attributes.spend."""


def attribute_columns(suite: OwnSuite) -> dict[str, str]:
    """The attributes that a suite looks at, and SQL for each over a recipient's JSON; NULL where that is none."""
    return {
        column: "CASE WHEN json_valid(attributes) THEN json_extract_string(attributes, "
        + text_literal("/" + column.removeprefix(ATTRIBUTE).replace("~", "~0").replace("/", "~1"))
        + ") END"
        for column in suite.looked_at
        if column.startswith(ATTRIBUTE)
    }


def attribute_view(suite: OwnSuite) -> list[str]:
    """What selects these, each as its kind."""
    found = attribute_columns(suite)
    return [
        f"{_as(sql, 'VARCHAR', suite.columns.get(name) or 'text')} AS {name_literal(name)}"
        for name, sql in found.items()
    ]


def typed_view(described: Mapping[str, str], suite: OwnSuite, *, name: str) -> list[str]:
    """What selects the columns that are looked at, each as its kind, from rows with these columns of DuckDB's types.

    ExpectationError where a column is not there or is of another kind than a rule compares it as.
    """
    faults: list[Fault] = []
    kinds: dict[str, ColumnKind | None] = {}
    for rule in suite.rules:
        # A column may be looked at as one kind, and say of which rows as another.
        for column, wanted in dict.fromkeys((*rule.kinds.items(), *rule.conditions.items())):
            if column not in described:
                faults.append(
                    Fault(name, None, rule.rule, f"there is no column {column!r}; {did_you_mean(column, described)}")
                )
                continue
            kinds[column] = is_ = suite.columns.get(column) or _kind(described[column])
            if told := _unfit(rule, column, described[column], suite.columns.get(column)):
                faults.append(Fault(name, None, rule.rule, told))
            elif wanted is not None and is_ != wanted:
                faults.append(Fault(name, None, rule.rule, _of_another_kind(column, described[column], is_, wanted)))
        faults += _unlike(rule, kinds, name)
    for column in suite.columns.keys() - described.keys():
        faults.append(Fault(name, None, "columns", f"there is no column {column!r}; {did_you_mean(column, described)}"))
    if suite.key and suite.key not in described:
        faults.append(
            Fault(name, None, "key", f"there is no column {suite.key!r}; {did_you_mean(suite.key, described)}")
        )
    if faults:
        raise ExpectationError(list(dict.fromkeys(faults)))
    kinds = kinds_of(described, suite)
    return [
        f"{_as(name_literal(column), described[column], kind)} AS {name_literal(column)}"
        for column, kind in kinds.items()
    ]


def kinds_of(described: Mapping[str, str], suite: OwnSuite) -> dict[str, ColumnKind | None]:
    """How each column that is looked at is compared; None where only whether it is there counts."""
    return {column: suite.columns.get(column) or _kind(described[column]) for column in suite.looked_at}


def columns_as_they_are(rows: Path) -> list[str]:
    """The names of a Parquet file's columns as the file has them. OSError and ValueError for what is none."""
    import pyarrow.parquet as parquet_untyped  # pyright: ignore[reportMissingTypeStubs]

    return list(cast(Any, parquet_untyped).read_schema(rows).names)


def columns_of(bench: "duckdb.DuckDBPyConnection", select: str) -> dict[str, str]:
    """The columns of a SELECT of our own, with DuckDB's types."""
    return {str(name): str(kind) for name, kind, *_ in bench.execute(f"DESCRIBE {select}").fetchall()}


def _kind(described: str) -> ColumnKind | None:
    if described.endswith("]"):
        return None
    return _KINDS.get(described.partition("(")[0].partition(" ")[0])


def _as(column: str, described: str, kind: ColumnKind | None) -> str:
    if kind is None or (kind == "number" and described in _WHOLE_NUMBERS):
        return column
    value = f"TRY_CAST({column} AS {SQL_TYPES[kind]})"
    if _kind(described) == "text" and kind in WRITTEN:
        value = f"CASE WHEN regexp_full_match({column}, {text_literal(WRITTEN[kind])}) THEN {value} END"
    # What is no number compares as greater than any.
    if kind == "number":
        # And zero is one number, not two.
        return f"CASE WHEN isfinite({value}) THEN {value} + 0.0 END"
    return f"CASE WHEN isfinite({value}) THEN {value} END" if kind == "moment" else value


def _unfit(rule: Expected, column: str, described: str, read_as: ColumnKind | None) -> str:
    """Why a column cannot be looked at as the rule and the suite say; empty where it can."""
    is_, digits = _kind(described), _DIGITS.fullmatch(described)
    if digits and int(digits[1]) > 15:
        return f"the column {column!r} is {described}, more digits than are compared; cast it to fewer where it is made"
    if read_as is not None and is_ not in ("text", read_as):
        return f"the column {column!r} is {described}, and only text can be read as a {read_as}; take it out of columns"
    if isinstance(rule, ExpectKnown):
        if read_as is not None and rule.type == "expect_column_values_to_be_null":
            return f"the column {column!r} is read as a {read_as}, and what cannot be read would count as empty"
        return ""
    of_any = rule.type if isinstance(rule, ExpectFigure) else ""
    if is_ is None and "non_null" not in of_any:
        return f"the column {column!r} is {described}, whose values are not compared; only whether it is there is"
    return ""


def _of_another_kind(column: str, described: str, kind: ColumnKind | None, wanted: ColumnKind) -> str:
    told = f"the column {column!r} is {described}, and this compares {_WORDS[wanted]}"
    if kind == "text":
        return f"{told}; say how it is read: columns: {{{column}: {wanted}}}"
    return f"{told}; did the column change its type?"


def _unlike(rule: Expected, kinds: Mapping[str, ColumnKind | None], name: str) -> Iterator[Fault]:
    """Columns that are compared with one another and are of several kinds."""
    looked = rule.looks_at if isinstance(rule, EachRow) else {}
    found = {kinds.get(column) for column, wanted in looked.items() if wanted is None and column in kinds}
    # That two rows are the same in all of them compares none with another.
    apart = isinstance(rule, ExpectTogether) and rule.type == "expect_compound_columns_to_be_unique"
    if len(looked) > 1 and len(found) > 1 and not apart:
        yield Fault(name, None, rule.rule, f"{listed(looked)} are of several kinds; say under columns how each is read")

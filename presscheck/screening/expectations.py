"""A suite of one's own: `expectations/NAME.yaml` in a project, read with every fault at once.

    suite = read_expectations(path)      ExpectationError: form, unknown types, misspelt arguments
    suite = suite_of(declared)           from a `great_expectations.ExpectationSuite`

    title: Products that may be recommended
    owner: merchandising
    columns: {rating: number}
    each_row:
      - rule: rating.high
        type: expect_column_values_to_be_between
        kwargs: {column: rating, min_value: 4}
        message: Fewer than four stars; whoever buys it will be disappointed.
        do: Recommend something else.
        cases: {pass: [{rating: 4.5}], fail: [{rating: 3.9}]}
    whole:
      - rule: enough
        type: expect_table_row_count_to_be_between
        kwargs: {min_value: 20}
        ...

A suite is data alone: `expected_columns` lays it against rows, `expected_cases` tries its cases.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from presscheck.digests import digest_of
from presscheck.documents.document import Document, read_document
from presscheck.documents.sentences import did_you_mean, listed
from presscheck.documents.text_files import lines_of
from presscheck.errors import ExpectationError, Fault
from presscheck.models import Frozen
from presscheck.screening.expected import Column, ColumnKind, Words
from presscheck.screening.expected_rows import ROW_TYPES, EachRow, RowExpectation
from presscheck.screening.expected_whole import Whole, WholeExpectation

FOLDER = "expectations"
"""Where they lie in a project."""


class OwnSuite(Frozen):
    """What somebody expects of their rows."""

    title: Words
    owner: Words = Field(description="The role or team that answers for these rules.")
    columns: Mapping[Column, ColumnKind] = Field(
        default_factory=dict[str, ColumnKind],
        description="How columns of text are read: number, moment, truth; what cannot be read so counts as missing.",
    )
    key: Column | None = Field(default=None, description="The column that names a row in reports, such as id.")
    each_row: tuple[RowExpectation, ...] = ()
    whole: tuple[WholeExpectation, ...] = ()
    refuse_above: int = Field(
        default=20, ge=0, le=100, description="A larger share of the rows that are exceptions, in percent: refused."
    )

    @model_validator(mode="after")
    def _can_release(self) -> Self:
        names = Counter(one.rule for one in self.rules)
        if twice := sorted(name for name, count in names.items() if count > 1):
            raise ValueError(f"the rule {listed(twice)} is there twice; give each a name of its own")
        if not self.each_row and all(one.figure is None for one in self.whole):
            raise ValueError(
                "nothing here says that rows may pass: what only Great Expectations can say may hold and releases "
                "nothing; add a rule under each_row, or one about the whole that has a figure"
            )
        return self

    @property
    def rules(self) -> tuple[EachRow | Whole, ...]:
        """All of them, in order."""
        return (*self.each_row, *self.whole)

    @property
    def version(self) -> str:
        """The digest of all that it says."""
        # A float has no canonical form, so the suite counts as JSON writes it.
        return digest_of(self.model_dump_json(by_alias=True))

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Every column that a rule or the key looks at, in order of name."""
        found = {column for rule in self.rules for column in rule.kinds}
        return tuple(sorted(found | ({self.key} if self.key else set())))


def read_expectations(path: Path) -> OwnSuite:
    """The suite in a file. ExpectationError with every fault of form, each with its line."""
    document = read_document("\n".join(lines_of(path, ExpectationError)), path=str(path))
    suite = document.parse(OwnSuite, ExpectationError)
    without = [("each_row", at) for at, one in enumerate(suite.each_row) if one.cases is None]
    without += [("whole", at) for at, one in enumerate(suite.whole) if one.cases is None and one.figure is not None]
    if without:
        said = "has no cases; write rows that pass and that fail: cases: {pass: [{rating: 5}], fail: [{rating: 3}]}"
        raise ExpectationError([document.fault(place, said) for place in without])
    return suite


def suite_files(project: Path) -> dict[str, Path]:
    """The suites of a project by name."""
    return {path.stem: path for path in sorted((project / FOLDER).glob("*.yaml"))}


def find_suite(project: Path, name: str) -> Path:
    """The file of a suite. ExpectationError with what there is, where there is none of this name."""
    files = suite_files(project)
    if name not in files:
        there = did_you_mean(name, sorted(files)) if files else f"there is none; write {FOLDER}/NAME.yaml"
        raise ExpectationError([Fault(f"{FOLDER}/{name[:60]}.yaml", None, "", f"there is no such suite; {there}")])
    return files[name]


def suite_of(declared: Any) -> OwnSuite:
    """A `great_expectations.ExpectationSuite` as one of ours: each expectation's `meta` may say rule, message, do,
    missing, where, refuse_above and cases as the file does. ExpectationError for types that have no place here."""
    said: dict[str, Any] = declared.to_json_dict()
    rows: list[dict[str, Any]] = []
    whole: list[dict[str, Any]] = []
    for number, one in enumerate(said["expectations"], 1):
        meta: dict[str, Any] = dict(one.get("meta") or {})
        kwargs = {name: value for name, value in one["kwargs"].items() if value is not None}
        words = one["type"].removeprefix("expect_").replace("_", " ")
        about = kwargs.get("column", "")
        if one["type"] in ROW_TYPES and (mostly := kwargs.pop("mostly", 1)) != 1:
            # There it says how many have to; here each that does not is an exception, and too many are refused.
            meta = {"refuse_above": int(100 * (1 - mostly)), **meta}
        rule = {
            "rule": f"expectation.{number}",
            "type": one["type"],
            "kwargs": kwargs,
            "severity": one.get("severity") or "critical",
            "message": f"{words}: {about}" if about else words,
            "do": "Ask whoever wrote the suite.",
            **meta,
        }
        (rows if one["type"] in ROW_TYPES else whole).append(rule)
    value = {"title": said["name"], "owner": str(said.get("meta", {}).get("owner", "nobody")), "each_row": rows}
    name = f"suite {said['name']}"
    return Document(name, {**value, "whole": whole}, {}).parse(OwnSuite, ExpectationError)

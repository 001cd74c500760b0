"""Every row that breaks a rule, with its rules: a suite of one's own beside stock Great Expectations and plain Polars.

    .venv/bin/python benchmarks/expectations.py [--rows 1000000]

Twelve rules, one row in twenty broken. Ours is all of it: the query, Great Expectations' own count, the files, the
report. Stock Great Expectations runs on pandas with the result format COMPLETE, the only one that cuts no ids. Polars
writes the ids and rules with no second count. Each way runs in a process of its own, alternately, and its import is not
counted; all three must find the same rows.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_SETS: dict[str, tuple[str, ...]] = {
    "market": ("DE", "FR", "US"),
    "channel": ("email", "sms"),
    "tier": ("a", "b", "c"),
    "source": ("shop", "fair"),
}
_BOUNDS: dict[str, tuple[int, int]] = {"age": (18, 99), "spend": (0, 5000), "orders": (1, 50), "rating": (1, 5)}
_KNOWN = ("id", "city", "zone")
RULES = (
    *(f"{name}.set" for name in _SETS),
    *(f"{name}.bounds" for name in _BOUNDS),
    *(f"{name}.known" for name in _KNOWN),
    "id.once",
)


def make(path: Path, rows: int) -> None:
    """Rows of which one in twenty breaks one of eleven rules in turn, or has another's id."""
    import duckdb

    broken = [*_SETS, *_BOUNDS, "city", "zone", "twin"]

    def cell(name: str, good: str, bad: str) -> str:
        return f"CASE WHEN n % {20 * len(broken)} = {20 * broken.index(name)} THEN {bad} ELSE {good} END AS {name}"

    columns = [cell("twin", "'c' || n", "'c' || abs(n - 1)").replace(" AS twin", " AS id")]
    columns += [cell(name, f"'{values[0]}'", "'?'") for name, values in _SETS.items()]
    columns += [cell(name, f"{least} + n % {most - least}", "-1") for name, (least, most) in _BOUNDS.items()]
    columns += [cell(name, "'Leeds'", "NULL") for name in ("city", "zone")]
    duckdb.execute(f"COPY (SELECT {', '.join(columns)} FROM range({rows}) t(n)) TO '{path}' (FORMAT parquet)")


def suite() -> Any:
    from presscheck.documents.document import Document
    from presscheck.errors import ExpectationError
    from presscheck.screening.expectations import OwnSuite

    told = {"message": "It is odd.", "do": "Mend it."}
    each = [
        *(
            {
                "rule": f"{name}.set",
                "type": "expect_column_values_to_be_in_set",
                "kwargs": {"column": name, "value_set": list(values)},
                **told,
            }
            for name, values in _SETS.items()
        ),
        *(
            {
                "rule": f"{name}.bounds",
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": name, "min_value": least, "max_value": most},
                **told,
            }
            for name, (least, most) in _BOUNDS.items()
        ),
        *(
            {"rule": f"{name}.known", "type": "expect_column_values_to_not_be_null", "kwargs": {"column": name}, **told}
            for name in _KNOWN
        ),
        {"rule": "id.once", "type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}, **told},
    ]
    return Document("suite", {"title": "Rows", "owner": "benchmark", "each_row": each}, {}).parse(
        OwnSuite, ExpectationError
    )


def ours(path: Path, home: Path) -> tuple[int, float]:
    import tasks.expectations.counting  # noqa: F401
    from tasks.screening_rows import screen_rows

    wanted, began = suite(), time.perf_counter()
    found = screen_rows(path, wanted, home=home, name="rows")
    assert found.refusal is None, found.refusal
    return found.exceptions, time.perf_counter() - began


def stock(path: Path, home: Path) -> tuple[int, float]:
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import pandas

    from tasks.expectations.quiet import quiet_context

    expectations: list[Any] = [
        gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(values)) for name, values in _SETS.items()
    ]
    expectations += [
        gxe.ExpectColumnValuesToBeBetween(column=name, min_value=least, max_value=most)
        for name, (least, most) in _BOUNDS.items()
    ]
    expectations += [gxe.ExpectColumnValuesToNotBeNull(column=name) for name in _KNOWN]
    expectations += [gxe.ExpectColumnValuesToBeUnique(column="id")]
    began = time.perf_counter()
    frame = pandas.read_parquet(path)
    frame["row_number"] = range(1, len(frame) + 1)
    asset = quiet_context().data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    how: Any = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row_number"]}
    result = batch.validate(gx.ExpectationSuite("rows", expectations=expectations), result_format=how)
    broken = {
        int(one["row_number"]) for answer in result.results for one in answer.result["unexpected_index_list"] or ()
    }
    (home / "ids.json").write_text(json.dumps(sorted(broken)))
    return len(broken), time.perf_counter() - began


def polars(path: Path, home: Path) -> tuple[int, float]:
    import polars as pl

    began = time.perf_counter()
    broken = {f"{name}.set": ~pl.col(name).is_in(values) for name, values in _SETS.items()}
    broken |= {f"{name}.bounds": ~pl.col(name).is_between(least, most) for name, (least, most) in _BOUNDS.items()}
    broken |= {f"{name}.known": pl.col(name).is_null() for name in _KNOWN}
    broken["id.once"] = pl.col("id").is_duplicated()
    rules = pl.concat_list([pl.when(test).then(pl.lit(rule)) for rule, test in broken.items()]).list.drop_nulls()
    found = pl.read_parquet(path).with_row_index("row_number", 1).with_columns(rules.alias("rules"))
    failed = found.filter(pl.col("rules").list.len() > 0)
    failed.write_parquet(home / "failed.parquet")
    found.filter(pl.col("rules").list.len() == 0).write_parquet(home / "passed.parquet")
    return failed.height, time.perf_counter() - began


WAYS = {"ours": ours, "stock Great Expectations, COMPLETE": stock, "plain Polars": polars}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    arguments.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        with TemporaryDirectory() as home:
            many, seconds = WAYS[given.one](given.file, Path(home))
        print(json.dumps([many, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        make(file, given.rows)
        best: dict[str, tuple[int, float, float]] = {}
        for _ in range(given.times):
            for way in WAYS:
                asked = [sys.executable, __file__, "--one", way, "--file", str(file)]
                answer = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
                many, seconds, peak = json.loads(answer.splitlines()[-1])
                best[way] = min(best.get(way, (many, seconds, peak)), (many, seconds, peak), key=lambda one: one[1])
    counts = {many for many, *_ in best.values()}
    print(f"{given.rows:,} rows, {len(RULES)} rules, {counts} broken")
    for way, (_, seconds, peak) in best.items():
        print(f"{way}: {seconds:.2f} s, {seconds / best['plain Polars'][1]:.1f} times Polars, {peak:.0f} MB")
    if len(counts) > 1:
        sys.exit("the ways do not find the same rows")


if __name__ == "__main__":
    main()

"""How long screening an audience takes, and how much memory, against plain Polars.

    .venv/bin/python benchmarks/audience.py --data /path/to/the/data
    .venv/bin/python benchmarks/audience.py --rows 1000000

`--data` is a folder that holds `hillstrom_email/hillstrom.csv` (the MineThatData challenge's
64,000 customers, of whom some may be held out); their addresses are made from `row_id` at
example.com. `--rows` makes that many recipients, one in twenty of them broken. Each case runs
in a process of its own, because peak memory can only be read once a process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

AS_OF = datetime(2026, 11, 21, tzinfo=UTC)

HILLSTROM = """
SELECT 'H' || row_id AS id, 'h' || row_id || '@example.com' AS address, 'consent' AS consent_basis,
       'hillstrom ' || row_id AS consent_proof, '2026-01-01' AS consented_at, 'US' AS market,
       json_object('bought', history_segment) AS attributes
FROM read_csv('hillstrom_email/hillstrom.csv', all_varchar = true)
"""

# One row in twenty breaks a rule, each of four rules in turn.
SYNTHETIC = """
COPY (
  SELECT 'c' || range AS id,
         CASE WHEN range % 80 = 0 THEN 'broken' || range ELSE 'user' || range || '@example.com' END AS address,
         'consent' AS consent_basis,
         CASE WHEN range % 80 = 20 THEN NULL ELSE 'form ' || range END AS consent_proof,
         CASE WHEN range % 80 = 40 THEN '2031-01-01' ELSE '2026-01-01' END AS consented_at,
         CASE WHEN range % 80 = 60 THEN 'XX' ELSE 'US' END AS market,
         'America/New_York' AS time_zone, 1980 AS birth_year, '{"first_name": "Ana"}' AS attributes
  FROM range($rows) ORDER BY hash(range)
) TO '$file' (FORMAT parquet)
"""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def screen(segment: Path, data: Path) -> dict[str, float]:
    """Seconds for the import of Great Expectations, then for two whole screenings."""
    from tasks.screening import screen_audience

    started = time.perf_counter()
    import tasks.expectations.certify  # noqa: F401

    imported = time.perf_counter() - started
    seconds: list[float] = []
    with TemporaryDirectory() as home:
        for _ in range(3):
            started = time.perf_counter()
            audience = screen_audience(
                segment, data=data, home=Path(home), markets=("US",), suppressed_hashes=[], as_of=AS_OF
            )
            seconds.append(time.perf_counter() - started)
    return {
        "rows": audience.candidates,
        "passed": audience.rows,
        "exceptions": audience.exception_rows,
        "import_s": imported,
        "first_s": seconds[0],
        "warm_s": min(seconds[1:]),
        "peak_mb": peak_mb(),
    }


def polars(file: Path) -> dict[str, float]:
    """The same predicates in plain Polars over the same rows: no hashes, no files, no certificate."""
    import polars as pl

    from tasks.expectations.recipients import MARKETS

    seconds: list[float] = []
    for _ in range(3):
        started = time.perf_counter()
        rows = pl.scan_parquet(file).with_columns(
            pl.col("consented_at").str.to_datetime(strict=False, time_zone="UTC").alias("when"),
            pl.col("address").str.strip_chars().str.to_lowercase().alias("key"),
        )
        address = r"^[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}$"
        bad = [
            ~pl.col("id").str.len_chars().is_between(1, 500) | pl.col("id").str.contains(r"[\x00-\x1f]|^\s|\s$"),
            pl.col("id").is_duplicated(),
            ~pl.col("address").str.contains(address) | pl.col("address").str.contains(r"(^\.)|(\.@)|(\.\.)|(@[.\-])"),
            pl.col("key").is_duplicated(),
            ~pl.col("consent_basis").is_in(["consent", "contract", "legitimate_interest"]),
            ~pl.col("consent_proof").str.len_chars().is_between(1, 500)
            | pl.col("consent_proof").str.contains(r"[\x00-\x1f]|^\s|\s$"),
            pl.col("when").is_null(),
            pl.col("when") > AS_OF,
            pl.col("when") < AS_OF.replace(year=2023),
            ~pl.col("birth_year").is_between(1900, 2009),
            ~pl.col("market").is_in(MARKETS),
            pl.col("market").is_in(MARKETS) & ~pl.col("market").is_in(["US"]),
            pl.col("attributes").str.json_decode(pl.Struct({"first_name": pl.String})).is_null(),
        ]
        judged = rows.with_columns(pl.any_horizontal(rule.fill_null(True) for rule in bad).alias("broken")).collect()
        passed = judged.filter(~pl.col("broken")).sort("id")
        seconds.append(time.perf_counter() - started)
    return {
        "passed": passed.height,
        "exceptions": judged.height - passed.height,
        "warm_s": min(seconds),
        "peak_mb": peak_mb(),
    }


def deal(rows: int) -> dict[str, float]:
    """Three picks dealt to that many recipients."""
    from presscheck.recipients.dealing import deal as dealt

    ids = [f"c{number}" for number in range(rows)]
    started = time.perf_counter()
    dealt(ids, 3, "run")
    return {"rows": rows, "warm_s": time.perf_counter() - started, "peak_mb": peak_mb()}


def in_a_process(*arguments: object) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--case", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def show(name: str, answer: dict[str, float]) -> None:
    figures = [f"{key} {value:,.2f}" if value % 1 else f"{key} {value:,.0f}" for key, value in answer.items()]
    print(name, ", ".join(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds hillstrom_email/hillstrom.csv")
    parser.add_argument("--rows", type=int, default=1_000_000, help="synthetic recipients (default 1,000,000)")
    parser.add_argument("--case", nargs="+", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.case:
        kind, *rest = wanted.case
        cases = {
            "screen": lambda: screen(Path(rest[0]), Path(rest[1])),
            "polars": lambda: polars(Path(rest[0])),
            "deal": lambda: deal(int(rest[0])),
        }
        print(json.dumps(cases[kind]()))
        return
    with TemporaryDirectory() as folder:
        sql = Path(folder, "segment.sql")
        if wanted.data:
            sql.write_text(HILLSTROM)
            show("hillstrom:", in_a_process("screen", sql, wanted.data))
        import duckdb

        made = Path(folder, "data")
        made.mkdir()
        file = made / "people.parquet"
        duckdb.sql(SYNTHETIC.replace("$rows", str(wanted.rows)).replace("$file", str(file)))
        sql.write_text("FROM 'people.parquet'")
        ours = in_a_process("screen", sql, made)
        show("synthetic:", ours)
        duckdb.sql(f"COPY (FROM '{file}') TO '{made / 'people.csv'}'")
        sql.write_text("FROM read_csv('people.csv', all_varchar = true)")
        show("the same from CSV:", in_a_process("screen", sql, made))
        plain = in_a_process("polars", file)
        show("plain polars:", plain)
        print(f"ratio to plain polars: {ours['warm_s'] / plain['warm_s']:.1f}")
        show("dealing:", in_a_process("deal", wanted.rows))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()

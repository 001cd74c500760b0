"""`presscheck screen`: rows against what is expected of them; who passes, and who breaks which rule."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from tasks.screening_rows import ScreenedRows

RECIPIENTS = "recipients"
"""The suite that ships: what must be true of whoever is written to."""


@click.command(short_help="Put rows to a suite of expectations: who passes, and who breaks which rule.")
@click.argument("source", metavar="SEGMENT", type=click.Path(path_type=Path))
@click.option(
    "--suite", required=True, metavar="NAME", help="expectations/NAME.yaml; recipients is the one that ships."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder for what is found."
)
@click.option("--market", "markets", multiple=True, metavar="CODE", help="For recipients: the campaign's markets; all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def screen(ctx: click.Context, source: Path, suite: str, out: Path, markets: tuple[str, ...], as_json: bool) -> None:
    """Put the rows of SEGMENT (a .sql file over the data folder, a .csv or a .parquet file) to a suite of expectations.

    Two implementations count: our query, which finds every row with the rules it breaks, and Great Expectations. Into
    the folder go those that pass, every other row, a report that opens offline, and Great Expectations' own results.
    Nothing is kept of it elsewhere, and nothing is sent.

    Exits 1 where rows broke a rule or nothing passes, 3 where a check broke or the two counts differ.
    """
    project: Project = ctx.obj
    if suite == RECIPIENTS:
        told, broke = _recipients(project, source, out, markets)
    elif markets:
        raise click.UsageError(f"--market is for the suite {RECIPIENTS}; a suite of your own says where it speaks", ctx)
    else:
        told, broke = _own(project, source, suite, out)
    if as_json:
        emit(told)
    else:
        _tell(told)
    ctx.exit(3 if broke else 1 if told["exceptions"] or told["refusal"] else 0)


def _own(project: Project, source: Path, suite: str, out: Path) -> tuple[dict[str, Any], bool]:
    from presscheck.screening.expectations import find_suite
    from presscheck.screening.expected_cases import load_suite
    from presscheck.screening.frozen import private_folder
    from presscheck.screening.row_sources import land_rows
    from tasks.screening_rows import screen_rows

    expected = load_suite(find_suite(project.settings.project, suite))
    # Beside what is written: the same disk, and private.
    with TemporaryDirectory(prefix=".screening-", dir=private_folder(out)) as room:
        rows = land_rows(source, Path(room), data=project.settings.data, as_of=datetime.now(UTC))
        found: ScreenedRows = screen_rows(rows, expected, home=out, name=source.name, progress=_progress)
    return {
        "rows": found.rows,
        "passed": found.passed,
        "exceptions": found.exceptions,
        "rules": found.rules,
        "errored": [{"rule": rule, "why": why} for rule, why in found.errored.items()],
        "differing": [one.model_dump() for one in found.differing],
        "refusal": found.refusal.reason if found.refusal else None,
        "seconds": found.seconds,
        "passed_file": found.passed_path,
        "exceptions_file": found.exceptions_path,
        "report": found.report,
        "great_expectations": found.results,
    }, bool(found.errored or found.differing)


def _recipients(project: Project, source: Path, out: Path, markets: tuple[str, ...]) -> tuple[dict[str, Any], bool]:
    import time

    from presscheck.ledger.suppressions import suppressed_hashes
    from presscheck.screening.suppression import load_suppressions
    from presscheck.wiring import database_named
    from presscheck.world.markets import MARKETS
    from tasks.screening import screen_audience

    settings, began = project.settings, time.monotonic()
    with project.ledger() as ledger, ledger.read() as tx:
        suppressed = suppressed_hashes(tx)
    listed = settings.data / "suppressed.csv"
    if listed.exists():
        suppressed |= load_suppressions(listed)
    found = screen_audience(
        source,
        data=settings.data,
        home=out,
        markets=markets or MARKETS,
        suppressed_hashes=suppressed,
        as_of=datetime.now(UTC),
        databases=lambda name: database_named(settings, name),
    )
    return {
        "rows": found.candidates,
        "passed": found.rows if found.refusal is None else 0,
        "exceptions": found.exception_rows,
        "rules": found.exceptions,
        "errored": [],
        "differing": [],
        "refusal": found.refusal.reason if found.refusal else None,
        "seconds": round(time.monotonic() - began, 3),
        "passed_file": found.path,
        "exceptions_file": found.exceptions_path,
        "report": found.report,
        "great_expectations": None,
    }, False


def _progress(what: str) -> None:
    say(f"{what[:1].upper()}{what[1:]} ...", err=True)


def _tell(told: dict[str, Any]) -> None:
    if told["refusal"]:
        say(f"Nothing passed. {told['refusal']}")
    for one in told["errored"]:
        say(f"{one['rule']} broke: {one['why']}")
    said = f"{counted(told['rows'], 'row')}: {told['passed']:,} passed, {counted(told['exceptions'], 'exception')}"
    say(f"{said}, in {told['seconds']:.1f} s.")
    broken = sorted(((many, rule) for rule, many in told["rules"].items() if many), reverse=True)
    if broken:
        table(("RULE", "ROWS"), [(rule, f"{many:,}") for many, rule in broken])
    for name, what in (("passed_file", "Passed"), ("exceptions_file", "Exceptions"), ("report", "Report")):
        if told[name]:
            say(f"{what}: {told[name]}")

"""`presscheck baseline`: the figures from before, in versions; what was removed is kept and does not count."""

from pathlib import Path

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted


@click.group(short_help="Import, show and remove the figures from before.")
def baseline() -> None:
    """The figures from before, in the measures of `presscheck figures`."""


@baseline.command("import", short_help="Take last year's figures from a CSV or YAML file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def take(project: Project, file: Path, as_json: bool) -> None:
    """Read FILE whole or not at all; the latest version counts."""
    from presscheck.figures.baseline import import_baseline, read_baseline

    found = read_baseline(file)
    # The door's key signs it: a worker could otherwise make its own work look good.
    with project.ledger("door") as ledger, ledger.write() as tx:
        version = import_baseline(tx, found)
    if as_json:
        emit({"version": version, "baseline": found.model_dump(mode="json")})
    else:
        say(f"Baseline {version}: {counted(len(found.figures), 'figure')}, {found.since} to {found.until}.")


@baseline.command(short_help="Show the figures from before.")
@click.option("--all", "everything", is_flag=True, help="Every version, removed ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(project: Project, everything: bool, as_json: bool) -> None:
    """Show the version that counts, or all of them."""
    from presscheck.figures.baseline import counting, versions
    from presscheck.figures.measures import MEASURES

    with project.ledger() as ledger, ledger.read() as tx:
        known, current = versions(tx), counting(tx)
    shown = known if everything else [current] if current else []
    if as_json:
        emit(
            [
                {
                    "version": one.version,
                    "imported_at": one.imported_at,
                    "removed": one.removed,
                    "counts": one == current,
                    **one.baseline.model_dump(mode="json"),
                }
                for one in shown
            ]
        )
        return
    if not shown:
        say("There is no baseline; `presscheck baseline import FILE` takes one.")
    for one in shown:
        state = "removed" if one.removed else "counts" if one == current else "an earlier one"
        say(f"Baseline {one.version} ({state}): {one.baseline.since} to {one.baseline.until}")
        rows = [
            (measure.title, f"{before.value} {measure.unit or one.baseline.currency}", str(before.n or ""))
            for measure in MEASURES
            if (before := one.baseline.figures.get(measure.id))
        ]
        table(("MEASURE", "BEFORE", "N"), rows)


@baseline.command(short_help="Take a version out of the count.")
@click.argument("version", type=int, required=False)
@click.pass_obj
def remove(project: Project, version: int | None) -> None:
    """Remove VERSION, or the one that counts; the one before it counts again."""
    from presscheck.figures.baseline import counting, remove_baseline

    with project.ledger("door") as ledger, ledger.write() as tx:
        removed = remove_baseline(tx, version)
        left = counting(tx)
    now = f"Baseline {left.version} counts." if left else "No baseline counts."
    say(f"Baseline {removed.version} does not count any more. {now}")

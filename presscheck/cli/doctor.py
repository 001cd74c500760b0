"""`presscheck doctor`: what is configured, what is missing and how to mend it."""

from dataclasses import asdict

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted


@click.command(short_help="Say what is configured, what is missing and how to mend it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Look at versions, settings, keys, ledger, policies, ports and processes; exit 1 if something is missing."""
    from presscheck.cli.diagnosis import diagnose

    project: Project = ctx.obj
    found = diagnose(project)
    missing = [one for one in found if one.state == "missing"]
    if as_json:
        emit({"healthy": not missing, "checks": [asdict(one) for one in found]})
    else:
        table(
            ("", "WHAT", "FOUND", "TO MEND IT"), [(_MARKS[one.state], one.what, one.found, one.mend) for one in found]
        )
        things = counted(len(missing), "thing is", "things are")
        say(f"{things} missing." if missing else "Nothing is missing.")
    ctx.exit(1 if missing else 0)


_MARKS = {"ok": "ok", "missing": "MISSING", "note": "note"}

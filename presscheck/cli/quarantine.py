"""`presscheck quarantine`: rows that read like orders to a machine; what is held, and letting exactly one in."""

from typing import Any
from urllib.parse import quote

import click

from presscheck.cleaning import clean_line
from presscheck.cli.output import emit, refusal_told, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import listed

_PATH = "/-/api/quarantine"


@click.group(short_help="Show rows that read like orders to a machine, and let one in.")
def quarantine() -> None:
    """Show rows of catalogues that are held because they read like orders to a machine, and let exactly one in."""


@quarantine.command("list", short_help="List the rows that were held, the last one first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_(project: Project, as_json: bool) -> None:
    """List the rows that were held, the last one first: which file, which fields, by which rules."""
    with project.door() as door:
        told = door.get(_PATH)
    if as_json:
        emit(told)
        return
    if not told["rows"]:
        say("No row was ever held.")
        return
    rows = [
        (
            one["row"][:12],
            one["file"],
            one["id"] or "-",
            ", ".join(one["fields"]),
            ", ".join(one["rules"]),
            f"let in by {one['released']['by']}" if one["released"] else "held",
        )
        for one in told["rows"]
    ]
    table(("ROW", "FILE", "ID", "FIELDS", "RULES", "IS"), rows)


@quarantine.command(short_help="Show a row: its words, and what was found in them.")
@click.argument("row", metavar="ROW")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(project: Project, row: str, as_json: bool) -> None:
    """Show ROW (the first digits of its digest, or its id): its words, what was found in them, and who let it in."""
    with project.door() as door:
        told = door.get(f"{_PATH}/{quote(row, safe='')}")
    if as_json:
        emit(told)
        return
    state = f"let in by {told['released']['by']}" if told["released"] else "held"
    say(f"{told['file']}, row {told['id'] or '?'} ({told['row'][:12]}): {state}")
    if told["released"] and told["released"]["reason"]:
        say(f"  “{clean_line(told['released']['reason'])}”")
    if not told["known"]:
        say("  Its words were erased, or are not those that were held.")
    for part in told["parts"]:
        say(f"  {part['title']}: {clean_line(''.join(one['text'] for one in part['words']))}")
    for finding in told["findings"]:
        say(f"    {finding['level']} {finding['rule']} in {finding['part']}: “{finding['words']}” {finding['message']}")
    if told["why_not"]:
        say(f"  {told['why_not']}")
    elif not told["released"]:
        say(f"  `presscheck quarantine release {told['row'][:12]} --reason ...` lets exactly this row in.")


@quarantine.command(short_help="Let exactly this row in; takes a fresh proof.")
@click.argument("row", metavar="ROW")
@click.option("--reason", required=True, help="Why it is no order to a machine; kept where it can be erased.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def release(ctx: click.Context, row: str, reason: str, as_json: bool) -> None:
    """Let exactly ROW in, from the next opening of a campaign on; a row that is changed is another one.

    Whoever may approve a prompt may do it, but for the author of the brief and whoever started the run.
    """
    from presscheck.cli.step_up import post_proved

    project: Project = ctx.obj
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            told = post_proved(door, f"{_PATH}/{quote(row, safe='')}/release", {"reason": reason})
    if as_json:
        emit(told)
    else:
        say(f"Row {_named(told)} is let in. Press Retry on the run that it holds, or start it again.")
        say(f"`presscheck quarantine take-back {told['row'][:12]}` holds it again.")


@quarantine.command("take-back", short_help="Hold a row again that was let in.")
@click.argument("row", metavar="ROW")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def take_back(ctx: click.Context, row: str, as_json: bool) -> None:
    """Hold ROW again; what was opened with it goes on under its reviews."""
    project: Project = ctx.obj
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            told = door.post(f"{_PATH}/{quote(row, safe='')}/take-back", {})
    if as_json:
        emit(told)
    else:
        say(f"Row {_named(told)} is held again.")


def _named(told: dict[str, Any]) -> str:
    return listed(part for part in (told["id"], told["row"][:12]) if part)

"""`presscheck minutes`: work on a campaign that nobody could see, stated by the person who did it."""

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted


@click.command(short_help="State minutes of your own work on a campaign run.")
@click.argument("run")
@click.argument("minutes", type=click.IntRange(1, 10_000))
@click.option("--what", required=True, help="A word or two joined by hyphens: brief, photo-shoot.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def minutes(project: Project, run: str, minutes: int, what: str, as_json: bool) -> None:
    """Count MINUTES of the signed-in person's work towards RUN, for `presscheck figures`."""
    with project.door() as door:
        answer = door.post("/-/api/work", {"run": run, "minutes": minutes, "what": what})
    if as_json:
        emit(answer)
    else:
        many = counted(minutes, f"minute of {what} counts", f"minutes of {what} count")
        say(f"{many} towards run {answer['run']}.")

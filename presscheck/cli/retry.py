"""`presscheck retry`: try those again who were given up, and write to nobody else."""

from urllib.parse import quote

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.cli.step_up import post_proved


@click.command(short_help="Try those again whom a mail server put off until they were given up.")
@click.argument("delivery")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def retry(project: Project, delivery: str, as_json: bool) -> None:
    """Try those of a DELIVERY again who were given up. Nobody else gets anything.

    It takes the right to unpause. The press asks everything anew before it sends: the approval, the rights, the dates
    and who must not be written to. Who was refused for good, or may have got it, is never tried again.
    """
    with project.door() as door:
        told = post_proved(door, f"/-/api/deliveries/{quote(delivery, safe='')}/retry", {})
    if as_json:
        emit({"delivery": told["delivery"], "messages": told["messages"]})
        return
    say(f"{told['messages']:,} of {delivery} are tried again; `presscheck pause --list` shows how it goes.")

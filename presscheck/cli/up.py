"""`presscheck up`: server, door, worker, press and schedules on one machine."""

import click

from presscheck.cli.project import Project

__all__ = ["up"]


@click.command(short_help="Run everything on this machine: server, door, worker, press, schedules.")
@click.option("--deploy/--no-deploy", default=True, help="Register the project's campaigns and schedules at the start.")
@click.pass_obj
def up(project: Project, deploy: bool) -> None:
    """Make keys and ledger where they are missing, start everything, restart what dies, until Ctrl-C.

    Prints the door's link and, while nobody is enrolled, the first administrator's one-time code.
    """
    from presscheck.supervisor import run

    run(project.settings, deploy=deploy)

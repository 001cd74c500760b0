"""`presscheck up`: server, door, worker, press and schedules on one machine."""

from typing import TYPE_CHECKING

import click

from presscheck.cli.project import Project

if TYPE_CHECKING:
    from presscheck.supervisor.up import Only


@click.command(short_help="Run everything on this machine: server, door, worker, press, schedules.")
@click.option("--deploy/--no-deploy", default=True, help="Register the project's campaigns and schedules at the start.")
@click.option(
    "--only",
    type=click.Choice(["prepare", "server", "door", "press", "worker"]),
    help="One part alone, as a service: prepare makes keys and ledger and ends.",
)
@click.pass_obj
def up(project: Project, deploy: bool, only: "Only | None") -> None:
    """Make keys and ledger where they are missing, start everything, restart what dies, until Ctrl-C.

    Prints the door's link and, while nobody is enrolled, the first administrator's one-time code. With --only
    worker, that worker is restarted, too, the campaigns are registered, and runs that lost their process go on.
    """
    from presscheck.supervisor import run

    run(project.settings, deploy=deploy, only=only)

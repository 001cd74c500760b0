"""`presscheck notices mine`: what one is told of by mail, and choosing it."""

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project

_PATH = "/-/api/told"


@click.command("mine", short_help="Show or choose what you are told of by mail.")
@click.option("--on", "on", multiple=True, metavar="CHOICE", help="Be told of this, too. May be given again.")
@click.option("--off", "off", multiple=True, metavar="CHOICE", help="Not of this any more. May be given again.")
@click.option("--undo", is_flag=True, help="As it was before you chose last.")
@click.option("--defaults", is_flag=True, help="As it is without a choice.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def mine(
    project: Project, on: tuple[str, ...], off: tuple[str, ...], undo: bool, defaults: bool, as_json: bool
) -> None:
    """Show what you are told of by mail, or choose it.

    A CHOICE is questions, mentioned, or an outcome and how it concerns you: approved:mine for what you started or
    wrote, approved:asked for what you were asked about.
    """
    if sum((bool(on or off), undo, defaults)) > 1:
        raise click.UsageError("choose with --on and --off, or --undo, or --defaults")
    with project.door() as door:
        told = door.get(_PATH)
        if unknown := [one for one in (*on, *off) if one not in told["choices"]]:
            raise click.BadParameter(f"{unknown[0]}: there are {', '.join(told['choices'])}", param_hint="CHOICE")
        if undo and told["before"] is None:
            raise click.UsageError("you have chosen nothing yet, so there is nothing to undo")
        if on or off or undo or defaults:
            wanted = (set(told["told"]) | set(on)) - set(off)
            chosen = told["before"] if undo else told["defaults"] if defaults else sorted(wanted)
            told = door.post(_PATH, {"told": chosen})
    if as_json:
        emit(told)
        return
    table(("TOLD", "OF"), [("yes" if one in told["told"] else "no", one) for one in told["choices"]])
    if not told["mailed"]:
        say("Nobody is mailed at the moment: [notices] email is not set.")

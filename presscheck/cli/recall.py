"""`presscheck recall`: stop a delivery for good, take back what can be taken back, and list what cannot."""

import time
from typing import Any, get_args
from urllib.parse import quote

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.cli.step_up import post_proved
from presscheck.models import ReasonCode

_LOOK_EVERY_SECONDS = 0.5
_WORDS = {
    "sent": "sent",
    "unknown": "perhaps sent",
    "suppressed": "suppressed",
    "failed": "refused by the channel",
    "left": "never sent",
}


@click.command(short_help="Take a delivery back, as far as that goes, and list the rest.")
@click.argument("delivery")
@click.option(
    "--reason", type=click.Choice(get_args(ReasonCode)), help="Why; without one, only show how far a recall has come."
)
@click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 600), help="Seconds to wait for the press."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def recall(ctx: click.Context, delivery: str, reason: str | None, wait: float, as_json: bool) -> None:
    """Recall a DELIVERY. Nothing more of it goes out, and nobody can undo that.

    Each channel takes back what it can: files, posts, what a receiver says it took back. E-mail cannot be taken
    back: its addresses are listed in a file in the press's home. Exits 1 while the press has not carried it out.
    """
    project: Project = ctx.obj
    path = f"/-/api/deliveries/{quote(delivery, safe='')}/recall"
    with project.door() as door:
        told = door.get(path) if reason is None else post_proved(door, path, {"reason": reason})
        until = time.monotonic() + wait
        while told["state"] == "decided" and reason is not None and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_SECONDS)
            told = door.get(path)
    if as_json:
        emit(told)
    else:
        _show(told)
    if told["state"] == "unknown":
        ctx.exit(2)
    ctx.exit(0 if told["state"] == "done" or (reason is None and told["state"] == "not recalled") else 1)


def _show(told: dict[str, Any]) -> None:
    delivery = told["delivery"]
    if told["state"] == "unknown":
        say(f"There is no delivery {delivery}; `presscheck history` names those that there are.")
        return
    if told["state"] == "not recalled":
        say(f"{delivery} was not recalled. --reason CODE recalls it.")
        return
    say(f"{delivery} was recalled by {told['by']} ({told['role'].replace('_', ' ')}), reason {told['reason']}.")
    if told["state"] == "decided":
        say("The press has not carried it out yet; ask again without --reason.")
        return
    counts = told["counts"]
    table(("MESSAGES", "COUNT"), [(_WORDS[name], f"{counts[name]:,}") for name in _WORDS])
    say(f"Taken back: {told['taken_back']:,}. Out, and listed: {told['listed']:,}. How: {told['how']}.")
    if told["list"]:
        say(f"The list: {told['list']} in the press's home.")

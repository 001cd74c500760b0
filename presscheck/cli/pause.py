"""`presscheck pause` and `presscheck unpause`: the kill switch, through the door."""

import time
from typing import Any, get_args

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.cli.step_up import post_proved
from presscheck.models import ReasonCode

_LOOK_EVERY_SECONDS = 0.5


@click.command(short_help="Stop a campaign's deliveries, or all of them, at once.")
@click.argument("campaign", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything, whatever campaign it is.")
@click.option("--reason", type=click.Choice(get_args(ReasonCode)), help="Why; kept on record.")
@click.option("--list", "only_list", is_flag=True, help="Only show what is paused and what is under way.")
@click.option(
    "--wait", default=10.0, show_default=True, type=click.FloatRange(0, 600), help="Seconds to wait for the press."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def pause(
    ctx: click.Context,
    campaign: str | None,
    everything: bool,
    reason: str | None,
    only_list: bool,
    wait: float,
    as_json: bool,
) -> None:
    """Stop CAMPAIGN: a campaign's name, a run's id or a delivery's id; or --all.

    A delivery under way stops within 500 messages and five seconds; what was not handed over waits. Exits 1 where
    a delivery has not stopped while this waited.
    """
    project: Project = ctx.obj
    if only_list:
        with project.door() as door:
            told = door.get("/-/api/pauses")
        emit(told) if as_json else _show(told)
        return
    scope = _scope(ctx, campaign, everything)
    with project.door() as door:
        answer = door.post("/-/api/pauses", {"scope": scope, "reason": reason or ""})
        until = time.monotonic() + wait
        told = answer
        while _going(told) and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_SECONDS)
            told = door.get("/-/api/pauses")
    going = _going(told)
    if as_json:
        emit({"paused": answer["paused"], "pauses": told["pauses"], "deliveries": told["deliveries"]})
    else:
        say(f"Paused: {_named(scope)}. Nothing more of it is begun.")
        _show(told)
        if going:
            names = ", ".join(one["delivery"] for one in going)
            say(f"Not stopped yet: {names}. A press that is down stops it before its next message.")
    ctx.exit(1 if going else 0)


@click.command(short_help="Let a paused campaign go on.")
@click.argument("campaign", required=False)
@click.option("--all", "everything", is_flag=True, help="Lift the pause of everything; pauses of single ones stay.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def unpause(ctx: click.Context, campaign: str | None, everything: bool, as_json: bool) -> None:
    """Lift the pause of CAMPAIGN, or of --all. Whatever may go out is asked anew before it does.

    It takes the right to unpause, and never the author or starter of what somebody else paused; a slip of your
    own you may lift yourself.
    """
    project: Project = ctx.obj
    scope = _scope(ctx, campaign, everything)
    with project.door() as door:
        told = post_proved(door, "/-/api/pauses/lift", {"scope": scope})
    if as_json:
        emit(told)
        return
    say(f"{_named(scope)} goes on.")
    if told["pauses"]:
        say("Still paused:")
    _show(told)


def _scope(ctx: click.Context, campaign: str | None, everything: bool) -> str:
    if everything == (campaign is not None):
        raise click.UsageError("name a campaign, a run or a delivery, or say --all", ctx)
    return "*" if everything else str(campaign)


def _named(scope: str) -> str:
    return "everything" if scope == "*" else scope


def _going(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in told["deliveries"] if one["to_stop"] and not one["paused"]]


def _show(told: dict[str, Any]) -> None:
    if told["pauses"]:
        rows = [
            (_named(one["scope"]), f"{one['by']} ({one['role'].replace('_', ' ')})", one["reason"] or "-", one["at"])
            for one in told["pauses"]
        ]
        table(("PAUSED", "BY", "REASON", "SINCE"), rows)
    if told["deliveries"]:
        table(("DELIVERY", "STATE", "SENT", "UNKNOWN", "LEFT"), [_line(one) for one in told["deliveries"]])
    for one in told["deliveries"]:
        if one["waiting"]:
            say(f"{one['delivery']}: {one['why']}")
    if not told["pauses"] and not told["deliveries"]:
        say("Nothing is paused, and nothing is under way.")


def _line(one: dict[str, Any]) -> tuple[str, str, str, str, str]:
    if one["paused"] or (one["waiting"] and not one["to_stop"]):
        state = "paused" if one["paused"] else "waiting"
        return one["delivery"], state, f"{one['sent']:,}", f"{one['unknown']:,}", f"{one['left']:,}"
    return one["delivery"], "stopping" if one["to_stop"] else "under way", "-", "-", "-"

"""`presscheck glass`: let something out in an emergency, past whom the policies demand; by two, on record."""

from typing import Any
from urllib.parse import quote

import click

from presscheck.cli.client import review_path
from presscheck.cli.output import emit, refusal_told, say, table
from presscheck.cli.project import Project


@click.group(short_help="In an emergency: let something out past those who have to approve it, by two people.")
def glass() -> None:
    """Break the glass: two people with two roles, a reason, an hour (eight at most), one delivery.

    It replaces people and nothing else: guardrails, dates and suppression hold as ever. Everybody who may reviews it
    afterwards finds it in their inbox until it is reviewed.
    """


@glass.command("break", short_help="Ask for it; a second person has to confirm within an hour.")
@click.argument("review_id", metavar="REVIEW")
@click.option("--pick", "picks", required=True, help="The choices that are to go out, such as V01,V07.")
@click.option("--hours", type=float, default=1.0, show_default=True, help="For how long, from when it is confirmed.")
@click.option("--reason", required=True, help="What would happen if this waited. It is on record.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def ask(ctx: click.Context, review_id: str, picks: str, hours: float, reason: str, as_json: bool) -> None:
    """Ask to let choices of REVIEW out past the people whom the policies demand."""
    codes = [code.strip() for code in picks.split(",") if code.strip()]
    body: dict[str, Any] = {"picks": codes, "hours": hours, "reason": reason}
    told = _post(ctx, f"{review_path(review_id)}/glass", body, as_json)
    say(f"Asked: {told['id']}. Nothing goes out yet. Within an hour somebody of another role has to confirm it:")
    say(f"  presscheck glass confirm {told['id']}")


@glass.command(short_help="Be the second person: it goes out.")
@click.argument("glass_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def confirm(ctx: click.Context, glass_id: str, as_json: bool) -> None:
    """Confirm what somebody else asked for. Read their reason first: `presscheck glass list`."""
    told = _post(ctx, _path(glass_id, "confirm"), {}, as_json)
    say(f"The glass is broken until {told['expires_at']}, for one delivery of review {told['review']}.")
    say("Both names are on record, and somebody else reviews it.")


@glass.command(short_help="Say no as the second person, or take your own request back.")
@click.argument("glass_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def decline(ctx: click.Context, glass_id: str, as_json: bool) -> None:
    """End a request that nobody has confirmed."""
    told = _post(ctx, _path(glass_id, "decline"), {}, as_json)
    say(f"{told['id']} is declined; the review waits for whom the policies demand.")


@glass.command(short_help="Say afterwards whether it was justified.")
@click.argument("glass_id", metavar="ID")
@click.option("--finding", required=True, type=click.Choice(["justified", "unjustified"]), help="How it was.")
@click.option("--note", required=True, help="What you looked at and what you found. It is on record.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def review(ctx: click.Context, glass_id: str, finding: str, note: str, as_json: bool) -> None:
    """Review broken glass, as somebody who was neither of the two."""
    told = _post(ctx, _path(glass_id, "review"), {"finding": finding, "note": note}, as_json)
    say(f"{told['id']} is reviewed: {told['finding']}.")


@glass.command("list", short_help="List every request: by whom, why, until when, what came of it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_glass(project: Project, as_json: bool) -> None:
    """List every request, the newest first."""
    with project.door() as door:
        told = door.get("/-/api/glass")
    if as_json:
        emit(told)
        return
    if not told["glass"]:
        say("No glass was ever broken.")
        return
    rows = [
        (one["id"], one["review"], one["state"], _who(one), one["expires_at"] or "-", _after(one), one["reason"][:200])
        for one in told["glass"]
    ]
    table(("GLASS", "REVIEW", "STATE", "BY", "UNTIL", "AFTERWARDS", "REASON"), rows)


def tell_waiting(waiting: list[dict[str, Any]]) -> None:
    """What of broken glass waits for whoever is signed in, a line each."""
    for one in waiting:
        if one["mine"] == "confirm":
            say(f"{one['by']} asks to break the glass for review {one['review']}: {one['reason']}")
            say(f"  `presscheck glass confirm {one['id']}`, or decline")
        else:
            late = " It is overdue." if one["overdue"] else ""
            say(f"{_who(one)} broke the glass for review {one['review']}, and nobody has reviewed it.{late}")
            say(f"  `presscheck glass review {one['id']} --finding justified|unjustified --note ...`")


def _who(one: dict[str, Any]) -> str:
    return f"{one['by']} and {one['confirmed_by']}" if one["confirmed_by"] else str(one["by"])


def _after(one: dict[str, Any]) -> str:
    if one["finding"]:
        return f"{one['finding']}, says {one['reviewed_by']}"
    if not one["confirmed_by"]:
        return "-"
    return "review overdue" if one["overdue"] else "not reviewed yet"


def _path(glass_id: str, verb: str) -> str:
    return f"/-/api/glass/{quote(glass_id, safe='')}/{verb}"


def _post(ctx: click.Context, path: str, body: dict[str, Any], as_json: bool) -> dict[str, Any]:
    """The request as it stands then; ends the command where the door says no, or where JSON was wanted."""
    from presscheck.cli.step_up import post_proved

    project: Project = ctx.obj
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            told: dict[str, Any] = post_proved(door, path, body)
    if as_json:
        emit(told)
        ctx.exit(0)
    return dict(told["glass"])

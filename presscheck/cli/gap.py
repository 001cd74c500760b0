"""`presscheck gap`: what the ledger lacks since a copy was put back, and two people's names under it."""

from typing import Any

import click

from presscheck.cli.output import emit, refusal_told, say
from presscheck.cli.project import Project
from presscheck.digests import fingerprint


@click.command(short_help="Show what the ledger lacks since a copy was put back, and sign it.")
@click.option("--sign", "signs", metavar="FINGERPRINT", help="Put your name under the gap of this fingerprint.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def gap(ctx: click.Context, signs: str | None, as_json: bool) -> None:
    """Show what the ledger lacks and nobody has signed; nothing goes out while there is such a gap.

    Two people sign it within 72 hours, each with a fresh proof: an administrator and somebody who decides, or two who
    decide. From then on `presscheck history --verify` names the gap and finds the ledger sound, and what was begun
    before it never goes out: it may have gone out already.
    """
    project: Project = ctx.obj
    with project.door() as door:
        told: dict[str, Any] = door.get("/-/api/gap")
        if signs is not None:
            _sign(ctx, door, told["gap"], signs.replace("-", ""), as_json=as_json)
            return
    if as_json:
        emit(told)
    elif told["gap"] is None:
        signed = told["signed"]
        say(
            "The ledger lacks nothing that nobody has signed." + (f" The last gap is event {signed}." if signed else "")
        )
    else:
        _tell(told)


def _sign(ctx: click.Context, door: Any, gap: dict[str, Any] | None, given: str, *, as_json: bool) -> None:
    from presscheck.cli.step_up import post_proved

    # What was read is what is signed: the fingerprint comes from there, and is not looked up for whoever signs.
    digest = "" if gap is None else str(gap["digest"])
    if len(given) < 12 or not digest.startswith(given):
        raise click.BadParameter("no gap has this fingerprint now; `presscheck gap` shows it", param_hint="--sign")
    with refusal_told(ctx, as_json=as_json):
        told = post_proved(door, "/-/api/gap", {"sign": digest})
    if as_json:
        emit(told)
    elif told["signed"]:
        say(f"The gap is on record: {told['by']} and {told['confirmed_by']} signed it. The press goes on.")
        say("What was begun before it never goes out: start those campaigns again.")
    else:
        say(f"Noted. Nothing has changed yet; until {told['expires_at']} another person has to sign the same:")
        say(f"  presscheck gap --sign {fingerprint(digest)}")


def _tell(told: dict[str, Any]) -> None:
    gap = told["gap"]
    say(f"This ledger ends at event {gap['tip']:,} and lacks what was there before a copy was put back:")
    for head in gap["heads"]:
        say(f"  the {head['process']} had seen event {head['seq']:,} ({head['hash'][:12]}), and it is gone")
    for one in gap["restorations"]:
        lost = "nobody knows how many events" if one["lost"] is None else f"{one['lost']:,} events"
        say(
            f"  event {one['event']}: the copy of {one['made_at'][:19]}Z was put back at {one['at'][:19]}Z; {lost} lost"
        )
    runs = told["runs"]
    if runs is None:
        say("  Prefect does not say which runs it knows that this ledger has lost.")
    for run in runs or ():
        say(
            f"  run {run['name']} ({run['id']}) is under way in Prefect, and this ledger knows nothing of it: cancel it"
        )
    if gap["signed_by"]:
        say(f"{gap['signed_by']} has signed it; a second person does so with")
    else:
        say("Nothing goes out until two people have signed it, each with")
    say(f"  presscheck gap --sign {fingerprint(gap['digest'])}")

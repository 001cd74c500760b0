"""`presscheck policies pending`, and `policies sign` without a rule: what waits for a signature, word for word."""

import sys
from typing import TYPE_CHECKING, Any

import click

from presscheck.cleaning import clean_text
from presscheck.cli.output import emit, refusal_told, say
from presscheck.cli.project import Project

if TYPE_CHECKING:
    from presscheck.cli.client import Refusal

_SHORTEST = 12


@click.command(short_help="Show the change of the policies that waits for a signature, and the last changes.")
@click.option("--lines", is_flag=True, help="Also every line of the files that differs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def pending(project: Project, lines: bool, as_json: bool) -> None:
    """Show what is in force, what the files say and nobody has signed yet, who wrote it, and what changed before.

    Where policies count without signatures nothing waits; the changes of the files are told all the same.
    """
    with project.door() as door:
        told = door.get("/-/api/policies")
    if as_json:
        emit(told)
        return
    if told["trouble"]:
        say(told["trouble"], err=True)
    force = told["in_force"]
    if force is None:
        say("No policies are in force, so nothing is allowed.")
    else:
        by = f", signed by {force['by']} ({_plain(force['role'])}) at {force['at'][:16]}Z" if force["by"] else ""
        say(f"In force: {force['policies']} policies and prompts, set {force['set'][:12]}{by}.")
    if told["waiting"] is None:
        say("Nothing waits for a signature." if told["signed"] else "The files count without anybody's signature.")
    else:
        _show(told["waiting"], lines=lines)
    for change in told["changes"][:5]:
        by = f"signed by {change['by']}" if change["by"] else "noticed in the files"
        say(f"\n{change['at'][:16]}Z, {by}:")
        _tell(change["lines"], change["left_out"])


def sign_pending(ctx: click.Context, chosen: str, *, as_json: bool) -> None:
    """Show what waits, ask, and sign exactly that."""
    from presscheck.cli.step_up import post_proved

    project: Project = ctx.obj
    with project.door() as door, refusal_told(ctx, as_json=as_json):
        waiting = door.get("/-/api/policies")["waiting"]
        if waiting is None:
            raise _refusal("nothing-waits", "Nothing waits for a signature.")
        if chosen and (len(chosen) < _SHORTEST or not str(waiting["set"]).startswith(chosen)):
            told = f"What waits is set {waiting['set'][:12]}, not {chosen[:12]}; `policies pending` shows it."
            raise _refusal("stale", told)
        if not chosen:
            if as_json or not sys.stdin.isatty():
                raise click.UsageError("say which set you have read: --set DIGEST, as `policies pending` tells it")
            _show(waiting, lines=True)
            click.confirm("Put your name under this?", abort=True)
        told = post_proved(door, "/-/api/policies/signature", {"set": waiting["set"], "before": waiting["before"]})
    if as_json:
        emit(told)
    else:
        say(f"Signed set {told['set'][:12]}, as {_plain(told['role'])}. It is in force from now on.")


def _refusal(code: str, reason: str) -> "Refusal":
    from presscheck.cli.client import Refusal

    return Refusal(reason, {"accepted": False, "code": code, "reason": reason})


def _show(waiting: dict[str, Any], *, lines: bool) -> None:
    since = f", since {waiting['since'][:16]}Z" if waiting["since"] else ""
    say(f"Waits for a signature: set {waiting['set'][:12]}{since}.")
    _tell(waiting["lines"], 0)
    by = ", ".join(waiting["writers"])
    say(f"Written by {by}, as the history of the files says." if by else "Who wrote it is not known.")
    if waiting["unknown"]:
        say(f"No commit has what these files say now: {', '.join(waiting['unknown'])}.")
    if not waiting["whole"]:
        say("The history here does not reach back to what was signed before.")
    if waiting["why_not"]:
        say(waiting["why_not"])
    if lines and waiting["differing"]:
        say(clean_text(waiting["differing"]))


def _tell(lines: list[dict[str, str]], left_out: int) -> None:
    for line in lines:
        say(f"  {line['policy']}: {line['said']}{_weight(line)}")
    if left_out:
        say(f"  and {left_out} more")


def _plain(role: str) -> str:
    return role.replace("_", " ")


def _weight(line: dict[str, str]) -> str:
    return f" ({line['weight']})" if line["weight"] else ""

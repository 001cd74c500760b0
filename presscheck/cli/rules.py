"""`presscheck policies rules|sign|unsign`: whose name stands under the policies, and under rules without a person."""

from typing import Any
from urllib.parse import quote

import click

from presscheck.cli.output import emit, refusal_told, say, table
from presscheck.cli.policies_pending import sign_pending
from presscheck.cli.project import Project


@click.command(short_help="List the rules by which things go out without a person, and who signed them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def rules(project: Project, as_json: bool) -> None:
    """List the rules by which things go out without a person, and who signed them."""
    with project.door() as door:
        told = door.get("/-/api/rules")
    if as_json:
        emit(told)
        return
    if not told["rules"]:
        say("No rule lets anything out without a person.")
        return
    rows = [(one["rule"], one["version"][:12], one["share"], _signer(one)) for one in told["rules"]]
    table(("RULE", "VERSION", "PEOPLE LOOK AT", "SIGNED BY"), rows)


@click.command(short_help="Sign the change of the policies that waits, or a rule by which a share goes out.")
@click.argument("rule", metavar="[RULE]", default="")
@click.option("--set", "chosen", metavar="DIGEST", default="", help="Without RULE: the set, by `policies pending`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def sign(ctx: click.Context, rule: str, chosen: str, as_json: bool) -> None:
    """Sign the change of the policies that waits: it is shown first, and counts everywhere once you say yes.

    With RULE, such as approvals.spot-check, sign that rule in the version that is in force: what is asked from now on
    may go out by it; what waits already waits for its people. A change of the rule, or of your right, ends it.

    Both take a fresh proof of who you are.
    """

    if not rule:
        sign_pending(ctx, chosen, as_json=as_json)
        return
    if chosen:
        raise click.UsageError("--set goes without RULE: a rule is signed in the version that is in force")
    from presscheck.cli.step_up import post_proved

    project: Project = ctx.obj
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            told = post_proved(door, f"/-/api/rules/{quote(rule, safe='')}/signature", {})
    if as_json:
        emit(told)
    else:
        say(f"Signed {told['rule']} in version {told['version'][:12]}, as {str(told['role']).replace('_', ' ')}.")
        say(f"`presscheck policies unsign {told['rule']}` takes it back.")


@click.command(short_help="Take the signature under a rule back: every single one is asked about again.")
@click.argument("rule", metavar="RULE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def unsign(ctx: click.Context, rule: str, as_json: bool) -> None:
    """Take the signature under RULE back; what went out by it and waits for the press is held."""

    project: Project = ctx.obj
    with project.door() as door:
        with refusal_told(ctx, as_json=as_json):
            told = door.post(f"/-/api/rules/{quote(rule, safe='')}/signature/end", {})
    if as_json:
        emit(told)
    else:
        say(f"Nobody's name stands under {told['rule']} any more; every single one is asked about.")


def _signer(one: dict[str, Any]) -> str:
    by: dict[str, str] | None = one["signed_by"]
    return "nobody: people look at every one" if by is None else f"{by['name']} ({by['role'].replace('_', ' ')})"

"""`presscheck new`: a flow, a step, a kind, a gate, a guardrail or an expectation, each with a test that passes."""

from datetime import UTC, datetime

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.documents.sentences import did_you_mean, listed


@click.command(short_help="Add a flow, step, kind, gate, guardrail or expectation, with a test that passes.")
@click.argument("what", metavar="flow|step|kind|gate|guardrail|expectation")
@click.argument("name")
@click.option("--author", default="you@example.com", show_default=True, help="Whoever writes a flow's brief.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def new(ctx: click.Context, what: str, name: str, author: str, as_json: bool) -> None:
    """Add one to the project under NAME, such as collect-subjects. Nothing is written over.

    \b
    flow       a campaign with its brief, its segment, invented data of its own, and tests of its gate
    step       a step that is kept in the ledger, and a test that a wake does not make it again
    kind       something that people sign, who answers it, and tests of a yes and a no
    gate       who answers at a gate of this name, with cases
    guardrail  what texts may not do, with cases
    expectation  what rows have to be, with cases
    """
    from presscheck.starter.adding import WHATS, What, add

    wanted: What | None = next((one for one in WHATS if one == what), None)
    if wanted is None:
        said = did_you_mean(what, WHATS, f"write {listed(WHATS, 'or')}")
        raise click.BadParameter(f"{what[:40]!r} is nothing that can be added; {said}", ctx, param_hint="WHAT")
    project: Project = ctx.obj
    settings = project.settings
    added = add(
        settings.project,
        wanted,
        name,
        author=author,
        data=settings.data,
        policies=settings.policies.folder or settings.project / "policies",
        as_of=datetime.now(UTC).date(),
    )
    if as_json:
        emit({"what": what, "name": name, "files": list(added.files), "test": added.test, "next": added.then})
        return
    for file in added.files:
        say(f"  {file}")
    say("")
    say(f"Next: {added.then}")
    say(f"      pytest {added.test}")
    say("      presscheck check")

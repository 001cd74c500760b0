"""`presscheck webhook`: try whether another system takes what it is told, and go on telling one that was gone."""

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError


@click.group(short_help="Try whether another system takes what it is told.")
def webhook() -> None:
    """Webhooks: other systems that are told what happened (`[webhooks.NAME]` in presscheck.toml)."""


@webhook.command("test", short_help="Post one message that says it is a trial.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def test_(ctx: click.Context, name: str, as_json: bool) -> None:
    """Post a signed message to NAME that says it is a trial; exit 1 if it was not taken. Nothing is recorded."""
    from presscheck.ledger.store import utc_now
    from presscheck.webhooks import try_webhook

    project: Project = ctx.obj
    settings = project.settings
    _known(name, project)
    code = try_webhook(name, settings, now=utc_now())
    if as_json:
        emit({"webhook": name, "taken": code is None, "code": code})
    else:
        say(f"{name}: {'taken' if code is None else f'not taken ({code}); docs/webhooks.md has every code'}")
    ctx.exit(0 if code is None else 1)


@webhook.command("resume", short_help="Go on telling a system that had said that it is gone.")
@click.argument("name")
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    """Go on telling NAME, which had answered 410, at the same address: from the first message that it did not take."""
    from presscheck.webhooks import record_resumed

    project: Project = ctx.obj
    _known(name, project)
    with project.ledger("worker") as ledger:
        record_resumed(ledger, name)
    say(f"{name}: is told again from the next run of escalate-reviews on")


def _known(name: str, project: Project) -> None:
    if name not in project.settings.webhooks:
        known = ", ".join(project.settings.webhooks) or "none yet; docs/webhooks.md shows how to set one"
        raise InputError([Fault("NAME", None, "", f"[webhooks] names no {name[:40]}; it names: {known}")])

"""`presscheck webhook`: try whether another system takes what it is told."""

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
    if name not in settings.webhooks:
        known = ", ".join(settings.webhooks) or "none yet; docs/webhooks.md shows how to set one"
        raise InputError([Fault("NAME", None, "", f"[webhooks] names no {name[:40]}; it names: {known}")])
    code = try_webhook(name, settings, now=utc_now())
    if as_json:
        emit({"webhook": name, "taken": code is None, "code": code})
    else:
        say(f"{name}: {'taken' if code is None else f'not taken ({code}); docs/webhooks.md has every code'}")
    ctx.exit(0 if code is None else 1)

"""`presscheck notices`: choose what one is told, and try whether whoever is to be told really is."""

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.cli.told import mine
from presscheck.errors import Fault, InputError, PresscheckError


@click.group(short_help="Choose what you are told, and try whether people are.")
def notices() -> None:
    """Notices: who is told that a question waits (`[notices]` in presscheck.toml)."""


@notices.command("try", short_help="Send one notice to a role, to the owner, or to all that the settings name.")
@click.argument("role", required=False)
@click.option(
    "--to", "address", metavar="ADDRESS", default=None, help="Mail it to one person by notices-email instead."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def try_it(ctx: click.Context, role: str | None, address: str | None, as_json: bool) -> None:
    """Send a notice that says it is a trial; exit 1 if one did not get out. Nothing is recorded."""
    from presscheck.notices import NotSent, Words, send, told_roles, way_to_address, way_to_role

    project: Project = ctx.obj
    settings = project.settings
    if role is not None and address is not None:
        raise click.UsageError("name a role or --to, one of the two")
    known = told_roles(settings.notices)
    if role is not None and role not in known:
        raise InputError([Fault("ROLE", None, "", f"[notices] names no {role[:40]}; it names: {_listed(known)}")])
    wanted = [address] if address is not None else [role] if role is not None else list(known)
    if not wanted:
        raise InputError([Fault("[notices]", None, "", "tells nobody yet; docs/escalation.md shows how to name who")])
    words = Words(
        "Presscheck: a trial",
        "This notice was sent to try whether it arrives. Nothing waits for you.\n\n"
        f"The inbox: {settings.door_url}/inbox",
    )
    became: dict[str, str] = {}
    for one in wanted:
        try:
            send(way_to_address(one, settings) if address is not None else way_to_role(one, settings), words)
        except NotSent as failed:
            became[one] = failed.code
        except PresscheckError as error:
            # A secret that lies open is told with its file; the others are still tried.
            became[one] = str(error)
        else:
            became[one] = "sent"
    if as_json:
        emit({"sent": [one for one in wanted if became[one] == "sent"], "notices": became})
    else:
        for one in wanted:
            say(f"{one}: {became[one] if became[one] == 'sent' else f'not sent ({became[one]})'}")
    ctx.exit(0 if set(became.values()) == {"sent"} else 1)


notices.add_command(mine)


def _listed(known: dict[str, str]) -> str:
    return ", ".join(known) or "nobody"

"""The root command: finds each command's module only when it is called, and turns errors into exit codes.

The table below is all that `presscheck --help` needs; a test holds it against the commands' own help.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

import click

from presscheck import __version__
from presscheck.cli.failing import exit_code_for, quiet_end_of_pipe
from presscheck.cli.project import Project

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up:up", "Run everything on this machine: server, door, worker, press, schedules."),
    "demo": ("demo:demo", "Set up a fictional brand, run its campaign and wait for you to sign it."),
    "init": ("init:init", "Make a campaign project of your own: a campaign, policies, and tests that run its gates."),
    "new": ("new:new", "Add a flow, step, kind, gate, guardrail or expectation, with a test that passes."),
    "dev": ("dev:dev", "Play a campaign on a stage of its own, seconds after each save: you are its people."),
    "run": ("run:run", "Start a campaign through the door, as the signed-in person."),
    "login": ("login:login", "Sign in at the door, for the commands that act as a person."),
    "logout": ("login:logout", "End the session at the door and forget it here."),
    "reviews": ("reviews:reviews", "List what waits for an answer: for whom, since when, until when."),
    "review": ("reviews:review", "Show one review: the question, the words, the findings, who may decide and why."),
    "comment": ("comments:comment", "Comment on a review, or on words of a draft; it decides nothing."),
    "decide": ("decide:decide", "Answer a review: approve, reject or request changes."),
    "people": ("people:people", "Propose, confirm, enrol, list and revoke people."),
    "pause": ("pause:pause", "Stop a campaign's deliveries, or all of them, at once."),
    "glass": ("glass:glass", "In an emergency: let something out past those who have to approve it, by two people."),
    "unpause": ("pause:unpause", "Let a paused campaign go on."),
    "recall": ("recall:recall", "Take a delivery back, as far as that goes, and list the rest."),
    "retry": ("retry:retry", "Try those again whom a mail server put off until they were given up."),
    "image": ("assets:image", "Add a picture that briefs may name, or list them."),
    "versions": ("assets:versions", "List the versions of a text or a picture, oldest first."),
    "revert": ("assets:revert", "Bring an older version of a text or a picture back."),
    "check": ("check:check", "Check the whole project, or put the texts of a file through the guardrails."),
    "screen": ("screen:screen", "Put rows to a suite of expectations: who passes, and who breaks which rule."),
    "quarantine": ("quarantine:quarantine", "Show rows that read like orders to a machine, and let one in."),
    "model": ("model:model", "Try the language model that the settings name."),
    "library": (
        "library:library",
        "List approved models, tools and prompts, who uses them, and what was refused lately.",
    ),
    "map": ("map:map_", "Draw a campaign's workflow, its risks and gates, and say what no gate guards."),
    "policies": ("policies:policies", "Check the policies, and say who may do what."),
    "feedback": ("feedback:feedback", "Show what came back of deliveries, or read in mails that did."),
    "suppress": ("suppress:suppress", "Add addresses that must never be written to again."),
    "unsuppress": ("unsuppress:unsuppress", "Write again to an address that bounced; takes two people."),
    "history": ("history:history", "Tell the ledger's story: who, what, when; and verify it."),
    "backup": ("backup:backup", "Copy ledger, heads and files into a folder, while everything runs; verified."),
    "restore": ("backup:restore", "Put a backup back, say what is lost, and let nothing out until two people sign."),
    "gap": ("gap:gap", "Show what the ledger lacks since a copy was put back, and sign it."),
    "db": ("db:db", "Make the ledger's database and its roles, bring it up to date, move it to PostgreSQL."),
    "unknown": ("settle:unknown", "List messages of which nobody knows whether they were sent."),
    "settle": ("settle:settle", "Settle unknown messages by the mail server's log."),
    "mail": ("mail:mail", "What to publish so that receivers believe your mail."),
    "figures": ("figures:figures", "Show velocity, cost and revisions, beside the figures from before."),
    "baseline": ("baseline:baseline", "Import, show and remove the figures from before."),
    "minutes": ("minutes:minutes", "State minutes of your own work on a campaign run."),
    "notices": ("notices:notices", "Choose what you are told, and try whether people are."),
    "webhook": ("webhook:webhook", "Try whether another system takes what it is told."),
    "doctor": ("doctor:doctor", "Say what is configured, what is missing and how to mend it."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and whose errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place[0].partition(":")
        found = getattr(importlib.import_module(f"presscheck.cli.{module}"), name)
        return cast(click.Command, found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        with quiet_end_of_pipe():
            return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        """Run, and exit 0 done, 1 refused or failing findings, 2 wrong usage or bad input, 3 something broke."""
        typed = list(sys.argv[1:] if args is None else args)
        project = Project()
        options["standalone_mode"] = False
        try:
            ended = super().main(typed, *rest, obj=project, **options)
        except Exception as error:  # noqa: BLE001 - the last line of defence; it is told and kept, not swallowed.
            sys.exit(exit_code_for(error, typed, project))
        # Click hands back the code of ctx.exit() here, and None where a command simply returned.
        sys.exit(ended if isinstance(ended, int) else 0)


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 refused or failing findings, 2 wrong usage or bad input, 3 something broke.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The project's folder (flows, policies, presscheck.toml). Default: PRESSCHECK_PROJECT or here.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error that Presscheck did not expect.")
@click.version_option(__version__, prog_name="presscheck")
@click.pass_context
def presscheck(ctx: click.Context, project: Path | None, debug: bool) -> None:
    """Nothing that a machine made reaches the public until the right person signed exactly that."""
    ctx.obj.folder, ctx.obj.debug = project, debug

"""`presscheck init`: a campaign project of one's own, on the installed package."""

from datetime import UTC, datetime
from pathlib import Path

import click

from presscheck.cli.output import emit, say


@click.command(short_help="Make a campaign project of your own: a campaign, policies, and tests that run its gates.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--campaign", default="first-campaign", show_default=True, help="What the campaign is called.")
@click.option("--author", default="you@example.com", show_default=True, help="Your address; authors never approve.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def init(folder: Path, campaign: str, author: str, as_json: bool) -> None:
    """Write a project into DIR, which must be empty or not there. Nothing is written over.

    The campaign in it runs as it is, on data and a product that are invented; docs/first-campaign.md
    walks through it.
    """
    from presscheck.starter import make_project

    made = make_project(folder, campaign=campaign, author=author, as_of=datetime.now(UTC).date())
    if as_json:
        emit({"folder": str(made.folder), "campaign": made.campaign, "files": list(made.files)})
        return
    for name in made.files:
        say(f"  {made.folder / name}")
    say("")
    say(f"Next: cd {made.folder}")
    say("      presscheck check               all that you write: policies, flows, briefs, segments")
    say("      pytest                         the gates of the campaign, offline (pip install 'presscheck[test]')")
    say("      presscheck up                  run it; says where to enrol and where to sign in")

"""`presscheck unsuppress`: what bounced may be written to again, if two people say so."""

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project


@click.command(short_help="Write again to an address that bounced; takes two people.")
@click.argument("address", metavar="ADDRESS|DELIVERY")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def unsuppress(project: Project, address: str, as_json: bool) -> None:
    """Say that ADDRESS, or all that bounced of DELIVERY, may be written to again.

    It may be once a second person has said the same within 72 hours. Both administer or decide, and both stand on
    record. Only what bounced comes back: never somebody who left or complained, and never an address that was put on
    the list by hand.
    """
    with project.door() as door:
        told = door.post("/-/api/suppressions/lift", {"lift": address})
    if as_json:
        emit(told)
    elif told["lifted"]:
        say(f"{address} may be written to again: {told['by']} and {told['confirmed_by']} said so.")
    else:
        say(f"Noted. Nothing has changed yet; until {told['expires_at']} another person has to say the same:")
        say(f"  presscheck unsuppress {address}")

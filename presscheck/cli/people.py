"""`presscheck people`: propose, confirm, enrol, list and revoke, through the door and with its rights."""

import sys
from typing import Any
from urllib.parse import quote

import click

from presscheck.cli.absence import COMMANDS, person_at
from presscheck.cli.granting import WithRoles, day, grants_of, rights
from presscheck.cli.output import emit, on_terminal, say, table
from presscheck.cli.project import Project

_TRIES = 5


@click.group(short_help="Propose, confirm, enrol, list and revoke people.")
def people() -> None:
    """Propose, confirm, enrol, list and revoke people.

    Administrators propose, change and revoke. From the first approver on, enrolling or promoting somebody
    takes a second person, who confirms: another administrator or, where there is none, anybody who decides.
    """


@people.command(cls=WithRoles, short_help="Invite somebody: gives a one-time code for them to enrol with.")
@click.argument("email")
@click.option("--name", required=True, help="What others will see.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE[:US,DE]", help="May be given again.")
@click.option("--from", "begins", metavar="DAY", callback=day, help="The roles' first day (UTC). Default: at once.")
@click.option("--until", "ends", metavar="DAY", callback=day, help="Their last day (UTC), included. Default: none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def add(
    project: Project,
    email: str,
    name: str,
    roles: tuple[str, ...],
    begins: str | None,
    ends: str | None,
    as_json: bool,
) -> None:
    """Invite EMAIL. Their one-time code is shown once; they set password and authenticator themselves.

    From the first approver on this proposes them: you get one half of the code, and whoever confirms gets
    the other.

    A role holds in all markets unless some are named, and always unless days are given, for all roles or for one:
    --role author --role brand_lead:DE,AT@2026-12-01..2027-01-31.
    """
    with project.door() as door:
        told = door.post("/-/api/people", {"email": email, "name": name, "grants": grants_of(roles, begins, ends)})
    if as_json:
        emit(told)
        return
    for doubt in told["name_doubts"]:
        say(f"{name}: {doubt}", err=True)
    if told["proposal"]:
        say(f"{name} is proposed. Give them your half of the code yourself; it is not shown again:")
        say(f"  {told['code']}")
        say(f"A second person confirms it until {told['expires_at']}, and gives them the other half:")
        say(f"  presscheck people confirm {told['proposal']}")
        return
    say(f"{name} is invited. Give them this code, good until {told['expires_at']}; it is not shown again:")
    say(f"  {told['code']}")
    say(f"They enrol at {told['url']} or with `presscheck people enrol`.")


people.add_command(add, "propose")
for command in COMMANDS:
    people.add_command(command)


@people.command("proposals", short_help="List what waits for a second person.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_proposals(project: Project, as_json: bool) -> None:
    """List who is proposed for what, by whom, until when, and who may confirm it."""
    with project.door() as door:
        told = door.get("/-/api/proposals")
    if as_json:
        emit(told)
        return
    rows = [
        (
            one["proposal"],
            "enrol" if one["purpose"] == "enrol" else "change",
            f"{one['name']} <{one['email']}>",
            f"{rights(one['before'])} -> {rights(one['grants'])}" if one["before"] else rights(one["grants"]),
            one["by_name"],
            one["expires_at"],
            "you" if one["may_confirm"] else ", ".join(one["confirmers"]),
        )
        for one in told["proposals"]
    ]
    table(("PROPOSAL", "WHAT", "WHO", "RIGHTS", "PROPOSED BY", "UNTIL", "MAY CONFIRM"), rows)
    for one in told["proposals"]:
        for doubt in one["name_doubts"]:
            say(f"{one['proposal']}, {one['name']}: {doubt}")


@people.command(short_help="Confirm a proposal as the second person.")
@click.argument("proposal")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def confirm(project: Project, proposal: str, as_json: bool) -> None:
    """Confirm PROPOSAL (`presscheck people proposals` lists them). A promotion holds at once; for somebody who
    enrols you get the other half of their code, which you give them yourself."""
    with project.door() as door:
        told = door.post(f"/-/api/proposals/{quote(proposal, safe='')}/confirm")
    if as_json:
        emit(told)
    elif told["code"]:
        say(f"Confirmed. Give {told['name']} your half of the code yourself, and nobody else; it is not shown again:")
        say(f"  {told['code']}")
        say(f"With both halves they enrol at {told['url']} or with `presscheck people enrol`.")
    else:
        say("Confirmed. The rights hold now.")


@people.command(short_help="Decline a proposal, or take your own back.")
@click.argument("proposal")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def decline(project: Project, proposal: str, as_json: bool) -> None:
    """Decline PROPOSAL, or take your own back; this takes one person."""
    with project.door() as door:
        door.post(f"/-/api/proposals/{quote(proposal, safe='')}/decline")
    if as_json:
        emit({"proposal": proposal, "declined": True})
    else:
        say("Declined. Nothing was changed.")


@people.command(short_help="Enrol with a one-time code: set your password and your authenticator.")
@click.option("--code", help="The one-time code that you were given. Default: asked for.")
@click.option("--email", default="", help="Your address; only the first administrator is asked for it.")
@click.option("--name", default="", help="Your name; only the first administrator is asked for it.")
@click.pass_obj
def enrol(project: Project, code: str | None, email: str, name: str) -> None:
    """Enrol with a one-time code from an administrator, or from `presscheck up` as the first one."""
    from presscheck.cli.client import DoorClient, Refusal

    with DoorClient(project.settings.door_url) as door:
        invitation = code or click.prompt("One-time code (both halves, if two people gave you one each)", err=True)
        start = door.post("/-/api/enrol/begin", {"code": invitation, "email": email, "name": name})
        say(f"Enrolling {start['name']} <{start['email']}>. Add this to your authenticator:")
        _show_secret(start)
        for left in reversed(range(_TRIES)):
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
            number = click.prompt("The six digits that it shows", err=True)
            body = {"code": invitation, "sealed": start["sealed"], "password": password, "one_time_code": number}
            try:
                door.post("/-/api/enrol", {**body, "email": email, "name": name})
                break
            except Refusal as error:
                # The authenticator holds the secret by now: beginning anew would make it wrong.
                if not left or error.document.get("code") not in ("weak-password", "wrong-code"):
                    raise
                say(f"{error} Again:", err=True)
    say("Enrolled. Wait for the next six digits, then sign in with `presscheck login`.")


@people.command(short_help="Propose everybody anew whose code ended when somebody who decides enrolled.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def anew(project: Project, as_json: bool) -> None:
    """Propose everybody anew whose code holds no more, because somebody who decides has enrolled since.

    You get one half of each code, and whoever confirms gets the others.
    """
    with project.door() as door:
        told = door.post("/-/api/people/anew")
    if as_json:
        emit(told)
        return
    rows = [(one["name"], one.get("proposal", "-"), one.get("code", one.get("refused", ""))) for one in told["anew"]]
    table(("NAME", "PROPOSAL", "YOUR HALF OF THE CODE"), rows)


@people.command("list", short_help="List everybody who enrolled, with their rights.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_people(project: Project, as_json: bool) -> None:
    """List everybody who ever enrolled, with their rights now."""
    with project.door() as door:
        told = door.get("/-/api/people")
    if as_json:
        emit(told)
        return
    rows = [
        (one["person"], one["name"], one["email"], rights(one["grants"]) if one["active"] else "revoked", _away(one))
        for one in told["people"]
    ]
    table(("PERSON", "NAME", "EMAIL", "RIGHTS", "AWAY"), rows)


@people.command(cls=WithRoles, short_help="Give somebody other rights, in place of those they have.")
@click.argument("person", metavar="PERSON|EMAIL")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE[:US,DE]", help="May be given again.")
@click.option("--from", "begins", metavar="DAY", callback=day, help="The roles' first day (UTC). Default: at once.")
@click.option("--until", "ends", metavar="DAY", callback=day, help="Their last day (UTC), included. Default: none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def change(
    project: Project, person: str, roles: tuple[str, ...], begins: str | None, ends: str | None, as_json: bool
) -> None:
    """Give PERSON (an id or an address) these rights in place of those they have.

    Longer days are more rights. A role may have days of its own:
    --role author --role brand_lead:DE,AT@2026-12-01..2027-01-31.
    """
    grants = grants_of(roles, begins, ends)
    _act(project, person, "grants", {"grants": grants}, as_json=as_json, done="has other rights now")


@people.command(short_help="Take all rights from somebody and end their sessions.")
@click.argument("person", metavar="PERSON|EMAIL")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def revoke(project: Project, person: str, as_json: bool) -> None:
    """Take all rights from PERSON (an id or an address); what they approved and is not out yet is held."""
    _act(project, person, "revoke", {}, as_json=as_json, done="is revoked, and signed out everywhere")


def _act(project: Project, person: str, verb: str, body: dict[str, Any], *, as_json: bool, done: str) -> None:
    with project.door() as door:
        found = person_at(door, person)
        told: dict[str, Any] = door.post(f"/-/api/people/{quote(found, safe='')}/{verb}", body)
    if as_json:
        emit({"person": found, "done": told["done"], "proposal": told["proposal"]})
    elif told["proposal"]:
        say(f"This promotes {person}, so nothing has changed yet. A second person confirms it until "
            f"{told['expires_at']}:")  # fmt: skip
        say(f"  presscheck people confirm {told['proposal']}")
    else:
        say(f"{person} {done}.")


def _away(one: dict[str, Any]) -> str:
    if not one["absent"]:
        return ""
    return f"until {one['absent_until']}" if one["absent_until"] else "away"


def _show_secret(start: dict[str, Any]) -> None:
    if on_terminal():
        import segno

        segno.make(start["uri"]).terminal(out=sys.stdout, compact=True)
    say(f"  {start['secret']}")
    say(f"  {start['uri']}")

"""`presscheck people delegate | undelegate | delegations | absent | present`: before a holiday, and after it."""

from typing import Any
from urllib.parse import quote

import click

from presscheck.addresses import account_address
from presscheck.cli.client import DoorClient
from presscheck.cli.granting import WithRoles, day, rights, role_and_markets
from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project


@click.command(cls=WithRoles, short_help="Lend somebody your say at reviews for some days.")
@click.option("--to", required=True, metavar="ADDRESS", help="Who decides in your name: an address or an id.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE[:US,DE]", help="May be given again.")
@click.option("--from", "begins", metavar="DAY", callback=day, help="The first day (UTC). Default: today.")
@click.option("--until", "ends", metavar="DAY", required=True, callback=day, help="The last day (UTC), included.")
@click.option("--gates", metavar="GATE,GATE", help="Only at these gates, such as copy. Default: at every gate.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def delegate(
    project: Project, to: str, roles: tuple[str, ...], begins: str | None, ends: str, gates: str | None, as_json: bool
) -> None:
    """Lend somebody roles that you hold, for 30 days at most: without markets, in those in which you hold them.

    They decide in your name, and both of you count as one person. A role that decides goes only to somebody who
    decides already; what was delegated to you is not yours to pass on.
    """
    grants = [
        {"role": role, **({} if markets is None else {"markets": markets})}
        for role, markets in map(role_and_markets, roles)
    ]
    body: dict[str, Any] = {"to": to, "grants": grants, "ends": ends}
    if begins:
        body["begins"] = begins
    if gates is not None:
        body["gates"] = [gate.strip() for gate in gates.split(",")]
    with project.door() as door:
        told = door.post("/-/api/delegations", body)
    if as_json:
        emit(told)
        return
    say(f"Delegated to {to} from {told['begins']} until {told['ends']}. To end it earlier:")
    say(f"  presscheck people undelegate {told['delegation']}")


@click.command(short_help="End a delegation that you made, or that was made to you.")
@click.argument("delegation")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def undelegate(project: Project, delegation: str, as_json: bool) -> None:
    """End DELEGATION (`presscheck people delegations` lists them) now; an administrator may, too."""
    with project.door() as door:
        door.post(f"/-/api/delegations/{quote(delegation, safe='')}/end")
    if as_json:
        emit({"delegation": delegation, "ended": True})
    else:
        say("Ended. What was approved with it and has not gone out is held.")


@click.command("delegations", short_help="List delegations: yours or, for an administrator, all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_delegations(project: Project, as_json: bool) -> None:
    """List the delegations that are not over; administrators see everybody's."""
    with project.door() as door:
        told = door.get("/-/api/delegations")
    if as_json:
        emit(told)
        return
    rows = [
        (
            one["delegation"],
            one["by_name"],
            one["to_name"],
            rights(one["grants"]),
            "all" if one["gates"] == "all" else ", ".join(one["gates"]),
            f"{one['begins']} to {one['ends']}",
            rights(one["holds"]) or "nothing",
        )
        for one in told["delegations"]
    ]
    table(("DELEGATION", "BY", "TO", "ROLES", "GATES", "DAYS", "HOLDS NOW"), rows)


@click.command(short_help="Say that you are away, or, as an administrator, that somebody is.")
@click.argument("person", metavar="[PERSON|EMAIL]", required=False)
@click.option("--until", metavar="DAY", callback=day, help="The last day (UTC), included. Default: until you are back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def absent(project: Project, person: str | None, until: str | None, as_json: bool) -> None:
    """Say that you are away: you are not asked and cannot decide until you are back. What you approved before
    stands."""
    _say(project, person, "absent", {"until": until} if until else {}, as_json=as_json)
    if not as_json:
        say(f"{person or 'You'} {'is' if person else 'are'} away {f'until {until}' if until else 'from now on'}.")


@click.command(short_help="Say that you are back, or, as an administrator, that somebody is.")
@click.argument("person", metavar="[PERSON|EMAIL]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def present(project: Project, person: str | None, as_json: bool) -> None:
    """Say that you are back: you are asked again and may decide."""
    _say(project, person, "present", {}, as_json=as_json)
    if not as_json:
        say(f"{person or 'You'} {'is' if person else 'are'} back.")


@click.command("roles", short_help="List the roles, and what each is.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_roles(as_json: bool) -> None:
    """List the roles that people may hold, and what each is. What each may do stands in the policies."""
    from presscheck.people.role_words import ROLE_WORDS

    if as_json:
        emit({"roles": [{"role": role, "what": what} for role, what in ROLE_WORDS.items()]})
    else:
        table(("ROLE", "WHAT IT IS"), list(ROLE_WORDS.items()))


COMMANDS = (delegate, undelegate, list_delegations, absent, present, list_roles)


def _say(project: Project, person: str | None, what: str, body: dict[str, Any], *, as_json: bool) -> None:
    with project.door() as door:
        whose = "me" if person is None else person_at(door, person)
        door.post(f"/-/api/people/{quote(whose, safe='')}/{what}", body)
    if as_json:
        emit({"person": whose, what: True, **({"until": body["until"]} if "until" in body else {})})


def person_at(door: DoorClient, person: str) -> str:
    """The id of whoever has this address, for an administrator; an id is itself."""
    if "@" not in person:
        return person
    listed: list[dict[str, Any]] = door.get("/-/api/people")["people"]
    wanted = account_address(person)
    ids = [one["person"] for one in listed if account_address(one["email"]) == wanted and one["active"]]
    if not ids:
        raise click.BadParameter(f"nobody here has the address {person}", param_hint="PERSON")
    return str(ids[0])

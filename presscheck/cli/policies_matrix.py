"""`presscheck policies matrix` and `presscheck policies explain`: who may do what, and who may decide this one."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project

if TYPE_CHECKING:
    from policies.engine.rights_matrix import Cell


@click.command(short_help="The effective table of roles by actions, with limits.")
@click.option("--folder", type=click.Path(path_type=Path), help="A folder instead of the shipped policies.")
@click.option("--role", help="Only this role, such as brand_lead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def matrix(project: Project, folder: Path | None, role: str | None, as_json: bool) -> None:
    """Print what each role may do and up to where, worked out by asking the rights as they are now.

    Limits are told one by one; `presscheck policies explain REVIEW` asks about one question exactly.
    """
    from policies import load_policies
    from policies.engine.rights_matrix import lines_of, matrix_of
    from presscheck.models import ROLES

    if role is not None and role not in ROLES:
        raise click.BadParameter(f"there is no role {role}; there are {', '.join(ROLES)}", param_hint="--role")
    rights = load_policies(folder, None if folder else project.settings.policies.folder).rights
    roles = ROLES if role is None else (role,)
    cells = matrix_of(rights, roles)
    if as_json:
        emit({"policies": rights.versions, "matrix": [_as_json(cell) for cell in cells]})
        return
    rows = [(_words(line.role), _actions(line.actions), "; ".join(line.limits) or "-") for line in lines_of(cells)]
    table(("ROLE", "MAY", "LIMITS"), rows)
    able = {cell.role for cell in cells if cell.allowed}
    nothing = [_words(one) for one in roles if one not in able]
    if nothing:
        say(f"May do none of these: {', '.join(nothing)}.")
    say(f"{len(rights.rights)} policies, version {rights.digest[:12]}. What no policy permits is refused.")


@click.command(short_help="Who may decide a review, who may not, and which rule says so.")
@click.argument("review_id", metavar="REVIEW")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def explain(project: Project, review_id: str, as_json: bool) -> None:
    """Say for everybody, in each of their roles, whether they may decide REVIEW now, and by which rule."""
    with project.door() as door:
        told: dict[str, Any] = door.get(f"/-/api/reviews/{quote(review_id, safe='')}/rights")
    if as_json:
        emit(told)
        return
    say(f"Review {told['review']}: gate {told['gate']}, round {told['round']}{'' if told['open'] else ', decided'}")
    people: list[dict[str, Any]] = told["people"]
    for may, heading in ((True, "May decide"), (False, "May not")):
        say()
        say(f"{heading}:")
        some = [one for one in people if one["may"] is may]
        for one in some:
            rule = f" ({one['rule']})" if one["rule"] else ""
            say(f"  {one['name']}, {_words(one['role'])}: {one['why']}{rule}")
        if not some:
            say("  nobody")
    if told["others"]:
        say(f"  and {told['others']} more, whom only those who decide and administrators see")


def _as_json(cell: "Cell") -> dict[str, Any]:
    return {
        "role": cell.role,
        "action": cell.action,
        "allowed": cell.allowed,
        "limits": list(cell.limits),
        "rule": cell.rule,
    }


def _actions(actions: tuple[str, ...]) -> str:
    """`approve copy, image, plan; publish`: what is approved is listed once."""
    approved = [_words(one.removeprefix("approve_")) for one in actions if one.startswith("approve_")]
    others = [_words(one) for one in actions if not one.startswith("approve_")]
    return "; ".join([*([f"approve {', '.join(approved)}"] if approved else []), *others])


def _words(name: str) -> str:
    return name.replace("_", " ")

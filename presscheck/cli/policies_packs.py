"""`presscheck policies packs`: what is on, what is off, and what of it is weaker than it ships."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from policies import Change, PolicySet
    from policies.engine.packs import PackInForce


@click.command(short_help="List the packs of guardrails, and what differs from what ships.")
@click.argument("name", metavar="[PACK]", default="")
@click.option("--folder", type=click.Path(path_type=Path), help="A folder instead of the shipped policies.")
@click.option("--page", is_flag=True, help="Print every rule as the Markdown of docs/guardrails.md.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def packs(project: Project, name: str, folder: Path | None, page: bool, as_json: bool) -> None:
    """List every pack: its version, owner, rules and parameters, on or off; then each rule that is not as it ships.

    With PACK, its rules: id, level, title, the languages that they know, and from and until when they hold.
    """
    from policies import load_policies
    from presscheck.handbook.packs_page import guardrails_page

    if page and (name or as_json):
        raise click.UsageError("--page prints every pack, as Markdown; leave out PACK and --json")
    policies = load_policies(folder, None if folder else project.settings.policies.folder)
    if page:
        say(guardrails_page(policies).removesuffix("\n"))
        return
    known = {pack.pack.pack: pack for pack in policies.packs}
    if name and name not in known:
        raise click.BadParameter(f"there is no pack {name}; there are {', '.join(known)}", param_hint="PACK")
    shown = [known[name]] if name else [*policies.packs]
    different = _different(policies, shown if name else None)
    if as_json:
        emit(_as_json(policies, shown, different))
    elif name:
        _tell_pack(policies, shown[0], different)
    else:
        _tell_all(policies, shown, different)


def _different(policies: "PolicySet", packs: "list[PackInForce] | None") -> "list[Change]":
    """What differs of these packs' rules, the weaker first; of all rules without packs."""
    from policies import differences

    ids = None if packs is None else {id_ for pack in packs for id_ in pack.ids}
    found = [one for one in differences(policies) if ids is None or one.policy in ids]
    return sorted(found, key=lambda one: ("weaker", "", "stricter").index(one.weight))


def _rules(policies: "PolicySet", pack: "PackInForce") -> Iterator[dict[str, Any]]:
    """What is listed of each of its rules."""
    from presscheck.handbook.packs_page import rules_of

    for rule in rules_of(policies, pack):
        days = {one: None if rule.get(one) is None else str(rule[one]) for one in ("from", "until")}
        said = {one: rule.get(one) for one in ("id", "level", "title")}
        yield {**said, "languages": rule.get("languages", "all"), **days}


def _as_json(policies: "PolicySet", shown: "list[PackInForce]", different: "list[Change]") -> dict[str, Any]:
    in_packs = {id_ for pack in policies.packs for id_ in pack.ids}
    return {
        "policies": policies.digest,
        "packs": [
            {
                "pack": pack.pack.pack,
                "version": pack.pack.version,
                "title": pack.pack.title,
                "owner": pack.pack.owner,
                "on": pack.on,
                "own": pack.own,
                "parameters": {
                    one: {"value": value, "default": pack.default(one), "what": pack.pack.parameters[one].what}
                    for one, value in pack.values.items()
                },
                "rules": [*_rules(policies, pack)],
            }
            for pack in shown
        ],
        "without_pack": [rule.id for rule in policies.guardrails if rule.id not in in_packs],
        "differences": [
            {
                "rule": one.policy,
                "said": one.said,
                "weight": one.weight or "changed",
                "owner": one.owner,
                "why": one.why,
            }
            for one in different
        ],
    }


def _tell_all(policies: "PolicySet", shown: "list[PackInForce]", different: "list[Change]") -> None:
    rows = [
        (pack.pack.pack, pack.pack.version, "on" if pack.on else "off", "own" if pack.own else "shipped",
         str(len(pack.written)), pack.pack.owner, pack.pack.title)
        for pack in shown
    ]  # fmt: skip
    table(("PACK", "VERSION", "STATE", "FROM", "RULES", "OWNER", "TITLE"), rows)
    for pack in shown:
        for line in _parameters(pack):
            say(f"{pack.pack.pack}: {line}")
    in_packs = {id_ for pack in policies.packs for id_ in pack.ids}
    alone = [rule.id for rule in policies.guardrails if rule.id not in in_packs]
    if alone:
        say(f"In no pack: {', '.join(alone)}.")
    say(f"{counted(len(policies.guardrails), 'rule')} in force.")
    _tell_different(different)


def _tell_pack(policies: "PolicySet", pack: "PackInForce", different: "list[Change]") -> None:
    about = pack.pack
    state = ("on" if pack.on else "off") + (", the project's own" if pack.own else "")
    say(f"{about.pack} {about.version}, {state}: {about.title}")
    say(f"{about.why} Source: {about.source.name}, {about.source.date}. Owner: {about.owner}.")
    for line in _parameters(pack):
        say(line)
    rows = [
        (
            str(rule["id"]),
            str(rule["level"]),
            "all" if rule["languages"] == "all" else " ".join(rule["languages"]),
            rule["from"] or "-",
            rule["until"] or "-",
            str(rule["title"]),
        )
        for rule in _rules(policies, pack)
    ]
    table(("RULE", "LEVEL", "LANGUAGES", "FROM", "UNTIL", "TITLE"), rows)
    _tell_different(different)


def _parameters(pack: "PackInForce") -> Iterator[str]:
    for name, value in pack.values.items():
        shipped = "" if value == pack.default(name) else f" (shipped: {pack.default(name) or 'none'})"
        yield f"{name} = {value or 'none'}{shipped}: {pack.pack.parameters[name].what}"


def _tell_different(different: "list[Change]") -> None:
    if not different:
        say("Every rule that ships is as it ships.")
        return
    say("Other than it ships:")
    for one in different:
        why = f" {one.owner}: {one.why}" if one.why else ""
        say(f"  {one.weight or 'changed'}: {one.policy}: {one.said}.{why}")

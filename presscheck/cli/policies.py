"""`presscheck policies`: whether the policies load and their cases hold, and schemas for editors."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from presscheck.cli.handbook import handbook
from presscheck.cli.output import emit, say, table
from presscheck.cli.policies_import import import_
from presscheck.cli.policies_matrix import explain, matrix
from presscheck.cli.policies_migrate import migrate
from presscheck.cli.policies_packs import packs
from presscheck.cli.policies_pending import pending
from presscheck.cli.project import Project
from presscheck.cli.rules import rules, sign, unsign
from presscheck.documents.sentences import counted


@click.group(short_help="Check the policies, and say who may do what.")
def policies() -> None:
    """Check the policies, say who may do what, or write their schemas for editors."""


policies.add_command(import_)
policies.add_command(matrix)
policies.add_command(pending)
policies.add_command(rules)
policies.add_command(sign)
policies.add_command(unsign)
policies.add_command(handbook)
policies.add_command(explain)
policies.add_command(packs)
policies.add_command(migrate)


@policies.command(short_help="Load every policy and run every case.")
@click.option("--folder", type=click.Path(path_type=Path), help="A folder instead of the shipped policies.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(ctx: click.Context, folder: Path | None, as_json: bool) -> None:
    """Load the shipped policies with the project's own on top and run every case; all faults at once.

    Exits 2 where a policy does not load or a case does not hold, because nothing may go out then, and 1 where two
    policies would decide the same, so that nobody may approve there, or guardrails contradict or shadow each other.
    """
    from policies import check_policies
    from presscheck.ledger.store import utc_now

    project: Project = ctx.obj
    overlay = None if folder else project.settings.policies.folder
    report = check_policies(folder, overlay, on=utc_now().date())
    if as_json:
        faults = [asdict(fault) for fault in report.faults]
        emit(
            {"holds": report.holds, **report.counts, "digest": report.digest, "policies": dict(report.versions)}
            | ({"faults": faults, "overlaps": list(report.overlaps)})
        )
    else:
        for fault in report.faults:
            say(str(fault), err=True)
        for overlap in report.overlaps:
            say(f"Overlap: {overlap}.", err=True)
        if report.versions:
            table(("POLICY", "VERSION"), [(name, version[:12]) for name, version in report.versions.items()])
        many = report.counts
        say(
            f"{many['guardrails']} guardrails, {many['approvals']} approval policies, "
            f"{many['deliveries']} delivery policies, {many['tiers']} tier tables, {many['calendars']} calendars, "
            f"{many['campaigns']} campaign policies, {many['usage']} usage policies, {many['rights']} rights, "
            f"{many['prompts']} prompts; "
            + (
                f"all {many['cases']} cases hold."
                if report.holds
                else f"{counted(len(report.faults), 'fault')}: nothing may go out."
            )
        )
    ctx.exit(2 if not report.holds else 1 if report.overlaps else 0)


@policies.command(short_help="Write JSON Schemas of briefs and policies, for editors that complete and check YAML.")
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write NAME.schema.json files there.")
def schema(name: str | None, out: Path | None) -> None:
    """Print the JSON Schema of NAME (brief, guardrail, approval, tiers, calendar, ...), or of all as one document."""
    from policies import schemas

    found = schemas()
    if name is not None and name not in found:
        raise click.BadParameter(f"there is no schema {name}; there are {', '.join(found)}", param_hint="NAME")
    chosen = found if name is None else {name: found[name]}
    if out is None:
        emit(chosen if name is None else chosen[name])
        return
    out.mkdir(parents=True, exist_ok=True)
    for title, content in chosen.items():
        path = out / f"{title}.schema.json"
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
        say(str(path))

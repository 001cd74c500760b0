"""`presscheck policies handbook`: the policies and the workflows as a site that the whole team can read."""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError

if TYPE_CHECKING:
    from presscheck.handbook.chart import FlowChart

__all__ = ["handbook"]

_MARK = ".presscheck-handbook"


@click.command(short_help="Write who reviews what, by which criteria, until when, as a site without a network.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def handbook(project: Project, out: Path, as_json: bool) -> None:
    """Write the handbook into OUT: reviews, tiers, guardrails, roles and rights, and each campaign's workflow.

    OUT must be new, empty, or a handbook of before, which is replaced. Flow files are run to draw them (`presscheck
    map`); one that does not load is told and left out.
    """
    from policies import load_policies
    from policies.rights_matrix import matrix_of
    from presscheck.cli.flow_files import flow_files, load_flows
    from presscheck.handbook.pages import pages
    from presscheck.ledger.store import utc_now
    from tasks.mapping import map_flow

    policies = load_policies(overlay=project.settings.policies)
    charts: list[FlowChart] = []
    without: list[str] = []
    for path in flow_files(project.settings):
        try:
            charts += [map_flow(flow, policies) for flow in load_flows(path)]
        except InputError as fault:
            without.append(str(fault))
    day = f"{utc_now():%-d %B %Y}"
    made = pages(policies, charts=charts, cells=matrix_of(policies.rights), made=day)
    _write(out, made)
    if as_json:
        emit({"folder": str(out), "pages": sorted(made), "policies": policies.digest, "left_out": without})
    else:
        say(f"{len(made)} pages of policy set {policies.digest[:12]}: {out / 'index.html'}")
    for told in without:
        click.echo(told, err=True)


def _write(out: Path, made: dict[str, str]) -> None:
    """Beside first, then named, so that nobody reads half a handbook."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise InputError([Fault(str(out), None, "", "holds something that is no handbook; name a new folder")])
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".handbook-", dir=out.resolve().parent))
        beside.chmod(0o755)
        (beside / _MARK).write_text("", "utf-8")
        for name, text in made.items():
            (beside / name).write_text(text, "utf-8")
        if out.exists():
            shutil.rmtree(out)
        beside.rename(out)
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}; choose another folder"
        raise InputError([Fault(str(out), None, "", why)]) from error

"""`presscheck policies handbook`: the policies and the workflows as a site that the whole team can read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted
from presscheck.errors import InputError

if TYPE_CHECKING:
    from presscheck.handbook.chart import FlowChart


@click.command(short_help="Write who reviews what, by which criteria, until when, as a site without a network.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write.")
@click.option("--folder", type=click.Path(path_type=Path), help="A folder instead of the shipped policies.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def handbook(project: Project, out: Path, folder: Path | None, as_json: bool) -> None:
    """Write the handbook into OUT: reviews, tiers, guardrails, roles and rights, and each campaign's workflow.

    OUT must be new, empty, or a handbook of before, which is replaced. Flow files are run to draw them (`presscheck
    map`); one that does not load is told and left out.
    """
    from policies import load_policies
    from policies.engine.rights_matrix import matrix_of
    from presscheck.cli.flow_files import as_the_worker, flow_files, load_flows
    from presscheck.handbook.pages import pages
    from presscheck.handbook.site import check_folder, write_site
    from presscheck.ledger.store import utc_now
    from tasks.mapping import map_flow

    # Before the work, which takes some seconds.
    check_folder(out)
    policies = load_policies(folder, None if folder else project.settings.policies.folder)
    charts: list[FlowChart] = []
    without: list[str] = []
    for path in flow_files(project.settings):
        try:
            with as_the_worker(project.settings):
                charts += [map_flow(flow, policies) for flow in load_flows(path)]
        except InputError as fault:
            without.append(str(fault))
    day = f"{utc_now():%-d %B %Y}"
    made = pages(policies, charts=charts, cells=matrix_of(policies.rights), made=day)
    write_site(out, made)
    if as_json:
        emit({"folder": str(out), "pages": sorted(made), "policies": policies.digest, "left_out": without})
    else:
        say(f"{counted(len(made), 'page')} of policy set {policies.digest[:12]}: {out / 'index.html'}")
    for told in without:
        say(told, err=True)

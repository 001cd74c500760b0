"""`presscheck map`: a campaign's workflow before it runs: its steps, its risks, its gates, and what is wrong."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from presscheck.handbook.chart import FlowChart
    from presscheck.models import Brief


@click.command("map", short_help="Draw a campaign's workflow, its risks and gates, and say what no gate guards.")
@click.argument("flow")
@click.option("--brief", type=click.Path(path_type=Path, dir_okay=False), help="Of this brief; without, of any.")
@click.option("--recipients", type=click.IntRange(min=1), help="How many it reaches, which narrows the tiers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--mermaid", is_flag=True, help="Print Mermaid text.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write one page that opens offline.")
@click.pass_context
def map_(
    ctx: click.Context,
    flow: str,
    brief: Path | None,
    recipients: int | None,
    as_json: bool,
    mermaid: bool,
    html: Path | None,
) -> None:
    """Walk through FLOW (a name such as product-launch, or a file) in every way in which people can answer.

    Its file and its body are run, its steps, gates and deliveries are not: no server, no ledger, no model. What
    the body does besides steps is done, and cannot be seen. Exits 1 where something could go out that no gate
    guards. It finds mistakes; the press enforces.
    """
    if as_json and mermaid:
        raise click.UsageError("--json and --mermaid both print; choose one")
    from policies import load_policies
    from presscheck.cli.flow_files import as_the_worker, find_flow
    from tasks.mapping import map_flow

    project: Project = ctx.obj
    policies = load_policies(overlay=project.settings.policies.folder)
    asked = None if brief is None else _brief(brief)
    named = str(Path(flow).absolute()) if flow.endswith(".py") else flow
    with as_the_worker(project.settings):
        chart = map_flow(find_flow(project.settings, named), policies, brief=asked, recipients=recipients)
    if html is not None:
        from presscheck.handbook.pages import flow_page

        html.write_text(flow_page(chart, policies), "utf-8")
    if as_json:
        emit(
            {"passes": chart.passes, **chart.model_dump(mode="json"), "policies": policies.digest}
            | ({} if html is None else {"html": str(html)})
        )
    elif mermaid:
        from presscheck.handbook.mermaid import as_mermaid

        click.echo(as_mermaid(chart), nl=False)
        _tell(chart, err=True)
    else:
        _show(chart)
        _tell(chart)
        if html is not None:
            say(str(html))
    ctx.exit(0 if chart.passes else 1)


def _brief(path: Path) -> "Brief":
    from presscheck.ledger.store import utc_now
    from tasks.briefs import load_briefs

    # Of several channels the flow says at each open_campaign which is meant.
    return load_briefs(path, as_of=utc_now().date())[0]


def _show(chart: "FlowChart") -> None:
    from presscheck.handbook.chart import in_words, rounds_in_words, who_answers

    rows: list[tuple[str, ...]] = []
    for node in chart.nodes:
        title = ", ".join(filter(None, (node.title, rounds_in_words(node.rounds))))
        if node.kind == "gate":
            for at, (tiers, who) in enumerate(who_answers(node)):
                rows.append((title if at == 0 else "", "gate" if at == 0 else "", tiers, f"answered by {who}"))
        elif node.effects:
            guard = ", ".join(node.guarded_by) or "NOTHING"
            rows.append((title, ", ".join(node.effects), in_words(node.tiers), f"guarded by {guard}"))
    say(f"{chart.flow}: {chart.title}")
    if not rows:
        return
    say("")
    table(("STEP", "EFFECT", "RISK", "GATE"), rows)
    say("")
    for point in chart.points:
        said = f"guarded by {', '.join(point.gates)}" if point.gates else "guarded by nothing on some way"
        say(f"{point.point}: {said}")


def _tell(chart: "FlowChart", *, err: bool = False) -> None:

    for remark in chart.remarks:
        say(f"note: {remark}", err=err)
    for fault in chart.faults:
        say(f"{chart.flow}: {fault}", err=True)
    verdict = "passes" if chart.passes else counted(len(chart.faults), "fault")
    by = f" under {chart.policy}" if chart.policy else ""
    said = f"{chart.ways} ways walked{by}: {verdict}. This finds mistakes in a flow; the press enforces."
    say(said, err=err)

"""`presscheck figures`: what campaigns take and cost, beside the figures from before."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from presscheck.figures.comparing import Line
    from presscheck.figures.working import Figures

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(short_help="Show velocity, cost and revisions, beside the figures from before.")
@click.option("--since", type=_DAY, help="First day on which a campaign was opened, such as 2026-07-01.")
@click.option("--until", type=_DAY, help="Last day on which a campaign was opened.")
@click.option("--campaign", help="Only this campaign, such as product-launch.")
@click.option("--definitions", is_flag=True, help="Say how each figure is defined.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with a picture.")
@click.pass_obj
def figures(
    project: Project,
    since: datetime | None,
    until: datetime | None,
    campaign: str | None,
    definitions: bool,
    as_json: bool,
    page: Path | None,
) -> None:
    """Work figures out of what the ledger's signed events say; a figure without a case is none."""
    from presscheck.figures.baseline import counting
    from presscheck.figures.comparing import lines_of
    from presscheck.figures.facts import doubtful, gather
    from presscheck.figures.page import as_page
    from presscheck.figures.working import work_out

    first, last = since and since.date(), until and until.date()
    if first and last and last < first:
        raise click.BadParameter("is before --since", param_hint="--until")
    rates = project.settings.baseline
    with project.ledger() as ledger, ledger.read() as tx:
        runs = gather(tx, since=first, until=last, campaign=campaign)
        version, doubts, now = counting(tx), doubtful(tx), tx.now
    found = work_out(runs, rates, since=first, until=last, now=now, whole=campaign is None)
    lines = lines_of(found, rates.currency, version)
    if page is not None:
        title = f"Figures of {campaign}" if campaign else "Figures"
        _write(page, as_page(found, lines, version, period=_period(first, last), title=title, now=now))
    if as_json:
        emit(_document(found, lines, None if version is None else version.version, doubts, rates.currency))
        return
    say(
        f"{_period(first, last)}. Campaign runs: {found.campaigns}, delivered: {found.delivered}, "
        f"approved assets: {found.approved_assets}."
    )
    table(("MEASURE", "NOW", "N", "RANGE", "BEFORE", "CHANGE", ""), [_row(line) for line in lines])
    say(f"Approvals: {found.approvals}, rejections: {found.rejections}, requests for changes: {found.change_requests}.")
    if found.other_answers:
        say(f"{counted(found.other_answers, 'answer')} about what does not go out: counted in no figure.")
    if version is None:
        say("There are no figures from before: `presscheck baseline import FILE` takes them.")
    if doubts:
        many = counted(doubts, "event is", "events are")
        say(f"{many} not believed or missing, and left out: `presscheck history --verify`.")
    if definitions:
        for line in lines:
            say(f"\n{line.figure.measure.title}: {line.figure.measure.definition}")
    if page is not None:
        say(f"The page: {page}")


def _row(line: "Line") -> tuple[str, ...]:
    figure = line.figure
    change = "" if line.change is None else f"{line.change:+}"
    percent = "" if line.change_percent is None else f" ({line.change_percent:+} %)"
    return (
        figure.measure.title,
        "none" if figure.value is None else f"{figure.value} {line.unit}",
        str(figure.n),
        "" if figure.least is None else f"{figure.least} to {figure.most}",
        "" if line.before is None else str(line.before),
        change + percent,
        line.remark,
    )


def _document(found: "Figures", lines: "list[Line]", version: int | None, doubts: int, currency: str) -> dict[str, Any]:
    return {
        "campaigns": found.campaigns,
        "delivered": found.delivered,
        "approved_assets": found.approved_assets,
        "approvals": found.approvals,
        "rejections": found.rejections,
        "change_requests": found.change_requests,
        "currency": currency,
        "model_dollars": str(found.model_cost),
        "human_minutes": str(found.human_minutes),
        "stated_minutes": found.stated_minutes,
        "unseen_answers": found.unseen_answers,
        "other_answers": found.other_answers,
        "unpriced_requests": found.unpriced_requests,
        "disbelieved_events": doubts,
        "baseline": version,
        "figures": [line.as_json() for line in lines],
    }


def _period(since: date | None, until: date | None) -> str:
    if since and until:
        return f"{since} to {until}"
    return f"since {since}" if since else f"until {until}" if until else "since the first campaign"


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.part")
    try:
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, path)
    except OSError as broken:
        fresh.unlink(missing_ok=True)
        raise click.BadParameter(f"{path} cannot be written: {broken.strerror}", param_hint="--html") from None

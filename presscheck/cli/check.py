"""`presscheck check`: the whole project, or the texts of a file through the guardrails; no ledger, no server."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from presscheck.cli.check_page import Checked, page
from presscheck.cli.kept import make_quick
from presscheck.cli.output import clean, emit, emit_line, on_terminal, say, table
from presscheck.cli.project import Project
from presscheck.cli.texts import Text, read_texts
from presscheck.documents.sentences import counted, did_you_mean
from presscheck.models import Channel
from presscheck.world.markets import market_fault

if TYPE_CHECKING:
    from policies import PolicySet
    from presscheck.cli.project_check import Look
    from presscheck.models import Finding

_SHOWN = 40
_WORTH_A_BAR = 500


@click.command(short_help="Check the whole project, or put the texts of a file through the guardrails.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--pack", help="Only one pack, family or rule, such as privacy, pii, pii.email; default is all of them.")
@click.option("--channel", type=click.Choice(get_args(Channel)), help="Judge lengths for it, too.")
@click.option("--market", "markets", multiple=True, help="Only rules of this market (US); may be given again.")
@click.option("--set", "as_set", is_flag=True, help="The texts are one set: tell also those that are too like another.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON a text; of the project, one document.")
@click.option("--html", "as_html", is_flag=True, help="Write one page that opens offline, on standard output.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to this file instead.")
@click.pass_context
def check(
    ctx: click.Context,
    file: Path | None,
    pack: str | None,
    channel: Any,
    markets: tuple[str, ...],
    as_set: bool,
    as_json: bool,
    as_html: bool,
    out: Path | None,
) -> None:
    """Check the whole project: policies, flows, briefs, segments, catalogues, expectations; all faults at once.

    With FILE, put its texts through the guardrails: .jsonl with "text", .csv with a text column, .txt a line
    each. There is no brief then, so figures are notes, links are not compared, and claims, free offers and pressure are
    for a person. With --json each text is a line: n, verdict (block, review, note, pass), findings with places, and
    what to write instead (replacement) where the text is no worse for it. What is said of a text hangs on no other,
    unless --set says that they belong together.

    Exits 1 where something is wrong, or a guardrail would have blocked a text.
    """
    from policies import check_texts, check_texts_as_set, in_order

    if file is None:
        if pack or channel or markets or as_set or as_html or out:
            said = "--pack, --channel, --market, --set, --html and --out are for the texts of a FILE; name one"
            raise click.UsageError(said, ctx)
        ctx.exit(0 if _check_project(ctx.obj, as_json=as_json) else 1)
    if as_json and as_html:
        raise click.UsageError("--json and --html cannot be given together; choose one", ctx)
    project: Project = ctx.obj
    if faults := [fault for market in markets if (fault := market_fault(market))]:
        # A market that is none would leave its rules out without a word.
        raise click.BadParameter("; ".join(faults), param_hint="--market")
    policies = _chosen(project, pack)
    texts = read_texts(file)
    today = datetime.now().astimezone().date()
    found = check_texts(
        (text.text for text in texts),
        policies=policies,
        channel=channel,
        markets=markets,
        as_of=today,
        replacements=True,
        many=len(texts) >= _WORTH_A_BAR and make_quick(policies, len(texts)),
    )
    if as_set:
        together = {f"line {text.line}": text.text for text in texts}
        alike = check_texts_as_set(together, policies=policies, channel=channel, markets=markets, as_of=today)
        found = (in_order([*own, *alike.get(name, ())]) for name, own in zip(together, found, strict=True))
    if as_json:
        blocked = [
            _print_line(n, text.text, findings) for n, (text, findings) in enumerate(zip(texts, found, strict=True))
        ]
        ctx.exit(1 if any(blocked) else 0)
    checked = [Checked(text, tuple(findings)) for text, findings in zip(texts, _watched(found, texts), strict=True)]
    levels = Counter(finding.level for one in checked for finding in one.findings)
    if as_html or out is not None:
        _write_page(file, policies, checked, out)
    else:
        _tell(file, checked, levels)
    ctx.exit(1 if levels["block"] else 0)


def _check_project(project: Project, *, as_json: bool) -> bool:
    """Whether everything of the project is sound; each thing is told as soon as it has been looked at."""
    from presscheck.cli.project_check import look_at

    found: list[Look] = []
    for look in look_at(project.settings):
        found.append(look)
        if not as_json:
            say(f"{'wrong' if look.faults else 'ok':5}  {look.what}: {look.said}")
            for fault in (*look.faults, *(f"warning: {one}" for one in look.warnings)):
                say(fault, err=True)
    wrong = sum(len(look.faults) for look in found)
    if as_json:
        emit({"sound": not wrong, "things": [asdict(look) for look in found]})
    else:
        say(f"{counted(len(found), 'thing')} looked at: {counted(wrong, 'fault') if wrong else 'nothing is wrong'}.")
    return not wrong


def _chosen(project: Project, pack: str | None) -> "PolicySet":
    from policies import load_policies

    everything = load_policies(overlay=project.settings.policies.folder)
    if pack is None:
        return everything
    chosen = everything.narrowed(pack)
    if not chosen.guardrails:
        known = sorted({*everything.families, *(one.pack.pack for one in everything.packs)})
        advice = did_you_mean(pack, known, f"there are default, {', '.join(known)}")
        said = f"no pack, family or rule is called {pack}; {advice}"
        if any(one.pack.pack == pack and not one.on for one in everything.packs):
            said = f"the pack {pack} is off; switch it on with packs/{pack}/pack.yaml: extends: {pack}, on: true"
        raise click.BadParameter(said, param_hint="--pack")
    return chosen


def _watched(found: "Iterable[tuple[Finding, ...]]", texts: Sequence[Text]) -> "Iterator[tuple[Finding, ...]]":
    """The same, with a bar on standard error for a person who waits."""
    import sys

    if len(texts) < _WORTH_A_BAR or not (on_terminal() and sys.stderr.isatty()):
        yield from found
        return
    with click.progressbar(found, length=len(texts), label="Checking", file=sys.stderr) as bar:
        yield from bar


def _print_line(n: int, text: str, findings: "tuple[Finding, ...]") -> bool:
    """Print one text's findings as a line of JSON; True where one of them blocks."""
    from policies import verdict

    said = verdict(findings) or "pass"
    told = [
        {
            "rule": one.rule,
            "level": one.level,
            "start": start,
            "end": end,
            "match": text[start:end] if one.span else one.text,
            "message": one.message,
            "suggestion": one.suggestion,
            "replacement": one.replacement,
        }
        for one in findings
        for start, end in (one.span or (0, len(text)),)
    ]
    emit_line({"n": n, "verdict": said, "findings": told})
    return said == "block"


def _write_page(file: Path, policies: "PolicySet", checked: Sequence[Checked], out: Path | None) -> None:
    text = page(file.name, policies.digest, checked)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise click.BadParameter(f"{out}: cannot be written: {error.strerror}", param_hint="--out") from error
    say(str(out))


def _tell(file: Path, checked: Sequence[Checked], levels: Counter[Any]) -> None:
    every = [(one.text.line, finding) for one in checked for finding in one.findings]
    for line, finding in every[:_SHOWN]:
        shown = clean(finding.text)[:80]
        words = f" “{shown}”" if shown else ""
        advice = f" {finding.suggestion}" if finding.suggestion else ""
        say(f"{file}:{line}: {finding.level} {finding.rule}:{words} {finding.message}{advice}")
    if len(every) > _SHOWN:
        say(f"... and {len(every) - _SHOWN} more; --json and --html show all.")
    if every:
        say()
        rules = Counter((finding.rule, finding.level) for _, finding in every)
        touched = Counter(pair for one in checked for pair in {(f.rule, f.level) for f in one.findings})
        rows = [(rule, level, str(touched[rule, level]), str(count)) for (rule, level), count in sorted(rules.items())]
        table(("GUARDRAIL", "LEVEL", "TEXTS", "FINDINGS"), rows)
    clear = sum(1 for one in checked if not one.findings)
    blocked = sum(1 for one in checked if any(finding.level == "block" for finding in one.findings))
    say(
        f"{counted(len(checked), 'text')}: {clear} without findings, {blocked} would be blocked "
        f"({levels['block']} block, {levels['review']} review, {levels['note']} note)."
    )

"""`presscheck model`: try the model that the settings name, before a campaign does."""

import secrets
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.models import Brief, CallToAction, Fact, Product, Sender, Variant


@click.group(short_help="Try the language model that the settings name.")
def model() -> None:
    """The language model of `[model]` in presscheck.toml."""


@model.command("try", short_help="Draft a few variants; print tokens, cost and time.")
@click.option(
    "--brief",
    "brief_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="A brief's file, without its product. Default: a small invented one.",
)
@click.option("--count", type=click.IntRange(1, 20), default=3, show_default=True, help="How many variants.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def try_it(project: Project, brief_file: Path | None, count: int, as_json: bool) -> None:
    """Ask `[model]` for variants of a brief, put them through the guardrails, and say what it took.

    The requests are on record in the ledger, under the cap of the settings; nothing else is kept.
    """
    from policies import load_policies
    from presscheck.ledger.spending import LedgerPurse
    from presscheck.wiring import open_admission, open_copywriter, open_desk

    today = datetime.now(UTC).date()
    settings = project.settings.model_copy(update={"copywriter": "model"})
    files = load_policies(overlay=settings.policies.folder)
    brief = _sample(today) if brief_file is None else _read(brief_file, today, files)
    cap = settings.model.cap_dollars
    with project.ledger("worker") as ledger:
        run = f"try-{secrets.token_hex(6)}"
        purse = LedgerPurse(ledger, run, cap_microdollars=None if cap is None else int(cap * 1_000_000))
        tell = _silence if as_json else _progress
        admission = open_admission(settings, ledger, run=run)
        writer = open_copywriter(settings, purse, admission=admission, tell=tell, purpose="try")
        policies = open_desk(settings, ledger).policies()
        prompt = policies.prompt(f"prompts.{brief.channel}-variants")
        began = time.monotonic()
        variants = writer.write(brief, None, prompt=prompt, count=count, seed=0)
        seconds = time.monotonic() - began
        spent = purse.spent()
    shown = [_shown(variant, brief, None, policies, today) for variant in variants]
    if as_json:
        figures = {
            "requests": spent.requests,
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "cost_microdollars": None if spent.unpriced else spent.microdollars,
            "seconds": round(seconds, 3),
        }
        emit({"variants": shown, **figures})
        return
    for at, one in enumerate(shown, 1):
        say(f"{at}. {one['subject'] or one['body'][:60]}")
        say("\n".join(f"   {line}" for line in [one["preheader"], "", *one["body"].splitlines()]).rstrip())
        say(f"   blocked by {', '.join(one['blocked_by'])}" if one["blocked_by"] else "   passes the guardrails")
        say()
    cost = "at a price that nobody here knows" if spent.unpriced else f"${spent.microdollars / 1_000_000:.6f}"
    asked = f"{spent.requests} request{'s' if spent.requests != 1 else ''}"
    tokens = f"{spent.input_tokens:,} tokens in, {spent.output_tokens:,} out"
    say(f"{variants[0].author.model}: {asked}, {tokens}, {cost}, {seconds:.1f} s.")


def _progress(line: str) -> None:
    say(line, err=True)


def _silence(line: str) -> None:
    """With --json nothing is told on the way."""


def _shown(variant: Variant, brief: Brief, product: Product | None, policies: Any, today: date) -> dict[str, Any]:
    from policies import check_copy

    copy = variant.copy_
    found = check_copy(copy, brief=brief, product=product, policies=policies, as_of=today)
    return {
        "model": variant.author.model,
        "angle": variant.angle,
        "subject": copy.subject,
        "preheader": copy.preheader,
        "body": copy.body,
        "blocked_by": sorted({finding.rule for finding in found if finding.level == "block"}),
    }


def _read(path: Path, today: date, policies: Any) -> Brief:
    from tasks.briefs import load_briefs

    # Of several channels the first: it is a trial of the model.
    return load_briefs(path, as_of=today, policies=policies)[0]


def _sample(today: date) -> Brief:
    return Brief(
        id="try-it",
        title="A trial of the model",
        collaboration="producer",
        author="trial@example.com",
        offer="The Fernholt rain jacket is here",
        key_points=(Fact(text="It keeps the rain out.", required=True), Fact(text="It packs into its own pocket.")),
        persona="People who walk in the hills in any weather.",
        tone="warm",
        channel="email",
        markets=("US",),
        deadline=today + timedelta(days=30),
        call_to_action=CallToAction(label="See the jacket", url="https://fernholt.example/jacket"),
        sender=Sender(name="Fernholt", address="news@fernholt.example", postal_address="1 Mill Lane, Leeds"),
    )

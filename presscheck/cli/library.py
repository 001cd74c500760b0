"""`presscheck library`: what may be used, until when, who uses it, and what was refused lately."""

from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from presscheck.library.inventory import Library
    from presscheck.library.uses import Use


@click.command(short_help="List approved models, tools and prompts, who uses them, and what was refused lately.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def library(ctx: click.Context, as_json: bool) -> None:
    """What the usage policies in force allow; the same as /library at the door, with the words of each prompt.

    Exits 1 where the policies do not load: then nothing may be used.
    """
    from presscheck.library.inventory import library_of
    from presscheck.models import Refused
    from presscheck.wiring import open_desk

    project: Project = ctx.obj
    with project.ledger() as ledger, ledger.read() as tx:
        found = library_of(tx, open_desk(project.settings, ledger).policies)
    if isinstance(found, Refused):
        if as_json:
            emit({"error": found.reason, "code": found.code})
        else:
            say(found.reason, err=True)
        ctx.exit(1)
    if as_json:
        emit(found.model_dump(mode="json"))
    else:
        _tell(found)


def _tell(found: "Library") -> None:
    for kind, entries in (("MODEL", found.models), ("TOOL", found.tools)):
        rows = [
            (one.name, one.runs, ", ".join(one.sees), one.owner, f"{one.until}{_ends(one.state)}", _used(one.uses))
            for one in entries
        ]
        if rows:
            table((kind, "RUNS", "MAY SEE", "OWNER", "UNTIL", f"USED IN {found.days} DAYS"), rows)
            say()
    table(
        ("PROMPT", "VERSION", "WORDS", "OWNER", "UNTIL", f"USED IN {found.days} DAYS"),
        [
            (
                one.id,
                one.version,
                one.digits,
                one.owner,
                "not approved" if one.refused else one.until,
                _used(one.uses),
            )
            for one in found.prompts
        ],
    )
    for one in found.prompts:
        if one.refused:
            say(f"\n{one.refused}")
    if found.refused:
        say()
        table(
            ("REFUSED", "WHAT", "CAMPAIGN", "WHY"),
            [(one.at[:16].replace("T", " "), one.what, one.campaign, one.why) for one in found.refused],
        )


def _ends(state: str) -> str:
    return {"over": ", over", "soon": ", soon"}.get(state, "")


def _used(uses: "Sequence[Use]") -> str:
    if not uses:
        return "nobody"
    texts = sum(one.texts for one in uses)
    cost = sum(one.microdollars for one in uses)
    told = [counted(len(uses), "campaign")]
    told += [counted(texts, "text")] if texts else []
    told += [f"${cost / 1_000_000:.2f}"] if cost else []
    return ", ".join(told)

"""`presscheck policies import`: a style guide written for Vale, as packs of guardrails."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted

if TYPE_CHECKING:
    from presscheck.style_guides import Guide, Style, Translated

_PER_RULE = 5


@click.command("import", short_help="Bring a style guide of Vale's as packs of guardrails.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="What to call the pack, where DIR holds one style.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="A folder of policies; the project's.")
@click.option("--owner", default="brand", show_default=True, help="The role or team that answers for the rules.")
@click.option("--error", type=click.Choice(("review", "block")), default="review", show_default=True,
              help="What Vale's level error becomes; warnings and suggestions become notes.")  # fmt: skip
@click.option("--on/--off", default=True, show_default=True, help="Whether the packs hold at once.")
@click.option("--force", is_flag=True, help="Replace packs of the same name.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def import_(
    ctx: click.Context,
    folder: Path,
    name: str | None,
    into: Path | None,
    owner: str,
    error: Any,
    on: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write a pack for each style of Vale's in DIR, a folder of rules (.yml) or of such folders.

    Each rule becomes a guardrail with cases that hold. What cannot be taken is named here, in the pack's IMPORTED.md
    and with --json, by file, line, token and reason.

    Exits 1 where a file could not be read and the others were taken, 2 where nothing could be.
    """
    from presscheck.errors import InputError
    from presscheck.style_guides import Wishes, files_of, imported

    if not owner.strip():
        # Every rule needs somebody who answers for it, and would not load without.
        raise click.BadParameter("is empty; name the role or team that answers for the rules", param_hint="--owner")
    project: Project = ctx.obj
    policies = into or project.settings.policies.folder or project.settings.project / "policies"
    wishes = Wishes(datetime.now(UTC).date(), owner, error)
    guide = imported(folder, wishes, name=name)
    if faults := _refused(guide, folder, policies, name, force=force or dry_run):
        raise InputError(faults)
    places = {style.slug: policies / "packs" / style.slug for style in guide.styles if style.any_taken}
    if not dry_run:
        for style in guide.styles:
            if style.slug in places:
                _write(places[style.slug], files_of(style, wishes, on=on))
    if as_json:
        emit(
            {
                "written": not dry_run,
                "packs": [_as_json(style, places.get(style.slug)) for style in guide.styles],
                "faults": [asdict(fault) for fault in guide.faults],
            }
        )
    else:
        read = project.settings.policies.folder
        is_read = read is not None and read.resolve() == policies.resolve()
        _tell(guide, places, dry_run=dry_run, unread=None if is_read else policies)
    ctx.exit(1 if guide.faults else 0)


def _refused(guide: "Guide", folder: Path, policies: Path, name: str | None, *, force: bool) -> "list[Any]":
    """Why nothing is written at all."""
    from policies.engine.texts import SHIPPED
    from presscheck.errors import Fault

    if not any(style.any_taken for style in guide.styles):
        left = [
            Fault(one.path, one.line, one.part, one.reason)
            for style in guide.styles
            for rule in style.rules
            for one in rule.left
        ]
        return [*guide.faults, *left] or [Fault(str(folder), None, "", "holds no rule of Vale that can be taken")]
    faults: list[Fault] = []
    if name is not None and len(guide.styles) > 1:
        names = ", ".join(style.name for style in guide.styles)
        faults.append(Fault("--name", None, "", f"names one pack, and there are {names}; name the folder of one"))
    slugs = [style.slug for style in guide.styles]
    for style in guide.styles:
        place = policies / "packs" / style.slug
        if slugs.count(style.slug) > 1:
            faults.append(Fault(str(place), None, "", f"would be {style.name} and another style; import one at a time"))
        if (SHIPPED / "packs" / style.slug).exists() and policies.resolve() != SHIPPED:
            faults.append(Fault(str(place), None, "", "has the name of a pack that ships; choose another with --name"))
        elif place.exists() and not force:
            faults.append(Fault(str(place), None, "", "is there already; write --force to replace it, or --name"))
    return faults


def _write(place: Path, files: Mapping[str, str]) -> None:
    from presscheck.errors import Fault, InputError
    from presscheck.style_guides import write_pack

    try:
        write_pack(place, files)
    except OSError as broken:
        raise InputError([Fault(str(place), None, "", f"cannot be written: {broken.strerror}")]) from broken


def _as_json(style: "Style", place: Path | None) -> dict[str, Any]:
    return {
        "name": style.slug,
        "style": style.name,
        "folder": None if place is None else str(place),
        "rules": {"count": len(style.rules), **style.outcomes},
        "tokens": {"count": style.tokens, "taken": style.taken},
        "imported": [
            {
                "id": None if rule.document is None else rule.document["id"],
                "file": str(rule.file.path),
                "extends": rule.extends,
                "taken": rule.outcome,
                "tokens": {"count": rule.tokens, "taken": rule.taken},
                "not_taken": [
                    {"path": left.path, "line": left.line, "part": left.part, "reason": left.reason}
                    for left in rule.left
                ],
            }
            for rule in style.rules
        ],
    }


def _tell(guide: "Guide", places: "dict[str, Path]", *, dry_run: bool, unread: Path | None) -> None:
    """What was taken and what was not; `unread` is the folder, where the project's settings do not name it."""
    for style in guide.styles:
        for rule in style.rules:
            _tell_left(rule)
    for fault in guide.faults:
        say(str(fault), err=True)
    rows = [
        (
            style.slug,
            str(len(style.rules)),
            *(str(style.outcomes[one]) for one in ("whole", "part", "none")),
            f"{style.taken:,} of {style.tokens:,}",
        )
        for style in guide.styles
    ]
    table(("PACK", "RULES", "WHOLE", "IN PART", "NOT TAKEN", "TOKENS"), rows)
    for place in places.values():
        say(f"{'Would write' if dry_run else 'Wrote'} {place}.")
    if guide.faults:
        say(f"{counted(len(guide.faults), 'file')} could not be read and left out, as told above.", err=True)
    if unread is not None and not dry_run:
        say(f'Next: write policies = "{unread}" into presscheck.toml, so that the folder is read.')
    elif not dry_run:
        say("Next: presscheck policies check")


def _tell_left(rule: "Translated") -> None:
    for left in rule.left[:_PER_RULE]:
        part = " ".join(left.part.split())
        say(f"{left.path}:{left.line}: {part[:100]}: {left.reason}")
    if len(rule.left) > _PER_RULE:
        say(f"{rule.file.path}: {len(rule.left) - _PER_RULE} more, which the pack's IMPORTED.md names")

"""`presscheck policies migrate`: guardrail files of before as they are written now."""

import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted
from presscheck.errors import Fault

if TYPE_CHECKING:
    from policies.engine.migrating import Migration


@click.command(short_help="Rewrite guardrail files of before as they are written now.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def migrate(ctx: click.Context, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Rewrite the guardrails of FOLDER, or of the project's policies, in place: each match says its kind.

    A rule that changes a shipped one by a name of before gets the new id, and its file the new name. Every line that
    changes is printed, and no copy is kept: have the folder under version control, or look with --dry-run first.
    Exits 2 where a file cannot be rewritten; the others are.
    """
    from policies.engine.migrating import migrations, renamed_in
    from policies.engine.texts import SHIPPED, read_layer

    project: Project = ctx.obj
    chosen = folder or project.settings.policies.folder
    if chosen is None:
        raise click.UsageError("name a FOLDER, or the project's own as `folder` in [policies] of presscheck.toml")
    found, faults = migrations(read_layer(chosen), renamed_in(read_layer(SHIPPED)))
    changed = [one for one in found if one.changes]
    kept: list[Fault] = []
    if not dry_run:
        kept = [fault for one in changed for fault in _written(chosen, one)]
        faults += kept
    if as_json:
        files = [{"path": one.place, "to": one.to, "changes": one.changes, "diff": one.diff} for one in found]
        told = [asdict(fault) for fault in faults]
        emit({"folder": str(chosen), "dry_run": dry_run, "files": files, "faults": told})
    else:
        for one in found:
            say(one.diff if one.changes else f"{one.place} is as it is written now.")
        for fault in faults:
            say(str(fault), err=True)
        did = "would be rewritten" if dry_run else "rewritten"
        say(f"{counted(len(changed) - len(kept), 'file')} {did}, {len(found) - len(changed)} as they are written now.")
        say("`presscheck policies check` says whether all of it loads.")
    ctx.exit(2 if faults else 0)


def _written(folder: Path, one: "Migration") -> list[Fault]:
    """Writes one file, whole or not at all, under its new name where it has one."""
    old, new = folder / one.place, folder / one.to
    beside = new.with_name(f".{new.name}.{os.getpid()}")
    try:
        beside.write_text(one.after, "utf-8", newline="")
        shutil.copymode(old, beside)
        os.replace(beside, new)
        if new != old:
            old.unlink()
    except OSError as broken:
        beside.unlink(missing_ok=True)
        return [Fault(str(new), None, "", f"cannot be written: {broken.strerror}")]
    return []

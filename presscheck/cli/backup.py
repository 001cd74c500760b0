"""`presscheck backup` and `presscheck restore`: a copy that leads somewhere, and the way back from one."""

import os
import shutil
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.bar import Bar
from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.documents.sentences import counted
from presscheck.errors import Fault, InputError, SettingsError

if TYPE_CHECKING:
    from presscheck.backups import Lost, Restored
    from presscheck.backups.restoring import Where
    from presscheck.ledger import Event, Ledger, Reader
    from presscheck.settings import Settings

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(short_help="Copy ledger, heads and files into a folder, while everything runs; verified.")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--keys", type=_FOLDER, help="Copy keys and secrets too, into this folder, which is to lie elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def backup(project: Project, folder: Path, keys: Path | None, as_json: bool) -> None:
    """Copy into DIR what it takes to go on: ledger, heads, audiences, pictures, what lies in the outbox, settings.

    Everything may run meanwhile. The copy is verified before this says that it is done. Keys and secrets are not in
    DIR: whoever has them and the ledger signs whatever they like. --keys copies them apart; keep that somewhere else.
    """
    from presscheck.backups import take_backup

    with _as_owner(project.settings) as ledger, Bar(shown=not as_json) as bar:
        taken = take_backup(ledger, project.settings, folder, keys=keys, progress=bar)
    contents = taken.contents
    if as_json:
        emit({"folder": str(folder), "keys": None if keys is None else str(keys), "rows": taken.rows,
              **contents.model_dump(exclude={"files"}), "files": len(contents.files)})  # fmt: skip
        return
    events, files = counted(contents.events, "event"), counted(len(contents.files), "file")
    say(f"{events}, the last one {contents.head[:12]}, and {files}: verified.")
    say(f"{folder} holds no keys and no secrets" + (f"; {keys} does: keep it elsewhere." if keys is not None else "."))
    if keys is None and project.settings.keys.exists():
        say("Without the keys nobody can go on from it on another machine: --keys DIR copies them, apart.")


def _as_owner(settings: "Settings") -> "closing[Ledger]":
    """The ledger as whoever may read all of it; on PostgreSQL that is the owner."""
    from presscheck.ledger import Keyring, Ledger
    from presscheck.wiring import ledger_address

    url, password = ledger_address(settings, "owner")
    return closing(Ledger.open(url, keyring=Keyring.load(settings.keys), heads=settings.heads, password=password))


@click.command(short_help="Put a backup back, say what is lost, and let nothing out until two people sign.")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--keys", type=_FOLDER, help="What `presscheck backup --keys` made, for a home that has no keys.")
@click.option("--old", metavar="URL", help="The database that this one replaces, to read what is lost from it.")
@click.option("--heads", multiple=True, type=_FOLDER, help="A folder with heads from another machine; several times.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def restore(
    project: Project, folder: Path, keys: Path | None, old: str | None, heads: tuple[Path, ...], as_json: bool
) -> None:
    """Put the backup in DIR in the place of this project's ledger. Nothing may be running here.

    It is verified before anything is touched. On SQLite the ledger that was there is kept aside; on PostgreSQL a
    backup is put into a fresh database (`presscheck db init`), beside the one that it replaces (--old). What is lost is
    said as far as it can be known, and nothing goes out until two people have signed it: `presscheck gap`.
    """
    from presscheck.backups import restore as put_back

    for one in heads:
        if not any(one.glob("*.json")):
            raise InputError([Fault(str(one), None, "--heads", "holds no heads (door.json, worker.json, press.json)")])
    _put_settings(project, folder)
    settings = project.settings
    with Bar(shown=not as_json) as bar:
        restored = put_back(
            settings, folder, target=_owner(settings, settings.ledger_url),
            old=None if old is None else _owner(settings, old), keys=keys, heads=heads, progress=bar, tell=_sentence,
        )  # fmt: skip
    if as_json:
        emit(_as_json(restored))
    else:
        _tell(restored)


def _put_settings(project: Project, folder: Path) -> None:
    """In a folder that has no settings, those of the backup count: they say where the home is."""
    root = project.folder or Path(os.environ.get("PRESSCHECK_PROJECT", "."))
    kept, place = folder / "project" / "presscheck.toml", root / "presscheck.toml"
    if kept.exists() and not place.exists():
        from presscheck.backups import read_backup

        if "project/presscheck.toml" not in read_backup(folder).files:
            # What somebody laid in goes nowhere.
            return
        root.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, place)


def _owner(settings: "Settings", url: str) -> "Where":
    from presscheck.backups.restoring import Where
    from presscheck.settings.section import without_password
    from presscheck.wiring import ledger_address

    try:
        without_password(url, "ledger-owner")
    except ValueError as error:
        raise SettingsError(f"--old: {error}") from None
    return Where(*ledger_address(settings.model_copy(update={"ledger_url": url}), "owner"))


def _as_json(restored: "Restored") -> dict[str, Any]:
    lost = restored.lost
    return {
        "event": restored.event,
        "events": restored.contents.events,
        "made_at": restored.contents.made_at,
        "heads": [{"process": head.process, "seq": head.mark.seq, "hash": head.mark.hash} for head in restored.heads],
        "lost": None
        if lost is None
        else {
            "events": lost.events,
            "kinds": lost.kinds,
            "deliveries": lost.deliveries,
            "told": list(lost.told),
            "unknown": lost.unknown,
        },
        "suppressed": restored.suppressed,
        "deliveries": list(restored.deliveries),
        "reviews": restored.reviews,
        "aside": None if restored.aside is None else str(restored.aside),
        "differing": [str(path) for path in restored.differing],
    }


def _sentence(tx: "Reader", event: "Event") -> str:
    from presscheck.desk.endings import ending_at
    from presscheck.people.rights import person_name
    from presscheck.stories.story import sentence

    return sentence(event, partial(person_name, tx), partial(ending_at, tx))


def _tell(restored: "Restored") -> None:
    contents, lost = restored.contents, restored.lost
    events = counted(contents.events, "event")
    say(f"Restored: the copy of {contents.made_at[:19]}Z, {events}; event {restored.event} says so.")
    for head in restored.heads:
        say(f"  the {head.process} has seen event {head.mark.seq:,}, which this copy does not have")
    if lost is None:
        say("WHAT IS LOST IS NOT KNOWN: no ledger was here to compare with.")
    else:
        _tell_lost(lost)
    say()
    say(
        f"PEOPLE WHO LEFT SINCE: {restored.suppressed:,} were taken over and are not written to."
        if lost is not None and not lost.unknown
        else f"PEOPLE WHO LEFT SINCE ARE NOT ALL KNOWN: {restored.suppressed:,} were taken over. Before you sign, add "
        "everybody who left since with `presscheck suppress FILE`: from the mails that came back, the mail server's "
        "log, and whoever keeps your lists."
    )
    say("Everybody signs in anew. Who was revoked since, and what was paused or withdrawn, holds again: do it again.")
    if restored.deliveries:
        say(f"The press holds what was under way, because it may have gone out: {', '.join(restored.deliveries)}.")
    if restored.reviews:
        many = counted(restored.reviews, "open question leads", "open questions lead")
        say(f"{many} to nothing any more: start those campaigns again.")
    for path in restored.differing:
        say(f"  left as it is, and another in the backup: {path}")
    if restored.aside is not None:
        say(f"What was there lies in {restored.aside}.")
        say("To undo this before anybody has signed, move it back, heads too.")
    say("Nothing goes out until two people have signed what is missing: start it again, and `presscheck gap` shows it.")


def _tell_lost(lost: "Lost") -> None:
    events = counted(lost.events, "event")
    say(f"LOST: {events}" + (f", as far as they could be read: {lost.unknown}" if lost.unknown else "."))
    if lost.kinds:
        table(("EVENTS", "KIND"), [(f"{count:,}", kind) for kind, count in lost.kinds.items()])
    for delivery, sent in lost.deliveries.items():
        say(f"  {delivery}: {counted(sent, 'message')} went out of which this copy knows nothing")
    for told in lost.told:
        say(f"  {told}")

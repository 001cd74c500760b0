"""`presscheck suppress`: addresses that must never be written to again, kept as hashes."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError, SettingsError
from presscheck.models import Process

__all__ = ["suppress"]

# The least powerful key that is here will do: suppression can only take people out.
_SIGNERS: tuple[Process, ...] = ("worker", "press", "door")


@click.command(short_help="Add addresses that must never be written to again.")
@click.argument("file_or_address", metavar="FILE|ADDRESS")
@click.option(
    "--reason", default="asked-by-operator", show_default=True, help="Kept with it: a word such as asked-by-phone."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def suppress(project: Project, file_or_address: str, reason: str, as_json: bool) -> None:
    """Add one ADDRESS, or those of a FILE (.csv with a column `address` or `email`, else one a line).

    Only hashes are kept. Takes effect at the next batch, also of a delivery that is under way.
    """
    from presscheck.addresses import address_hash
    from presscheck.ledger.suppressions import suppress as add

    # The reason stands in an event, which nobody can erase: no room for a name in it.
    if not re.fullmatch(r"[a-z0-9-]{1,40}", reason):
        raise click.BadParameter("write 1 to 40 of a-z, 0-9 and hyphens, such as asked-by-phone", param_hint="--reason")
    given = list(_addresses(file_or_address))
    with project.ledger(_signer(project)) as ledger, ledger.write() as tx:
        added = add(tx, (address_hash(address) for address in given), reason=reason)
    if as_json:
        emit({"given": len(given), "added": added, "known": len(set(map(address_hash, given))) - added})
    else:
        others = "; the others were suppressed already or stood there twice" if added < len(given) else ""
        say(f"{len(given)} given, {added} added{others}.")


def _addresses(given: str) -> Iterator[str]:
    """Every address of the argument; InputError with all faults at once."""
    path = Path(given)
    numbered = [(None, given)] if "@" in given and not path.exists() else _lines_of(path)
    faults = [
        Fault(given if line is None else str(path), line, "", "is not an e-mail address; write name@example.com")
        for line, text in numbered
        if not _looks_like_address(text)
    ]
    if faults:
        raise InputError(faults)
    if not numbered:
        raise InputError([Fault(str(path), None, "", "holds no address")])
    return (text for _, text in numbered)


def _lines_of(path: Path) -> list[tuple[int | None, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8; save it as UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        gone = isinstance(error, FileNotFoundError)
        message = "is neither an e-mail address nor a file" if gone else f"cannot be read: {why}"
        raise InputError([Fault(str(path), None, "", message)]) from error
    if path.suffix.lower() != ".csv":
        return [(at, line.strip()) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    headings = {name.strip().lower(): name for name in reader.fieldnames or ()}
    column = headings.get("address") or headings.get("email")
    if column is None:
        raise InputError([Fault(str(path), 1, "", "has no column named address or email; name one in the first line")])
    try:
        return [(reader.line_num, (row[column] or "").strip()) for row in reader]
    except csv.Error as error:
        raise InputError([Fault(str(path), reader.line_num, "", f"is not CSV: {error}")]) from error


def _looks_like_address(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(at and name and "." in host) and not any(character.isspace() for character in text)


def _signer(project: Project) -> Process:
    keys = project.settings.keys
    for process in _SIGNERS:
        if (keys / process / "private.pem").exists():
            return process
    raise SettingsError(f"{keys}: no signing key is here, so nothing can be recorded; `presscheck up` makes them")

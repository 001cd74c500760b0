"""`presscheck suppress`: addresses that must never be written to again, kept as hashes."""

import os
import re
from pathlib import Path

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project
from presscheck.errors import Fault, InputError, SettingsError
from presscheck.models import Process

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

    A line that is not one address and nothing else is a fault, and then nobody is added. Only hashes are kept.
    Takes effect at the next batch, also of a delivery that is under way.
    """
    from presscheck.addresses import address_hash
    from presscheck.ledger.suppressions import suppress as add

    # The reason stands in an event, which nobody can erase: no room for a name in it.
    if not re.fullmatch(r"[a-z0-9-]{1,40}", reason):
        raise click.BadParameter("write 1 to 40 of a-z, 0-9 and hyphens, such as asked-by-phone", param_hint="--reason")
    given = _addresses(file_or_address)
    with project.ledger(_signer(project)) as ledger, ledger.write() as tx:
        added = add(tx, (address_hash(address) for address in given), reason=reason)
    if as_json:
        emit({"given": len(given), "added": added, "known": len(set(map(address_hash, given))) - added})
    else:
        others = "; the others were suppressed already or stood there twice" if added < len(given) else ""
        say(f"{len(given)} given, {added} added{others}.")


def _addresses(given: str) -> list[str]:
    """Every address of the argument, normalised; InputError with all faults at once."""
    from presscheck.addresses import read_address
    from presscheck.recipients.stop_lists import read_stop_list

    if not os.path.exists(given):
        try:
            return [read_address(given)]
        except ValueError as wrong:
            neither = str(wrong) if "@" in given else "is neither an e-mail address nor a file"
            raise InputError([Fault(given, None, "", neither)]) from wrong
    found = read_stop_list(Path(given))
    if not found:
        raise InputError([Fault(given, None, "", "holds no address")])
    return found


def _signer(project: Project) -> Process:
    keys = project.settings.keys
    for process in _SIGNERS:
        if (keys / process / "private.pem").exists():
            return process
    raise SettingsError(f"{keys}: no signing key is here, so nothing can be recorded; `presscheck up` makes them")

"""`presscheck unknown` and `presscheck settle`: what nobody knows after a crash, and the server's log that does."""

from pathlib import Path

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project


@click.command(short_help="List messages of which nobody knows whether they were sent.")
@click.argument("delivery", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def unknown(project: Project, delivery: str | None, as_json: bool) -> None:
    """List what was in flight when the press or the connection broke, of one DELIVERY or of all.

    Nothing of it is ever sent again by itself.

    Look for the Message-ID in the mail server's log, or let `presscheck settle` do it.
    """
    from dataclasses import asdict

    from presscheck.press.settle import deliveries_in_doubt, unknown_messages

    with project.ledger() as ledger, ledger.read() as tx:
        asked = deliveries_in_doubt(tx) if delivery is None else [delivery]
        listed = [(each, one) for each in asked for one in unknown_messages(tx, each)]
    if as_json:
        emit({"unknown": [{"delivery": each, **asdict(one)} for each, one in listed]})
    elif not listed:
        say(f"{delivery}: nothing is unknown." if delivery else "Nothing is unknown.")
    else:
        table(
            ("delivery", "message", "recipient", "Message-ID", "since"),
            [(each, str(one.position + 1), one.recipient, one.message_id, one.since) for each, one in listed],
        )


@click.command(short_help="Settle unknown messages by the mail server's log.")
@click.argument("delivery")
@click.option(
    "--log",
    "log_file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Postfix's log, or JSON lines with message_id and status.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="The log covers the whole delivery: what is not in it was not taken. Refused where the log shows otherwise.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def settle(project: Project, delivery: str, log_file: Path, whole: bool, as_json: bool) -> None:
    """Look the unknown messages of a DELIVERY up in the server's log, and sign what it says.

    Run it where the press's key is. Nothing is sent by this, now or later.
    """
    from presscheck.press.settle import settle as settle_by
    from presscheck.press.settle_log import read_log

    log = read_log(log_file)
    with project.ledger("press") as ledger:
        settlement = settle_by(ledger, delivery, log, whole=whole)
    if as_json:
        told = {"sent": settlement.sent, "failed": settlement.failed, "unknown": settlement.still}
        emit({"delivery": delivery, "log": log.sha256, **told})
        return
    say(f"{delivery}: {settlement.sent} were sent, {settlement.failed} were not, {settlement.still} stay unknown.")
    if settlement.still and not whole:
        say("The log has no trace of those. If it covers the whole delivery, say so with --whole.")

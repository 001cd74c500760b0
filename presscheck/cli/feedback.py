"""`presscheck feedback`: what came back of deliveries, in figures; and mails read in by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, say, table
from presscheck.cli.project import Project
from presscheck.errors import InputError

if TYPE_CHECKING:
    from presscheck.ledger import Reader
    from presscheck.press.feedback_mail import Notice

    _Read = tuple[str, Notice | None]

_AT_ONCE = 500


@click.group(short_help="Show what came back of deliveries, or read in mails that did.")
def feedback() -> None:
    """Bounces, complaints and people who left."""


@feedback.command(short_help="Sent, bounced, complained, unsubscribed, with rates.")
@click.argument("delivery", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(project: Project, delivery: str | None, as_json: bool) -> None:
    """Show one DELIVERY, or all of them, by what the processes signed. Rates are shares of the messages sent."""
    from presscheck.press.feedback_returns import set_aside_in

    with project.ledger() as ledger, ledger.read() as tx:
        found = list(_standings(tx, delivery))
    returns = project.settings.mail.returns
    aside = None if returns is None else set_aside_in(project.settings.project / returns)
    if delivery is not None and not found:
        raise InputError(f"{delivery}: there is no such delivery; `presscheck feedback show` lists them all")
    if as_json:
        emit({"deliveries": found, "set_aside": aside})
        return
    if not found:
        say("No delivery yet.")
    else:
        headings = (
            "DELIVERY", "STATE", "SENT", "REFUSED", "BOUNCED", "FOR NOW", "FOR US", "COMPLAINED", "UNSUBSCRIBED",
        )  # fmt: skip
        table(headings, [_line(one) for one in found])
    if aside:
        say(f"{aside:,} mails that are about no message of ours are set aside in {returns}/.Unmatched.")


@feedback.command("import", short_help="Read bounces and complaints from a Maildir, an mbox file or .eml files.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def import_(project: Project, path: Path, as_json: bool) -> None:
    """Read the mails under PATH where the press's key is. Reading them again counts nothing twice.

    What the press cannot recognise as the answer to a message of ours is set aside and named.
    """
    from presscheck.press.feedback import Feedback
    from presscheck.press.feedback_boxes import mails_in
    from presscheck.press.feedback_mail import read_notice
    from presscheck.wiring import open_desk

    totals = dict.fromkeys(("read", "hard", "soft", "policy", "delayed", "complaints", "unsubscribed", "known"), 0)
    aside: list[str] = []
    with project.ledger("press") as ledger:
        recorder = Feedback(
            ledger, project.settings.home, project.settings.way_to_leave, open_desk(project.settings, ledger).policies
        )
        # Only the reading of a mail is kept, not the mail: strangers may send very large ones.
        for read in _batches((mail.name, read_notice(mail.raw)) for mail in mails_in(path)):
            counted = recorder.record([notice for _, notice in read])
            for name in totals:
                totals[name] += getattr(counted, name)
            aside += [name for (name, _), matched in zip(read, counted.matched, strict=True) if not matched]
    if as_json:
        emit({**totals, "set_aside": len(aside), "set_aside_names": aside})
        return
    say(
        f"{totals['read']:,} mails: {totals['hard']:,} bounced for good, {totals['soft']:,} for now, "
        f"{totals['policy']:,} for something of ours, {totals['delayed']:,} delayed, "
        f"{totals['complaints']:,} complaints, {totals['unsubscribed']:,} left; {totals['known']:,} known before, "
        f"{len(aside):,} set aside."
    )
    for name in aside[:20]:
        say(f"  set aside: {name}")
    if len(aside) > 20:
        say(f"  and {len(aside) - 20:,} more; --json names them all.")


def _standings(tx: "Reader", delivery: str | None) -> "Iterator[dict[str, Any]]":
    from presscheck.ledger.deliveries import find_delivery, list_deliveries
    from presscheck.ledger.feedback import feedback_counts, unsubscribed_from
    from presscheck.press.records import signed_counts

    rows = list_deliveries(tx) if delivery is None else [row for row in [find_delivery(tx, delivery)] if row]
    for row in rows:
        went = signed_counts(tx, row.id, ("sent", "failed"))
        back = feedback_counts(tx, row.id)
        left = unsubscribed_from(tx, row.id, run=row.run)
        counts = {
            "refused": went["failed"],
            "bounced": back.hard,
            "bounced_for_now": back.soft,
            "bounced_for_us": back.policy,
            "complained": back.complaint,
            "unsubscribed": left,
        }
        rates = {name: _rate(count, went["sent"]) for name, count in counts.items() if name != "refused"}
        yield {"delivery": row.id, "run": row.run, "state": row.state, "sent": went["sent"], **counts, "rates": rates}


def _rate(count: int, sent: int) -> str | None:
    """A share in per cent with two places; None where nothing was sent."""
    return f"{100 * count / sent:.2f}%" if sent else None


def _line(one: dict[str, Any]) -> list[str]:
    def told(name: str) -> str:
        rate = one["rates"][name]
        return f"{one[name]:,}" if rate is None else f"{one[name]:,} ({rate})"

    shown = [told(name) for name in ("bounced", "bounced_for_now", "bounced_for_us", "complained", "unsubscribed")]
    return [one["delivery"], one["state"], f"{one['sent']:,}", f"{one['refused']:,}", *shown]


def _batches(mails: "Iterator[_Read]") -> "Iterator[list[_Read]]":
    batch: list[_Read] = []
    for mail in mails:
        batch.append(mail)
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
